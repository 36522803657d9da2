package analysis

import (
	"cmp"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// planes lists the planes in the schema's order.
func planes() []string {
	return []string{"execution", "network", "administrative", "tenancy", "supply-chain"}
}

// place is where one end of a flow stands: every zone around it, on every plane.
type place struct {
	// zones are in the order of the planes, the innermost first.
	zones []string
	in    map[string]bool
}

// geography finds the places of a model, each once.
type geography struct {
	model  *model.Model
	planes []string
	around map[string][]string
	places map[string]*place
}

// flows derives the facts of each flow.
//
// A flow crosses the borders of the zones that hold one end and not the other: the difference of the two sets of
// ancestors, on every plane. A tunnel that carries it changes nothing about that, since trust changes between the ends
// however the data gets there; what lies on the tunnel's own way are the crossings of the flow that is the tunnel.
// Where a zone with many instances holds both ends, only the flow can say whether it is the same instance: if it is
// another one, the flow leaves one and enters the next, which is one crossing of the kind "between".
func flows(m *model.Model) map[string]*FlowFacts {
	g := &geography{
		model:  m,
		planes: planes(),
		around: make(map[string][]string, len(m.Boundaries)),
		places: make(map[string]*place, len(m.Components)),
	}
	out := make(map[string]*FlowFacts, len(m.Flows))
	for id, f := range entries(m.Flows) {
		out[id] = &FlowFacts{Crossings: g.crossings(f)}
	}
	return out
}

// crossings returns the borders that a flow crosses, or none when it is not known where an end stands.
func (g *geography) crossings(f *model.Flow) []Crossing {
	from, to := g.place(f.From), g.place(f.To)
	if from == nil || to == nil {
		return nil
	}
	var outward, between, inward []Crossing
	for _, id := range from.zones {
		b := g.model.Boundaries[id]
		switch {
		case !to.in[id]:
			outward = append(outward, Crossing{id, b.Plane, "outward", b.Outward})
		case f.Between == "other-instance" && b.Instances == "many":
			between = append(between, Crossing{id, b.Plane, "between", weaker(b.Inward, b.Outward)})
		}
	}
	for _, id := range to.zones {
		if b := g.model.Boundaries[id]; !from.in[id] {
			inward = append(inward, Crossing{id, b.Plane, "inward", b.Inward})
		}
	}
	// Zones come the innermost first. Whoever enters meets the outermost first, plane by plane.
	slices.Reverse(inward)
	slices.SortStableFunc(inward, func(a, b Crossing) int { return cmp.Compare(g.rank(a.Plane), g.rank(b.Plane)) })
	return slices.Concat(outward, between, inward)
}

// place returns where a component or an actor stands, or nil when there is no such end. An actor without a boundary
// stands outside of all zones.
func (g *geography) place(end string) *place {
	if p, known := g.places[end]; known {
		return p
	}
	var p *place
	if c := g.model.Components[end]; c != nil {
		p = g.within(append([]string{c.Boundary}, c.AlsoIn...))
	} else if a := g.model.Actors[end]; a != nil {
		p = g.within([]string{a.Boundary})
	}
	g.places[end] = p
	return p
}

// within returns the place inside of all given boundaries.
func (g *geography) within(boundaries []string) *place {
	p := &place{in: make(map[string]bool)}
	for _, b := range boundaries {
		for _, zone := range g.ancestors(b) {
			if !p.in[zone] {
				p.in[zone] = true
				p.zones = append(p.zones, zone)
			}
		}
	}
	slices.SortFunc(p.zones, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(g.rank(g.model.Boundaries[a].Plane), g.rank(g.model.Boundaries[b].Plane)),
			cmp.Compare(len(g.ancestors(b)), len(g.ancestors(a))),
			cmp.Compare(a, b),
		)
	})
	return p
}

// ancestors returns a boundary and those around it, the innermost first.
func (g *geography) ancestors(id string) []string {
	if around, known := g.around[id]; known {
		return around
	}
	var around []string
	seen := make(map[string]bool)
	for at := id; !seen[at]; {
		b := g.model.Boundaries[at]
		if b == nil {
			break
		}
		seen[at] = true
		around = append(around, at)
		at = b.Parent
	}
	g.around[id] = around
	return around
}

// rank orders planes; one that the schema does not know comes last.
func (g *geography) rank(plane string) int {
	if i := slices.Index(g.planes, plane); i >= 0 {
		return i
	}
	return len(g.planes)
}

// weaker returns the weaker of two strengths. What the schema does not know counts as the weakest.
func weaker(a, b string) string {
	order := []string{"conventional", "conditional", "enforced"}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// threatCrossings returns the boundaries that the flows on a threat's way cross.
func threatCrossings(t *model.Threat, flows map[string]*FlowFacts) []string {
	var ids []string
	for _, element := range slices.Concat(t.Entry, t.Via, t.Affects) {
		if f := flows[element]; f != nil {
			for _, c := range f.Crossings {
				insert(&ids, c.Boundary)
			}
		}
	}
	return ids
}
