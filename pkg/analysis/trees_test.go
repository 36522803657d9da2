package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tmkit/tmkit/pkg/model"
)

// grove is a model with threats of each likelihood, one of them obsolete, and one tree of the given nodes.
func grove(nodes map[string]*model.TreeNode) *model.Model {
	threat := func(l, installed, hardened model.Level) *model.Threat {
		return &model.Threat{
			Likelihood:  model.Rating{Level: l},
			Impact:      model.Rating{Level: "high"},
			AsInstalled: &model.Residual{Likelihood: installed},
			Hardened:    &model.Residual{Likelihood: hardened},
		}
	}
	over := threat("very-high", "", "")
	over.AffectedVersions = []model.VersionRange{{Fixed: "v1.1"}}
	return &model.Model{
		Metadata:    model.Metadata{AppliesTo: &model.AppliesTo{Versions: []string{"v1.2"}}},
		Threats:     map[string]*model.Threat{"T-EASY": threat("high", "moderate", "low"), "T-HARD": threat("low", "low", "very-low"), "T-OVER": over},
		AttackTrees: map[string]*model.AttackTree{"tree": {Root: "root", Nodes: nodes}},
	}
}

func TestTrees(t *testing.T) {
	easy := NodeFacts{"high", "moderate", "low", true, []string{"T-EASY"}}
	hard := NodeFacts{"low", "low", "very-low", true, []string{"T-HARD"}}
	both := []string{"T-EASY", "T-HARD"}
	tests := []struct {
		desc  string
		root  model.TreeNode
		nodes map[string]*model.TreeNode
		want  NodeFacts
	}{
		{"a threat", model.TreeNode{Threat: "T-EASY"}, nil, easy},
		{"a threat that does not exist", model.TreeNode{Threat: "T-GHOST"}, nil, NodeFacts{}},
		{"a threat that is over", model.TreeNode{Threat: "T-OVER"}, nil, NodeFacts{Threats: []string{"T-OVER"}}},
		{"a reason", model.TreeNode{Reason: "so"}, nil, NodeFacts{}},
		{"an assumption", model.TreeNode{Assumption: "a"}, nil, NodeFacts{}},
		{"an assumption rules out the threat beside it", model.TreeNode{Threat: "T-EASY", Assumption: "a"}, nil, NodeFacts{Threats: []string{"T-EASY"}}},
		{"or: the easiest", model.TreeNode{Gate: "or", Children: []string{"easy", "hard"}}, nil, NodeFacts{"high", "moderate", "low", true, both}},
		{"no gate is or", model.TreeNode{Children: []string{"hard", "easy"}}, nil, NodeFacts{"high", "moderate", "low", true, both}},
		{"and: the hardest", model.TreeNode{Gate: "and", Children: []string{"easy", "hard"}}, nil, NodeFacts{"low", "low", "very-low", true, both}},
		{"sequence: the hardest", model.TreeNode{Gate: "sequence", Children: []string{"hard", "easy"}}, nil, NodeFacts{"low", "low", "very-low", true, both}},
		{"a threat counts with the children", model.TreeNode{Gate: "and", Threat: "T-HARD", Children: []string{"easy"}}, nil, NodeFacts{"low", "low", "very-low", true, both}},
		{"or: one way ruled out", model.TreeNode{Gate: "or", Children: []string{"never", "hard"}}, nil, hard},
		{"or: every way ruled out", model.TreeNode{Gate: "or", Children: []string{"never", "over"}}, nil, NodeFacts{Threats: []string{"T-OVER"}}},
		{"and: one step ruled out", model.TreeNode{Gate: "and", Children: []string{"never", "hard"}}, nil, NodeFacts{Threats: []string{"T-HARD"}}},
		{"and: one step over", model.TreeNode{Gate: "and", Children: []string{"over", "hard"}}, nil, NodeFacts{Threats: []string{"T-HARD", "T-OVER"}}},
		{"and: a step without a threat does not hinder", model.TreeNode{Gate: "and", Children: []string{"reason", "hard"}}, nil, hard},
		{"or: a step without a threat does not help", model.TreeNode{Gate: "or", Children: []string{"reason", "hard"}}, nil, hard},
		{
			"ruled out through the middle",
			model.TreeNode{Gate: "and", Children: []string{"middle", "hard"}},
			map[string]*model.TreeNode{"middle": {Gate: "or", Children: []string{"never", "over"}}},
			NodeFacts{Threats: []string{"T-HARD", "T-OVER"}},
		},
		{
			"a way that names no threat keeps the middle open",
			model.TreeNode{Gate: "and", Children: []string{"middle", "hard"}},
			map[string]*model.TreeNode{"middle": {Gate: "or", Children: []string{"never", "reason"}}},
			hard,
		},
		{"a child that does not exist", model.TreeNode{Gate: "and", Children: []string{"ghost", "hard"}}, nil, hard},
		{"a child of itself", model.TreeNode{Gate: "or", Children: []string{"root", "easy"}}, nil, easy},
		{"a tree in itself", model.TreeNode{Gate: "or", Subtree: "tree", Children: []string{"easy"}}, nil, easy},
		{"a tree that does not exist", model.TreeNode{Subtree: "ghost"}, nil, NodeFacts{}},
		{
			"one node twice below",
			model.TreeNode{Gate: "and", Children: []string{"left", "right"}},
			map[string]*model.TreeNode{"left": {Children: []string{"easy"}}, "right": {Children: []string{"easy"}}},
			easy,
		},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			nodes := map[string]*model.TreeNode{
				"root": &tt.root, "easy": {Threat: "T-EASY"}, "hard": {Threat: "T-HARD"}, "over": {Threat: "T-OVER"},
				"never": {Assumption: "a"}, "reason": {Reason: "so"},
			}
			for id, n := range tt.nodes {
				nodes[id] = n
			}
			got := Derive(grove(nodes)).Trees["tree"].Nodes
			assert.Equal(t, tt.want, *got["root"])
			assert.Len(t, got, len(nodes), "a result for each node and for nothing else")
		})
	}
}

// TestSharedSubtree follows two trees into a third, and two into each other.
func TestSharedSubtree(t *testing.T) {
	m := grove(map[string]*model.TreeNode{"root": {Gate: "and", Children: []string{"below", "easy"}}, "below": {Subtree: "shared"}, "easy": {Threat: "T-EASY"}})
	m.AttackTrees["other"] = &model.AttackTree{Root: "root", Nodes: map[string]*model.TreeNode{"root": {Subtree: "shared"}}}
	m.AttackTrees["shared"] = &model.AttackTree{Root: "top", Nodes: map[string]*model.TreeNode{"top": {Threat: "T-HARD"}}}
	m.AttackTrees["ping"] = &model.AttackTree{Root: "r", Nodes: map[string]*model.TreeNode{"r": {Subtree: "pong"}}}
	m.AttackTrees["pong"] = &model.AttackTree{Root: "r", Nodes: map[string]*model.TreeNode{"r": {Subtree: "ping"}}}
	m.AttackTrees["rootless"] = &model.AttackTree{Root: "ghost"}
	got := Derive(m).Trees

	assert.Equal(t, model.Low, got["tree"].Nodes["root"].Inherent)
	assert.Equal(t, []string{"T-EASY", "T-HARD"}, got["tree"].Nodes["root"].Threats)
	assert.Equal(t, got["shared"].Nodes["top"], got["other"].Nodes["root"])
	assert.False(t, got["ping"].Nodes["r"].Reachable)
	assert.Empty(t, got["rootless"].Nodes)
}

// TestManyPaths has a tree of which the paths double with every level: each node is computed once, or this never ends.
func TestManyPaths(t *testing.T) {
	nodes := map[string]*model.TreeNode{"root": {Children: []string{"n00", "n00"}}, "n99": {Threat: "T-EASY"}}
	name := func(i int) string { return string([]byte{'n', byte('0' + i/10), byte('0' + i%10)}) }
	for i := range 99 {
		nodes[name(i)] = &model.TreeNode{Gate: "and", Children: []string{name(i + 1), name(i + 1)}}
	}
	assert.Equal(t, model.High, Derive(grove(nodes)).Trees["tree"].Nodes["root"].Inherent)
}
