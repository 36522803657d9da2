package load

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// diagnosis explains why CUE refuses a package. CUE's own errors name the schema's lines, come several to a fault, and
// hide each other; so the faults are found again from what the author wrote and what the schema allows there. Only what
// that cannot explain is told in CUE's words.
type diagnosis struct {
	place    *placer
	root     *source.Node
	value    cue.Value
	schema   *schema.Schema
	findings []finding.Finding
	held     []errors.Error

	explained map[string]bool
}

func (d *diagnosis) add(f finding.Finding) {
	if f.Position.File == "" {
		f.Position = d.place.of(d.root, f.Path)
	}
	if f.Subject.ID == "" && len(f.Path) > 2 && f.Path[0] == "model" {
		f.Subject = finding.Subject{Kind: f.Path[1], ID: f.Path[2]}
	}
	if d.explained == nil {
		d.explained = map[string]bool{}
	}
	d.explained[strings.Join(f.Path, "\x00")] = true
	if len(f.Path) > 0 && f.Path[0] == "model" {
		f.Path = f.Path[1:]
	}
	d.findings = append(d.findings, f)
}

func (d *diagnosis) run(err error) {
	for _, name := range []string{"catalog", "model"} {
		if n := d.root.Child(name); n != nil {
			d.check(n, d.value.LookupPath(cue.MakePath(cue.Str(name))), at(d.schema, []string{name}), []string{name})
		}
	}
	seen := map[string]bool{}
	for _, e := range errors.Errors(err) {
		path := unquoted(e.Path())
		if slices.Contains(path, "_faults") || slices.Contains(path, "_ids") {
			d.held = append(d.held, e)
			continue
		}
		key := strings.Join(path, "\x00")
		if seen[key] || d.isExplained(path) {
			continue
		}
		seen[key] = true
		d.add(d.rest(e, path))
	}
}

// isExplained says that a finding tells of the path, of something above it, or of something below it.
func (d *diagnosis) isExplained(path []string) bool {
	key := strings.Join(path, "\x00")
	for done := range d.explained {
		if done == key || strings.HasPrefix(key, done+"\x00") || strings.HasPrefix(done, key+"\x00") {
			return true
		}
	}
	return false
}

// rest tells an error that the syntax does not explain: something computed came out wrong.
func (d *diagnosis) rest(e errors.Error, path []string) finding.Finding {
	f := d.place.raw(d.root, e)
	f.Path = path
	if t := at(d.schema, path); t != nil && t.Kind != schema.Any {
		switch {
		case strings.Contains(f.Message, "incomplete value"):
			f.Rule, f.Message = "incomplete", fmt.Sprintf("%s has no value of its own; it must be %s", where(path), t.Want())
		case strings.Contains(f.Message, "field is required but not present"):
			f.Rule, f.Message = "missing-field", fmt.Sprintf("%s is required", where(path))
		case strings.Contains(f.Message, "conflicting values") || strings.Contains(f.Message, "empty disjunction") || strings.Contains(f.Message, "invalid value"):
			f.Rule, f.Message = "bad-value", fmt.Sprintf("%s must be %s", where(path), t.Want())
		}
	}
	return f
}

// at returns the type of a path, or nil.
func at(s *schema.Schema, path []string) *schema.Type {
	if len(path) == 0 {
		return nil
	}
	t := map[string]*schema.Type{"model": s.Model, "catalog": s.Catalog}[path[0]]
	for _, name := range path[1:] {
		if t == nil {
			return nil
		}
		switch t.Kind {
		case schema.Struct:
			f := t.Field(name)
			if f == nil {
				return nil
			}
			t = f.Type
		case schema.Map, schema.List:
			t = t.Elem
		default:
			return nil
		}
	}
	return t
}

// where names a value as its author thinks of it: by the entry's id and the field.
func where(path []string) string {
	switch {
	case len(path) == 1:
		return "the " + path[0]
	case len(path) > 2 && slices.Contains(model.Kinds(), model.Kind(path[1])):
		return strings.Join(path[2:], ".")
	}
	return strings.Join(path[1:], ".")
}

// check compares what is written at a node with what the schema allows there.
func (d *diagnosis) check(n *source.Node, v cue.Value, t *schema.Type, path []string) {
	if t.Kind == schema.Any {
		return
	}
	if d.wrongShape(n, t, path) {
		return
	}
	switch t.Kind {
	case schema.Struct:
		d.structure(n, v, t, path)
	case schema.Map:
		for _, key := range keys(v, n) {
			c := orNone(n.Child(key))
			if want := t.Key.Check(key); want != "" && n.Child(key) != nil {
				f := finding.Finding{Rule: "bad-id", Severity: finding.Error, Path: extend(path, key),
					Message: fmt.Sprintf("%q cannot be a key of %s; it must be %s", key, where(path), want)}
				if len(t.Key.Enum) > 0 {
					f.Hint = didYouMean(key, t.Key.Enum)
				}
				f.Position = d.label(c)
				d.add(f)
			}
			d.check(c, v.LookupPath(cue.MakePath(cue.Str(key))), t.Elem, extend(path, key))
		}
		d.minItems(len(keys(v, n)), t, path)
	case schema.List:
		for i, key := range n.Children() {
			d.check(n.Child(key), v.LookupPath(cue.MakePath(cue.Index(i))), t.Elem, extend(path, key))
		}
		if !n.Computed() {
			d.minItems(len(n.Children()), t, path)
		}
	default:
		d.scalar(n, t, path)
	}
}

func (d *diagnosis) minItems(n int, t *schema.Type, path []string) {
	if n < t.MinItems {
		d.add(finding.Finding{Rule: "missing-item", Severity: finding.Error, Path: path,
			Message: fmt.Sprintf("%s needs at least one item", where(path))})
	}
}

func (d *diagnosis) label(n *source.Node) finding.Position {
	if ls := n.Labels(); len(ls) > 0 {
		return d.place.relative(ls[0])
	}
	return finding.Position{}
}

// wrongShape reports a struct, list or scalar where another of them must be.
func (d *diagnosis) wrongShape(n *source.Node, t *schema.Type, path []string) bool {
	_, isScalar := n.Literals()
	is := ""
	switch {
	case isScalar && (t.Kind == schema.Struct || t.Kind == schema.Map || t.Kind == schema.List):
		is = "a single value"
	case n.IsList() && t.Kind != schema.List:
		is = "a list"
	case n.IsStruct() && t.Kind != schema.Struct && t.Kind != schema.Map:
		is = "a struct"
	default:
		return false
	}
	want := t.Want()
	if t.Kind == schema.List {
		want = "a list, such as [\"...\"]"
	}
	f := finding.Finding{Rule: "wrong-type", Severity: finding.Error, Path: path,
		Message: fmt.Sprintf("%s is %s, but must be %s", where(path), is, want)}
	if vs := n.Values(); len(vs) > 0 {
		f.Position = d.place.relative(vs[0])
	}
	d.add(f)
	return true
}

func (d *diagnosis) structure(n *source.Node, v cue.Value, t *schema.Type, path []string) {
	for _, name := range n.Children() {
		if t.Field(name) != nil {
			continue
		}
		f := finding.Finding{Rule: "unknown-field", Severity: finding.Error, Path: extend(path, name),
			Message: fmt.Sprintf("unknown field %s in %s; allowed are %s", name, where(path), strings.Join(t.FieldNames(), ", ")),
			Hint:    didYouMean(name, t.FieldNames()), Position: d.label(n.Child(name))}
		d.add(f)
	}
	for _, f := range t.Fields {
		c, fv := n.Child(f.Name), v.LookupPath(cue.MakePath(cue.Str(f.Name)))
		if c == nil && !fv.Exists() {
			// A mistyped name stands for the field that it was meant to be: one fault, one finding.
			if f.Required && mistyped(n, t, f.Name) == nil && !(f.Name == "id" && len(path) > 1) {
				d.add(finding.Finding{Rule: "missing-field", Severity: finding.Error, Path: extend(path, f.Name),
					Message: where(extend(path, f.Name)) + " is required", Hint: f.Name + " " + strings.TrimSuffix(f.Doc, ".")})
			}
			continue
		}
		d.check(orNone(c), fv, f.Type, extend(path, f.Name))
	}
}

// mistyped returns the node of a name that is no field, but near to this one, which is not written.
func mistyped(n *source.Node, t *schema.Type, field string) *source.Node {
	for _, name := range n.Children() {
		if t.Field(name) == nil && finding.Suggest(name, t.FieldNames()) == field {
			return n.Child(name)
		}
	}
	return nil
}

// scalar checks every place that writes a value, and that they agree.
func (d *diagnosis) scalar(n *source.Node, t *schema.Type, path []string) {
	lits, _ := n.Literals()
	for _, lit := range lits {
		if want := t.Check(lit.Value); want != "" {
			d.add(finding.Finding{Rule: "bad-value", Severity: finding.Error, Path: path,
				Message:  fmt.Sprintf("%s is %s, but must be %s", where(path), shown(lit.Value), want),
				Hint:     didYouMean(fmt.Sprint(lit.Value), t.Enum),
				Position: d.place.relative(lit.Position)})
			return
		}
	}
	for _, lit := range lits[min(1, len(lits)):] {
		if lit.Value != lits[0].Value {
			first := d.place.relative(lits[0].Position)
			d.add(finding.Finding{Rule: "conflict", Severity: finding.Error, Path: path,
				Message:  fmt.Sprintf("%s is %s here and %s at %s", where(path), shown(lit.Value), shown(lits[0].Value), first),
				Position: d.place.relative(lit.Position),
				Hint:     "two places write one value; delete one of them",
				Related:  []finding.Related{{Position: first, Message: "the other value"}}})
			return
		}
	}
}

// shown is a value as it is written, cut where it is long.
func shown(x any) string {
	s, ok := x.(string)
	if !ok {
		return fmt.Sprint(x)
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return fmt.Sprintf("%q", s)
}

func didYouMean(word string, candidates []string) string {
	if s := finding.Suggest(word, candidates); s != "" {
		return fmt.Sprintf("did you mean %s?", s)
	}
	return ""
}

func extend(path []string, name string) []string { return append(slices.Clip(path), name) }

// unquoted removes the quotes that CUE puts around names in an error's path.
func unquoted(path []string) []string {
	out := make([]string, len(path))
	for i, name := range path {
		out[i] = name
		if sel, err := parseSelector(name); err == nil {
			out[i] = sel
		}
	}
	return out
}

func parseSelector(name string) (string, error) {
	if !strings.HasPrefix(name, `"`) {
		return name, nil
	}
	p := cue.ParsePath(name)
	if err := p.Err(); err != nil {
		return "", err
	}
	return p.Selectors()[0].Unquoted(), nil
}
