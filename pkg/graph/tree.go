package graph

import (
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// treeNode is the id of a node of an attack tree in a diagram and its table.
func treeNode(tree, node string) string { return tree + "/" + node }

// tree draws an attack tree. Of one that is too large, the largest branches have diagrams of their own.
func (b *builder) tree(id string) {
	t := b.m.AttackTrees[id]
	cut := make(map[string]bool)
	if len(t.Nodes) > largestNodes {
		cut = cuts(t, preferredNodes)
	}
	if t.Nodes[t.Root] != nil {
		b.branch(t, t.Root, cut)
	}
	for _, node := range model.Keys(cut) {
		if node != t.Root {
			b.branch(t, node, cut)
		}
	}
	for _, node := range model.Keys(t.Nodes) {
		if !b.drawn[treeNode(id, node)] {
			b.branch(t, node, cut) // no way leads to it
		}
	}
}

// cuts chooses the nodes at which a tree is cut, so that no part has many more nodes than most.
func cuts(t *model.AttackTree, most int) map[string]bool {
	cut := make(map[string]bool)
	parents := make(map[string]int)
	for _, n := range t.Nodes {
		for _, child := range unique(n.Children) {
			parents[child]++
		}
	}
	seen := make(map[string]bool)
	// size returns how many nodes are left in a branch after it was cut to size itself.
	var size func(string) int
	size = func(id string) int {
		if seen[id] || t.Nodes[id] == nil {
			return 1
		}
		seen[id] = true
		children := unique(t.Nodes[id].Children)
		sizes := make(map[string]int)
		total := 1
		for _, child := range children {
			sizes[child] = size(child)
			if cut[child] {
				sizes[child] = 1
			}
			total += sizes[child]
		}
		for total > most {
			largest := ""
			for _, child := range children {
				if sizes[child] > 1 && (largest == "" || sizes[child] > sizes[largest]) {
					largest = child
				}
			}
			if largest == "" {
				break
			}
			total -= sizes[largest] - 1
			sizes[largest], cut[largest] = 1, true
		}
		// What several ways share would be drawn in every part.
		if parents[id] > 1 && len(children) > 0 {
			cut[id] = true
		}
		return total
	}
	size(t.Root)
	return cut
}

// branch draws a tree from one of its nodes down to where it is cut.
func (b *builder) branch(t *model.AttackTree, root string, cut map[string]bool) {
	s := b.sketch()
	leaves := 0
	queue := []string{root}
	for i := 0; i < len(queue); i++ {
		id := queue[i]
		node := t.Nodes[id]
		ends := id != root && cut[id]
		n := b.treeNode(t, id, ends)
		s.add(n, "")
		s.treeRows(t, node, n)
		if ends {
			s.signs = append(s.signs, Sign{node.Label, "goes on in " + b.branchName(t, id)})
		}
		if ends || len(node.Children) == 0 {
			leaves++
			continue
		}
		for j, child := range unique(node.Children) {
			if t.Nodes[child] == nil {
				continue // a dangling reference
			}
			label := ""
			if node.Gate == "sequence" {
				label = fmt.Sprint(j + 1)
			}
			s.link(n.ID, treeNode(t.ID, child), Solid, label)
			if !slices.Contains(queue, child) {
				queue = append(queue, child)
			}
		}
	}
	d := Diagram{
		Name: b.branchName(t, root), Subject: t.ID, Title: t.Title, Kind: AttackTree,
		// A tree with many leaves would be too wide from top to bottom.
		Downward:    leaves <= 6,
		Description: fmt.Sprintf("Ways to the goal: %s", line(t.Goal)),
	}
	if root != t.Root {
		d.Title += ": " + t.Nodes[root].Label
		d.Description = fmt.Sprintf("Steps of: %s", t.Nodes[root].Label)
	}
	s.finish(d)
}

// branchName is the name of the diagram of a tree from one of its nodes down.
func (b *builder) branchName(t *model.AttackTree, root string) string {
	name := stem("tree", t.ID, b.m.AttackTrees)
	if root != t.Root {
		name += "--" + root
	}
	return name
}

// treeNode draws one node of an attack tree: the goal and the ways with their gate, a step with what it is. What ends
// here goes on in another diagram.
func (b *builder) treeNode(t *model.AttackTree, id string, ends bool) Node {
	x := t.Nodes[id]
	n := Node{ID: treeNode(t.ID, id), Role: Step, Lines: []string{x.Label}}
	if len(x.Children) > 0 {
		n.Role = Gate
	}
	if id == t.Root {
		n.Role, n.Stress, n.Lines[0] = Goal, true, "Goal: "+x.Label
	}
	switch x.Gate {
	case "or":
		n.Lines = append(n.Lines, "OR: any one of these")
	case "and":
		n.Lines = append(n.Lines, "AND: all of these")
	case "sequence":
		n.Lines = append(n.Lines, "SEQUENCE: all, in this order")
	}
	switch {
	case ends:
		n.Role = Elsewhere
		n.Lines = append(n.Lines, "goes on in a diagram of its own")
	case x.Subtree != "":
		n.Role = Elsewhere
		n.Lines = append(n.Lines, "goes on in: "+b.title(x.Subtree))
	case x.Assumption != "":
		n.Role = Assumption
		n.Lines = append(n.Lines, "ruled out by: "+short(b.title(x.Assumption), 60))
	case x.Threat != "":
		n.Lines = append(n.Lines, x.Threat)
	case x.Reason != "":
		n.Lines = append(n.Lines, "no threat of this model")
	}
	f := b.f.Trees[t.ID]
	if f == nil || f.Nodes[id] == nil || x.Assumption != "" || x.Reason != "" {
		return n
	}
	if r := f.Nodes[id]; !r.Reachable {
		n.Lines = append(n.Lines, "cannot be reached")
	} else if r.AsInstalled != "" {
		n.Risk = r.AsInstalled
		n.Lines = append(n.Lines, "likelihood "+plain(r.AsInstalled))
	}
	return n
}

// treeRows lists a node of an attack tree and the entries that it names.
func (s *sketch) treeRows(t *model.AttackTree, x *model.TreeNode, n Node) {
	what := sentence(n.Lines[1:]...)
	if x.Reason != "" {
		what = sentence(what, line(x.Reason))
	}
	s.rows = append(s.rows, Row{ID: n.ID, Kind: model.AttackTrees, Title: x.Label, What: what})
	for _, entry := range []string{x.Threat, x.Assumption, x.Subtree} {
		if kind, ok := s.b.index[entry]; ok {
			s.rows = append(s.rows, Row{ID: entry, Kind: kind, Title: s.b.title(entry), What: "step: " + x.Label})
		}
	}
	if x.Assumption != "" {
		s.b.drawn[x.Assumption] = true
	}
}
