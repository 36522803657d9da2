package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"

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
	// nothing are the paths of values that are names which stand for nothing.
	nothing []string
	// absent are the paths of entries that nothing defines, because of a fault that is told elsewhere.
	absent [][]string
	// computed counts the computed nodes that check is in.
	computed int
}

func (d *diagnosis) add(f finding.Finding) {
	if f.Position.File == "" {
		f.Position = d.place.of(d.root, f.Path)
	}
	if f.Subject.ID == "" && len(f.Path) > 2 && f.Path[0] == "model" {
		f.Subject = finding.Subject{Kind: f.Path[1], ID: f.Path[2]}
	}
	d.explain(f.Path)
	if len(f.Path) > 0 && f.Path[0] == "model" {
		f.Path = f.Path[1:]
	}
	d.findings = append(d.findings, f)
}

// explain notes that what is wrong at a path is told.
func (d *diagnosis) explain(path []string) {
	if d.explained == nil {
		d.explained = map[string]bool{}
	}
	d.explained[strings.Join(path, "\x00")] = true
}

// broken returns the rules of the findings by their paths.
func (d *diagnosis) broken() map[string]string {
	out := map[string]string{}
	for _, f := range d.findings {
		out[strings.Join(f.Path, "\x00")] = f.Rule
	}
	for _, path := range d.absent {
		out[strings.Join(path[1:], "\x00")] = "undefined-entry"
	}
	return out
}

func (d *diagnosis) run(err error) {
	var order []string
	byPath := map[string][]errors.Error{}
	for _, e := range errors.Errors(err) {
		path := unquoted(e.Path())
		if slices.Contains(path, "_faults") || slices.Contains(path, "_ids") {
			d.held = append(d.held, e)
			continue
		}
		key := strings.Join(path, "\x00")
		if byPath[key] == nil {
			order = append(order, key)
		}
		byPath[key] = append(byPath[key], e)
	}
	// Of what a name stands for that leads nowhere nothing is there; that it is missing is no fault of its own.
	for _, key := range order {
		if es := byPath[key]; slices.ContainsFunc(es, isName) {
			d.add(d.rest(es))
			d.nothing = append(d.nothing, key)
		}
	}
	for _, def := range d.schema.Definitions() {
		if n := d.root.Child(def.Field); n != nil {
			d.check(n, d.value.LookupPath(cue.MakePath(cue.Str(def.Field))), def.Type, []string{def.Field})
		}
	}
	// What a comprehension makes is wrong in each of its entries, and written once.
	told := map[string]bool{}
	once := func(f finding.Finding) string {
		return fmt.Sprint(f.Position.File, f.Position.Line, f.Position.Column, f.Path[max(0, len(f.Path)-1):])
	}
	for _, f := range d.findings {
		told[once(f)] = true
	}
	for _, key := range order {
		es := byPath[key]
		if path := unquoted(es[0].Path()); d.isExplained(path) {
			continue
		}
		f := d.rest(es)
		if f.Position.Line > 0 && told[once(f)] {
			continue
		}
		told[once(f)] = true
		d.add(f)
	}
}

// isName says that an error is about a name that stands for nothing.
func isName(e errors.Error) bool {
	msg := e.Error()
	return strings.Contains(msg, "reference ") && strings.Contains(msg, "not found") || strings.Contains(msg, "undefined field") ||
		strings.Contains(msg, "structural cycle")
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

// rest tells the errors of one path that the syntax does not explain: something computed came out wrong.
func (d *diagnosis) rest(es []errors.Error) finding.Finding {
	path, said := unquoted(es[0].Path()), message(es[0])
	f := d.place.raw(d.root, es)
	f.Path = path
	f.Message = said
	// CUE has makeshift names for what has none.
	if len(path) > 0 && !slices.ContainsFunc(path, func(name string) bool { return strings.ContainsAny(name, "[]<>?") }) {
		f.Message = where(path) + ": " + said
	}
	if strings.Contains(said, "imported and not used") || slices.ContainsFunc(es, isName) {
		f.Rule = "reference"
	}
	t := at(d.schema, path)
	if is, words := alternatives(es); len(words) > 1 {
		if t != nil && len(t.Enum) > 0 {
			words = t.Enum
		}
		f.Rule, f.Message = "bad-value", fmt.Sprintf("%s is %s, but must be one of %s", where(path), shown(is), quoted(words))
		f.Hint = finding.DidYouMean(is, words)
		return f
	}
	if t == nil {
		if parent := at(d.schema, path[:max(0, len(path)-1)]); parent != nil && parent.Kind == schema.Struct && strings.Contains(said, "field not allowed") {
			d.unknown(&f, parent)
		}
		return f
	}
	switch {
	case slices.ContainsFunc(es, isName):
	case strings.Contains(said, "incomplete value") || strings.Contains(said, "non-concrete value"):
		f.Rule, f.Message = "incomplete", fmt.Sprintf("%s has no value of its own; it must be %s", where(path), t.Want())
	case strings.Contains(said, "field is required but not present"):
		f.Rule, f.Message = "missing-field", fmt.Sprintf("%s is required", where(path))
	case strings.Contains(said, "incompatible list lengths"):
		f.Rule, f.Message = "conflict", where(path)+" has lists of different lengths at two places"
		d.both(&f)
	case strings.Contains(said, "conflicting values") || strings.Contains(said, "empty disjunction") || strings.Contains(said, "invalid value"):
		if a, b := values(es[0]); t.Kind == schema.String && a != b && t.Check(a) == "" && t.Check(b) == "" {
			f.Rule, f.Message = "conflict", fmt.Sprintf("%s is both %s and %s", where(path), shown(a), shown(b))
			d.both(&f)
			break
		}
		f.Rule, f.Message = "bad-value", fmt.Sprintf("%s must be %s", where(path), t.Want())
	}
	return f
}

// values returns the two strings that contradict each other in an error, or nothing.
func values(e errors.Error) (a, b any) {
	format, args := e.Msg()
	if format != "conflicting values %s and %s" || len(args) != 2 {
		return nil, nil
	}
	x, errX := literal.Unquote(fmt.Sprint(args[0]))
	y, errY := literal.Unquote(fmt.Sprint(args[1]))
	if errX != nil || errY != nil {
		return nil, nil
	}
	return x, y
}

// alternatives returns a word that is none of those which are allowed, and these: CUE has an error for each.
func alternatives(es []errors.Error) (is string, words []string) {
	count := map[string]int{}
	pairs := 0
	for _, e := range es {
		x, y := values(e)
		a, okA := x.(string)
		b, okB := y.(string)
		if !okA || !okB {
			continue
		}
		pairs++
		for _, w := range []string{a, b} {
			if count[w]++; count[w] == 1 {
				words = append(words, w)
			}
		}
	}
	for w, n := range count {
		if n == pairs && len(words) == pairs+1 && pairs > 1 {
			return w, slices.DeleteFunc(words, func(x string) bool { return x == w })
		}
	}
	return "", nil
}

// both places a contradiction at the last of its places, and relates it to the first.
func (d *diagnosis) both(f *finding.Finding) {
	if n := d.root.At(f.Path...); n != nil {
		if vs := n.Values(); len(vs) > 1 {
			f.Position = d.place.relative(vs[len(vs)-1])
			f.Related = []finding.Related{{Position: d.place.relative(vs[0]), Message: "the other value"}}
			f.Hint = "two places write one value; delete one of them"
		}
	}
}

// unknown tells of a field that its struct does not have; the path's last part is its name.
func (d *diagnosis) unknown(f *finding.Finding, t *schema.Type) {
	last := len(f.Path) - 1
	f.Rule = "unknown-field"
	f.Message = fmt.Sprintf("unknown field %s in %s; allowed are %s", f.Path[last], where(f.Path[:last]), strings.Join(t.FieldNames(), ", "))
	f.Hint = finding.DidYouMean(f.Path[last], t.FieldNames())
}

// at returns the type of a path, or nil.
func at(s *schema.Schema, path []string) *schema.Type {
	if len(path) == 0 {
		return nil
	}
	t := s.Definition(path[0])
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
	case len(path) == 0:
		return "the package"
	case !slices.Contains([]string{"model", "catalog", "crosswalk"}, path[0]):
		return strings.Join(path, ".")
	case len(path) == 1:
		return "the " + path[0]
	case len(path) > 2 && slices.Contains(model.Kinds(), model.Kind(path[1])):
		return strings.Join(path[2:], ".")
	}
	return strings.Join(path[1:], ".")
}

// check compares what is written at a node with what the schema allows there.
func (d *diagnosis) check(n *source.Node, v cue.Value, t *schema.Type, path []string) {
	if t.Kind == schema.Any || slices.Contains(d.nothing, strings.Join(path, "\x00")) {
		return
	}
	if d.wrongShape(n, t, path) {
		return
	}
	if n.Computed() {
		d.computed++
		defer func() { d.computed-- }()
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
					f.Hint = finding.DidYouMean(key, t.Key.Enum)
				}
				f.Position = d.label(c)
				d.add(f)
			}
			d.id(c, t.Elem, extend(path, key))
			if d.undefined(c, v, n, t, extend(path, key)) {
				continue
			}
			d.check(c, v.LookupPath(cue.MakePath(cue.Str(key))), t.Elem, extend(path, key))
		}
		if n.IsStruct() && !n.Computed() {
			d.minItems(len(n.Children()), t, path)
		}
	case schema.List:
		for i, key := range n.Children() {
			d.check(n.Child(key), v.LookupPath(cue.MakePath(cue.Index(i))), t.Elem, extend(path, key))
		}
		if n.IsList() && !n.Computed() {
			d.minItems(len(n.Children()), t, path)
		}
	default:
		d.scalar(n, t, path)
	}
}

// undefined reports an entry that has none of what it must have: a package means to add to an entry, and names none.
// What is told of the entry whose id it should have been is enough where that one is at fault.
func (d *diagnosis) undefined(n *source.Node, collection cue.Value, all *source.Node, t *schema.Type, path []string) bool {
	key := path[len(path)-1]
	if len(path) != 3 || path[0] != "model" || !slices.Contains(model.Kinds(), model.Kind(path[1])) || !n.IsStruct() || len(n.Children()) == 0 || n.Computed() {
		return false
	}
	v := collection.LookupPath(cue.MakePath(cue.Str(key)))
	required := 0
	for _, f := range t.Elem.Fields {
		if !f.Required || f.Name == "id" {
			continue
		}
		required++
		if n.Child(f.Name) != nil || mistyped(n, t.Elem, f.Name) != nil || v.LookupPath(cue.MakePath(cue.Str(f.Name))).Exists() {
			return false
		}
	}
	if required < 2 {
		return false
	}
	var good, bad []string
	for _, other := range keys(collection, all) {
		if t.Key.Check(other) != "" {
			bad = append(bad, other)
		} else if other != key {
			good = append(good, other)
		}
	}
	if finding.Suggest(key, bad) != "" {
		d.explain(path)
		d.absent = append(d.absent, path)
		return true
	}
	f := finding.Finding{Rule: "undefined-entry", Severity: finding.Error, Path: path, Position: d.label(n),
		Message: fmt.Sprintf("nothing defines the %s %s; it has only %s", model.Kind(path[1]).Singular(), key, strings.Join(n.Children(), ", "))}
	if f.Hint = finding.DidYouMean(key, good); f.Hint == "" {
		f.Hint = "give it " + strings.Join(requiredNames(t.Elem), ", ")
	}
	d.add(f)
	return true
}

func requiredNames(t *schema.Type) []string {
	var names []string
	for _, f := range t.Fields {
		if f.Required && f.Name != "id" {
			names = append(names, f.Name)
		}
	}
	return names
}

// id reports an entry that gives itself another id than its key.
func (d *diagnosis) id(n *source.Node, t *schema.Type, path []string) {
	id := n.Child("id")
	if t.Field("id") == nil || id == nil {
		return
	}
	lits, _ := id.Literals()
	for _, lit := range lits {
		key := path[len(path)-1]
		if lit.Value == key {
			continue
		}
		f := finding.Finding{Rule: "bad-id", Severity: finding.Error, Path: extend(path, "id"),
			Message: fmt.Sprintf("%s.id is %s, but must be %q, the key of the entry", where(path), shown(lit.Value), key)}
		// Of an imported catalogue the key is what is wrong.
		if f.Position = d.label(n); d.place.relative(lit.Position).File == f.Position.File {
			f.Position = d.place.relative(lit.Position)
		}
		d.add(f)
		return
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
		if t.Field(name) != nil || n.Child(name).Maybe() && !v.LookupPath(cue.MakePath(cue.Str(name))).Exists() {
			continue
		}
		f := finding.Finding{Severity: finding.Error, Path: extend(path, name), Position: d.label(n.Child(name))}
		d.unknown(&f, t)
		d.add(f)
	}
	for _, f := range t.Fields {
		c, fv := n.Child(f.Name), v.LookupPath(cue.MakePath(cue.Str(f.Name)))
		if c == nil && !fv.Exists() {
			// Where something computed failed, what it would have made is missing for that reason.
			if (d.computed > 0 || !n.IsStruct()) && (v.Err() != nil || len(d.nothing) > 0) {
				continue
			}
			// A mistyped name stands for the field that it was meant to be: one fault, one finding.
			if f.Required && mistyped(n, t, f.Name) == nil && !(f.Name == "id" && len(path) > 1) {
				d.add(finding.Finding{Rule: "missing-field", Severity: finding.Error, Path: extend(path, f.Name),
					Message: where(extend(path, f.Name)) + " is required", Hint: f.Name + " " + strings.TrimSuffix(f.Doc, ".")})
			}
			continue
		}
		if f.Name == "id" && d.explained[strings.Join(extend(path, "id"), "\x00")] {
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
				Hint:     finding.DidYouMean(fmt.Sprint(lit.Value), t.Enum),
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
	if x == nil {
		return "null"
	}
	s, ok := x.(string)
	if !ok {
		return fmt.Sprint(x)
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return fmt.Sprintf("%q", s)
}

func quoted(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, strconv.Quote(w))
	}
	return strings.Join(out, ", ")
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
