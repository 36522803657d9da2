package check

import "github.com/tmkit/tmkit/pkg/model"

// crosswalks checks that what crosswalks relate exists: entries of their catalogues, or groups.
func crosswalks(p *pass) {
	p.pairs(func(path []string, c *model.Catalog, id string) {
		if c.Groups[id] == nil {
			p.entry(path, c, id)
		}
	})
}

// pairs visits the sources and the targets of crosswalks, as far as the model has their catalogues. What a publisher
// relates is taken as it is where the crosswalk says so.
func (p *pass) pairs(visit func(path []string, c *model.Catalog, id string)) {
	for _, id := range model.Keys(p.m.Crosswalks) {
		x := p.m.Crosswalks[id]
		if x.AsPublished {
			continue
		}
		from, to := p.m.Catalogs[x.From], p.m.Catalogs[x.To]
		for _, source := range model.Keys(x.Pairs) {
			if from != nil {
				visit([]string{"crosswalks", id, "pairs", source}, from, source)
			}
			for _, target := range model.Keys(x.Pairs[source]) {
				if to != nil {
					visit([]string{"crosswalks", id, "pairs", source, target}, to, target)
				}
			}
		}
	}
}
