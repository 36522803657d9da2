package verify

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// pictures are what all diagrams together draw.
type pictures struct {
	// labels are those of nodes and clusters by id, and flows those of the arrows that stand for a flow.
	labels, flows map[string][]string
	// alone are the flows that have an arrow of their own, between their own ends.
	alone map[string]bool
	// within has each element with the cluster around it, and linked the ends of each arrow that stands for no flow.
	within, linked map[[2]string]bool
}

// promise holds that the diagrams draw what the model has, by its own title: every entry; every flow by an arrow of its own
// between its ends; every component in its boundary, and every boundary in its parent; every node of an attack tree with
// its arrow to each child; every step of a scenario; and what is said of the entries of catalogues, each with its id or
// counted in its groups. A title that is cut is followed by "…".
func (r *mermaidReader) promise() {
	m := r.want.Model
	p := r.pictures()
	for _, kind := range model.Kinds() {
		switch kind {
		case model.AttackTrees, model.Scenarios, model.Views, model.Inbox:
			continue // these are diagrams, or nobody else's business
		}
		for _, id := range m.IDs(kind) {
			r.drawn(len(p.labels[id]) > 0 && kind != model.Flows || p.alone[id], string(kind)+" "+id, "", m.Title(kind, id))
		}
	}
	for _, id := range model.Keys(m.Components) {
		in := m.Components[id].Boundary
		r.drawn(p.within[[2]string{id, in}], "components "+id, "boundary", in)
	}
	for _, id := range model.Keys(m.Boundaries) {
		in := m.Boundaries[id].Parent
		r.drawn(in == "" || p.within[[2]string{id, in}] || p.linked[[2]string{in, id}], "boundaries "+id, "parent", in)
	}
	for _, tree := range model.Keys(m.AttackTrees) {
		nodes := m.AttackTrees[tree].Nodes
		for _, id := range model.Keys(nodes) {
			record := "attackTrees " + tree + " " + id
			r.drawn(len(p.labels[tree+"/"+id]) > 0, record, "", nodes[id].Label)
			for _, child := range nodes[id].Children {
				r.drawn(p.linked[[2]string{tree + "/" + id, tree + "/" + child}], record, "children", child)
			}
		}
	}
	for _, id := range model.Keys(m.Scenarios) {
		for i, step := range m.Scenarios[id].Steps {
			text := step.Note
			if text == "" {
				text = m.Title(model.Flows, step.Flow)
			}
			number := fmt.Sprintf("%d. ", i+1)
			r.drawn(said(p.flows[step.Flow], number, text), "scenarios "+id, "steps", number+text)
		}
	}
	for _, id := range model.Keys(m.Catalogs) {
		r.coverage(p, id)
	}
}

// drawn adds what is not drawn.
func (r *mermaidReader) drawn(is bool, record, field, want string) {
	if !is {
		r.add(Difference{Kind: Missing, File: "diagrams", Record: record, Field: field, Want: want})
	}
}

// pictures puts together what the diagrams draw, and holds every label to the title of what it is of.
func (r *mermaidReader) pictures() pictures {
	p := pictures{
		labels: make(map[string][]string), flows: make(map[string][]string), alone: make(map[string]bool),
		within: make(map[[2]string]bool), linked: make(map[[2]string]bool),
	}
	m := r.want.Model
	titles := titles(m)
	for _, d := range r.want.Diagrams {
		c := diagramComparison{Result: &r.Result, file: diagramFile(d.Name)}
		for _, e := range r.drawings[d.Name].elements {
			label := strings.Join(e.label, " ")
			p.labels[e.id] = append(p.labels[e.id], label)
			p.within[[2]string{e.id, e.in}] = true
			if title, ok := titles[e.id]; ok && !entitled(label, title) {
				c.differ(Different, "diagram "+d.Name+" node "+e.id, "title", e.line, title, label)
			}
		}
		for _, e := range r.drawings[d.Name].edges {
			if len(e.flows) == 0 {
				p.linked[[2]string{e.from, e.to}] = true
			}
			for _, id := range e.flows {
				p.flows[id] = append(p.flows[id], strings.Join(e.label, " "))
				f := m.Flows[id]
				if f != nil && len(e.flows) == 1 && e.from == f.From && strings.TrimSuffix(e.to, "/other") == f.To {
					p.alone[id] = true
				}
			}
		}
	}
	// An assumption that rules a step out is drawn with it.
	for _, tree := range m.AttackTrees {
		for id, n := range tree.Nodes {
			if n.Assumption != "" && said(p.labels[tree.ID+"/"+id], "ruled out by: ", titles[n.Assumption]) {
				p.labels[n.Assumption] = append(p.labels[n.Assumption], titles[n.Assumption])
			}
		}
	}
	return p
}

// titles are what the labels of nodes begin with, by the ids of the nodes.
func titles(m *model.Model) map[string]string {
	out := make(map[string]string)
	for id, kind := range model.NewIndex(m) {
		out[id] = oneLine(m.Title(kind, id))
		if kind == model.Threats {
			out[id] = id + " " + out[id]
		}
	}
	for id, a := range m.Assumptions {
		out[id] = oneLine(a.Statement)
	}
	for id, t := range m.Tensions {
		out[id] = id + " " + oneLine(t.Statement)
	}
	for tree, t := range m.AttackTrees {
		for id, n := range t.Nodes {
			out[tree+"/"+id] = oneLine(n.Label)
			if id == t.Root {
				out[tree+"/"+id] = "Goal: " + oneLine(n.Label)
			}
		}
	}
	for catalogue, c := range m.Catalogs {
		for id, e := range c.Entries {
			out[catalogue+"/"+id] = id + " " + oneLine(e.Title)
		}
	}
	return out
}

// entitled says that a label begins with a title, or with the beginning of it and "…".
func entitled(label, title string) bool {
	begin, _, cut := strings.Cut(label, " …")
	return label == title || strings.HasPrefix(label, title+" ") || cut && begins(title, begin+" …")
}

// said says that a text, or its beginning and "…", follows an introduction in one of the labels.
func said(labels []string, introduction, text string) bool {
	for _, l := range labels {
		if _, rest, ok := strings.Cut(" "+l, " "+introduction); ok && entitled(rest, oneLine(text)) {
			return true
		}
	}
	return false
}

// coverage holds that a catalogue of which something is said has each of those entries drawn, or counted in its groups.
func (r *mermaidReader) coverage(p pictures, catalogue string) {
	catalog, facts := r.want.Model.Catalogs[catalogue], r.want.Facts.Coverage[catalogue]
	counts := make(map[string]map[analysis.State]int)
	for _, id := range model.Keys(facts.Entries) {
		if catalog.Entries[id].Status != "active" {
			continue
		}
		state := facts.Entries[id].State
		groups := catalog.GroupsOf(id)
		if len(groups) == 0 {
			groups = []string{""}
		}
		drawn := len(p.labels[catalogue+"/"+id]) > 0 || state == analysis.NotAssessed
		for _, g := range groups {
			if counts[g] == nil {
				counts[g] = make(map[analysis.State]int)
			}
			counts[g][state]++
			drawn = drawn || len(p.labels[catalogue+"/group/"+g]) > 0
		}
		r.drawn(drawn, "catalogue-entries "+catalogue+" "+id, "", catalog.Entries[id].Title)
	}
	for _, g := range model.Keys(counts) {
		for _, label := range p.labels[catalogue+"/group/"+g] {
			for _, state := range analysis.States() {
				count := fmt.Sprintf("%d %s", counts[g][state], state)
				counted := counts[g][state] == 0 || strings.Contains(label+" ", " "+count+" ")
				r.drawn(counted, "catalogue-groups "+catalogue+" "+g, "states", count)
			}
		}
	}
}
