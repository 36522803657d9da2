package markdown

import (
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// themes writes a page for each theme, with a section for each of its threats.
func (b *book) themes() {
	if len(b.m.Themes) == 0 {
		return
	}
	index := b.collection("themes/README.md", "Themes")
	index.themeTable()
	for _, id := range model.Keys(b.m.Themes) {
		threats := b.threats[id]
		p := b.entryPage(model.Themes, id, "theme, "+count(len(threats), "threat", "threats"))
		p.labels = true
		p.text("", b.m.Themes[id].Description)
		p.fields(model.Themes, id, []string{"description"})
		p.namedBy(id, "threats.theme")
		if len(threats) > 0 {
			p.part("Threats")
			p.threatTable(threats, "Must act", p.mustAct)
		}
		p.diagrams("theme-" + id)
		for _, threat := range threats {
			p.threat(threat)
		}
	}
}

// themeTable counts the threats of each theme by their risk as installed.
func (p *page) themeTable() {
	var rows [][]string
	for _, id := range model.Keys(p.b.m.Themes) {
		ids := p.b.threats[id]
		counts := make(map[model.Level]int)
		for _, threat := range ids {
			counts[p.b.f.Threats[threat].AsInstalled.Risk]++
		}
		rows = append(rows, []string{p.link(id), escape(p.b.m.Themes[id].Title), fmt.Sprint(len(ids)),
			fmt.Sprint(counts[model.VeryHigh]), fmt.Sprint(counts[model.High]), fmt.Sprint(counts[model.Moderate]), fmt.Sprint(counts[model.Low] + counts[model.VeryLow])})
	}
	p.table([]string{"Theme", "Title", "Threats", "Very high as installed", "High", "Moderate", "Low or very low"}, rows)
}

// threat writes the section of a threat.
func (p *page) threat(id string) {
	t, f := p.b.m.Threats[id], p.b.f.Threats[id]
	p.section(id, t.Title, "threat, "+string(f.Status))
	line := fmt.Sprintf("Risk: inherent %s → as installed %s → hardened %s.", plain(f.Inherent.Risk), plain(f.AsInstalled.Risk), plain(f.Hardened.Risk))
	if act := p.mustAct(id); act != "" {
		line += " Must act: " + act + "."
	}
	p.say("%s", line)
	p.text("", t.Description)
	p.diagrams("threat-" + id)
	p.lines(p.b.label(model.Threats, "preconditions"), t.Preconditions)

	p.part("Why the ratings")
	p.table([]string{"State", "Likelihood", "Impact", "Risk"}, [][]string{
		{"inherent", plain(f.Inherent.Likelihood), plain(f.Inherent.Impact), plain(f.Inherent.Risk)},
		{"as installed", plain(f.AsInstalled.Likelihood), plain(f.AsInstalled.Impact), plain(f.AsInstalled.Risk)},
		{"hardened", plain(f.Hardened.Likelihood), plain(f.Hardened.Impact), plain(f.Hardened.Risk)},
	})
	p.text(p.b.label(model.Threats, "likelihood.reason"), t.Likelihood.Reason)
	p.text(p.b.label(model.Threats, "impact.reason"), t.Impact.Reason)
	if t.AsInstalled != nil {
		p.text(p.b.label(model.Threats, "asInstalled.reason"), t.AsInstalled.Reason)
	}
	if t.Hardened != nil {
		p.text(p.b.label(model.Threats, "hardened.reason"), t.Hardened.Reason)
	}
	p.mitigations(t)
	p.decision(t.Decision)
	p.exposures(t.PutsAtRisk)
	p.notes("Techniques", t.Techniques)
	p.notes("Weaknesses", t.Weaknesses)
	p.notes("Vulnerabilities", t.Vulnerabilities)
	p.covers(t.Covers)
	p.part("Details")
	p.fields(model.Threats, id, []string{"description", "preconditions", "likelihood.reason", "impact.reason", "asInstalled.reason", "hardened.reason"},
		[]string{"Crosses", p.links(f.Crossings)})
	p.releases(t.AffectedVersions)
	p.namedBy(id)
	p.references(t.References)
}

// mitigations writes what is done about a threat, and what each countermeasure leaves open.
func (p *page) mitigations(t *model.Threat) {
	if len(t.Countermeasures) == 0 {
		return
	}
	p.part("Countermeasures")
	var rows [][]string
	notes := false
	for _, id := range model.Keys(t.Countermeasures) {
		x := t.Countermeasures[id]
		notes = notes || x.Note != ""
		row := []string{p.link(id), "", x.Effect, x.Extent, "", ""}
		if c := p.b.m.Countermeasures[id]; c != nil {
			row[1], row[4], row[5] = escape(c.Title), byDefault(c.Default), p.party(c.Responsibility)
		}
		rows = append(rows, row)
	}
	p.table([]string{"Countermeasure", "Title", "Effect", "Extent", "As installed", "Who"}, rows)
	if !notes {
		return
	}
	p.part("What they leave open")
	for _, id := range model.Keys(t.Countermeasures) {
		if note := t.Countermeasures[id].Note; note != "" {
			p.item(p.link(id), note)
		}
	}
	p.end()
}

// decision writes what was decided about a risk.
func (p *page) decision(d *model.Decision) {
	if d == nil {
		return
	}
	p.part("Decision")
	p.table([]string{"Decision", "By", "Date"}, [][]string{{escape(d.What), p.inline(d.By, true), escape(d.Date)}})
	p.text("Decision reason", d.Reason)
}

// notes writes links to entries of catalogues, each with its remark.
func (p *page) notes(title string, links model.Links) {
	if len(links) == 0 {
		return
	}
	p.part(title)
	for _, catalog := range model.Keys(links) {
		ids := model.Keys(links[catalog])
		slices.SortFunc(ids, model.Natural)
		for _, id := range ids {
			p.item(p.cited(catalog, id), links[catalog][id].Note)
		}
	}
	p.end()
}

// cited names an entry of a catalogue with its title.
func (p *page) cited(catalog, id string) string {
	return fmt.Sprintf("%s %s (%s)", p.entry(catalog, id), escape(p.b.entryTitle(catalog, id)), p.catalog(catalog))
}

// covers writes the entries of other lists that a threat answers.
func (p *page) covers(covers map[string]map[string]*model.Cover) {
	if len(covers) == 0 {
		return
	}
	p.part("Answers in other lists")
	for _, catalog := range model.Keys(covers) {
		ids := model.Keys(covers[catalog])
		slices.SortFunc(ids, model.Natural)
		for _, id := range ids {
			c := covers[catalog][id]
			p.item(p.cited(catalog, id)+", extent "+escape(c.Extent), c.Note)
		}
	}
	p.end()
}
