package check

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
)

// duplicates reports an id that two collections use: show, waivers and lists such as affects name entries by id alone.
func duplicates(p *pass) {
	for _, id := range model.Keys(p.kinds) {
		ks := p.kinds[id]
		for _, k := range ks[1:] {
			p.error([]string{string(k), id}, fmt.Sprintf("the id %s is both %s and %s", id, finding.Article(ks[0].Singular()), finding.Article(k.Singular())),
				fmt.Sprintf("rename one of them, such as %s", unlike(id, k)))
			f := &p.findings[len(p.findings)-1]
			f.Related = []finding.Related{{Path: []string{string(ks[0]), id}, Message: "the " + ks[0].Singular()}}
		}
	}
}

func unlike(id string, k model.Kind) string {
	if k == model.Threats {
		return id + "-2"
	}
	return id + "-" + strings.ReplaceAll(k.Singular(), " ", "-")
}
