package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// selection is what a view holds, each list in order.
type selection struct{ components, actors, threats []string }

// selected finds what a selection picks: an element is in when any of the lists names it.
func (b *builder) selected(sel model.Selection) selection {
	var out selection
	tagged := func(tags []string) bool {
		return slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(sel.Tags, t) })
	}
	var inside []string
	for _, id := range sel.Boundaries {
		if b.m.Boundaries[id] != nil {
			inside = append(inside, b.held[id]...)
		}
	}
	for _, id := range model.Keys(b.m.Components) {
		if slices.Contains(sel.Components, id) || slices.Contains(inside, id) || tagged(b.m.Components[id].Tags) {
			out.components = append(out.components, id)
		}
	}
	for _, id := range model.Keys(b.m.Actors) {
		if slices.Contains(sel.Actors, id) {
			out.actors = append(out.actors, id)
		}
	}
	for _, id := range model.Keys(b.m.Threats) {
		t := b.m.Threats[id]
		if slices.Contains(sel.Themes, t.Theme) || tagged(t.Tags) ||
			slices.ContainsFunc(t.Actors, func(a string) bool { return slices.Contains(sel.Actors, a) }) {
			out.threats = append(out.threats, id)
		}
	}
	return out
}

// mostInView is how many threats a view draws: the worst ones, since nobody pages through a picture. The page of the view
// and the diagrams of themes have the others.
const mostInView = 32

// view draws a view by its kind.
func (b *builder) view(id string) {
	v := b.m.Views[id]
	sel := b.selected(v.Selects)
	d := Diagram{Name: stem("view", id, b.m.Views), Subject: id, Title: v.Title, Kind: DataFlow, Description: line(v.Description)}
	switch v.Kind {
	case "threat-map":
		if len(sel.threats) == 0 {
			sel.threats = b.threatsOn(sel.components...)
		}
		d.Kind = ThemeOverview
		if n := len(sel.threats); n > mostInView {
			sel.threats = b.f.Worst(sel.threats)[:mostInView]
			d.Title += fmt.Sprintf(": the worst %d of %d threats", mostInView, n)
		}
		b.overview(d, id, sel.threats)
	case "trust":
		d.Kind = TrustGraph
		b.trust(d, sel.components)
	default:
		b.flowView(d, sel, v.Kind == "responsibility")
	}
}

// flowView draws the flows among what is selected: in full, or with the boundaries drawn as one node each where that
// is too much. By who runs what, instead of by boundary, when asked.
func (b *builder) flowView(d Diagram, sel selection, byParty bool) {
	elements := slices.Concat(sel.components, sel.actors)
	if len(sel.components) == 0 { // threats alone pick what they harm
		for _, t := range sel.threats {
			for _, id := range unique(b.m.Threats[t].Affects) {
				if b.m.Components[id] != nil && !slices.Contains(elements, id) {
					elements = append(elements, id)
				}
			}
		}
		slices.Sort(elements)
	}
	var s *sketch
	for _, depth := range []int{-1, 2, 1, 0} {
		s = b.sketch()
		place := func(id string) string {
			if !slices.Contains(elements, id) {
				return ""
			}
			chain := b.chain(b.zone(id, ""))
			c := b.m.Components[id]
			frame := ""
			if byParty && c != nil {
				frame = s.frame("party/"+c.Responsibility, "Run by the "+plain(c.Responsibility))
			}
			switch {
			case depth < 0 || len(chain) <= depth || c == nil:
				in := b.zone(id, "")
				if byParty {
					in = frame
				}
				s.add(b.node(id), in)
				return id
			case byParty:
				n := b.zoneNode(chain[depth])
				n.ID += "/" + c.Responsibility
				s.add(n, frame)
				return n.ID
			}
			s.add(b.zoneNode(chain[depth]), b.m.Boundaries[chain[depth]].Parent)
			return chain[depth]
		}
		for _, id := range elements {
			place(id)
		}
		s.merged(b.flowsOf(elements), place)
		if s.fits(largestNodes, largestEdges) {
			break
		}
	}
	s.finish(d)
}

// trust draws which component issues each credential and key, which one believes it, and which one holds it: all of
// them, or those that the given components have to do with.
func (b *builder) trust(d Diagram, components []string) {
	var parts []*sketch
	s := b.sketch()
	for _, id := range model.Keys(b.m.Assets) {
		c := b.m.Assets[id].Credential
		if c == nil {
			continue
		}
		var holders []string
		for _, h := range model.Keys(b.m.Components) {
			if b.m.Components[h].Holds[id] != nil && !slices.Contains(c.IssuedBy, h) && !slices.Contains(c.AcceptedBy, h) {
				holders = append(holders, h)
			}
		}
		ends := unique(slices.Concat(c.IssuedBy, c.AcceptedBy, holders))
		if len(components) > 0 && !slices.ContainsFunc(ends, func(e string) bool { return slices.Contains(components, e) }) {
			continue
		}
		if len(s.nodes) > 0 && !s.fits(preferredNodes-1-len(ends), preferredEdges-len(ends)) {
			parts = append(parts, s)
			s = b.sketch()
		}
		n := b.node(id)
		if c.Revocation != "" {
			n.Lines = append(n.Lines, "revocation: "+plain(c.Revocation))
		}
		s.add(n, "")
		// component draws one end and tells whether there is such a component. Those that believe a credential stand on
		// the other side of it, and so apart from themselves as issuers.
		component := func(id, side string) bool {
			n := b.node(id)
			if b.m.Components[id] == nil {
				return false
			}
			n.ID += side
			n.Lines = []string{n.Lines[0], "in " + b.title(b.m.Components[id].Boundary)}
			s.add(n, "")
			return true
		}
		for _, x := range unique(c.IssuedBy) {
			if component(x, "") {
				s.link(x, id, Solid, "issues")
			}
		}
		for _, x := range holders {
			if component(x, "") {
				s.link(x, id, Dotted, "holds, "+plain(b.m.Components[x].Holds[id].Form))
			}
		}
		for _, x := range unique(c.AcceptedBy) {
			if component(x, "/believes") {
				s.link(id, x+"/believes", Solid, "is believed by")
			}
		}
	}
	parts = append(parts, s)
	for i, s := range parts {
		s.finish(part(d, i, len(parts)))
	}
}

// remainder draws what no other diagram does, so that nothing of the model is without a picture.
func (b *builder) remainder() {
	const most = 20
	var left []string
	for _, kind := range []model.Kind{model.Boundaries, model.Components, model.Actors, model.Assets, model.Features,
		model.Threats, model.Countermeasures, model.Themes, model.Assumptions, model.Profiles, model.Tensions, model.Waivers,
		model.Reviews, model.Retirees} {
		for _, id := range b.m.IDs(kind) {
			if !b.drawn[id] {
				left = append(left, id)
			}
		}
	}
	var flows []string
	for _, id := range model.Keys(b.m.Flows) {
		if !b.drawn[id] {
			flows = append(flows, id)
		}
	}
	var parts []*sketch
	for chunk := range slices.Chunk(left, most) {
		s := b.sketch()
		for _, id := range chunk {
			kind := b.index[id]
			s.add(b.node(id), s.grid("kind/"+string(kind), strings.ToUpper(string(kind)[:1])+string(kind)[1:], ""))
		}
		parts = append(parts, s)
	}
	for chunk := range slices.Chunk(flows, most) {
		s := b.sketch()
		for _, id := range chunk {
			f := b.m.Flows[id]
			for _, end := range []string{f.From, f.To} {
				s.add(b.node(end), b.zone(end, ""))
			}
			s.flow(f.From, f.To, []string{f.ID, flowWords(f)}, f)
		}
		parts = append(parts, s)
	}
	for i, s := range parts {
		s.finish(part(Diagram{
			Name: "remainder", Title: "What no other diagram shows", Kind: Remainder,
			Description: fmt.Sprintf("%s and %s that stand alone in the model.", count(len(left), "entry"), count(len(flows), "flow")),
		}, i, len(parts)))
	}
}
