package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tmkit/tmkit/pkg/model"
)

// controls is a small catalogue with every kind of entry.
func controls() *model.Catalog {
	return &model.Catalog{
		Groups: map[string]*model.Group{"AC": {}, "PT": {}, "TA1": {}, "TA2": {}},
		Entries: map[string]*model.Entry{
			"AC-1":    {Status: "active", Groups: []string{"AC"}, Tags: []string{"low", "high"}},
			"AC-2":    {Status: "active", Groups: []string{"AC"}, Tags: []string{"low", "high", "low"}},
			"AC-2(1)": {Status: "active", Parent: "AC-2", Groups: []string{"AC"}, Tags: []string{"high"}},
			"AC-3":    {Status: "withdrawn", Groups: []string{"AC"}},
			"AC-4":    {Status: "withdrawn", Groups: []string{"AC"}},
			"PT-1":    {Status: "active", Groups: []string{"PT"}},
			"PT-1(1)": {Status: "active", Parent: "PT-1"},
			"T1":      {Status: "active", Groups: []string{"TA1", "TA2"}},
			"L-1":     {Status: "active", Parent: "L-2"},
			"L-2":     {Status: "active", Parent: "L-1"},
		},
	}
}

func exposed(susceptibility string, entries ...string) model.Exposures {
	x := model.Exposures{"c": {}}
	for _, e := range entries {
		x["c"][e] = &model.Exposure{Susceptibility: susceptibility, Bearers: map[string]string{"operator": "acts"}}
	}
	return x
}

func covering(extent string) *model.Threat {
	return &model.Threat{Covers: map[string]map[string]*model.Cover{"c": {"AC-1": {Extent: extent}}}}
}

func TestCoverageStates(t *testing.T) {
	excluded := func(profile string, ids ...string) func(*model.Model) {
		return func(m *model.Model) {
			m.Exclusions = map[string]map[string]*model.Exclusion{"c": {}}
			for _, id := range ids {
				m.Exclusions["c"][id] = &model.Exclusion{Reason: "not " + id, Profile: profile}
			}
		}
	}
	threat := func(x *model.Threat) func(*model.Model) {
		return func(m *model.Model) { m.Threats = map[string]*model.Threat{"T-1": x} }
	}
	component := func(x model.Exposures) func(*model.Model) {
		return func(m *model.Model) { m.Components = map[string]*model.Component{"x": {PutsAtRisk: x}} }
	}
	feature := func(x model.Exposures) func(*model.Model) {
		return func(m *model.Model) { m.Features = map[string]*model.Feature{"y": {PutsAtRisk: x}} }
	}
	type mods = []func(*model.Model)
	tests := []struct {
		desc   string
		mods   mods
		entry  string
		want   State
		reason string
	}{
		{"nothing said", nil, "AC-1", NotAssessed, ""},
		{"a threat", mods{threat(&model.Threat{PutsAtRisk: exposed("default", "AC-1")})}, "AC-1", AtRisk, ""},
		{"a component", mods{component(exposed("inherent", "AC-1"))}, "AC-1", AtRisk, ""},
		{"a feature", mods{feature(exposed("conditional", "AC-1"))}, "AC-1", AtRisk, ""},
		{"one resists", mods{feature(exposed("resistant", "AC-1"))}, "AC-1", Resistant, ""},
		{"one resists, another does not", mods{feature(exposed("resistant", "AC-1")), component(exposed("default", "AC-1"))}, "AC-1", AtRisk, ""},
		{"the same the other way round", mods{component(exposed("resistant", "AC-1")), feature(exposed("default", "AC-1"))}, "AC-1", AtRisk, ""},
		{"excluded", mods{excluded("", "AC-1")}, "AC-1", Excluded, "not AC-1"},
		{"excluded and at risk", mods{excluded("", "AC-1"), component(exposed("default", "AC-1"))}, "AC-1", AtRisk, ""},
		{"excluded and resistant", mods{excluded("", "AC-1"), component(exposed("resistant", "AC-1"))}, "AC-1", Resistant, ""},
		{"excluded and referenced", mods{excluded("", "AC-1"), threat(&model.Threat{Techniques: model.Links{"c": {"AC-1": {}}}})}, "AC-1", Excluded, "not AC-1"},
		{"covered", mods{threat(covering("full"))}, "AC-1", Covered, ""},
		{"partly covered", mods{threat(covering("partial"))}, "AC-1", PartlyCovered, ""},
		{"excluded and partly covered", mods{excluded("", "AC-1"), threat(covering("partial"))}, "AC-1", PartlyCovered, ""},
		{"excluded for a profile", mods{excluded("managed", "AC-1", "AC")}, "AC-1", NotAssessed, ""},
		{"the control is excluded, so is what refines it", mods{excluded("", "AC-2")}, "AC-2(1)", Excluded, "not AC-2"},
		{"what refines it is excluded, the control is not", mods{excluded("", "AC-2(1)")}, "AC-2", NotAssessed, ""},
		{"the group is excluded", mods{excluded("", "PT")}, "PT-1", Excluded, "not PT"},
		{"the group of the control is excluded", mods{excluded("", "PT")}, "PT-1(1)", Excluded, "not PT"},
		{"the nearest reason counts", mods{excluded("", "AC-2", "AC")}, "AC-2", Excluded, "not AC-2"},
		{"one of two groups is excluded", mods{excluded("", "TA1")}, "T1", NotAssessed, ""},
		{"both groups are excluded", mods{excluded("", "TA1", "TA2")}, "T1", Excluded, "not TA1"},
		{"a circle of parents", mods{excluded("", "AC-1")}, "L-1", NotAssessed, ""},
		{"technique", mods{threat(&model.Threat{Techniques: model.Links{"c": {"AC-1": {}}}})}, "AC-1", Referenced, ""},
		{"weakness", mods{threat(&model.Threat{Weaknesses: model.Links{"c": {"AC-1": nil}}})}, "AC-1", Referenced, ""},
		{"vulnerability", mods{threat(&model.Threat{Vulnerabilities: model.Links{"c": {"AC-1": {}}}})}, "AC-1", Referenced, ""},
		{"tension", mods{func(m *model.Model) {
			m.Tensions = map[string]*model.Tension{"t": {Entries: []model.EntryRef{{Catalogue: "c", Entry: "AC-1"}, {Catalogue: "d", Entry: "AC-1"}}}}
		}}, "AC-1", Referenced, ""},
		{"support", mods{func(m *model.Model) {
			m.Countermeasures = map[string]*model.Countermeasure{"m": {Supports: map[string]map[string]*model.Support{"c": {"AC-1": {}}}}}
		}}, "AC-1", NotAssessed, ""},
		{"an enhancement at risk", mods{component(exposed("default", "AC-2(1)"))}, "AC-2", NotAssessed, ""},
		{"a control at risk", mods{component(exposed("default", "AC-2"))}, "AC-2(1)", NotAssessed, ""},
		{"withdrawn and cited", mods{component(exposed("default", "AC-3"))}, "AC-3", AtRisk, ""},
		{"an obsolete threat", mods{threat(&model.Threat{
			PutsAtRisk: exposed("default", "AC-1"), AffectedVersions: []model.VersionRange{{Fixed: "v1.1"}},
		})}, "AC-1", Referenced, ""},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			m := &model.Model{
				Metadata: model.Metadata{AppliesTo: &model.AppliesTo{Versions: []string{"v1.2"}}},
				Catalogs: map[string]*model.Catalog{"c": controls()},
			}
			for _, f := range tt.mods {
				f(m)
			}
			got := Derive(m).Coverage["c"].Entries[tt.entry]
			assert.Equal(t, tt.want, got.State)
			assert.Equal(t, tt.reason, got.Reason)
		})
	}
}

func TestCoverage(t *testing.T) {
	level := func(l model.Level) model.Rating { return model.Rating{Level: l} }
	rests := exposed("default", "AC-1", "AC-3", "AC-9")
	rests["c"]["AC-1"].Bearers = map[string]string{"provider": "acts"}
	m := &model.Model{
		Catalogs:   map[string]*model.Catalog{"c": controls(), "empty": {}},
		Components: map[string]*model.Component{"x": {PutsAtRisk: exposed("resistant", "AC-1", "AC-2")}},
		Features:   map[string]*model.Feature{"y": {PutsAtRisk: model.Exposures{"nowhere": {"AC-1": {}}, "c": {"AC-1": nil}}}},
		Threats: map[string]*model.Threat{
			"T-1": {Theme: "b", PutsAtRisk: rests, Likelihood: level("high"), Impact: level("high"), AsInstalled: &model.Residual{Impact: "low"}},
			"T-2": {Theme: "a", PutsAtRisk: exposed("default", "AC-1"), Likelihood: level("moderate"), Impact: level("moderate"),
				Covers: map[string]map[string]*model.Cover{"c": {"AC-1": {}}}},
			"T-3": {Theme: "b", Techniques: model.Links{"c": {"AC-1": {}}}, Likelihood: level("very-high"), Impact: level("very-high")},
		},
		Tensions: map[string]*model.Tension{"t": {Entries: []model.EntryRef{{Catalogue: "c", Entry: "AC-1"}, {Catalogue: "c", Entry: "AC-1"}}}},
	}
	coverage := Derive(m).Coverage

	assert.Equal(t, &EntryCoverage{
		State:   AtRisk,
		Worst:   model.Moderate, // not what refers to it only, and as installed
		Bearers: []string{"operator", "provider"},
		Subjects: []BackReference{
			{model.Components, "x", "putsAtRisk"},
			{model.Threats, "T-1", "putsAtRisk"},
			{model.Threats, "T-2", "putsAtRisk"},
			{model.Threats, "T-2", "covers"},
			{model.Threats, "T-3", "techniques"},
			{model.Tensions, "t", "entries"},
		},
		Threats: []string{"T-1", "T-2", "T-3"},
		Themes:  map[string]int{"a": 1, "b": 2},
	}, coverage["c"].Entries["AC-1"])
	assert.Equal(t, Resistant, coverage["c"].Entries["AC-2"].State)
	assert.Empty(t, coverage["c"].Entries["AC-2"].Bearers, "who resists bears nothing")

	assert.Contains(t, coverage["c"].Entries, "AC-3", "withdrawn, but cited")
	assert.NotContains(t, coverage["c"].Entries, "AC-4", "withdrawn and not cited")
	assert.NotContains(t, coverage["c"].Entries, "AC-9", "no entry of the catalogue")
	assert.Equal(t, map[string]map[State]int{
		"":     {AtRisk: 1, Resistant: 1, NotAssessed: 6},
		"low":  {AtRisk: 1, Resistant: 1},
		"high": {AtRisk: 1, Resistant: 1, NotAssessed: 1},
	}, coverage["c"].Baselines)

	assert.NotContains(t, coverage, "nowhere")
	assert.Equal(t, map[string]map[State]int{"": {}}, coverage["empty"].Baselines)
}

func TestCandidates(t *testing.T) {
	pair := func(relationship string) *model.Pair { return &model.Pair{Relationship: relationship} }
	m := &model.Model{
		Catalogs: map[string]*model.Catalog{"c": controls(), "d": {
			Groups: map[string]*model.Group{"G": {}},
			Entries: map[string]*model.Entry{
				"G-1": {Status: "active", Groups: []string{"G"}}, "G-2": {Status: "active", Groups: []string{"G"}}, "X": {Status: "active"}, "Y": {Status: "active"},
			},
		}},
		Components: map[string]*model.Component{"x": {PutsAtRisk: exposed("default", "AC-1", "AC-2")}},
		Features:   map[string]*model.Feature{"y": {PutsAtRisk: model.Exposures{"d": {"G-2": {Susceptibility: "default"}}}}},
		Crosswalks: map[string]*model.Crosswalk{"d-to-c": {From: "d", To: "c", Pairs: map[string]map[string]*model.Pair{
			"G": {"AC-2": pair(""), "AC-1": pair("subset-of")},
			"X": {"AC-1": pair("no-relationship"), "PT-1": pair("")},
			"Y": {"AC-2": pair("equal-to"), "NONE": pair("")},
		}}},
	}
	coverage := Derive(m).Coverage
	assert.Equal(t, []Candidate{{"d-to-c", "c", "AC-1", "subset-of"}, {"d-to-c", "c", "AC-2", ""}}, coverage["d"].Entries["G-1"].Candidates, "a group stands for its entries")
	assert.Empty(t, coverage["d"].Entries["G-2"].Candidates, "what is assessed needs none")
	assert.Empty(t, coverage["d"].Entries["X"].Candidates, "no relationship, or nothing at risk")
	assert.Equal(t, []Candidate{{"d-to-c", "c", "AC-2", "equal-to"}}, coverage["d"].Entries["Y"].Candidates)
	assert.Equal(t, NotAssessed, coverage["d"].Entries["Y"].State, "a candidate is no state")
}
