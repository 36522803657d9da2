package markdown

import (
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// about writes what the model is as a whole, and how its words are to be read.
func (b *book) about() {
	m := b.m
	p := b.collection("about.md", "About this model")
	p.bold(m.Metadata.Title, "threat model")
	rows := [][]string{
		{"Name", escape(m.Metadata.Name)}, {"Version", escape(m.Metadata.Version)}, {"Stage", escape(m.Metadata.Stage)},
		{"Date", escape(m.Metadata.Date)}, {"Audience", escape(m.Metadata.Audience)},
	}
	if a := m.Metadata.AppliesTo; a != nil {
		rows = append(rows, []string{"Applies to product", escape(a.Product)}, []string{"Applies to versions", escape(strings.Join(a.Versions, ", "))})
	}
	rows = append(rows, []string{"Licence", p.inline(m.Metadata.License, true)}, []string{"Schema", escape(m.Schema)},
		[]string{"Model kind", escape(m.Kind)}, []string{"Profile", p.link(b.Profile)})
	var given [][]string
	for _, row := range rows {
		if row[1] != "" {
			given = append(given, row)
		}
	}
	p.table([]string{"Field", "Value"}, given)
	p.lines("Disclaimers", m.Metadata.Disclaimers)
	if s := m.Scope; s != nil {
		p.heading(2, "Scope")
		p.lines("Goals", s.Goals)
		p.lines("Included", s.Included)
		if len(s.Excluded) > 0 {
			p.line("**Left out, and why:**")
			p.end()
			for _, x := range s.Excluded {
				p.item("**"+p.inline(x.What, false)+"**", x.Why)
			}
			p.end()
		}
	}
	if len(m.Metadata.Owners) > 0 {
		p.heading(2, "Owners")
		var rows [][]string
		for _, o := range m.Metadata.Owners {
			rows = append(rows, []string{escape(o.Name), escape(o.Role), p.inline(o.Contact, true)})
		}
		p.table([]string{"Name", "Role", "Contact"}, rows)
	}
	p.heading(2, "How to read it")
	p.list([]string{
		"**Threat:** a bad event, told as circumstance, effect and impact. It is rated in three states: inherent (before any countermeasure), as installed (with what a default installation does) and hardened (with every countermeasure of the threat in place).",
		"**Status:** open; mitigated by default; mitigated if configured; accepted, transferred or avoided by a decision; obsolete when no release in scope has it. It follows from decision, releases, countermeasures and risks.",
		"**Must act:** those responsible for a countermeasure that is not on by default, and those who carry the risk to a control.",
		"**Susceptibility:** inherent (it cannot be configured away), default (as installed; configuration removes it), conditional (only in some configurations), resistant (the design resists; recorded because assessors ask). It never says that a control is met.",
		"**Coverage:** an entry of a catalogue is at risk, resistant, covered or partly covered (an entry of another list of threats), excluded with a reason, referenced, or not assessed. Of the latter nothing is said.",
		"**Border:** enforced (a check that holds), conditional (one that holds only in some installations) or conventional (a habit).",
	})
	p.heading(2, "Risk matrix")
	var matrix [][]string
	headings := []string{"Likelihood"}
	for _, impact := range model.Levels() {
		headings = append(headings, capital(plain(impact))+" impact")
	}
	for _, likelihood := range model.Levels() {
		row := []string{string(likelihood)}
		for _, impact := range model.Levels() {
			row = append(row, string(m.RiskMatrix[likelihood][impact]))
		}
		matrix = append(matrix, row)
	}
	p.table(headings, matrix)
	p.references(m.Metadata.References)
}

// records writes the pages of what keeps the model's own books.
func (b *book) records() {
	for _, k := range []model.Kind{model.Waivers, model.Reviews, model.Retirees, model.Inbox} {
		ids := b.m.IDs(k)
		if len(ids) == 0 {
			continue
		}
		p := b.collection(kebab(k)+".md", kindTitle(k))
		for _, id := range ids {
			p.head(2, id)
			p.labels = true
			if n := b.m.Inbox[id]; n != nil && k == model.Inbox {
				p.bold(n.Title, "note")
			}
			p.fields(k, id, nil)
			p.namedBy(id)
		}
	}
}
