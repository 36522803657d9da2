package verify

import (
	"strings"

	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
)

// fence is a diagram on a page, with the lines of the table beneath it.
type fence struct {
	file string
	// line is where it begins.
	line  int
	text  string
	title located
	table []located
}

// pages reads the diagrams on the pages.
func (r *mermaidReader) pages() {
	var want, got []fence
	for _, d := range r.want.Diagrams {
		want = append(want, fence{title: located{text: oneLine(d.Title)}, text: string(r.files[diagramFile(d.Name)])})
	}
	for _, file := range model.Keys(r.files) {
		if strings.HasPrefix(file, "markdown/") {
			got = append(got, fences(file, string(r.files[file]))...)
		}
	}
	title := func(f fence) string { return f.title.text }
	pairs, extra := paired(want, got, title, func(w, g fence) bool { return w.text == g.text })
	for i, at := range pairs {
		d := &r.want.Diagrams[i]
		if at < 0 {
			r.add(Difference{Kind: Missing, File: "markdown", Record: "diagram " + d.Name, Want: d.Title})
			continue
		}
		f := got[at]
		if f.text != want[i].text {
			var found Result
			diagramComparison{&found, f.file, "diagram " + d.Name, f.line}.drawing(r.meant(d), parseDrawing(f.text))
			r.Differences = append(r.Differences, found.Differences...)
		}
		r.table(d, diagramComparison{Result: &r.Result, file: f.file, record: "diagram " + d.Name}, f.table)
	}
	for _, i := range extra {
		diagramComparison{Result: &r.Result, file: got[i].file}.differ(Extra, "diagram", "", got[i].title.line, "", got[i].title.text)
	}
}

// fences finds the diagrams of a page. In no text of a page a line can begin like one.
func fences(file, page string) []fence {
	var out []fence
	for line := 1; ; {
		before, after, ok := strings.Cut(page, "\n```mermaid\n")
		if !ok {
			return out
		}
		body, _, closed := strings.Cut(after, "\n```\n")
		line += strings.Count(before, "\n") + 1
		f := fence{file: file, line: line, text: after[:min(len(body)+1, len(after))]}
		line += strings.Count(body, "\n") + 2
		if page = ""; closed {
			page = after[len(body)+len("\n```"):]
		}
		above, title, _ := strings.Cut(f.text, "\naccTitle: ")
		title, _, _ = strings.Cut(title, "\n")
		label, _ := readLabel(title)
		f.title = located{f.line + strings.Count(above, "\n") + 2, strings.Join(label, " ")}
		if rows, ok := strings.CutPrefix(page, "\n\n|"); ok {
			rows, _, _ = strings.Cut(rows, "\n\n")
			for i, row := range strings.Split("|"+strings.TrimSuffix(rows, "\n"), "\n") {
				f.table = append(f.table, located{line + 2 + i, row})
			}
		}
		out = append(out, f)
	}
}

// tableRow is a row of the table beneath a diagram.
type tableRow struct {
	line                  int
	id, title, kind, what string
}

// table compares the table beneath a diagram.
func (r *mermaidReader) table(d *graph.Diagram, c diagramComparison, lines []located) {
	head := []string{"| Drawn | Title | Kind | What it is here |", "| --- | --- | --- | --- |"}
	var want, got []tableRow
	for _, w := range d.Table {
		want = append(want, tableRow{id: w.ID, title: inCell(w.Title), kind: r.kindOf(w), what: inCell(w.What)})
	}
	for i, l := range lines {
		cells := block{text: l.text}.cells()
		switch {
		case i < len(head) && l.text == head[i]:
		case i < len(head) || len(cells) != 4:
			c.differ(Extra, c.record, "table", l.line, "", l.text)
		default:
			got = append(got, tableRow{l.line, cells[0].text, cells[1].text, cells[2].text, cells[3].text})
		}
	}
	pairs, extra := paired(want, got, func(row tableRow) string { return row.id }, func(w, g tableRow) bool {
		return w.title == g.title && w.kind == g.kind && w.what == g.what
	})
	for i, w := range want {
		record := c.record + " row " + w.id
		if pairs[i] < 0 {
			c.differ(Missing, record, "", 0, w.title, "")
			continue
		}
		g := got[pairs[i]]
		c.field(record, "title", g.line, w.title, g.title)
		c.field(record, "kind", g.line, w.kind, g.kind)
		c.field(record, "what", g.line, w.what, g.what)
	}
	for _, i := range extra {
		c.differ(Extra, c.record+" row "+got[i].id, "", got[i].line, "", got[i].title)
	}
}

// kindOf is what a table says that a row is.
func (r *mermaidReader) kindOf(row graph.Row) string {
	catalog := r.want.Model.Catalogs[row.Catalogue]
	switch {
	case catalog != nil && catalog.Entries[row.ID] != nil:
		return "entry of " + row.Catalogue
	case row.Catalogue != "":
		return "group of " + row.Catalogue
	case strings.Contains(row.ID, "/"):
		return "node"
	}
	return row.Kind.Singular()
}

// inCell is a text as a cell has it: in one line.
func inCell(text string) string { return strings.ReplaceAll(text, "\n", " ") }
