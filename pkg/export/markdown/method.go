package markdown

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// assumptions writes the page of assumptions.
func (b *book) assumptions() {
	if len(b.m.Assumptions) == 0 {
		return
	}
	p := b.collection("assumptions.md", "Assumptions")
	for _, id := range model.Keys(b.m.Assumptions) {
		a := b.m.Assumptions[id]
		p.head(2, id)
		p.labels = true
		p.fields(model.Assumptions, id, nil)
		p.namedBy(id)
		p.references(a.References)
	}
}

// trees writes a page for each attack tree.
func (b *book) trees() {
	if len(b.m.AttackTrees) == 0 {
		return
	}
	index := b.collection("attack-trees/README.md", "Attack trees")
	index.say("An attack tree shows the ways to a goal. Likelihoods follow from those of the threats: a way that needs any one step is as likely as its likeliest, one that needs all is as unlikely as its unlikeliest.")
	var rows [][]string
	for _, id := range model.Keys(b.m.AttackTrees) {
		t := b.m.AttackTrees[id]
		row := []string{index.link(id), escape(t.Title), "", "", ""}
		if f := b.f.Trees[id]; f != nil && f.Nodes[t.Root] != nil {
			n := f.Nodes[t.Root]
			row[2], row[3], row[4] = plain(n.Inherent), plain(n.AsInstalled), plain(n.Hardened)
		}
		rows = append(rows, row)
	}
	index.table([]string{"Tree", "Title", "Inherent likelihood", "As installed", "Hardened"}, rows)
	for _, id := range model.Keys(b.m.AttackTrees) {
		b.tree(id)
	}
}

func (b *book) tree(id string) {
	t := b.m.AttackTrees[id]
	p := b.entryPage(model.AttackTrees, id, "attack tree")
	p.labels = true
	p.fields(model.AttackTrees, id, []string{"root"}, []string{b.label(model.AttackTrees, "root"), p.node(id, t.Root)})
	p.namedBy(id)
	p.diagrams("tree-" + id)
	for _, node := range model.Keys(t.Nodes) {
		n := t.Nodes[node]
		what := "step"
		switch n.Gate {
		case "or":
			what = "any one of its steps"
		case "and":
			what = "all of its steps"
		case "sequence":
			what = "all of its steps, in their order"
		}
		p.section(node, n.Label, what)
		var rows [][]string
		add := func(field, value string) {
			if value != "" {
				rows = append(rows, []string{field, value})
			}
		}
		var children []string
		for _, c := range n.Children {
			children = append(children, p.node(id, c))
		}
		add("Gate", escape(n.Gate))
		add("Children", strings.Join(children, ", "))
		add("Threat", p.link(n.Threat))
		add("Assumption", p.link(n.Assumption))
		add("Subtree", p.link(n.Subtree))
		if f := b.f.Trees[id]; f != nil && f.Nodes[node] != nil {
			x := f.Nodes[node]
			switch {
			case x.Reachable:
				add("Likelihood", fmt.Sprintf("inherent %s → as installed %s → hardened %s", plain(x.Inherent), plain(x.AsInstalled), plain(x.Hardened)))
			case n.Gate == "" && n.Threat == "" && n.Assumption == "" && n.Subtree == "":
				add("Likelihood", "not rated here")
			default:
				add("Likelihood", "cannot be reached")
			}
			if n.Threat == "" {
				add("Threats below", p.links(x.Threats))
			}
		}
		p.table([]string{"Field", "Value"}, rows)
		p.text("Reason", n.Reason)
	}
}

// node is a link to a node of an attack tree.
func (p *page) node(tree, node string) string {
	if at, ok := p.b.places.entries[tree+"/"+node]; ok {
		return p.to(escape(node), at)
	}
	return escape(node)
}

// scenarios writes the page of scenarios.
func (b *book) scenarios() {
	if len(b.m.Scenarios) == 0 {
		return
	}
	p := b.collection("scenarios.md", "Scenarios")
	for _, id := range model.Keys(b.m.Scenarios) {
		s := b.m.Scenarios[id]
		p.section(id, s.Title, "scenario of "+count(len(s.Steps), "step", "steps"))
		p.text("", s.Description)
		p.fields(model.Scenarios, id, []string{"description"})
		var rows [][]string
		for i, step := range s.Steps {
			row := []string{fmt.Sprint(i + 1), p.link(step.Flow), "", "", p.inline(step.Note, true)}
			if f := b.m.Flows[step.Flow]; f != nil {
				row[2], row[3] = p.link(f.From), p.link(f.To)
			}
			rows = append(rows, row)
		}
		p.part("Steps")
		p.table([]string{"No.", "Flow", "From", "To", "Note"}, rows)
		p.diagrams("scenario-" + id)
		p.namedBy(id)
	}
}

// views writes a page for each view.
func (b *book) views() {
	if len(b.m.Views) == 0 {
		return
	}
	index := b.collection("views/README.md", "Views")
	var rows [][]string
	for _, id := range model.Keys(b.m.Views) {
		v := b.m.Views[id]
		rows = append(rows, []string{index.link(id), escape(v.Title), plain(v.Kind)})
		p := b.entryPage(model.Views, id, "view, "+plain(v.Kind))
		p.text("", v.Description)
		p.fields(model.Views, id, []string{"description"})
		p.diagrams("view-" + id)
		p.namedBy(id)
	}
	index.table([]string{"View", "Title", "Kind"}, rows)
}

// profiles writes the page of profiles.
func (b *book) profiles() {
	if len(b.m.Profiles) == 0 {
		return
	}
	p := b.collection("profiles.md", "Profiles")
	p.say("A profile is a way to install and run the system, told as differences from the model.")
	differences := make(map[string][][]string)
	if t := b.Tables.Table("profile-differences"); t != nil {
		for _, row := range t.Rows {
			differences[row[0]] = append(differences[row[0]], row)
		}
	}
	p.comparison()
	for _, id := range model.Keys(b.m.Profiles) {
		x := b.m.Profiles[id]
		what := "profile"
		if id == b.Profile {
			what = "profile that these pages show"
		}
		p.section(id, x.Title, what)
		p.text("", x.Description)
		p.fields(model.Profiles, id, []string{"description"})
		p.namedBy(id)
		p.differences(differences[id])
	}
}

// comparison sets the model as it is written beside what it is in each profile: first in numbers, then field by field.
// Long texts are on the pages of their profile and are only said to differ.
func (p *page) comparison() {
	c := p.b.f.Comparison
	if c == nil {
		return
	}
	headings := func(first string) []string {
		out := []string{first, "As written"}
		for _, id := range c.Profiles {
			out = append(out, p.link(id))
		}
		return out
	}
	p.heading(2, "The profiles compared")
	p.say("How many entries have which word, in the model as it is written and in each profile.")
	var rows [][]string
	for _, x := range c.Totals {
		row := []string{fmt.Sprintf("%s, %s: %s", capital(plain(x.Kind)), escape(x.Field), plain(x.Word)), fmt.Sprint(x.Written)}
		for _, n := range x.In {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	p.table(headings("Entries"), rows)

	p.say("What differs, entry by entry. An empty cell says that the entry is absent there, or has nothing in the field.")
	rows = nil
	for _, x := range c.Contrasts {
		value := func(v string) string {
			if p.isText(v) {
				if v == x.Written {
					return "as written"
				}
				return "another text"
			}
			if v == x.Written && v != "" {
				return "="
			}
			return p.ids(v)
		}
		row := []string{p.link(x.ID) + ", " + escape(x.Field), p.ids(x.Written)}
		if p.isText(x.Written) {
			row[1] = "a text"
		}
		for _, v := range x.In {
			row = append(row, value(v))
		}
		rows = append(rows, row)
	}
	p.table(headings("Entry"), rows)
}

// isText tells whether a value is too long for a cell; lists of ids are not, whatever their length.
func (p *page) isText(v string) bool {
	return isProse(table.Column{}, v) && slices.ContainsFunc(strings.Split(v, "; "), func(item string) bool { return p.b.f.Index[item] == "" })
}

// ids writes a list of ids as links, and anything else as it is.
func (p *page) ids(cell string) string {
	var out []string
	for _, item := range strings.Split(cell, "; ") {
		if p.b.f.Index[item] != "" {
			out = append(out, p.link(item))
		} else {
			out = append(out, p.inline(plain(item), true))
		}
	}
	return strings.Join(out, ", ")
}

// differences writes what a profile changes: rows of profile, collection, id, field and value. The value is JSON, of
// which texts and lists of words are shown without their quotes: the type of the field tells which of both a cell has.
func (p *page) differences(rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.part("Differences")
	var short, long [][]string
	for _, row := range rows {
		var text string
		var words []string
		value := row[4]
		switch {
		case value == "null":
			short = append(short, []string{escape(row[1]), p.link(row[2]), escape(row[3]), "*taken away*"})
			continue
		case json.Unmarshal([]byte(value), &text) == nil:
			value = text
		case json.Unmarshal([]byte(value), &words) == nil && len(words) > 0 && !slices.ContainsFunc(words, func(s string) bool { return strings.Contains(s, ", ") }):
			value = p.links(words)
			short = append(short, []string{escape(row[1]), p.link(row[2]), escape(row[3]), value})
			continue
		}
		if isProse(table.Column{}, value) {
			long = append(long, []string{p.link(row[2]) + ", collection " + escape(row[1]) + ", field " + escape(row[3]), value})
		} else {
			cell := p.inline(value, true)
			if p.b.f.Index[value] != "" {
				cell = p.link(value)
			}
			short = append(short, []string{escape(row[1]), p.link(row[2]), escape(row[3]), cell})
		}
	}
	p.table([]string{"Collection", "Id", "Field", "Value"}, short)
	for _, x := range long {
		p.item(x[0], x[1])
	}
	if len(long) > 0 {
		p.end()
	}
}

// considered writes the questions that were asked about elements, and their answers.
func (b *book) considered() {
	if len(b.m.Considered) == 0 {
		return
	}
	p := b.collection("considered.md", "Questions that were asked")
	p.say("What was asked about an element, and what became of it. That no threat came of a question is an answer too.")
	for _, id := range model.Keys(b.m.Considered) {
		p.questions(id, true)
	}
}

// asked writes the questions that were asked about an element.
func (p *page) asked(id string) {
	if len(p.b.m.Considered[id]) > 0 {
		p.part("Questions that were asked")
		p.questions(id, false)
	}
}

// questions writes the questions about an element: with their reasons on the page of all questions, to which the short
// form leads.
func (p *page) questions(id string, reasons bool) {
	all := p.b.m.Considered[id]
	if reasons {
		p.section(id, p.b.titles[id], p.b.f.Index[id].Singular()+" "+p.link(id))
		p.part("Questions")
	}
	var rows [][]string
	for _, q := range model.Keys(all) {
		c := all[q]
		rows = append(rows, []string{escape(q), escape(c.Verdict), p.link(c.Threat), p.inline(c.By, true), escape(c.Date)})
	}
	p.table([]string{"Question", "Verdict", "Threat", "By", "Date"}, rows)
	if !reasons {
		p.say("The reasons: %s.", p.to("questions that were asked", place{path: "considered.md"}))
		return
	}
	for _, q := range model.Keys(all) {
		p.item("**"+escape(q)+"**", all[q].Reason)
	}
	p.end()
}

// tensions writes the page of requirements that contradict each other.
func (b *book) tensions() {
	if len(b.m.Tensions) == 0 {
		return
	}
	p := b.collection("tensions.md", "Tensions")
	p.say("Requirements that contradict each other here.")
	for _, id := range model.Keys(b.m.Tensions) {
		p.head(2, id)
		p.labels = true
		var items []string
		for _, e := range b.m.Tensions[id].Entries {
			items = append(items, p.cited(e.Catalogue, e.Entry))
		}
		p.fields(model.Tensions, id, nil)
		p.part("Between")
		p.list(items)
		p.namedBy(id)
	}
}
