package markdown

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// diagrams writes the diagrams of a subject, each with a table of what it draws and the meaning of its signs.
func (p *page) diagrams(subject string) {
	for _, d := range p.b.drawings[subject] {
		p.diagram(d)
	}
}

func (p *page) diagram(d Diagram) {
	p.say("**Diagram: %s.** %s", escape(d.Title), p.inline(d.Description, true))
	fence := strings.Repeat("`", max(3, longestRun(d.Text, '`')+1))
	p.line(fence + "mermaid")
	p.line(strings.TrimRight(d.Text, "\n"))
	p.line(fence)
	p.end()
	var rows [][]string
	for _, r := range d.Table {
		id, kind := p.link(r.ID), ""
		switch {
		case r.Catalogue != "":
			id, kind = p.entry(r.Catalogue, r.ID), "entry of "+p.catalog(r.Catalogue)
			if p.b.m.Catalogs[r.Catalogue].Entries[r.ID] == nil {
				kind = "group of " + p.catalog(r.Catalogue)
			}
		case strings.Contains(r.ID, "/"):
			kind = "node"
		default:
			kind = r.Kind.Singular()
		}
		rows = append(rows, []string{id, escape(r.Title), kind, p.inline(r.What, true)})
	}
	p.table([]string{"Drawn", "Title", "Kind", "What it is here"}, rows)

	var signs []string
	var merged [][]string
	for _, s := range d.Legend {
		if flows := strings.Split(s.Meaning, ", "); strings.Contains(s.Sign, " → ") && p.b.m.Flows[flows[0]] != nil {
			merged = append(merged, []string{escape(s.Sign), p.links(flows)})
		} else {
			signs = append(signs, fmt.Sprintf("*%s*: %s", escape(s.Sign), p.inline(s.Meaning, true)))
		}
	}
	if len(signs) > 0 {
		p.say("**Legend:** %s.", strings.Join(signs, "; "))
	}
	p.table([]string{"Arrow", "Flows that it stands for"}, merged)
}

// longestRun is the length of the longest run of a character.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// diagramPage lists all diagrams, and draws those that explain no other page.
func (b *book) diagramPage() {
	if len(b.Diagrams) == 0 {
		return
	}
	p := b.collection("diagrams.md", "Diagrams")
	var rows [][]string
	var left []Diagram
	for _, d := range b.Diagrams {
		at := b.home(d)
		if at.path == p.path {
			left = append(left, d)
		}
		rows = append(rows, []string{p.to(escape(d.Title), at), escape(string(d.Kind)), escape(d.Name)})
	}
	p.table([]string{"Diagram", "Kind", "Name"}, rows)
	for _, d := range left {
		p.diagram(d)
	}
}

// subject is what a diagram is of: the word for its kind, and the id of its entry where it has one.
func subject(d Diagram) string {
	word, _, _ := strings.Cut(d.Name, "-")
	if d.Subject == "" {
		return word
	}
	return word + "-" + d.Subject
}

// home is where a diagram is drawn.
func (b *book) home(d Diagram) place {
	switch subject(d) {
	case "context":
		return place{path: "README.md"}
	case "boundaries":
		return place{path: "boundaries/README.md"}
	case "trust":
		return place{path: "assets.md"}
	}
	prefix, id, _ := strings.Cut(subject(d), "-")
	if prefix == "coverage" {
		return place{path: "coverage.md"}
	}
	kind := map[string]model.Kind{
		"boundary": model.Boundaries, "component": model.Components, "actor": model.Actors, "theme": model.Themes,
		"threat": model.Threats, "tree": model.AttackTrees, "scenario": model.Scenarios, "view": model.Views,
	}[prefix]
	if at, ok := b.places.entries[id]; ok && b.f.Index[id] == kind {
		return at
	}
	return place{path: "diagrams.md"}
}
