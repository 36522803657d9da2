package markdown

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// catalogues writes an index of each catalogue and a page for each of its families.
func (b *book) catalogues() {
	if len(b.m.Catalogs) == 0 {
		return
	}
	index := b.collection("catalogues/README.md", "Catalogues")
	index.say("Lists that others publish, and what the model says of the active entries of each. Baselines, and the entries as heat maps: %s.",
		index.to("coverage", place{path: "coverage.md"}))
	index.coverageTable(false)
	index.crosswalks()
	helped := b.helped()
	for _, id := range model.Keys(b.m.Catalogs) {
		b.catalogue(id)
		for _, f := range b.catalogs[id].families {
			b.family(id, f, helped[id])
		}
	}
}

// crosswalks lists the crosswalks between catalogues.
func (p *page) crosswalks() {
	if len(p.b.m.Crosswalks) == 0 {
		return
	}
	p.heading(2, "Crosswalks")
	p.say("What publishers say of the entries of two catalogues. A crosswalk suggests candidates on the pages of its catalogues and never gives an entry a state. Of its pairs, those are told here of which the model cites both entries.")
	p.labels = true
	cited := p.b.m.Cited().Crosswalks
	for _, id := range model.Keys(p.b.m.Crosswalks) {
		x := p.b.m.Crosswalks[id]
		total := 0
		for _, targets := range x.Pairs {
			total += len(targets)
		}
		p.head(3, id)
		p.bold(x.Title, "crosswalk")
		published := "no"
		if x.AsPublished {
			published = "yes"
		}
		p.table([]string{"Field", "Value"}, [][]string{
			{"From", p.catalog(x.From)}, {"To", p.catalog(x.To)}, {"Version", escape(x.Version)}, {"Publisher", escape(x.Publisher)},
			{"URL", web(x.URL, x.URL)}, {"As published", published}, {"All pairs", fmt.Sprint(total)},
		})
		p.text("Licence", x.License)
		p.pairs(cited[id])
	}
}

// pairs writes the pairs of a crosswalk, and below them what is noted about each.
func (p *page) pairs(x *model.Crosswalk) {
	if len(x.Pairs) == 0 {
		return
	}
	p.part("Pairs")
	var rows, notes [][]string
	for _, source := range model.Keys(x.Pairs) {
		for _, target := range model.Keys(x.Pairs[source]) {
			pair := x.Pairs[source][target]
			from, to := p.entry(x.From, source), p.entry(x.To, target)
			rows = append(rows, []string{from, to, escape(pair.Relationship), escape(pair.Rationale), escape(pair.Confidence)})
			if pair.Note != "" {
				notes = append(notes, []string{from + ", target " + to, pair.Note})
			}
		}
	}
	p.table([]string{"Source", "Target", "Relationship", "Rationale", "Confidence"}, rows)
	for _, note := range notes {
		p.item(note[0], note[1])
	}
	if len(notes) > 0 {
		p.end()
	}
}

// helped finds the countermeasures that support entries, by catalogue and entry.
func (b *book) helped() map[string]map[string][]string {
	out := make(map[string]map[string][]string)
	for _, id := range model.Keys(b.m.Countermeasures) {
		for catalog, entries := range b.m.Countermeasures[id].Supports {
			if out[catalog] == nil {
				out[catalog] = make(map[string][]string)
			}
			for entry := range entries {
				out[catalog][entry] = append(out[catalog][entry], id)
			}
		}
	}
	return out
}

// tags are the baselines and other selections of a catalogue, the largest first.
func tags(cov *analysis.Coverage) []string {
	size := func(tag string) (n int) {
		for _, count := range cov.Baselines[tag] {
			n += count
		}
		return n
	}
	out := slices.DeleteFunc(model.Keys(cov.Baselines), func(tag string) bool { return tag == "" })
	slices.SortStableFunc(out, func(x, y string) int { return cmp.Compare(size(y), size(x)) })
	return out
}

// stateHeadings are the headings of a table of counts.
func stateHeadings(first string) []string {
	return []string{first, "Active", "What the model says", "Not assessed"}
}

// counts are the cells of stateHeadings after the first: only the states that there are.
func counts(by map[analysis.State]int) []string {
	total := 0
	var said []string
	for _, s := range analysis.States() {
		total += by[s]
		if by[s] > 0 && s != analysis.NotAssessed {
			said = append(said, fmt.Sprint(by[s], " ", s))
		}
	}
	return []string{fmt.Sprint(total), strings.Join(said, ", "), fmt.Sprint(by[analysis.NotAssessed])}
}

// catalogue writes the index of a catalogue.
func (b *book) catalogue(id string) {
	c, cov := b.m.Catalogs[id], b.f.Coverage[id]
	p := b.page(b.catalogs[id].index)
	p.head(1, id)
	p.bold(c.Title, "catalogue of "+escape(c.Kind))
	published := "no"
	if c.AsPublished {
		published = "yes"
	}
	p.table([]string{"Field", "Value"}, [][]string{
		{"Version", escape(c.Version)}, {"Kind", escape(c.Kind)}, {"Publisher", escape(c.Publisher)},
		{"URL", web(c.URL, c.URL)}, {"As published", published},
	})
	p.text("Licence", c.License)

	p.heading(2, "Families")
	var rows [][]string
	for _, f := range b.catalogs[id].families {
		by := make(map[analysis.State]int)
		for _, ids := range [][]string{f.cited, f.other} {
			for _, entry := range ids {
				if e := cov.Entries[entry]; e != nil && c.Entries[entry].Status == "active" {
					by[e.State]++
				}
			}
		}
		name := p.to(escape(familyHeading(f.id)), place{path: f.path})
		if g := c.Groups[f.id]; g != nil {
			name += " " + escape(g.Title)
		}
		rows = append(rows, append([]string{name}, counts(by)...))
	}
	p.table(stateHeadings("Family"), rows)

	if len(tags(cov)) > 0 {
		p.heading(2, "Baselines and tags")
		rows = nil
		for _, tag := range tags(cov) {
			rows = append(rows, append([]string{escape(tag)}, counts(cov.Baselines[tag])...))
		}
		p.table(stateHeadings("Tag"), rows)
	}
	if len(b.m.Exclusions[id]) > 0 {
		p.heading(2, "Exclusions")
		ids := model.Keys(b.m.Exclusions[id])
		slices.SortFunc(ids, model.Natural)
		for _, entry := range ids {
			x := b.m.Exclusions[id][entry]
			lead := p.cited(id, entry)
			if x.Profile != "" {
				lead += ", profile " + p.link(x.Profile)
			}
			p.item(lead, x.Reason)
		}
		p.end()
	}
}

// family writes the page of a group of a catalogue.
func (b *book) family(catalog string, f *family, helped map[string][]string) {
	c, cov := b.m.Catalogs[catalog], b.f.Coverage[catalog]
	p := b.page(f.path)
	p.head(1, familyHeading(f.id))
	if g := c.Groups[f.id]; g != nil {
		p.bold(g.Title, "of "+p.catalog(catalog))
	} else {
		p.say("Entries of %s that belong to no group.", p.catalog(catalog))
	}
	p.excluded(catalog, f.id)

	var rows [][]string
	for _, id := range f.cited {
		row := []string{p.entry(catalog, id), escape(c.Entries[id].Title), "", "", "", ""}
		if e := cov.Entries[id]; e != nil {
			row[2], row[3], row[4], row[5] = string(e.State), plain(e.Worst), p.partyList(e.Bearers), fmt.Sprint(len(e.Subjects))
		}
		rows = append(rows, row)
	}
	p.table([]string{"Entry", "Title", "State", "Highest risk as installed", "Borne by", "Subjects"}, rows)
	var guests []string
	for _, id := range f.guests {
		guests = append(guests, p.entry(catalog, id)+" "+escape(c.Entries[id].Title))
	}
	if len(guests) > 0 {
		p.say("**Told on the page of another group:** %s.", strings.Join(guests, "; "))
	}
	p.compact(c, "Excluded with their group or the entry that they refine", f.other, cov, analysis.Excluded)
	p.compact(c, "Not assessed", f.other, cov, analysis.NotAssessed)
	p.candidates(c, f, cov)
	for _, id := range f.cited {
		p.catalogEntry(catalog, id, helped[id])
	}
}

// compact lists entries without sections in one paragraph: those in a state.
func (p *page) compact(c *model.Catalog, label string, ids []string, cov *analysis.Coverage, state analysis.State) {
	var out []string
	for _, id := range ids {
		if e := cov.Entries[id]; e != nil && e.State == state {
			out = append(out, escape(id)+" "+escape(c.Entries[id].Title))
		}
	}
	const most = 150
	switch {
	case len(out) > most:
		p.say("**%s:** %d entries, which the publisher's own list has.", label, len(out))
	case len(out) > 0:
		p.say("**%s:** %s.", label, strings.Join(out, "; "))
	}
}

// candidates writes what crosswalks suggest for entries that are not assessed.
func (p *page) candidates(c *model.Catalog, f *family, cov *analysis.Coverage) {
	var rows [][]string
	for _, id := range slices.Concat(f.cited, f.other) {
		e := cov.Entries[id]
		if e == nil || len(e.Candidates) == 0 {
			continue
		}
		var by []string
		for _, x := range e.Candidates {
			by = append(by, p.cited(x.Catalogue, x.Entry))
		}
		rows = append(rows, []string{escape(id), escape(c.Entries[id].Title), strings.Join(by, "; ")})
	}
	if len(rows) > 0 {
		p.say("**Candidates:** what the model puts at risk elsewhere, and a crosswalk pairs with entries that are not assessed here. Nobody has said that these are at risk; each is a question to ask.")
		p.table([]string{"Entry", "Title", "By way of"}, rows)
	}
}

// excluded writes why an entry or group does not apply.
func (p *page) excluded(catalog, id string) {
	x := p.b.m.Exclusions[catalog][id]
	if x == nil {
		return
	}
	label := "Excluded"
	if x.Profile != "" {
		label += " in the profile " + x.Profile
	}
	p.text(label, x.Reason)
}

// partyList names parties.
func (p *page) partyList(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, p.party(name))
	}
	return strings.Join(out, ", ")
}

// catalogEntry writes the section of an entry that the model cites.
func (p *page) catalogEntry(catalog, id string, helped []string) {
	e := p.b.m.Catalogs[catalog].Entries[id]
	var cov analysis.EntryCoverage
	if x := p.b.f.Coverage[catalog].Entries[id]; x != nil {
		cov = *x
	}
	what := string(cov.State)
	if e.Status != "active" {
		what = e.Status
	}
	p.head(2, entryHeading(id))
	p.labels = true
	p.bold(e.Title, what)
	var rows [][]string
	add := func(field, value string) {
		if value != "" {
			rows = append(rows, []string{field, value})
		}
	}
	var groups, replaced []string
	for _, g := range e.Groups {
		groups = append(groups, p.entry(catalog, g))
	}
	for _, r := range e.ReplacedBy {
		replaced = append(replaced, p.entry(catalog, r))
	}
	add("Id", escape(id))
	add("Groups", strings.Join(groups, ", "))
	add("Parent", p.entry(catalog, e.Parent))
	add("Status", escape(e.Status))
	add("Replaced by", strings.Join(replaced, ", "))
	add("Tags", escape(strings.Join(e.Tags, ", ")))
	if e.URL != "" {
		add("URL", web(e.URL, e.URL))
	}
	add("Highest risk as installed", plain(cov.Worst))
	add("Borne by", p.partyList(cov.Bearers))
	add("Countermeasures that help", p.links(helped))
	p.table([]string{"Field", "Value"}, rows)
	p.excluded(catalog, id)
	if cov.Reason != "" && p.b.m.Exclusions[catalog][id] == nil {
		p.text("Excluded with its group or the entry that it refines", cov.Reason)
	}
	rows = nil
	for _, s := range cov.Subjects {
		rows = append(rows, p.subject(catalog, id, s))
	}
	p.table([]string{"Who says so", "Title", "Kind", "How", "Borne by", "Risk as installed"}, rows)
}

// subject is the row of an entry of the model that names an entry of a catalogue.
func (p *page) subject(catalog, id string, s analysis.BackReference) []string {
	m := p.b.m
	title := ""
	if s.Kind != model.Tensions {
		title = escape(p.b.titles[s.ID])
	}
	row := []string{p.link(s.ID), title, s.Kind.Singular(), plain(s.Field), "", ""}
	var x *model.Exposure
	switch s.Kind {
	case model.Components:
		x = m.Components[s.ID].PutsAtRisk[catalog][id]
	case model.Features:
		x = m.Features[s.ID].PutsAtRisk[catalog][id]
	case model.Threats:
		row[5] = plain(p.b.f.Threats[s.ID].AsInstalled.Risk)
		if s.Field == "putsAtRisk" {
			x = m.Threats[s.ID].PutsAtRisk[catalog][id]
		}
	}
	switch {
	case x != nil && x.Susceptibility == "resistant":
		row[3], row[4] = "resists it", p.partyList(model.Keys(x.Bearers))
	case x != nil:
		row[3], row[4] = "at risk, "+x.Susceptibility, p.partyList(model.Keys(x.Bearers))
	case s.Field == "covers":
		row[3] = "answers it"
		if x := m.Threats[s.ID].Covers[catalog][id]; x != nil && x.Extent == "partial" {
			row[3] = "answers a part of it"
		}
	case s.Field == "entries":
		row[3] = "names it"
	}
	return row
}
