package analysis

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// trees derives the results of the attack trees (after Schneier, 1999): likelihoods go up from the leaves, the easiest
// through an or-node, the hardest through an and- or sequence-node.
//
// A step is ruled out by an assumption, or when its threat is obsolete; that rules out an and-node above it, and an
// or-node once nothing else is left. A leaf that gives a reason for naming nothing neither helps nor hinders.
func trees(m *model.Model, threats map[string]*ThreatFacts) map[string]*TreeFacts {
	f := forest{m, threats, make(map[treeNode]*outcome)}
	out := make(map[string]*TreeFacts, len(m.AttackTrees))
	for id, t := range entries(m.AttackTrees) {
		facts := &TreeFacts{Nodes: make(map[string]*NodeFacts, len(t.Nodes))}
		for node := range entries(t.Nodes) {
			facts.Nodes[node] = &f.grow(treeNode{id, node}).NodeFacts
		}
		out[id] = facts
	}
	return out
}

// treeNode names a node by its tree and its id there.
type treeNode struct{ tree, node string }

// outcome is the result of a node, and whether that is because something rules it out.
type outcome struct {
	NodeFacts
	ruledOut bool
}

// forest computes the nodes of all trees, each once.
type forest struct {
	model   *model.Model
	threats map[string]*ThreatFacts
	done    map[treeNode]*outcome
}

// grow returns the outcome of a node. A node that is met again on the way down to itself adds nothing yet, as one that
// does not exist.
func (f forest) grow(at treeNode) *outcome {
	if o := f.done[at]; o != nil {
		return o
	}
	o := &outcome{}
	f.done[at] = o
	tree := f.model.AttackTrees[at.tree]
	if tree == nil || tree.Nodes[at.node] == nil {
		return o
	}
	n := tree.Nodes[at.node]
	var ways []*outcome
	if t := f.threats[n.Threat]; t != nil {
		ways = append(ways, step(n.Threat, t))
	}
	if t := f.model.AttackTrees[n.Subtree]; t != nil {
		ways = append(ways, f.grow(treeNode{n.Subtree, t.Root}))
	}
	for _, child := range n.Children {
		ways = append(ways, f.grow(treeNode{at.tree, child}))
	}
	*o = combine(ways, n.Gate == "and" || n.Gate == "sequence")
	if n.Assumption != "" {
		*o = outcome{NodeFacts{Threats: o.Threats}, true}
	}
	return o
}

// step is the outcome of a leaf that names a threat.
func step(id string, t *ThreatFacts) *outcome {
	o := &outcome{NodeFacts{Threats: []string{id}}, t.Status == Obsolete}
	if !o.ruledOut {
		o.Reachable = true
		o.Inherent, o.AsInstalled, o.Hardened = t.Inherent.Likelihood, t.AsInstalled.Likelihood, t.Hardened.Likelihood
	}
	return o
}

// combine is the outcome of a node by its ways: all of them are needed, or any is enough.
func combine(ways []*outcome, all bool) outcome {
	var o outcome
	ruledOut := 0
	for _, w := range ways {
		o.Threats = append(o.Threats, w.Threats...)
		if w.ruledOut {
			ruledOut++
		}
		o.Reachable = o.Reachable || w.Reachable
		o.Inherent = pick(o.Inherent, w.Inherent, all)
		o.AsInstalled = pick(o.AsInstalled, w.AsInstalled, all)
		o.Hardened = pick(o.Hardened, w.Hardened, all)
	}
	slices.Sort(o.Threats)
	o.Threats = slices.Compact(o.Threats)
	if ruledOut > 0 && (all || ruledOut == len(ways)) {
		return outcome{NodeFacts{Threats: o.Threats}, true}
	}
	return o
}

// pick returns the lower or the higher of two levels, and the other one where one is empty.
func pick(a, b model.Level, lower bool) model.Level {
	if a == "" || b != "" && (b.Rank() < a.Rank()) == lower {
		return b
	}
	return a
}
