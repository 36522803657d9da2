// Package source finds the authors' own words: it indexes the syntax of a model's CUE files by the path of each value,
// over all files and packages that the model is made of. It changes them by the same index, and leaves every byte alone
// that no change is about.
//
// The index is built on demand, node by node, so that asking for a few places costs a few descents.
package source

import (
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/finding"
)

// Package is the parsed files of one CUE package.
type Package struct {
	ImportPath string
	Name       string
	Files      []*ast.File
	// Imports are the packages that the files import, by import path without version and qualifier.
	Imports map[string]*Package
	// Contract says that the package is tmkit's schema: a reference to it types a value and writes none.
	Contract bool

	// tops are the values of the fields at the top of the package.
	tops map[ast.Node]bool
}

// All returns the import paths of the packages that the package imports, directly or not.
func (p *Package) All() map[string]bool {
	all := map[string]bool{}
	var add func(*Package)
	add = func(q *Package) {
		for path, im := range q.Imports {
			if !all[path] {
				all[path] = true
				add(im)
			}
		}
	}
	add(p)
	return all
}

// Node is one path of a model with every place that writes it.
type Node struct {
	sites    []site
	children map[string]*Node
	names    []string
	// computed is what may write at or below the node besides plain fields and literals, nil where nothing does.
	computed *computed
	expanded bool
	list     bool
	structs  bool
}

// computed is what may write at or below a node besides plain fields and literals.
type computed struct {
	// opaque is the first expression of which only CUE knows what it writes, nil where the syntax tells it.
	opaque ast.Expr
	// any is what is written at fields whose names are patterns or computed, nil where there are none.
	any *Node
}

// site is one place that writes a path.
type site struct {
	// field is the field whose value writes the path, nil for an item of a list.
	field *ast.Field
	value ast.Expr
	// holder is the struct, list or file in which the field or item stands.
	holder ast.Node
	file   *ast.File
	pkg    *Package
	// via is the last reference that led there, nil where none did.
	via *trail
	// maybe says that the place stands in a comprehension, which may leave it out.
	maybe bool
}

// label returns the name of the field, for an item of a list the item.
func (s site) label() ast.Node {
	if s.field == nil {
		return s.value
	}
	return fieldLabel(s.field)
}

// fieldLabel returns the label of a field without its alias.
func fieldLabel(f *ast.Field) ast.Label {
	if a, ok := f.Label.(*ast.Alias); ok {
		if l, ok := a.Expr.(ast.Label); ok {
			return l
		}
	}
	return f.Label
}

// context is where an expression stands.
type context struct {
	file  *ast.File
	pkg   *Package
	maybe bool
	// trail are the references that led there, so that those which lead back to themselves end.
	trail *trail
	// via is the last reference that led there, or to a struct around it.
	via *trail
}

// trail is a reference to a field at the top of a package.
type trail struct {
	pkg  *Package
	name string
	ref  ast.Expr
	// at is the node at which the reference stands.
	at *Node
	up *trail
}

// New returns the index of a package, seen from its top: the children of the root are the package's fields.
func New(p *Package) *Node {
	root := &Node{expanded: true, structs: true}
	for _, f := range p.Files {
		root.decls(f.Decls, f, context{file: f, pkg: p})
	}
	return root
}

// Merge returns a node that is written wherever one of the given nodes is.
func Merge(nodes ...*Node) *Node {
	out := &Node{}
	for _, n := range nodes {
		if n != nil {
			out.sites = append(out.sites, n.sites...)
		}
	}
	return out
}

// Under returns a node whose only child is the given one.
func Under(name string, n *Node) *Node {
	return &Node{expanded: true, structs: true, children: map[string]*Node{name: n}, names: []string{name}}
}

// At returns the node of a path, or nil when nothing writes it.
func (n *Node) At(path ...string) *Node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		n.expand()
		n = n.children[name]
	}
	return n
}

// Forget drops what was found below the node. It will be found again when it is asked for.
func (n *Node) Forget() {
	if len(n.sites) > 0 {
		*n = Node{sites: n.sites}
	}
}

// Children returns the names below the node in the order in which they are first written, of a list the indexes.
func (n *Node) Children() []string {
	n.expand()
	return n.names
}

// Child returns the node below with the name, or nil.
func (n *Node) Child(name string) *Node {
	n.expand()
	return n.children[name]
}

// Maybe says that the node is only written in comprehensions: whether it is there, only its value tells.
func (n *Node) Maybe() bool {
	for _, s := range n.sites {
		if !s.maybe {
			return false
		}
	}
	return len(n.sites) > 0
}

// Computed says that something other than plain fields and literals may write at or below the node: a reference, a
// comprehension, a pattern, an interpolation.
func (n *Node) Computed() bool {
	n.expand()
	return n.computed != nil
}

// IsList says that the node is written as a list.
func (n *Node) IsList() bool { n.expand(); return n.list }

// IsStruct says that the node is written as a struct.
func (n *Node) IsStruct() bool { n.expand(); return n.structs }

// Literal is a scalar as it is written at one place: a string, an int, a float64, a bool, or nil for null.
type Literal struct {
	Value    any
	Position finding.Position
}

// Literals returns the scalars that are written at the node. The second result is false where something else than
// scalars is written there.
func (n *Node) Literals() ([]Literal, bool) {
	if n == nil {
		return nil, false
	}
	var out []Literal
	for _, s := range n.sites {
		if s.maybe {
			return out, false
		}
		lits, ok := scalars(s.value)
		for _, l := range lits {
			v, err := scalar(l)
			if err != nil {
				return out, false
			}
			out = append(out, Literal{v, span(l)})
		}
		if !ok {
			return out, false
		}
	}
	return out, len(out) > 0
}

// Plain returns the value as it is written, of literals alone: maps, lists and scalars.
func (n *Node) Plain() any { return n.plain(map[ast.Expr]bool{}) }

// plain is Plain below the expressions of above: what holds itself, which CUE refuses, has no end.
func (n *Node) plain(above map[ast.Expr]bool) any {
	n.expand()
	if !n.list && !n.structs {
		if lits, ok := n.Literals(); ok {
			return lits[0].Value
		}
		return nil
	}
	for _, s := range n.sites {
		if above[s.value] {
			return nil
		}
	}
	for _, s := range n.sites {
		above[s.value] = true
		defer delete(above, s.value)
	}
	if n.list {
		out := []any{}
		for _, name := range n.names {
			out = append(out, n.children[name].plain(above))
		}
		return out
	}
	out := map[string]any{}
	for _, name := range n.names {
		out[name] = n.children[name].plain(above)
	}
	return out
}

// scalars collects the literals of an expression through parentheses and unification.
func scalars(e ast.Expr) ([]*ast.BasicLit, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return []*ast.BasicLit{e}, true
	case *ast.ParenExpr:
		return scalars(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.AND {
			x, okX := scalars(e.X)
			y, okY := scalars(e.Y)
			return append(x, y...), okX && okY
		}
	}
	return nil, false
}

func scalar(l *ast.BasicLit) (any, error) {
	switch l.Kind {
	case token.STRING:
		return literal.Unquote(l.Value)
	case token.INT:
		var info literal.NumInfo
		if err := literal.ParseNum(l.Value, &info); err != nil {
			return nil, err
		}
		return strconv.Atoi(info.String())
	case token.FLOAT:
		return strconv.ParseFloat(strings.ReplaceAll(l.Value, "_", ""), 64)
	case token.TRUE, token.FALSE:
		return l.Kind == token.TRUE, nil
	}
	return nil, nil
}

// Labels returns where the node's name is written, file by file in order; for items of a list, where the item is.
func (n *Node) Labels() []finding.Position {
	var out []finding.Position
	for _, s := range n.sites {
		out = append(out, span(s.label()))
	}
	return out
}

// Values returns where the node's value is written.
func (n *Node) Values() []finding.Position {
	var out []finding.Position
	for _, s := range n.sites {
		out = append(out, span(s.value))
	}
	return out
}

// Nearest returns the place of the label of the longest written part of a path, and how long that part is.
func (n *Node) Nearest(path ...string) (finding.Position, int) {
	var at finding.Position
	length := 0
	for i, name := range path {
		if n = n.Child(name); n == nil {
			break
		}
		if len(n.sites) > 0 {
			at, length = n.Main(), i+1
		}
	}
	return at, length
}

// Main returns the place of the label at the node's fullest place: where an entry is told, and not where another file or
// package adds a field to it. The node must be written somewhere.
func (n *Node) Main() finding.Position { return span(fullest(n.sites).label()) }

// fullest returns the first of the places that write the most fields.
func fullest(sites []site) site {
	best := sites[0]
	for _, s := range sites[1:] {
		if fullness(s.value) > fullness(best.value) {
			best = s
		}
	}
	return best
}

// fullness counts the fields that an expression writes itself.
func fullness(e ast.Expr) int {
	switch e := e.(type) {
	case *ast.StructLit:
		return len(e.Elts)
	case *ast.ParenExpr:
		return fullness(e.X)
	case *ast.BinaryExpr:
		return fullness(e.X) + fullness(e.Y)
	}
	return 0
}

func span(x ast.Node) finding.Position {
	from, to := x.Pos().Position(), x.End().Position()
	return finding.Position{File: from.Filename, Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column}
}

func (n *Node) expand() {
	if n.expanded {
		return
	}
	n.expanded = true
	for _, s := range n.sites {
		if s.maybe {
			n.compute()
		}
		n.expr(s.value, context{file: s.file, pkg: s.pkg, maybe: s.maybe, via: s.via})
	}
}

// compute notes that something else than plain fields and literals writes at or below the node.
func (n *Node) compute() *computed {
	if n.computed == nil {
		n.computed = &computed{}
	}
	return n.computed
}

// hide notes an expression of which only CUE knows what it writes.
func (n *Node) hide(e ast.Expr) {
	if c := n.compute(); c.opaque == nil {
		c.opaque = e
	}
}

// maxIndirection ends the following of references that lead through too many others.
const maxIndirection = 16

// expr adds what an expression writes at the node.
func (n *Node) expr(e ast.Expr, in context) {
	switch e := e.(type) {
	case *ast.BasicLit:
		// A scalar that a reference leads to is no literal of this place.
		if in.trail != nil {
			n.hide(in.trail.ref)
		}
	case *ast.ParenExpr:
		n.expr(e.X, in)
	case *ast.Alias:
		n.expr(e.Expr, in)
	case *ast.StructLit:
		n.structs = true
		n.decls(e.Elts, e, in)
	case *ast.ListLit:
		n.items(e, in)
	case *ast.BinaryExpr:
		if e.Op != token.AND {
			n.hide(e)
			return
		}
		n.expr(e.X, in)
		n.expr(e.Y, in)
	case *ast.Ident:
		if !in.pkg.atTop(e) || !n.follow(in.pkg, e.Name, e, in) {
			n.hide(e)
		}
	case *ast.SelectorExpr:
		n.selector(e, in)
	default:
		n.hide(e)
	}
}

// selector follows name.field where name is an import.
func (n *Node) selector(e *ast.SelectorExpr, in context) {
	x, isIdent := e.X.(*ast.Ident)
	name, _, err := ast.LabelName(e.Sel)
	if isIdent && err == nil {
		if _, imports := x.Node.(*ast.ImportSpec); imports {
			other := imported(in.file, in.pkg, x.Name)
			if other != nil && (other.Contract || n.follow(other, name, e, in)) {
				return
			}
		}
	}
	n.hide(e)
}

// atTop says that a name is not one that a struct around it defines, but a field at the top of the package. The parser
// has resolved what a file itself defines, and the loader what its package does, to the value of that field.
func (p *Package) atTop(name *ast.Ident) bool {
	if name.Node == nil {
		return true
	}
	if p.tops == nil {
		p.tops = map[ast.Node]bool{}
		for _, f := range p.Files {
			for _, d := range f.Decls {
				if field, ok := d.(*ast.Field); ok {
					p.tops[field.Value] = true
				}
			}
		}
	}
	return p.tops[name.Node]
}

// follow adds what a package's top-level field writes, to which a reference leads.
func (n *Node) follow(pkg *Package, name string, ref ast.Expr, from context) bool {
	depth := 0
	for t := from.trail; t != nil; t = t.up {
		if depth++; depth >= maxIndirection || t.pkg == pkg && t.name == name {
			return false
		}
	}
	found := false
	to := &trail{pkg, name, ref, n, from.trail}
	for _, f := range pkg.Files {
		for _, d := range f.Decls {
			field, ok := d.(*ast.Field)
			if !ok {
				continue
			}
			if label, _, err := ast.LabelName(field.Label); err == nil && label == name {
				found = true
				n.expr(field.Value, context{f, pkg, from.maybe, to, to})
			}
		}
	}
	return found
}

func imported(file *ast.File, pkg *Package, name string) *Package {
	for _, d := range file.Decls {
		imports, ok := d.(*ast.ImportDecl)
		if !ok {
			continue
		}
		for _, spec := range imports.Specs {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			other := pkg.Imports[ast.ParseImportPath(path).Path]
			if other == nil {
				continue
			}
			if spec.Name != nil && spec.Name.Name == name || spec.Name == nil && other.Name == name {
				return other
			}
		}
	}
	return nil
}

func (n *Node) decls(ds []ast.Decl, holder ast.Node, in context) {
	for _, d := range ds {
		switch d := d.(type) {
		case *ast.Field:
			n.field(d, holder, in)
		case *ast.EmbedDecl:
			n.expr(d.Expr, in)
		case *ast.Comprehension:
			n.compute()
			s, ok := d.Value.(*ast.StructLit)
			if !ok || d.Fallback != nil {
				n.hide(d)
			}
			if ok {
				in := in
				in.maybe = true
				n.decls(s.Elts, s, in)
			}
		}
	}
}

func (n *Node) field(d *ast.Field, holder ast.Node, in context) {
	s := site{d, d.Value, holder, in.file, in.pkg, in.via, in.maybe}
	name, isIdent, err := ast.LabelName(fieldLabel(d))
	switch {
	case d.Constraint != token.ILLEGAL:
		n.compute()
	case err != nil:
		c := n.compute()
		if c.any == nil {
			c.any = &Node{}
		}
		c.any.add(s)
	case isIdent && (strings.HasPrefix(name, "#") || strings.HasPrefix(name, "_")):
		n.hidden(name).add(s)
	default:
		n.child(name).add(s)
	}
}

func (n *Node) items(l *ast.ListLit, in context) {
	n.list = true
	for i, e := range l.Elts {
		switch e := e.(type) {
		case *ast.Ellipsis:
			n.compute()
		case *ast.Comprehension:
			// How many items it makes, only the value tells, and so which index the next one has.
			n.hide(e)
			return
		default:
			n.child(strconv.Itoa(i)).add(site{nil, e, l, in.file, in.pkg, in.via, in.maybe})
		}
	}
}

// add notes a place that writes the node. References can lead to one place several times, and each level below would
// double their number.
func (n *Node) add(s site) {
	for i := len(n.sites) - 1; i >= max(0, len(n.sites)-16); i-- {
		if n.sites[i].value == s.value {
			return
		}
	}
	n.sites = append(n.sites, s)
}

// hidden returns the node of a definition or hidden field, which is found by its name but is no child like others.
func (n *Node) hidden(name string) *Node {
	c := n.children[name]
	if c == nil {
		if n.children == nil {
			n.children = map[string]*Node{}
		}
		c = &Node{}
		n.children[name] = c
	}
	return c
}

func (n *Node) child(name string) *Node {
	if n.children[name] == nil {
		n.names = append(n.names, name)
	}
	return n.hidden(name)
}
