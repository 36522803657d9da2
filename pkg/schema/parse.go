package schema

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	contract "github.com/tmkit/tmkit/schema"
)

// V1 reads the embedded contract.
func V1() (*Schema, error) { return parse(contract.Files, "v1") }

// parse reads the CUE files in a folder of fsys.
func parse(fsys fs.FS, dir string) (*Schema, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.cue"))
	if err != nil {
		return nil, err
	}
	p := &reader{syntax: map[string]*ast.Field{}, done: map[string]*Type{}}
	for _, name := range files {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(name, src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if field, ok := d.(*ast.Field); ok {
				label := labelName(field.Label)
				if p.syntax[label] != nil {
					return nil, fmt.Errorf("%s: %s is defined twice", field.Pos(), label)
				}
				p.syntax[label] = field
			}
		}
	}
	s := &Schema{defs: p.done}
	for name := range p.syntax {
		if name == "#Version" {
			v, err := str(p.syntax[name].Value)
			if err != nil {
				return nil, err
			}
			s.Version = v
			continue
		}
		if _, err := p.def(name); err != nil {
			return nil, err
		}
	}
	s.Model, s.Catalog, s.Crosswalk = p.done["#ThreatModel"], p.done["#Catalog"], p.done["#Crosswalk"]
	if s.Model == nil || s.Catalog == nil || s.Crosswalk == nil || s.Version == "" {
		return nil, fmt.Errorf("%s: the contract lacks #ThreatModel, #Catalog, #Crosswalk or #Version", dir)
	}
	return s, nil
}

type reader struct {
	syntax map[string]*ast.Field
	done   map[string]*Type
}

// def returns the type of a definition.
func (p *reader) def(name string) (*Type, error) {
	if t := p.done[name]; t != nil {
		return t, nil
	}
	field := p.syntax[name]
	if field == nil {
		return nil, fmt.Errorf("no definition %s", name)
	}
	t, err := p.expr(field.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t.Name, t.Doc = name, doc(field, strings.TrimPrefix(name, "#"))
	for _, a := range field.Attrs {
		key, body := a.Split()
		if key == "must" {
			args, err := arguments(body)
			if err != nil || len(args) != 1 {
				return nil, fmt.Errorf("%s: %s needs one text", name, a.Text)
			}
			t.Must = args[0].value
		}
	}
	p.done[name] = t
	return t, nil
}

// expr returns a type that the caller may change.
func (p *reader) expr(e ast.Expr) (*Type, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return p.expr(e.X)
	case *ast.Ident:
		switch e.Name {
		case "string":
			return &Type{Kind: String}, nil
		case "int":
			return &Type{Kind: Int}, nil
		case "bool":
			return &Type{Kind: Bool}, nil
		case "_":
			return &Type{Kind: Any}, nil
		}
		t, err := p.def(e.Name)
		if err != nil {
			return nil, err
		}
		c := *t
		return &c, nil
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := str(e)
			return &Type{Kind: String, Enum: []string{s}}, err
		}
		if e.Kind == token.FALSE || e.Kind == token.TRUE {
			return &Type{Kind: Bool, Default: e.Kind == token.TRUE}, nil
		}
	case *ast.UnaryExpr:
		return p.unary(e)
	case *ast.BinaryExpr:
		return p.binary(e)
	case *ast.CallExpr:
		return p.call(e)
	case *ast.ListLit:
		return p.list(e)
	case *ast.StructLit:
		return p.structure(e)
	}
	return nil, unknown(e)
}

func unknown(e ast.Node) error {
	return fmt.Errorf("%s: a form the reader does not know: %T", e.Pos(), e)
}

func (p *reader) unary(e *ast.UnaryExpr) (*Type, error) {
	switch e.Op {
	case token.MUL:
		t, err := p.expr(e.X)
		if err != nil {
			return nil, err
		}
		if t.Kind == String && len(t.Enum) == 1 {
			t.Default = t.Enum[0]
		}
		return t, nil
	case token.MAT, token.NMAT:
		s, err := str(e.X)
		if err != nil {
			return nil, err
		}
		re, err := regexp.Compile(s)
		if err != nil {
			return nil, err
		}
		if e.Op == token.MAT {
			return &Type{Kind: String, match: []*regexp.Regexp{re}}, nil
		}
		return &Type{Kind: String, noMatch: []*regexp.Regexp{re}}, nil
	case token.GEQ, token.LEQ:
		lit, ok := e.X.(*ast.BasicLit)
		if !ok {
			return nil, unknown(e)
		}
		n, err := strconv.Atoi(lit.Value)
		if err != nil {
			return nil, err
		}
		t := &Type{Kind: Int, bounded: true, min: -1 << 31, max: 1<<31 - 1}
		if e.Op == token.GEQ {
			t.min = n
		} else {
			t.max = n
		}
		return t, nil
	}
	return nil, unknown(e)
}

func (p *reader) binary(e *ast.BinaryExpr) (*Type, error) {
	x, err := p.expr(e.X)
	if err != nil {
		return nil, err
	}
	y, err := p.expr(e.Y)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case token.OR:
		if x.Kind != y.Kind {
			return nil, unknown(e)
		}
		for _, w := range y.Enum {
			if !slices.Contains(x.Enum, w) {
				x.Enum = append(slices.Clip(x.Enum), w)
			}
		}
		// *"low" | #Level: the words are those of the level, in its order.
		if y.Name != "" && len(y.Enum) > 0 {
			x.Enum, x.Name = y.Enum, y.Name
		}
		if x.Default == nil {
			x.Default = y.Default
		}
		return x, nil
	case token.AND:
		return both(x, y), nil
	}
	return nil, unknown(e)
}

// both unifies two types; in the contract at most one of them says more than constraints.
func both(x, y *Type) *Type {
	if x.Kind == Any {
		x, y = y, x
	}
	t := *x
	if t.Kind == Struct && y.Kind == Struct {
		t.Fields = slices.Clone(t.Fields)
		for _, f := range y.Fields {
			i := slices.IndexFunc(t.Fields, func(g *Field) bool { return g.Name == f.Name })
			switch {
			case i < 0:
				t.Fields = append(t.Fields, f)
			case f.Type.Kind != Any:
				c := *t.Fields[i]
				c.Type = both(c.Type, f.Type)
				t.Fields[i] = &c
			}
		}
	}
	if t.Elem == nil {
		t.Key, t.Elem = y.Key, y.Elem
	}
	if t.Default == nil {
		t.Default = y.Default
	}
	t.match = append(slices.Clip(t.match), y.match...)
	t.noMatch = append(slices.Clip(t.noMatch), y.noMatch...)
	t.maxRunes = max(t.maxRunes, y.maxRunes)
	t.date = t.date || y.date
	t.MinItems = max(t.MinItems, y.MinItems)
	if y.bounded {
		if !t.bounded {
			t.min, t.max = y.min, y.max
		}
		t.bounded, t.min, t.max = true, max(t.min, y.min), min(t.max, y.max)
	}
	return &t
}

func (p *reader) call(e *ast.CallExpr) (*Type, error) {
	sel, ok := e.Fun.(*ast.SelectorExpr)
	if !ok || len(e.Args) != 1 {
		return nil, unknown(e)
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil, unknown(e)
	}
	switch pkg.Name + "." + labelName(sel.Sel) {
	case "strings.MaxRunes", "struct.MinFields":
		lit, ok := e.Args[0].(*ast.BasicLit)
		if !ok {
			return nil, unknown(e)
		}
		n, err := strconv.Atoi(lit.Value)
		if pkg.Name == "struct" {
			return &Type{Kind: Any, MinItems: n}, err
		}
		return &Type{Kind: String, maxRunes: n}, err
	case "time.Format":
		return &Type{Kind: String, date: true}, nil
	}
	return nil, unknown(e)
}

func (p *reader) list(e *ast.ListLit) (*Type, error) {
	t := &Type{Kind: List}
	for _, x := range e.Elts {
		item := x
		if ell, ok := x.(*ast.Ellipsis); ok {
			item = ell.Type
		} else {
			t.MinItems++
		}
		elem, err := p.expr(item)
		if err != nil {
			return nil, err
		}
		t.Elem = elem
	}
	return t, nil
}

func (p *reader) structure(e *ast.StructLit) (*Type, error) {
	t := &Type{Kind: Struct}
	for _, d := range e.Elts {
		switch d := d.(type) {
		case *ast.EmbedDecl:
			in, err := p.expr(d.Expr)
			if err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, in.Fields...)
		case *ast.Field:
			label := d.Label
			if a, ok := label.(*ast.Alias); ok {
				if l, ok := a.Expr.(ast.Label); ok {
					label = l
				}
			}
			if pattern, ok := label.(*ast.ListLit); ok {
				key, err := p.key(pattern)
				if err != nil {
					return nil, err
				}
				elem, err := p.expr(d.Value)
				if err != nil {
					return nil, err
				}
				t.Kind, t.Key, t.Elem = Map, key, elem
				continue
			}
			name := labelName(label)
			if strings.HasPrefix(name, "_") {
				continue
			}
			f, err := p.field(name, d)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			t.Fields = append(t.Fields, f)
		case *ast.Ellipsis:
			return &Type{Kind: Any}, nil
		case *ast.CommentGroup, *ast.LetClause, *ast.Comprehension:
			// Comments stand with their fields, and comprehensions only make _faults.
		default:
			return nil, unknown(d)
		}
	}
	return t, nil
}

func (p *reader) key(l *ast.ListLit) (*Type, error) {
	if len(l.Elts) != 1 {
		return nil, unknown(l)
	}
	e := l.Elts[0]
	if a, ok := e.(*ast.Alias); ok {
		e = a.Expr
	}
	return p.expr(e)
}

func (p *reader) field(name string, d *ast.Field) (*Field, error) {
	f := &Field{Name: name, Doc: doc(d, name), Required: d.Constraint == token.NOT, Optional: d.Constraint == token.OPTION}
	// id: ID gives the key its field; the definition has the type.
	if ident, ok := d.Value.(*ast.Ident); ok && ident.Name == "ID" {
		f.Type = &Type{Kind: Any}
		return f, nil
	}
	t, err := p.expr(d.Value)
	if err != nil {
		return nil, err
	}
	f.Type = t
	// A field that is one word needs nobody to say it.
	if !f.Required && !f.Optional && t.Default == nil && len(t.Enum) == 1 {
		t.Default = t.Enum[0]
	}
	for _, a := range d.Attrs {
		key, body := a.Split()
		args, err := arguments(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Text, err)
		}
		if len(args) == 0 {
			return nil, fmt.Errorf("%s: an attribute says something", a.Text)
		}
		switch key {
		case "column":
			f.Column = &Column{}
			for _, arg := range args {
				switch arg.key {
				case "name":
					f.Column.Heading = arg.value
				case "width":
					if f.Column.Width, err = strconv.Atoi(arg.value); err != nil {
						return nil, err
					}
				}
			}
		case "table":
			f.Table = &Table{}
			for _, arg := range args {
				switch arg.key {
				case "name":
					f.Table.Name = arg.value
				case "tab":
					f.Table.Tab = arg.value
				}
			}
		case "ref":
			for _, arg := range args {
				f.Refs = append(f.Refs, arg.value)
			}
		case "requiredIf":
			f.RequiredIf = &Condition{}
			for i, arg := range args {
				if i == 0 {
					f.RequiredIf.Field = arg.value
				} else {
					f.RequiredIf.Values = append(f.RequiredIf.Values, arg.value)
				}
			}
		case "must":
			f.Type.Must = args[0].value
		default:
			return nil, fmt.Errorf("%s: unknown attribute", a.Text)
		}
	}
	return f, nil
}

type argument struct{ key, value string }

// arguments splits an attribute's body at its commas: key=value, key="value", or a value alone.
func arguments(body string) ([]argument, error) {
	var args []argument
	for rest := body; rest != ""; {
		var a argument
		if i := strings.IndexAny(rest, `=,"`); i >= 0 && rest[i] == '=' {
			a.key, rest = strings.TrimSpace(rest[:i]), rest[i+1:]
		}
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, err
			}
			if a.value, err = strconv.Unquote(quoted); err != nil {
				return nil, err
			}
			rest = strings.TrimLeft(rest[len(quoted):], " ")
			rest = strings.TrimPrefix(rest, ",")
		} else {
			a.value, rest, _ = strings.Cut(rest, ",")
			a.value = strings.TrimSpace(a.value)
		}
		args = append(args, a)
		rest = strings.TrimLeft(rest, " ")
	}
	return args, nil
}

// doc returns a field's comment as one text without the name that it begins with; a comment that begins otherwise is none.
func doc(f *ast.Field, name string) string {
	var b strings.Builder
	for _, g := range ast.Comments(f) {
		if !g.Doc {
			continue
		}
		for _, c := range g.List {
			b.WriteString(strings.TrimSpace(strings.TrimPrefix(c.Text, "//")) + " ")
		}
	}
	text, ok := strings.CutPrefix(b.String(), name+" ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(text)
}

func labelName(l ast.Label) string {
	name, _, err := ast.LabelName(l)
	if err != nil {
		return ""
	}
	return name
}

func str(e ast.Expr) (string, error) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return "", unknown(e)
	}
	return literal.Unquote(lit.Value)
}
