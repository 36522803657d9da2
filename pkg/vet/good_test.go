package vet_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
	"github.com/tmkit/tmkit/pkg/vet"
)

// neverAll are the fields of which a model has only one, and so cannot have every word.
var neverAll = []string{"metadata.stage", "metadata.audience"}

// TestEveryField holds that the model every-field says each field of the contract and each word that a field can be, so
// that whoever tests with it, exporters among them, tests with all of them.
func TestEveryField(t *testing.T) {
	report := fixtureNamed(t, "good/every-field:everyfield").run(t)
	require.Len(t, report.Models, 1)
	words := map[string]map[string]bool{} // by enum
	seen := map[string]bool{}
	written(t, report.Models[0].Source, theSchema(t).Model, "", func(path string, ty *schema.Type, lits []source.Literal) {
		seen[path] = true
		if len(ty.Enum) == 0 {
			return
		}
		key := enumKey(path, ty)
		if words[key] == nil {
			words[key] = map[string]bool{}
		}
		for _, l := range lits {
			words[key][l.Value.(string)] = true
		}
	})
	visit(theSchema(t).Model, "", func(path string, f *schema.Field) {
		// The id of an entry is its key.
		if f.Name != "id" {
			assert.True(t, seen[path], "every-field does not say %s", path)
		}
		ty := f.Type
		if ty.Kind == schema.List {
			path, ty = path+".*", ty.Elem
		}
		if slices.Contains(neverAll, path) || len(ty.Enum) == 0 {
			return
		}
		for _, word := range ty.Enum {
			assert.True(t, words[enumKey(path, ty)][word], "every-field does not say %s %q", path, word)
		}
	})
}

// enumKey is what enums of one definition share, or the path of one that has no name.
func enumKey(path string, ty *schema.Type) string {
	if ty.Name != "" {
		return ty.Name
	}
	return path
}

// written calls f for each value that is written below a node.
func written(t *testing.T, n *source.Node, ty *schema.Type, path string, f func(string, *schema.Type, []source.Literal)) {
	t.Helper()
	for _, name := range n.Children() {
		c, below, at := n.Child(name), ty.Elem, path+".*"
		if ty.Kind == schema.Struct {
			field := ty.Field(name)
			require.NotNil(t, field, "%s.%s", path, name)
			below, at = field.Type, strings.TrimPrefix(path+"."+name, ".")
		}
		if below == nil {
			continue
		}
		lits, _ := c.Literals()
		f(at, below, lits)
		if below.Kind != schema.Any {
			written(t, c, below, at, f)
		}
	}
}

// TestHardCases holds that what other tools cannot say is said in the model hard-cases, and read as it was meant.
func TestHardCases(t *testing.T) {
	report := fixtureNamed(t, "good/hard-cases:hardcases").run(t)
	require.Len(t, report.Models, 1)
	m := report.Models[0].Model

	t.Run("three kinds of snapshot", func(t *testing.T) {
		from := map[string]bool{}
		for _, id := range []string{"HARD-SNAP-001", "HARD-SNAP-002", "HARD-SNAP-003"} {
			assert.Equal(t, []string{"provider-staff"}, m.Threats[id].Actors)
			from[m.Threats[id].ArisesFrom[0]] = true
		}
		assert.Len(t, from, 3)
	})
	t.Run("long game", func(t *testing.T) {
		var way []string
		for id := "HARD-LONG-001"; ; id = m.Threats[id].LeadsTo[0] {
			way = append(way, id)
			if len(m.Threats[id].LeadsTo) == 0 {
				break
			}
		}
		assert.Equal(t, []string{"HARD-LONG-001", "HARD-LONG-002", "HARD-LONG-003"}, way)
	})
	t.Run("one number, two paths", func(t *testing.T) {
		for _, id := range []string{"HARD-SVC-001", "HARD-SVC-002"} {
			assert.Contains(t, m.Threats[id].Vulnerabilities["cve"], "CVE-2020-8554")
		}
		assert.Len(t, m.AttackTrees["take-traffic"].Nodes["taken"].Children, 2)
	})
	t.Run("first the webhook falls", func(t *testing.T) {
		n := m.AttackTrees["become-root"].Nodes["unrefused"]
		assert.Equal(t, "sequence", n.Gate)
		assert.Equal(t, []string{"down", "passed"}, n.Children)
	})
	t.Run("credentials", func(t *testing.T) {
		assert.Equal(t, "the pod and the audience", m.Assets["projected-token"].Credential.Bound)
		assert.Equal(t, "none", m.Assets["admin-certificate"].Credential.Revocation)
		assert.Equal(t, "former", m.Actors["leaver"].Position)
	})
	t.Run("deputy", func(t *testing.T) {
		assert.Contains(t, m.Threats["HARD-SSRF-001"].Via, "volume-controller")
	})
	t.Run("other instance", func(t *testing.T) {
		for _, id := range []string{"gpu-residue", "pod-to-pod"} {
			assert.Equal(t, "other-instance", m.Flows[id].Between)
		}
		assert.Equal(t, m.Flows["pod-to-pod"].From, m.Flows["pod-to-pod"].To)
	})
	t.Run("shared subtree", func(t *testing.T) {
		assert.Equal(t, "become-root", m.AttackTrees["read-secrets"].Nodes["by-node"].Subtree)
		assert.Equal(t, "become-root", m.AttackTrees["use-tokens"].Nodes["root"].Subtree)
		assert.Equal(t, "and", m.AttackTrees["use-tokens"].Nodes["act"].Gate)
	})
	t.Run("inside the tunnel", func(t *testing.T) {
		assert.Equal(t, []string{"konnectivity-tunnel"}, m.Flows["apiserver-to-kubelet"].Over)
	})
	t.Run("whose etcd", func(t *testing.T) {
		assert.Equal(t, "operator", m.Components["etcd"].Responsibility)
		assert.Equal(t, "provider", m.Profiles["managed"].Differs["components"]["etcd"]["responsibility"])
	})
	assert.Equal(t, "maintainers", m.Threats["HARD-GPU-001"].Reviewed.By, "an author's pattern reaches every entry")
}

// TestComputed holds that computed values are read as CUE computes them.
func TestComputed(t *testing.T) {
	report := fixtureNamed(t, "good/computed:computed").run(t)
	require.Len(t, report.Models, 1)
	m := report.Models[0].Model
	assert.Equal(t, "1.0.0", m.Metadata.Version)
	assert.Equal(t, "draft", m.Metadata.Stage)
	assert.Len(t, m.Metadata.Owners, 3)
	assert.Equal(t, "Who gets in,\nand how far.", m.Themes["access"].Description)
	assert.Equal(t, `Everything \ inside.`, m.Boundaries["cluster"].Description)
	assert.Equal(t, "enforced", m.Boundaries["outside"].Inward)
	assert.Equal(t, []string{"edge", "store", "svc-alpha", "svc-beta", "svc-gamma"}, m.IDs(model.Components))
	assert.Equal(t, "Go", m.Components["svc-beta"].Technology)
	assert.Empty(t, m.Components["edge"].Technology)
	assert.Equal(t, "cluster", m.Components["svc-alpha"].Boundary)
	assert.Equal(t, []int{2379}, m.Flows["alpha-to-store"].Ports)
	assert.Equal(t, []string{"auditor", "staff"}, m.IDs(model.Actors), "what an if leaves out is not there")
	assert.Equal(t, model.Level("low"), m.Actors["staff"].Capability)
	assert.Equal(t, []string{"store"}, m.Threats["COMP-STORE-001"].Affects)
	assert.Equal(t, "maintainers", m.Threats["COMP-STORE-002"].Reviewed.By)
	assert.Equal(t, "Somebody changes State.", m.Threats["COMP-STORE-001"].Description)
	assert.Equal(t, map[string]any{
		"technology": "maintainers", "tags": []any{"all", "maintainers"}, "holds": map[string]any{"state": map[string]any{"form": "encrypted"}},
	}, m.Profiles["managed"].Differs["components"]["store"])
	assert.Equal(t, model.Level("very-high"), m.RiskMatrix["high"]["high"])
	assert.Equal(t, model.Level("moderate"), m.RiskMatrix["moderate"]["moderate"])
}

// TestTwoPackages holds what becomes of a model that several packages say.
func TestTwoPackages(t *testing.T) {
	report := fixtureNamed(t, "good/two-packages").run(t)
	require.Len(t, report.Models, 3)
	byPackage := map[string]*load.Loaded{}
	for _, m := range report.Models {
		byPackage[m.Package[strings.LastIndex(m.Package, "/")+1:]] = m
	}
	assert.False(t, byPackage["base"].Leaf)
	assert.True(t, byPackage["mapping"].Leaf)
	assert.True(t, byPackage["private"].Leaf)
	assert.Equal(t, "embargo", byPackage["private"].Model.Metadata.Audience)
	assert.NotContains(t, byPackage["mapping"].Model.Threats, "PRIV-API-001")
	assert.Equal(t, "maintainers", byPackage["mapping"].Model.Threats["BASE-API-001"].Owner)
	assert.Empty(t, byPackage["base"].Model.Threats["BASE-API-001"].Owner)

	public := report.Exported("public")
	require.Len(t, public, 1)
	assert.Same(t, byPackage["mapping"], public[0])
}

// TestTwoLeaves holds that leaves of one name are one model.
func TestTwoLeaves(t *testing.T) {
	report := fixtureNamed(t, "good/two-leaves").run(t)
	require.Len(t, report.Models, 3)
	whole := report.Models[2]
	assert.True(t, whole.Leaf)
	assert.Equal(t, "storage team", whole.Model.Threats["TINY-STORE-001"].Owner)
	assert.Equal(t, "Seen in review.", whole.Model.Threats["TINY-STORE-001"].Notes)
	assert.Contains(t, whole.Model.Threats, "TINY-STORE-002")
	assert.Equal(t, []*load.Loaded{whole}, report.Exported("public"))
}

// TestDeterminism holds that the same input gives the same findings in the same order, and that where the user stands
// changes nothing but the paths.
func TestDeterminism(t *testing.T) {
	elsewhere := func(file string) string {
		abs, err := filepath.Abs(filepath.Join(testdata, file))
		require.NoError(t, err)
		return filepath.ToSlash(abs)
	}
	for _, f := range fixtures(t, "_bad") {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			first := f.vetted(t)
			assert.Equal(t, first, f.run(t).Findings)
			if f.dir != testdata {
				return
			}
			// The same package, asked for from its own folder. All of its files lie outside of the other folder.
			dir, pattern, _ := strings.Cut(strings.TrimPrefix(f.pattern, "./"), ":")
			if pattern = ".:" + pattern; strings.HasSuffix(dir, "/...") {
				dir, pattern = strings.TrimSuffix(dir, "/..."), "./..."
			}
			report, err := vet.Run(load.Options{Dir: filepath.Join(testdata, dir), Patterns: []string{pattern}, Schema: theSchema(t)})
			require.NoError(t, err)
			moved := report.Findings
			require.Len(t, moved, len(first))
			abs := func(base string, p *finding.Position) {
				if !filepath.IsAbs(p.File) {
					p.File = filepath.ToSlash(filepath.Join(elsewhere(base), filepath.FromSlash(p.File)))
				}
			}
			for i := range first {
				a, b := first[i], moved[i]
				abs(".", &a.Position)
				abs(dir, &b.Position)
				assert.Equal(t, a.Position, b.Position)
				assert.Equal(t, a.Rule, b.Rule)
				assert.Equal(t, a.Path, b.Path)
				assert.Equal(t, a.Subject, b.Subject)
				assert.Equal(t, a.Hint, b.Hint)
			}
		})
	}
}
