package graph_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/graph/graphtest"
	"github.com/tmkit/tmkit/pkg/model"
)

func build(m *model.Model) []graph.Diagram { return graph.Build(m, analysis.Derive(m)) }

func models() map[string]*model.Model {
	return map[string]*model.Model{
		"cluster": graphtest.Cluster(), "synthetic 1": graphtest.Synthetic(1), "synthetic 20": graphtest.Synthetic(20),
		"synthetic 300": graphtest.Synthetic(300), "empty": {},
	}
}

// find returns the diagram of a name.
func find(t *testing.T, diagrams []graph.Diagram, name string) graph.Diagram {
	t.Helper()
	i := slices.IndexFunc(diagrams, func(d graph.Diagram) bool { return d.Name == name })
	require.GreaterOrEqual(t, i, 0, "no diagram %s", name)
	return diagrams[i]
}

// ids returns the ids of the nodes and of the clusters of a diagram.
func ids(d graph.Diagram) (nodes, clusters []string) {
	d.Each(func(c *graph.Cluster, n *graph.Node) {
		if c != nil {
			clusters = append(clusters, c.ID)
		} else {
			nodes = append(nodes, n.ID)
		}
	})
	return nodes, clusters
}

// TestEverythingIsDrawn holds the promise that no entry is without a picture.
func TestEverythingIsDrawn(t *testing.T) {
	for name, m := range models() {
		t.Run(name, func(t *testing.T) {
			drawn := make(map[string]bool)
			arrows := make(map[string]bool)
			branches := make(map[[2]string]bool)
			for _, d := range build(m) {
				nodes, clusters := ids(d)
				for _, id := range slices.Concat(nodes, clusters) {
					drawn[id] = true
				}
				for _, e := range d.Edges {
					branches[[2]string{e.From, e.To}] = true
					if len(e.Flows) == 1 {
						f := m.Flows[e.Flows[0]]
						if e.From == f.From && strings.TrimSuffix(e.To, "/other") == f.To {
							arrows[f.ID] = true
						}
					}
				}
			}
			for _, kind := range []model.Kind{model.Themes, model.Assumptions, model.Boundaries, model.Components, model.Features,
				model.Assets, model.Actors, model.Threats, model.Countermeasures, model.Profiles, model.Tensions, model.Waivers,
				model.Reviews, model.Retirees} {
				for _, id := range m.IDs(kind) {
					if kind == model.Assumptions && inTree(m, id) {
						continue // drawn as the step that it rules out
					}
					assert.True(t, drawn[id], "%s %s is not drawn", kind.Singular(), id)
				}
			}
			for id := range m.Flows {
				assert.True(t, arrows[id], "flow %s has no arrow of its own", id)
			}
			for _, tree := range m.AttackTrees {
				for id, node := range tree.Nodes {
					assert.True(t, drawn[tree.ID+"/"+id], "node %s of %s is not drawn", id, tree.ID)
					for _, child := range node.Children {
						assert.True(t, branches[[2]string{tree.ID + "/" + id, tree.ID + "/" + child}], "no edge %s to %s in %s", id, child, tree.ID)
					}
				}
			}
		})
	}
}

func inTree(m *model.Model, assumption string) bool {
	for _, t := range m.AttackTrees {
		for _, n := range t.Nodes {
			if n.Assumption == assumption {
				return true
			}
		}
	}
	return false
}

// TestDiagramsAreSound checks what every drawing language relies on.
func TestDiagramsAreSound(t *testing.T) {
	stem := regexp.MustCompile(`^[A-Za-z0-9]+(-{1,2}[A-Za-z0-9]+)*$`)
	for name, m := range models() {
		t.Run(name, func(t *testing.T) {
			names := make(map[string]bool)
			index := model.NewIndex(m)
			for _, d := range build(m) {
				assert.Regexp(t, stem, d.Name)
				assert.False(t, names[strings.ToLower(d.Name)], "two diagrams are called %s", d.Name)
				names[strings.ToLower(d.Name)] = true
				assert.NotEmpty(t, d.Title, d.Name)
				assert.NotEmpty(t, d.Description, d.Name)
				assert.NotContains(t, d.Title+d.Description, "\n", d.Name)

				nodes, clusters := ids(d)
				assert.LessOrEqual(t, len(nodes), 45, "nodes of %s", d.Name)
				assert.LessOrEqual(t, len(d.Edges), 60, "edges of %s", d.Name)
				all := slices.Concat(nodes, clusters)
				seen := make(map[string]bool)
				for _, id := range all {
					assert.False(t, seen[id], "%s is twice in %s", id, d.Name)
					seen[id] = true
				}
				listed := make(map[string]bool)
				for _, r := range d.Table {
					assert.NotEmpty(t, r.Title, "%s in %s", r.ID, d.Name)
					listed[r.ID] = true
				}
				for _, id := range all {
					if _, entry := index[id]; entry {
						assert.True(t, listed[id], "%s is not in the table of %s", id, d.Name)
					}
				}
				d.Each(func(_ *graph.Cluster, n *graph.Node) {
					if n != nil {
						assert.NotEmpty(t, n.Role, "%s in %s", n.ID, d.Name)
						assert.NotEmpty(t, n.Lines, "%s in %s", n.ID, d.Name)
						assert.NotContains(t, n.Lines, "", "%s in %s", n.ID, d.Name)
					}
				})
				legend := fmt.Sprint(d.Legend)
				for _, e := range d.Edges {
					assert.True(t, seen[e.From] && seen[e.To], "edge %s to %s in %s", e.From, e.To, d.Name)
					for _, f := range e.Flows {
						assert.True(t, listed[f], "flow %s is not in the table of %s", f, d.Name)
						if len(e.Flows) > 1 {
							assert.Contains(t, legend, f, "legend of %s", d.Name)
						}
					}
				}
			}
		})
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	want := build(graphtest.Cluster())
	for range 5 {
		assert.Equal(t, want, build(graphtest.Cluster()))
	}
}

// label returns a node's label on one line.
func label(t *testing.T, d graph.Diagram, id string) string {
	t.Helper()
	var lines []string
	d.Each(func(_ *graph.Cluster, n *graph.Node) {
		if n != nil && n.ID == id {
			lines = n.Lines
		}
	})
	require.NotNil(t, lines, "no node %s in %s", id, d.Name)
	return strings.Join(lines, " / ")
}

func edge(t *testing.T, d graph.Diagram, from, to string) graph.Edge {
	t.Helper()
	for _, e := range d.Edges {
		if e.From == from && e.To == to {
			return e
		}
	}
	require.Fail(t, "no such edge", "%s to %s in %s", from, to, d.Name)
	return graph.Edge{}
}

func TestContext(t *testing.T) {
	d := find(t, build(graphtest.Cluster()), "context")
	nodes, clusters := ids(d)
	assert.Contains(t, nodes, "cluster", "a boundary is one node")
	assert.Contains(t, nodes, "identity-provider", "an external entity is itself")
	assert.Contains(t, nodes, "operations/others", "and stands beside the rest of its boundary")
	assert.Contains(t, clusters, "operations")
	assert.NotContains(t, nodes, "kubectl")
	assert.Contains(t, label(t, d, "actors/insider-organisation"), "2 actors: Security analyst, Node administrator")
	assert.Contains(t, label(t, d, "cluster"), "3 threats, worst very high")
	assert.Equal(t, []string{"ci-to-apiserver", "kubectl-to-apiserver", "kubectl-watch"}, edge(t, d, "operations/others", "cluster").Flows)
	assert.Equal(t, []string{"3 flows: HTTPS"}, edge(t, d, "operations/others", "cluster").Lines)
	assert.Equal(t, []string{"HTTP, trusted by network position, in clear"}, edge(t, d, "cluster", "metadata-service").Lines)
	assert.Equal(t, []string{"administer"}, edge(t, d, "actors/insider-cloud-host", "provider/others").Lines)

	// Actors that reach nothing come last, and arrows from what nothing reaches come first.
	last := d.Nodes[len(d.Nodes)-3:]
	assert.Equal(t, []string{"actors/former", "actors/automation", "actors/external"}, []string{last[0].ID, last[1].ID, last[2].ID})
	reached := make(map[string]bool)
	for _, e := range d.Edges {
		reached[e.To] = true
	}
	assert.True(t, slices.IsSortedFunc(d.Edges, func(x, y graph.Edge) int {
		switch {
		case reached[x.From] == reached[y.From]:
			return 0
		case reached[x.From]:
			return 1
		}
		return -1
	}))
}

// TestNames holds that a name does not say its first word twice, and that it is the only one still.
func TestNames(t *testing.T) {
	names := func(m *model.Model) map[string]string {
		out := make(map[string]string)
		for _, d := range build(m) {
			out[d.Subject] = d.Name
		}
		return out
	}
	m := graphtest.Cluster()
	threat := m.Threats["K8S-NODE-001"]
	rename := func(theme string) {
		m.Themes[theme] = &model.Theme{ID: theme, Title: theme}
		x := *threat
		x.ID, x.Theme = fmt.Sprintf("K8S-X-%d", len(m.Threats)), theme
		m.Threats[x.ID] = &x
	}
	rename("theme-apart")
	got := names(m)
	assert.Equal(t, "theme-apart", got["theme-apart"])
	assert.Equal(t, "theme-node", got["node"])
	assert.Equal(t, "tree-get-rights", got["get-rights"])

	rename("theme-node") // would have the name of the theme node
	rename("theme-theme-node")
	rename("themes")
	got = names(m)
	assert.Equal(t, "theme-node", got["node"])
	assert.Equal(t, "theme-theme-node", got["theme-node"])
	assert.Equal(t, "theme-theme-theme-node", got["theme-theme-node"])
	assert.Equal(t, "theme-themes", got["themes"])
	assert.Equal(t, "threat-K8S-NODE-001", got["K8S-NODE-001"])
	seen := make(map[string]bool)
	for _, d := range build(m) {
		assert.False(t, seen[d.Name], d.Name)
		seen[d.Name] = true
	}
}

func TestBoundary(t *testing.T) {
	diagrams := build(graphtest.Cluster())
	d := find(t, diagrams, "boundary-node")
	_, clusters := ids(d)
	assert.Equal(t, []string{"cluster", "node", "pod", "control-plane", "provider", "operations"}, clusters)
	assert.Equal(t, graph.Conditional, d.Clusters[0].Clusters[0].Border)
	assert.Equal(t, "inward conditional", d.Clusters[0].Clusters[0].Note)
	assert.Equal(t, []string{"pod-to-pod"}, edge(t, d, "workload", "workload/other").Flows)
	assert.Equal(t, []string{"any, no authentication, in clear, to another instance"}, edge(t, d, "workload", "workload/other").Lines)

	// Components that a boundary of another plane holds too are drawn by that plane.
	d = find(t, diagrams, "boundary-admin-network")
	nodes, clusters := ids(d)
	assert.Contains(t, clusters, "admin-network")
	assert.Contains(t, nodes, "ci-pipeline")
	merged := edge(t, d, "kubectl", "kube-apiserver")
	assert.Equal(t, []string{"kubectl-to-apiserver", "kubectl-watch"}, merged.Flows)
	assert.Contains(t, d.Legend, graph.Sign{Sign: "kubectl → kube-apiserver", Meaning: "kubectl-to-apiserver, kubectl-watch"})
}

// TestBoundaryShrinks follows a boundary as it grows: first its surroundings become one node each, then it has parts.
func TestBoundaryShrinks(t *testing.T) {
	grown := func(inside, outside int) []graph.Diagram {
		m := graphtest.Cluster()
		for i := range inside {
			id := fmt.Sprintf("extra-%d", i)
			m.Components[id] = &model.Component{ID: id, Title: id, Kind: "process", Boundary: "state-store"}
		}
		for i := range outside {
			id := fmt.Sprintf("client-%d", i)
			m.Components[id] = &model.Component{ID: id, Title: id, Kind: "process", Boundary: "operations"}
			m.Flows["flow-"+id] = &model.Flow{ID: "flow-" + id, Title: id, From: id, To: "etcd", Protocol: "gRPC", ClientAuth: "none"}
		}
		return build(m)
	}
	nodes, _ := ids(find(t, grown(0, 3), "boundary-state-store"))
	assert.Contains(t, nodes, "client-0")

	d := find(t, grown(0, 30), "boundary-state-store")
	nodes, _ = ids(d)
	assert.NotContains(t, nodes, "client-0")
	assert.Contains(t, label(t, d, "operations"), "in it: client-0, client-1, client-10, 27 more")
	assert.Len(t, edge(t, d, "operations", "etcd").Flows, 30)

	diagrams := grown(60, 3)
	assert.Equal(t, "State store (part 2 of 6)", find(t, diagrams, "boundary-state-store--2").Title)
	d = find(t, diagrams, "boundary-control-plane")
	assert.Contains(t, label(t, d, "state-store"), "61 components", "nested boundaries become nodes")
}

func TestComponent(t *testing.T) {
	m := graphtest.Cluster()
	d := find(t, build(m), "component-kube-apiserver")
	assert.Equal(t, []string{"kubectl-to-apiserver", "HTTPS, client certificate"}, edge(t, d, "kubectl", "kube-apiserver").Lines)
	assert.Equal(t, graph.Dotted, edge(t, d, "kube-apiserver", "audit-sink").Line, "a flow under a condition")
	assert.Equal(t, []string{"HTTPS webhook"}, strings.Split(edge(t, d, "kube-apiserver", "audit-sink").Lines[1], ", ")[:1])
	assert.Equal(t, []string{"runs on"}, edge(t, d, "kube-apiserver", "machine").Lines)
	for _, e := range d.Edges {
		assert.LessOrEqual(t, len(e.Flows), 1)
	}
	// One with many flows shows neighbours together, where their own diagrams show each flow.
	for i := range 6 {
		id := fmt.Sprintf("client-%d", i)
		m.Components[id] = &model.Component{ID: id, Title: id, Kind: "process", Boundary: "operations"}
		m.Flows[id+"-calls"] = &model.Flow{ID: id + "-calls", Title: id, From: id, To: "kube-apiserver", Protocol: "HTTPS", ClientAuth: "none"}
	}
	diagrams := build(m)
	d = find(t, diagrams, "component-kube-apiserver")
	clients := "8 components: / CI pipeline (build; deploy) / client-0 / client-1 / client-2 / client-3 / client-4 / client-5 / kubectl"
	assert.Equal(t, clients, strings.Join(strings.Split(label(t, d, "operations/calls"), " / ")[:9], " / "))
	assert.Len(t, edge(t, d, "operations/calls", "kube-apiserver").Flows, 9)
	assert.Equal(t, []string{"apiserver-to-kubelet"}, edge(t, d, "kube-apiserver", "kubelet").Flows)
	assert.Equal(t, []string{"HTTPS, client certificate"}, edge(t, d, "kube-apiserver", "kubelet").Lines, "the id is in the table")
	assert.Equal(t, []string{"runs on"}, edge(t, d, "kube-apiserver", "machine").Lines)
	for _, id := range []string{"client-3", "client-3-calls"} {
		assert.True(t, slices.ContainsFunc(d.Table, func(r graph.Row) bool { return r.ID == id }), id)
	}
	assert.Equal(t, []string{"client-3-calls", "HTTPS, no authentication"}, edge(t, find(t, diagrams, "component-client-3"), "client-3", "kube-apiserver").Lines)

	// One with very many flows has parts.
	for i := range 100 {
		id := fmt.Sprintf("many-%d", i)
		m.Flows[id] = &model.Flow{ID: id, Title: id, From: "kubectl", To: "kube-apiserver", Protocol: "HTTPS", ClientAuth: "none"}
	}
	diagrams = build(m)
	assert.Equal(t, "kube-apiserver (part 4 of 4)", find(t, diagrams, "component-kube-apiserver--4").Title)
	for _, d := range diagrams {
		if d.Subject != "kube-apiserver" {
			continue
		}
		for _, e := range d.Edges {
			if e.From == "kubectl" {
				assert.Len(t, e.Flows, 1, "kubectl has too many flows as well, in %s", d.Name)
			}
		}
	}
}

func TestThreat(t *testing.T) {
	d := find(t, build(graphtest.Cluster()), "threat-K8S-STATE-001")
	assert.Equal(t, "K8S-STATE-001 / Snapshot of the state is copied / risk as installed: very high / likelihood high, impact very high / risk hardened: moderate / status: open",
		strings.Replace(label(t, d, "K8S-STATE-001"), "mitigated if configured", "open", 1))
	var way []string
	for _, e := range d.Edges {
		if e.Line == graph.Thick {
			way = append(way, e.From)
		}
	}
	assert.Equal(t, []string{"stage/actors", "stage/entry", "stage/via", "K8S-STATE-001"}, way)
	assert.Equal(t, "Encrypt the state / prevents it, in part / to be configured", label(t, d, "encrypt-state"))
	assert.Equal(t, "Control-plane machine / process, operator / in Control plane", label(t, d, "machine/affects"), "where it begins and what it harms is one component")
	assert.Contains(t, d.Table, graph.Row{
		ID: "machine", Kind: model.Components, Title: "Control-plane machine", What: "begins at: process, operator; harms: process, operator",
	})
	assert.Equal(t, []string{"leads to"}, edge(t, d, "K8S-STATE-001", "stage/next").Lines)
}

func TestTheme(t *testing.T) {
	d := find(t, build(graphtest.Cluster()), "theme-state")
	assert.Equal(t, "K8S-STATE-001 / Snapshot of the state is copied / risk very high / harms Secret objects and 2 more", label(t, d, "K8S-STATE-001"))
	assert.Equal(t, "K8S-STATE-002 / Encryption key is read beside the data / risk moderate / harms Secret objects", label(t, d, "K8S-STATE-002"))
	assert.Equal(t, []graph.Edge{{From: "K8S-STATE-001", To: "K8S-STATE-002", Line: graph.Solid}}, d.Edges, "what leads elsewhere is in the table")
	assert.Contains(t, d.Table, graph.Row{
		ID: "K8S-STATE-001", Kind: model.Threats, Title: "Snapshot of the state is copied",
		What: "risk very high as installed; harms Secret objects, etcd, Control-plane machine; leads to K8S-STATE-002, K8S-NODE-001",
	})

	// Threats that lead to each other stand together, and the others by risk, side by side.
	m := graphtest.Cluster()
	for i, level := range []model.Level{model.Low, model.VeryHigh, model.VeryHigh, ""} {
		id := fmt.Sprintf("K8S-STATE-01%d", i)
		m.Threats[id] = &model.Threat{ID: id, Title: id, Theme: "state", Likelihood: model.Rating{Level: level}, Impact: model.Rating{Level: level}}
	}
	d = find(t, build(m), "theme-state")
	require.Len(t, d.Clusters, 1)
	var frames []string
	for _, c := range d.Clusters[0].Clusters {
		text := c.Title + ":"
		for _, n := range c.Nodes {
			text += " " + n.ID
		}
		frames = append(frames, text)
	}
	assert.Equal(t, []string{
		"Lead to each other: K8S-STATE-001 K8S-STATE-002", "Other threats, risk very high: K8S-STATE-011 K8S-STATE-012",
		"Other threats, risk low: K8S-STATE-010", "Other threats, risk not rated: K8S-STATE-013",
	}, frames)
	assert.Equal(t, 4, d.Clusters[0].Clusters[1].Columns)

	// No threat of a theme is left out, and all parts have about the same size.
	m = graphtest.Synthetic(300)
	parts := make(map[string][]int)
	in := make(map[string]string)
	for _, d := range build(m) {
		if d.Kind != graph.ThemeOverview {
			continue
		}
		n := 0
		d.Each(func(_ *graph.Cluster, x *graph.Node) {
			if x != nil && x.Role == graph.Threat {
				n++
				in[x.ID] = d.Subject
			}
		})
		parts[d.Subject] = append(parts[d.Subject], n)
	}
	for id, x := range m.Threats {
		assert.Equal(t, x.Theme, in[id], id)
	}
	for theme, sizes := range parts {
		assert.LessOrEqual(t, slices.Max(sizes), 16, theme)
		assert.LessOrEqual(t, slices.Max(sizes)-slices.Min(sizes), len(sizes), theme)
	}
}

func TestTree(t *testing.T) {
	diagrams := build(graphtest.Cluster())
	d := find(t, diagrams, "tree-read-secrets")
	assert.Equal(t, graph.AttackTree, d.Kind)
	assert.True(t, d.Downward)
	assert.Equal(t, "Goal: Secrets are read / OR: any one of these / likelihood high", label(t, d, "read-secrets/goal"))
	assert.Equal(t, "Copy the state / SEQUENCE: all, in this order / likelihood high", label(t, d, "read-secrets/copy"))
	assert.Equal(t, "From a node / AND: all of these / likelihood moderate", label(t, d, "read-secrets/from-node"))
	assert.Equal(t, "Take a snapshot / K8S-STATE-001 / likelihood high", label(t, d, "read-secrets/snapshot"))
	assert.Equal(t, "Reach the machine / no threat of this model", label(t, d, "read-secrets/reach"))
	assert.Equal(t, "Break TLS / ruled out by: TLS is not broken.", label(t, d, "read-secrets/break-tls"))
	assert.Contains(t, label(t, d, "read-secrets/go-on"), "goes on in: Get rights")
	assert.Equal(t, []string{"2"}, edge(t, d, "read-secrets/copy", "read-secrets/snapshot").Lines)
	assert.Contains(t, d.Table, graph.Row{ID: "K8S-STATE-001", Kind: model.Threats, Title: "Snapshot of the state is copied", What: "step: Take a snapshot"})
	find(t, diagrams, "tree-read-secrets--left-alone")

	// A large tree is cut, and says where it goes on.
	diagrams = build(graphtest.Synthetic(20))
	cut := 0
	for _, d := range diagrams {
		if d.Kind != graph.AttackTree {
			continue
		}
		d.Each(func(_ *graph.Cluster, n *graph.Node) {
			if n.Role == graph.Elsewhere {
				_, node, _ := strings.Cut(n.ID, "/")
				find(t, diagrams, "tree-0--"+node)
				cut++
			}
		})
	}
	assert.Positive(t, cut)
}

func TestViews(t *testing.T) {
	diagrams := build(graphtest.Cluster())
	nodes, _ := ids(find(t, diagrams, "view-chain"))
	assert.ElementsMatch(t, []string{"ci-pipeline", "image-registry", "container-runtime", "maintainer"}, nodes)
	_, clusters := ids(find(t, diagrams, "view-who"))
	assert.Contains(t, clusters, "party/workload-owner")
	nodes, _ = ids(find(t, diagrams, "view-keys"))
	assert.ElementsMatch(t, []string{"etcd-certificate", "machine", "kube-apiserver", "etcd/believes"}, nodes)
	nodes, _ = ids(find(t, diagrams, "view-insiders"))
	assert.Contains(t, nodes, "K8S-STATE-002")
	nodes, _ = ids(find(t, diagrams, "view-harmed"))
	assert.ElementsMatch(t, []string{"etcd", "etcd/other", "machine"}, nodes)
}

func TestActor(t *testing.T) {
	d := find(t, build(graphtest.Cluster()), "actor-node-administrator")
	assert.Contains(t, label(t, d, "node-administrator"), "can bring about 1 threat, very high")
	assert.Equal(t, "Control-plane machine / access: administer / flow: SSH / in Control plane", label(t, d, "machine"))
	assert.Contains(t, label(t, d, "two-people"), "not in the product")
	edge(t, d, "stage/recorded", "stage/watched")
}

func TestRemainder(t *testing.T) {
	nodes, _ := ids(find(t, build(graphtest.Cluster()), "remainder"))
	assert.Equal(t, []string{"idle-actor", "spare", "harmless", "unused", "idle", "clocks-agree"}, nodes)
}

// TestFaultyModels draws what a checker reports: references that lead nowhere, and circles.
func TestFaultyModels(t *testing.T) {
	m := graphtest.Cluster()
	m.Flows["astray"] = &model.Flow{ID: "astray", Title: "Astray", From: "nobody", To: "kubectl"}
	m.Components["lost"] = &model.Component{ID: "lost", Title: "Lost", Boundary: "nowhere", RunsOn: []string{"nobody"}}
	m.Boundaries["cluster"].Parent = "pod"
	m.Actors["analyst"].Boundary = "nowhere"
	m.AttackTrees["read-secrets"].Nodes["copy"].Children = []string{"goal", "nothing", "copy"}
	m.AttackTrees["get-rights"].Root = "nothing"
	m.Threats["K8S-NODE-001"].Countermeasures["nothing"] = &model.Mitigation{Effect: "prevent"}
	m.Threats["K8S-NODE-001"].LeadsTo = []string{"K8S-NODE-001", "NO-1"}
	m.Threats["K8S-NODE-001"].Affects = []string{"nothing"}
	m.Scenarios["apply"].Steps = []model.Step{{Flow: "nothing"}}
	m.Views["who"].Selects = model.Selection{Boundaries: []string{"nothing"}}
	assert.NotEmpty(t, build(m))
	assert.NotEmpty(t, graph.Build(m, &analysis.Facts{}), "nothing is derived")
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := graphtest.Synthetic(n)
			f := analysis.Derive(m)
			for b.Loop() {
				graph.Build(m, f)
			}
		})
	}
}
