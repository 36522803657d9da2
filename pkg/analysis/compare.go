package analysis

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// Comparison sets a model as it is written beside what it is in each of its profiles.
type Comparison struct {
	// Profiles are the ids of the profiles, in order.
	Profiles []string `json:"profiles"`
	// Totals count entries that are alike, in the model and in each profile.
	Totals []Total `json:"totals"`
	// Contrasts are the fields that have another value in at least one profile, by kind, id and field.
	Contrasts []Contrast `json:"contrasts"`
}

// Total is how many entries of a kind have a word for a field.
type Total struct {
	Kind  model.Kind `json:"kind"`
	Field string     `json:"field"`
	Word  string     `json:"word"`
	// Written is the number in the model, In those in the profiles.
	Written int   `json:"written"`
	In      []int `json:"in"`
}

// Contrast is a field of an entry: as the model has it, and as each profile does.
type Contrast struct {
	Kind model.Kind `json:"kind"`
	ID   string     `json:"id"`
	// Field is the path of an authored field, or the name of a derived one: Presence, InstalledRisk, HardenedRisk,
	// StatusWord or Actors.
	Field string `json:"field"`
	// Written is the value in the model, In those in the profiles; empty where the field has none or the entry is absent.
	Written string   `json:"written"`
	In      []string `json:"in"`
}

// The derived fields of contrasts.
const (
	Presence      = "presence"
	InstalledRisk = "risk as installed"
	HardenedRisk  = "risk hardened"
	StatusWord    = "status"
	Actors        = "must act"
)

// The words of the field presence.
const (
	present = "present"
	absent  = "absent"
)

// Compare projects a model to each of its profiles and tells what comes out differently: the fields that a profile says
// it changes, the entries that fall with what is absent, the zones that components move to, and what is derived of
// threats. It returns nil for a model without profiles.
func Compare(m *model.Model, f *Facts) (*Comparison, error) {
	if len(m.Profiles) == 0 {
		return nil, nil
	}
	c := comparer{models: []*model.Model{m}, threats: []map[string]*ThreatFacts{f.Threats}}
	// Nothing that is compared needs the catalogues, and copying them would be most of the work.
	own := *m
	own.Catalogs = nil
	for _, id := range model.Keys(m.Profiles) {
		projected, err := Project(&own, id)
		if err != nil {
			return nil, err
		}
		c.models = append(c.models, projected)
		c.threats = append(c.threats, threats(projected, flows(projected)))
	}
	out := &Comparison{Profiles: model.Keys(m.Profiles), Totals: c.totals()}
	changed := make(map[model.Kind]map[string][][]string)
	for _, p := range entries(m.Profiles) {
		for collection, ids := range p.Differs {
			kind := model.Kind(collection)
			if changed[kind] == nil {
				changed[kind] = make(map[string][][]string)
			}
			for id, patch := range ids {
				changed[kind][id] = append(changed[kind][id], paths(nil, patch)...)
			}
		}
	}
	for _, kind := range model.Kinds() {
		if kind == model.Profiles {
			continue
		}
		for _, id := range m.IDs(kind) {
			if err := c.contrasts(out, kind, id, changed[kind][id]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// comparer holds the model and its projections, and the facts of their threats; the model itself is the first.
type comparer struct {
	models  []*model.Model
	threats []map[string]*ThreatFacts
}

// contrasts adds what differs of one entry; fields are the paths that some profile changes.
func (c comparer) contrasts(out *Comparison, kind model.Kind, id string, fields [][]string) error {
	add := func(field string, value func(i int) string) {
		x := Contrast{Kind: kind, ID: id, Field: field}
		differs := false
		for i := range c.models {
			v := ""
			if field == Presence || c.has(i, kind, id) {
				v = value(i)
			}
			if i == 0 {
				x.Written = v
				continue
			}
			x.In = append(x.In, v)
			differs = differs || v != x.Written && (field == Presence || c.has(i, kind, id))
		}
		if differs {
			out.Contrasts = append(out.Contrasts, x)
		}
	}
	add(Presence, func(i int) string {
		if c.has(i, kind, id) {
			return present
		}
		return absent
	})
	if kind == model.Components {
		fields = append(fields, []string{"boundary"})
	}
	slices.SortFunc(fields, slices.Compare)
	fields = slices.CompactFunc(fields, slices.Equal)
	if len(fields) > 0 {
		values := make([]map[string]any, len(c.models))
		for i, m := range c.models {
			if !c.has(i, kind, id) {
				continue
			}
			var err error
			if values[i], err = fieldsOf(m.Collection(kind).MapIndex(reflect.ValueOf(id))); err != nil {
				return err
			}
		}
		for _, field := range fields {
			add(strings.Join(field, "."), func(i int) string { return words(at(values[i], field)) })
		}
	}
	if kind == model.Threats {
		add(InstalledRisk, func(i int) string { return string(c.threats[i][id].AsInstalled.Risk) })
		add(HardenedRisk, func(i int) string { return string(c.threats[i][id].Hardened.Risk) })
		add(StatusWord, func(i int) string { return string(c.threats[i][id].Status) })
		add(Actors, func(i int) string { return strings.Join(c.threats[i][id].MustAct, "; ") })
	}
	return nil
}

// has tells whether the i-th model has the entry.
func (c comparer) has(i int, kind model.Kind, id string) bool {
	e := c.models[i].Collection(kind).MapIndex(reflect.ValueOf(id))
	return e.IsValid() && !e.IsNil()
}

// totals counts what a reader compares installations by.
func (c comparer) totals() []Total {
	var out []Total
	count := func(kind model.Kind, field string, words []string, word func(m *model.Model, threats map[string]*ThreatFacts, id string) string) {
		counts := make([]map[string]int, len(c.models))
		for i, m := range c.models {
			counts[i] = make(map[string]int)
			for _, id := range m.IDs(kind) {
				counts[i][word(m, c.threats[i], id)]++
			}
		}
		for _, w := range words {
			t := Total{Kind: kind, Field: field, Word: w, Written: counts[0][w]}
			any := t.Written
			for _, by := range counts[1:] {
				t.In = append(t.In, by[w])
				any += by[w]
			}
			if any > 0 {
				out = append(out, t)
			}
		}
	}
	count(model.Components, "responsibility", []string{"project", "distributor", "vendor", "provider", "operator", "workload-owner"},
		func(m *model.Model, _ map[string]*ThreatFacts, id string) string {
			return m.Components[id].Responsibility
		})
	count(model.Countermeasures, "default", []string{"on", "conditional", "off", "unavailable"},
		func(m *model.Model, _ map[string]*ThreatFacts, id string) string {
			return m.Countermeasures[id].Default
		})
	levels := make([]string, 0, len(model.Levels()))
	for _, l := range slices.Backward(model.Levels()) {
		levels = append(levels, string(l))
	}
	count(model.Threats, InstalledRisk, levels, func(_ *model.Model, threats map[string]*ThreatFacts, id string) string {
		return string(threats[id].AsInstalled.Risk)
	})
	states := []string{string(Open), string(MitigatedByDefault), string(MitigatedIfConfigured), string(Accepted), string(Transferred), string(Avoided), string(Obsolete)}
	count(model.Threats, StatusWord, states, func(_ *model.Model, threats map[string]*ThreatFacts, id string) string {
		return string(threats[id].Status)
	})
	return out
}

// paths are the fields that a patch changes, a map by the paths below it.
func paths(prefix []string, patch map[string]any) [][]string {
	var out [][]string
	for _, k := range model.Keys(patch) {
		path := append(slices.Clone(prefix), k)
		if below, ok := patch[k].(map[string]any); ok {
			out = append(out, paths(path, below)...)
			continue
		}
		out = append(out, path)
	}
	return out
}

// at follows a path into plain data.
func at(v any, path []string) any {
	for _, name := range path {
		fields, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = fields[name]
	}
	return v
}

// words writes plain data as a cell does: lists joined, everything else as it is.
func words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, words(item))
		}
		return strings.Join(items, "; ")
	case map[string]any:
		var items []string
		for _, k := range model.Keys(v) {
			items = append(items, k+": "+words(v[k]))
		}
		return strings.Join(items, "; ")
	}
	return fmt.Sprint(v)
}
