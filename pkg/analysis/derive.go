package analysis

import (
	"iter"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// Derive computes all facts of a model. It runs on models with faults too, so that a checker can report those beside
// everything else: a reference that leads nowhere adds nothing, and a circle is walked once.
func Derive(m *model.Model) *Facts {
	f := &Facts{
		Index:      model.NewIndex(m),
		Flows:      flows(m),
		References: backReferences(m),
	}
	f.Threats = threats(m, f.Flows)
	f.Coverage = coverage(m, f.Threats)
	f.Trees = trees(m, f.Threats)
	f.Completeness = completeness(m, f)
	return f
}

// threats derives the facts of each threat.
func threats(m *model.Model, flows map[string]*FlowFacts) map[string]*ThreatFacts {
	standings := standings(m)
	out := make(map[string]*ThreatFacts, len(m.Threats))
	for id, t := range entries(m.Threats) {
		f := &ThreatFacts{Tactics: tactics(m, t), Crossings: threatCrossings(t, flows)}
		f.Inherent, f.AsInstalled, f.Hardened = assess(m.RiskMatrix, t)
		f.Status = status(m, t, f, standings)
		f.MustAct = mustAct(t, f.Status, standings)
		out[id] = f
	}
	return out
}

// tactics collects the groups of the techniques that a threat cites, by catalogue. An entry without groups is in those
// of its parent: ATT&CK gives a sub-technique the tactics of its technique.
func tactics(m *model.Model, t *model.Threat) map[string][]string {
	var out map[string][]string
	for _, id := range model.Keys(t.Techniques) {
		catalog := m.Catalogs[id]
		if catalog == nil {
			continue
		}
		var groups []string
		for technique := range t.Techniques[id] {
			for _, g := range catalog.GroupsOf(technique) {
				insert(&groups, g)
			}
		}
		if len(groups) == 0 {
			continue
		}
		if out == nil {
			out = make(map[string][]string)
		}
		out[id] = groups
	}
	return out
}

// entries yields the entries of a map in the order of their ids. What could not be read is nil and left out, so that
// nobody who ranges over entries has to think of it.
func entries[V any](m map[string]*V) iter.Seq2[string, *V] {
	return func(yield func(string, *V) bool) {
		for _, id := range model.Keys(m) {
			if e := m[id]; e != nil && !yield(id, e) {
				return
			}
		}
	}
}

// insert adds an id to a sorted list that holds each id once.
func insert(ids *[]string, id string) {
	if i, found := slices.BinarySearch(*ids, id); !found {
		*ids = slices.Insert(*ids, i, id)
	}
}
