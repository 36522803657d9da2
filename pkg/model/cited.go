package model

// Cited returns the model with catalogues that keep only what the model cites of them: the entries with those that they
// refine or are replaced by, and the groups of these. Crosswalks keep the pairs of which both catalogues keep their part.
// The rest of the model is shared with m.
func (m *Model) Cited() *Model {
	cited := map[string]map[string]bool{}
	cite := func(catalog, entry string) {
		if cited[catalog] == nil {
			cited[catalog] = map[string]bool{}
		}
		cited[catalog][entry] = true
	}
	for _, c := range m.Components {
		each(c.PutsAtRisk, cite)
	}
	for _, f := range m.Features {
		each(f.PutsAtRisk, cite)
	}
	for _, t := range m.Threats {
		each(t.PutsAtRisk, cite)
		each(t.Techniques, cite)
		each(t.Weaknesses, cite)
		each(t.Vulnerabilities, cite)
		each(t.Covers, cite)
	}
	for _, c := range m.Countermeasures {
		each(c.Supports, cite)
	}
	for _, t := range m.Tensions {
		for _, r := range t.Entries {
			cite(r.Catalogue, r.Entry)
		}
	}
	each(m.Exclusions, cite)

	out := *m
	out.Catalogs = map[string]*Catalog{}
	for id, c := range m.Catalogs {
		out.Catalogs[id] = c.only(cited[id])
	}
	out.Crosswalks = map[string]*Crosswalk{}
	for id, x := range m.Crosswalks {
		out.Crosswalks[id] = x.between(out.Catalogs[x.From], out.Catalogs[x.To])
	}
	return &out
}

// between returns the crosswalk with the pairs of which both parts are in the catalogues.
func (x *Crosswalk) between(from, to *Catalog) *Crosswalk {
	out := *x
	out.Pairs = map[string]map[string]*Pair{}
	for source, targets := range x.Pairs {
		for target, pair := range targets {
			if !from.has(source) || !to.has(target) {
				continue
			}
			if out.Pairs[source] == nil {
				out.Pairs[source] = map[string]*Pair{}
			}
			out.Pairs[source][target] = pair
		}
	}
	return &out
}

// has says that the catalogue has an entry or a group of the id. There may be no catalogue.
func (c *Catalog) has(id string) bool {
	return c != nil && (c.Entries[id] != nil || c.Groups[id] != nil)
}

func each[E any](links map[string]map[string]E, cite func(catalog, entry string)) {
	for c, es := range links {
		for e := range es {
			cite(c, e)
		}
	}
}

// only returns the catalogue with the entries and groups of the given ids and those that they lead to.
func (c *Catalog) only(ids map[string]bool) *Catalog {
	out := *c
	out.Groups, out.Entries = map[string]*Group{}, map[string]*Entry{}
	var keep func(id string)
	keep = func(id string) {
		if g := c.Groups[id]; g != nil {
			out.Groups[id] = g
		}
		e := c.Entries[id]
		if e == nil || out.Entries[id] != nil {
			return
		}
		out.Entries[id] = e
		keep(e.Parent)
		for _, g := range e.Groups {
			keep(g)
		}
		for _, r := range e.ReplacedBy {
			keep(r)
		}
	}
	for id := range ids {
		keep(id)
	}
	return &out
}
