package analysis

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// States lists the coverage states, strongest first.
func States() []State {
	return []State{AtRisk, Resistant, Covered, PartlyCovered, Excluded, Referenced, NotAssessed}
}

// coverage derives what the model says of each of its catalogues.
//
// An entry's state is the strongest that anything in the model gives it. At risk and resistant come from putsAtRisk;
// a threat that is obsolete only refers, since what cannot happen puts nothing at risk. Covered comes from a threat that
// covers an entry of another list in full, partly covered from those that do so only in part. Excluded comes from an
// exclusion of the entry, of one that it refines, or of all its groups; an exclusion for a profile counts in that
// profile's model alone, see [Project]. Referenced comes from techniques, weaknesses, vulnerabilities and tensions. That a
// countermeasure supports a control says nothing about the control's state, and nothing is inherited upwards: an
// enhancement at risk leaves its base control as it was.
func coverage(m *model.Model, threats map[string]*ThreatFacts) map[string]*Coverage {
	c := coverer{m, threats, make(map[string]*Coverage, len(m.Catalogs))}
	for id, catalog := range entries(m.Catalogs) {
		c.out[id] = &Coverage{Entries: make(map[string]*EntryCoverage, len(catalog.Entries))}
		for entry, e := range entries(catalog.Entries) {
			if e.Status == "active" {
				c.entry(id, entry)
			}
		}
	}
	for id, x := range entries(m.Components) {
		c.expose(BackReference{model.Components, id, "putsAtRisk"}, x.PutsAtRisk)
	}
	for id, x := range entries(m.Features) {
		c.expose(BackReference{model.Features, id, "putsAtRisk"}, x.PutsAtRisk)
	}
	for id, t := range entries(m.Threats) {
		c.expose(BackReference{model.Threats, id, "putsAtRisk"}, t.PutsAtRisk)
		refer(c, BackReference{model.Threats, id, "techniques"}, t.Techniques)
		refer(c, BackReference{model.Threats, id, "weaknesses"}, t.Weaknesses)
		refer(c, BackReference{model.Threats, id, "vulnerabilities"}, t.Vulnerabilities)
		c.cover(BackReference{model.Threats, id, "covers"}, t.Covers)
	}
	for id, t := range entries(m.Tensions) {
		for _, r := range t.Entries {
			c.cite(BackReference{model.Tensions, id, "entries"}, r.Catalogue, r.Entry)
		}
	}
	for id, catalog := range entries(m.Catalogs) {
		c.out[id].Baselines = baselines(catalog, c.out[id].Entries)
	}
	candidates(m, c.out)
	return c.out
}

// coverer gathers the coverage of a model's catalogues.
type coverer struct {
	model   *model.Model
	threats map[string]*ThreatFacts
	out     map[string]*Coverage
}

// entry returns the coverage of a catalogue's entry, or nil when there is no such entry.
func (c coverer) entry(catalogue, id string) *EntryCoverage {
	catalog := c.model.Catalogs[catalogue]
	if catalog == nil || catalog.Entries[id] == nil {
		return nil
	}
	all := c.out[catalogue].Entries
	if all[id] == nil {
		e := &EntryCoverage{State: NotAssessed}
		if reason, excluded := exclusion(catalog, c.model.Exclusions[catalogue], id); excluded {
			e.State, e.Reason = Excluded, reason
		}
		all[id] = e
	}
	return all[id]
}

// cite records that a subject names an entry, and returns the entry's coverage, or nil when there is no such entry.
func (c coverer) cite(from BackReference, catalogue, id string) *EntryCoverage {
	e := c.entry(catalogue, id)
	if e == nil {
		return nil
	}
	e.raise(Referenced)
	// Subjects come one after the other, so that what is there already is last.
	if n := len(e.Subjects); n == 0 || e.Subjects[n-1] != from {
		e.Subjects = append(e.Subjects, from)
	}
	if n := len(e.Threats); from.Kind == model.Threats && (n == 0 || e.Threats[n-1] != from.ID) {
		e.Threats = append(e.Threats, from.ID)
		if e.Themes == nil {
			e.Themes = make(map[string]int)
		}
		e.Themes[c.model.Threats[from.ID].Theme]++
	}
	return e
}

// refer records that a subject names each of the entries.
func refer[V any](c coverer, from BackReference, links map[string]map[string]*V) {
	for _, catalogue := range model.Keys(links) {
		for _, id := range model.Keys(links[catalogue]) {
			c.cite(from, catalogue, id)
		}
	}
}

// cover records which entries of other lists a threat answers, and how far.
func (c coverer) cover(from BackReference, links map[string]map[string]*model.Cover) {
	for _, catalogue := range model.Keys(links) {
		for id, x := range entries(links[catalogue]) {
			e := c.cite(from, catalogue, id)
			switch {
			case e == nil:
			case x.Extent == "full":
				e.raise(Covered)
			default:
				e.raise(PartlyCovered)
			}
		}
	}
}

// expose records what a subject puts at risk, or resists.
func (c coverer) expose(from BackReference, x model.Exposures) {
	threat := c.threats[from.ID]
	if from.Kind != model.Threats {
		threat = nil
	}
	if threat != nil && threat.Status == Obsolete {
		refer(c, from, x)
		return
	}
	for _, catalogue := range model.Keys(x) {
		for id, exposure := range entries(x[catalogue]) {
			e := c.cite(from, catalogue, id)
			if e == nil {
				continue
			}
			if exposure.Susceptibility == "resistant" {
				e.raise(Resistant)
				continue
			}
			e.raise(AtRisk)
			for p := range exposure.Bearers {
				insert(&e.Bearers, p)
			}
			if threat != nil && threat.AsInstalled.Risk.Rank() > e.Worst.Rank() {
				e.Worst = threat.AsInstalled.Risk
			}
		}
	}
}

// raise sets the state unless the entry has a stronger one.
func (e *EntryCoverage) raise(s State) {
	states := States()
	if slices.Index(states, s) < slices.Index(states, e.State) {
		e.State, e.Reason = s, ""
	}
}

// baselines counts the active entries of a catalogue by tag and state, those of all tags under "".
func baselines(catalog *model.Catalog, facts map[string]*EntryCoverage) map[string]map[State]int {
	out := map[string]map[State]int{"": {}}
	for id, e := range entries(catalog.Entries) {
		if e.Status != "active" {
			continue
		}
		out[""][facts[id].State]++
		for i, tag := range e.Tags {
			if tag == "" || slices.Contains(e.Tags[:i], tag) {
				continue
			}
			if out[tag] == nil {
				out[tag] = make(map[State]int)
			}
			out[tag][facts[id].State]++
		}
	}
	return out
}

// exclusion returns why an entry is excluded: by its own id, by that of an entry that it refines, or by those of all its
// groups, since a technique that serves two tactics still matters when one of them does not.
func exclusion(catalog *model.Catalog, x map[string]*model.Exclusion, id string) (reason string, excluded bool) {
	if len(x) == 0 {
		return "", false
	}
	holds := func(id string) bool { return x[id] != nil && x[id].Profile == "" }
	for at := range catalog.Lineage(id) {
		if holds(at) {
			return x[at].Reason, true
		}
	}
	groups := catalog.GroupsOf(id)
	if len(groups) == 0 || slices.ContainsFunc(groups, func(g string) bool { return !holds(g) }) {
		return "", false
	}
	return x[groups[0]].Reason, true
}
