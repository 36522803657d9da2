package schema

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parsed parses a contract that has the least and the given text.
func parsed(text string) (*Schema, error) {
	return parse(fstest.MapFS{
		"v1/v1.cue":   {Data: []byte("package v1\n\n// Version is the version.\n#Version: \"v1.0\"\n\n#ThreatModel: {}\n#Catalog: {}\n#Crosswalk: {}\n")},
		"v1/more.cue": {Data: []byte("package v1\n\n" + text + "\n")},
	}, "v1")
}

// TestForms holds what the reader makes of each form that the contract may be written in.
func TestForms(t *testing.T) {
	s, err := parsed(`
import "strings"
import "time"
#Word: =~"^[a-z]+$" & !~"x" & strings.MaxRunes(5) @must("a short word")
#Level: "low" | "high"
#Day: time.Format("2006-01-02")
#All: {
	// word is a word.
	word!: #Word @column(name="A word, or two",width=7)
	level?: #Level @ref(a, b) @requiredIf(word, x, y)
	choice: *"one" | "two"
	named: *"low" | #Level
	flag: *false | bool
	only: "this"
	port: int & >=1 & <=10
	items!: [#Word, ...#Word] @table(name="items",tab="Items")
	free?: [...string]
	map: struct.MinFields(1) & {[#Word]: {[string]: #Day}}
	keyed: {[ID=#Word]: #Inner & {id: ID, more?: _}}
	any?: {...}
	_hidden: "x"
	let L = 1
	if true {_faults: {}}
}
#Inner: {id!: #Word, #common, more?: string}
#common: {shared!: string}
`)
	require.NoError(t, err)
	all := s.Def("#All")
	require.Equal(t, []string{"word", "level", "choice", "named", "flag", "only", "port", "items", "free", "map", "keyed", "any"}, all.FieldNames())
	f := all.Field
	assert.Equal(t, Field{Name: "word", Doc: "is a word.", Required: true, Type: f("word").Type, Column: &Column{Heading: "A word, or two", Width: 7}}, *f("word"))
	assert.Equal(t, "a short word", f("word").Type.Want())
	for value, ok := range map[any]bool{"abc": true, "": false, "abx": false, "abcdef": false, 3: false, nil: false} {
		assert.Equal(t, ok, f("word").Type.Check(value) == "", "%v", value)
	}
	assert.Equal(t, []string{"a", "b"}, f("level").Refs)
	assert.Equal(t, &Condition{Field: "word", Values: []string{"x", "y"}}, f("level").RequiredIf)
	assert.True(t, f("level").Optional)
	assert.Equal(t, `one of "low", "high"`, f("level").Type.Want())
	assert.Equal(t, "one", f("choice").Type.Default)
	assert.Equal(t, []string{"one", "two"}, f("choice").Type.Enum)
	assert.Equal(t, "low", f("named").Type.Default)
	assert.Equal(t, "#Level", f("named").Type.Name)
	assert.Equal(t, false, f("flag").Type.Default)
	assert.Equal(t, "this", f("only").Type.Default, "a field that is one word needs nobody to say it")
	assert.Empty(t, f("port").Type.Check(10))
	assert.Equal(t, "a whole number from 1 to 10", f("port").Type.Check(11))
	assert.Equal(t, 1, f("items").Type.MinItems)
	assert.Equal(t, &Table{Name: "items", Tab: "Items"}, f("items").Table)
	assert.Equal(t, 0, f("free").Type.MinItems)
	assert.Equal(t, Map, f("map").Type.Kind)
	assert.Equal(t, 1, f("map").Type.MinItems)
	assert.NotEmpty(t, f("map").Type.Elem.Elem.Check("2026-02-30"))
	assert.NotEmpty(t, f("map").Type.Key.Check("Upper"))
	assert.Equal(t, []string{"id", "shared", "more"}, f("keyed").Type.Elem.FieldNames())
	assert.Equal(t, Any, f("any").Type.Kind)
	assert.Nil(t, all.Field("_hidden"))
	assert.Nil(t, s.Def("#Nothing"))
}

// TestUnknownForms holds that a form which the reader does not know is an error, so that a change of the contract cannot
// pass unnoticed.
func TestUnknownForms(t *testing.T) {
	for _, text := range []string{
		`#A: {x!: number}`,
		`#A: {x!: 5}`,
		`#A: {x!: null}`,
		`#A: {x!: string | int}`,
		`#A: {x!: !="a"}`,
		`#A: {x!: >5}`,
		`#A: {x!: >="a"}`,
		`#A: {x!: >=1.5}`,
		`#A: {x!: =~y, y!: string}`,
		`#A: {x!: =~"("}`,
		`#A: {x!: strings.MinRunes(3)}`,
		`#A: {x!: strings.MaxRunes(n)}`,
		`#A: {x!: len("a")}`,
		`#A: {x!: a.b.c("d")}`,
		`#A: {x!: "\(y)"}`,
		`#A: {x!: #B}`,
		`#A: {x!: {[string, string]: string}}`,
		`#A: {x!: [if true {string}]}`,
		`#A: {x!: string @colunm(name="X")}`,
		`#A: {x!: string @column(name="X",width=wide)}`,
		`#A: {x!: string @column(name="X)}`,
		`#A: {x!: string @must()}`,
		`#A: {x!: string @ref()}`,
		`#A: string @must()`,
		`#A: string @must("a", "b")`,
		`#Version: "v1.1"`,
		`#A: {x!: string}, #A: {y!: string}`,
		`#A: {`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := parsed(text)
			assert.Error(t, err)
		})
	}
	t.Run("incomplete contract", func(t *testing.T) {
		_, err := parse(fstest.MapFS{"v1/a.cue": {Data: []byte("package v1\n#ThreatModel: {}\n")}}, "v1")
		assert.ErrorContains(t, err, "lacks #ThreatModel, #Catalog, #Crosswalk or #Version")
	})
}

func TestArguments(t *testing.T) {
	for _, test := range []struct {
		body string
		want []argument
	}{
		{``, nil},
		{`a`, []argument{{"", "a"}}},
		{`a, b ,c`, []argument{{"", "a"}, {"", "b"}, {"", "c"}}},
		{`name="A, b=c",width=7`, []argument{{"name", "A, b=c"}, {"width", "7"}}},
		{`"a \"b\" c"`, []argument{{"", `a "b" c`}}},
		{`name=""`, []argument{{"name", ""}}},
		{`a="b" , c`, []argument{{"a", "b"}, {"", "c"}}},
		{`x, name="y"`, []argument{{"", "x"}, {"name", "y"}}},
	} {
		got, err := arguments(test.body)
		require.NoError(t, err, test.body)
		assert.Equal(t, test.want, got, test.body)
	}
	for _, body := range []string{`"`, `name="a`, `a="\q"`} {
		_, err := arguments(body)
		assert.Error(t, err, body)
	}
}

// FuzzArguments holds that no attribute breaks the reader or keeps it for ever, and that nothing of a plain body is lost.
func FuzzArguments(f *testing.F) {
	for _, body := range []string{"", "a", "a,b", `name="A",width=7`, `"a`, `=`, `,,`, ` = " , "`, `a="b"c`, "\"\\", `"a""b"`, "é=ü,ö"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		args, err := arguments(body)
		if err != nil {
			return
		}
		if !strings.ContainsAny(body, `="`) && strings.TrimSpace(body) != "" {
			var values []string
			for _, a := range args {
				values = append(values, a.value)
			}
			var want []string
			for _, part := range strings.Split(body, ",") {
				want = append(want, strings.TrimSpace(part))
			}
			// What is empty at the end may be left out.
			assert.Equal(t, strings.TrimRight(strings.Join(want, ","), ","), strings.TrimRight(strings.Join(values, ","), ","))
		}
	})
}
