package vet_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/vet"
)

// shippedModels vets the repository's own models, once.
var shippedModels = sync.OnceValues(func() (*vet.Report, error) {
	s, err := contract()
	if err != nil {
		return nil, err
	}
	return vet.Run(load.Options{Dir: "../..", Patterns: []string{"./..."}, Schema: s})
})

// shipped returns a model that the repository ships, and what follows from it.
func shipped(t *testing.T, name string) (*model.Model, *analysis.Facts) {
	t.Helper()
	report, err := shippedModels()
	require.NoError(t, err)
	for _, l := range report.Exported("public") {
		if l.Model.Metadata.Name == name {
			return l.Model, analysis.Derive(l.Model)
		}
	}
	t.Fatalf("no model %s", name)
	return nil, nil
}

// TestShippedClean holds the shipped models to no finding but the note that the next release of a catalogue renames
// something.
func TestShippedClean(t *testing.T) {
	report, err := shippedModels()
	require.NoError(t, err)
	for _, f := range report.Findings {
		assert.Equal(t, finding.Note, f.Severity, "%s", f.Message)
	}
}

// TestShippedComplete holds that no question of the method is open in a shipped model.
func TestShippedComplete(t *testing.T) {
	for _, name := range []string{"kubernetes", "cluster-api"} {
		_, f := shipped(t, name)
		require.NotEmpty(t, f.Completeness)
		for _, q := range f.Completeness {
			assert.Empty(t, q.Open, "%s: %s", name, q.ID)
		}
	}
}

// TestShippedSizes holds the Kubernetes model to the sizes that go beyond what was published before, and Cluster API to
// those of a sub-project's model.
func TestShippedSizes(t *testing.T) {
	for name, least := range map[string]map[model.Kind]int{
		"kubernetes": {
			model.Components: 60, model.Flows: 80, model.Boundaries: 16, model.Actors: 26, model.Assets: 70, model.Threats: 150,
			model.Countermeasures: 110, model.Features: 70, model.AttackTrees: 8, model.Profiles: 5, model.Scenarios: 6, model.Tensions: 5,
		},
		"cluster-api": {model.Components: 12, model.Threats: 22},
	} {
		m, _ := shipped(t, name)
		for _, kind := range slices.Sorted(maps.Keys(least)) {
			assert.GreaterOrEqual(t, len(m.IDs(kind)), least[kind], "%s: %s", name, kind)
		}
	}
}

// TestShippedCoverage holds that the Kubernetes model says something of every entry of the lists that it measures itself
// against: of a baseline's controls that they are at risk, resistant or excluded, of others' threats that they are
// covered, at least in part and then with a note, or excluded.
func TestShippedCoverage(t *testing.T) {
	m, f := shipped(t, "kubernetes")
	for _, list := range []struct{ catalogue, selection string }{
		{"nist-800-53-r5", "moderate"},
		{"mitre-attack", "containers"},
		{"microsoft-kubernetes-matrix", ""},
		{"owasp-kubernetes-2022", ""},
		{"owasp-kubernetes-2025", ""},
		{"audit-2019-threat-model", ""},
		{"audit-2019-code-review", ""},
		{"audit-2023", ""},
		{"admission-control-threat-model", ""},
		{"finos-ccc-kubernetes", ""},
		{"slsa-threats", "step"},
		{"kubernetes-cves", ""},
	} {
		catalog, cov := m.Catalogs[list.catalogue], f.Coverage[list.catalogue]
		require.NotNil(t, catalog, list.catalogue)
		n := 0
		for _, id := range model.Keys(cov.Entries) {
			e := catalog.Entries[id]
			if e.Status != "active" || list.selection != "" && !slices.Contains(e.Tags, list.selection) {
				continue
			}
			n++
			state := cov.Entries[id].State
			switch catalog.Kind {
			case "controls":
				assert.Contains(t, []analysis.State{analysis.AtRisk, analysis.Resistant, analysis.Excluded}, state, "%s %s", list.catalogue, id)
			default:
				assert.NotEqual(t, analysis.NotAssessed, state, "%s %s", list.catalogue, id)
			}
			if state == analysis.Excluded {
				assert.NotEmpty(t, cov.Entries[id].Reason, "%s %s", list.catalogue, id)
			}
		}
		assert.NotZero(t, n, "%s has no entries in %q", list.catalogue, list.selection)
	}
	for id, threat := range m.Threats {
		for catalogue, entries := range threat.Covers {
			for entry, c := range entries {
				assert.True(t, c.Extent == "full" || c.Note != "", "%s covers a part of %s %s and does not say which", id, catalogue, entry)
			}
		}
	}
	for _, cve := range []string{"CVE-2020-8554", "CVE-2020-8561", "CVE-2020-8562", "CVE-2021-25740"} {
		assert.Contains(t, m.Catalogs["kubernetes-cves"].Entries[cve].Tags, "unfixed", cve)
		assert.NotEmpty(t, f.Coverage["kubernetes-cves"].Entries[cve].Threats, cve)
	}
}

// TestShippedExposures holds every bearer's line and every rationale of an exposure to be its own: what fits two subjects
// says nothing of either.
func TestShippedExposures(t *testing.T) {
	for _, name := range []string{"kubernetes", "cluster-api"} {
		m, _ := shipped(t, name)
		seen := map[string]string{}
		each := func(subject string, x model.Exposures) {
			for catalogue, entries := range x {
				for entry, e := range entries {
					at := subject + " " + catalogue + " " + entry
					assert.Empty(t, seen[e.Rationale], "%s and %s have one rationale", at, seen[e.Rationale])
					seen[e.Rationale] = at
				}
			}
		}
		for id, c := range m.Components {
			each(id, c.PutsAtRisk)
		}
		for id, x := range m.Features {
			each(id, x.PutsAtRisk)
		}
		for id, x := range m.Threats {
			each(id, x.PutsAtRisk)
		}
	}
}

// TestShippedThreatsDiffer compares the words of all threats with each other, and fails for two that say the same. With
// -v it prints the twenty pairs that are most alike.
func TestShippedThreatsDiffer(t *testing.T) {
	const tooAlike = 0.6
	for _, name := range []string{"kubernetes", "cluster-api"} {
		m, _ := shipped(t, name)
		ids := model.Keys(m.Threats)
		vectors := wordVectors(m, ids)
		type pair struct {
			alike float64
			a, b  string
		}
		var pairs []pair
		for i, a := range ids {
			for _, b := range ids[i+1:] {
				pairs = append(pairs, pair{cosine(vectors[a], vectors[b]), a, b})
			}
		}
		slices.SortFunc(pairs, func(x, y pair) int { return cmp.Compare(y.alike, x.alike) })
		for i, p := range pairs[:min(20, len(pairs))] {
			t.Logf("%2d %.2f %s %s\n\t%s", i+1, p.alike, p.a+" "+m.Threats[p.a].Title, p.b, m.Threats[p.b].Title)
		}
		assert.Less(t, pairs[0].alike, tooAlike, "%s and %s say the same", pairs[0].a, pairs[0].b)
	}
}

// wordVectors weighs the words of each threat's title and description by how few threats have them.
func wordVectors(m *model.Model, ids []string) map[string]map[string]float64 {
	counts := map[string]map[string]float64{}
	having := map[string]float64{}
	for _, id := range ids {
		t := m.Threats[id]
		counts[id] = map[string]float64{}
		text := t.Title + " " + t.Title + " " + t.Description
		for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
			counts[id][word]++
		}
		for word := range counts[id] {
			having[word]++
		}
	}
	for _, vector := range counts {
		for word := range vector {
			vector[word] = (1 + math.Log(vector[word])) * math.Log(float64(len(ids))/having[word])
		}
	}
	return counts
}

func cosine(a, b map[string]float64) float64 {
	var dot, x, y float64
	for _, word := range slices.Sorted(maps.Keys(a)) {
		dot += a[word] * b[word]
		x += a[word] * a[word]
	}
	for _, word := range slices.Sorted(maps.Keys(b)) {
		y += b[word] * b[word]
	}
	if x == 0 || y == 0 {
		return 0
	}
	return dot / math.Sqrt(x*y)
}

// TestShippedProfiles holds each profile of the Kubernetes model to where it has to differ from the model as written,
// which is a self-operated control plane on a provider's machines.
func TestShippedProfiles(t *testing.T) {
	written, _ := shipped(t, "kubernetes")
	project := func(profile string) (*model.Model, *analysis.Facts) {
		m, err := analysis.Project(written, profile)
		require.NoError(t, err)
		return m, analysis.Derive(m)
	}
	t.Run("self-hosted", func(t *testing.T) {
		m, f := project("self-hosted")
		assert.Equal(t, "operator", m.Components["cloud-hypervisor"].Responsibility)
		assert.Equal(t, "insider-organisation", m.Actors["provider-host-engineer"].Position)
		assert.NotContains(t, m.Threats, "K8S-HOST-013", "no provider is under a legal order")
		assert.Equal(t, model.Moderate, m.Threats["K8S-HOST-001"].Likelihood.Level)
		assert.NotContains(t, bearers(m), "provider")
		assert.NotContains(t, f.Coverage["nist-800-53-r5"].Baselines["moderate"], analysis.NotAssessed)
	})
	t.Run("managed", func(t *testing.T) {
		m, f := project("managed")
		for _, id := range []string{"kube-apiserver", "apiserver-admission", "etcd", "kube-scheduler"} {
			assert.Equal(t, "operator", written.Components[id].Responsibility, id)
			assert.Equal(t, "provider", m.Components[id].Responsibility, id)
			assert.Contains(t, m.Components[id].AlsoIn, "provider-administration", id)
		}
		assert.Equal(t, analysis.MitigatedByDefault, f.Threats["K8S-STATE-008"].Status)
		assert.Contains(t, m.Features["cluster-ca-key-online"].PutsAtRisk["nist-800-53-r5"]["SC-12"].Bearers, "provider")
		assert.NotContains(t, m.Assets, "super-admin-kubeconfig")
	})
	t.Run("hosted-control-plane", func(t *testing.T) {
		m, f := project("hosted-control-plane")
		assert.Equal(t, "management-cluster", m.Boundaries["control-plane"].Parent)
		assert.Equal(t, "many", m.Boundaries["control-plane"].Instances)
		crossed := func(f *analysis.Facts) bool {
			return slices.ContainsFunc(f.Flows["kubelet-to-apiserver"].Crossings, func(c analysis.Crossing) bool { return c.Boundary == "management-cluster" })
		}
		assert.True(t, crossed(f))
		assert.False(t, crossed(analysis.Derive(written)))
		assert.Nil(t, m.Threats["K8S-PROXY-002"].Decision, "what was accepted for one cluster is not for many on one network")
	})
	t.Run("edge", func(t *testing.T) {
		m, _ := project("edge")
		assert.Equal(t, "worker-node", m.Boundaries["control-plane"].Parent)
		assert.Equal(t, model.VeryHigh, m.Threats["K8S-LIFE-006"].Impact.Level)
		assert.Contains(t, m.Actors, "node-thief")
		for _, id := range []string{"key-management-service", "cloud-control-api"} {
			assert.Contains(t, written.Components, id)
			assert.NotContains(t, m.Components, id)
		}
		assert.NotContains(t, m.Countermeasures, "encrypt-secrets-with-kms")
		assert.NotContains(t, bearers(m), "provider")
	})
	t.Run("regulated-multi-tenant", func(t *testing.T) {
		m, f := project("regulated-multi-tenant")
		assert.Equal(t, "on", m.Countermeasures["default-deny-network-policy"].Default)
		assert.Equal(t, "off", written.Countermeasures["default-deny-network-policy"].Default)
		assert.Equal(t, analysis.MitigatedByDefault, f.Threats["K8S-NET-001"].Status)
		assert.Equal(t, "conditional", m.Features["flat-pod-network"].PutsAtRisk["nist-800-53-r5"]["AC-4"].Susceptibility)
	})
	for _, id := range model.Keys(written.Profiles) {
		if id != "edge" {
			m, _ := project(id)
			assert.NotContains(t, m.Actors, "node-thief", id)
		}
	}
}

// bearers are the parties that carry a risk in a model.
func bearers(m *model.Model) []string {
	var out []string
	add := func(x model.Exposures) {
		for _, entries := range x {
			for _, e := range entries {
				out = append(out, model.Keys(e.Bearers)...)
			}
		}
	}
	for _, c := range m.Components {
		add(c.PutsAtRisk)
	}
	for _, x := range m.Features {
		add(x.PutsAtRisk)
	}
	for _, x := range m.Threats {
		add(x.PutsAtRisk)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
