package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// boundaries writes a page for each boundary.
func (b *book) boundaries() {
	if len(b.m.Boundaries) == 0 {
		return
	}
	index := b.collection("boundaries/README.md", "Boundaries")
	index.say("A boundary is a zone that holds components. Its border is where trust changes: what enters or leaves meets a check that holds (enforced), one that holds only in some installations (conditional), or a habit (conventional).")
	var rows [][]string
	for _, id := range model.Keys(b.m.Boundaries) {
		x := b.m.Boundaries[id]
		rows = append(rows, []string{index.link(id), escape(x.Title), plain(x.Plane), index.link(x.Parent), x.Inward, x.Outward,
			fmt.Sprint(len(b.named(id, model.Components, "boundary", "alsoIn")))})
	}
	index.table([]string{"Boundary", "Title", "Plane", "Inside", "Inward", "Outward", "Components"}, rows)
	index.diagrams("boundaries")
	for _, id := range model.Keys(b.m.Boundaries) {
		b.boundary(id)
	}
}

func (b *book) boundary(id string) {
	x := b.m.Boundaries[id]
	p := b.entryPage(model.Boundaries, id, fmt.Sprintf("boundary on the %s plane; entering it is %s, leaving it is %s", plain(x.Plane), x.Inward, x.Outward))
	p.text("", x.Description)
	p.fields(model.Boundaries, id, []string{"description"},
		[]string{"Lies in", p.nesting(id)},
		[]string{"Zones in it", p.links(b.named(id, model.Boundaries, "parent"))})
	p.diagrams("boundary-" + id)

	if ids := b.named(id, model.Components, "boundary", "alsoIn"); len(ids) > 0 {
		p.part("Holds")
		var rows [][]string
		for _, c := range ids {
			x := b.m.Components[c]
			where := "here"
			if x.Boundary != id {
				where = p.link(x.Boundary)
			}
			rows = append(rows, []string{p.link(c), escape(x.Title), plain(x.Kind), p.party(x.Responsibility), where})
		}
		p.table([]string{"Component", "Title", "Kind", "Run by", "Drawn in"}, rows)
	}
	if len(x.EnforcedBy) > 0 {
		p.part("What enforces the border")
		var rows [][]string
		for _, c := range x.EnforcedBy {
			row := []string{p.link(c), "", "", ""}
			if c := b.m.Countermeasures[c]; c != nil {
				row[1], row[2], row[3] = escape(c.Title), byDefault(c.Default), p.party(c.Responsibility)
			}
			rows = append(rows, row)
		}
		p.table([]string{"Countermeasure", "Title", "As installed", "Who"}, rows)
	}
	if crossed := b.crossed[id]; len(crossed) > 0 {
		p.part("Flows that cross it")
		var rows [][]string
		for _, c := range crossed {
			f := b.m.Flows[c.flow]
			rows = append(rows, []string{p.link(c.flow), p.link(f.From), p.link(f.To), c.Direction, c.Strength, plain(f.TrustBasis), plain(f.Encryption)})
		}
		p.table([]string{"Flow", "From", "To", "Direction", "Border", "Trust basis", "Encryption"}, rows)
	}
	p.threatsOn(id)
	p.namedBy(id, "boundaries.parent", "components", "threats")
	p.asked(id)
}

// nesting are the boundaries around one, the outermost first.
func (p *page) nesting(id string) string {
	var around []string
	for at := p.b.m.Boundaries[id].Parent; p.b.m.Boundaries[at] != nil && !slices.Contains(around, at); at = p.b.m.Boundaries[at].Parent {
		around = append(around, at)
	}
	slices.Reverse(around)
	return p.links(around)
}

// components writes a page for each component.
func (b *book) components() {
	if len(b.m.Components) == 0 {
		return
	}
	index := b.collection("components/README.md", "Components")
	var rows [][]string
	for _, id := range model.Keys(b.m.Components) {
		c := b.m.Components[id]
		rows = append(rows, []string{index.link(id), escape(c.Title), plain(c.Kind), index.link(c.Boundary), index.party(c.Responsibility),
			fmt.Sprint(len(b.named(id, model.Flows, "from", "to"))), fmt.Sprint(len(b.named(id, model.Threats)))})
	}
	index.table([]string{"Component", "Title", "Kind", "Boundary", "Run by", "Flows", "Threats"}, rows)
	for _, id := range model.Keys(b.m.Components) {
		b.component(id)
	}
}

func (b *book) component(id string) {
	c := b.m.Components[id]
	p := b.entryPage(model.Components, id, plain(c.Kind)+" run by the "+plain(c.Responsibility))
	p.text("", c.Description)
	p.fields(model.Components, id, []string{"description", "holds"})
	p.diagrams("component-" + id)
	p.flowTable(id)
	if len(c.Holds) > 0 {
		p.part("Holds")
		var rows [][]string
		for _, asset := range model.Keys(c.Holds) {
			row := []string{p.link(asset), "", escape(c.Holds[asset].Form), "", "", ""}
			if a := b.m.Assets[asset]; a != nil {
				row[1], row[3], row[4], row[5] = escape(a.Title), a.Confidentiality, a.Integrity, a.Availability
			}
			rows = append(rows, row)
		}
		p.table([]string{"Asset", "Title", "Form", "Confidentiality", "Integrity", "Availability"}, rows)
	}
	p.threatsOn(id)
	p.exposures(c.PutsAtRisk)
	if features := b.named(id, model.Features, "component"); len(features) > 0 {
		p.part("Features")
		p.featureTable(features)
	}
	p.namedBy(id, "flows.from", "flows.to", "threats", "features")
	p.asked(id)
	p.references(c.References)
}

// featureTable lists features with the controls that they put at risk.
func (p *page) featureTable(ids []string) {
	var rows [][]string
	for _, id := range ids {
		f := p.b.m.Features[id]
		rows = append(rows, []string{p.link(id), escape(f.Title), plain(f.Kind), plain(f.Default), p.controls(f.PutsAtRisk),
			fmt.Sprint(len(p.b.named(id, model.Threats, "arisesFrom")))})
	}
	p.table([]string{"Feature", "Title", "Kind", "Default", "Controls at risk, or resisted", "Threats"}, rows)
}

// controls are links to the entries of catalogues that something puts at risk or resists.
func (p *page) controls(x model.Exposures) string {
	var out []string
	for _, catalog := range model.Keys(x) {
		ids := model.Keys(x[catalog])
		slices.SortFunc(ids, model.Natural)
		for _, id := range ids {
			out = append(out, p.entry(catalog, id))
		}
	}
	return strings.Join(out, ", ")
}

// actors writes a page for each actor.
func (b *book) actors() {
	if len(b.m.Actors) == 0 {
		return
	}
	index := b.collection("actors/README.md", "Actors")
	index.say("An actor is who or what can bring a threat about, told by position and by the kind of source (SP 800-30 Rev 1), not by one word.")
	var rows [][]string
	for _, id := range model.Keys(b.m.Actors) {
		a := b.m.Actors[id]
		rows = append(rows, []string{index.link(id), escape(a.Title), plain(a.Position), plain(a.Source), plain(a.Capability),
			fmt.Sprint(len(b.named(id, model.Threats, "actors")))})
	}
	index.table([]string{"Actor", "Title", "Position", "Source", "Capability", "Threats"}, rows)
	for _, id := range model.Keys(b.m.Actors) {
		b.actor(id)
	}
}

func (b *book) actor(id string) {
	a := b.m.Actors[id]
	p := b.entryPage(model.Actors, id, "actor, "+plain(a.Position))
	p.text("", a.Description)
	p.fields(model.Actors, id, []string{"description", "access", "oversight.trace"})
	p.diagrams("actor-" + id)
	if len(a.Access) > 0 {
		p.part("Access")
		var rows [][]string
		for _, element := range model.Keys(a.Access) {
			rows = append(rows, []string{p.link(element), escape(b.titles[element]), b.f.Index[element].Singular(), escape(a.Access[element])})
		}
		p.table([]string{"Element", "Title", "Kind", "Access"}, rows)
	}
	if a.Oversight != nil {
		p.part("Oversight")
		p.text(b.label(model.Actors, "oversight.trace"), a.Oversight.Trace)
	}
	p.flowTable(id)
	p.threatsOn(id)
	p.namedBy(id, "flows.from", "flows.to", "threats")
	p.asked(id)
	p.references(a.References)
}

// assets writes the page of assets, with the trust that their credentials carry.
func (b *book) assets() {
	if len(b.m.Assets) == 0 {
		return
	}
	p := b.collection("assets.md", "Assets")
	var rows [][]string
	for _, id := range model.Keys(b.m.Assets) {
		a := b.m.Assets[id]
		rows = append(rows, []string{p.link(id), escape(a.Title), a.Kind, a.Confidentiality, a.Integrity, a.Availability, fmt.Sprint(len(b.named(id, model.Threats)))})
	}
	p.table([]string{"Asset", "Title", "Kind", "Confidentiality", "Integrity", "Availability", "Threats"}, rows)
	p.diagrams("trust")
	for _, id := range model.Keys(b.m.Assets) {
		a := b.m.Assets[id]
		p.section(id, a.Title, "asset, "+plain(a.Kind))
		p.text("", a.Description)
		var held []string
		for _, c := range b.named(id, model.Components, "holds") {
			held = append(held, p.link(c)+": "+escape(b.m.Components[c].Holds[id].Form))
		}
		p.fields(model.Assets, id, []string{"description"}, []string{"Held by", strings.Join(held, ", ")})
		p.threatsOn(id)
		p.namedBy(id, "components.holds", "threats")
		p.asked(id)
		p.references(a.References)
	}
}

// flows writes the page of flows.
func (b *book) flows() {
	if len(b.m.Flows) == 0 {
		return
	}
	p := b.collection("flows.md", "Flows")
	p.say("A flow goes from the side that initiates to the side that answers.")
	var rows [][]string
	for _, id := range model.Keys(b.m.Flows) {
		f := b.m.Flows[id]
		rows = append(rows, []string{p.link(id), p.link(f.From), p.link(f.To), p.inline(f.Protocol, true), plain(f.TrustBasis), plain(f.Encryption), fmt.Sprint(len(b.f.Flows[id].Crossings))})
	}
	p.table([]string{"Flow", "From", "To", "Protocol", "Trust basis", "Encryption", "Borders crossed"}, rows)
	for _, id := range model.Keys(b.m.Flows) {
		f := b.m.Flows[id]
		p.section(id, f.Title, "flow")
		p.text("", f.Description)
		p.fields(model.Flows, id, []string{"description"}, []string{"Crosses", p.crossings(id)})
		p.threatsOn(id)
		p.namedBy(id, "threats")
		p.asked(id)
	}
}

// features writes the page of features.
func (b *book) features() {
	if len(b.m.Features) == 0 {
		return
	}
	index := b.collection("features/README.md", "Features")
	index.say("A feature is a design, capability, runtime behaviour or configuration option that threats arise from, or that puts controls at risk without any attacker.")
	index.featureTable(model.Keys(b.m.Features))
	b.byComponent(model.Features, func(p *page, id string) {
		f := b.m.Features[id]
		p.section(id, f.Title, "feature, "+plain(f.Kind))
		p.text("", f.Description)
		p.fields(model.Features, id, []string{"description"})
		p.threatsOn(id)
		p.exposures(f.PutsAtRisk)
		p.namedBy(id, "threats")
		p.references(f.References)
	})
}

// byComponent writes the entries of a kind, on a page for each component.
func (b *book) byComponent(k model.Kind, write func(p *page, id string)) {
	for _, c := range b.chapters[k] {
		p := b.collection(c.path, chapterHeading(k, c.component))
		if c.component != "" {
			p.say("They belong to the component %s.", p.link(c.component))
		}
		for _, id := range c.ids {
			write(p, id)
		}
	}
}

// countermeasures writes the page of countermeasures.
func (b *book) countermeasures() {
	if len(b.m.Countermeasures) == 0 {
		return
	}
	index := b.collection("countermeasures/README.md", "Countermeasures")
	var rows [][]string
	for _, id := range model.Keys(b.m.Countermeasures) {
		c := b.m.Countermeasures[id]
		rows = append(rows, []string{index.link(id), escape(c.Title), byDefault(c.Default), index.party(c.Responsibility), index.link(c.Component), fmt.Sprint(len(b.named(id, model.Threats, "countermeasures")))})
	}
	index.table([]string{"Countermeasure", "Title", "As installed", "Who", "Component", "Threats"}, rows)
	b.byComponent(model.Countermeasures, func(p *page, id string) {
		c := b.m.Countermeasures[id]
		p.section(id, c.Title, "countermeasure, "+byDefault(c.Default))
		p.text("", c.Description)
		p.fields(model.Countermeasures, id, []string{"description"})
		p.mitigates(id)
		p.supports(c.Supports)
		p.releases(c.AffectedVersions)
		p.namedBy(id, "threats.countermeasures")
		p.references(c.References)
	})
}

// mitigates lists the threats that a countermeasure acts on.
func (p *page) mitigates(id string) {
	threats := p.b.named(id, model.Threats, "countermeasures")
	if len(threats) == 0 {
		return
	}
	p.part("Threats")
	var rows [][]string
	for _, t := range threats {
		x := p.b.m.Threats[t]
		f := p.b.f.Threats[t]
		rows = append(rows, []string{p.link(t), escape(x.Title), x.Countermeasures[id].Effect, x.Countermeasures[id].Extent, plain(f.AsInstalled.Risk), plain(f.Hardened.Risk)})
	}
	p.table([]string{"Threat", "Title", "Effect", "Extent", "As installed", "Hardened"}, rows)
}

// supports writes the controls that a countermeasure helps with.
func (p *page) supports(supports map[string]map[string]*model.Support) {
	if len(supports) == 0 {
		return
	}
	p.part("Controls that it helps with")
	for _, catalog := range model.Keys(supports) {
		ids := model.Keys(supports[catalog])
		slices.SortFunc(ids, model.Natural)
		for _, id := range ids {
			p.item(p.cited(catalog, id), supports[catalog][id].Rationale)
		}
	}
	p.end()
}
