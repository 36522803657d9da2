package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	n, ok := b.zones[id]
	if !ok {
		n = b.node(id)
		held := b.held[id]
		n.Lines = slices.Insert(n.Lines, 2, count(len(held), "component")+": "+few(b.titles(held)))
		b.zones[id] = n
	}
	n.Lines = slices.Clone(n.Lines) // the caller's own
	return n
}

// actorGroup is the id of the node that stands for all actors of a position.
func actorGroup(position string) string { return "actors/" + position }

// addActorGroup draws all actors of a position as one node.
func (s *sketch) addActorGroup(pos string) {
	if _, ok := s.nodes[actorGroup(pos)]; ok {
		return
	}
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

// fewExternals is how many external entities the context diagram draws each.
const fewExternals = 4

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
	// External entities are drawn beside their boundary's other components, where they are few in all.
	externals, total := make(map[string]int), 0
	for _, id := range model.Keys(b.m.Components) {
		if b.m.Components[id].Kind == "external-entity" {
			externals[outermost(id)]++
			total++
		}
	}
	if total > fewExternals {
		clear(externals)
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
		case at == "" || c.Kind == "external-entity" && externals[at] > 0:
			return id
		case externals[at] > 0:
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
	// Of several flows the picture says what they are, and the table who they are authenticated by; more has no room.
	// Arrows from what no arrow leads to come first, which has layouts put those things apart from what they reach.
	reached := make(map[string]bool)
	for i, e := range s.edges {
		if len(e.Flows) > 1 {
			s.edges[i].Lines = e.Lines[:1]
		}
		reached[e.To] = true
	}
	slices.SortStableFunc(s.edges, func(x, y Edge) int {
		switch {
		case reached[x.From] == reached[y.From]:
			return 0
		case reached[x.From]:
			return 1
		}
		return -1
	})
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
			s.add(n, s.grid("plane/"+x.Plane, strings.ToUpper(x.Plane[:1])+x.Plane[1:]+" plane", ""))
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
		Name: stem("boundary", id, b.m.Boundaries), Subject: id, Title: title, Kind: DataFlow,
		Description: fmt.Sprintf("%s: %s and what passes between them and their surroundings.", title, count(len(held), "component")),
	}
	full := sync.OnceValue(func() *sketch { return b.inside(id, held, false, false) })
	far := sync.OnceValue(func() *sketch { return b.inside(id, held, true, false) })
	near := sync.OnceValue(func() *sketch { return b.inside(id, held, true, true) })
	for _, way := range []struct {
		sketch       func() *sketch
		least        int // how many nodes it has at least
		nodes, edges int
	}{
		{full, len(held), clearNodes, clearEdges},
		{far, len(held), clearNodes, clearEdges},
		{near, 1, preferredNodes, preferredEdges},
		{far, len(held), largestNodes, largestEdges},
		{near, 1, largestNodes, largestEdges},
	} {
		if way.least > way.nodes {
			continue
		}
		if s := way.sketch(); s.fits(way.nodes, way.edges) {
			s.finish(d)
			return
		}
	}
	for n := preferredNodes / 2; ; n /= 2 {
		var parts []*sketch
		fit := true
		for chunk := range slices.Chunk(held, max(n, 1)) {
			s := b.inside(id, chunk, true, false)
			parts = append(parts, s)
			if fit = s.fits(largestNodes, largestEdges); !fit && n > 1 {
				break
			}
		}
		if n <= 1 || fit {
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
	subjects := make(map[string]bool, len(held))
	for _, id := range held {
		subjects[id] = true
	}
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
		if within && b.m.Components[id] != nil && !subjects[id] {
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

// component draws a component, its neighbours, and each flow between them as an arrow of its own. Of a component with
// many flows, see merger, it draws several neighbours as one node and leaves the ids of the flows to the table.
func (b *builder) component(id string) {
	flows := slices.Clone(b.flows[id])
	title := b.title(id)
	d := Diagram{
		Name: stem("component", id, b.m.Components), Subject: id, Title: title, Kind: DataFlow,
		Description: fmt.Sprintf("%s, its neighbours, and each of its %s.", title, count(len(flows), "flow")),
	}
	hub := b.hub(id)
	merged := make(map[string]Node)
	if hub {
		merged = b.merger(id)
		d.Description = fmt.Sprintf("%s, its neighbours, and its %s.", title, count(len(flows), "flow"))
	}
	// place is where the other end of a flow is drawn.
	place := func(f *model.Flow) string {
		end := otherEnd(f, id)
		if n, ok := merged[end]; ok {
			return n.ID
		}
		return end
	}
	slices.SortStableFunc(flows, func(x, y *model.Flow) int { return strings.Compare(place(x), place(y)) })
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
	for i := 0; i < len(flows); {
		at := place(flows[i])
		end := i + 1
		for end < len(flows) && place(flows[end]) == at {
			end++
		}
		group := flows[i:end]
		i = end
		if n, ok := merged[otherEnd(group[0], id)]; ok {
			if len(s.nodes) >= preferredNodes || len(s.edges) >= preferredEdges {
				s = begin()
			}
			s.add(n, b.zone(otherEnd(group[0], id), ""))
			s.merged(group, func(x string) string {
				if x == id {
					return id
				}
				return n.ID
			})
			for _, member := range unique(ends(group, id)) {
				if member == n.ID {
					continue
				}
				s.rows = append(s.rows, Row{ID: member, Kind: b.index[member], Title: b.title(member), What: sentence("in "+b.title(b.zone(member, "")), "around the subject")})
			}
			continue
		}
		for _, f := range group {
			if len(s.nodes) >= preferredNodes || len(s.edges) >= preferredEdges {
				s = begin()
			}
			n := b.node(at)
			n.Outside = true
			s.add(n, b.zone(at, ""))
			lines := []string{f.ID, flowWords(f)}
			if hub {
				lines = lines[1:]
			}
			s.flow(f.From, f.To, lines, f)
		}
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
	if hub {
		for _, s := range parts {
			s.signs = append(s.signs, Sign{"Arrow without an id", "the table has the id of each flow"})
		}
	}
	for i, s := range parts {
		s.finish(part(d, i, len(parts)))
	}
}

// otherEnd is the end of a flow that is not an element.
func otherEnd(f *model.Flow, id string) string {
	if f.From == id {
		return f.To
	}
	return f.From
}

// ends lists the other ends of flows of an element.
func ends(flows []*model.Flow, id string) []string {
	var out []string
	for _, f := range flows {
		out = append(out, otherEnd(f, id))
	}
	return out
}

// hub tells whether a component has so many flows that its picture shows them merged.
func (b *builder) hub(id string) bool { return len(b.flows[id]) > hubFlows }

// merger finds the nodes that stand for neighbours of a hub with all their flows: one for those in a boundary that the
// hub calls, and one for the others there. It leaves out those whose own diagrams would not draw each of these flows.
func (b *builder) merger(id string) map[string]Node {
	c := b.m.Components[id]
	called := make(map[string]bool)
	for _, f := range b.flows[id] {
		called[f.To] = true
	}
	groups := make(map[string][]string)
	for _, end := range unique(ends(b.flows[id], id)) {
		zone := b.zone(end, "")
		if end == id || b.m.Components[end] == nil || b.m.Boundaries[zone] == nil || b.hub(end) || slices.Contains(c.PartOf, end) || slices.Contains(c.RunsOn, end) {
			continue
		}
		side := "calls"
		if called[end] {
			side = "called"
		}
		groups[zone+"/"+side] = append(groups[zone+"/"+side], end)
	}
	merged := make(map[string]Node)
	for at, members := range groups {
		slices.Sort(members)
		if len(members) == 1 {
			n := b.node(members[0])
			n.Outside = true
			merged[members[0]] = n
			continue
		}
		n := Node{ID: at, Role: Group, Outside: true, Lines: []string{count(len(members), "component") + ":"}}
		if len(members) <= longestStage {
			n.Lines = append(n.Lines, unique(b.titles(members))...)
		} else {
			n.Lines = append(n.Lines, few(b.titles(members)))
		}
		if badge := b.badge(b.threatsOn(members...)); badge != "" {
			n.Lines = append(n.Lines, badge)
		}
		for _, member := range members {
			merged[member] = n
		}
	}
	return merged
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
	s.finish(Diagram{Name: stem("scenario", id, b.m.Scenarios), Subject: id, Title: x.Title, Kind: DataFlow, Description: line(x.Description)})
}
