package check

import (
	"reflect"

	"github.com/tmkit/tmkit/pkg/model"
)

// unused warns of entries that nothing refers to, of the kinds whose only use is to be referred to.
func unused(p *pass) {
	used := map[string]bool{}
	for _, x := range p.found {
		f, v := x.field, x.value
		if len(f.Refs) == 0 || f.Refs[0] == "catalogs" {
			continue
		}
		switch v.Kind() {
		case reflect.String:
			used[v.String()] = true
		case reflect.Slice:
			for i := range v.Len() {
				used[v.Index(i).String()] = true
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				used[key.String()] = true
			}
		}
	}
	for _, k := range []model.Kind{model.Themes, model.Assumptions, model.Features, model.Assets, model.Actors, model.Countermeasures} {
		for _, id := range p.m.IDs(k) {
			// A feature that puts a control at risk is of use by itself.
			if f := p.m.Features[id]; k == model.Features && len(f.PutsAtRisk) > 0 {
				continue
			}
			if !used[id] {
				p.warn([]string{string(k), id}, "nothing refers to the "+k.Singular()+" "+id, "use it or remove it")
			}
		}
	}
}
