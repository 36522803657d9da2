package check

import (
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
)

// Catalog returns what is wrong with a catalogue's references to itself, with paths that begin with "catalog".
func Catalog(c *model.Catalog) []finding.Finding {
	p := &pass{rule: "dangling-reference"}
	p.catalog([]string{"catalog"}, c)
	return p.findings
}

// catalogs checks the catalogues of a model, which may be its own.
func catalogs(p *pass) {
	for _, id := range model.Keys(p.m.Catalogs) {
		p.catalog([]string{"catalogs", id}, p.m.Catalogs[id])
	}
}

func (p *pass) catalog(path []string, c *model.Catalog) {
	if c.AsPublished {
		return
	}
	for _, id := range model.Keys(c.Entries) {
		e := c.Entries[id]
		dangling := func(ref, what string, candidates []string, field ...string) {
			at := append(append(slices.Clone(path), "entries", id), field...)
			p.error(at, fmt.Sprintf("%s: %s names %q, but there is no such %s", id, field[0], ref, what), finding.DidYouMean(ref, candidates))
		}
		for i, g := range e.Groups {
			if c.Groups[g] == nil {
				dangling(g, "group", model.Keys(c.Groups), "groups", itoa(i))
			}
		}
		if e.Parent != "" && c.Entries[e.Parent] == nil {
			dangling(e.Parent, "entry", model.Keys(c.Entries), "parent")
		}
		for i, r := range e.ReplacedBy {
			if c.Entries[r] == nil && c.Groups[r] == nil {
				dangling(r, "entry or group", model.Keys(c.Entries), "replacedBy", itoa(i))
			}
		}
	}
}
