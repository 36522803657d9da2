package mermaid

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/golden"
	"github.com/tmkit/tmkit/internal/mermaidtest"
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/graph/graphtest"
)

func diagrams() []graph.Diagram {
	m := graphtest.Cluster()
	return graph.Build(m, analysis.Derive(m))
}

// words folds a label to its words: lines are broken where there is no room.
func words(lines ...string) string {
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}

func TestGolden(t *testing.T) {
	for _, d := range diagrams() {
		text, err := Render(d)
		require.NoError(t, err)
		golden.Equal(t, []byte(text), d.Name+".mmd")
	}
}

// TestMermaid runs what needs Mermaid's own parser, which is loaded once.
func TestMermaid(t *testing.T) {
	p := mermaidtest.New(t)
	t.Run("drawings", func(t *testing.T) { drawings(t, p) })
	t.Run("reserved ids", func(t *testing.T) { reservedIDs(t, p) })
	t.Run("blank", func(t *testing.T) { blank(t, p) })
	t.Run("labels", func(t *testing.T) { labels(t, p) })
}

// drawings has Mermaid itself read every diagram, and compares what it understood with what was meant.
func drawings(t *testing.T, p *mermaidtest.Parser) {
	for _, d := range diagrams() {
		text, err := Render(d)
		require.NoError(t, err)
		got, err := p.Read(text)
		if !assert.NoError(t, err, "%s\n%s", d.Name, text) {
			continue
		}
		assert.Equal(t, d.Title, got.Title, d.Name)
		assert.Equal(t, d.Description, got.Description, d.Name)
		seen := 0
		d.Each(func(c *graph.Cluster, n *graph.Node) {
			seen++
			if n != nil {
				assert.Equal(t, words(n.Lines...), words(got.Nodes[NodeID(n.ID)]), "%s in %s", n.ID, d.Name)
				return
			}
			// The note is there where it has room, and at least the beginning of the title always.
			title := words(got.Clusters[NodeID(c.ID)])
			if begin, cut := strings.CutSuffix(title, " …"); cut {
				assert.NotEmpty(t, begin, "%s in %s", c.ID, d.Name)
				assert.True(t, strings.HasPrefix(words(c.Title), begin+" "), "%s in %s: %s", c.ID, d.Name, title)
			} else {
				assert.Contains(t, []string{words(c.Title), words(c.Title + " · " + c.Note)}, title, "%s in %s", c.ID, d.Name)
			}
		})
		assert.Len(t, got.Nodes, seen-len(got.Clusters), "nodes of %s", d.Name)
		var want, have []string
		for _, e := range d.Edges {
			want = append(want, e.From+" → "+e.To+": "+words(e.Lines...))
		}
		unseen := links(text)
		for _, e := range got.Edges {
			if unseen[[2]string{e.From, e.To}] {
				continue
			}
			from, ok := ID(e.From)
			require.True(t, ok, e.From)
			to, ok := ID(e.To)
			require.True(t, ok, e.To)
			have = append(have, from+" → "+to+": "+words(e.Label))
		}
		assert.Equal(t, want, have, d.Name)
	}
}

// links finds the links of a drawing that are not drawn.
func links(text string) map[[2]string]bool {
	out := make(map[[2]string]bool)
	for _, l := range strings.Split(text, "\n") {
		row := strings.Split(strings.TrimSpace(l), " ~~~ ")
		for i := 1; i < len(row); i++ {
			out[[2]string{row[i-1], row[i]}] = true
		}
	}
	return out
}

// TestRows lays nodes without arrows in rows, and leaves those with arrows to them.
func TestRows(t *testing.T) {
	frame := graph.Cluster{ID: "frame", Title: "Frame", Border: graph.Frame, Columns: 2}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		frame.Nodes = append(frame.Nodes, graph.Node{ID: id, Lines: []string{id}})
	}
	text, err := Render(graph.Diagram{Name: "x", Clusters: []graph.Cluster{frame}, Edges: []graph.Edge{{From: "b", To: "c"}}})
	require.NoError(t, err)
	assert.Equal(t, map[[2]string]bool{{"n_a", "n_d"}: true, {"n_e", "n_f"}: true, {"n_g", "n_f"}: true}, links(text))
}

// TestFrameTitles holds that a title is no wider than its frame: it does without its note first, and then without its
// end.
func TestFrameTitles(t *testing.T) {
	for _, x := range []struct{ title, note, want string }{
		{"VM", "inward enforced", "VM · inward enforced"},
		{"Administration network", "inward conditional", "Administration network"},
		{"Administration of the whole organisation", "inward conditional", "Administration of the whole …"},
		{"Administration", "", "Administration"},
		{strings.Repeat("x", 60), "", strings.Repeat("x", 60)},
	} {
		w := &writer{}
		c := graph.Cluster{ID: "a", Title: x.title, Note: x.note, Nodes: []graph.Node{{ID: "b", Lines: []string{"B"}}}}
		assert.Equal(t, x.want, w.title(c))
		// Two nodes beside each other have room for more.
		w.edges = []graph.Edge{{From: "b", To: "c"}}
		c.Nodes = append(c.Nodes, graph.Node{ID: "c", Lines: []string{"C"}})
		if x.note != "" {
			assert.Contains(t, []string{x.title + " · " + x.note, x.title}, w.title(c))
		}
	}
}

// TestStyles holds what makes a picture readable on a light and on a dark page.
func TestStyles(t *testing.T) {
	colour := regexp.MustCompile(`(fill|stroke|color):#[0-9a-f]{6}`)
	defined := make(map[string]bool)
	for _, s := range styles() {
		defined[s.class] = true
		var keys []string
		for _, m := range colour.FindAllStringSubmatch(s.css, -1) {
			keys = append(keys, m[1])
		}
		assert.ElementsMatch(t, []string{"fill", "stroke", "color"}, keys, s.class)
		assert.Regexp(t, `^[a-zA-Z]+$`, s.class)
	}
	assigned := regexp.MustCompile(`(?m)^class [\w,]+ (\w+)$`)
	for _, d := range diagrams() {
		text, err := Render(d)
		require.NoError(t, err)
		for _, m := range assigned.FindAllStringSubmatch(text, -1) {
			assert.True(t, defined[m[1]], "class %s in %s", m[1], d.Name)
		}
		assert.True(t, strings.HasPrefix(text, "%% Code generated by tmkit; DO NOT EDIT.\nflowchart "), d.Name)
	}
}

// TestFlowsAreNamed holds that the text says which flows an arrow stands for, to people and to programs.
func TestFlowsAreNamed(t *testing.T) {
	text, err := Render(graph.Diagram{
		Name: "x", Nodes: []graph.Node{{ID: "a", Lines: []string{"A"}}, {ID: "b", Lines: []string{"B"}}},
		Edges: []graph.Edge{{From: "a", To: "b", Lines: []string{"2 flows"}, Flows: []string{"one", "two"}}},
	})
	require.NoError(t, err)
	assert.Contains(t, text, "\n%% one two\nn_a -->|\"2 flows\"| n_b\n")
}

// blank draws a diagram in which nobody wrote anything.
func blank(t *testing.T, p *mermaidtest.Parser) {
	text, err := Render(graph.Diagram{Clusters: []graph.Cluster{{Nodes: []graph.Node{{ID: "a"}}}}, Edges: []graph.Edge{{From: "a", To: "a"}}})
	require.NoError(t, err)
	assert.NoError(t, p.Parse(text))
	text, err = Render(graph.Diagram{})
	require.NoError(t, err)
	assert.NoError(t, p.Parse(text))
}

func TestLimits(t *testing.T) {
	d := graph.Diagram{Name: "huge", Nodes: []graph.Node{{ID: "a", Lines: []string{"A"}}}}
	for range maxEdges {
		d.Edges = append(d.Edges, graph.Edge{From: "a", To: "a"})
	}
	_, err := Render(d)
	require.NoError(t, err)
	d.Edges = append(d.Edges, graph.Edge{From: "a", To: "a"})
	_, err = Render(d)
	assert.EqualError(t, err, "diagram huge has 401 edges, and Mermaid draws at most 400")

	_, err = Render(graph.Diagram{Name: "long", Nodes: []graph.Node{{ID: "a", Lines: []string{strings.Repeat("long ", 10_000)}}}})
	assert.ErrorContains(t, err, "diagram long has ")
	assert.ErrorContains(t, err, " characters, and Mermaid draws at most 40000")
}

// reserved are words that Mermaid refuses as the id of a node.
func reserved() []string {
	return []string{"end", "graph", "flowchart", "subgraph", "style", "linkStyle", "class", "classDef", "click", "href", "call",
		"interpolate", "default", "direction", "x", "o", "__proto__", "constructor", "toString"}
}

// reservedIDs has Mermaid read its own words as ids.
func reservedIDs(t *testing.T, p *mermaidtest.Parser) {
	d := graph.Diagram{Name: "reserved", Title: "end", Description: "style: #a1b2c3; graph {"}
	for _, id := range reserved() {
		d.Clusters = append(d.Clusters, graph.Cluster{
			ID: id + "/c", Title: "end", Border: graph.Frame, Nodes: []graph.Node{{ID: id, Lines: []string{"style: #a1b2c3; end"}, Role: graph.Process}},
		})
		d.Edges = append(d.Edges, graph.Edge{From: id, To: id + "/c", Lines: []string{"end"}})
	}
	d.Nodes = []graph.Node{{ID: "blank"}}
	text, err := Render(d)
	require.NoError(t, err)
	got, err := p.Read(text)
	require.NoError(t, err)
	assert.Len(t, got.Nodes, len(reserved())+1)
	assert.Len(t, got.Clusters, len(reserved()))
	assert.Equal(t, d.Description, got.Description)
	for _, id := range reserved() {
		assert.Equal(t, "style: #a1b2c3; end", got.Nodes[NodeID(id)], id)
	}
}

// awkward are texts that Mermaid shows otherwise when they are not written with care.
func awkward() []string {
	return []string{
		" ", "plain", "two\nlines", `"quoted"`, "`code`", "<b>bold</b>", "<script>x</script>", "a < b > c & d", "&amp; &#35; #35; #amp;",
		"1. list", "- list", "* list", "+ list", "# heading", "> quote", "__init__", "*em* _em_ **b**", "~~gone~~", "[link](https://example.com)",
		"https://example.com/a?b=c#d", "me@example.com", "fa:fa-car", "$$x^2$$", `back\nslash`, `C:\path\new`, "end", "graph TD; a-->b",
		"a -- b", "a - b", "-a-b-", "--x", "(a)", "{a}", "[a]", "((a))", "|pipe|", "a;b", "%% comment", "%%{init: {}}%%", "---", "===",
		"style x fill:#f00;", "classDef x fill:#f00;", "accTitle: x", "snake_case", "kebab-case", "'single'", "50%", "a=b", "x^y", "~tilde~", "!bang!",
		"@at", "?", ":::class", "naïve café — “quoted” … 日本語", "שלום (עולם)", "😀 emoji", "tab\there", "\u00a0nbsp", "ﬂ°°40¶ß",
	}
}

// decode is the other way of Label, written for this test alone.
func decode(label string) string {
	label = strings.ReplaceAll(label, "<br/>", "\n")
	return regexp.MustCompile(`#(\d+);`).ReplaceAllStringFunc(label, func(s string) string {
		n, _ := strconv.Atoi(s[1 : len(s)-1])
		return string(rune(n))
	})
}

// checkLabel holds that a label is exact and consists of what every version of Mermaid leaves alone.
func checkLabel(t *testing.T, text string) {
	t.Helper()
	label := Label(text)
	if got, want := decode(label), strings.ToValidUTF8(text, "\uFFFD"); got != want {
		t.Errorf("Label(%q) = %q, which reads %q", text, label, got)
	}
	rest := strings.ReplaceAll(label, "<br/>", "")
	rest = regexp.MustCompile(`#\d+;`).ReplaceAllString(rest, "")
	rest = regexp.MustCompile(`([A-Za-z0-9])-([A-Za-z0-9])`).ReplaceAllString(rest, "$1$2")
	rest = regexp.MustCompile(`([A-Za-z0-9])-([A-Za-z0-9])`).ReplaceAllString(rest, "$1$2") // a-b-c
	for _, r := range rest {
		if r < utf8.RuneSelf && r > ' ' && r != 0x7f && r != ',' && !alphanumeric(byte(r)) {
			t.Errorf("Label(%q) = %q holds a bare %q", text, label, r)
		}
	}
}

func TestLabel(t *testing.T) {
	assert.Equal(t, "kube-apiserver #40;P-01#41;, a #45; b", Label("kube-apiserver (P-01), a - b"))
	assert.Equal(t, "a<br/>b", Label("a\nb"))
	for _, text := range awkward() {
		checkLabel(t, text)
	}
}

// labels has Mermaid read awkward labels of nodes, clusters and edges.
func labels(t *testing.T, p *mermaidtest.Parser) {
	for chunk := range slices.Chunk(awkward(), 16) {
		var b strings.Builder
		b.WriteString("flowchart LR\n")
		for i, text := range chunk {
			text = Label(text)
			fmt.Fprintf(&b, "subgraph c%d[\"%s\"]\nn%d[\"%s\"]\nend\nn%d -->|\"%s\"| n%d\n", i, text, i, text, i, text, i)
		}
		got, err := p.Read(b.String())
		require.NoError(t, err, b.String())
		for i, text := range chunk {
			// Mermaid cuts off the white space at the ends of a label.
			text = strings.Trim(text, " \t\n\u00a0")
			if text == "ﬂ°°40¶ß" {
				continue // Mermaid's own stand-in for a number reads as that number, in any spelling
			}
			assert.Equal(t, text, strings.Trim(got.Nodes[fmt.Sprintf("n%d", i)], " \t\n\u00a0"), "node")
			assert.Equal(t, text, strings.Trim(got.Clusters[fmt.Sprintf("c%d", i)], " \t\n\u00a0"), "cluster")
			assert.Equal(t, text, strings.Trim(got.Edges[i].Label, " \t\n\u00a0"), "edge")
		}
	}
}

func FuzzLabel(f *testing.F) {
	for _, text := range awkward() {
		f.Add(text)
	}
	f.Fuzz(checkLabel)
}

// checkID holds that an id can be read back, and is made of letters, digits and underscores alone.
func checkID(t *testing.T, id string) {
	t.Helper()
	nodeID := NodeID(id)
	if got, ok := ID(nodeID); !ok || got != id {
		t.Errorf("ID(NodeID(%q)) = %q, %v", id, got, ok)
	}
	if !regexp.MustCompile(`^n_\w*$`).MatchString(nodeID) {
		t.Errorf("NodeID(%q) = %q", id, nodeID)
	}
	// What is not the spelling of an id reads as none, so that no two are read as one.
	if back, ok := ID(id); ok && NodeID(back) != id {
		t.Errorf("ID(%q) = %q, which is spelled %q", id, back, NodeID(back))
	}
}

func ids() []string {
	return append(reserved(), "", "a", "kube-apiserver", "K8S-STATE-001", "a/b", "a--b", "-", "a-", "-a", "a_b", "a-_b", "a__2Db", "n_a",
		"n_a__2Db", "n_a__2db", "n__", "n_a_", "n_a__", "é", "\xff", "a b")
}

func TestNodeID(t *testing.T) {
	assert.Equal(t, "n_kube_apiserver", NodeID("kube-apiserver"))
	assert.Equal(t, "n_K8S_STATE_001", NodeID("K8S-STATE-001"))
	assert.Equal(t, "n_tree__2Fa_b", NodeID("tree/a-b"))
	seen := make(map[string]string)
	for _, id := range ids() {
		checkID(t, id)
		other, taken := seen[NodeID(id)]
		assert.False(t, taken && other != id, "%q and %q", id, other)
		seen[NodeID(id)] = id
	}
	for _, none := range []string{"", "a", "n_a__2Db", "n_a__zz", "n_a__2d", "n_a__2", "n_a_"} {
		_, ok := ID(none)
		assert.False(t, ok, none)
	}
}

func FuzzID(f *testing.F) {
	for _, id := range ids() {
		f.Add(id)
	}
	f.Fuzz(checkID)
}

func TestWrapped(t *testing.T) {
	assert.Equal(t, []string{"a bc", "def", "longer-than-that", "x"}, wrapped([]string{"a bc def longer-than-that", "", "x"}, 6))
}

func BenchmarkRender(b *testing.B) {
	m := graphtest.Synthetic(5000)
	diagrams := graph.Build(m, analysis.Derive(m))
	characters := 0
	for b.Loop() {
		characters = 0
		for _, d := range diagrams {
			text, err := Render(d)
			if err != nil {
				b.Fatal(err)
			}
			characters += len(text)
		}
	}
	b.ReportMetric(float64(len(diagrams)), "diagrams/op")
	b.ReportMetric(float64(characters), "characters/op")
}
