package source

import (
	"bytes"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
)

// Change is one change of a model: the value at a path, from what it is to what it shall be.
type Change struct {
	// Path is the path below the root node, such as threats, K8S-NODE-001, likelihood, level. Items of lists are named by
	// the index that they have before all changes; an index behind the last adds an item.
	Path []string
	// Old is the value now and New the value to be: string, int, bool, []any, map[string]any, model.Null for null; nil for
	// none.
	Old, New any
}

// Refusal says why a change, or a part of one, cannot be made in the sources.
type Refusal struct {
	Change Change
	// Position is where the value comes from.
	Position finding.Position
	// Reason says of the value what it is, such as "comes from a comprehension".
	Reason string
	Hint   string
}

// Edit is a file before and after.
type Edit struct{ Old, New []byte }

// Editor changes the sources of a model.
//
// It replaces the bytes of literals, and puts in and takes out fields and items; every byte that no change names stays.
// Only in a file that is as cue fmt writes it, and stays so, the alignment of the lines around a change may move.
type Editor struct {
	Root *Node
	// Writable says whether the files of a package may be changed, by its import path.
	Writable func(importPath string) bool
	// Order returns the names of a struct's fields in the order in which they are written, by the path of the struct.
	// Fields that it does not name come last, sorted. It returns nil for a map, whose entries have ids.
	Order func(path []string) []string
	// Comment returns the lines of a comment at the end of a new struct, by its path, if it is not nil.
	Comment func(path []string) string
	// Read returns the bytes of a file.
	Read func(name string) ([]byte, error)
}

// Apply makes all changes and returns the files that differ by their names. With refusals there are no edits. What is
// not written as plain literals is refused: what stands there may have other readers and reasons.
func (e *Editor) Apply(changes []Change) (map[string]Edit, []Refusal, error) {
	p := &plan{Editor: e, files: map[string]*file{}, holders: map[ast.Node]*holder{}, removed: map[ast.Node]bool{},
		stays: map[string]bool{}, apart: map[string][]string{}}
	for _, c := range changes {
		if why := unwritable(c.New); why != "" {
			at, _ := e.Root.Nearest(c.Path...)
			p.refusals = append(p.refusals, Refusal{Change: c, Position: at, Reason: why})
			continue
		}
		p.compare(c.Path, c.Old, c.New)
	}
	p.insertAll()
	for _, h := range slices.Clone(p.order) {
		p.prune(h)
	}
	if len(p.refusals) > 0 || p.err != nil {
		return nil, p.refusals, p.err
	}
	for _, h := range p.order {
		if p.holders[h.node] == h {
			h.splice()
		}
	}
	edits, err := p.edits()
	return edits, nil, err
}

// edits returns the files that differ.
func (p *plan) edits() (map[string]Edit, error) {
	names := model.Keys(p.files)
	news, errs := make([][]byte, len(names)), make([]error, len(names))
	turns := make(chan bool, runtime.GOMAXPROCS(0)) // as many at once as can run, since each takes much memory
	var all sync.WaitGroup
	for i, name := range names {
		turns <- true
		all.Go(func() {
			news[i], errs[i] = p.files[name].result()
			<-turns
		})
	}
	all.Wait()
	edits := map[string]Edit{}
	for i, name := range names {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if old := p.files[name].old; !bytes.Equal(old, news[i]) {
			edits[name] = Edit{old, news[i]}
		}
	}
	return edits, nil
}

// plan is what changes do to files.
type plan struct {
	*Editor
	files   map[string]*file
	holders map[ast.Node]*holder
	// order are the holders in the order in which changes came to them.
	order []*holder
	// removed are the fields and items that are taken out.
	removed map[ast.Node]bool
	// stays are the paths of structs that stay although they lose all fields.
	stays map[string]bool
	// pending are the values that are put in, once it is known what is taken out.
	pending []*insertion
	// apart are the entries that have a field at another place than the rest of them, by collection and field.
	apart    map[string][]string
	refusals []Refusal
	err      error
}

func key(path []string) string { return strings.Join(path, "\x00") }

// below returns a path with a name added.
func below(path []string, name string) []string { return append(slices.Clip(path), name) }

// compare changes what differs between the values of a path.
func (p *plan) compare(path []string, old, to any) {
	c := Change{path, old, to}
	n := p.Root.At(path...)
	if old == nil && to != nil && n != nil && len(n.sites) > 0 {
		// What is empty or false may be none to the caller and yet be written.
		switch n.expand(); {
		case n.structs:
			old = map[string]any{}
		case n.list:
			old = []any{}
		default:
			p.replace(c, n)
			return
		}
	}
	oldFields, wasStruct := old.(map[string]any)
	fields, isStruct := to.(map[string]any)
	oldItems, wasList := old.([]any)
	items, isList := to.([]any)
	switch {
	case reflect.DeepEqual(old, to):
	case to == nil:
		p.remove(c, n)
	case old == nil:
		p.pending = append(p.pending, &insertion{c, path, to})
	case wasStruct && isStruct:
		if len(fields) == 0 {
			p.stays[key(path)] = true
		}
		names := map[string]bool{}
		for name := range oldFields {
			names[name] = true
		}
		for name := range fields {
			names[name] = true
		}
		for _, name := range model.Keys(names) {
			p.compare(below(path, name), oldFields[name], fields[name])
		}
	case wasList && isList && n != nil && len(n.sites) > 0:
		p.list(c, n, oldItems, items)
	default:
		p.replace(c, n)
	}
}

// replace writes another value in the place of what is written at a node.
func (p *plan) replace(c Change, n *Node) {
	if n == nil || len(n.sites) == 0 {
		if r := p.origin(c); r != nil {
			p.refusals = append(p.refusals, *r)
			return
		}
		p.pending = append(p.pending, &insertion{c, c.Path, c.New}) // until now it was a default of the schema
		return
	}
	if p.refuse(c, n) {
		return
	}
	for _, s := range n.sites {
		lits, ok := scalars(s.value)
		scalar := isScalar(c.New)
		if !ok {
			if e := p.hidden(n); e != nil || isScalar(c.Old) {
				if e == nil {
					e = s.value
				}
				p.refusals = append(p.refusals, refusal(c, e, describe(e)))
				return
			}
		}
		f := p.open(s)
		if f == nil {
			return
		}
		if !ok || !scalar {
			at := f.start(s.value)
			text := p.value(c.Path, c.New, columns(string(f.old[f.lineStart(at):at])), s.field != nil)
			f.add(at, f.end(s.value), indented(text, f.indent(at)))
			continue
		}
		for _, l := range lits {
			text := string(f.old[f.start(l):f.end(l)])
			if s, isText := c.New.(string); isText && l.Kind == token.STRING {
				text = requote(strings.ReplaceAll(text, "\r\n", "\n"), s, f.indent(f.start(l)))
			} else {
				text = indented(p.value(c.Path, c.New, 0, true), f.indent(f.start(l)))
			}
			f.add(f.start(l), f.end(l), text)
		}
	}
}

// list changes a list item by item.
func (p *plan) list(c Change, n *Node, old, items []any) {
	if p.refuse(c, n) {
		return
	}
	var lists []*holder
	for _, s := range n.sites {
		e := s.value
		for paren, ok := e.(*ast.ParenExpr); ok; paren, ok = e.(*ast.ParenExpr) {
			e = paren.X
		}
		l, ok := e.(*ast.ListLit)
		if ok && len(l.Elts) > 0 {
			switch last := l.Elts[len(l.Elts)-1].(type) {
			case *ast.Ellipsis, *ast.Comprehension:
				ok, e = false, last
			}
		}
		if !ok || len(l.Elts) != len(old) {
			p.refusals = append(p.refusals, refusal(c, e, describe(e)))
			return
		}
		h := p.hold(s, l, c.Path)
		if h == nil {
			return
		}
		lists = append(lists, h)
	}
	for _, s := range align(old, items) {
		switch {
		case s.to < 0:
			for _, l := range lists {
				l.remove(s.from)
			}
		case s.from < 0:
			for _, l := range lists {
				l.add(s.after, p.value(below(c.Path, strconv.Itoa(s.to)), items[s.to], l.columns(), false))
			}
		default:
			p.compare(below(c.Path, strconv.Itoa(s.from)), old[s.from], items[s.to])
		}
	}
}

// remove takes a field or item out at all places that write it.
func (p *plan) remove(c Change, n *Node) {
	r := p.origin(c)
	if r == nil && (n == nil || len(n.sites) == 0) {
		at, _ := p.Root.Nearest(c.Path...)
		r = &Refusal{c, at, "is written nowhere and comes from the schema", "write the value that it shall have"}
	}
	if r != nil {
		p.refusals = append(p.refusals, *r)
		return
	}
	if p.refuse(c, n) {
		return
	}
	for _, s := range n.sites {
		if h := p.hold(s, s.holder, up(c.Path)); h != nil {
			h.remove(h.index(s))
		}
	}
}

// prune takes out the labels of a chain that lead to nothing any more. An entry stays when its last field goes.
func (p *plan) prune(h *holder) {
	if p.holders[h.node] != h || !h.chained() || !p.removed[h.elts[0]] || len(h.added) > 0 {
		return
	}
	delete(p.holders, h.node)
	outer := p.around(h)
	others := len(h.path) > 0 && slices.ContainsFunc(p.Root.At(h.path...).sites, func(s site) bool {
		return s.value != outer.value && !p.removed[s.elt()]
	})
	entry := len(h.path) > 0 && p.fields(up(h.path)) == nil
	if !others && (entry || p.stays[key(h.path)]) {
		h.file.add(h.file.start(h.node), h.file.end(h.node), "{}")
	} else if above := p.hold(outer, outer.holder, up(h.path)); above != nil {
		above.remove(above.index(outer))
		p.prune(above)
	}
}

// around returns the place whose value a struct without braces is.
func (p *plan) around(h *holder) site {
	if len(h.path) > 0 {
		sites := p.Root.At(h.path...).sites
		return sites[slices.IndexFunc(sites, func(s site) bool { return s.value == h.node })]
	}
	decls := h.file.syntax.Decls
	field := decls[slices.IndexFunc(decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.Field)
		return ok && f.Value == h.node
	})].(*ast.Field)
	return site{field: field, value: field.Value, holder: h.file.syntax, file: h.file.syntax}
}

// up returns the path above a path.
func up(path []string) []string { return path[:max(len(path)-1, 0)] }

// refuse says why what is written at a node may not be changed, if it may not.
func (p *plan) refuse(c Change, n *Node) bool {
	for _, s := range n.sites {
		if r := p.locked(c, s); r != nil {
			p.refusals = append(p.refusals, *r)
			return true
		}
	}
	return false
}

// locked says why a place may not be changed, or nil.
func (p *plan) locked(c Change, s site) *Refusal {
	var r Refusal
	switch {
	case s.via != nil && !p.whole(s.via):
		r = refusal(c, s.via.ref, describe(s.via.ref))
	case s.maybe:
		r = refusal(c, s.label(), "comes from a comprehension")
	case strings.Contains("/"+filepath.ToSlash(s.file.Filename), "/cue.mod/"):
		r = refusal(c, s.label(), "is written in the package "+s.pkg.ImportPath+", of which this is a copy in cue.mod")
		r.Hint = "change it where the package is developed"
	case !p.Writable(s.pkg.ImportPath):
		r = refusal(c, s.label(), "is written in the package "+s.pkg.ImportPath+", which is not of this model")
		r.Hint = "change it in the model of that package"
	default:
		return nil
	}
	return &r
}

// whole says of a reference that it makes the model as a whole another package's with more.
func (p *plan) whole(t *trail) bool {
	_, imported := t.ref.(*ast.SelectorExpr)
	return imported && t.at == p.Root && !strings.HasPrefix(t.name, "#")
}

// origin says where a value may come from that is not written at its path: patterns, comprehensions and references at
// and above it. It returns nil when there are none.
func (p *plan) origin(c Change) *Refusal {
	type found struct {
		*Node
		// in is the pattern or computed name that led there.
		in *ast.Field
	}
	nodes := []found{{p.Root, nil}}
	for _, name := range c.Path {
		var next []found
		for _, n := range nodes {
			n.expand()
			if n.computed != nil && n.computed.opaque != nil {
				r := refusal(c, n.computed.opaque, describe(n.computed.opaque))
				return &r
			}
			if child := n.children[name]; child != nil {
				next = append(next, found{child, n.in})
			}
			if n.computed != nil && n.computed.any != nil {
				next = append(next, found{n.computed.any, n.computed.any.sites[0].field})
			}
		}
		nodes = next
	}
	for _, n := range nodes {
		for _, s := range n.sites {
			if n.in == nil || isPattern(s.field) { // written plainly, or a pattern, which makes no fields
				continue
			}
			r := refusal(c, s.value, "comes from a field with a computed name")
			switch {
			case s.maybe:
				r.Reason = "comes from a comprehension"
			case isPattern(n.in):
				r.Reason = "comes from a pattern constraint"
			}
			return &r
		}
	}
	return nil
}

// hidden returns an expression at or below a node of which only CUE knows what it writes, or a reference that leads
// there; nil where all is plain.
func (p *plan) hidden(n *Node) ast.Expr {
	n.expand()
	if n.computed != nil && n.computed.opaque != nil {
		return n.computed.opaque
	}
	for _, name := range n.names {
		c := n.children[name]
		for _, s := range c.sites {
			if s.via != nil && !p.whole(s.via) {
				return s.via.ref
			}
		}
		if e := p.hidden(c); e != nil {
			return e
		}
	}
	return nil
}

// isPattern says that a field is a pattern constraint.
func isPattern(f *ast.Field) bool {
	if f == nil {
		return false
	}
	_, ok := fieldLabel(f).(*ast.ListLit)
	return ok
}

func refusal(c Change, at ast.Node, reason string) Refusal {
	return Refusal{c, span(at), reason, "write the value itself in its place, or change what it is made of"}
}

// describe says what an expression is that is no plain value.
func describe(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Comprehension:
		return "comes from a comprehension"
	case *ast.Ellipsis:
		return "is an open list"
	case *ast.ListLit:
		return "is a list of another length"
	case *ast.StructLit:
		return "is a struct"
	case *ast.Interpolation:
		return "is an interpolation"
	case *ast.Ident:
		if e.Node == nil && !strings.HasPrefix(e.Name, "#") {
			return "is the constraint " + e.Name
		}
	}
	text, _ := format.Node(e)
	short := strings.Join(strings.Fields(string(text)), " ")
	if r := []rune(short); len(r) > 60 {
		short = string(r[:60]) + "..."
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr:
		return "is a reference to " + short
	case *ast.CallExpr:
		return "is the result of " + short
	case *ast.BinaryExpr:
		if e.Op == token.OR {
			return "is a choice of values, " + short
		}
	}
	return "is the expression " + short
}

func isScalar(v any) bool {
	switch v.(type) {
	case nil, []any, map[string]any:
		return false
	}
	return true
}

// step is what happens to an item of a list: it stays or changes at its place (from and to), it goes (to is -1), or it
// is new (from is -1) after another.
type step struct{ from, to, after int }

// maxTable bounds the table by which items are aligned.
const maxTable = 1 << 22

// align returns how a list becomes another with the fewest changes.
func align(old, items []any) []step {
	var steps []step
	var middle [][2]int // pairs of equal items between the equal ends
	from, to := 0, 0
	for from < min(len(old), len(items)) && reflect.DeepEqual(old[from], items[from]) {
		from++
	}
	to = from
	endFrom, endTo := len(old), len(items)
	for endFrom > from && endTo > to && reflect.DeepEqual(old[endFrom-1], items[endTo-1]) {
		endFrom--
		endTo--
	}
	if n, m := endFrom-from, endTo-to; (n+1)*(m+1) <= maxTable {
		// common[i][j] is how many items the rests behind i and j have in common.
		common := make([][]int, n+1)
		for i := n; i >= 0; i-- {
			common[i] = make([]int, m+1)
			for j := m - 1; i < n && j >= 0; j-- {
				common[i][j] = max(common[i+1][j], common[i][j+1])
				if reflect.DeepEqual(old[from+i], items[to+j]) {
					common[i][j] = common[i+1][j+1] + 1
				}
			}
		}
		for i, j := 0, 0; i < n && j < m; {
			switch {
			case reflect.DeepEqual(old[from+i], items[to+j]):
				middle = append(middle, [2]int{from + i, to + j})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				i++
			default:
				j++
			}
		}
	}
	for _, pair := range append(middle, [2]int{endFrom, endTo}) {
		for from < pair[0] || to < pair[1] {
			switch {
			case from < pair[0] && to < pair[1]:
				steps = append(steps, step{from, to, from})
				from, to = from+1, to+1
			case from < pair[0]:
				steps = append(steps, step{from, -1, from})
				from++
			default:
				steps = append(steps, step{-1, to, from - 1})
				to++
			}
		}
		from, to = from+1, to+1
	}
	return steps
}
