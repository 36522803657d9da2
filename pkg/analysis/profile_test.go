package analysis

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// hosted is a model with something of every kind that a profile can take away.
func hosted() *model.Model {
	return &model.Model{
		Metadata: model.Metadata{Name: "hosted"},
		Themes:   map[string]*model.Theme{"theme": {}},
		Boundaries: map[string]*model.Boundary{
			"site": {}, "rack": {Parent: "site"}, "shelf": {Parent: "rack"}, "island": {}, "net": {Plane: "network"}, "subnet": {Plane: "network", Parent: "net"},
		},
		Components: map[string]*model.Component{
			"api":    {Boundary: "rack", AlsoIn: []string{"net"}, Holds: map[string]*model.Holding{"key": {}, "log": {}}},
			"store":  {Boundary: "rack", AlsoIn: []string{"subnet"}, RunsOn: []string{"host", "api"}},
			"plugin": {Boundary: "shelf", PartOf: []string{"store"}},
			"host":   {Boundary: "island"},
		},
		Features: map[string]*model.Feature{"plain": {Component: "store"}, "open": {Component: "api"}},
		Assets:   map[string]*model.Asset{"key": {Credential: &model.Credential{IssuedBy: []string{"store", "api"}}}, "log": {}},
		Flows: map[string]*model.Flow{
			"tunnel": {From: "host", To: "api"}, "inner": {From: "api", To: "api", Over: []string{"tunnel"}},
			"to-store": {From: "api", To: "store", Carries: []string{"key", "log"}}, "visit": {From: "intruder", To: "api"},
		},
		Actors: map[string]*model.Actor{
			"intruder": {},
			"admin": {Boundary: "shelf", Access: map[string]string{"store": "operate", "api": "read"},
				Oversight: &model.Oversight{RecordedIn: []string{"store"}, WatchedBy: []string{"intruder"}, Separation: []string{"crypt"}}},
		},
		Threats: map[string]*model.Threat{
			"T-API":   {Theme: "theme", Title: "old", Actors: []string{"intruder", "admin"}, Entry: []string{"visit", "to-store"}, Affects: []string{"api", "store"}, ArisesFrom: []string{"open", "plain"}, LeadsTo: []string{"T-STORE"}, Countermeasures: map[string]*model.Mitigation{"crypt": {}, "wall": {}}},
			"T-STORE": {Theme: "theme", Actors: []string{"intruder"}, Affects: []string{"store", "to-store"}},
			"T-PLAIN": {Theme: "theme", Actors: []string{"intruder"}, Affects: []string{"api"}, ArisesFrom: []string{"plain"}},
			"T-ADMIN": {Theme: "theme", Actors: []string{"admin"}, Affects: []string{"api"}, Tags: []string{"a", "b"}},
		},
		Countermeasures: map[string]*model.Countermeasure{
			"wall": {}, "crypt": {Component: "store"}, "more": {Requires: []string{"crypt"}}, "setting": {Feature: "plain"}, "lock": {Introduces: []string{"T-STORE"}},
		},
		AttackTrees: map[string]*model.AttackTree{"tree": {Root: "n", Nodes: map[string]*model.TreeNode{
			"n": {Threat: "T-STORE"}, "o": {Threat: "T-STORE", Reason: "Known."}, "p": {Threat: "T-API"},
		}}},
		Scenarios: map[string]*model.Scenario{
			"long":  {Steps: []model.Step{{Flow: "visit"}, {Flow: "to-store", Note: "x"}, {Flow: "visit", Note: "back"}}},
			"short": {Steps: []model.Step{{Flow: "to-store"}}},
		},
		Views:    map[string]*model.View{"v": {Selects: model.Selection{Boundaries: []string{"rack"}, Components: []string{"api", "store"}}}},
		Tensions: map[string]*model.Tension{"t": {Threats: []string{"T-STORE", "T-API"}}},
		Waivers:  map[string]*model.Waiver{"w": {Subject: "T-STORE"}, "x": {Subject: "T-API"}},
		Retired:  map[string]*model.Retired{"gone": {ReplacedBy: "store"}},
		Considered: map[string]map[string]*model.Consideration{
			"store": {"q": {}}, "api": {"q": {Threat: "T-STORE"}, "r": {Threat: "T-API"}}, "host": {"q": {Threat: "T-STORE"}},
		},
		Exclusions: map[string]map[string]*model.Exclusion{"c": {
			"AC-1": {Reason: "r", Profile: "p"}, "AC-2": {Reason: "r", Profile: "other"}, "AC-3": {Reason: "r"},
		}},
		Catalogs: map[string]*model.Catalog{"c": controls()},
		Profiles: map[string]*model.Profile{"p": {}, "other": {Absent: []string{"store", "log"}, Differs: map[string]map[string]map[string]any{"components": {"store": {}}, "assets": {"log": {}}}}},
	}
}

// project applies a profile to the hosted model.
func project(t *testing.T, p model.Profile) *model.Model {
	t.Helper()
	m := hosted()
	m.Profiles["p"] = &p
	out, err := Project(m, "p")
	require.NoError(t, err)
	return out
}

func TestProjectAbsentComponent(t *testing.T) {
	m := project(t, model.Profile{Absent: []string{"store"}})

	assert.Equal(t, []string{"api", "host"}, m.IDs(model.Components), "the plugin is a part of the store")
	assert.Equal(t, []string{"open"}, m.IDs(model.Features))
	assert.Equal(t, []string{"inner", "tunnel", "visit"}, m.IDs(model.Flows))
	assert.Equal(t, []string{"lock", "wall"}, m.IDs(model.Countermeasures), "gone: where it works, what it requires, what it switches")
	assert.Equal(t, []string{"T-ADMIN", "T-API"}, m.IDs(model.Threats), "gone: all it affects, all it arises from")
	assert.Equal(t, []string{"long"}, m.IDs(model.Scenarios))
	assert.Equal(t, []string{"x"}, m.IDs(model.Waivers))

	threat := m.Threats["T-API"]
	assert.Equal(t, []string{"visit"}, threat.Entry)
	assert.Equal(t, []string{"api"}, threat.Affects)
	assert.Equal(t, []string{"open"}, threat.ArisesFrom)
	assert.Empty(t, threat.LeadsTo)
	assert.Equal(t, []string{"wall"}, model.Keys(threat.Countermeasures))

	assert.Equal(t, []string{"api"}, m.Assets["key"].Credential.IssuedBy)
	assert.Equal(t, map[string]string{"api": "read"}, m.Actors["admin"].Access)
	assert.Empty(t, m.Actors["admin"].Oversight.RecordedIn)
	assert.Empty(t, m.Actors["admin"].Oversight.Separation)
	assert.Empty(t, m.Countermeasures["lock"].Introduces)
	assert.Equal(t, map[string]*model.TreeNode{
		"n": {Reason: "T-STORE does not exist in this profile."},
		"o": {Reason: "T-STORE does not exist in this profile. Known."},
		"p": {Threat: "T-API"},
	}, m.AttackTrees["tree"].Nodes)
	assert.Equal(t, []model.Step{{Flow: "visit"}, {Flow: "visit", Note: "back"}}, m.Scenarios["long"].Steps)
	assert.Equal(t, []string{"api"}, m.Views["v"].Selects.Components)
	assert.Equal(t, []string{"T-API"}, m.Tensions["t"].Threats)
	assert.Empty(t, m.Retired["gone"].ReplacedBy)
	assert.Equal(t, map[string]map[string]*model.Consideration{"api": {"r": {Threat: "T-API"}}}, m.Considered)

	assert.Equal(t, "hosted", m.Metadata.Name)
	assert.Equal(t, []string{"other", "p"}, m.IDs(model.Profiles))
	assert.Equal(t, []string{"log"}, m.Profiles["other"].Absent)
	assert.Equal(t, []string{"assets"}, model.Keys(m.Profiles["other"].Differs))
}

func TestProjectAbsentOthers(t *testing.T) {
	t.Run("a tunnel takes what it carries", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"tunnel"}})
		assert.Equal(t, []string{"to-store", "visit"}, m.IDs(model.Flows))
	})
	t.Run("an actor takes the threats that are theirs alone", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"admin", ""}})
		assert.Equal(t, []string{"T-API", "T-PLAIN", "T-STORE"}, m.IDs(model.Threats))
		assert.Equal(t, []string{"intruder"}, m.Threats["T-API"].Actors)
	})
	t.Run("an actor takes its flows", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"intruder"}})
		assert.NotContains(t, m.Flows, "visit")
	})
	t.Run("an asset is no longer held or carried", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"key"}})
		assert.Equal(t, []string{"log"}, model.Keys(m.Components["api"].Holds))
		assert.Equal(t, []string{"log"}, m.Flows["to-store"].Carries)
	})
	t.Run("a countermeasure no longer counts", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"crypt"}})
		assert.Equal(t, []string{"wall"}, model.Keys(m.Threats["T-API"].Countermeasures))
		assert.NotContains(t, m.Countermeasures, "more")
	})
}

func TestProjectAbsentBoundary(t *testing.T) {
	t.Run("what is inside moves out", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"rack", "subnet"}})
		assert.Equal(t, "site", m.Boundaries["shelf"].Parent)
		assert.Equal(t, "site", m.Components["api"].Boundary)
		assert.Equal(t, "shelf", m.Components["plugin"].Boundary)
		assert.Equal(t, []string{"net"}, m.Components["store"].AlsoIn)
		assert.Empty(t, m.Views["v"].Selects.Boundaries)
	})
	t.Run("through all that are gone", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"rack", "shelf"}})
		assert.Equal(t, "site", m.Components["plugin"].Boundary)
		assert.Equal(t, "site", m.Actors["admin"].Boundary)
	})
	t.Run("what has nowhere to go, goes", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"island", "net"}})
		assert.NotContains(t, m.Components, "host")
		assert.NotContains(t, m.Flows, "inner", "nor does the flow in the tunnel of what is gone")
		assert.Equal(t, []string{"api"}, m.Components["store"].RunsOn, "a component can run elsewhere")
		assert.Empty(t, m.Components["api"].AlsoIn)
		assert.Empty(t, m.Boundaries["subnet"].Parent)
	})
	t.Run("an actor stands outside then", func(t *testing.T) {
		m := project(t, model.Profile{Absent: []string{"site", "rack", "shelf"}})
		assert.Contains(t, m.Actors, "admin")
		assert.Empty(t, m.Actors["admin"].Boundary)
	})
}

func TestProjectDiffers(t *testing.T) {
	m := project(t, model.Profile{Differs: map[string]map[string]map[string]any{
		"threats": {
			"T-API": {"id": "T-API", "title": "new", "reviewed": map[string]any{"by": "them"}, "leadsTo": nil,
				"countermeasures": map[string]any{"wall": nil, "crypt": map[string]any{"effect": "prevent"}, "lock": map[string]any{"effect": "deter"}}},
			"T-ADMIN": {"tags": []any{"c"}, "decision": map[string]any{"what": "accept"}},
		},
		"flows": {"visit": {"ports": []any{443}, "between": "other-instance"}},
	}})
	threat := m.Threats["T-API"]
	assert.Equal(t, "new", threat.Title)
	assert.Equal(t, "them", threat.Reviewed.By)
	assert.Empty(t, threat.LeadsTo, "null takes away")
	assert.Equal(t, map[string]*model.Mitigation{"crypt": {Effect: "prevent"}, "lock": {Effect: "deter"}}, threat.Countermeasures, "maps are merged")
	assert.Equal(t, []string{"api", "store"}, threat.Affects, "what does not differ stays")
	assert.Equal(t, []string{"c"}, m.Threats["T-ADMIN"].Tags, "lists are replaced")
	assert.Equal(t, Accepted, Derive(m).Threats["T-ADMIN"].Status)
	assert.Equal(t, []int{443}, m.Flows["visit"].Ports)
}

// TestProjectDiffersFirst shows that a difference can save what would otherwise go.
func TestProjectDiffersFirst(t *testing.T) {
	m := project(t, model.Profile{
		Absent:  []string{"store"},
		Differs: map[string]map[string]map[string]any{"features": {"plain": {"component": "api"}}, "components": {"plugin": {"partOf": []any{}}}},
	})
	assert.Contains(t, m.Threats, "T-PLAIN")
	assert.Contains(t, m.Components, "plugin")
}

func TestProjectExclusions(t *testing.T) {
	m := project(t, model.Profile{})
	assert.Equal(t, map[string]*model.Exclusion{"AC-1": {Reason: "r"}, "AC-3": {Reason: "r"}}, m.Exclusions["c"])
	assert.Equal(t, Excluded, Derive(m).Coverage["c"].Entries["AC-1"].State)
	assert.Equal(t, NotAssessed, Derive(hosted()).Coverage["c"].Entries["AC-1"].State)
}

func TestProjectFaults(t *testing.T) {
	differs := func(collection, id string, fields map[string]any) map[string]map[string]map[string]any {
		return map[string]map[string]map[string]any{collection: {id: fields}}
	}
	tests := []struct {
		desc    string
		differs map[string]map[string]map[string]any
		want    string
	}{
		{"collection", differs("treats", "T-API", nil), "profile p: differs/treats: no such collection; there are: themes, assumptions, boundaries"},
		{"profiles", differs("profiles", "p", nil), "profile p: differs/profiles: no such collection"},
		{"id", differs("threats", "T-9", nil), "profile p: differs/threats/T-9: no such threat"},
		{"other id", differs("threats", "T-API", map[string]any{"id": "T-1"}), "profile p: differs/threats/T-API/id: an entry keeps its id"},
		{"field", differs("waivers", "w", map[string]any{"Reason": "x"}),
			"profile p: differs/waivers/w/Reason: no such field; there are: approvedBy, expires, id, policy, reason, subject"},
		{"deep field", differs("threats", "T-API", map[string]any{"countermeasures": map[string]any{"wall": map[string]any{"affect": "deter"}}}),
			"profile p: differs/threats/T-API/countermeasures/wall/affect: no such field; there are: effect, extent, note"},
		{"field in a list", differs("scenarios", "long", map[string]any{"steps": []any{map[string]any{"flow": "visit"}, map[string]any{"flaw": "visit"}}}),
			"profile p: differs/scenarios/long/steps/1/flaw: no such field; there are: flow, note"},
		{"type", differs("components", "api", map[string]any{"optional": "yes"}), "profile p: differs/components/api/optional: cannot be of the type string"},
		{"map for text", differs("components", "api", map[string]any{"title": map[string]any{"x": 1}}), "profile p: differs/components/api/title: cannot be of the type object"},
		{"list for map", differs("components", "api", map[string]any{"holds": []any{map[string]any{"x": 1}}}), "profile p: differs/components/api/holds: cannot be of the type array"},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			m := hosted()
			m.Profiles["p"].Differs = tt.differs
			out, err := Project(m, "p")
			assert.Nil(t, out)
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.want)
			fault, ok := errors.AsType[*ProjectFault](err)
			require.True(t, ok)
			assert.Equal(t, "p", fault.Profile)
		})
	}

	_, err := Project(hosted(), "managed")
	assert.EqualError(t, err, "profile managed: no such profile in the model; there are: other, p")
	_, err = Project(&model.Model{}, "managed")
	assert.EqualError(t, err, "profile managed: no such profile in the model")

	m := hosted()
	m.Profiles["p"].Differs = map[string]map[string]map[string]any{"threats": {"T-9": nil}, "flows": {"f": nil}}
	_, err = Project(m, "p")
	assert.EqualError(t, err, "profile p: differs/flows/f: no such flow\nprofile p: differs/threats/T-9: no such threat", "all faults at once")
}

// TestProjectIsClean projects random models without faults, and finds none in what comes out.
func TestProjectIsClean(t *testing.T) {
	refs := attributes(t)
	removed := 0
	for seed := range int64(200) {
		r := newRandom(seed, refs)
		m := r.model()
		require.Empty(t, faults(m, refs), "seed %d: the model to begin with", seed)
		before := encode(t, m)
		for _, profile := range model.Keys(m.Profiles) {
			got, err := Project(m, profile)
			require.NoError(t, err, "seed %d", seed)
			require.Empty(t, faults(got, refs), "seed %d, profile %s", seed, profile)
			ix := model.NewIndex(got)
			for _, id := range m.Profiles[profile].Absent {
				require.NotContains(t, ix, id, "seed %d, profile %s", seed, profile)
			}
			for _, threat := range got.Threats {
				was := m.Threats[threat.ID]
				require.False(t, len(was.ArisesFrom) > 0 && len(threat.ArisesFrom) == 0, "seed %d: %s arises from nothing", seed, threat.ID)
			}
			for _, k := range model.Kinds() {
				removed += len(m.IDs(k)) - len(got.IDs(k))
			}
			Derive(got)
		}
		require.True(t, before == encode(t, m), "seed %d: the model itself has changed", seed)
	}
	assert.Greater(t, removed, 2000, "entries that went: too few to show anything")
}

// TestProjectNothing shows that a profile without differences is the model, down to the last field.
func TestProjectNothing(t *testing.T) {
	refs := attributes(t)
	for seed := range int64(50) {
		m := newRandom(seed, refs).model()
		m.Profiles["plain"] = &model.Profile{ID: "plain"}
		m.Exclusions = nil
		maps.DeleteFunc(m.Considered, func(_ string, questions map[string]*model.Consideration) bool { return len(questions) == 0 })
		got, err := Project(m, "plain")
		require.NoError(t, err)
		require.True(t, encode(t, m) == encode(t, got), "seed %d", seed)
	}
}

// TestProjectSharesNothing changes everything in the result, and finds the model as it was.
func TestProjectSharesNothing(t *testing.T) {
	m := hosted()
	before := encode(t, m)
	got, err := Project(m, "p")
	require.NoError(t, err)
	var spoil func(v reflect.Value)
	spoil = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString("spoilt")
		case reflect.Pointer:
			if !v.IsNil() {
				spoil(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				spoil(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				spoil(v.Index(i))
			}
		case reflect.Map:
			for _, k := range slices.Clone(v.MapKeys()) {
				if e := v.MapIndex(k); e.Kind() == reflect.Pointer || e.Kind() == reflect.Map {
					spoil(e)
				}
				v.SetMapIndex(k, reflect.Value{})
			}
		}
	}
	spoil(reflect.ValueOf(got))
	assert.Equal(t, before, encode(t, m))
}
