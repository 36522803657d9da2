package model

import "iter"

// GroupsOf returns the groups of an entry, or of the nearest entry above it that has any.
func (c *Catalog) GroupsOf(id string) []string {
	for _, e := range c.Lineage(id) {
		if len(e.Groups) > 0 {
			return e.Groups
		}
	}
	return nil
}

// Lineage yields an entry, the one that it refines, and so on, each once.
func (c *Catalog) Lineage(id string) iter.Seq2[string, *Entry] {
	return func(yield func(string, *Entry) bool) {
		seen := make(map[string]bool)
		for at := id; !seen[at]; {
			e := c.Entries[at]
			if e == nil || !yield(at, e) {
				return
			}
			seen[at] = true
			at = e.Parent
		}
	}
}
