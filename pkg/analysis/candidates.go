package analysis

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// Candidate is an entry of another catalogue that the model puts at risk, and that a crosswalk pairs with one that the
// model does not assess: a question worth asking, and never a state.
type Candidate struct {
	Crosswalk string `json:"crosswalk"`
	Catalogue string `json:"catalogue"`
	Entry     string `json:"entry"`
	// Relationship is what the publisher says of the pair, empty where it says nothing.
	Relationship string `json:"relationship,omitempty"`
}

// candidates finds, for each entry that is not assessed, those that the model puts at risk and that a crosswalk pairs with
// it. A group that is paired stands for its entries.
func candidates(m *model.Model, coverage map[string]*Coverage) {
	for id, x := range entries(m.Crosswalks) {
		for source, targets := range x.Pairs {
			for target, pair := range entries(targets) {
				if pair.Relationship == "no-relationship" {
					continue
				}
				for _, s := range members(m.Catalogs[x.From], source) {
					for _, t := range members(m.Catalogs[x.To], target) {
						suggest(coverage[x.From], s, coverage[x.To], Candidate{id, x.To, t, pair.Relationship})
						suggest(coverage[x.To], t, coverage[x.From], Candidate{id, x.From, s, pair.Relationship})
					}
				}
			}
		}
	}
	for _, c := range coverage {
		for _, e := range c.Entries {
			slices.SortFunc(e.Candidates, func(x, y Candidate) int {
				if x.Catalogue != y.Catalogue {
					return model.Natural(x.Catalogue, y.Catalogue)
				}
				return model.Natural(x.Entry, y.Entry)
			})
			e.Candidates = slices.Compact(e.Candidates)
		}
	}
}

// suggest adds a candidate to an entry that is not assessed, when the other catalogue has the candidate at risk.
func suggest(to *Coverage, entry string, from *Coverage, c Candidate) {
	if to == nil || from == nil {
		return
	}
	e, other := to.Entries[entry], from.Entries[c.Entry]
	if e != nil && other != nil && e.State == NotAssessed && other.State == AtRisk {
		e.Candidates = append(e.Candidates, c)
	}
}

// members are the entry itself, or the entries of a group.
func members(c *model.Catalog, id string) []string {
	if c == nil || c.Entries[id] != nil || c.Groups[id] == nil {
		return []string{id}
	}
	var out []string
	for entry, e := range c.Entries {
		if slices.Contains(e.Groups, id) {
			out = append(out, entry)
		}
	}
	slices.Sort(out)
	return out
}
