package analysis

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// Question is something that the method asks of every entry of a kind, and what is still open.
type Question struct {
	// ID names the question, such as component-has-threat.
	ID string `json:"id"`
	// Asks is the question in words.
	Asks string `json:"asks"`
	// Asked is of how many entries it is asked.
	Asked int `json:"asked"`
	// Open are the ids of those without an answer, in order.
	Open []string `json:"open,omitempty"`
}

// completeness asks the method's questions. They are about what a finished model has of every entry and a growing one
// cannot have yet; so they are counted, and are no faults.
func completeness(m *model.Model, f *Facts) []Question {
	var out []Question
	ask := func(id, asks string, ids []string, answered func(id string) bool) {
		if len(ids) == 0 {
			return
		}
		q := Question{ID: id, Asks: asks, Asked: len(ids)}
		for _, id := range ids {
			if !answered(id) {
				q.Open = append(q.Open, id)
			}
		}
		out = append(out, q)
	}
	named := func(id string, kind model.Kind, fields ...string) bool {
		return slices.ContainsFunc(f.References[id], func(r BackReference) bool {
			return r.Kind == kind && (len(fields) == 0 || slices.Contains(fields, r.Field))
		})
	}
	threatened := func(id string) bool { return named(id, model.Threats, "entry", "via", "affects") }
	// What is asked about an element and came to nothing is an answer too.
	considered := func(id string) bool { return threatened(id) || len(m.Considered[id]) > 0 }

	ask("component-has-flow", "Does something flow to or from the component, or a part of it?", model.Keys(m.Components), func(id string) bool {
		return named(id, model.Flows, "from", "to") || slices.ContainsFunc(f.References[id], func(r BackReference) bool {
			return r.Kind == model.Components && r.Field == "partOf" && named(r.ID, model.Flows, "from", "to")
		})
	})
	ask("component-has-threat", "Does a threat enter at the component, pass it or harm it?", model.Keys(m.Components), threatened)
	ask("crossing-has-answer", "Where the flow crosses a boundary: does a threat use or harm it, or is there a reason why none does?",
		slices.DeleteFunc(model.Keys(m.Flows), func(id string) bool { return f.Flows[id] == nil || len(f.Flows[id].Crossings) == 0 }), considered)
	ask("asset-has-threat", "Does a threat harm the asset or make use of it?", model.Keys(m.Assets), threatened)
	ask("actor-has-threat", "Can the actor bring a threat about?", model.Keys(m.Actors), func(id string) bool { return named(id, model.Threats, "actors") })
	ask("insider-has-oversight", "Is it said what trace a misuse by the insider or supplier leaves, and is the watcher somebody else?",
		slices.DeleteFunc(model.Keys(m.Actors), func(id string) bool { return !inside(m.Actors[id]) }),
		func(id string) bool {
			o := m.Actors[id].Oversight
			return o != nil && o.Trace != "" && !slices.Contains(o.WatchedBy, id)
		})
	ask("feature-has-consequence", "Does a threat arise from the feature, or does it put a requirement at risk or resist?", model.Keys(m.Features), func(id string) bool {
		return named(id, model.Threats, "arisesFrom") || m.Features[id] != nil && len(m.Features[id].PutsAtRisk) > 0
	})
	ask("threat-has-requirement", "Does the threat, or a feature that it arises from, put a requirement at risk?", model.Keys(m.Threats), func(id string) bool {
		t := m.Threats[id]
		return t != nil && (len(t.PutsAtRisk) > 0 || slices.ContainsFunc(t.ArisesFrom, func(x string) bool {
			return m.Features[x] != nil && len(m.Features[x].PutsAtRisk) > 0
		}))
	})
	ask("threat-has-technique", "Does the threat name techniques, or say why there is none?", model.Keys(m.Threats), func(id string) bool {
		t := m.Threats[id]
		return t != nil && (len(t.Techniques) > 0 || t.NoTechnique != "")
	})
	ask("threat-has-answer", "Is there a countermeasure against the threat, or a decision?", model.Keys(m.Threats), func(id string) bool {
		t := m.Threats[id]
		return t != nil && (len(t.Countermeasures) > 0 || t.Decision != nil)
	})
	ask("countermeasure-is-used", "Does a threat name the countermeasure?", model.Keys(m.Countermeasures), func(id string) bool {
		return named(id, model.Threats, "countermeasures")
	})
	return out
}

// inside tells whether the schema asks for oversight of an actor.
func inside(a *model.Actor) bool {
	return a != nil && slices.Contains([]string{"insider-organisation", "insider-cloud-host", "supply-chain"}, a.Position)
}
