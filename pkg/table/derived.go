package table

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// auto is a derived column of a collection's table.
type auto struct {
	// after is the key of the column that it stands behind.
	after   string
	key     string
	heading string
	help    string
	width   int
	form    Form
	refs    []string
	allowed []string
	cell    func(id string) string
}

func (a auto) column() Column {
	return Column{Key: a.key, Heading: a.heading + Auto, Help: a.help, Width: a.width, Form: a.form, Refs: a.refs, Allowed: a.allowed, Derived: true}
}

// autos are the derived columns of a collection.
func (b *builder) autos(k model.Kind) []auto {
	threats := func(after string) auto {
		return auto{after, "threats-auto", "Threats", "The threats that name the entry.", 24, Words, []string{"threats"}, nil, func(id string) string {
			return autoList(b.referrers(id, model.Threats, ""))
		}}
	}
	switch k {
	case model.Threats:
		return b.threatAutos()
	case model.Boundaries:
		return []auto{{"instances", "holds-auto", "Holds", "The components that are drawn in the zone, or lie in it on another plane.", 30, Words, []string{"components"}, nil, func(id string) string {
			return autoList(b.referrers(id, model.Components, ""))
		}}, threats("description")}
	case model.Components:
		return []auto{threats("responsibility")}
	case model.Features:
		return []auto{threats("default")}
	case model.Assets:
		return []auto{{"availability", "held-by-auto", "Held by", "The components that hold the asset.", 26, Words, []string{"components"}, nil, func(id string) string {
			return autoList(b.referrers(id, model.Components, "holds"))
		}}, threats("availability")}
	case model.Flows:
		return []auto{{"to", "crossings-auto", "Crosses", "The borders that the flow crosses, with direction and what they hold there.", 34, Lines, nil, nil, b.crossings}, threats("trustBasis")}
	case model.Actors:
		return []auto{threats("boundary")}
	case model.Countermeasures:
		return []auto{threats("responsibility")}
	case model.Themes:
		return []auto{{"title", "count-auto", "Threats", "How many threats the theme has.", 9, Text, nil, nil, func(id string) string {
			return strconv.Itoa(len(b.referrers(id, model.Threats, "theme")))
		}}}
	}
	return nil
}

func (b *builder) threatAutos() []auto {
	levels := make([]string, 0, 5)
	for _, l := range model.Levels() {
		levels = append(levels, string(l))
	}
	var statuses []string
	for _, s := range []analysis.Status{analysis.Open, analysis.MitigatedByDefault, analysis.MitigatedIfConfigured, analysis.Accepted, analysis.Transferred, analysis.Avoided, analysis.Obsolete} {
		statuses = append(statuses, string(s))
	}
	fact := func(get func(*analysis.ThreatFacts) string) func(string) string {
		return func(id string) string {
			if f := b.facts.Threats[id]; f != nil {
				return get(f)
			}
			return ""
		}
	}
	risk := func(key, heading, help string, get func(*analysis.ThreatFacts) analysis.Assessment) auto {
		return auto{"theme", key, heading, help, 12, Text, nil, levels, fact(func(f *analysis.ThreatFacts) string { return string(get(f).Risk) })}
	}
	return []auto{
		risk("inherent-auto", "Inherent risk", "Risk before any countermeasure.", func(f *analysis.ThreatFacts) analysis.Assessment { return f.Inherent }),
		risk("as-installed-auto", "Risk as installed", "Risk with what a default installation does.", func(f *analysis.ThreatFacts) analysis.Assessment { return f.AsInstalled }),
		risk("hardened-auto", "Risk hardened", "Risk with every countermeasure of the threat in place.", func(f *analysis.ThreatFacts) analysis.Assessment { return f.Hardened }),
		{"affects", "decision-auto", "Decision", "What was decided about the risk that stays; see the Decisions table.", 12, Text, nil, nil, func(id string) string {
			if d := b.m.Threats[id].Decision; d != nil {
				return d.What
			}
			return ""
		}},
		{"reviewed.by", "status-auto", "Status", "The state of the threat.", 16, Text, nil, statuses, fact(func(f *analysis.ThreatFacts) string { return string(f.Status) })},
		{"reviewed.by", "must-act-auto", "Must act", "The parties that have something to do.", 20, Words, nil, nil, fact(func(f *analysis.ThreatFacts) string { return List(f.MustAct) })},
		{"breaks", "countermeasures-auto", "Countermeasures", "What is done about it; see the Threat-Countermeasure table.", 30, Words, []string{"countermeasures"}, nil, func(id string) string {
			return autoList(model.Keys(b.m.Threats[id].Countermeasures))
		}},
		{"breaks", "at-risk-auto", "Controls at risk", "The catalogue entries that it puts at risk; see the At risk table.", 20, Words, nil, nil, func(id string) string {
			return autoList(entries(b.m.Threats[id].PutsAtRisk))
		}},
		{"breaks", "techniques-auto", "Techniques", "What an adversary does, as catalogues name it.", 18, Words, nil, nil, func(id string) string {
			return autoList(entries(b.m.Threats[id].Techniques))
		}},
		{"breaks", "crossings-auto", "Crosses", "The borders that its flows cross.", 24, Words, []string{"boundaries"}, nil, fact(func(f *analysis.ThreatFacts) string { return autoList(f.Crossings) })},
	}
}

func entries[E any](links map[string]map[string]E) []string {
	var out []string
	for _, c := range model.Keys(links) {
		es := model.Keys(links[c])
		slices.SortFunc(es, model.Natural)
		out = append(out, es...)
	}
	return out
}

// referrers returns the ids of the entries of a kind that name an entry, by any field or by one.
func (b *builder) referrers(id string, k model.Kind, field string) []string {
	var out []string
	for _, r := range b.facts.References[id] {
		if r.Kind == k && (field == "" || r.Field == field) {
			out = append(out, r.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b *builder) crossings(id string) string {
	f := b.facts.Flows[id]
	if f == nil {
		return ""
	}
	var out []string
	for _, c := range f.Crossings {
		out = append(out, c.Boundary+": "+c.Direction+", "+c.Strength)
	}
	return strings.Join(out, "\n")
}

// relationAutos are the derived columns of a relation's table: what its keys mean.
func (b *builder) relationAutos(t *Table) []Column {
	var cols []Column
	if c := t.Columns[0]; c.Key == "subject" {
		cols = append(cols, Column{Key: "subject-auto", Heading: "Subject title" + Auto, Help: "Title of what the row is about.", Width: 36, Derived: true})
	}
	for _, c := range t.Columns {
		switch c.Key {
		case "entry":
			cols = append(cols, Column{Key: "entry-auto", Heading: "Entry title" + Auto, Help: "Title of the catalogue's entry.", Width: 36, Derived: true})
		case "countermeasure":
			cols = append(cols, Column{Key: "countermeasure-auto", Heading: "Countermeasure title" + Auto, Help: "Title of the countermeasure.", Width: 36, Derived: true})
		}
	}
	return cols
}

func (b *builder) relationAuto(t *Table, key string, row []string) string {
	cell := func(key string) string {
		if i := t.Column(key); i >= 0 && i < len(row) {
			return row[i]
		}
		return ""
	}
	switch key {
	case "subject-auto":
		if k, ok := b.facts.Index[cell("subject")]; ok {
			return b.m.Title(k, cell("subject"))
		}
		if c := b.m.Catalogs[cell("subject")]; c != nil {
			return c.Title
		}
		if x := b.m.Crosswalks[cell("subject")]; x != nil {
			return x.Title
		}
		return b.m.Metadata.Title
	case "countermeasure-auto":
		return b.m.Title(model.Countermeasures, cell("countermeasure"))
	case "entry-auto":
		if c := b.m.Catalogs[cell("catalogue")]; c != nil {
			if e := c.Entries[cell("entry")]; e != nil {
				return e.Title
			}
			if g := c.Groups[cell("entry")]; g != nil {
				return g.Title
			}
		}
	}
	return ""
}

// published are the tables of what others publish: catalogues, or crosswalks, and of what the model cites of them.
func (b *builder) published(f *schema.Field, heading string, lists any) {
	t := b.table(f.Table.Name, "", rowHelp(f.Type.Elem), 1)
	var ls []*leaf
	for _, ef := range f.Type.Elem.Fields {
		ls = append(ls, leaves(ef.Name, "", ef)...)
	}
	for _, l := range ls {
		t.Columns = append(t.Columns, l.column)
	}
	v := reflect.ValueOf(lists)
	for _, key := range model.SortedKeys(v) {
		c := v.MapIndex(key).Elem()
		var row []string
		for _, l := range ls {
			row = append(row, l.cell(c))
		}
		t.Rows = append(t.Rows, row)
		b.relations(owner{id: key.String(), heading: heading, refs: []string{f.Name}}, f.Type.Elem, c)
	}
}

// heatMap counts threats by likelihood and impact, in each of the three states.
func (b *builder) heatMap() {
	t := b.table("heat-map", "Heat map", "How many threats have a likelihood, for each impact.", 2)
	t.Columns = []Column{
		{Key: "state", Heading: "State" + Auto, Help: "Before countermeasures, as installed, or hardened.", Width: 16, Derived: true},
		{Key: "likelihood", Heading: "Likelihood" + Auto, Help: "The likelihood.", Width: 14, Derived: true},
	}
	for _, l := range model.Levels() {
		t.Columns = append(t.Columns, Column{Key: string(l), Heading: capital(strings.ReplaceAll(string(l), "-", " ")) + " impact" + Auto, Help: "How many threats have this impact.", Width: 20, Derived: true})
	}
	levels := model.Levels()
	slices.Reverse(levels)
	for _, s := range []struct {
		name string
		get  func(*analysis.ThreatFacts) analysis.Assessment
	}{
		{"inherent", func(f *analysis.ThreatFacts) analysis.Assessment { return f.Inherent }},
		{"as installed", func(f *analysis.ThreatFacts) analysis.Assessment { return f.AsInstalled }},
		{"hardened", func(f *analysis.ThreatFacts) analysis.Assessment { return f.Hardened }},
	} {
		counts := map[model.Level]map[model.Level]int{}
		for _, f := range b.facts.Threats {
			a := s.get(f)
			if counts[a.Likelihood] == nil {
				counts[a.Likelihood] = map[model.Level]int{}
			}
			counts[a.Likelihood][a.Impact]++
		}
		for _, likelihood := range levels {
			row := []string{s.name, string(likelihood)}
			for _, impact := range model.Levels() {
				row = append(row, strconv.Itoa(counts[likelihood][impact]))
			}
			t.Rows = append(t.Rows, row)
		}
	}
}
