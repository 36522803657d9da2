// Package markdown writes a threat model as Markdown pages that explain its diagrams.
//
// Every field of every entry stands in the pages. An entry is a heading that is its id alone, its title in bold, a table
// of its short fields and a paragraph with a bold label for each long one; labels and order are those of the model's
// tables, so that a reader finds the same words in sheets and pages. Nothing in a text can break out of its place: see
// escape. All links are relative, and lead to a page or to a heading that is an id.
package markdown

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// Input is what the pages are made of.
type Input struct {
	Model  *model.Model
	Facts  *analysis.Facts
	Tables *table.Set
	// Diagrams are drawn in the pages of what they show, in this order.
	Diagrams []Diagram
	// Profile is the id of the profile that the model was projected to, empty for the model as it is.
	Profile string
}

// Diagram is a diagram and its Mermaid text.
type Diagram struct {
	graph.Diagram
	Text string
}

// Files returns the pages by their paths.
func Files(in Input) (map[string][]byte, error) {
	b, err := newBook(in)
	if err != nil {
		return nil, err
	}
	b.index()
	b.about()
	b.risks()
	b.partyPage()
	b.themes()
	b.boundaries()
	b.components()
	b.actors()
	b.assets()
	b.flows()
	b.features()
	b.countermeasures()
	b.assumptions()
	b.trees()
	b.scenarios()
	b.views()
	b.profiles()
	b.considered()
	b.tensions()
	b.records()
	b.coverage()
	b.catalogues()
	b.diagramPage()

	files := make(map[string][]byte, len(b.pages))
	for _, p := range b.pages {
		files[p.path] = append(bytes.TrimRight(p.Bytes(), "\n"), '\n')
	}
	return files, nil
}

// book is what all pages share: the model, what is looked up in it often, and where everything stands.
type book struct {
	Input
	m *model.Model
	f *analysis.Facts
	// collections are the tables of the kinds, rows their rows by id.
	collections map[model.Kind]*table.Table
	rows        map[model.Kind]map[string][]string
	// drawings are the diagrams by their subject: the name up to "--".
	drawings map[string][]Diagram
	// crossed are the crossings of each boundary, in the order of flows.
	crossed map[string][]crossing
	parties map[string]*party
	// titles are those of all entries, and statements where entries have no title.
	titles map[string]string
	// threats are those of each theme.
	threats map[string][]string

	places
	pages []*page
}

// crossing is a flow that crosses a boundary.
type crossing struct {
	flow string
	analysis.Crossing
}

func newBook(in Input) (*book, error) {
	if in.Model.Metadata.Audience == "public" && len(in.Model.Inbox) > 0 {
		m := *in.Model
		m.Inbox = nil // a workshop's notes are nobody else's business
		in.Model = &m
	}
	b := &book{
		Input: in, m: in.Model, f: in.Facts,
		collections: make(map[model.Kind]*table.Table), rows: make(map[model.Kind]map[string][]string),
		drawings: make(map[string][]Diagram), crossed: make(map[string][]crossing), titles: make(map[string]string), threats: make(map[string][]string),
	}
	for _, k := range model.Kinds() {
		t := in.Tables.Table(kebab(k))
		if t == nil {
			return nil, fmt.Errorf("no table of %s", k)
		}
		b.collections[k] = t
		b.rows[k] = make(map[string][]string, len(t.Rows))
		title := max(t.Column("title"), t.Column("statement"), 0)
		for _, row := range t.Rows {
			b.rows[k][row[0]] = row
			b.titles[row[0]] = row[title]
		}
	}
	for _, d := range in.Diagrams {
		b.drawings[subject(d)] = append(b.drawings[subject(d)], d)
	}
	for _, flow := range model.Keys(b.f.Flows) {
		for _, c := range b.f.Flows[flow].Crossings {
			b.crossed[c.Boundary] = append(b.crossed[c.Boundary], crossing{flow, c})
		}
	}
	for _, id := range model.Keys(b.m.Threats) {
		theme := b.m.Threats[id].Theme
		b.threats[theme] = append(b.threats[theme], id)
	}
	b.parties = b.findParties()
	b.places = plan(b.m)
	return b, nil
}

// named returns the entries of a kind that name an entry in any of the fields, or in any field at all, each once.
func (b *book) named(id string, k model.Kind, fields ...string) []string {
	var out []string
	for _, r := range b.f.References[id] {
		// The fields of one entry come one after the other, so that what is there already is last.
		if r.Kind == k && (len(fields) == 0 || slices.Contains(fields, r.Field)) && (len(out) == 0 || out[len(out)-1] != r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}

// kebab is the name of a kind in paths and of its table.
func kebab(k model.Kind) string {
	if k == model.AttackTrees {
		return "attack-trees"
	}
	return string(k)
}
