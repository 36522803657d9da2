package analysis

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// random makes models. Their references all lead somewhere, unless it is wild: then any text can be anywhere, and
// anything that can be nil can be so.
type random struct {
	*rand.Rand
	refs map[string]attribute
	ids  map[model.Kind][]string
	// words are texts that mean something somewhere.
	words []string
	wild  bool
}

func newRandom(seed int64, refs map[string]attribute) *random {
	r := &random{
		Rand: rand.New(rand.NewPCG(uint64(seed), 0)),
		refs: refs,
		ids:  map[model.Kind][]string{catalogs: {"c1", "c2"}},
		words: append(strings.Fields(`very-low low moderate high very-high on off conditional unavailable many one
			other-instance and or sequence prevent full resistant default active withdrawn accept mitigate v1.2 v1.3.1 v1
			execution network enforced conventional n1 n2 n3 AC-1 AC-2 AC-2(1) AC operator provider`), ""),
	}
	for _, k := range model.Kinds() {
		for i := range 1 + r.IntN(5) {
			id := fmt.Sprintf("%s-%d", k, i)
			if k == model.Threats {
				id = fmt.Sprintf("T-%d", i)
			}
			r.ids[k] = append(r.ids[k], id)
		}
	}
	return r
}

// word is one of the words.
func (r *random) word() string { return r.words[r.IntN(len(r.words))] }

// id is one of the ids that a reference may name.
func (r *random) id(a attribute) string {
	kinds := a.kinds
	if kinds == nil || r.wild {
		kinds = model.Kinds()
	}
	if r.wild && r.IntN(3) == 0 {
		return r.word()
	}
	ids := r.ids[kinds[r.IntN(len(kinds))]]
	return ids[r.IntN(len(ids))]
}

// fill sets a value to something that fits the field at its path. Below a map of which the keys are references are no
// others until the next field.
func (r *random) fill(v reflect.Value, path string, below bool) {
	a, isRef := r.refs[path]
	isRef = isRef && !below
	text := func() string {
		if isRef {
			return r.id(a)
		}
		return r.word()
	}
	many := r.IntN(4)
	if a.required && !r.wild {
		many = 1 + r.IntN(3)
	}
	switch v.Kind() {
	case reflect.String:
		if !isRef || a.required || r.IntN(2) == 0 {
			v.SetString(text())
		}
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int:
		v.SetInt(int64(1 + r.IntN(65535)))
	case reflect.Pointer:
		if !r.wild || r.IntN(8) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), path, below)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(r.word()))
	case reflect.Slice:
		for range many {
			item := reflect.New(v.Type().Elem()).Elem()
			if item.Kind() == reflect.String {
				item.SetString(text())
			} else {
				r.fill(item, path, below)
			}
			v.Set(reflect.Append(v, item))
		}
	case reflect.Map:
		if many == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range many {
			value := reflect.New(v.Type().Elem()).Elem()
			if value.Kind() == reflect.String {
				value.SetString(r.word())
			} else {
				r.fill(value, path, isRef || below)
			}
			v.SetMapIndex(reflect.ValueOf(text()).Convert(v.Type().Key()), value)
		}
	case reflect.Struct:
		for f, value := range v.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			at := strings.TrimPrefix(path+"."+name, ".")
			ids := r.ids[model.Kind(at)]
			switch {
			case at == "profiles.differs" && !r.wild:
				value.Set(reflect.ValueOf(r.differs()))
			case path == "" && ids != nil:
				value.Set(reflect.MakeMap(value.Type()))
				for _, id := range ids {
					entry := reflect.New(value.Type().Elem()).Elem()
					r.fill(entry, at, false)
					if !entry.IsNil() {
						entry.Elem().FieldByName("ID").SetString(id)
					}
					value.SetMapIndex(reflect.ValueOf(id), entry)
				}
			default:
				r.fill(value, at, false)
			}
		}
	}
}

// differs is a change to a few entries, of every kind of value.
func (r *random) differs() map[string]map[string]map[string]any {
	return map[string]map[string]map[string]any{
		"components": {
			r.ids[model.Components][0]: {"title": "changed", "optional": true, "alsoIn": []any{r.ids[model.Boundaries][0]}},
		},
		"threats": {
			r.ids[model.Threats][0]: {"decision": nil, "likelihood": map[string]any{"level": "low"}},
		},
	}
}

func (r *random) model() *model.Model {
	var m model.Model
	r.fill(reflect.ValueOf(&m).Elem(), "", false)
	return &m
}

func encode(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestDeriveEmpty(t *testing.T) {
	facts := Derive(&model.Model{})
	assert.JSONEq(t, `{}`, encode(t, facts))
	assert.NotPanics(t, func() {
		Derive(&model.Model{Threats: map[string]*model.Threat{"T-1": nil}, Catalogs: map[string]*model.Catalog{"c": nil}})
	})
}

// FuzzDerive derives the facts of models in which anything can be wrong: it must never panic, and say the same twice.
func FuzzDerive(f *testing.F) {
	refs := attributes(f)
	for seed := range int64(200) {
		f.Add(seed, seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed int64, wild bool) {
		r := newRandom(seed, refs)
		r.wild = wild
		m := r.model()
		before := encode(t, m)
		facts := encode(t, Derive(m))
		assert.True(t, facts == encode(t, Derive(m)), "the same twice")
		for _, profile := range append(model.Keys(m.Profiles), "ghost") {
			if p, err := Project(m, profile); err == nil {
				Derive(p)
			}
		}
		assert.True(t, before == encode(t, m), "neither changes the model")
	})
}

// large is a model with that many threats, and with as much around each as a real one has.
func large(threats int) *model.Model {
	catalog := &model.Catalog{Entries: make(map[string]*model.Entry)}
	for i := range 1000 {
		catalog.Entries[fmt.Sprintf("AC-%d", i)] = &model.Entry{Status: "active", Tags: []string{"low", "moderate"}, Groups: []string{"AC"}}
	}
	m := &model.Model{
		Metadata:        model.Metadata{AppliesTo: &model.AppliesTo{Versions: []string{"v1.32", "v1.33"}}},
		Boundaries:      make(map[string]*model.Boundary),
		Components:      make(map[string]*model.Component),
		Flows:           make(map[string]*model.Flow),
		Actors:          map[string]*model.Actor{"intruder": {}},
		Features:        map[string]*model.Feature{"feature": {}},
		Threats:         make(map[string]*model.Threat),
		Countermeasures: make(map[string]*model.Countermeasure),
		Catalogs:        map[string]*model.Catalog{"nist": catalog},
		Profiles:        map[string]*model.Profile{"managed": {Absent: []string{"c1", "m2"}}},
	}
	for i := range 20 {
		b := &model.Boundary{Plane: "execution", Instances: "many"}
		if i > 0 {
			b.Parent = fmt.Sprintf("b%d", (i-1)/2)
		}
		m.Boundaries[fmt.Sprintf("b%d", i)] = b
	}
	exposures := func(i int) model.Exposures {
		x := model.Exposures{"nist": {}}
		for j := range 4 {
			x["nist"][fmt.Sprintf("AC-%d", (i*7+j)%1000)] = &model.Exposure{Susceptibility: "default", Bearers: map[string]string{"operator": "acts", "provider": "acts"}}
		}
		return x
	}
	parts := threats/5 + 1
	for i := range parts {
		m.Components[fmt.Sprintf("c%d", i)] = &model.Component{Boundary: fmt.Sprintf("b%d", i%20), PutsAtRisk: exposures(i)}
		m.Flows[fmt.Sprintf("f%d", i)] = &model.Flow{From: fmt.Sprintf("c%d", i), To: fmt.Sprintf("c%d", (i*3+1)%parts), Between: "other-instance"}
		m.Countermeasures[fmt.Sprintf("m%d", i)] = &model.Countermeasure{Default: "off", Responsibility: "operator"}
	}
	nodes := map[string]*model.TreeNode{"root": {Gate: "or"}}
	for i := range threats {
		id := fmt.Sprintf("T-%d", i)
		m.Threats[id] = &model.Threat{
			Theme:           fmt.Sprintf("theme%d", i%14),
			Actors:          []string{"intruder"},
			Entry:           []string{fmt.Sprintf("f%d", i%parts)},
			Affects:         []string{fmt.Sprintf("c%d", i%parts), fmt.Sprintf("c%d", (i+1)%parts)},
			ArisesFrom:      []string{"feature"},
			Likelihood:      model.Rating{Level: "high"},
			Impact:          model.Rating{Level: "moderate"},
			Hardened:        &model.Residual{Likelihood: "low"},
			PutsAtRisk:      exposures(i),
			Techniques:      model.Links{"nist": {fmt.Sprintf("AC-%d", i%1000): {}}},
			Countermeasures: map[string]*model.Mitigation{fmt.Sprintf("m%d", i%parts): {Effect: "limit", Extent: "partial"}},
		}
		nodes[id] = &model.TreeNode{Threat: id}
		nodes["root"].Children = append(nodes["root"].Children, id)
	}
	m.AttackTrees = map[string]*model.AttackTree{"tree": {Root: "root", Nodes: nodes}}
	return m
}

func BenchmarkDerive(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		m := large(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Derive(m)
			}
		})
	}
}

func BenchmarkProject(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		m := large(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Project(m, "managed"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
