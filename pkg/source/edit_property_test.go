package source_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/load"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/plaintest"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/source"
)

// dir is where the files of a module are said to be; they are never written.
const dir = "/module"

// evaluate loads the package of a module that is the leaf, and returns the index of its model and what CUE makes of it.
func evaluate(t testing.TB, files map[string]string) (*source.Node, map[string]any) {
	t.Helper()
	overlay := map[string]load.Source{dir + "/cue.mod/module.cue": load.FromString("module: \"example.org/m@v0\"\nlanguage: version: \"v0.14.0\"\n")}
	for name, text := range files {
		overlay[path.Join(dir, name)] = load.FromString(text)
	}
	inst := load.Instances([]string{"./leaf"}, &load.Config{Dir: dir, Overlay: overlay})[0]
	require.NoError(t, inst.Err)
	v := cuecontext.New().BuildInstance(inst).LookupPath(cue.ParsePath("model"))
	b, err := v.MarshalJSON()
	require.NoError(t, err)
	var out map[string]any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	require.NoError(t, d.Decode(&out))
	return source.New(syntax(inst)).At("model"), whole(out).(map[string]any)
}

// syntax returns the parsed files of a package and of those that it imports.
func syntax(inst *build.Instance) *source.Package {
	p := &source.Package{ImportPath: ast.ParseImportPath(inst.ImportPath).Path, Name: inst.PkgName, Files: inst.Files, Imports: map[string]*source.Package{}}
	for _, im := range inst.Imports {
		q := syntax(im)
		p.Imports[q.ImportPath] = q
	}
	return p
}

// whole makes numbers ints.
func whole(v any) any {
	switch v := v.(type) {
	case nil:
		return model.Null{}
	case json.Number:
		n, _ := strconv.Atoi(v.String())
		return n
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = whole(v[name])
		}
	}
	return v
}

// kind is what a value of the random models is.
type kind struct {
	scalar func(r *rand.Rand) any
	fields []string
	types  map[string]*kind
	// elem is what entries of a map are, or items of a list.
	elem *kind
	list bool
}

func texts(r *rand.Rand) any { return text(r) }

func text(r *rand.Rand) string {
	parts := []string{"word", "Two words", " ", "\n", "\n\n", "\t", `"`, `"""`, `\`, `\(x)`, `\n`, "#", `"#`, `'`, "é", "日本", "\u00a0", "\u202e", "😀", "// no comment", "{", "\r", "\ufeff", "\x00", "//", "\u2028"}
	if r.IntN(2) == 0 {
		return "plain " + strconv.Itoa(r.IntN(100))
	}
	var b strings.Builder
	for range r.IntN(8) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

// shape is what the random models are made of: a struct with maps of maps, lists and scalars.
func shape() *kind {
	words := &kind{scalar: texts}
	list := &kind{list: true, elem: words}
	link := &kind{fields: []string{"extent", "note"}, types: map[string]*kind{"extent": words, "note": words}}
	links := &kind{elem: &kind{elem: link}}
	refs := &kind{list: true, elem: link}
	level := &kind{fields: []string{"value", "reason"}, types: map[string]*kind{"value": {scalar: func(r *rand.Rand) any { return r.IntN(100) }}, "reason": words}}
	flag := &kind{scalar: func(r *rand.Rand) any { return r.IntN(2) == 0 }}
	thing := &kind{fields: []string{"title", "text", "flag", "level", "tags", "links", "refs"},
		types: map[string]*kind{"title": words, "text": words, "flag": flag, "level": level, "tags": list, "links": links, "refs": refs}}
	return &kind{fields: []string{"meta", "things", "parts", "rules"},
		types: map[string]*kind{"meta": thing, "things": {elem: thing}, "parts": {elem: thing}, "rules": {elem: words}}}
}

// at returns the kind of a path.
func (k *kind) at(path []string) *kind {
	for _, name := range path {
		if k.elem != nil {
			k = k.elem
		} else {
			k = k.types[name]
		}
	}
	return k
}

func (k *kind) order(path []string) []string { return k.at(path).fields }

var names = []string{"T-1", "T-2", "T-3", "T-10", "T-020", "etcd", "kube-api", "if", "try", "true", "x y", "_h", "#d", "a.b", "AC-2(1)", "AC-2", "AC-10", "0", `q"`}

// value makes a random value.
func (k *kind) value(r *rand.Rand) any {
	switch {
	case k.scalar != nil:
		return k.scalar(r)
	case k.list:
		items := []any{}
		for range r.IntN(4) {
			items = append(items, k.elem.value(r))
		}
		return items
	}
	out := map[string]any{}
	if k.elem != nil {
		for range 1 + r.IntN(4) {
			out[names[r.IntN(len(names))]] = k.elem.value(r)
		}
		return out
	}
	for _, name := range k.fields {
		if r.IntN(2) == 0 {
			out[name] = k.types[name].value(r)
		}
	}
	return out
}

// gentle is how deep a change must be said to begin so that nothing is taken out.
const gentle = 10

// mutate changes a value at random and returns the new one, which may be none. The deeper, the less it changes.
func (k *kind) mutate(r *rand.Rand, v any, deep int) any {
	switch {
	case v == nil:
		if r.IntN(3*deep) == 0 {
			return k.value(r)
		}
		return nil
	case deep < gentle && r.IntN(5*deep) == 0:
		return nil
	case k.scalar != nil:
		if r.IntN(3) == 0 {
			return k.scalar(r)
		}
		return v
	case k.list:
		out := []any{}
		for _, item := range v.([]any) {
			if item := k.elem.mutate(r, item, deep); item != nil {
				out = append(out, item)
			}
			if r.IntN(5) == 0 {
				out = append(out, k.elem.value(r))
			}
		}
		if len(out) == 0 && r.IntN(2) == 0 {
			out = append(out, k.elem.value(r))
		}
		return out
	}
	out := map[string]any{}
	old := v.(map[string]any)
	candidates := k.fields
	if k.elem != nil {
		candidates = names
	}
	for _, name := range candidates {
		t := k.elem
		if t == nil {
			t = k.types[name]
		}
		if to := t.mutate(r, old[name], deep+1); to != nil {
			out[name] = to
		}
	}
	return out
}

// lean takes out empty structs but those that are entries, which say that they are there.
func (k *kind) lean(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = k.elem.lean(v[i])
		}
	case map[string]any:
		for name := range v {
			t := k.elem
			if t == nil {
				t = k.types[name]
			}
			if t == nil {
				continue // a field that is not of the model
			}
			v[name] = t.lean(v[name])
			if fields, ok := v[name].(map[string]any); ok && len(fields) == 0 && k.elem == nil {
				delete(v, name)
			}
		}
	}
	return v
}

// author writes a value as CUE in a random style, or a part of it in each of several files.
type author struct {
	*rand.Rand
	comments int
}

func (a *author) label(name string) string {
	if a.IntN(2) == 0 || ast.StringLabelNeedsQuoting(name) || name == "if" || name == "try" {
		return literal.String.Quote(name)
	}
	return name
}

func (a *author) comment() string {
	a.comments++
	return fmt.Sprintf("// comment %d", a.comments)
}

func (a *author) expr(v any, indent string, line bool) string {
	switch v := v.(type) {
	case string:
		plain := literal.String.Quote(v)
		switch a.IntN(6) {
		case 0:
			return plain + " & " + plain
		case 1:
			return "(" + plain + ")"
		case 2:
			if !line {
				return literal.String.WithTabIndent(len(indent) + 1).Quote(v)
			}
		case 3:
			if raw := `#"` + v + `"#`; !strings.ContainsFunc(v, func(r rune) bool { return !strconv.IsPrint(r) }) {
				if s, err := literal.Unquote(raw); err == nil && s == v {
					return raw
				}
			}
		}
		return plain
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, a.expr(item, indent+"\t", true))
		}
		return a.block("[", "]", items, indent, line)
	case map[string]any:
		return a.fields(v, indent, line, true)
	}
	return fmt.Sprint(v)
}

func (a *author) fields(v map[string]any, indent string, line, chain bool) string {
	var fields []string
	for _, name := range model.Keys(v) {
		_, isStruct := v[name].(map[string]any)
		if chain && len(v) == 1 && a.IntN(2) == 0 {
			return "\x00" + a.label(name) + ": " + strings.TrimPrefix(a.expr(v[name], indent, line), "\x00")
		}
		fields = append(fields, a.label(name)+": "+strings.TrimPrefix(a.expr(v[name], indent+"\t", line || !isStruct && a.IntN(2) == 0), "\x00"))
	}
	if len(fields) > 1 && a.IntN(8) == 0 {
		half := a.IntN(len(fields))
		return a.block("{", "}", fields[:half], indent, line) + " & " + a.block("{", "}", fields[half:], indent, line)
	}
	return a.block("{", "}", fields, indent, line)
}

func (a *author) block(open, end string, elts []string, indent string, line bool) string {
	for i, e := range elts {
		if strings.HasPrefix(e, "\x00") { // an item is no chain
			elts[i] = "{" + e[1:] + "}"
		}
	}
	if line || a.IntN(4) == 0 {
		return open + strings.Join(elts, ", ") + end
	}
	out := open
	for i, e := range elts {
		out += "\n"
		switch a.IntN(8) {
		case 0:
			out += "\n"
		case 1:
			out += indent + "\t" + a.comment() + "\n"
		case 2:
			out += "\n" + indent + "\t" + a.comment() + "\n\n"
		}
		out += indent + "\t" + e
		if open == "[" || i+1 < len(elts) && a.IntN(8) == 0 {
			out += ","
		}
		if a.IntN(8) == 0 {
			out += " " + a.comment()
		} else if open == "{" && i+1 < len(elts) && strings.HasSuffix(out, ",") && a.IntN(2) == 0 {
			out += " "
		}
	}
	if a.IntN(8) == 0 {
		out += "\n" + indent + "\t" + a.comment()
	}
	return out + "\n" + indent + end
}

// split gives each field and entry of a value to one of several files.
func (a *author) split(k *kind, v map[string]any, n, deep int) []map[string]any {
	out := make([]map[string]any, n)
	for i := range out {
		out[i] = map[string]any{}
	}
	for _, name := range model.Keys(v) {
		t := k.elem
		if t == nil {
			t = k.types[name]
		}
		fields, isStruct := v[name].(map[string]any)
		home := a.IntN(n)
		if !isStruct || deep == 0 || a.IntN(3) == 0 {
			out[home][name] = v[name]
			continue
		}
		parts := a.split(t, fields, n, deep-1)
		for i, part := range parts {
			if len(part) > 0 || len(fields) == 0 && i == home {
				out[i][name] = part
			}
		}
	}
	return out
}

// write writes a model as the files of two packages.
func (a *author) write(t testing.TB, k *kind, m map[string]any) map[string]string {
	files := map[string]string{}
	for i, part := range a.split(k, m, 4, 3) {
		name, start := "leaf/", "package leaf\n\n"
		if i%2 == 0 {
			name, start = "base/", "package base\n\n"
		}
		var b strings.Builder
		b.WriteString(start)
		if i == 1 {
			b.WriteString("import \"example.org/m/base\"\n\nmodel: base.model\n\n")
		}
		switch a.IntN(3) {
		case 0:
			b.WriteString("model: " + strings.TrimPrefix(a.expr(part, "", false), "\x00") + "\n")
		default:
			b.WriteString("model: {}\n")
			for _, name := range model.Keys(part) {
				fields, _ := part[name].(map[string]any)
				if k.types[name].elem != nil && a.IntN(2) == 0 {
					for _, id := range model.Keys(fields) {
						fmt.Fprintf(&b, "\n%s\nmodel: %s: %s: %s\n", a.comment(), name, a.label(id), strings.TrimPrefix(a.expr(fields[id], "", false), "\x00"))
					}
					continue
				}
				fmt.Fprintf(&b, "\nmodel: %s: %s\n", name, strings.TrimPrefix(a.expr(part[name], "", false), "\x00"))
			}
		}
		text := b.String()
		if a.IntN(2) == 0 {
			formatted, err := format.Source([]byte(text))
			require.NoError(t, err, text)
			text = string(formatted)
		}
		if a.IntN(6) == 0 {
			text = regexp.MustCompile(`([^\n])\n`).ReplaceAllString(text, "$1\r\n")
		}
		files[fmt.Sprintf("%s%c.cue", name, 'a'+i)] = text
	}
	return files
}

// comment matches the comments of an author.
var comment = regexp.MustCompile(`// comment [0-9]+`)

// changes returns a change of a model as one for all, or as one for each part that differs, some levels down.
func changes(r *rand.Rand, path []string, old, to any) []source.Change {
	a, ok := old.(map[string]any)
	b, both := to.(map[string]any)
	if !ok || !both || len(path) > 0 && r.IntN(3) == 0 {
		return []source.Change{{Path: slices.Clone(path), Old: old, New: to}}
	}
	var out []source.Change
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, name := range model.Keys(all) {
		if !reflect.DeepEqual(a[name], b[name]) {
			out = append(out, changes(r, append(path, name), a[name], b[name])...)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// settled returns what cue fmt makes of a text in the end, nil where it does not come to one.
func settled(text []byte) []byte {
	for range 4 {
		formatted, err := format.Source(text)
		if err != nil {
			return nil
		}
		if string(formatted) == string(text) {
			return text
		}
		text = formatted
	}
	return nil
}

// TestProperty holds for random models, written in random styles over several files and packages, and random changes of
// them, that CUE evaluates the changed files to the changed model.
func TestProperty(t *testing.T) {
	cases := 1000
	if testing.Short() {
		cases = 100
	}
	k := shape()
	changed := 0
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		a := &author{Rand: r}
		m := k.value(r).(map[string]any)
		files := a.write(t, k, m)
		root, got := evaluate(t, files)
		require.Equal(t, k.lean(m), k.lean(got), "seed %d: the test's own writing", seed)
		m = got

		deep := 1
		if seed%4 == 0 {
			deep = gentle
		}
		to := k.mutate(r, m, deep)
		if to == nil {
			continue
		}
		e := &source.Editor{Root: root, Order: k.order, Writable: func(string) bool { return true },
			Read: func(name string) ([]byte, error) { return []byte(files[strings.TrimPrefix(name, dir+"/")]), nil }}
		cs := changes(r, nil, m, to)
		edits, refusals, err := e.Apply(cs)
		show := func() string {
			var b strings.Builder
			fmt.Fprintf(&b, "seed %d\n", seed)
			for _, c := range cs {
				fmt.Fprintf(&b, "%q: %#v -> %#v\n", c.Path, c.Old, c.New)
			}
			for _, name := range model.Keys(files) {
				fmt.Fprintf(&b, "-- %s --\n%s", name, files[name])
				if e, ok := edits[path.Join(dir, name)]; ok {
					fmt.Fprintf(&b, "-- %s, changed --\n%s", name, e.New)
				}
			}
			return b.String()
		}
		if err != nil || len(refusals) > 0 {
			t.Fatalf("%v %v\n%s", err, refusals, show())
		}
		after := maps.Clone(files)
		for name, edit := range edits {
			changed++
			rel := strings.TrimPrefix(name, dir+"/")
			require.Equal(t, files[rel], string(edit.Old))
			after[rel] = string(edit.New)
			if deep == gentle {
				require.Equal(t, comment.FindAllString(files[rel], -1), comment.FindAllString(after[rel], -1), "comments of %s", rel)
			}
			if formatted, err := format.Source(edit.Old); err == nil && string(formatted) == files[rel] {
				if formatted := settled(edit.New); formatted != nil && string(formatted) != string(edit.New) {
					t.Fatalf("%s is not as cue fmt writes it\n%s", rel, show())
				}
			}
		}
		_, got = evaluate(t, after)
		if want := k.lean(to); !reflect.DeepEqual(want, k.lean(got)) {
			t.Fatalf("%s%s", plaintest.Difference("model", want, got), show())
		}
	}
	require.Greater(t, changed, cases/2)
}
