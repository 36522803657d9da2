package verify

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/mermaidtest"
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
)

// diagramsOf exports the diagrams and pages of a model.
func diagramsOf(t testing.TB, dir, pkg, profile string) (map[string][]byte, *Expected) {
	t.Helper()
	x := exportOf(t, dir, pkg, export.Options{Profile: profile, Only: []export.Format{export.Markdown, export.Mermaid}})
	return x.outputs.Files, x.expected()
}

func everyField(t testing.TB) (map[string][]byte, *Expected) {
	return diagramsOf(t, "../../schema/testdata", "./good/every-field", "")
}

// TestReadMermaid holds that the diagrams of models are read back whole: all nodes and clusters, all their texts, and all
// edges and memberships.
func TestReadMermaid(t *testing.T) {
	for _, x := range []struct{ dir, pkg, profile string }{
		{"../..", "./controls/kubernetes", ""},
		{"../..", "./controls/kubernetes", "managed"},
		{"../..", "./controls/cluster-api", ""},
		{"../../schema/testdata", "./good/every-field", ""},
	} {
		t.Run(x.pkg+x.profile, func(t *testing.T) {
			files, want := diagramsOf(t, x.dir, x.pkg, x.profile)
			got := readMermaid(files, want)
			require.Empty(t, got.Differences)
			all := Result{Format: "mermaid", Files: len(want.Diagrams)}
			texts := func(texts ...string) {
				for _, text := range texts {
					if text != "" {
						all.Fields++
					}
				}
			}
			for _, d := range want.Diagrams {
				texts(d.Title, d.Description, "direction")
				d.Each(func(c *graph.Cluster, n *graph.Node) {
					all.Records++
					if c != nil {
						texts(c.Title, "shape", "class", "direction")
						all.Relations += len(c.Nodes) + len(c.Clusters)
					} else {
						texts(strings.Join(n.Lines, ""), "shape", "class")
					}
				})
				for _, e := range d.Edges {
					all.Relations++
					texts(strings.Join(e.Lines, ""), "line", strings.Join(e.Flows, ""))
				}
				for _, row := range d.Table {
					texts(row.Title, "kind", row.What)
				}
			}
			require.Equal(t, all, got)
		})
	}
}

// change is a change of the text of a diagram, whose lines are given. It returns the new lines, and which was changed, or
// -1 where there is nothing to change.
type change struct {
	name string
	make func(r *rand.Rand, lines []string) ([]string, int)
}

// picked returns one of the lines that match, or -1.
func picked(r *rand.Rand, lines []string, pattern string) int {
	var at []int
	matches := regexp.MustCompile(pattern).MatchString
	for i, l := range lines {
		if matches(l) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return -1
	}
	return at[r.IntN(len(at))]
}

// edited changes one of the lines that match.
func edited(pattern string, edit func(r *rand.Rand, line string) string) func(*rand.Rand, []string) ([]string, int) {
	return func(r *rand.Rand, lines []string) ([]string, int) {
		at := picked(r, lines, pattern)
		if at < 0 {
			return nil, -1
		}
		lines = slices.Clone(lines)
		old := lines[at]
		if lines[at] = edit(r, old); lines[at] == old {
			return nil, -1
		}
		return lines, at
	}
}

// removed takes out one of the lines that match.
func removed(pattern string) func(*rand.Rand, []string) ([]string, int) {
	return func(r *rand.Rand, lines []string) ([]string, int) {
		if at := picked(r, lines, pattern); at >= 0 {
			return slices.Delete(slices.Clone(lines), at, at+1), at
		}
		return nil, -1
	}
}

// doubled repeats one of the lines that match.
func doubled(pattern string) func(*rand.Rand, []string) ([]string, int) {
	return func(r *rand.Rand, lines []string) ([]string, int) {
		if at := picked(r, lines, pattern); at >= 0 {
			return slices.Insert(slices.Clone(lines), at, lines[at]), at
		}
		return nil, -1
	}
}

// spelled changes a letter of the first word that matches.
func spelled(pattern string) func(*rand.Rand, string) string {
	return func(_ *rand.Rand, line string) string {
		at := regexp.MustCompile(pattern).FindStringIndex(line)
		if at == nil {
			return line
		}
		other := byte('x')
		if line[at[1]-1] == other {
			other = 'y'
		}
		return line[:at[1]-1] + string(other) + line[at[1]:]
	}
}

const (
	nodeLine = `^ *n_\w+[\[({]+"`
	edgeLine = `^n_\w+ [-=]`
	// dataLine matches all but lines that say nothing of the model: blank ones, comments that head a part, styles, and
	// links that lay out.
	dataLine = `^( *(n_\w+([\[({]| [-=])|subgraph|direction|end)|flowchart|acc|class |%% [^CES])`
)

func changes() []change {
	return []change{
		{"edge removed", removed(edgeLine)},
		{"edge added", func(r *rand.Rand, lines []string) ([]string, int) {
			from, to, at := picked(r, lines, nodeLine), picked(r, lines, nodeLine), picked(r, lines, edgeLine)
			if at < 0 {
				return nil, -1
			}
			node := regexp.MustCompile(`n_\w+`)
			return slices.Insert(slices.Clone(lines), at+1, node.FindString(lines[from])+" --> "+node.FindString(lines[to])), at + 1
		}},
		{"edge turned round", edited(edgeLine, func(_ *rand.Rand, line string) string {
			return regexp.MustCompile(`^(\w+) (.*) (\w+)$`).ReplaceAllString(line, "$3 $2 $1")
		})},
		{"edge's label changed", edited(edgeLine, spelled(`\|"\w`))},
		{"edge's label removed", edited(edgeLine, func(_ *rand.Rand, line string) string {
			return regexp.MustCompile(`\|.*\|`).ReplaceAllString(line, "")
		})},
		{"edge's line changed", edited(edgeLine, func(_ *rand.Rand, line string) string {
			return regexp.MustCompile(` (-->|-.->)`).ReplaceAllString(line, " ==>")
		})},
		{"node removed", removed(nodeLine)},
		{"node renamed", edited(nodeLine, spelled(`n_\w+`))},
		{"node relabelled", edited(nodeLine, spelled(`"\w+`))},
		{"node's shape changed", edited(nodeLine, func(_ *rand.Rand, line string) string {
			as := "{{$1}}"
			if strings.Contains(line, "{{") {
				as = "[$1]"
			}
			return regexp.MustCompile(`[\[({]+(".*")[\])}]+$`).ReplaceAllString(line, as)
		})},
		{"node moved", func(r *rand.Rand, lines []string) ([]string, int) {
			from, to := picked(r, lines, "^ +"+nodeLine[1:]), picked(r, lines, `^ *direction `)
			if from < 0 || around(lines, from) == around(lines, to) {
				return nil, -1
			}
			moved := slices.Insert(slices.Clone(lines), to+1, lines[from])
			if from > to {
				from++
			} else {
				to--
			}
			return slices.Delete(moved, from, from+1), to + 1
		}},
		{"cluster retitled", edited(`subgraph`, spelled(`"\w+`))},
		{"class changed", edited(`^class `, func(r *rand.Rand, line string) string { return line + "s" })},
		{"class taken away", edited(`^class \w+,`, func(_ *rand.Rand, line string) string {
			return regexp.MustCompile(`\w+,`).ReplaceAllString(line, "")
		})},
		{"flow changed", edited(`^%% [a-z]`, spelled(`%% [\w-]+`))},
		{"title changed", edited(`^accTitle`, spelled(` \w+`))},
		{"description changed", edited(`^accDescr`, spelled(` \w+`))},
		{"line deleted", removed(dataLine)},
		{"line doubled", doubled(dataLine)},
		{"byte changed", edited(dataLine, func(r *rand.Rand, line string) string {
			b := []byte(line)
			b[r.IntN(len(b))] = byte(' ' + r.IntN(95))
			return string(b)
		})},
	}
}

// around is the line of the subgraph around a line, or -1.
func around(lines []string, at int) int {
	open := []int{-1}
	for i, l := range lines[:at] {
		switch l = strings.TrimSpace(l); {
		case strings.HasPrefix(l, "subgraph "):
			open = append(open, i)
		case l == "end":
			open = open[:len(open)-1]
		}
	}
	return open[len(open)-1]
}

// TestEveryDiagramChangeIsCaught changes diagrams, in their files and on pages, and the tables beneath them. Lines that
// say nothing of the model are not among the changes: see dataLine.
func TestEveryDiagramChangeIsCaught(t *testing.T) {
	const seed = 4
	r := rand.New(rand.NewPCG(seed, 0))
	files, want := diagramsOf(t, "../..", "./controls/cluster-api", "")
	caught := func(t *testing.T, what, file string, lines []string, at int) {
		t.Helper()
		old := files[file]
		defer func() { files[file] = old }()
		files[file] = []byte(strings.Join(lines, "\n"))
		got := readMermaid(files, want)
		placed := slices.ContainsFunc(got.Differences, func(d Difference) bool {
			line, err := strconv.Atoi(d.Place)
			// What is missing has no line, and what is doubled one of two.
			return d.File == file && (d.Kind == Missing || err == nil && at <= line && line <= at+2)
		})
		assert.True(t, placed, "%s in %s:%d is not among %v", what, file, at+1, got.Differences)
		for _, d := range got.Differences {
			assert.Contains(t, []string{file, "diagrams", "markdown"}, d.File, "%s in %s:%d", what, file, at+1)
		}
	}
	t.Run("files", func(t *testing.T) {
		names := slices.DeleteFunc(model.Keys(files), func(name string) bool { return !strings.HasSuffix(name, ".mmd") })
		for i := 0; i < 200; {
			x, file := changes()[i%len(changes())], names[r.IntN(len(names))]
			if lines, at := x.make(r, strings.Split(string(files[file]), "\n")); at >= 0 {
				caught(t, x.name, file, lines, at)
				i++
			}
		}
	})
	t.Run("pages", func(t *testing.T) {
		names := slices.DeleteFunc(model.Keys(files), func(name string) bool {
			return !strings.Contains(string(files[name]), "```mermaid")
		})
		const row = `^\| \[`
		inTables := []change{
			{"row removed", removed(row)},
			{"row doubled", doubled(row)},
			{"id changed", edited(row, spelled(`\| \[[\w-]+`))},
			{"title changed", edited(row, spelled(`\) \| \w+`))},
			{"kind changed", edited(row, spelled(`\) \| [^|]+ \| \w`))},
			{"what changed", edited(row, spelled(`\) \| [^|]+ \| [^|]+ \| \w+`))},
			{"heading changed", edited(`^\| Drawn`, spelled(`\| \w+`))},
		}
		for i := 0; i < 200; {
			file := names[r.IntN(len(names))]
			lines := strings.Split(string(files[file]), "\n")
			begin := picked(r, lines, "^```mermaid$") + 1
			if i%2 == 0 {
				x := changes()[i/2%len(changes())]
				end := begin + slices.Index(lines[begin:], "```")
				if changed, at := x.make(r, lines[begin:end]); at >= 0 {
					caught(t, x.name, file, slices.Concat(lines[:begin], changed, lines[end:]), begin+at)
					i++
				}
				continue
			}
			x := inTables[i/2%len(inTables)]
			begin += slices.IndexFunc(lines[begin:], func(l string) bool { return strings.HasPrefix(l, "| Drawn") })
			end := begin + slices.Index(lines[begin:], "")
			if changed, at := x.make(r, lines[begin:end]); at >= 0 {
				caught(t, x.name, file, slices.Concat(lines[:begin], changed, lines[end:]), begin+at)
				i++
			}
		}
	})
	t.Run("whole files", func(t *testing.T) {
		const file, other = "diagrams/context.mmd", "diagrams/another.mmd"
		files[other] = files[file]
		extra := Difference{Kind: Extra, File: other, Record: "diagram another", Got: want.Diagrams[0].Title}
		assert.Equal(t, []Difference{extra}, readMermaid(files, want).Differences)
		delete(files, other)
		delete(files, file)
		got := readMermaid(files, want).Differences
		assert.Contains(t, got, Difference{Kind: Missing, File: file, Record: "diagram context", Want: want.Diagrams[0].Title})
	})
}

// TestEverythingIsDrawn holds that what the model has and no diagram draws is missed, even where the diagrams are as they
// were laid out.
func TestEverythingIsDrawn(t *testing.T) {
	files, want := diagramsOf(t, "../..", "./controls/cluster-api", "")
	m := want.Model
	m.Components["absent"] = &model.Component{Title: "Absent", Boundary: "cloud-account"}
	m.Components["clusterctl"].Boundary = "cloud-account"
	m.Boundaries["workload-cluster"].Parent = "cloud-account"
	m.Flows["cloud-api-to-machine"].From = "clusterctl"
	m.Threats["CAPI-BOOT-001"].Title = "Another"
	m.Assumptions["absent"] = &model.Assumption{Statement: "Absent."}
	tree := m.AttackTrees["destroy-the-fleet"]
	tree.Nodes["absent"] = &model.TreeNode{Label: "Absent"}
	tree.Nodes[tree.Root].Children = append(tree.Nodes[tree.Root].Children, "absent")
	m.Scenarios["cluster-creation"].Steps[0].Note = "Another."
	m.Catalogs["cluster-api-assessment"].Entries["absent"] = &model.Entry{Title: "Absent", Status: "active"}
	want.Facts.Coverage["cluster-api-assessment"].Entries["absent"] = &analysis.EntryCoverage{State: analysis.Covered}
	want.Facts.Coverage["mitre-attack"].Entries["T1190"].State = analysis.Resistant // of the group TA0001

	missing := map[string]bool{}
	for _, d := range readMermaid(files, want).Differences {
		if d.Kind == Missing {
			assert.Equal(t, "diagrams", d.File)
			missing[d.Record+"."+d.Field] = true
			continue
		}
		assert.Equal(t, Different, d.Kind)
		assert.Equal(t, "title", d.Field)
		assert.Equal(t, "CAPI-BOOT-001 Another", d.Want)
		assert.NotEmpty(t, d.Place)
		missing["a title"] = true
	}
	assert.Equal(t, []string{
		"a title", "assumptions absent.",
		"attackTrees destroy-the-fleet absent.", "attackTrees destroy-the-fleet " + tree.Root + ".children",
		"boundaries workload-cluster.parent",
		"catalogue-entries cluster-api-assessment absent.", "catalogue-groups mitre-attack TA0001.states",
		"components absent.", "components absent.boundary", "components clusterctl.boundary", "flows cloud-api-to-machine.",
		"scenarios cluster-creation.steps",
	}, model.Keys(missing))
}

// readDiagram reads a text in place of a diagram of a model, and on a page.
func readDiagram(want *Expected, d graph.Diagram, text string) []Difference {
	only := *want
	only.Diagrams = []graph.Diagram{d}
	got := readMermaid(map[string][]byte{diagramFile(d.Name): []byte(text), "markdown/README.md": []byte(text)}, &only)
	return slices.DeleteFunc(got.Differences, func(x Difference) bool { return x.File != diagramFile(d.Name) })
}

// TestMermaidAgrees changes bytes and lines of diagrams anywhere. What the reader takes, Mermaid's own parser reads as what
// is meant: nothing that it refuses passes.
func TestMermaidAgrees(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	p := mermaidtest.New(t)
	files, want := everyField(t)
	taken := 0
	for range 200 {
		d := want.Diagrams[r.IntN(len(want.Diagrams))]
		text := string(files[diagramFile(d.Name)])
		lines := strings.Split(text, "\n")
		at, line := r.IntN(len(text)), r.IntN(len(lines)-1)
		switch r.IntN(6) {
		case 0:
			text = text[:at] + string(rune(' '+r.IntN(95))) + text[at+1:]
		case 1:
			text = text[:at] + text[at+1:]
		case 2:
			text = text[:at] + string("\"[](){}<>|#;:%-=~&@\n"[r.IntN(20)]) + text[at:]
		case 3:
			text = strings.Join(slices.Delete(lines, line, line+1), "\n")
		case 4:
			text = strings.Join(slices.Insert(lines, line, lines[r.IntN(len(lines))]), "\n")
		case 5:
			text = text[:at]
		}
		if len(readDiagram(want, d, text)) == 0 {
			taken++
			agrees(t, p, d, text)
			assert.Equal(t, linesOf(string(files[diagramFile(d.Name)])), linesOf(text))
		}
	}
	assert.Greater(t, taken, 10)
}

// agrees holds that Mermaid reads a text as a diagram.
func agrees(t *testing.T, p *mermaidtest.Parser, d graph.Diagram, text string) {
	t.Helper()
	got, err := p.Read(text)
	require.NoError(t, err, text)
	nodes := 0
	d.Each(func(_ *graph.Cluster, n *graph.Node) {
		if n != nil {
			nodes++
			for node, label := range got.Nodes {
				if id, _ := entryID(node); id == n.ID {
					assert.Equal(t, oneLine(strings.Join(n.Lines, " ")), oneLine(label))
				}
			}
		}
	})
	assert.Len(t, got.Nodes, nodes, text)
	assert.Equal(t, oneLine(d.Title), got.Title, text)
	assert.Equal(t, oneLine(d.Description), got.Description, text)
}

// TestReadLabel holds what a label can be.
func TestReadLabel(t *testing.T) {
	for _, x := range []struct {
		label string
		lines []string
		ok    bool
	}{
		{" ", nil, true},
		{"a#40;b#41;<br/>é, f-g", []string{"a(b)", "é, f-g"}, true},
		{"", []string{""}, false},
		{"a<br/>", []string{"a", ""}, false},
		{"a.b", nil, false},
		{"a#4;b", nil, false},
		{"a#400;b", nil, false},
		{"a#40", nil, false},
		{"\xff", nil, false},
	} {
		lines, ok := readLabel(x.label)
		assert.Equal(t, x.ok, ok, x.label)
		if ok {
			assert.Equal(t, x.lines, lines, x.label)
		}
	}
}

// TestEntryID holds that an id has one spelling.
func TestEntryID(t *testing.T) {
	for node, id := range map[string]string{
		"n_": "", "n_a": "a", "n_kube_apiserver": "kube-apiserver", "n_tree__2Fa_b": "tree/a-b", "n_a__2D_b": "a--b",
		"n_a__2D": "a-", "n_a__5Fb": "a_b", "n_21__28a__29": "21(a)",
	} {
		got, ok := entryID(node)
		assert.True(t, ok, node)
		assert.Equal(t, id, got, node)
	}
	for _, node := range []string{"", "a", "n_a_", "n_a__", "n_a__2", "n_a__2f", "n_a__zz", "n_a__2Db", "n_a__62", "n_a-b", "n_é"} {
		_, ok := entryID(node)
		assert.False(t, ok, node)
	}
}

// linesOf are the lines of a diagram that say something of the model, in any order, as its labels read.
func linesOf(text string) []string {
	text = regexp.MustCompile(`#(\d+);`).ReplaceAllStringFunc(strings.ReplaceAll(text, "<br/>", " "), func(s string) string {
		n, _ := strconv.Atoi(s[1 : len(s)-1])
		return string(rune(n))
	})
	var out []string
	part := regexp.MustCompile(`^%% [CES]`)
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch verb, rest, _ := strings.Cut(line, " "); {
		case line == "", verb == "linkStyle", verb == "classDef", strings.Contains(line, " ~~~ "), part.MatchString(line):
		case verb == "class":
			nodes, class, _ := strings.Cut(rest, " ")
			for node := range strings.SplitSeq(nodes, ",") {
				out = append(out, node+" is "+class)
			}
		case verb == "subgraph": // whose title can be cut
			node, _, _ := strings.Cut(rest, "[")
			out = append(out, node)
		default:
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// FuzzMermaid reads any text in place of a diagram, and as a page. What the reader takes says what the diagram does.
func FuzzMermaid(f *testing.F) {
	files, want := everyField(f)
	for i, d := range want.Diagrams {
		f.Add(uint(i), string(files[diagramFile(d.Name)]))
	}
	f.Add(uint(0), string(files["markdown/README.md"]))
	f.Add(uint(0), "flowchart LR\n"+strings.Repeat("subgraph n_a[\" \"]\n", 1000))
	r := &mermaidReader{want: want, looks: looks()}
	f.Fuzz(func(t *testing.T, n uint, text string) {
		d := &want.Diagrams[n%uint(len(want.Diagrams))]
		var found Result
		c := diagramComparison{Result: &found, record: d.Name}
		c.drawing(r.meant(d), parseDrawing(text))
		if len(found.Differences) == 0 {
			require.Equal(t, linesOf(string(files[diagramFile(d.Name)])), linesOf(text))
		}
		for _, on := range fences("", text) {
			r.table(d, c, on.table)
		}
	})
}
