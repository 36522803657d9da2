package source_test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/source"
)

// order is the order of fields in the models of the tests here.
func order(path []string) []string {
	switch {
	case len(path) == 0:
		return []string{"schema", "metadata", "scope", "themes", "features", "threats", "exclusions"}
	case path[0] == "metadata" && len(path) == 1:
		return []string{"name", "title", "version", "notes", "tags"}
	case path[0] == "metadata" || path[0] == "exclusions" && len(path) < 3 || len(path) == 1:
		return nil
	case path[0] == "exclusions":
		return []string{"reason"}
	case len(path) == 2:
		return []string{"title", "description", "status", "owner", "flag", "likelihood", "tags", "refs", "putsAtRisk", "covers", "techniques"}
	case path[2] == "likelihood":
		return []string{"level", "reason"}
	case path[2] == "refs" && len(path) == 4:
		return []string{"title", "url"}
	case path[2] == "techniques" && len(path) == 5, path[2] == "covers" && len(path) == 5:
		return []string{"extent", "note"}
	case path[2] == "putsAtRisk" && len(path) == 5:
		return []string{"susceptibility", "rationale", "bearers"}
	case path[2] == "putsAtRisk" && len(path) == 6:
		return []string{"operator", "vendor"}
	}
	return nil
}

// module returns the files of a text: all of it as a.cue, or as an archive says.
func module(text string) map[string]string {
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = string(f.Data)
	}
	if len(files) == 0 {
		files["a.cue"] = text
	}
	return files
}

// editor returns the editor of a module whose files are of the package of their folder: p, the leaf, which may import
// example.org/base, which is not writable if it is said to be foreign.
func editor(t testing.TB, files map[string]string) *source.Editor {
	t.Helper()
	packages := map[string]*source.Package{"example.org/schema": {ImportPath: "example.org/schema", Name: "schema", Contract: true}}
	for _, name := range model.Keys(files) {
		f, err := parser.ParseFile(name, files[name], parser.ParseComments)
		require.NoError(t, err)
		dir := path.Join("example.org", path.Dir(name))
		if packages[dir] == nil {
			packages[dir] = &source.Package{ImportPath: dir, Name: path.Base(dir), Imports: packages}
		}
		packages[dir].Files = append(packages[dir].Files, f)
	}
	return &source.Editor{Root: source.New(packages["example.org"]).At("model"), Order: order,
		Writable: func(path string) bool { return path != "example.org/foreign" },
		Read: func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, fmt.Errorf("%s is not there", name)
		}}
}

// apply makes changes and returns the files that differ, as an archive where there are several in the module.
func apply(t testing.TB, files map[string]string, changes ...source.Change) string {
	t.Helper()
	edits, refusals, err := editor(t, files).Apply(changes)
	require.NoError(t, err)
	require.Empty(t, refusals)
	var out txtar.Archive
	for _, name := range model.Keys(edits) {
		require.Equal(t, files[name], string(edits[name].Old))
		if len(files) == 1 {
			return string(edits[name].New)
		}
		out.Files = append(out.Files, txtar.File{Name: name, Data: edits[name].New})
	}
	return string(txtar.Format(&out))
}

// slashed returns the path that a text names with slashes.
func slashed(path string) []string { return strings.Split(path, "/") }

type (
	fields = map[string]any
	list   = []any
)

func TestApply(t *testing.T) {
	for _, test := range []struct {
		name    string
		before  string
		changes []source.Change
		after   string
	}{
		{"nothing", "model: metadata: name: \"m\"\n", []source.Change{{slashed("metadata/name"), "m", "m"}}, ""},
		{"a text", `
model: metadata: {name:"m" // stays
 title:   "One"}
`, []source.Change{{slashed("metadata/title"), "One", `Two "quoted" \(x)`}}, `
model: metadata: {name:"m" // stays
 title:   "Two \"quoted\" \\(x)"}
`},
		{"a whole struct of which one field differs", `
model: metadata: {name: "m", title: "One"}
`, []source.Change{{slashed("metadata"), fields{"name": "m", "title": "One"}, fields{"name": "m", "title": "Two"}}}, `
model: metadata: {name: "m", title: "Two"}
`},
		{"a number, a boolean, null and another kind", `
model: metadata: {name: 1, title: true, version: null, notes: "n", tags: ["a"]}
`, []source.Change{{slashed("metadata"), fields{"name": 1, "title": true, "version": model.Null{}, "notes": "n", "tags": list{"a"}},
			fields{"name": 20, "title": false, "version": "v", "notes": list{"n", 1}, "tags": fields{"b": model.Null{}}}}}, `
model: metadata: {name: 20, title: false, version: "v", notes: ["n", 1], tags: b: null}
`},
		{"a literal that is written twice", `
model: metadata: name: "m" & ("m")
model: metadata: name: "m"
`, []source.Change{{slashed("metadata/name"), "m", "n"}}, `
model: metadata: name: "n" & ("n")
model: metadata: name: "n"
`},
		{"raw texts stay raw where they can", `
model: metadata: {name: #"a\b"#, title: #"c"#, notes: ##"d"##}
`, []source.Change{{slashed("metadata/name"), `a\b`, `"\(x)"`}, {slashed("metadata/title"), "c", `"#`}, {slashed("metadata/notes"), "d", "e\u202e"}}, `
model: metadata: {name: #""\(x)""#, title: "\"#", notes: "e\u202e"}
`},
		{"a text of several lines keeps the lines that stay", "model: metadata: {\n\tnotes: \"\"\"\n\t\t\tfirst \\u0041\n\n\t\t\tsecond\ttab\n\t\t\t\"\"\"\n}\n",
			[]source.Change{{slashed("metadata/notes"), "first A\n\nsecond\ttab", "first A\n\nnew \"\"\" \\ \ttab\n\nsecond\ttab"}},
			"model: metadata: {\n\tnotes: \"\"\"\n\t\t\tfirst \\u0041\n\n\t\t\tnew \\\"\"\" \\\\ \\ttab\n\n\t\t\tsecond\ttab\n\t\t\t\"\"\"\n}\n"},
		{"a text of several lines stays one", "model: metadata: notes: #\"\"\"\n\ta\n\tb\n\t\"\"\"#\n", []source.Change{{slashed("metadata/notes"), "a\nb", `a\n`}},
			"model: metadata: notes: #\"\"\"\n\ta\\n\n\t\"\"\"#\n"},
		{"a text gets a second line", "model: metadata: {\n\tname:  \"m\"\n\ttitle: \"One\"\n}\n", []source.Change{{slashed("metadata/title"), "One", "One\n\nTwo"}},
			"model: metadata: {\n\tname: \"m\"\n\ttitle: \"\"\"\n\t\tOne\n\n\t\tTwo\n\t\t\"\"\"\n}\n"},
		{"a text in a struct on one line gets a second line", "model: {\n\tmetadata: {name: \"m\", title: \"One\"}\n}\n", []source.Change{{slashed("metadata/name"), "m", "One\nTwo"}},
			"model: {\n\tmetadata: {name: \"\"\"\n\t\tOne\n\t\tTwo\n\t\t\"\"\", title: \"One\"}\n}\n"},
		{"line breaks are those of the file", "model: metadata: {\r\n\tname: \"m\"\r\n\ttags: [\r\n\t\t\"a\",\r\n\t]\r\n\tnotes: \"\"\"\r\n\t\ta\r\n\t\tb\r\n\t\t\"\"\"\r\n}\r\n",
			[]source.Change{{slashed("metadata/notes"), "a\nb", "a\n\nc"}, {slashed("metadata/title"), nil, "T"}, {slashed("metadata/tags"), list{"a"}, list{"b", "a", "c"}}},
			"model: metadata: {\r\n\tname: \"m\"\r\n\ttitle: \"T\"\r\n\ttags: [\r\n\t\t\"b\",\r\n\t\t\"a\",\r\n\t\t\"c\",\r\n\t]\r\n\tnotes: \"\"\"\r\n\t\ta\r\n\n\t\tc\r\n\t\t\"\"\"\r\n}\r\n"},
		{"byte order mark", "\ufeffmodel: metadata: name: \"é\"\n", []source.Change{{slashed("metadata/name"), "é", "日本"}}, "\ufeffmodel: metadata: name: \"日本\"\n"},

		{"items of a list on one line", `
model: metadata: tags: ["a", "b", "c", "d"]
`, []source.Change{{slashed("metadata/tags"), list{"a", "b", "c", "d"}, list{"x", "b", "d", "e"}}}, `
model: metadata: tags: ["x", "b", "d", "e"]
`},
		{"the first and the last item", `
model: metadata: tags: ["a", "b", "c"]
`, []source.Change{{slashed("metadata/tags"), list{"a", "b", "c"}, list{"b"}}}, `
model: metadata: tags: ["b"]
`},
		{"all items", `
model: metadata: {tags: ["a", "b"], notes: [
	"c", // gone
]}
`, []source.Change{{slashed("metadata/tags"), list{"a", "b"}, list{}}, {slashed("metadata/notes"), list{"c"}, list{}}}, `
model: metadata: {tags: [], notes: []}
`},
		{"into an empty list", `
model: metadata: {tags: [], notes: []}
`, []source.Change{{slashed("metadata/tags"), list{}, list{"a", 1}}, {slashed("metadata/notes"), nil, list{"b"}}}, `
model: metadata: {tags: ["a", 1], notes: ["b"]}
`},
		{"items on lines of their own", `
model: metadata: tags: [
	// of a
	"a", // a

	// of b
	"b",
	"c" // c
]
`, []source.Change{{slashed("metadata/tags"), list{"a", "b", "c"}, list{"0", "a", "c", "d"}}}, `
model: metadata: tags: [
	"0",
	// of a
	"a", // a

	"c" // c
	"d",
]
`},
		{"items by their index", `
model: metadata: tags: ["a", "b", "c"]
`, []source.Change{{slashed("metadata/tags/0"), "a", nil}, {slashed("metadata/tags/1"), "b", "B"}, {slashed("metadata/tags/3"), nil, "d"}, {slashed("metadata/tags/4"), nil, "e"}}, `
model: metadata: tags: ["B", "c", "d", "e"]
`},
		{"structs in a list", `
model: threats: "T-1": refs: [{title: "A", url: "a"}, {title: "B", url: "b"}, {title: "C", url: "c"}]
`, []source.Change{{slashed("threats/T-1/refs"), list{fields{"title": "A", "url": "a"}, fields{"title": "B", "url": "b"}, fields{"title": "C", "url": "c"}},
			list{fields{"title": "A", "url": "x"}, fields{"title": "C", "url": "c"}, fields{"url": "d", "title": "D"}}}}, `
model: threats: "T-1": refs: [{title: "A", url: "x"}, {title: "C", url: "c"}, {title: "D", url: "d"}]
`},

		{"a field comes into its place, and moves the alignment", `
model: threats: "T-1": {
	title: "One"
	owner: "me" // why
}
`[1:], []source.Change{{slashed("threats/T-1/description"), nil, "Text"}, {slashed("threats/T-1/likelihood/level"), nil, "low"}}, `
model: threats: "T-1": {
	title:       "One"
	description: "Text"
	owner:       "me" // why
	likelihood: level: "low"
}
`[1:]},
		{"a file that is not as cue fmt writes it moves no other line", `
model: threats: "T-1": {
	title: "One"
	owner:      "me"
}
`, []source.Change{{slashed("threats/T-1/description"), nil, "Text"}}, `
model: threats: "T-1": {
	title: "One"
	description: "Text"
	owner:      "me"
}
`},
		{"a field of a struct on one line", `
model: threats: "T-1": {likelihood: {level: "low"}, tags: ["a"]}
`[1:], []source.Change{{slashed("threats/T-1/likelihood/reason"), nil, "Because"}, {slashed("threats/T-1/title"), nil, "One"}}, `
model: threats: "T-1": {title: "One", likelihood: {level: "low", reason: "Because"}, tags: ["a"]}
`[1:]},
		{"a field beside the only one of a chain", `
model: {
	threats: "T-1": {
		likelihood: level: "low"
		techniques: "attack": T1: note: "A long note that leaves no room for another field beside it on the line"
	}
}
`[1:], []source.Change{{slashed("threats/T-1/likelihood/reason"), nil, "Because"}, {slashed("threats/T-1/techniques/attack/T1/extent"), nil, "partly, and at some length"}}, `
model: {
	threats: "T-1": {
		likelihood: {level: "low", reason: "Because"}
		techniques: "attack": T1: {
			extent: "partly, and at some length"
			note:   "A long note that leaves no room for another field beside it on the line"
		}
	}
}
`[1:]},
		{"a chain beside one of several lines", `
model: threats: "T-1": {
	putsAtRisk: "nist": "AC-2": {
		susceptibility: "inherent"
	}
}
`[1:], []source.Change{{slashed("threats/T-1/putsAtRisk/nist/AC-3"), nil, fields{"rationale": "R", "susceptibility": "default", "bearers": fields{"operator": "Must."}}}}, `
model: threats: "T-1": {
	putsAtRisk: "nist": "AC-2": {
		susceptibility: "inherent"
	}
	putsAtRisk: "nist": "AC-3": {
		susceptibility: "default"
		rationale:      "R"
		bearers: operator: "Must."
	}
}
`[1:]},
		{"into an empty entry", `
model: threats: "T-1": techniques: "attack": {
	T1: {}
	T2: {
	}
}
`, []source.Change{{slashed("threats/T-1/techniques/attack/T1/note"), nil, "N"}, {slashed("threats/T-1/techniques/attack/T2"), nil, fields{"note": "M"}}}, `
model: threats: "T-1": techniques: "attack": {
	T1: {note: "N"}
	T2: {note: "M"}
}
`},
		{"false is written although it is none", `
model: threats: "T-1": {flag: false, title: "One"}
`, []source.Change{{slashed("threats/T-1/flag"), nil, true}}, `
model: threats: "T-1": {flag: true, title: "One"}
`},
		{"a default of the schema", `
import "example.org/schema"

model: schema.#Model & {threats: "T-1": {title: "One"}}
`, []source.Change{{slashed("threats/T-1/status"), "open", "closed"}}, `
import "example.org/schema"

model: schema.#Model & {threats: "T-1": {title: "One", status: "closed"}}
`},
		{"fields that no order names", `
model: metadata: {name: "m", notes: {b: 1, d: 2}}
`, []source.Change{{slashed("metadata/notes/c"), nil, 3}, {slashed("metadata/notes/a"), nil, 4}, {slashed("metadata/notes/e"), nil, 5}, {slashed("metadata/zz"), nil, 6}}, `
model: metadata: {name: "m", notes: {a: 4, b: 1, c: 3, d: 2, e: 5}, zz: 6}
`},

		{"an entry among its siblings", `
-- a.cue --
package p

model: threats: {
	"K-NODE-001": title: "One"
	"K-NODE-002": {
		title: "Two"
	}

	// Others.
	"K-POD-1": title: "Pod"
}
-- b.cue --
package p

model: threats: "K-ETCD-1": {
	title: "Etcd"
	owner: "me"
}

model: threats: "K-ETCD-3": title: "Etcd"
-- c.cue --
package p

model: threats: "K-ETCD-1": covers: "owasp": "K01": extent: "full"
`[1:], []source.Change{{slashed("threats/K-NODE-003"), nil, fields{"title": "Three", "description": "One\n\nTwo"}}, {slashed("threats/K-ETCD-2/title"), nil, "Etcd"}, {slashed("threats/K-ETCD-2/tags"), nil, list{"a"}}}, `
-- a.cue --
package p

model: threats: {
	"K-NODE-001": title: "One"
	"K-NODE-002": {
		title: "Two"
	}
	"K-NODE-003": {
		title: "Three"
		description: """
			One

			Two
			"""
	}

	// Others.
	"K-POD-1": title: "Pod"
}
-- b.cue --
package p

model: threats: "K-ETCD-1": {
	title: "Etcd"
	owner: "me"
}

model: threats: "K-ETCD-2": {title: "Etcd", tags: ["a"]}

model: threats: "K-ETCD-3": title: "Etcd"
`[1:]},
		{"the first of a family, of a map, and before its controls", `
model: exclusions: "nist": {
	"AC-2": reason: "a"
	"AC-30": reason: "b"
	"CA-1(2)": reason: "d"
	"CA-2": reason: "c"
}
`, []source.Change{{slashed("exclusions/nist/AC-3/reason"), nil, "n"}, {slashed("exclusions/nist/CA-1/reason"), nil, "n"}, {slashed("exclusions/nist/SC-1/reason"), nil, "n"}, {slashed("exclusions/nist/AB-1/reason"), nil, "n"}}, `
model: exclusions: "nist": {
	"AB-1": reason: "n"
	"AC-2": reason: "a"
	"AC-3": reason: "n"
	"AC-30": reason: "b"
	"CA-1": reason: "n"
	"CA-1(2)": reason: "d"
	"CA-2": reason: "c"
	"SC-1": reason: "n"
}
`},
		{"a collection that has no entry yet", `
-- a.cue --
package p

model: threats: "T-1": title: "One"
-- b.cue --
package p

model: {
	schema: "v1"
	metadata: name: "m"
}
// end
`[1:], []source.Change{{slashed("themes/one"), nil, fields{"title": "One"}}, {slashed("themes/two/title"), nil, "Two"}, {slashed("scope"), nil, "all"}}, `
-- b.cue --
package p

model: {
	schema: "v1"
	metadata: name: "m"
	scope: "all"
}

model: themes: {one: title: "One", two: title: "Two"}
// end
`[1:]},
		{"beside those which are told in the same file", `
-- etcd.cue --
package p

model: features: "aa": {title: "A", owner: "me"}
-- node.cue --
package p

model: features: {
	"ab": {title: "B", owner: "me"}
	"zz": {title: "Z", owner: "me"}
}
-- risk_etcd.cue --
package p

model: features: "aa": putsAtRisk: "nist": "AC-3": susceptibility: "inherent"
-- risk_node.cue --
package p

model: features: "zz": putsAtRisk: "nist": "AC-3": susceptibility: "inherent"
`[1:], []source.Change{{slashed("features/ab/putsAtRisk/nist/AC-4/susceptibility"), nil, "default"}}, `
-- risk_node.cue --
package p

model: features: "ab": putsAtRisk: nist: "AC-4": susceptibility: "default"

model: features: "zz": putsAtRisk: "nist": "AC-3": susceptibility: "inherent"
`[1:]},
		{"numbers are alike as a whole", `
-- a.cue --
model: threats: {
	"T-2": title: "Two"
}
-- b.cue --
model: threats: {
	"T-30": title: "Thirty"
}
`[1:], []source.Change{{slashed("threats/T-3/title"), nil, "Three"}}, `
-- a.cue --
model: threats: {
	"T-2": title: "Two"
	"T-3": title: "Three"
}
`[1:]},
		{"what another package adds, it adds to others too", `
-- a.cue --
package p

import "example.org/base"

model: base.model
-- at_risk_etcd.cue --
package p

model: threats: {
	"K-ETCD-1": putsAtRisk: "nist": "AC-2": {
		susceptibility: "inherent"
	}
}
-- at_risk_pod.cue --
package p

model: threats: "K-POD-1": putsAtRisk: "nist": "AC-3": susceptibility: "inherent"
-- base/pod.cue --
package base

model: threats: {
	"K-POD-1": {title: "One", owner: "me"}
	"K-POD-2": {title: "Two", owner: "me"}
}
-- base/etcd.cue --
package base

model: metadata: {name: "m", title: "Title"}
model: threats: "K-ETCD-1": {title: "Etcd", owner: "me"}
`[1:], []source.Change{
			{slashed("threats/K-POD-2/putsAtRisk/nist/AC-4"), nil, fields{"susceptibility": "default"}},
			{slashed("threats/K-ETCD-1/putsAtRisk/nist/AC-3"), nil, fields{"susceptibility": "default"}},
			{slashed("threats/K-POD-3"), nil, fields{"title": "Three", "putsAtRisk": fields{"nist": fields{"AC-1": fields{"susceptibility": "default"}}}}},
			{slashed("threats/K-ETCD-1/title"), "Etcd", "State"},
		}, `
-- at_risk_etcd.cue --
package p

model: threats: {
	"K-ETCD-1": putsAtRisk: "nist": "AC-2": {
		susceptibility: "inherent"
	}
	"K-ETCD-1": putsAtRisk: "nist": "AC-3": susceptibility: "default"
}
-- at_risk_pod.cue --
package p

model: threats: "K-POD-1": putsAtRisk: "nist": "AC-3": susceptibility: "inherent"

model: threats: "K-POD-2": putsAtRisk: nist: "AC-4": susceptibility: "default"

model: threats: "K-POD-3": putsAtRisk: nist: "AC-1": susceptibility: "default"
-- base/etcd.cue --
package base

model: metadata: {name: "m", title: "Title"}
model: threats: "K-ETCD-1": {title: "State", owner: "me"}
-- base/pod.cue --
package base

model: threats: {
	"K-POD-1": {title: "One", owner: "me"}
	"K-POD-2": {title: "Two", owner: "me"}
	"K-POD-3": title: "Three"
}
`[1:]},
		{"an entry beside those of a foreign package", `
-- a.cue --
package p

import "example.org/foreign"

model: foreign.model
model: metadata: title: "Mine"
-- foreign/a.cue --
package foreign

model: threats: "T-1": title: "One"
`[1:], []source.Change{{slashed("threats/T-2/title"), nil, "Two"}}, `
-- a.cue --
package p

import "example.org/foreign"

model: foreign.model
model: metadata: title: "Mine"
model: threats: "T-2": title: "Two"
`[1:]},

		{"a field goes with its line and its comment", `
model: threats: "T-1": {
	// stays

	// of the title
	title: "One" // gone

	// of the owner
	owner: "me"
	tags: ["a"]
}
`, []source.Change{{slashed("threats/T-1/title"), "One", nil}, {slashed("threats/T-1/tags"), list{"a"}, nil}}, `
model: threats: "T-1": {
	// stays

	// of the owner
	owner: "me"
}
`},
		{"fields of a struct on one line go", `
model: threats: "T-1": {title: "One", owner: "me", tags: ["a"]}
model: threats: "T-2": {title: "One", owner: "me", tags: ["a"]}
model: threats: "T-3": {title: "One", owner: "me"}
`, []source.Change{{slashed("threats/T-1/owner"), "me", nil}, {slashed("threats/T-1/tags"), list{"a"}, nil}, {slashed("threats/T-2/title"), "One", nil}, {slashed("threats/T-2/owner"), "me", nil}, {slashed("threats/T-2/status"), nil, "open"},
			{slashed("threats/T-3"), fields{"title": "One", "owner": "me"}, fields{}}}, `
model: threats: "T-1": {title: "One"}
model: threats: "T-2": {status: "open", tags: ["a"]}
model: threats: "T-3": {}
`},
		{"a chain goes with its last field, an entry stays", `
model: threats: "T-1": {
	title: "One"
	likelihood: level: "low"
	techniques: "attack": {
		T1: note: "N"
		T2: note: "M"
	}
	covers: "owasp": "K01": extent: "full"
}
`, []source.Change{{slashed("threats/T-1/likelihood/level"), "low", nil}, {slashed("threats/T-1/techniques/attack/T1/note"), "N", nil}, {slashed("threats/T-1/techniques/attack/T2"), fields{"note": "M"}, nil},
			{slashed("threats/T-1/covers/owasp/K01"), fields{"extent": "full"}, fields{"note": "F"}}}, `
model: threats: "T-1": {
	title: "One"
	techniques: "attack": {
		T1: {}
	}
	covers: "owasp": "K01": note: "F"
}
`},
		{"a chain stays that shall be empty", `
model: threats: "T-1": {title: "One", likelihood: level: "low"}
`, []source.Change{{slashed("threats/T-1/likelihood"), fields{"level": "low"}, fields{}}}, `
model: threats: "T-1": {title: "One", likelihood: {}}
`},
		{"a pattern makes no entries", `
model: threats: {[string]: owner: "me", "T-1": title: "One", "T-2": title: "Two"}
`, []source.Change{{slashed("threats/T-1"), fields{"title": "One", "owner": "me"}, nil}}, `
model: threats: {[string]: owner: "me", "T-2": title: "Two"}
`},
		{"an entry goes from all places", `
-- a.cue --
package p

model: threats: {
	"T-1": title: "One"

	"T-2": title: "Two"

	"T-3": title: "Three"
}
-- b.cue --
package p

// Of the second.
model: threats: "T-2": tags: ["a"]

model: threats: "T-3": tags: ["a"]
`[1:], []source.Change{{slashed("threats/T-2"), fields{"title": "Two", "tags": list{"a"}}, nil}, {slashed("threats/T-3/tags"), list{"a"}, nil}}, `
-- a.cue --
package p

model: threats: {
	"T-1": title: "One"

	"T-3": title: "Three"
}
-- b.cue --
package p
`[1:]},
		{"one goes and another comes", `
model: threats: {
	"T-1": title: "One"
	"T-2": title: "Two"
}
`, []source.Change{{slashed("threats"), fields{"T-1": fields{"title": "One"}, "T-2": fields{"title": "Two"}}, fields{"T-1": fields{"title": "One"}, "T-3": fields{"title": "Three"}}}}, `
model: threats: {
	"T-1": title: "One"
	"T-3": title: "Three"
}
`},
		{"what is around a comprehension", `
model: threats: {
	for id in ["T-1"] {(id): title: "One"}
	"T-2": {title: "Two", if true {owner: "me"}}
	let L = "x"
	"T-3": title: L
}
`, []source.Change{{slashed("threats/T-2/title"), "Two", "2"}, {slashed("threats/T-2/tags"), nil, list{"a"}}, {slashed("threats/T-3/owner"), nil, "you"}, {slashed("threats/T-4/title"), nil, "Four"}}, `
model: threats: {
	for id in ["T-1"] {(id): title: "One"}
	"T-2": {title: "2", tags: ["a"], if true {owner: "me"}}
	let L = "x"
	"T-3": {title: L, owner: "you"}
	"T-4": title: "Four"
}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := module(test.before)
			after := apply(t, files, test.changes...)
			assert.Equal(t, test.after, after)
			for name, text := range module(after) {
				if after == "" {
					break // nothing changed
				}
				before := files[name]
				if formatted, err := format.Source([]byte(before)); err == nil && string(formatted) == before && before != "" {
					formatted, err := format.Source([]byte(text))
					require.NoError(t, err)
					assert.Equal(t, string(formatted), text, "not as cue fmt writes it")
				}
			}
		})
	}
}

// TestComment holds that a new struct ends with its comment, however the entries around it are written.
func TestComment(t *testing.T) {
	for before, after := range map[string]string{
		`model: threats: "T-1": title: "One"
`: `model: threats: "T-1": title: "One"

model: threats: "T-2": {
	title: "Two"
	// status: one of "open", "done"
	// owner: a role
}
`,
		`model: {
	threats: {
		"T-1": {title: "One"}
	}
}
`: `model: {
	threats: {
		"T-1": {title: "One"}
		"T-2": {
			title: "Two"
			// status: one of "open", "done"
			// owner: a role
		}
	}
}
`,
		`model: threats: {"T-1": title: "One"}
`: `model: threats: {"T-1": title: "One", "T-2": {
	title: "Two"
	// status: one of "open", "done"
	// owner: a role
}}
`,
		`model: schema: "v1"
`: `model: schema: "v1"

model: threats: "T-2": {
	title: "Two"
	// status: one of "open", "done"
	// owner: a role
}
`,
	} {
		files := module(before)
		e := editor(t, files)
		e.Comment = func(path []string) string {
			if len(path) == 2 && path[1] == "T-2" {
				return "status: one of \"open\", \"done\"\nowner: a role"
			}
			return ""
		}
		edits, refusals, err := e.Apply([]source.Change{{slashed("threats/T-2"), nil, fields{"title": "Two"}}})
		require.NoError(t, err)
		require.Empty(t, refusals)
		assert.Equal(t, after, string(edits["a.cue"].New))
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		text, path string
		old, to    any
		at, reason string
	}{
		{`model: metadata: name: *"m" | string`, "metadata/name", "m", "n", "a.cue:1:24", `is a choice of values, *"m" | string`},
		{`model: metadata: name: string`, "metadata/name", "m", "n", "a.cue:1:24", "is the constraint string"},
		{`model: metadata: name: "m" & string`, "metadata/name", "m", "n", "a.cue:1:30", "is the constraint string"},
		{`model: metadata: name: "a\(1)"`, "metadata/name", "a1", "n", "a.cue:1:24", "is an interpolation"},
		{`model: metadata: name: "a" + "b"`, "metadata/name", "ab", "n", "a.cue:1:24", `is the expression "a" + "b"`},
		{`model: metadata: name: len("b")`, "metadata/name", 1, 2, "a.cue:1:24", `is the result of len("b")`},
		{`model: metadata: name: #n, #n: "m"`, "metadata/name", "m", "n", "a.cue:1:24", "is a reference to #n"},
		{`let L = "m", model: metadata: name: L`, "metadata/name", "m", "n", "a.cue:1:37", "is a reference to L"},
		{`model: metadata: #M & {title: "t"}, #M: name: "m"`, "metadata/name", "m", "n", "a.cue:1:18", "is a reference to #M"},
		{`model: metadata: #M, #M: name: "m"`, "metadata/name", "m", nil, "a.cue:1:18", "is a reference to #M"},
		{`model: metadata: #M, #M: name: "m"`, "metadata/title", nil, "t", "a.cue:1:18", "is a reference to #M"},
		{`model: metadata: x.y, x: y: name: "m"`, "metadata/name", "m", "n", "a.cue:1:18", "is a reference to x.y"},
		{`model: metadata: x.y, x: y: name: "m"`, "metadata", fields{"name": "m"}, "n", "a.cue:1:18", "is a reference to x.y"},
		{`model: metadata: {notes: #M}, #M: name: "m"`, "metadata", fields{"notes": fields{"name": "m"}}, "n", "a.cue:1:26", "is a reference to #M"},
		{`if true {model: metadata: name: "m"}`, "metadata/name", "m", "n", "a.cue:1:27", "comes from a comprehension"},
		{`model: threats: {for i in ["T"] {(i): title: "m"}}`, "threats/T/title", "m", "n", "a.cue:1:46", "comes from a comprehension"},
		{`model: threats: {for i in ["T"] {(i): title: "m"}, "T": owner: "o"}`, "threats/T", fields{"title": "m", "owner": "o"}, nil, "a.cue:1:39", "comes from a comprehension"},
		{`model: threats: {(x): title: "m"}, x: "T"`, "threats/T/title", "m", "n", "a.cue:1:30", "comes from a field with a computed name"},
		{`model: threats: {[string]: owner: "me", "T": title: "m"}`, "threats/T/owner", "me", "n", "a.cue:1:35", "comes from a pattern constraint"},
		{`model: threats: {[string]: owner: "me", "T": owner: "me"}`, "threats/T/owner", "me", nil, "a.cue:1:35", "comes from a pattern constraint"},
		{`model: metadata: tags: [for i in [1] {i}]`, "metadata/tags", list{1}, list{2}, "a.cue:1:25", "comes from a comprehension"},
		{`model: metadata: tags: [1, ...]`, "metadata/tags", list{1}, list{1, 2}, "a.cue:1:28", "is an open list"},
		{`model: metadata: tags: [1, 2]`, "metadata/tags", list{1}, list{1, 2}, "a.cue:1:24", "is a list of another length"},
		{`model: metadata: tags: [1] + [2]`, "metadata/tags", list{1, 2}, list{1}, "a.cue:1:24", "is the expression [1] + [2]"},
		{`model: metadata: tags: [#x], #x: 1`, "metadata/tags", list{1}, list{2}, "a.cue:1:25", "is a reference to #x"},
		{`model: metadata: name: "m"`, "metadata/title", "default", nil, "a.cue:1:8", "is written nowhere and comes from the schema"},
		{`model: metadata: name: "m"`, "metadata/name", "m", "\xff", "a.cue:1:18", "the new value is no text in UTF-8"},
		{`model: metadata: name: "m"`, "metadata/tags", nil, list{fields{"\xff": 1}}, "a.cue:1:8", "a name in the new value is no text in UTF-8"},
		{`model: metadata: name: "m"`, "metadata/name", "m", 1.5, "a.cue:1:18", "the new value is of a kind that models do not have; they have texts, whole numbers, true and false, null, lists and structs"},
		{`
-- a.cue --
import "example.org/foreign"

model: foreign.model
-- foreign/f.cue --
model: threats: "T": title: "m"
`, "threats/T/title", "m", "n", "foreign/f.cue:1:22", "is written in the package example.org/foreign, which is not of this model"},
		{`
-- a.cue --
import "example.org/foreign"

model: foreign.model
-- foreign/f.cue --
model: threats: "T": title: "m"
`, "threats/T/owner", nil, "n", "foreign/f.cue:1:17", "is written in the package example.org/foreign, which is not of this model"},
		{`
-- a.cue --
import "example.org/cue.mod/copy"

model: copy.model
model: threats: "T": owner: "me"
-- cue.mod/copy/f.cue --
model: threats: "T": title: "m"
`, "threats/T", fields{"title": "m", "owner": "me"}, nil, "cue.mod/copy/f.cue:1:17", "is written in the package example.org/cue.mod/copy, of which this is a copy in cue.mod"},
		{`
-- a.cue --
import "example.org/base"

model: threats: base.threats
-- base/b.cue --
threats: "T": title: "m"
`, "threats/T/title", "m", "n", "a.cue:3:17", "is a reference to base.threats"},
	} {
		t.Run(test.text+" "+test.path, func(t *testing.T) {
			files := module(test.text)
			c := source.Change{Path: slashed(test.path), Old: test.old, New: test.to}
			edits, refusals, err := editor(t, files).Apply([]source.Change{c})
			require.NoError(t, err)
			require.Empty(t, edits)
			require.Len(t, refusals, 1)
			assert.Equal(t, test.reason, refusals[0].Reason)
			assert.Equal(t, test.at, refusals[0].Position.String())
		})
	}
}

// TestAllOrNothing holds that with one refusal nothing changes, and that all refusals are told.
func TestAllOrNothing(t *testing.T) {
	edits, refusals, err := editor(t, module(`model: metadata: {name: "m", title: #t, version: #t}, #t: "t"`)).Apply([]source.Change{
		{Path: slashed("metadata/name"), Old: "m", New: "n"}, {Path: slashed("metadata/title"), Old: "t", New: "u"}, {Path: slashed("metadata/version"), Old: "t", New: "u"}})
	require.NoError(t, err)
	assert.Empty(t, edits)
	require.Len(t, refusals, 2)
	assert.Equal(t, []string{"metadata", "title"}, refusals[0].Change.Path)
	assert.NotEmpty(t, refusals[0].Hint)
}

func TestApplyErrors(t *testing.T) {
	files := module("model: metadata: {name: \"m\", tags: [\"a\"]}\n")
	name := []source.Change{{Path: slashed("metadata/name"), Old: "m", New: "n"}}
	for _, test := range []struct {
		name    string
		changes []source.Change
		read    func(string) ([]byte, error)
		want    string
	}{
		{"a file that is away", name, func(string) ([]byte, error) { return nil, errors.New("a.cue is away") }, "a.cue is away"},
		{"a file that somebody changed", name, func(string) ([]byte, error) { return []byte("other"), nil }, "a.cue has changed since it was read"},
		{"two changes of one value", append(slices.Clone(name), source.Change{Path: slashed("metadata/name"), Old: "m", New: "o"}), nil, "a.cue:1: two changes meet here"},
		{"two new values of one path", []source.Change{{Path: slashed("metadata/title"), New: "a"}, {Path: slashed("metadata/title"), New: "b"}}, nil, "metadata.title changes twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := editor(t, files)
			if test.read != nil {
				e.Read = test.read
			}
			_, _, err := e.Apply(test.changes)
			require.EqualError(t, err, test.want)
		})
	}
}

// FuzzText holds that every text can take the place of every literal, and of none, and comes back.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "plain", "two\nlines", "\n", "a\n\n", `"`, `"""`, "\"\"\"\n\"\"\"#", `\`, `\(x)`, "\t", "\r\n", "\x00", "\u2028\ufeff", "#", `"#`, " a ", "\n \n\t\n", "😀", `\#n`} {
		f.Add(text, text)
		f.Add("old", text)
		f.Add("old\nlines", text)
	}
	f.Fuzz(func(t *testing.T, old, text string) {
		forms := []string{literal.String.Quote(old), literal.String.WithTabIndent(2).Quote(old), `#"` + old + `"#`, "##\"\"\"\n\t" + old + "\n\t\"\"\"##"}
		for _, lit := range append(forms, `"" & ""`) {
			src := "model: metadata: {\n\tname: " + lit + "\n\ttags: [" + lit + ", " + lit + "]\n}\n"
			if _, err := parser.ParseFile("a.cue", src); err != nil {
				continue
			}
			lits, ok := source.New(pack(t, src)).At("model", "metadata", "name").Literals()
			if !ok {
				continue
			}
			was := lits[0].Value
			edits, refusals, err := editor(t, module(src)).Apply([]source.Change{{Path: slashed("metadata/name"), Old: was, New: text},
				{Path: slashed("metadata/title"), New: text}, {Path: slashed("metadata/tags"), Old: list{was, was}, New: list{text, was, text}}})
			require.NoError(t, err)
			if len(refusals) > 0 {
				require.Contains(t, refusals[0].Reason, "UTF-8")
				continue
			}
			v := cuecontext.New().CompileBytes([]byte(src))
			if e, ok := edits["a.cue"]; ok {
				v = cuecontext.New().CompileBytes(e.New)
			}
			var got struct {
				Model struct {
					Metadata struct {
						Name, Title string
						Tags        []string
					}
				}
			}
			require.NoError(t, v.Decode(&got), src)
			require.Equal(t, text, got.Model.Metadata.Name)
			require.Equal(t, text, got.Model.Metadata.Title)
			require.Equal(t, []string{text, was.(string), text}, got.Model.Metadata.Tags)
		}
	})
}

// BenchmarkApply changes a hundred values of a model of 5,000 threats in 50 files, two in each.
func BenchmarkApply(b *testing.B) {
	dir := b.TempDir()
	require.NoError(b, synthetic.Write(dir, 5000))
	names, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	require.NoError(b, err)
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(b, err)
		files[filepath.Base(name)] = string(text)
	}
	e := editor(b, files)
	var changes []source.Change
	for i, id := range e.Root.At("threats").Children() {
		path := []string{"threats", id, "title"}
		switch old, _ := values(at(b, e.Root, path...)); i % 100 {
		case 7:
			changes = append(changes, source.Change{Path: path, Old: old[0], New: "Another title"})
		case 50:
			changes = append(changes, source.Change{Path: []string{"threats", id + "-2"}, New: fields{"title": "Another threat"}})
		}
	}
	require.Len(b, changes, 100)
	for b.Loop() {
		edits, refusals, err := e.Apply(changes)
		require.NoError(b, err)
		require.Empty(b, refusals)
		require.Len(b, edits, 50)
	}
}
