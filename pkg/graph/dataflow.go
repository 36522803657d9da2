package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// allFlows returns the flows of the model in order.
func (b *builder) allFlows() []*model.Flow {
	var out []*model.Flow
	for _, id := range model.Keys(b.m.Flows) {
		out = append(out, b.m.Flows[id])
	}
	return out
}

// flowsOf returns the flows at any of the elements, each once, in order.
func (b *builder) flowsOf(elements []string) []*model.Flow {
	var out []*model.Flow
	for _, id := range elements {
		out = append(out, b.flows[id]...)
	}
	slices.SortFunc(out, func(x, y *model.Flow) int { return strings.Compare(x.ID, y.ID) })
	return slices.Compact(out)
}

// group draws several entries as one node.
func (b *builder) group(id, title, noun string, members []string) Node {
	return Node{ID: id, Role: Group, Lines: unique([]string{title, count(len(members), noun) + ": " + few(b.titles(members)), b.badge(b.threatsOn(members...))})}
}

// zoneNode draws a boundary and all it holds as one node.
func (b *builder) zoneNode(id string) Node {
	n := b.node(id)
	held := b.held[id]
	n.Lines = slices.Insert(n.Lines, 2, count(len(held), "component")+": "+few(b.titles(held)))
	return n
}

// actorGroup is the id of the node that stands for all actors of a position.
func actorGroup(position string) string { return "actors/" + position }

// addActorGroup draws all actors of a position as one node.
func (s *sketch) addActorGroup(pos string) {
	var members []string
	for _, id := range model.Keys(s.b.m.Actors) {
		if s.b.m.Actors[id].Position == pos {
			members = append(members, id)
		}
	}
	title := "Actors " + position(pos)
	if pos == "automation" {
		title = "Automation"
	}
	n := s.b.group(actorGroup(pos), title, "actor", members)
	n.Role = Actor
	s.add(n, "")
	for _, id := range members {
		s.rows = append(s.rows, Row{ID: id, Kind: model.Actors, Title: s.b.title(id), What: "one of the actors " + position(pos)})
	}
}

// context draws the system from far away: actors by where they stand, external entities, and all else in an outermost
// boundary as one node.
func (b *builder) context() {
	// A boundary around everything would leave nothing to see, so it is opened.
	level := 0
	for level < 3 && b.roots(level) == 1 && b.roots(level+1) > 1 {
		level++
	}
	outermost := func(id string) string {
		if chain := b.chain(b.zone(id, "")); len(chain) > level {
			return chain[level]
		}
		return ""
	}
	externals := make(map[string]int)
	for _, id := range model.Keys(b.m.Components) {
		if b.m.Components[id].Kind == "external-entity" {
			externals[outermost(id)]++
		}
	}
	fewActors := len(b.m.Actors) <= 6

	s := b.sketch()
	place := func(id string) string {
		if a := b.m.Actors[id]; a != nil {
			if fewActors {
				return id
			}
			return actorGroup(a.Position)
		}
		c := b.m.Components[id]
		if c == nil {
			return ""
		}
		at := outermost(id)
		switch {
		case at == "" || c.Kind == "external-entity" && externals[at] <= longestStage:
			return id
		case externals[at] > 0 && externals[at] <= longestStage:
			return at + "/others" // beside the boundary's external entities
		}
		return at
	}
	for _, id := range model.Keys(b.m.Actors) {
		if fewActors {
			s.add(b.node(id), "")
		} else {
			s.addActorGroup(b.m.Actors[id].Position)
		}
	}
	others := make(map[string][]string)
	for _, id := range model.Keys(b.m.Components) {
		others[place(id)] = append(others[place(id)], id)
	}
	for _, at := range model.Keys(others) {
		zone := outermost(others[at][0])
		switch {
		case at == zone:
			s.add(b.zoneNode(zone), b.m.Boundaries[zone].Parent)
		case len(others[at]) == 1 && others[at][0] == at:
			s.add(b.node(at), b.m.Components[at].Boundary)
		default:
			s.add(b.group(at, "Inside "+b.title(zone), "component", others[at]), zone)
		}
	}
	// An external entity is drawn in the outermost boundary, whatever lies between.
	for id := range s.nodes {
		if zone := outermost(id); b.m.Components[id] != nil && zone != "" {
			s.in[id] = zone
		}
	}
	s.merged(b.allFlows(), place)
	b.access(s, place)
	s.finish(Diagram{
		Name: "context", Title: "Context of " + b.m.Metadata.Title, Kind: DataFlow,
		Description: fmt.Sprintf("The system from outside: %s by where they stand, and the outermost boundaries with what passes between them.", count(len(b.m.Actors), "actor")),
	})
}

// access links actors to what they may use where no flow of theirs does, and else to where they stand.
func (b *builder) access(s *sketch, place func(string) string) {
	type ends struct{ from, to string }
	words := make(map[ends][]string)
	linked := make(map[ends]bool)
	active := make(map[string]bool)
	for _, e := range s.edges {
		linked[ends{e.From, e.To}] = true
		active[e.From] = true
	}
	for _, id := range model.Keys(b.m.Actors) {
		a := b.m.Actors[id]
		for _, element := range model.Keys(a.Access) {
			if at := place(element); at != "" {
				words[ends{place(id), at}] = append(words[ends{place(id), at}], plain(a.Access[element]))
				active[place(id)] = true
			}
		}
	}
	for _, id := range model.Keys(b.m.Actors) {
		for _, zone := range b.chain(b.m.Actors[id].Boundary) {
			for _, at := range []string{zone, zone + "/others"} {
				if _, ok := s.nodes[at]; ok && !active[place(id)] {
					words[ends{place(id), at}] = []string{"stand inside"}
				}
			}
		}
	}
	var order []ends
	for e := range words {
		if !linked[e] {
			order = append(order, e)
		}
	}
	slices.SortFunc(order, func(x, y ends) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) })
	for _, e := range order {
		slices.Sort(words[e])
		s.link(e.from, e.to, Dotted, strings.Join(slices.Compact(words[e]), ", "))
	}
	if len(order) > 0 {
		s.signs = append(s.signs, Sign{"Dotted arrow from an actor", "access that an actor has, or where actors stand that have none"})
	}
}

// roots counts the boundaries at a depth that hold components.
func (b *builder) roots(depth int) int {
	at := make(map[string]bool)
	for _, c := range b.m.Components {
		if chain := b.chain(c.Boundary); len(chain) > depth {
			at[chain[depth]] = true
		}
	}
	return len(at)
}

// boundaryMaps draws how the boundaries of each plane enclose each other: all planes in one diagram, or one each.
func (b *builder) boundaryMaps() {
	by := make(map[string][]string)
	for _, id := range model.Keys(b.m.Boundaries) {
		plane := b.m.Boundaries[id].Plane
		by[plane] = append(by[plane], id)
	}
	var maps [][]string
	if len(b.m.Boundaries) <= preferredNodes {
		maps = append(maps, model.Keys(b.m.Boundaries))
	} else {
		for _, plane := range model.Keys(by) {
			maps = append(maps, slices.Collect(slices.Chunk(by[plane], largestNodes))...)
		}
	}
	for i, ids := range maps {
		s := b.sketch()
		for _, id := range ids {
			x := b.m.Boundaries[id]
			n := b.node(id)
			n.Lines = []string{b.title(id), inward(x), "outward " + plain(x.Outward), count(len(b.held[id]), "component")}
			if x.Instances == "many" {
				n.Lines = append(n.Lines, "many such zones")
			}
			s.add(n, s.frame("plane/"+x.Plane, strings.ToUpper(x.Plane[:1])+x.Plane[1:]+" plane"))
		}
		for _, id := range ids {
			if parent := b.m.Boundaries[id].Parent; slices.Contains(ids, parent) {
				s.link(parent, id, Solid, "encloses")
			}
		}
		s.finish(part(Diagram{
			Name: "boundaries", Title: "Trust boundaries", Kind: BoundaryMap,
			Description: "The trust boundaries by plane, which one encloses which, and what entering and leaving each meets.",
		}, i, len(maps)))
	}
}

// boundary draws what a boundary holds and what its flows reach: in full, or with its surroundings and then its
// nested boundaries as one node each, or in parts.
func (b *builder) boundary(id string) {
	held := b.held[id]
	if len(held) == 0 {
		return
	}
	title := b.title(id)
	d := Diagram{
		Name: "boundary-" + id, Title: title, Kind: DataFlow,
		Description: fmt.Sprintf("%s: %s and what passes between them and their surroundings.", title, count(len(held), "component")),
	}
	full, far, near := b.inside(id, held, false, false), b.inside(id, held, true, false), b.inside(id, held, true, true)
	for _, way := range []struct {
		*sketch
		nodes, edges int
	}{
		{full, clearNodes, clearEdges},
		{far, clearNodes, clearEdges},
		{near, preferredNodes, preferredEdges},
		{far, largestNodes, largestEdges},
		{near, largestNodes, largestEdges},
	} {
		if way.fits(way.nodes, way.edges) {
			way.finish(d)
			return
		}
	}
	for n := preferredNodes / 2; ; n /= 2 {
		var parts []*sketch
		for chunk := range slices.Chunk(held, max(n, 1)) {
			parts = append(parts, b.inside(id, chunk, true, false))
		}
		if n <= 1 || !slices.ContainsFunc(parts, func(s *sketch) bool { return !s.fits(largestNodes, largestEdges) }) {
			for i, s := range parts {
				s.finish(part(d, i, len(parts)))
			}
			return
		}
	}
}

// inside sketches components of a boundary. Far draws what stands around as few nodes; near does so with the
// boundaries nested in it.
func (b *builder) inside(boundary string, held []string, far, near bool) *sketch {
	plane := b.m.Boundaries[boundary].Plane
	around := b.chain(boundary)
	depth := len(around) - 1
	s := b.sketch()
	reached := make(map[string][]string)
	others := func(zone string) string {
		s.add(Node{ID: zone + "/others", Role: Group, Outside: true, Lines: []string{"Other components", "in " + b.title(zone)}}, zone)
		return zone + "/others"
	}
	// whole draws a boundary as one node.
	whole := func(id, in string, outside bool) string {
		if _, ok := s.nodes[id]; !ok {
			n := b.zoneNode(id)
			n.Outside = outside
			s.add(n, in)
		}
		return id
	}
	// place returns the node that stands for an element, having drawn it.
	place := func(id string) string {
		if _, ok := s.nodes[id]; ok {
			return id
		}
		zone := b.zone(id, plane)
		chain := b.chain(zone)
		within := slices.Contains(chain, boundary)
		if within && b.m.Components[id] != nil && !slices.Contains(held, id) {
			return others(boundary) // in another part
		}
		if within {
			if near && len(chain) > depth+1 {
				return whole(chain[depth+1], boundary, false)
			}
			s.add(b.node(id), zone)
			return id
		}
		if far {
			// The first boundary that is not around the subject as well.
			for i, x := range chain {
				if i > depth || around[i] != x {
					reached[x] = append(reached[x], b.title(id))
					return whole(x, b.m.Boundaries[x].Parent, true)
				}
			}
			if a := b.m.Actors[id]; a != nil {
				s.addActorGroup(a.Position)
				return actorGroup(a.Position)
			}
			if zone != "" {
				return others(zone)
			}
		}
		n := b.node(id)
		n.Outside = true
		s.add(n, zone)
		return id
	}
	for _, id := range held {
		place(id)
	}
	s.merged(b.flowsOf(held), place)
	// Of what stands around, only what the flows reach matters here.
	for x, titles := range reached {
		n := s.nodes[x]
		n.Lines[2] = "in it: " + few(unique(titles))
		n.Lines = n.Lines[:3]
		s.nodes[x] = n
	}
	return s
}

// component draws a component, its neighbours, and each flow between them as an arrow of its own.
func (b *builder) component(id string) {
	flows := slices.Clone(b.flows[id])
	other := func(f *model.Flow) string {
		if f.From == id {
			return f.To
		}
		return f.From
	}
	slices.SortStableFunc(flows, func(x, y *model.Flow) int { return strings.Compare(other(x), other(y)) })
	title := b.title(id)
	d := Diagram{
		Name: "component-" + id, Title: title, Kind: DataFlow,
		Description: fmt.Sprintf("%s, its neighbours, and each of its %s.", title, count(len(flows), "flow")),
	}
	var parts []*sketch
	begin := func() *sketch {
		s := b.sketch()
		n := b.node(id)
		n.Stress = true
		s.add(n, b.m.Components[id].Boundary)
		parts = append(parts, s)
		return s
	}
	s := begin()
	for _, f := range flows {
		if len(s.nodes) >= preferredNodes || len(s.edges) >= preferredEdges {
			s = begin()
		}
		n := b.node(other(f))
		n.Outside = true
		s.add(n, b.zone(other(f), ""))
		s.flow(f.From, f.To, []string{f.ID, flowWords(f)}, f)
	}
	c := b.m.Components[id]
	for _, relation := range []struct {
		words string
		to    []string
	}{{"part of", c.PartOf}, {"runs on", c.RunsOn}} {
		for _, to := range unique(relation.to) {
			if b.m.Components[to] == nil || len(parts[0].nodes) >= largestNodes {
				continue
			}
			n := b.node(to)
			n.Outside = true
			parts[0].add(n, b.zone(to, ""))
			parts[0].link(id, to, Dotted, relation.words)
		}
	}
	for i, s := range parts {
		s.finish(part(d, i, len(parts)))
	}
}

// scenario draws the flows of a scenario, numbered in their order.
func (b *builder) scenario(id string) {
	x := b.m.Scenarios[id]
	s := b.sketch()
	type ends struct{ from, to string }
	var order []ends
	lines := make(map[ends][]string)
	flows := make(map[ends][]*model.Flow)
	for i, step := range x.Steps {
		f := b.m.Flows[step.Flow]
		if f == nil {
			continue
		}
		e := ends{f.From, f.To}
		if lines[e] == nil {
			order = append(order, e)
		}
		text := step.Note
		if text == "" {
			text = f.Title
		}
		lines[e] = append(lines[e], fmt.Sprintf("%d. %s", i+1, short(text, 90)))
		if !slices.Contains(flows[e], f) {
			flows[e] = append(flows[e], f)
		}
	}
	for _, e := range order {
		for _, end := range []string{e.from, e.to} {
			s.add(b.node(end), b.zone(end, ""))
		}
		s.flow(e.from, e.to, lines[e], flows[e]...)
	}
	s.finish(Diagram{Name: "scenario-" + id, Title: x.Title, Kind: DataFlow, Description: line(x.Description)})
}
