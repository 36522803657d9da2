package check

import (
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// cycles reports relations that lead back to where they began and must not.
func cycles(p *pass) {
	p.acyclic(model.Boundaries, "parent", func(id string) []string { return list(p.m.Boundaries[id].Parent) })
	p.acyclic(model.Components, "partOf", func(id string) []string { return p.m.Components[id].PartOf })
	p.acyclic(model.Components, "runsOn", func(id string) []string { return p.m.Components[id].RunsOn })
	p.acyclic(model.Flows, "over", func(id string) []string { return p.m.Flows[id].Over })
	p.acyclic(model.Countermeasures, "requires", func(id string) []string { return p.m.Countermeasures[id].Requires })
	p.acyclic(model.AttackTrees, "nodes", func(id string) []string {
		var subtrees []string
		for _, n := range model.Keys(p.m.AttackTrees[id].Nodes) {
			subtrees = append(subtrees, list(p.m.AttackTrees[id].Nodes[n].Subtree)...)
		}
		return subtrees
	})
	for _, id := range p.m.IDs(model.AttackTrees) {
		t := p.m.AttackTrees[id]
		for _, loop := range findCycles(model.Keys(t.Nodes), func(n string) []string {
			if t.Nodes[n] == nil {
				return nil
			}
			return t.Nodes[n].Children
		}) {
			p.error([]string{"attackTrees", id, "nodes", loop[0], "children"}, id+": the nodes lead back to themselves: "+strings.Join(loop, ", "), "")
		}
	}
}

func list(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

func (p *pass) acyclic(k model.Kind, field string, next func(string) []string) {
	for _, loop := range findCycles(p.m.IDs(k), func(id string) []string {
		if !p.is(id, k) {
			return nil
		}
		return next(id)
	}) {
		p.error([]string{string(k), loop[0], field}, loop[0]+": "+field+" leads back to itself: "+strings.Join(loop, ", "), "")
	}
}

// findCycles returns the cycles that a walk in the order of ids meets, each with its first id again at the end. It visits
// every edge once, so of cycles that share an edge it may return one only.
func findCycles(ids []string, next func(string) []string) [][]string {
	const open, closed = 1, 2
	var loops [][]string
	state := map[string]int{}
	var path []string
	var visit func(id string)
	visit = func(id string) {
		switch state[id] {
		case closed:
			return
		case open:
			loops = append(loops, append(slices.Clone(path[slices.Index(path, id):]), id))
			return
		}
		state[id] = open
		path = append(path, id)
		for _, n := range next(id) {
			visit(n)
		}
		path = path[:len(path)-1]
		state[id] = closed
	}
	for _, id := range ids {
		visit(id)
	}
	return loops
}
