package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
)

// readMermaid reads the diagrams, in diagrams and on the pages in markdown, and compares them with those of the model, and
// what all of them draw with the model itself.
//
// A diagram has the title, the description, the direction, the nodes, clusters, memberships and edges that it should, each
// with its label, shape or line, class and flows, and nothing else. Each has its own file; where pages are exported, each
// is on one of them with what its file says, above a table of what it draws.
//
// What says nothing of the model is left to a comparison of bytes: the values of styles, the links that lay nodes out in
// rows, the order of statements, their indentation, blank lines, and the comments that head the parts; where a line of a
// label is wrapped; whether the title of a cluster has the note that its class repeats, or ends in "…" in place of what the
// table has; and where the links in the table lead.
func readMermaid(files map[string][]byte, want *Expected) Result {
	r := &mermaidReader{Result: Result{Format: string(export.Mermaid)}, files: files, want: want, looks: looks()}
	r.drawings = make(map[string]*drawing)
	for i := range want.Diagrams {
		r.diagram(&want.Diagrams[i])
	}
	exported := false
	for _, file := range model.Keys(files) {
		exported = exported || strings.HasPrefix(file, "markdown/")
		name, ok := strings.CutPrefix(file, "diagrams/")
		name = strings.TrimSuffix(name, ".mmd")
		if ok && (r.drawings[name] == nil || file != diagramFile(name)) {
			r.add(Difference{Kind: Extra, File: file, Record: "diagram " + name, Got: parseDrawing(string(files[file])).title.text})
		}
	}
	if exported {
		r.pages()
	}
	r.promise()
	r.sort()
	return r.Result
}

// mermaidReader reads the diagrams of a model. Its drawings are what their files have, by name.
type mermaidReader struct {
	Result
	files    map[string][]byte
	want     *Expected
	looks    map[graph.Role]look
	drawings map[string]*drawing
}

func diagramFile(name string) string { return "diagrams/" + name + ".mmd" }

// mostCharacters is how long a text can be for Mermaid to draw it.
const mostCharacters = 50_000

// parseDrawing reads the text of a diagram, unless it is longer than any.
func parseDrawing(text string) *drawing {
	if n := utf8.RuneCountInString(text); n > mostCharacters {
		return &drawing{foreign: []located{{1, fmt.Sprintf("%d characters", n)}}}
	}
	return parseFlowchart(text)
}

// diagram reads the file of a diagram.
func (r *mermaidReader) diagram(d *graph.Diagram) {
	file := diagramFile(d.Name)
	data, ok := r.files[file]
	if !ok {
		r.drawings[d.Name] = &drawing{}
		r.add(Difference{Kind: Missing, File: file, Record: "diagram " + d.Name, Want: d.Title})
		return
	}
	r.Files++
	r.drawings[d.Name] = parseDrawing(string(data))
	diagramComparison{Result: &r.Result, file: file, record: "diagram " + d.Name}.drawing(r.meant(d), r.drawings[d.Name])
}

// look is how a node is drawn.
type look struct{ shape, class string }

// looks are those of each role. A class that is not here follows from the risk or the state.
func looks() map[graph.Role]look {
	return map[graph.Role]look{
		graph.Process:        {"rounded", "process"},
		graph.Store:          {"cylinder", "store"},
		graph.External:       {"rectangle", "external"},
		graph.Actor:          {"hexagon", "actor"},
		graph.Zone:           {"subroutine", "zone"},
		graph.Group:          {"subroutine", "group"},
		graph.FlowNode:       {"rectangle", "flow"},
		graph.Asset:          {"rectangle", "asset"},
		graph.Feature:        {"rectangle", "feature"},
		graph.Threat:         {"rectangle", ""},
		graph.Countermeasure: {"rounded", "countermeasure"},
		graph.Theme:          {"rectangle", "theme"},
		graph.Assumption:     {"rectangle", "assumption"},
		graph.Goal:           {"subroutine", ""},
		graph.Gate:           {"hexagon", ""},
		graph.Step:           {"rectangle", ""},
		graph.Elsewhere:      {"subroutine", "elsewhere"},
		graph.Cell:           {"rectangle", ""},
	}
}

// look returns how a node is drawn.
func (r *mermaidReader) look(n graph.Node) look {
	l := r.looks[n.Role]
	switch {
	case l.class != "":
	case n.Role != graph.Cell || n.State == analysis.AtRisk && n.Risk != "":
		words := strings.SplitN(cmp.Or(string(n.Risk), "unrated")+"-", "-", 3)
		l.class = words[0]
		if words[1] != "" { // very-high is veryHigh
			l.class += strings.ToUpper(words[1][:1]) + words[1][1:]
		}
	case n.State == analysis.AtRisk:
		l.class = "feature"
	case n.State == analysis.Resistant, n.State == analysis.Covered:
		l.class = "countermeasure"
	case n.State == analysis.PartlyCovered:
		l.class = "actor"
	case n.State == analysis.Referenced:
		l.class = "asset"
	case n.State == analysis.Excluded:
		l.class = "group"
	default:
		l.class = "unrated"
	}
	switch {
	case n.Stress:
		l.class += "Stress"
	case n.Outside:
		l.class += "Outside"
	}
	return l
}

// meant is the drawing that a diagram should have.
func (r *mermaidReader) meant(d *graph.Diagram) *drawing {
	w := &drawing{at: make(map[string]int)}
	w.title.text, w.description.text, w.direction.text = oneLine(d.Title), oneLine(d.Description), "LR"
	if d.Downward {
		w.direction.text = "TB"
	}
	var add func(in string, clusters []graph.Cluster, nodes []graph.Node)
	add = func(in string, clusters []graph.Cluster, nodes []graph.Node) {
		for _, n := range nodes {
			l := r.look(n)
			w.elements = append(w.elements, element{id: n.ID, shape: l.shape, label: n.Lines, in: in, class: l.class})
		}
		for _, c := range clusters {
			w.elements = append(w.elements, element{
				id: c.ID, shape: subgraph, label: []string{c.Title}, note: c.Note, in: in,
				class: string(c.Border), direction: w.direction.text,
			})
			add(c.ID, c.Clusters, c.Nodes)
		}
	}
	add("", d.Clusters, d.Nodes)
	for i, e := range w.elements {
		w.at[e.id] = i
	}
	for _, e := range d.Edges {
		w.edges = append(w.edges, edge{from: e.From, to: e.To, label: e.Lines, kind: cmp.Or(e.Line, graph.Solid), flows: e.Flows})
	}
	return w
}

// oneLine is a text with one blank in place of all white space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// diagramComparison compares a diagram in a file. First is the number of the line before its text.
type diagramComparison struct {
	*Result
	file, record string
	first        int
}

// differ adds a difference on a line, or on none where that is 0.
func (c diagramComparison) differ(kind Kind, record, field string, line int, want, got string) {
	d := Difference{Kind: kind, File: c.file, Record: record, Field: field, Want: want, Got: got}
	if line > 0 {
		d.Place = strconv.Itoa(c.first + line)
	}
	c.add(d)
}

// field compares a text that the model has with the one on a line.
func (c diagramComparison) field(record, field string, line int, want, got string) {
	c.same(want == got, record, field, line, want, got)
}

// same counts a text that is as it should be, and adds the difference otherwise.
func (c diagramComparison) same(same bool, record, field string, line int, want, got string) {
	switch {
	case same && want == "":
	case same:
		c.Fields++
	case want == "":
		c.differ(Extra, record, field, line, want, got)
	case got == "":
		c.differ(Missing, record, field, line, want, got)
	default:
		c.differ(Different, record, field, line, want, got)
	}
}

// drawing compares a drawing with the one that is meant.
func (c diagramComparison) drawing(want, got *drawing) {
	for _, l := range got.foreign {
		c.differ(Extra, c.record, "line", l.line, "", l.text)
	}
	for _, id := range got.open {
		c.differ(Missing, c.record+" node "+id, "end", got.elements[got.at[id]].line, "end", "")
	}
	c.field(c.record, "title", got.title.line, want.title.text, got.title.text)
	c.field(c.record, "description", got.description.line, want.description.text, got.description.text)
	c.field(c.record, "direction", got.direction.line, want.direction.text, got.direction.text)
	for _, w := range want.elements {
		if at, ok := got.at[w.id]; ok {
			c.element(w, got.elements[at])
		} else {
			c.differ(Missing, c.record+" node "+w.id, "", 0, strings.Join(w.label, "\n"), "")
		}
	}
	for _, g := range got.elements {
		if _, ok := want.at[g.id]; !ok {
			c.differ(Extra, c.record+" node "+g.id, "", g.line, "", strings.Join(g.label, "\n"))
		}
	}
	ends := func(e edge) string { return e.from + " -> " + e.to }
	pairs, extra := paired(want.edges, got.edges, ends, edge.equal)
	for i, w := range want.edges {
		record := c.record + " edge " + ends(w)
		if pairs[i] < 0 {
			c.differ(Missing, record, "", 0, strings.Join(w.label, "\n"), "")
			continue
		}
		g := got.edges[pairs[i]]
		before := len(c.Differences)
		c.same(wraps(w.label, g.label), record, "label", g.line, strings.Join(w.label, "\n"), strings.Join(g.label, "\n"))
		c.field(record, "line", g.line, string(w.kind), string(g.kind))
		c.field(record, "flows", g.line, strings.Join(w.flows, " "), strings.Join(g.flows, " "))
		if len(c.Differences) == before {
			c.Relations++
		}
	}
	for _, i := range extra {
		g := got.edges[i]
		c.differ(Extra, c.record+" edge "+ends(g), "", g.line, "", strings.Join(g.label, "\n"))
	}
}

// element compares a node or a cluster.
func (c diagramComparison) element(w, g element) {
	record := c.record + " node " + w.id
	label := wraps(w.label, g.label)
	if w.shape == subgraph && !label {
		title, said := oneLine(w.label[0]), strings.Join(g.label, "\n")
		label = w.note != "" && said == oneLine(title+" · "+w.note) || begins(title, said)
	}
	before := len(c.Differences)
	c.same(label, record, "label", g.line, strings.Join(w.label, "\n"), strings.Join(g.label, "\n"))
	c.field(record, "shape", g.line, w.shape, g.shape)
	c.field(record, "class", g.line, w.class, g.class)
	c.field(record, "direction", g.line, w.direction, g.direction)
	switch {
	case w.in != g.in:
		c.differ(Different, record, "member-of", g.line, w.in, g.in)
	case w.in != "":
		c.Relations++
	}
	if len(c.Differences) == before {
		c.Records++
	}
}

// equal says that an edge is as another one should be.
func (e edge) equal(g edge) bool {
	return e.kind == g.kind && slices.Equal(e.flows, g.flows) && wraps(e.label, g.label)
}

// wraps says that got are the lines of want, each of them broken at blanks into one or more.
func wraps(want, got []string) bool {
	for _, rest := range want {
		rest = oneLine(rest)
		for rest != "" {
			if len(got) == 0 {
				return false
			}
			after, ok := strings.CutPrefix(rest, got[0])
			if !ok || after != "" && after[0] != ' ' {
				return false
			}
			rest, got = strings.TrimPrefix(after, " "), got[1:]
		}
	}
	return len(got) == 0
}

// begins says that a text is the beginning of a whole one, cut at the end of a word, with "…" in place of the rest.
func begins(whole, text string) bool {
	begin, cut := strings.CutSuffix(text, " …")
	return cut && begin != "" && strings.HasPrefix(whole, begin+" ")
}

// paired finds for each item that is wanted the one that it got: an equal one with the same key, or else any other with
// that key, and -1 where there is none. Extra are those that none was found for.
func paired[T any](want, got []T, key func(T) string, equal func(w, g T) bool) (pairs, extra []int) {
	left := make(map[string][]int)
	for i, g := range got {
		left[key(g)] = append(left[key(g)], i)
	}
	pairs = make([]int, len(want))
	for i, w := range want {
		pairs[i] = -1
		k := key(w)
		if at := slices.IndexFunc(left[k], func(j int) bool { return equal(w, got[j]) }); at >= 0 {
			pairs[i] = left[k][at]
			left[k] = slices.Delete(left[k], at, at+1)
		}
	}
	for i, w := range want {
		if k := key(w); pairs[i] < 0 && len(left[k]) > 0 {
			pairs[i], left[k] = left[k][0], left[k][1:]
		}
	}
	for _, k := range model.Keys(left) {
		extra = append(extra, left[k]...)
	}
	return pairs, extra
}
