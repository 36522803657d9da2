package check

import (
	"fmt"

	"github.com/tmkit/tmkit/pkg/model"
)

// planes checks that zones nest within their plane, so that crossings can be derived plane by plane.
func planes(p *pass) {
	plane := p.schema.Def("#Boundary").Field("plane").Type
	for _, id := range p.m.IDs(model.Boundaries) {
		b := p.m.Boundaries[id]
		if parent := p.m.Boundaries[b.Parent]; parent != nil && parent.Plane != b.Plane && plane.Check(parent.Plane) == "" && plane.Check(b.Plane) == "" {
			p.error([]string{"boundaries", id, "parent"},
				fmt.Sprintf("%s is on the %s plane, but its parent %s is on the %s plane", id, b.Plane, b.Parent, parent.Plane), "")
		}
	}
	for _, id := range p.m.IDs(model.Components) {
		c := p.m.Components[id]
		seen := map[string]string{}
		if b := p.m.Boundaries[c.Boundary]; b != nil {
			seen[b.Plane] = c.Boundary
		}
		for i, in := range c.AlsoIn {
			b := p.m.Boundaries[in]
			if b == nil {
				continue
			}
			if other, taken := seen[b.Plane]; taken {
				p.error([]string{"components", id, "alsoIn", itoa(i)},
					fmt.Sprintf("%s is in two zones of the %s plane: %s and %s", id, b.Plane, other, in), "keep the inner one; its parents follow")
			}
			seen[b.Plane] = in
		}
	}
}
