package source

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// file is a file that changes.
type file struct {
	name    string
	syntax  *ast.File
	old     []byte
	splices []splice
	// laid says that a change can move the alignment of lines around it.
	laid bool
}

// splice puts a text in the place of the bytes from start to end.
type splice struct {
	start, end int
	text       string
	// rank orders what comes to one place: braces that open outside of others come first, and those that close last.
	rank int
}

// open returns the file of a place, or nil where it cannot be read.
func (p *plan) open(s site) *file {
	name := s.file.Filename
	f := p.files[name]
	if f == nil && p.err == nil {
		old, err := p.Read(name)
		if at := s.value.Pos().File(); err == nil && at.Size() != len(old) {
			err = fmt.Errorf("%s has changed since it was read", name)
		}
		if p.err = err; err != nil {
			return nil
		}
		f = &file{name: name, syntax: s.file, old: old}
		p.files[name] = f
	}
	return f
}

func (f *file) add(start, end int, text string) { f.rank(start, end, text, 0) }

// rank adds a splice with its rank among others at one place.
func (f *file) rank(start, end int, text string, rank int) {
	f.splices = append(f.splices, splice{start, end, text, rank})
	f.laid = f.laid || bytes.IndexByte(f.old[start:end], '\n') >= 0 || strings.Contains(text, "\n") || f.rest(end) != ""
}

// result returns the file with all splices.
func (f *file) result() ([]byte, error) {
	slices.SortStableFunc(f.splices, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.rank, b.rank))
	})
	returns := bytes.Contains(f.old, []byte("\r\n"))
	var out []byte
	done := 0
	for _, s := range f.splices {
		if s.start < done {
			return nil, fmt.Errorf("%s:%d: two changes meet here", f.name, 1+bytes.Count(f.old[:s.start], []byte("\n")))
		}
		if returns {
			s.text = withReturns(s.text)
		}
		out = append(append(out, f.old[done:s.start]...), s.text...)
		done = s.end
	}
	out = append(out, f.old[done:]...)
	syntax, err := parser.ParseFile(f.name, out, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%s would be no CUE: %w", f.name, err)
	}
	if f.laid {
		out = f.aligned(out, syntax)
	}
	return out, nil
}

// aligned returns a new content of the file as cue fmt writes it, if the old one was so. What cue fmt writes, it
// sometimes writes otherwise the next time, and in rare cases cannot read: then the content stays as it is.
func (f *file) aligned(out []byte, syntax *ast.File) []byte {
	formatted, err := format.Node(syntax)
	if err != nil || bytes.Equal(formatted, out) {
		return out
	}
	if before, err := format.Node(f.syntax); err != nil || !bytes.Equal(before, f.old) {
		return out
	}
	for range 3 {
		again, err := format.Source(formatted)
		if err != nil {
			return out
		}
		if bytes.Equal(again, formatted) {
			return formatted
		}
		formatted = again
	}
	return out
}

// withReturns puts carriage returns before the line breaks of a text, but for blank lines: CUE takes those in literals
// for wrong white space.
func withReturns(text string) string {
	var out strings.Builder
	for i, c := range []byte(text) {
		if c == '\n' && (i == 0 || text[i-1] != '\n') {
			out.WriteByte('\r')
		}
		out.WriteByte(c)
	}
	return out.String()
}

func (f *file) start(n ast.Node) int { return n.Pos().Offset() }

// end returns where a node ends. The parser takes carriage returns out of literals of several lines, and so mistakes
// their ends.
func (f *file) end(n ast.Node) int {
	switch n := n.(type) {
	case *ast.Field:
		if len(n.Attrs) == 0 {
			return f.end(n.Value)
		}
	case *ast.EmbedDecl:
		return f.end(n.Expr)
	case *ast.Alias:
		return f.end(n.Expr)
	case *ast.LetClause:
		return f.end(n.Expr)
	case *ast.UnaryExpr:
		return f.end(n.X)
	case *ast.BinaryExpr:
		return f.end(n.Y)
	case *ast.StructLit:
		if n.Rbrace == token.NoPos && len(n.Elts) > 0 {
			return f.end(n.Elts[len(n.Elts)-1])
		}
	case *ast.Interpolation:
		return f.end(n.Elts[len(n.Elts)-1])
	case *ast.BasicLit:
		at := f.start(n)
		for i := 0; i < len(n.Value) && at < len(f.old); at++ {
			if f.old[at] == n.Value[i] {
				i++
			}
		}
		return at
	}
	return n.End().Offset()
}

// lineStart returns where the line of an offset begins, and lineEnd where its line break is.
func (f *file) lineStart(at int) int { return bytes.LastIndexByte(f.old[:at], '\n') + 1 }

func (f *file) lineEnd(at int) int {
	if i := bytes.IndexByte(f.old[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(f.old)
}

// rest returns what stands behind an offset on its line, without commas and white space around it.
func (f *file) rest(at int) string { return strings.Trim(string(f.old[at:f.lineEnd(at)]), ", \t\r") }

// ends says that nothing but a comment follows an offset on its line.
func (f *file) ends(at int) bool { return f.rest(at) == "" || strings.HasPrefix(f.rest(at), "//") }

// blank says that there is only white space, and commas, between two offsets.
func (f *file) blank(start, end int) bool {
	return len(bytes.Trim(f.old[start:end], ", \t\r\n")) == 0
}

// sameLine says that there is no line break between two offsets.
func (f *file) sameLine(start, end int) bool { return bytes.IndexByte(f.old[start:end], '\n') < 0 }

// indent returns the white space that the line of an offset begins with.
func (f *file) indent(at int) string {
	line := f.old[f.lineStart(at):at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// indented returns a text with all lines but the first indented.
func indented(text, indent string) string {
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = indent + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// holder is a struct, a list or a file in which fields and items are put in or taken out.
type holder struct {
	node ast.Node
	path []string
	file *file
	elts []ast.Node
	// open is behind the opening brace, and close at the closing one.
	open, close int
	// added are the texts that are put in, by the element behind which they go; -1 is the front.
	added   map[int][]string
	removed map[ast.Node]bool
}

// hold returns the holder that a node in the file of a place is.
func (p *plan) hold(s site, node ast.Node, path []string) *holder {
	if h := p.holders[node]; h != nil {
		return h
	}
	f := p.open(s)
	if f == nil {
		return nil
	}
	h := &holder{node: node, path: path, file: f, added: map[int][]string{}, removed: p.removed}
	switch n := node.(type) {
	case *ast.File:
		h.elts, h.close = nodes(n.Decls), len(f.old)
	case *ast.StructLit:
		h.elts, h.open, h.close = nodes(n.Elts), f.start(n), f.end(n)
		if !h.chained() {
			h.open, h.close = h.open+1, h.close-1
		}
	case *ast.ListLit:
		h.elts, h.open, h.close = nodes(n.Elts), f.start(n)+1, f.end(n)-1
	}
	p.holders[node] = h
	p.order = append(p.order, h)
	return h
}

func nodes[N ast.Node](of []N) []ast.Node {
	out := make([]ast.Node, len(of))
	for i, n := range of {
		out[i] = n
	}
	return out
}

// chained says that the holder is a struct without braces, as b: 1 in a: b: 1.
func (h *holder) chained() bool {
	s, ok := h.node.(*ast.StructLit)
	return ok && !s.Lbrace.IsValid()
}

// elt is the field or item of a place.
func (s site) elt() ast.Node {
	if s.field == nil {
		return s.value
	}
	return s.field
}

func (h *holder) index(s site) int { return slices.Index(h.elts, s.elt()) }

func (h *holder) remove(i int) { h.removed[h.elts[i]] = true }

func (h *holder) add(after int, text string) {
	after = min(after, len(h.elts)-1)
	h.added[after] = append(h.added[after], text)
}

// gone says that an element is taken out.
func (h *holder) gone(i int) bool { return h.removed[h.elts[i]] }

// columns is how far the elements are indented, with a tab as four columns.
func (h *holder) columns() int {
	if len(h.elts) > 0 {
		return columns(h.file.indent(h.file.start(h.elts[0])))
	}
	return columns(h.file.indent(h.open)) + 4
}

func columns(text string) int { return len([]rune(text)) + 3*strings.Count(text, "\t") }

// splice turns what is put in and taken out into splices of the file.
func (h *holder) splice() {
	h.file.laid = true
	kept := 0
	for i := range h.elts {
		if !h.gone(i) {
			kept++
		}
	}
	// What goes behind an element that is taken out goes behind the last one that stays before it.
	added := map[int][]string{}
	after := -1
	for i := -1; i < len(h.elts); i++ {
		if i >= 0 && !h.gone(i) {
			after = i
		}
		added[after] = append(added[after], h.added[i]...)
	}
	_, isFile := h.node.(*ast.File)
	switch {
	case h.chained():
		h.wrap(kept, added[-1], added[0])
	case kept == 0 && !isFile && h.empty():
		h.file.add(h.open, h.close, h.content(added[-1]))
	default:
		h.take()
		for i := -1; i < len(h.elts); i++ {
			h.put(i, added[i])
		}
	}
}

// wrap writes the content of a struct without braces: what comes before its field and behind it.
func (h *holder) wrap(kept int, before, behind []string) {
	f := h.file
	start, end := f.start(h.node), f.end(h.node)
	indent := f.indent(start)
	switch added := slices.Concat(before, behind); {
	case len(added) == 0:
		return
	case kept == 0 && len(added) == 1:
		f.add(start, end, indented(added[0], indent))
		return
	case kept == 0:
		f.add(start, end, "{"+h.content(added)+"}")
		return
	}
	open, comma, closing := "{", ", ", "}"
	line := strings.Join(slices.Concat(before, behind), comma)
	if strings.Contains(line, "\n") || columns(string(f.old[f.lineStart(start):end]))+columns(line) >= width {
		comma = "\n" + indent + "\t"
		open, closing = "{"+comma, "\n"+indent+"}"
	}
	for _, text := range before {
		open += indented(text, indent+"\t") + comma
	}
	last := ""
	for _, text := range behind {
		last += comma + indented(text, indent+"\t")
	}
	f.rank(start, start, open, len(h.path))
	f.rank(end, end, last+closing, -len(h.path))
}

// empty says that there is nothing between the braces but what is taken out.
func (h *holder) empty() bool {
	at := h.open
	for _, e := range h.elts {
		if !h.file.blank(at, h.docs(e)) {
			return false
		}
		if at = h.file.end(e); h.file.ends(at) {
			at = h.file.lineEnd(at)
		}
	}
	return h.file.blank(at, h.close)
}

// content returns what stands between braces that held nothing else: on one line where it fits and the braces are on
// one, else each element on a line of its own.
func (h *holder) content(added []string) string {
	if len(added) == 0 {
		return ""
	}
	f := h.file
	line := strings.Join(added, ", ")
	oneLine := (len(h.elts) == 0 || f.sameLine(h.open, h.close)) && !strings.Contains(line, "\n")
	if oneLine && columns(string(f.old[f.lineStart(h.open):h.open]))+columns(line) < width {
		return line
	}
	indent := f.indent(h.open)
	var out strings.Builder
	for _, text := range added {
		out.WriteString(h.line(text, indent+"\t"))
	}
	return out.String() + "\n" + indent
}

// line returns a line break and a text on a line of its own.
func (h *holder) line(text, indent string) string {
	text = "\n" + indent + indented(text, indent)
	if _, isList := h.node.(*ast.ListLit); isList {
		text += ","
	}
	return text
}

// put writes texts behind an element.
func (h *holder) put(after int, added []string) {
	if len(added) == 0 {
		return
	}
	f := h.file
	next := after + 1
	for next < len(h.elts) && h.gone(next) {
		next++
	}
	at := h.open
	if after >= 0 {
		at = f.end(h.elts[after])
	}
	line := f.ends(at) && (next == len(h.elts) || !f.sameLine(at, f.start(h.elts[next])))
	indent := f.indent(at)
	switch {
	case after >= 0:
		indent = f.indent(f.start(h.elts[after]))
	case next < len(h.elts) && line:
		indent = f.indent(f.start(h.elts[next]))
	case next == len(h.elts):
		indent += "\t"
	}
	if line {
		for _, text := range added {
			if _, isFile := h.node.(*ast.File); isFile && h.parted(after) {
				text = "\n" + text
			}
			end := at + len(bytes.TrimRight(f.old[at:f.lineEnd(at)], "\r"))
			f.add(end, end, h.line(text, indent))
		}
		return
	}
	text := indented(strings.Join(added, ", "), indent)
	if after >= 0 {
		f.rank(at, at, ", "+text, -len(h.path))
	} else {
		f.add(f.start(h.elts[next]), f.start(h.elts[next]), text+", ")
	}
}

// parted says that a blank line parts an element of a file from the one before, or that it is no field.
func (h *holder) parted(i int) bool {
	f := h.file
	at := f.lineStart(h.docs(h.elts[i]))
	_, isField := h.elts[i].(*ast.Field)
	return !isField || at == 0 || f.blank(f.lineStart(at-1), at)
}

// docs returns where an element begins with its doc comments.
func (h *holder) docs(e ast.Node) int {
	for _, c := range ast.Comments(e) {
		if c.Doc && c.Position == 0 {
			return h.file.start(c)
		}
	}
	return h.file.start(e)
}

// take takes out the elements that go, whole lines where they stand alone on theirs.
func (h *holder) take() {
	f := h.file
	var lines []splice
	for i := 0; i < len(h.elts); i++ {
		if !h.gone(i) {
			continue
		}
		j := i
		for j+1 < len(h.elts) && h.gone(j+1) && f.sameLine(f.end(h.elts[j]), f.start(h.elts[j+1])) {
			j++
		}
		start, end := f.start(h.elts[i]), f.end(h.elts[j])
		left := i > 0 && f.sameLine(f.end(h.elts[i-1]), start)
		right := j+1 < len(h.elts) && f.sameLine(end, f.start(h.elts[j+1]))
		switch {
		case left:
			f.add(f.end(h.elts[i-1]), end, "")
		case right:
			f.add(start, f.start(h.elts[j+1]), "")
		case f.blank(f.lineStart(start), start) && f.ends(end):
			start, end = f.lineStart(h.docs(h.elts[i])), min(f.lineEnd(end)+1, len(f.old))
			if n := len(lines) - 1; n >= 0 && f.blank(lines[n].end, start) {
				lines[n].end = end
			} else {
				lines = append(lines, splice{start: start, end: end})
			}
		case j+1 < len(h.elts) && f.blank(end, f.start(h.elts[j+1])):
			f.add(start, f.start(h.elts[j+1]), "")
		default:
			f.add(start, end, "")
		}
		i = j
	}
	for _, l := range lines {
		// The blank line before or behind goes along where two would meet, or one a brace.
		before, behind := l.start-1, f.lineEnd(min(l.end, len(f.old)))
		first := before < h.open || f.blank(h.open, before)
		switch blankBefore := before > 0 && f.blank(f.lineStart(before), before); {
		case l.end < h.close && f.blank(l.end, behind) && (blankBefore || first):
			l.end = min(behind+1, len(f.old))
		case f.blank(l.end, h.close) && blankBefore && !first:
			l.start = f.lineStart(before)
		}
		f.add(l.start, l.end, "")
	}
}
