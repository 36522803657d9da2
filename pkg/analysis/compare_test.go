package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

func TestCompare(t *testing.T) {
	m := profiled()
	got, err := Compare(m, Derive(m))
	require.NoError(t, err)
	assert.Equal(t, []string{"edge", "managed"}, got.Profiles)
	assert.Equal(t, []Contrast{
		{model.Boundaries, "plane", Presence, "present", []string{"present", "absent"}},
		{model.Components, "etcd", Presence, "present", []string{"absent", "present"}},
		{model.Components, "etcd", "boundary", "plane", []string{"", "cluster"}},
		{model.Components, "etcd", "responsibility", "operator", []string{"", "provider"}},
		{model.Threats, "T-1", Presence, "present", []string{"absent", "present"}},
		{model.Threats, "T-2", "asInstalled.likelihood", "", []string{"", "very-low"}},
		{model.Threats, "T-2", "asInstalled.reason", "", []string{"", "so"}},
		{model.Threats, "T-2", InstalledRisk, "moderate", []string{"moderate", "very-low"}},
		{model.Threats, "T-2", HardenedRisk, "moderate", []string{"moderate", "very-low"}},
		{model.Threats, "T-2", StatusWord, "open", []string{"open", "mitigated by default"}},
	}, got.Contrasts)
	assert.Contains(t, got.Totals, Total{model.Components, "responsibility", "operator", 2, []int{1, 1}})
	assert.Contains(t, got.Totals, Total{model.Components, "responsibility", "provider", 0, []int{0, 1}})
	assert.Contains(t, got.Totals, Total{model.Threats, StatusWord, "open", 2, []int{1, 1}})

	m.Profiles["managed"].Absent = nil
	assert.Equal(t, "plane", m.Components["etcd"].Boundary, "the model itself stays as it is")
}

func TestCompareWithoutProfiles(t *testing.T) {
	got, err := Compare(&model.Model{}, Derive(&model.Model{}))
	require.NoError(t, err)
	assert.Nil(t, got)
}

func TestCompareTellsFaults(t *testing.T) {
	m := profiled()
	m.Profiles["managed"].Differs["components"]["nothing"] = map[string]any{"title": "x"}
	_, err := Compare(m, Derive(m))
	var fault *ProjectFault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "differs/components/nothing", fault.Path)
}

// profiled is a model with two profiles: one that lacks a component, and one in which somebody else runs it.
func profiled() *model.Model {
	rated := func(level model.Level) model.Rating { return model.Rating{Level: level, Reason: "so"} }
	return &model.Model{
		Boundaries: map[string]*model.Boundary{
			"cluster": {ID: "cluster", Plane: "execution"},
			"plane":   {ID: "plane", Plane: "execution", Parent: "cluster"},
		},
		Components: map[string]*model.Component{
			"etcd":    {ID: "etcd", Boundary: "plane", Responsibility: "operator"},
			"kubelet": {ID: "kubelet", Boundary: "cluster", Responsibility: "operator"},
		},
		Threats: map[string]*model.Threat{
			"T-1": {ID: "T-1", Affects: []string{"etcd"}, Likelihood: rated("moderate"), Impact: rated("moderate")},
			"T-2": {ID: "T-2", Affects: []string{"kubelet"}, Likelihood: rated("moderate"), Impact: rated("moderate")},
		},
		Profiles: map[string]*model.Profile{
			"edge": {ID: "edge", Absent: []string{"etcd"}},
			"managed": {ID: "managed", Absent: []string{"plane"}, Differs: map[string]map[string]map[string]any{
				"components": {"etcd": {"responsibility": "provider"}},
				"threats":    {"T-2": {"asInstalled": map[string]any{"likelihood": "very-low", "reason": "so"}}},
			}},
		},
		RiskMatrix: model.RiskMatrix{"moderate": {"moderate": "moderate"}, "very-low": {"moderate": "very-low"}},
	}
}

func TestCompleteness(t *testing.T) {
	m := &model.Model{
		Components: map[string]*model.Component{"whole": {}, "half": {PartOf: []string{"whole"}}, "alone": {}, "peer": {}},
		Flows:      map[string]*model.Flow{"f": {ID: "f", From: "half", To: "peer"}},
		Actors: map[string]*model.Actor{
			"thief":   {Position: "external"},
			"admin":   {Position: "insider-organisation", Oversight: &model.Oversight{Trace: "audit", WatchedBy: []string{"admin"}}},
			"builder": {Position: "supply-chain", Oversight: &model.Oversight{Trace: "log", WatchedBy: []string{"admin"}}},
		},
		Features: map[string]*model.Feature{"silent": {}, "exposed": {PutsAtRisk: exposed("inherent", "AC-1")}},
		Threats: map[string]*model.Threat{
			"T-1": {Actors: []string{"thief", "admin"}, Affects: []string{"whole"}, Via: []string{"f"}, ArisesFrom: []string{"exposed"}, NoTechnique: "none fits"},
			"T-2": {Actors: []string{"thief"}, Entry: []string{"half"}, Decision: &model.Decision{What: "accept"}},
		},
		Countermeasures: map[string]*model.Countermeasure{"idle": {}},
	}
	open := map[string][]string{}
	for _, q := range Derive(m).Completeness {
		open[q.ID] = q.Open
	}
	assert.Equal(t, map[string][]string{
		"component-has-flow":      {"alone"},
		"component-has-threat":    {"alone", "peer"},
		"actor-has-threat":        {"builder"},
		"insider-has-oversight":   {"admin"},
		"feature-has-consequence": {"silent"},
		"threat-has-requirement":  {"T-2"},
		"threat-has-technique":    {"T-2"},
		"threat-has-answer":       {"T-1"},
		"countermeasure-is-used":  {"idle"},
	}, open, "questions that are asked of no entry are left out")
}

func TestCompletenessOfCrossings(t *testing.T) {
	m := &model.Model{
		Boundaries: map[string]*model.Boundary{"in": {ID: "in", Plane: "network"}},
		Components: map[string]*model.Component{"a": {Boundary: "in"}, "b": {}, "c": {Boundary: "in"}},
		Flows: map[string]*model.Flow{
			"threatened": {ID: "threatened", From: "a", To: "b"}, "reasoned": {ID: "reasoned", From: "a", To: "b"},
			"forgotten": {ID: "forgotten", From: "a", To: "b"}, "inner": {ID: "inner", From: "a", To: "c"},
		},
		Threats:    map[string]*model.Threat{"T-1": {Entry: []string{"threatened"}}},
		Considered: map[string]map[string]*model.Consideration{"reasoned": {"why": {Verdict: "not-a-threat"}}},
	}
	for _, q := range Derive(m).Completeness {
		if q.ID == "crossing-has-answer" {
			assert.Equal(t, 3, q.Asked, "a flow that crosses nothing is not asked about")
			assert.Equal(t, []string{"forgotten"}, q.Open)
			return
		}
	}
	t.Fatal("the question was not asked")
}
