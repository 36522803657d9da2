package source_test

import (
	"fmt"
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/source"
)

// pack parses texts as the files a.cue, b.cue and so on of one package.
func pack(t testing.TB, texts ...string) *source.Package {
	t.Helper()
	p := &source.Package{ImportPath: "example.org/p", Name: "p", Imports: map[string]*source.Package{}}
	for i, text := range texts {
		f, err := parser.ParseFile(fmt.Sprintf("%c.cue", 'a'+i), text, parser.ParseComments)
		require.NoError(t, err)
		p.Files = append(p.Files, f)
	}
	return p
}

// at returns the node of a path, which must be there.
func at(t testing.TB, n *source.Node, path ...string) *source.Node {
	t.Helper()
	c := n.At(path...)
	require.NotNil(t, c, "nothing writes %s", strings.Join(path, "."))
	return c
}

// values are the values of the literals at a node, and whether that is all that is written there.
func values(n *source.Node) ([]any, bool) {
	lits, all := n.Literals()
	var out []any
	for _, l := range lits {
		out = append(out, l.Value)
	}
	return out, all
}

func TestLiterals(t *testing.T) {
	for _, test := range []struct {
		text string
		want any
	}{
		{`x: "text"`, "text"},
		{`x: "a\tb\u00e9\"c"`, "a\tbé\"c"},
		{`x: #"raw \n "quotes""#`, `raw \n "quotes"`},
		{"x: \"\"\"\n\tone\n\t two\n\n\tthree\n\t\"\"\"", "one\n two\n\nthree"},
		{"x: #\"\"\"\n\tone \\n\n\t\"\"\"#", `one \n`},
		{`x: 42`, 42},
		{`x: 1_000`, 1000},
		{`x: 0x1F`, 31},
		{`x: 2K`, 2000},
		{`x: 1.5`, 1.5},
		{`x: true`, true},
		{`x: false`, false},
		{`x: null`, nil},
		{`x: ("text")`, "text"},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, all := values(at(t, source.New(pack(t, test.text)), "x"))
			assert.Equal(t, []any{test.want}, got)
			assert.True(t, all)
		})
	}
}

// TestNoLiterals holds that what is not written as a plain value is not taken for one.
func TestNoLiterals(t *testing.T) {
	for _, text := range []string{
		`x: "a\(y)b", y: "c"`, `x: string`, `x: y, y: string`, `x: *"a" | "b"`, `x: "a" + "b"`, `x: -1`, `x: !true`, `x: >1`,
		`x: [1]`, `x: {}`, `x: len("a")`, `x: "a" & string`, `x: _|_`, `if true {x: "a"}`, `if false {x: "a"}`,
		`for v in ["a"] {x: v}`, `x: [for v in [1] {v}]`, `x: y.z, y: z: 1`, `x: {a: 1}.a`,
	} {
		t.Run(text, func(t *testing.T) {
			n := at(t, source.New(pack(t, text)), "x")
			_, all := n.Literals()
			assert.False(t, all)
			// Somebody who reads it as it is written must be told to ask CUE.
			if !n.IsList() && !n.IsStruct() {
				assert.True(t, n.Computed())
			}
		})
	}
}

func TestMerging(t *testing.T) {
	root := source.New(pack(t, `
model: {
	threats: "T-1": title: "One"
	metadata: name: "m"
}
`, `
model: threats: "T-1": owner: "team"
model: threats: {"T-2": title: "Two"} & {"T-3": {title: "Three"}}
model: metadata: name: "n"
`))
	assert.Equal(t, []string{"model"}, root.Children())
	assert.Equal(t, []string{"threats", "metadata"}, at(t, root, "model").Children())
	assert.Equal(t, []string{"T-1", "T-2", "T-3"}, at(t, root, "model", "threats").Children())
	assert.Equal(t, []string{"title", "owner"}, at(t, root, "model", "threats", "T-1").Children())
	assert.False(t, at(t, root, "model", "threats").Computed())

	got, all := values(at(t, root, "model", "metadata", "name"))
	assert.Equal(t, []any{"m", "n"}, got, "both places of a contradiction")
	assert.True(t, all)
	assert.Nil(t, root.At("model", "threats", "T-4"))
	assert.Nil(t, root.At("nothing", "at", "all"))
	assert.Nil(t, root.Child("model").Child("nothing"))
}

func TestMerge(t *testing.T) {
	one := source.New(pack(t, `model: {a: 1, b: c: 2}`))
	two := source.New(pack(t, `model: {a: 1, b: d: 3}`))
	both := source.Merge(one.At("model"), two.At("model"), nil)
	assert.Equal(t, []string{"a", "b"}, both.Children())
	assert.Equal(t, []string{"c", "d"}, at(t, both, "b").Children())
	assert.Same(t, both, source.Under("model", both).At("model"))
	assert.Equal(t, []string{"model"}, source.Under("model", both).Children())
}

// TestReferences holds which references are followed to what they stand for, and that the others are left to CUE.
func TestReferences(t *testing.T) {
	base := pack(t, `
model: {title: "Base", parts: "a-1": kind: "x"}
#Part: {kind: "imported"}
_hidden: title: "hidden"
`)
	base.ImportPath, base.Name = "example.org/base", "base"
	contract := pack(t, `#Model: {title!: string}`)
	contract.ImportPath, contract.Name, contract.Contract = "tmkit.dev/schema/v1", "v1", true
	for _, test := range []struct {
		name     string
		texts    []string
		path     []string
		want     []any
		computed bool
	}{
		{"definition", []string{`#X: {title: "T"}, x: #X`}, []string{"x", "title"}, []any{"T"}, false},
		{"definition of another file", []string{`x: #X`, `#X: {title: "T"}`}, []string{"x", "title"}, []any{"T"}, false},
		{"definition in two files", []string{`x: #X`, `#X: {title: "T"}`, `#X: {other: "O"}`}, []string{"x", "other"}, []any{"O"}, false},
		{"definition and more", []string{`#X: {title: "T"}, x: #X & {kind: "k"}`}, []string{"x", "title"}, []any{"T"}, false},
		{"scalar", []string{`#date: "2026-11-01", x: date: #date`}, []string{"x", "date"}, nil, true},
		{"through another", []string{`#Y: #X, #X: {title: "T"}, x: #Y`}, []string{"x", "title"}, []any{"T"}, false},
		{"embedded", []string{`#X: {title: "T"}, x: {#X, kind: "k"}`}, []string{"x", "title"}, []any{"T"}, false},
		{"imported", []string{`import "example.org/base"
			x: base.model`}, []string{"x", "parts", "a-1", "kind"}, []any{"x"}, false},
		{"imported by another name", []string{`import b "example.org/base"
			x: b.model & {more: "m"}`}, []string{"x", "title"}, []any{"Base"}, false},
		{"imported definition", []string{`import "example.org/base"
			x: base.#Part`}, []string{"x", "kind"}, []any{"imported"}, false},
		{"import of one file only", []string{`import "example.org/base"
			y: base.model`, `x: base.model`}, []string{"x"}, nil, true},
		{"contract", []string{`import "tmkit.dev/schema/v1"
			x: v1.#Model & {title: "T"}`}, []string{"x", "title"}, []any{"T"}, false},
		{"shadowed by a field around", []string{`#X: {title: "outer"}
			y: {#X: {title: "inner"}, x: #X}`}, []string{"y", "x"}, nil, true},
		{"shadowed import", []string{`import "example.org/base"
			y: {base: model: {title: "inner"}, x: base.model}`}, []string{"y", "x"}, nil, true},
		{"let", []string{`let L = {title: "T"}
			x: L`}, []string{"x"}, nil, true},
		{"selector", []string{`y: z: {title: "T"}, x: y.z`}, []string{"x"}, nil, true},
		{"nothing", []string{`x: string`}, []string{"x"}, nil, true},
		{"itself", []string{`#X: #X, x: #X`}, []string{"x"}, nil, true},
		{"each other", []string{`#X: #Y & {a: 1}, #Y: #X & {b: 2}, x: #X`}, []string{"x", "b"}, []any{2}, false},
		{"itself, many times", []string{`#X: #X & #X & #X & #X & #X, x: #X`}, []string{"x"}, nil, true},
		{"itself, embedded", []string{`#X: {#X, #X, a: 1}, x: #X`}, []string{"x", "a"}, []any{1}, false},
		{"value alias", []string{`x: A={a: 1, b: A.a}`}, []string{"x", "a"}, []any{1}, false},
		{"label alias", []string{`A=x: {a: 1}`}, []string{"x", "a"}, []any{1}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pack(t, test.texts...)
			p.Imports["example.org/base"], p.Imports["tmkit.dev/schema/v1"] = base, contract
			n := at(t, source.New(p), test.path...)
			got, _ := values(n)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.computed, n.Computed())
		})
	}
}

// TestComputed holds that everything that can write below a node in another way than plain fields is noticed there.
func TestComputed(t *testing.T) {
	for _, text := range []string{
		`x: {for k in ["a"] {(k): 1}}`, `x: {if true {a: 1}}`, `x: [string]: {a: 1}`, `x: {[=~"a"]: 1}`, `x: "\(y)": 1, y: "a"`,
		`x: {(y): 1}, y: "a"`, `x: a?: 1`, `x: a!: 1`, `x: *{a: 1} | {b: 1}`, `if true {x: a: 1}`, `x: {...}, for k in ["a"] {x: (k): 1}`,
		`x: [...1]`, `x: [for i in [1] {i}]`, `x: y.z, y: z: 1`, `x: {y} & z, y: 1, z: {y}`,
	} {
		t.Run(text, func(t *testing.T) {
			assert.True(t, at(t, source.New(pack(t, text)), "x").Computed())
		})
	}
	for _, text := range []string{`x: {a: 1}`, `x: [1, 2]`, `x: {...}`, `x: {_h: 1, #D: 2, a: 1}`, `x: ({a: 1}) & {b: 2}`, `x: {let L = 1, a: 1}`} {
		t.Run(text, func(t *testing.T) {
			assert.False(t, at(t, source.New(pack(t, text)), "x").Computed())
		})
	}
}

// TestMaybe holds that what stands in a comprehension is known to be there perhaps, however deep.
func TestMaybe(t *testing.T) {
	root := source.New(pack(t, `
x: {sure: 1}
if y {
	x: {perhaps: 1, both: 2}
	z: deep: 1
}
x: both: 2
`))
	assert.True(t, at(t, root, "x", "perhaps").Maybe())
	assert.True(t, at(t, root, "z").Maybe())
	assert.True(t, at(t, root, "z", "deep").Maybe())
	assert.False(t, at(t, root, "x", "sure").Maybe())
	assert.False(t, at(t, root, "x", "both").Maybe())
	assert.False(t, at(t, root, "x").Maybe())
	assert.True(t, at(t, root, "x").Computed(), "its value must be asked which of its fields are there")
}

// TestHidden holds that definitions and hidden fields are no children, but have a place.
func TestHidden(t *testing.T) {
	root := source.New(pack(t, `
#Def: {a: 1}
_hid: 2
x: {_y: 1, "_z": 2, "#w": 3}
`))
	assert.Equal(t, []string{"x"}, root.Children())
	assert.Equal(t, []string{"_z", "#w"}, at(t, root, "x").Children())
	assert.Equal(t, 2, at(t, root, "#Def").Labels()[0].Line)
	assert.Equal(t, 3, at(t, root, "_hid").Labels()[0].Line)
}

func TestLists(t *testing.T) {
	root := source.New(pack(t, `x: ["a", {b: "c"}, ["d"]], y: ["a"], z: [for i in [1] {i}, "after"]`, `y: ["a", "b"]`))
	n := at(t, root, "x")
	assert.True(t, n.IsList())
	assert.False(t, n.IsStruct())
	assert.Equal(t, []string{"0", "1", "2"}, n.Children())
	got, _ := values(at(t, root, "x", "1", "b"))
	assert.Equal(t, []any{"c"}, got)
	got, _ = values(at(t, root, "x", "2", "0"))
	assert.Equal(t, []any{"d"}, got)
	got, _ = values(at(t, root, "y", "0"))
	assert.Equal(t, []any{"a", "a"}, got)
	assert.Equal(t, []string{"0", "1"}, at(t, root, "y").Children())
	assert.Nil(t, root.At("z", "0"), "behind a comprehension no item's index is known")
}

func TestPositions(t *testing.T) {
	root := source.New(pack(t, `package p

model: threats: "T-1": {
	title: "One"
	tags: ["a",
		"b"]
	notes: """
		Two
		lines.
		"""
}
`))
	pos := func(line, column, endLine, endColumn int) []finding.Position {
		return []finding.Position{{File: "a.cue", Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}}
	}
	title := at(t, root, "model", "threats", "T-1", "title")
	assert.Equal(t, pos(4, 2, 4, 7), title.Labels())
	assert.Equal(t, pos(4, 9, 4, 14), title.Values())
	lits, _ := title.Literals()
	assert.Equal(t, pos(4, 9, 4, 14)[0], lits[0].Position)
	assert.Equal(t, pos(3, 17, 3, 22), at(t, root, "model", "threats", "T-1").Labels())
	assert.Equal(t, pos(6, 3, 6, 6), at(t, root, "model", "threats", "T-1", "tags", "1").Labels(), "an item has no name but itself")
	assert.Equal(t, pos(7, 9, 10, 6), at(t, root, "model", "threats", "T-1", "notes").Values())

	at, length := root.Nearest("model", "threats", "T-1", "owner")
	assert.Equal(t, pos(3, 17, 3, 22)[0], at)
	assert.Equal(t, 3, length)
	at, length = root.Nearest("nothing")
	assert.Zero(t, at)
	assert.Zero(t, length)
}

func TestForget(t *testing.T) {
	root := source.New(pack(t, `x: {a: 1, b: c: 2}`))
	n := at(t, root, "x")
	before := n.Children()
	n.Forget()
	assert.Equal(t, before, n.Children())
	assert.Equal(t, []string{"c"}, at(t, root, "x", "b").Children())
}

func TestAll(t *testing.T) {
	a, b, c := &source.Package{ImportPath: "a"}, &source.Package{ImportPath: "b"}, &source.Package{ImportPath: "c"}
	a.Imports = map[string]*source.Package{"b": b}
	b.Imports = map[string]*source.Package{"c": c}
	assert.Equal(t, map[string]bool{"b": true, "c": true}, a.All())
	assert.Empty(t, c.All())
}

func TestPlain(t *testing.T) {
	root := source.New(pack(t, `
x: {a: 1, b: ["c", {d: true}], e: {}}
x: f: "g"
#Loop: {a: #Loop, b: #Loop & #Loop, c: 1}
loop: #Loop
`))
	assert.Equal(t, map[string]any{"a": 1, "b": []any{"c", map[string]any{"d": true}}, "e": map[string]any{}, "f": "g"}, at(t, root, "x").Plain())
	assert.Equal(t, 1, at(t, root, "loop").Plain().(map[string]any)["c"], "what holds itself comes to an end")
}

// FuzzIndex holds that no text that CUE can parse breaks the index, and that every place it gives is in the text.
func FuzzIndex(f *testing.F) {
	for _, text := range []string{
		`model: threats: "T-1": {title: "One", tags: ["a", "b"]}`, `#X: {#X}, x: #X`, `#X: {a: #X}, x: #X`, `x: [for i in y {i}], y: [1, 2]`,
		`if true {x: 1}`, `x: "\(y)", y: "a"`, `import "a"
x: a.b & {c: 1}`, "x: \"\"\"\n\ta\n\t\"\"\"", `A=x: B={c: A}`, `let L = {a: 1}, x: L`, `x: *1 | 2`, `[string]: 1`, `"": {"": [[]]}`,
		`x: y: z: 0x, a: 1e400`, `x: 99999999999999999999`, `{x: 1}, [1], "s"`, `x: {...}, x: [...]`, `x?: 1, x!: 2`, `_x: 1, #x: 2, "_x": 3`,
		`x: '\xff', y: #"""#`, `#A: #B & #B, #B: #C & #C, #C: #D & #D, #D: {a: 1}, x: #A`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parser.ParseFile("a.cue", text, parser.ParseComments)
		if err != nil {
			return
		}
		p := &source.Package{ImportPath: "p", Name: "p", Files: []*ast.File{file}, Imports: map[string]*source.Package{}}
		p.Imports["a"] = &source.Package{ImportPath: "a", Name: "a", Files: p.Files, Imports: p.Imports}
		lines := strings.Count(text, "\n") + 1
		nodes := 0
		var walk func(n *source.Node, path []string)
		walk = func(n *source.Node, path []string) {
			// Definitions can hold themselves, so the tree may have no end.
			if nodes++; nodes > 1000 || len(path) > 20 {
				return
			}
			n.Computed()
			n.Maybe()
			n.IsList()
			n.IsStruct()
			n.Literals()
			n.Plain()
			for _, p := range append(n.Labels(), n.Values()...) {
				if p.Line < 1 || p.Line > lines || p.EndLine < p.Line || p.EndLine == p.Line && p.EndColumn < p.Column {
					t.Errorf("%v: %+v is not in a text of %d lines", path, p, lines)
				}
			}
			for _, name := range n.Children() {
				below := append(path[:len(path):len(path)], name)
				c := n.Child(name)
				if c == nil {
					t.Fatalf("%v is a child and not there", below)
				}
				walk(c, below)
			}
		}
		root := source.New(p)
		walk(root, nil)
		root.At("x", "y", "0")
		root.Nearest("x", "y", "0")
		source.Merge(root, root.At("x")).Children()
	})
}
