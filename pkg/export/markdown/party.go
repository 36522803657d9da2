package markdown

import (
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// party is what one of those who make, run or use the system has to do with the model.
type party struct {
	// threats are those that it must act on; components and countermeasures those that it is responsible for.
	threats, components, countermeasures []string
	// controls are the catalogues' entries whose risk it carries, each catalogue and id.
	controls [][2]string
}

// findParties collects what each party has to do.
func (b *book) findParties() map[string]*party {
	all := make(map[string]*party)
	of := func(name string) *party {
		if all[name] == nil {
			all[name] = new(party)
		}
		return all[name]
	}
	for _, id := range model.Keys(b.m.Components) {
		p := of(b.m.Components[id].Responsibility)
		p.components = append(p.components, id)
	}
	for _, id := range model.Keys(b.m.Countermeasures) {
		p := of(b.m.Countermeasures[id].Responsibility)
		p.countermeasures = append(p.countermeasures, id)
	}
	for _, id := range model.Keys(b.m.Threats) {
		for _, name := range b.f.Threats[id].MustAct {
			p := of(name)
			p.threats = append(p.threats, id)
		}
	}
	for _, c := range model.Keys(b.f.Coverage) {
		ids := model.Keys(b.f.Coverage[c].Entries)
		slices.SortFunc(ids, model.Natural)
		for _, id := range ids {
			for _, name := range b.f.Coverage[c].Entries[id].Bearers {
				p := of(name)
				p.controls = append(p.controls, [2]string{c, id})
			}
		}
	}
	return all
}

// party names a party, with a link to what it has to do.
func (p *page) party(name string) string {
	if p.b.parties[name] == nil {
		return escape(name)
	}
	return p.to(escape(name), place{"parties.md", slug(name)})
}

// partyTable counts what each party has to do.
func (p *page) partyTable() {
	var rows [][]string
	for _, name := range model.Keys(p.b.parties) {
		x := p.b.parties[name]
		rows = append(rows, []string{p.party(name), fmt.Sprint(len(x.threats)), fmt.Sprint(len(x.controls)), fmt.Sprint(len(x.countermeasures)), fmt.Sprint(len(x.components))})
	}
	p.table([]string{"Party", "Threats to act on", "Controls whose risk it carries", "Countermeasures", "Components"}, rows)
}

// partyPage writes what each party has to do.
func (b *book) partyPage() {
	p := b.collection("parties.md", "Who must act")
	p.say("Parties are those who make, run or use a part of the system. One must act on a threat when a countermeasure that it is responsible for is not on by default, or when it carries the risk to a control.")
	p.partyTable()
	for _, name := range model.Keys(b.parties) {
		x := b.parties[name]
		p.head(2, name)
		p.labels = true
		if len(x.threats) > 0 {
			p.part("Threats to act on")
			p.threatTable(x.threats, "Theme", func(id string) string { return p.link(b.m.Threats[id].Theme) })
		}
		if len(x.countermeasures) > 0 {
			p.part("Countermeasures")
			var rows [][]string
			for _, id := range x.countermeasures {
				c := b.m.Countermeasures[id]
				rows = append(rows, []string{p.link(id), escape(c.Title), byDefault(c.Default), fmt.Sprint(len(b.named(id, model.Threats, "countermeasures")))})
			}
			p.table([]string{"Countermeasure", "Title", "As installed", "Threats"}, rows)
		}
		if len(x.controls) > 0 {
			p.part("Controls whose risk it carries")
			var rows [][]string
			for _, c := range x.controls {
				e := b.f.Coverage[c[0]].Entries[c[1]]
				rows = append(rows, []string{p.entry(c[0], c[1]), escape(b.entryTitle(c[0], c[1])), p.catalog(c[0]), plain(e.Worst), fmt.Sprint(len(e.Subjects))})
			}
			p.table([]string{"Control", "Title", "Catalogue", "Highest risk as installed", "Subjects"}, rows)
		}
		if len(x.components) > 0 {
			p.part("Components")
			p.say("%s.", p.links(x.components))
		}
	}
}

// byDefault says how a countermeasure is as installed.
func byDefault(word string) string {
	switch word {
	case "on":
		return "on"
	case "off":
		return "to be configured"
	case "conditional":
		return "depends on the installation"
	case "unavailable":
		return "not in the product"
	}
	return plain(word)
}
