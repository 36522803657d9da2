package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tmkit/tmkit/pkg/model"
)

// risky returns a threat of high risk with what is given done to it.
func risky(with ...func(*model.Threat)) *model.Threat {
	t := &model.Threat{Likelihood: model.Rating{Level: "high"}, Impact: model.Rating{Level: "high"}}
	for _, f := range with {
		f(t)
	}
	return t
}

func decided(what string) func(*model.Threat) {
	return func(t *model.Threat) { t.Decision = &model.Decision{What: what} }
}

func counter(id, effect, extent string) func(*model.Threat) {
	return func(t *model.Threat) {
		if t.Countermeasures == nil {
			t.Countermeasures = make(map[string]*model.Mitigation)
		}
		t.Countermeasures[id] = &model.Mitigation{Effect: effect, Extent: extent}
	}
}

func installed(likelihood model.Level) func(*model.Threat) {
	return func(t *model.Threat) { t.AsInstalled = &model.Residual{Likelihood: likelihood} }
}

func hardened(likelihood model.Level) func(*model.Threat) {
	return func(t *model.Threat) { t.Hardened = &model.Residual{Likelihood: likelihood} }
}

func affected(ranges ...model.VersionRange) func(*model.Threat) {
	return func(t *model.Threat) { t.AffectedVersions = ranges }
}

// defended is a model with countermeasures of every standing.
func defended() *model.Model {
	return &model.Model{
		Metadata:   model.Metadata{AppliesTo: &model.AppliesTo{Versions: []string{"v1.33", "v1.32"}}},
		Components: map[string]*model.Component{"plugin": {Optional: true}, "core": {}},
		Countermeasures: map[string]*model.Countermeasure{
			"lock":    {Default: "on", Responsibility: "project"},
			"switch":  {Default: "off", Responsibility: "operator"},
			"perhaps": {Default: "conditional", Responsibility: "provider"},
			"wish":    {Default: "unavailable", Responsibility: "project"},
			// On by default, and doing nothing without what is not.
			"policy": {Default: "on", Responsibility: "workload-owner", Requires: []string{"core", "deep"}},
			"deep":   {Default: "on", Responsibility: "workload-owner", Requires: []string{"switch", "policy"}},
			"gadget": {Default: "on", Responsibility: "vendor", Requires: []string{"plugin", "nothing"}},
			"dream":  {Default: "on", Responsibility: "vendor", Requires: []string{"wish"}},
			// In the newest release alone.
			"fresh": {Default: "on", Responsibility: "project", AffectedVersions: []model.VersionRange{{Introduced: "v1.33"}}},
			"ended": {Default: "on", Responsibility: "project", AffectedVersions: []model.VersionRange{{Fixed: "v1.33"}}},
			"old":   {Default: "on", Responsibility: "project", AffectedVersions: []model.VersionRange{{Introduced: "v1.9"}}},
		},
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		desc   string
		threat *model.Threat
		want   Status
	}{
		{"nothing done", risky(), Open},
		{"accepted", risky(decided("accept"), counter("lock", "prevent", "full")), Accepted},
		{"transferred", risky(decided("transfer")), Transferred},
		{"avoided", risky(decided("avoid"), affected(model.VersionRange{Fixed: "v1.2"})), Avoided},
		{"to be mitigated is no state", risky(decided("mitigate")), Open},
		{"to be mitigated, and is", risky(decided("mitigate"), counter("lock", "prevent", "full")), MitigatedByDefault},

		{"on and in full", risky(counter("lock", "prevent", "full")), MitigatedByDefault},
		{"on and in part", risky(counter("lock", "prevent", "partial")), Open},
		{"detected in full", risky(counter("lock", "detect", "full")), Open},
		{"off and in full", risky(counter("switch", "prevent", "full")), MitigatedIfConfigured},
		{"conditional and in full", risky(counter("perhaps", "prevent", "full")), MitigatedIfConfigured},
		{"off and in part", risky(counter("switch", "prevent", "partial")), Open},
		{"unavailable and in full", risky(counter("wish", "prevent", "full")), Open},
		{"a countermeasure that does not exist", risky(counter("ghost", "prevent", "full")), Open},

		{"on, but requires what is off", risky(counter("policy", "prevent", "full")), MitigatedIfConfigured},
		{"on, but requires what is optional", risky(counter("gadget", "prevent", "full")), MitigatedIfConfigured},
		{"on, but requires what is unavailable", risky(counter("dream", "prevent", "full")), Open},
		{"on, but not in every release", risky(counter("fresh", "prevent", "full")), Open},
		{"on, but not in the release that ended it", risky(counter("ended", "prevent", "full")), Open},
		{"on in every release", risky(counter("old", "prevent", "full")), MitigatedByDefault},

		{"low as installed", risky(installed("very-low")), MitigatedByDefault},
		{"lower as installed, but not low", risky(installed("moderate")), Open},
		{"always low", &model.Threat{Likelihood: model.Rating{Level: "very-low"}, Impact: model.Rating{Level: "high"}}, Open},
		{"low once hardened", risky(hardened("low"), counter("switch", "limit", "partial")), MitigatedIfConfigured},
		{"low once hardened, by what cannot be had", risky(hardened("low"), counter("wish", "limit", "partial")), Open},
		{"low once hardened, by nothing that is named", risky(hardened("low")), Open},
		{"not low once hardened", risky(hardened("moderate"), counter("switch", "limit", "partial")), Open},

		{"fixed before the oldest release", risky(affected(model.VersionRange{Fixed: "v1.31.9"})), Obsolete},
		{"fixed with the oldest release", risky(affected(model.VersionRange{Fixed: "v1.32.0"})), Obsolete},
		{"numbers, not text", risky(affected(model.VersionRange{Fixed: "v1.9"})), Obsolete},
		{"fixed in a later patch of it", risky(affected(model.VersionRange{Fixed: "v1.32.8"})), Open},
		{"fixed in every line", risky(affected(model.VersionRange{Fixed: "v1.30.4"}, model.VersionRange{Introduced: "v1.31", Fixed: "v1.31.1"})), Obsolete},
		{"fixed in one line of two", risky(affected(model.VersionRange{Fixed: "v1.30.4"}, model.VersionRange{Introduced: "v1.33"})), Open},
		{"an end that cannot be read", risky(affected(model.VersionRange{Fixed: "soon"})), Open},
		{"obsolete comes before mitigated", risky(affected(model.VersionRange{Fixed: "v1.2"}), counter("lock", "prevent", "full")), Obsolete},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			m := defended()
			m.Threats = map[string]*model.Threat{"T-1": tt.threat}
			assert.Equal(t, tt.want, Derive(m).Threats["T-1"].Status)
		})
	}
}

// TestStatusWithoutReleases shows that a model that names no release has nothing obsolete, and every countermeasure.
func TestStatusWithoutReleases(t *testing.T) {
	for _, a := range []*model.AppliesTo{nil, {}, {Versions: []string{"v1.32", "later"}}} {
		m := defended()
		m.Metadata.AppliesTo = a
		m.Threats = map[string]*model.Threat{
			"T-1": risky(affected(model.VersionRange{Fixed: "v1.2"})),
			"T-2": risky(counter("fresh", "prevent", "full")),
		}
		facts := Derive(m)
		assert.Equal(t, Open, facts.Threats["T-1"].Status)
		assert.Equal(t, MitigatedByDefault, facts.Threats["T-2"].Status)
	}
}

func TestMustAct(t *testing.T) {
	bears := func(parties ...string) func(*model.Threat) {
		return func(t *model.Threat) {
			e := &model.Exposure{Bearers: make(map[string]string)}
			for _, p := range parties {
				e.Bearers[p] = "acts"
			}
			t.PutsAtRisk = model.Exposures{"c": {"e": e}}
		}
	}
	m := defended()
	m.Threats = map[string]*model.Threat{
		"T-0": risky(),
		"T-1": risky(counter("lock", "prevent", "full")),
		"T-2": risky(counter("switch", "limit", "partial"), counter("perhaps", "limit", "partial"), counter("ghost", "limit", "full")),
		"T-3": risky(counter("policy", "prevent", "full")),
		"T-4": risky(bears("provider", "operator"), counter("switch", "limit", "full")),
		"T-5": risky(bears("provider"), affected(model.VersionRange{Fixed: "v1.2"})),
	}
	facts := Derive(m)
	assert.Empty(t, facts.Threats["T-0"].MustAct)
	assert.Empty(t, facts.Threats["T-1"].MustAct, "what is on needs nobody")
	assert.Equal(t, []string{"operator", "provider"}, facts.Threats["T-2"].MustAct)
	assert.Equal(t, []string{"operator"}, facts.Threats["T-3"].MustAct, "who is responsible for what is required")
	assert.Equal(t, []string{"operator", "provider"}, facts.Threats["T-4"].MustAct)
	assert.Empty(t, facts.Threats["T-5"].MustAct, "nothing to do about what is over")
}

func TestParseRelease(t *testing.T) {
	for text, want := range map[string]release{"v1.32": {1, 32, 0}, "v1.32.8": {1, 32, 8}, "v10.0.12": {10, 0, 12}} {
		got, ok := parseRelease(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "v", "1.32", "v1", "v1.", "v1.2.3.4", "v1.x", "v1.-2", "v1.99999999999999999999"} {
		_, ok := parseRelease(text)
		assert.False(t, ok, text)
	}
}

func TestTactics(t *testing.T) {
	m := &model.Model{
		Catalogs: map[string]*model.Catalog{"attack": {Entries: map[string]*model.Entry{
			"T1":     {Groups: []string{"TA2", "TA1"}},
			"T1.001": {Parent: "T1"},
			"T2":     {Groups: []string{"TA3"}},
			"T2.001": {Parent: "T2", Groups: []string{"TA4"}},
			"T3":     {Parent: "T4"},
			"T4":     {Parent: "T3"},
		}}},
		Threats: map[string]*model.Threat{
			"T-1": {Techniques: model.Links{"attack": {"T1.001": nil, "T2.001": {}, "T3": {}, "T9": {}}, "nowhere": {"T1": {}}}},
			"T-2": {Techniques: model.Links{"attack": {"T3": {}}}},
		},
	}
	facts := Derive(m)
	assert.Equal(t, map[string][]string{"attack": {"TA1", "TA2", "TA4"}}, facts.Threats["T-1"].Tactics)
	assert.Nil(t, facts.Threats["T-2"].Tactics)
}
