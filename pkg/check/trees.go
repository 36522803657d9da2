package check

import (
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
)

// treeNodes checks the nodes of attack trees: their own references, and that leaves say what they stand for.
func treeNodes(p *pass) {
	for _, id := range p.m.IDs(model.AttackTrees) {
		t := p.m.AttackTrees[id]
		if len(t.Nodes) == 0 {
			continue
		}
		p.node([]string{"attackTrees", id, "root"}, t, t.Root)
		for _, n := range model.Keys(t.Nodes) {
			node, path := t.Nodes[n], []string{"attackTrees", id, "nodes", n}
			for i, c := range node.Children {
				p.node(append(slices.Clip(path), "children", itoa(i)), t, c)
			}
			if len(node.Children) == 0 && node.Threat == "" && node.Assumption == "" && node.Subtree == "" && node.Reason == "" {
				p.error(path, fmt.Sprintf("%s: the leaf %s needs a threat, an assumption, a subtree, or a reason why it has none", id, n), "")
			}
		}
	}
}

func (p *pass) node(path []string, t *model.AttackTree, id string) {
	if t.Nodes[id] != nil || id == "" {
		return
	}
	p.error(path, fmt.Sprintf("%s names %q, but the tree has no such node", owner(path), id), finding.DidYouMean(id, model.Keys(t.Nodes)))
}
