package check

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// watchers warns where the only one who would see a misuse is the one who misuses.
func watchers(p *pass) {
	for _, id := range p.m.IDs(model.Actors) {
		o := p.m.Actors[id].Oversight
		if o == nil {
			continue
		}
		for i, w := range o.WatchedBy {
			if w == id {
				p.warn([]string{"actors", id, "oversight", "watchedBy", itoa(i)}, id+" is said to watch over itself", "name somebody else who looks at the trace, or nobody")
			}
		}
		if len(o.WatchedBy) > 0 {
			continue
		}
		for i, c := range o.RecordedIn {
			if a := p.m.Actors[id].Access[c]; slices.Contains([]string{"administer", "operate"}, a) {
				p.warn([]string{"actors", id, "oversight", "recordedIn", itoa(i)},
					id+" can "+a+" "+c+", which keeps its own trace, and nobody else is said to watch", "say in watchedBy who else sees the trace")
			}
		}
	}
}
