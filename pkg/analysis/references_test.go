package analysis

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// attribute is an @ref attribute of the contract.
type attribute struct {
	kinds    []model.Kind // none: any
	required bool
}

// attributes reads the @ref attributes of schema/v1, by the path of their field from the model down, such as
// components.holds or assets.credential.issuedBy. It knows as much of CUE as the contract's form needs: a definition
// begins a line, and its fields stand one tab in.
func attributes(t testing.TB) map[string]attribute {
	t.Helper()
	files, err := filepath.Glob("../../schema/v1/*.cue")
	require.NoError(t, err)
	var text strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text.Write(data)
	}
	definitions := make(map[string][]string)
	for _, m := range regexp.MustCompile(`(?ms)^(#\w+): \{\n(.*?)^\}`).FindAllStringSubmatch(text.String(), -1) {
		definitions[m[1]] = strings.Split(m[2], "\n")
	}
	field := regexp.MustCompile(`^\t(?:\w+=)?(\w+)([!?]?): `)
	ref := regexp.MustCompile(`@ref\(([^)]*)\)`)
	name := regexp.MustCompile(`#\w+`)

	out := make(map[string]attribute)
	count := 0
	var walk func(definition, path string)
	walk = func(definition, path string) {
		at, followed := "", false
		for _, line := range definitions[definition] {
			if f := field.FindStringSubmatch(line); f != nil {
				at, followed = strings.TrimPrefix(path+"."+f[1], "."), false
				if r := ref.FindStringSubmatch(line); r != nil {
					a := attribute{required: f[2] == "!"}
					for k := range strings.SplitSeq(r[1], ",") {
						if k = strings.TrimSpace(k); k != "any" {
							a.kinds = append(a.kinds, model.Kind(k))
						}
					}
					out[at] = a
				}
			}
			for _, d := range name.FindAllString(line, -1) {
				if _, isStruct := definitions[d]; isStruct && !followed && !strings.HasPrefix(strings.TrimSpace(line), "//") {
					followed = true
					walk(d, at)
				}
			}
		}
	}
	walk("#ThreatModel", "")
	for range ref.FindAllString(strings.Join(slices.DeleteFunc(strings.Split(text.String(), "\n"), func(l string) bool {
		return strings.HasPrefix(strings.TrimSpace(l), "//")
	}), "\n"), -1) {
		count++
	}
	require.Len(t, out, count, "@ref attributes by path; one that is missing was not found from #ThreatModel")
	return out
}

// TestReferenceFields holds the table of references to the @ref attributes of the contract.
func TestReferenceFields(t *testing.T) {
	m := &model.Model{
		Boundaries:      map[string]*model.Boundary{"x": {}},
		Components:      map[string]*model.Component{"x": {}},
		Features:        map[string]*model.Feature{"x": {}},
		Assets:          map[string]*model.Asset{"x": {Credential: &model.Credential{}}},
		Flows:           map[string]*model.Flow{"x": {}},
		Actors:          map[string]*model.Actor{"x": {Oversight: &model.Oversight{}}},
		Threats:         map[string]*model.Threat{"x": {}},
		Countermeasures: map[string]*model.Countermeasure{"x": {}},
		AttackTrees:     map[string]*model.AttackTree{"x": {}},
		Scenarios:       map[string]*model.Scenario{"x": {}},
		Views:           map[string]*model.View{"x": {}},
		Profiles:        map[string]*model.Profile{"x": {}},
		Tensions:        map[string]*model.Tension{"x": {}},
		Waivers:         map[string]*model.Waiver{"x": {}},
		Retired:         map[string]*model.Retired{"x": {}},
		Exclusions:      map[string]map[string]*model.Exclusion{"x": {}},
		Crosswalks:      map[string]*model.Crosswalk{"x": {}},
	}
	got := make(map[string]attribute)
	holders(m, func(kind model.Kind, _ string, fields ...field) {
		for _, f := range fields {
			path := strings.TrimPrefix(string(kind)+"."+f.name, ".")
			// Considered questions are a part of each kind of element here.
			if strings.HasSuffix(path, "considered.threat") {
				path = "considered.threat"
			}
			got[path] = attribute{kinds: f.kinds}
		}
	})
	assert.Contains(t, got, "profiles.differs")
	delete(got, "profiles.differs") // The contract has no attribute that could say what it refers to.

	want := attributes(t)
	for path, a := range want {
		want[path] = attribute{kinds: a.kinds}
	}
	assert.Equal(t, want, got)
	t.Logf("%d reference fields: %s", len(got), strings.Join(model.Keys(got), ", "))
}

// visit calls what is given for each reference field of a model, with the ids in it. It finds the fields by the
// contract's attributes and knows nothing of the table that it is there to test.
func visit(m *model.Model, refs map[string]attribute, found func(path string, a attribute, ids []string)) {
	// Below a map of which the keys are references are no others until the next field.
	var walk func(v reflect.Value, path string, below bool)
	walk = func(v reflect.Value, path string, below bool) {
		a, isRef := refs[path]
		isRef = isRef && !below
		switch v.Kind() {
		case reflect.String:
			if isRef {
				found(path, a, slices.DeleteFunc([]string{v.String()}, func(s string) bool { return s == "" }))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), path, below)
			}
		case reflect.Struct:
			for f, value := range v.Fields() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				walk(value, strings.TrimPrefix(path+"."+name, "."), false)
			}
		case reflect.Map:
			var ids []string
			for iter := v.MapRange(); iter.Next(); {
				ids = append(ids, iter.Key().String())
				walk(iter.Value(), path, isRef || below)
			}
			if isRef {
				found(path, a, ids)
			}
		case reflect.Slice:
			if ids, ok := v.Interface().([]string); ok && isRef {
				found(path, a, ids)
				return
			}
			for i := range v.Len() {
				walk(v.Index(i), path, below)
			}
		}
	}
	walk(reflect.ValueOf(m), "", false)
}

// faults lists the references of a model that lead nowhere, and the required ones that it lacks.
func faults(m *model.Model, refs map[string]attribute) (faults []string) {
	visit(m, refs, func(path string, a attribute, ids []string) {
		if a.required && len(ids) == 0 {
			faults = append(faults, path+" is empty")
		}
		kinds := a.kinds
		if kinds == nil {
			kinds = model.Kinds()
		}
		for _, id := range ids {
			if !slices.ContainsFunc(kinds, func(k model.Kind) bool {
				return m.Collection(k).MapIndex(reflect.ValueOf(id)).IsValid()
			}) {
				faults = append(faults, path+" names "+id)
			}
		}
	})
	slices.Sort(faults)
	return faults
}

// TestReferences holds the ids that the table finds to those that the attributes find.
func TestReferences(t *testing.T) {
	refs := attributes(t)
	for seed := range int64(50) {
		m := newRandom(seed, refs).model()
		var want, got []string
		visit(m, refs, func(path string, _ attribute, ids []string) {
			for _, id := range ids {
				want = append(want, path+" "+id)
			}
		})
		for r := range References(m) {
			path := strings.TrimPrefix(string(r.Kind)+"."+r.Field, ".")
			if r.Field == "considered.threat" {
				path = r.Field
			}
			if r.Field != "differs" {
				got = append(got, path+" "+r.To)
			}
		}
		require.ElementsMatch(t, want, got)
	}
	for range References(newRandom(1, refs).model()) {
		break // must not go on
	}
}

func TestBackReferences(t *testing.T) {
	m := &model.Model{
		Boundaries: map[string]*model.Boundary{"zone": {Parent: "zone"}},
		Components: map[string]*model.Component{
			"api":   {Boundary: "zone", Holds: map[string]*model.Holding{"key": {}}, PutsAtRisk: exposed("default", "AC-1")},
			"store": {Boundary: "zone", AlsoIn: []string{"zone"}, PartOf: []string{"api", "api"}, RunsOn: []string{"ghost"}},
		},
		Assets:      map[string]*model.Asset{"key": {Credential: &model.Credential{IssuedBy: []string{"api"}}}},
		Flows:       map[string]*model.Flow{"f": {From: "api", To: "store", Carries: []string{"key"}}},
		Threats:     map[string]*model.Threat{"T-1": {Affects: []string{"key", "f"}}},
		AttackTrees: map[string]*model.AttackTree{"t": {Nodes: map[string]*model.TreeNode{"a": {Threat: "T-1"}, "b": {Threat: "T-1"}}}},
		Scenarios:   map[string]*model.Scenario{"s": {Steps: []model.Step{{Flow: "f"}, {Flow: "f"}}}},
		Profiles:    map[string]*model.Profile{"p": {Differs: map[string]map[string]map[string]any{"components": {"store": {}}}}},
		Considered:  map[string]map[string]*model.Consideration{"api": {"q": {Threat: "T-1"}, "r": {}}},
		Exclusions:  map[string]map[string]*model.Exclusion{"c": {"AC-1": {Profile: "p"}}},
	}
	assert.Equal(t, map[string][]BackReference{
		"zone": {
			{model.Boundaries, "zone", "parent"},
			{model.Components, "api", "boundary"},
			{model.Components, "store", "boundary"},
			{model.Components, "store", "alsoIn"},
		},
		"api": {
			{model.Components, "store", "partOf"},
			{model.Assets, "key", "credential.issuedBy"},
			{model.Flows, "f", "from"},
		},
		"store": {{model.Flows, "f", "to"}, {model.Profiles, "p", "differs"}},
		"ghost": {{model.Components, "store", "runsOn"}},
		"key":   {{model.Components, "api", "holds"}, {model.Flows, "f", "carries"}, {model.Threats, "T-1", "affects"}},
		"f":     {{model.Threats, "T-1", "affects"}, {model.Scenarios, "s", "steps.flow"}},
		"T-1":   {{model.Components, "api", "considered.threat"}, {model.AttackTrees, "t", "nodes.threat"}},
	}, Derive(m).References)
}
