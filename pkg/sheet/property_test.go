package sheet_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/plaintest"
	"github.com/tmkit/tmkit/pkg/export"
	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/sheet"
	"github.com/tmkit/tmkit/pkg/vet"
)

// Models here are what their JSON decodes to, with int for numbers. What sheets show of them, and where, is written down
// in layout once more, so that no code of the way back has a say in what is due.

// kind is what a cell holds.
type kind struct {
	// make makes a value for the row with these keys, or nil where none is possible.
	make func(g *generator, keys []string) any
	// show writes a value as somebody would type it.
	show func(r *rand.Rand, v any) string
	// typed says that a cell may hold the value as what it is and not as text.
	typed bool
	// fallback is the value of a field that is left out, or nil.
	fallback any
}

// column is a column of a table.
type column struct {
	heading string
	// path is where its value is in that of the row, with dots; empty for the row's value itself.
	path string
	// required says that the field must stay.
	required bool
	kind
}

// layout is a table: its name, its tab if it has one, where its rows are in a model, and its columns. In the path a * is a
// key and # the place in a list; the headings of keys and list places are in keys. A row of the table model has one key.
type layout struct {
	table, tab, path, keys string
	columns                []column
}

func must(heading, path string, k kind) column { return column{heading, path, true, k} }
func may(heading, path string, k kind) column  { return column{heading, path, false, k} }

func plain(_ *rand.Rand, v any) string { return v.(string) }

// text makes a text out of a list of parts, some of them awkward for sheets, CSV, CUE or a reader of dates.
func text(parts ...string) kind {
	return kind{show: plain, make: func(g *generator, _ []string) any {
		first := []string{"Word", "=1+1", "-2", "+3 more", "@all", "00123", "1e5", "TRUE", "2026-11-23", "_x0041_", `"Quoted"`, "#N/A", "{x}",
			"//", `\(x)`}
		words := []string{first[max(0, g.IntN(40)-25)]}
		for range g.IntN(7) {
			words = append(words, parts[g.IntN(len(parts))])
		}
		if g.untyped {
			words = append(words, []string{"\u201cquoted\u201d", "a\u00a0b", "two  blanks", "it\u2019s"}[g.IntN(4)])
		}
		return strings.Join(append(words, strconv.Itoa(g.IntN(1000))), " ")
	}}
}

// enum is one of some words.
func enum(words ...string) kind {
	return kind{make: func(g *generator, _ []string) any { return words[g.IntN(len(words))] }, show: func(r *rand.Rand, v any) string {
		switch s := v.(string); r.IntN(4) {
		case 0:
			return strings.ReplaceAll(s, "-", " ")
		case 1:
			return strings.ToUpper(s)
		default:
			return s
		}
	}}
}

// always is one of some ids, which are typed as they are.
func always(ids ...string) kind {
	return kind{show: plain, make: func(g *generator, _ []string) any { return ids[g.IntN(len(ids))] }}
}

// or gives a kind the value of a field that is left out.
func (k kind) or(v any) kind { k.fallback = v; return k }

// ref is the id of an entry; ids of the row's own collection are smaller than its own, so that nothing goes in circles.
func ref(collections ...string) kind {
	return kind{show: plain, make: func(g *generator, keys []string) any {
		ids := g.ids(keys, collections)
		if len(ids) == 0 {
			return nil
		}
		return ids[g.IntN(len(ids))]
	}}
}

// list is a list of different items, parted as sheets show it or as somebody may type it.
func list(of kind, separators ...string) kind {
	return kind{make: func(g *generator, keys []string) any {
		var items []any
		for range 1 + g.IntN(3) {
			if v := of.make(g, keys); v != nil && !slices.Contains(items, v) {
				items = append(items, v)
			}
		}
		if len(items) == 0 {
			return nil
		}
		return items
	}, show: func(r *rand.Rand, v any) string {
		var out []string
		for _, item := range v.([]any) {
			out = append(out, of.show(r, item))
		}
		return strings.Join(out, separators[r.IntN(len(separators))])
	}, typed: of.typed}
}

func wordList(of kind) kind { return list(of, "; ", ", ", "\n", ",", ";") }

// pairs is a map from keys to values, or to structs with the one field; show writes one a line.
func pairs(keys, of kind, field string) kind {
	return kind{make: func(g *generator, own []string) any {
		out := map[string]any{}
		for range 1 + g.IntN(2) {
			key, v := keys.make(g, own), of.make(g, own)
			if key == nil {
				return nil
			}
			if out[key.(string)] = v; field != "" {
				out[key.(string)] = map[string]any{field: v}
			}
		}
		return out
	}, show: func(r *rand.Rand, v any) string {
		var lines []string
		for _, key := range model.Keys(v.(map[string]any)) {
			item := v.(map[string]any)[key]
			if field != "" {
				item = item.(map[string]any)[field]
			}
			lines = append(lines, key+": "+of.show(r, item))
		}
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return strings.Join(lines, "\n")
	}}
}

// layouts are the tables that the test knows.
func layouts() []layout {
	line := text("word", "Two words", "é", "日本", "😀", `"`, `"""`, `\`, `\n`, "'", "a: b", "a; b", "a, b", "// no comment", "#")
	prose := text("word", "Two words", "é", "😀", `"`, `"""`, `\`, `\(x)`, "'", "a: b", "a; b,\n", "\n\n", "\n- item", "`code`", "\tx")
	// A part that is a newline has blanks beside it, which sheets take away.
	made := prose.make
	prose.make = func(g *generator, keys []string) any {
		return strings.ReplaceAll(strings.ReplaceAll(made(g, keys).(string), " \n", "\n"), "\n ", "\n")
	}
	word := kind{show: plain, make: func(g *generator, _ []string) any { return fmt.Sprint("tag-", g.IntN(9)) }}
	date := kind{show: plain, typed: true, make: func(g *generator, _ []string) any {
		return fmt.Sprintf("20%02d-%02d-%02d", 10+g.IntN(30), 1+g.IntN(12), 1+g.IntN(28))
	}}
	release := kind{show: plain, make: func(g *generator, _ []string) any { return fmt.Sprintf("v1.%d", g.IntN(40)) }}
	version := kind{show: plain, make: func(g *generator, _ []string) any { return fmt.Sprintf("0.%d.0", g.IntN(50)) }}
	url := kind{show: plain, make: func(g *generator, _ []string) any {
		return fmt.Sprintf("https://example.com/%d?a=b&c=%%20#d", g.IntN(1000))
	}}
	port := kind{typed: true, make: func(g *generator, _ []string) any { return 1 + g.IntN(65535) },
		show: func(_ *rand.Rand, v any) string { return fmt.Sprint(v) }}
	flag := kind{typed: true, fallback: false, make: func(g *generator, _ []string) any { return g.IntN(2) == 0 },
		show: func(r *rand.Rand, v any) string {
			return map[bool][]string{true: {"yes", "TRUE"}, false: {"no", "False"}}[v.(bool)][r.IntN(2)]
		}}
	level := enum("very-low", "low", "moderate", "high", "very-high")
	degree := enum("low", "moderate", "high")
	party := enum("project", "distributor", "vendor", "provider", "operator", "workload-owner")
	border := enum("enforced", "conditional", "conventional")
	instances := enum("one", "many").or("one")
	elements := wordList(ref("components", "flows", "boundaries", "assets", "actors"))
	evidence := kind{make: func(g *generator, keys []string) any {
		var items []any
		for range 1 + g.IntN(2) {
			method := enum("examine", "interview", "test").make(g, keys)
			items = append(items, map[string]any{"method": method, "what": line.make(g, keys)})
		}
		return items
	}, show: func(_ *rand.Rand, v any) string {
		var lines []string
		for _, item := range v.([]any) {
			lines = append(lines, item.(map[string]any)["method"].(string)+": "+item.(map[string]any)["what"].(string))
		}
		return strings.Join(lines, "\n")
	}}
	// A threat says where it arises in one of two ways.
	oneOf := func(k kind, other string) kind {
		make := k.make
		k.make = func(g *generator, keys []string) any {
			if entry, _ := plaintest.At(g.model, []string{"threats", keys[0]}).(map[string]any); entry[other] != nil {
				return nil
			}
			return make(g, keys)
		}
		return k
	}
	differing := kind{make: func(g *generator, keys []string) any {
		switch keys[3] {
		case "optional":
			return g.IntN(2) == 0
		case "tags":
			return []any{word.make(g, keys), "last"}
		}
		return line.make(g, keys)
	}, show: func(_ *rand.Rand, v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}}
	exposure := func(susceptibility ...string) []column {
		return []column{
			must("Susceptibility", "susceptibility", enum(susceptibility...)), may("Parts", "parts", list(line, "\n")),
			must("Rationale", "rationale", prose), must("Origin", "origin", party),
			must("Bearers", "bearers", pairs(enum("project", "operator", "vendor"), line, "")), may("Evidence", "evidence", evidence),
		}
	}
	references := []column{must("Title", "title", line), must("URL", "url", url)}
	note := []column{must("Note", "note", prose)}
	versions := []column{may("Introduced", "introduced", release), must("Fixed", "fixed", release)}
	own := func(path string, k kind) layout {
		return layout{"model", "", path, "", []column{must("Value", "", k)}}
	}
	return []layout{
		own("metadata.title", line),
		own("metadata.version", version),
		own("metadata.date", date),
		own("metadata.license", line),
		own("metadata.disclaimers", list(line, "\n", "\n\n")),
		own("scope.goals", list(line, "\n")),
		{"owners", "", "metadata.owners.#", "No.", []column{
			must("Name", "name", line), must("Role", "role", line), may("Contact", "contact", line),
		}},
		{"references", "", "metadata.references.#", "No.", references},
		{"out-of-scope", "", "scope.excluded.#", "No.", []column{
			must("What", "what", line), must("Why", "why", prose),
		}},
		{"themes", "", "themes.*", "Id", []column{
			must("Title", "title", line), must("Description", "description", prose),
		}},
		{"assumptions", "", "assumptions.*", "Id", []column{must("Statement", "statement", prose)}},
		{"boundaries", "Boundaries", "boundaries.*", "Id", []column{
			must("Title", "title", line), must("Plane", "plane", enum("network")),
			may("Parent", "parent", ref("boundaries")), may("Instances", "instances", instances),
			must("Inward", "inward", border), must("Outward", "outward", border),
			may("Enforced by", "enforcedBy", wordList(ref("countermeasures"))),
			must("Description", "description", prose),
		}},
		{"components", "Components", "components.*", "Id", []column{
			must("Title", "title", line), must("Kind", "kind", enum("process", "store", "external-entity")),
			must("Boundary", "boundary", ref("boundaries")), may("Part of", "partOf", wordList(ref("components"))),
			may("Instances", "instances", instances), may("Technology", "technology", line),
			must("Responsibility", "responsibility", party),
			may("Holds", "holds", pairs(ref("assets"), enum("plaintext", "encrypted", "key-in-memory"), "form")),
			may("Optional", "optional", flag), may("Tags", "tags", wordList(word)),
			must("Description", "description", prose),
		}},
		{"assets", "Assets", "assets.*", "Id", []column{
			must("Title", "title", line), must("Kind", "kind", enum("data", "credential", "key")),
			must("Confidentiality", "confidentiality", degree), must("Integrity", "integrity", degree),
			must("Availability", "availability", degree),
			may("Credential issued by", "credential.issuedBy", wordList(ref("components"))),
			may("Credential lifetime", "credential.lifetime", line),
			may("Credential revocation", "credential.revocation", enum("none", "delete-object", "rotate-ca")),
			must("Description", "description", prose),
		}},
		{"flows", "Flows", "flows.*", "Id", []column{
			must("Title", "title", line), must("From", "from", ref("components", "actors")),
			must("To", "to", ref("components")), may("Between", "between", enum("same-instance", "other-instance")),
			may("Over", "over", wordList(ref("flows"))), must("Protocol", "protocol", line),
			may("Ports", "ports", wordList(port)),
			must("Client authentication", "clientAuth", enum("none", "bearer-token", "password")),
			must("Server authentication", "serverAuth", enum("none", "host-key")),
			may("Authorization", "authorization", line), must("Encryption", "encryption", enum("none", "tls", "ssh")),
			must("Trust basis", "trustBasis", enum("none", "network-position", "attested")),
			may("Credentials", "credentials", wordList(ref("assets"))),
			may("Carries", "carries", wordList(ref("assets"))), may("Description", "description", prose),
		}},
		{"features", "Features", "features.*", "Id", []column{
			must("Title", "title", line), must("Kind", "kind", enum("design", "runtime-behaviour")),
			may("Component", "component", ref("components")), may("Setting", "setting", line),
			must("Default", "default", enum("on", "off", "not-applicable")), may("Alpha", "stages.alpha", release),
			may("Removed", "stages.removed", release), must("Description", "description", prose),
		}},
		{"actors", "Actors", "actors.*", "Id", []column{
			must("Title", "title", line),
			must("Position", "position", enum("external", "foothold", "insider-organisation")),
			must("Source", "source", enum("adversarial", "accidental")), must("Capability", "capability", level),
			may("Motive", "motive", line), may("Boundary", "boundary", ref("boundaries")),
			may("Access", "access", pairs(ref("components", "flows", "assets"), enum("read", "operate"), "")),
			must("Oversight trace", "oversight.trace", prose),
			may("Oversight recorded in", "oversight.recordedIn", wordList(ref("components"))),
			may("Oversight separation", "oversight.separation", wordList(ref("countermeasures"))),
			must("Description", "description", prose),
		}},
		{"countermeasures", "Countermeasures", "countermeasures.*", "Id", []column{
			must("Title", "title", line), must("Default", "default", enum("on", "off", "conditional", "unavailable")),
			must("Responsibility", "responsibility", party), may("Component", "component", ref("components")),
			may("Feature", "feature", ref("features")),
			may("Requires", "requires", wordList(ref("countermeasures", "components"))),
			may("Introduces", "introduces", wordList(ref("threats"))), must("Description", "description", prose),
			may("Check", "check", prose),
		}},
		{"threats", "Threats", "threats.*", "Id", []column{
			must("Title", "title", line), must("Theme", "theme", ref("themes")),
			must("Actors", "actors", wordList(ref("actors"))), must("Affects", "affects", elements),
			may("Owner", "owner", line), must("Reviewed", "reviewed.date", date),
			must("Reviewed by", "reviewed.by", line), must("Likelihood", "likelihood.level", level),
			must("Likelihood reason", "likelihood.reason", prose), must("Impact", "impact.level", level),
			must("Impact reason", "impact.reason", prose),
			may("As installed likelihood", "asInstalled.likelihood", level),
			must("As installed reason", "asInstalled.reason", prose), may("Hardened impact", "hardened.impact", level),
			must("Hardened reason", "hardened.reason", prose), must("Description", "description", prose),
			may("Entry", "entry", elements), may("Via", "via", elements),
			must("STRIDE", "stride", wordList(enum("spoofing", "tampering", "denial-of-service"))),
			may("Breaks", "breaks", wordList(enum("confidentiality", "integrity"))),
			may("Arises from", "arisesFrom", oneOf(wordList(ref("features")), "arisesOutside")),
			must("Arises outside", "arisesOutside", oneOf(prose, "arisesFrom")),
			may("Preconditions", "preconditions", list(line, "\n", "\n\n")),
			may("Leads to", "leadsTo", wordList(ref("threats"))), may("No technique because", "noTechnique", prose),
			may("Assumptions", "assumptions", wordList(ref("assumptions"))), may("Tags", "tags", wordList(word)),
			may("Notes", "notes", prose),
		}},
		{"attack-trees", "", "attackTrees.*", "Id", []column{
			must("Title", "title", line), must("Goal", "goal", line), must("Root", "root", always("n-1")),
		}},
		{"scenarios", "", "scenarios.*", "Id", []column{
			must("Title", "title", line), must("Description", "description", prose),
		}},
		{"views", "", "views.*", "Id", []column{
			must("Title", "title", line), must("Kind", "kind", enum("data-flow", "trust")),
			must("Description", "description", prose),
			must("Selects boundaries", "selects.boundaries", wordList(ref("boundaries"))),
			may("Selects tags", "selects.tags", wordList(word)),
			may("Selects themes", "selects.themes", wordList(ref("themes"))),
		}},
		{"profiles", "", "profiles.*", "Id", []column{
			must("Title", "title", line), must("Description", "description", prose),
			may("Absent", "absent", wordList(ref("components"))),
		}},
		{"tensions", "", "tensions.*", "Id", []column{
			must("Statement", "statement", prose), may("Threats", "threats", wordList(ref("threats"))),
		}},
		{"inbox", "Inbox", "inbox.*", "Id", []column{
			must("Title", "title", line), may("What", "what", prose), may("So what", "soWhat", prose),
			may("Raised by", "raisedBy", line), may("Date", "date", date),
		}},
		{"waivers", "", "waivers.*", "Id", []column{
			must("Policy", "policy", line), must("Subject", "subject", ref("threats", "components")),
			must("Reason", "reason", prose), must("Expires", "expires", date), must("Approved by", "approvedBy", line),
		}},
		{"reviews", "", "reviews.*", "Id", []column{
			must("Date", "date", date), must("Roles", "roles", list(line, "\n")), must("Scope", "scope", prose),
			may("Outcomes", "outcomes", list(line, "\n")),
		}},
		{"attack-tree-nodes", "Attack trees", "attackTrees.*.nodes.*", "Attack tree, Node", []column{
			must("Label", "label", line), may("Gate", "gate", enum("and", "or", "sequence")),
			may("Threat", "threat", ref("threats")), may("Assumption", "assumption", ref("assumptions")),
			must("Reason", "reason", prose),
		}},
		{"scenario-steps", "", "scenarios.*.steps.#", "Scenario, No.", []column{
			must("Flow", "flow", ref("flows")), may("Note", "note", line),
		}},
		{"tension-entries", "", "tensions.*.entries.#", "Tension, No.", []column{
			must("Catalogue", "catalogue", always("a-list")), must("Entry", "entry", always(entries...)),
		}},
		{"threat-countermeasure", "Threat-Countermeasure", "threats.*.countermeasures.*", "Threat, Countermeasure", []column{
			must("Effect", "effect", enum("prevent", "detect", "limit")),
			may("Extent", "extent", enum("partial", "full").or("partial")), may("Note", "note", prose),
		}},
		{"at-risk", "At risk", "threats.*.putsAtRisk.*.*", "Subject, Catalogue, Entry", exposure("inherent", "default", "conditional")},
		{"at-risk", "At risk", "components.*.putsAtRisk.*.*", "Subject, Catalogue, Entry", exposure("inherent", "resistant")},
		{"at-risk", "At risk", "features.*.putsAtRisk.*.*", "Subject, Catalogue, Entry", exposure("default", "resistant")},
		{"decisions", "Decisions", "threats.*.decision", "Threat", []column{
			must("Decision", "what", enum("mitigate", "accept")), must("By", "by", line), must("Date", "date", date),
			must("Reason", "reason", prose),
		}},
		{"techniques", "", "threats.*.techniques.*.*", "Threat, Catalogue, Entry", note},
		{"weaknesses", "", "threats.*.weaknesses.*.*", "Threat, Catalogue, Entry", note},
		{"covers", "", "threats.*.covers.*.*", "Threat, Catalogue, Entry", []column{
			must("Extent", "extent", enum("full", "partial")), may("Note", "note", prose),
		}},
		{"supports", "", "countermeasures.*.supports.*.*", "Countermeasure, Catalogue, Entry", []column{
			must("Rationale", "rationale", prose),
		}},
		{"references", "", "threats.*.references.#", "Subject, No.", references},
		{"references", "", "assumptions.*.references.#", "Subject, No.", references},
		{"affected-versions", "", "threats.*.affectedVersions.#", "Subject, No.", versions},
		{"affected-versions", "", "countermeasures.*.affectedVersions.#", "Subject, No.", versions},
		{"considered", "", "considered.*.*", "Subject, Question", []column{
			must("Verdict", "verdict", enum("threat", "not-a-threat", "out-of-scope")),
			must("Reason", "reason", prose), must("Threat", "threat", ref("threats")), may("By", "by", line),
			may("Date", "date", date),
		}},
		{"exclusions", "", "exclusions.*.*", "Catalogue, Entry", []column{
			must("Reason", "reason", prose), may("Profile", "profile", ref("profiles")),
		}},
		{"profile-differences", "Profiles", "profiles.*.differs.*.*.*", "Profile, Collection, Id, Field", []column{
			must("Value", "", differing),
		}},
	}
}

// entries are those of the models' only catalogue.
var entries = []string{"AC-1", "AC-2", "AC-2(1)", "B/1", "B/2", "C 3.1"}

// put returns the value with another one at a path. A nil takes away what is there; nothing empty stays behind.
func put(v any, path []string, to any) any {
	if len(path) == 0 {
		return to
	}
	if items, ok := v.([]any); ok || v == nil && path[0] == "0" {
		i, err := strconv.Atoi(path[0])
		if err != nil {
			return v
		}
		items = slices.Clone(items)
		if i == len(items) {
			items = append(items, nil)
		}
		items[i] = put(items[i], path[1:], to)
		return items
	}
	fields := map[string]any{}
	if old, ok := v.(map[string]any); ok {
		fields = maps.Clone(old)
	}
	if to == nil && (len(path) == 1 || fields[path[0]] == nil) {
		delete(fields, path[0])
	} else {
		fields[path[0]] = put(fields[path[0]], path[1:], to)
	}
	return fields
}

// lean returns a value without what is empty, and the items of lists that are gone.
func lean(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range x {
			if item = lean(item); item != nil {
				out[name] = item
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case []any:
		var out []any
		for _, item := range x {
			if item = lean(item); item != nil {
				out = append(out, item)
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	}
	return v
}

// row is a row of a table: its keys as the table shows them, and where its value is.
type row struct {
	*layout
	keys []string
	path []string
}

func (r row) String() string { return r.table + " " + strings.Join(r.keys, "/") }

// below returns the path of a column's value.
func (r row) below(c column) []string {
	if c.path == "" {
		return r.path
	}
	return append(slices.Clip(r.path), strings.Split(c.path, ".")...)
}

// numbered says that the row is an item of a list.
func (r row) numbered() bool { return strings.HasSuffix(r.layout.path, "#") }

// list is the path of the list that the row is an item of.
func (r row) list() []string { return r.path[:len(r.path)-1] }

// rows returns the rows that a model has of a table.
func (l *layout) rows(m any) []row {
	parts := strings.Split(l.path, ".")
	var out []row
	var walk func(v any, i int, keys, path []string)
	walk = func(v any, i int, keys, path []string) {
		if v == nil {
			return
		}
		if i == len(parts) {
			if len(keys) == 0 {
				keys = []string{l.path}
			}
			out = append(out, row{l, keys, path})
			return
		}
		switch parts[i] {
		case "*":
			fields, _ := v.(map[string]any)
			for _, key := range model.Keys(fields) {
				walk(fields[key], i+1, append(slices.Clip(keys), key), append(slices.Clip(path), key))
			}
		case "#":
			if len(keys) == 0 {
				keys = []string{"model"}
			}
			items, _ := v.([]any)
			for n, item := range items {
				walk(item, i+1, append(slices.Clip(keys), strconv.Itoa(n+1)), append(slices.Clip(path), strconv.Itoa(n)))
			}
		default:
			walk(plaintest.At(v, parts[i:i+1]), i+1, keys, append(slices.Clip(path), parts[i]))
		}
	}
	walk(m, 0, nil, nil)
	return out
}

// fresh makes up a row that a model does not have, or returns false.
func (l *layout) fresh(g *generator) (row, bool) {
	var keys, path []string
	parts := strings.Split(l.path, ".")
	choose := func(from []string) string {
		if len(from) == 0 {
			return ""
		}
		return from[g.IntN(len(from))]
	}
	for i, part := range parts {
		key := part
		switch part {
		case "*":
			switch {
			case i == 1 && len(parts) == 2:
				key = newID(parts[0], g.IntN(900)+100)
			case i == 1 && parts[0] == "considered":
				key = choose(g.collected("components"))
			case parts[0] == "exclusions" && i == 1, i == 3 && !slices.Contains([]string{"differs", "nodes", "countermeasures"}, parts[2]):
				key = "a-list"
			case i == 1:
				key = choose(g.collected(parts[0]))
			case parts[0] == "considered":
				key = fmt.Sprint("question-", g.IntN(9))
			case parts[2] == "nodes":
				key = fmt.Sprint("n-", 2+g.IntN(9))
			case parts[2] == "countermeasures":
				key = choose(g.collected("countermeasures"))
			case parts[2] == "differs" && i == 3:
				key = []string{"components", "threats"}[g.IntN(2)]
			case parts[2] == "differs" && i == 4:
				key = choose(g.collected(path[3]))
			case parts[2] == "differs":
				fields := map[string][]string{"components": {"optional", "technology", "tags"}, "threats": {"owner", "tags", "notes"}}
				key = choose(fields[path[3]])
			default:
				key = entries[g.IntN(len(entries))]
			}
			if key == "" {
				return row{}, false
			}
			keys = append(keys, key)
		case "#":
			if len(keys) == 0 {
				keys = []string{"model"}
			}
			items, _ := plaintest.At(g.model, path).([]any)
			key = strconv.Itoa(len(items))
			keys = append(keys, strconv.Itoa(len(items)+1))
		}
		path = append(path, key)
	}
	if len(keys) == 0 {
		keys = []string{l.path}
	}
	return row{l, keys, path}, plaintest.At(g.model, path) == nil
}

// first returns the row without which the entry with an id is not whole, if there is such a row.
func (l *layout) first(id string) (row, bool) {
	parts := strings.Split(l.path, ".")
	switch l.table {
	case "attack-tree-nodes":
		return row{l, []string{id, "n-1"}, []string{parts[0], id, parts[2], "n-1"}}, true
	case "scenario-steps", "tension-entries":
		return row{l, []string{id, "1"}, []string{parts[0], id, parts[2], "0"}}, true
	}
	return row{}, false
}

func newID(collection string, n int) string {
	if collection == "threats" {
		return fmt.Sprintf("T-ONE-%03d", n)
	}
	return fmt.Sprintf("%s-%d", strings.ToLower(collection), n)
}

// generator makes random values for a model.
type generator struct {
	*rand.Rand
	model any
	// untyped says that texts may hold what nobody types, or what a sheet program changes unseen.
	untyped bool
}

func (g *generator) collected(collection string) []string {
	entries, _ := plaintest.At(g.model, []string{collection}).(map[string]any)
	return slices.DeleteFunc(model.Keys(entries), func(id string) bool { return id == "" })
}

func (g *generator) ids(keys, collections []string) []string {
	var out []string
	for _, c := range collections {
		ids := g.collected(c)
		if len(keys) > 0 && keys[0] != "" && plaintest.At(g.model, []string{c, keys[0]}) != nil {
			ids = slices.DeleteFunc(ids, func(id string) bool { return id >= keys[0] })
		}
		out = append(out, ids...)
	}
	return out
}

// fill makes the values of a row, by the paths of its columns, the required and some of the others, and puts them into
// the model.
func (g *generator) fill(r row) map[string]any {
	out := map[string]any{}
	if strings.HasSuffix(r.layout.path, ".*") && len(r.path) == 2 && r.path[0] != "considered" {
		g.model = put(g.model, append(slices.Clip(r.path), "id"), r.path[1])
	}
	for _, c := range r.columns {
		v := c.fallback
		if c.required || g.IntN(2) == 0 {
			if made := c.make(g, r.keys); made != nil {
				v = made
				out[c.path] = v
			}
		}
		if v != nil {
			g.model = put(g.model, r.below(c), v)
		}
	}
	return out
}

// random makes a model.
func random(g *generator, tables []layout) {
	g.untyped = true
	metadata := map[string]any{"name": "random", "stage": "draft", "audience": "public"}
	g.model = map[string]any{"schema": "v1.0", "kind": "ThreatModel", "metadata": metadata}
	// Ids come first, so that there is something to refer to.
	for _, l := range tables {
		if parts := strings.Split(l.path, "."); len(parts) == 2 && parts[1] == "*" {
			least := 1
			if later(parts) || slices.Contains([]string{"attackTrees", "profiles", "assumptions"}, parts[0]) {
				least = 0
			}
			for n := range least + g.IntN(3) {
				id := newID(parts[0], 1+n)
				g.model = put(g.model, []string{parts[0], id, "id"}, id)
			}
		}
	}
	for i := range tables {
		l := &tables[i]
		rows := l.rows(g.model)
		switch parts := strings.Split(l.path, "."); {
		case l.table == "model":
			if r, ok := l.fresh(g); ok && (l.path == "metadata.title" || l.path == "metadata.version" || g.IntN(2) == 0) {
				rows = []row{r}
			}
		case len(parts) == 2 && parts[1] == "*":
		default:
			for _, id := range g.collected(parts[0]) {
				if r, ok := l.first(id); ok {
					g.fill(r)
				}
			}
			many := 3
			if strings.HasSuffix(l.path, "#") {
				many = 6
			}
			for range g.IntN(many) {
				if r, ok := l.fresh(g); ok {
					g.fill(r)
				}
			}
			continue
		}
		for _, r := range rows {
			g.fill(r)
		}
	}
	g.model = lean(g.model)
	g.untyped = false
}

// author writes a model as CUE, in a random style, over the files of one or two packages.
type author struct {
	*rand.Rand
	comments int
	// files are what the files say: a tree of fields, and statements of their own.
	files []*file
}

type file struct {
	name, start string
	tree        any
	statements  []string
}

func (a *author) comment() string {
	a.comments++
	return fmt.Sprintf("// Comment %d.", a.comments)
}

func (a *author) label(name string) string {
	if a.IntN(2) == 0 || ast.StringLabelNeedsQuoting(name) {
		return literal.String.Quote(name)
	}
	return name
}

// expr writes a value; in a line it has no line ends.
func (a *author) expr(v any, indent string, line bool) string {
	switch v := v.(type) {
	case string:
		switch a.IntN(8) {
		case 0:
			if !line {
				return literal.String.WithTabIndent(len(indent) + 1).Quote(v)
			}
		case 1:
			return "(" + literal.String.Quote(v) + ")"
		case 2:
			return literal.String.Quote(v) + " & " + literal.String.Quote(v)
		case 3:
			raw := `#"` + v + `"#`
			if s, err := literal.Unquote(raw); err == nil && s == v {
				return raw
			}
		}
		return literal.String.Quote(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, a.expr(item, indent+"\t", true))
		}
		return a.block("[", "]", items, indent, line)
	case map[string]any:
		var fields []string
		for _, name := range model.Keys(v) {
			fields = append(fields, a.field(name, v[name], indent+"\t", line))
		}
		return a.block("{", "}", fields, indent, line)
	}
	return fmt.Sprint(v)
}

// field writes a field, with chained labels where there is but one below.
func (a *author) field(name string, v any, indent string, line bool) string {
	if fields, ok := v.(map[string]any); ok && len(fields) == 1 && a.IntN(2) == 0 {
		for below, v := range fields {
			return a.label(name) + ": " + a.field(below, v, indent, line)
		}
	}
	_, isStruct := v.(map[string]any)
	return a.label(name) + ": " + a.expr(v, indent, line || !isStruct && a.IntN(2) == 0)
}

func (a *author) block(open, end string, parts []string, indent string, line bool) string {
	if line || a.IntN(5) == 0 && !strings.Contains(strings.Join(parts, ""), "\n") {
		return open + strings.Join(parts, ", ") + end
	}
	out := open + "\n"
	for _, part := range parts {
		switch a.IntN(8) {
		case 0:
			out += indent + "\t" + a.comment() + "\n"
		case 1:
			out += "\n"
		}
		out += indent + "\t" + part
		if open == "[" {
			out += ","
		}
		if a.IntN(8) == 0 {
			out += " " + a.comment()
		}
		out += "\n"
	}
	return out + indent + end
}

// later says that what is at a path may be said by a package that imports the other: what no required field and no
// reference needs.
func later(path []string) bool {
	switch {
	case len(path) == 2:
		return slices.Contains([]string{"inbox", "waivers", "reviews", "tensions", "scenarios", "views"}, path[0])
	case len(path) == 3 && path[0] != "attackTrees" && path[0] != "scenarios" && path[0] != "tensions":
		return slices.Contains([]string{"putsAtRisk", "countermeasures", "references", "notes", "tags", "decision", "techniques", "covers",
			"weaknesses", "supports", "affectedVersions", "technology", "owner", "check"}, path[2])
	}
	return false
}

// place gives what is at a path to a file, or its parts to several.
func (a *author) place(path []string, v any, files []*file) {
	if later(path) && len(a.files) > len(files) && a.IntN(2) == 0 {
		files = a.files[len(files):]
	}
	fields, isStruct := v.(map[string]any)
	if isStruct && len(path) < 5 && (len(path) == 0 || slices.Contains([]int{0, 2}, a.IntN(4))) {
		for _, name := range model.Keys(fields) {
			a.place(append(slices.Clip(path), name), fields[name], files)
		}
		return
	}
	times := 1
	if s, ok := v.(string); ok && len(s) > 0 && a.IntN(40) == 0 {
		times = 2 // said twice
	}
	for range times {
		f := files[a.IntN(len(files))]
		if a.IntN(3) > 0 {
			f.tree = put(f.tree, path, v)
			continue
		}
		statement := ""
		if a.IntN(2) == 0 {
			statement = a.comment() + "\n"
		}
		for _, name := range path {
			statement += ": " + a.label(name)
		}
		f.statements = append(f.statements, strings.Replace(statement, ": ", "model: ", 1)+": "+a.expr(v, "", false)+"\n")
	}
}

// omit leaves out some of the values that are defaults.
func (a *author) omit(v any, tables []layout) any {
	for i := range tables {
		for _, r := range tables[i].rows(v) {
			for _, c := range r.columns {
				if c.fallback != nil && plaintest.At(v, r.below(c)) == c.fallback && a.IntN(3) > 0 {
					v = put(v, r.below(c), nil)
				}
			}
		}
	}
	return v
}

// The beginnings of what authors write.
const (
	module = `module: "example.org/m@v0"
language: version: "v0.14.0"
`
	base = `package base

import (
	"tmkit.dev/schema/v1"
	"example.org/m/list"
)

model: v1.#ThreatModel & {catalogs: "a-list": list.catalog}
`
	leaf = `package leaf

import "example.org/m/base"

model: base.model
`
	listing = `package list

import "tmkit.dev/schema/v1"

catalog: v1.#Catalog & {
	id: "a-list", title: "A list", version: "1", kind: "controls"
	publisher: "A publisher", license: "Public domain", url: "https://example.com"
	entries: {%s}
}
`
)

// write writes a model as the files of a module.
func (a *author) write(t testing.TB, dir string, m any, tables []layout) {
	a.files = []*file{{name: "base/model.cue", start: base}}
	for i := range a.IntN(3) {
		a.files = append(a.files, &file{name: fmt.Sprintf("base/%c.cue", 'a'+i), start: "package base\n"})
	}
	first := a.files
	if a.IntN(3) > 0 {
		a.files = append(slices.Clip(a.files), &file{name: "leaf/leaf.cue", start: leaf})
		if a.IntN(2) == 0 {
			a.files = append(a.files, &file{name: "leaf/more.cue", start: "package leaf\n"})
		}
	}
	a.place(nil, a.omit(m, tables), first)
	var ids []string
	for _, id := range entries {
		ids = append(ids, fmt.Sprintf("%q: title: %q", id, "Entry "+id))
	}
	texts := map[string]string{"cue.mod/module.cue": module, "list/list.cue": fmt.Sprintf(listing, strings.Join(ids, ", "))}
	for _, f := range a.files {
		out := f.start
		if f.tree != nil {
			out += "\n" + a.field("model", f.tree, "", false) + "\n"
		}
		for _, s := range f.statements {
			out += "\n" + s
		}
		if a.IntN(2) == 0 {
			formatted, err := format.Source([]byte(out))
			require.NoError(t, err, out)
			out = string(formatted)
		}
		texts[f.name] = out
	}
	for _, name := range model.Keys(texts) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(texts[name]), 0o644))
	}
}

// paper is an export as a person has it before them.
type paper struct {
	// dir is the folder of CSV files; a workbook has data.
	dir  string
	data []byte
	book *excelize.File
	tabs map[string][][]any
	was  map[string][][]any
}

// escapes are what a workbook takes for a character, and what excelize writes as it is.
var escapes = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

const moreTab = "More"

// open shows the tables of an export, as they were.
func (p *paper) open(t testing.TB, tables []layout) {
	p.tabs, p.was = map[string][][]any{}, map[string][][]any{}
	add := func(name string, rows [][]string) {
		width := 0
		for _, r := range rows {
			width = max(width, len(r))
		}
		for _, r := range rows {
			cells := make([]any, width)
			for i := range cells {
				if cells[i] = ""; i < len(r) {
					cells[i] = r[i]
				}
			}
			p.tabs[name] = append(p.tabs[name], cells)
			p.was[name] = append(p.was[name], slices.Clone(cells))
		}
	}
	if p.dir != "" {
		names, err := filepath.Glob(filepath.Join(p.dir, "*.csv"))
		require.NoError(t, err)
		for _, name := range names {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			require.NoError(t, err)
			add(filepath.Base(name), rows)
		}
		return
	}
	var err error
	p.book, err = excelize.OpenReader(bytes.NewReader(p.data))
	require.NoError(t, err)
	for _, name := range p.book.GetSheetList() {
		if name == moreTab || slices.ContainsFunc(tables, func(l layout) bool { return l.tab == name }) {
			rows, err := p.book.GetRows(name, excelize.Options{RawCellValue: true})
			require.NoError(t, err)
			add(name, rows)
		}
	}
}

// tab returns the name of the tab of a table.
func (p *paper) tab(l *layout) string {
	if p.dir != "" {
		return l.table + ".csv"
	}
	return cmp.Or(l.tab, moreTab)
}

// has says that a table has a place to add to: exports leave out some that are empty.
func (p *paper) has(l *layout) bool { return len(p.tabs[p.tab(l)]) > 0 }

func index(header []any, heading string) int {
	return slices.IndexFunc(header, func(c any) bool { return c == heading })
}

func (r row) key() string {
	var out []string
	for _, key := range r.keys {
		out = append(out, strings.NewReplacer("%", "%25", "/", "%2F").Replace(key))
	}
	return strings.Join(out, "/")
}

// find returns the indexes of a row, or of its lines.
func (p *paper) find(r row) []int {
	var out []int
	cells := p.tabs[p.tab(r.layout)]
	for i := 1; i < len(cells); i++ {
		keys := r.keys
		if p.tab(r.layout) == moreTab {
			keys = []string{r.table, r.key()}
		}
		if slices.EqualFunc(cells[i][:len(keys)], keys, func(c any, key string) bool { return c == key }) {
			out = append(out, i)
		}
	}
	return out
}

// set writes into a cell.
func (p *paper) set(t testing.TB, r row, heading string, v any) {
	name := p.tab(r.layout)
	cells := p.tabs[name]
	if name == moreTab {
		for _, i := range p.find(r) {
			if cells[i][2] == heading {
				cells[i][3] = v
				return
			}
		}
		p.tabs[name] = append(cells, []any{r.table, r.key(), heading, v, ""})
		return
	}
	rows := p.find(r)
	require.Len(t, rows, 1, "%s in %s", r, name)
	cells[rows[0]][index(cells[0], heading)] = v
}

// add writes a new row.
func (p *paper) add(t testing.TB, r row, values map[string]any) {
	name := p.tab(r.layout)
	if name == moreTab {
		for _, heading := range model.Keys(values) {
			p.set(t, r, heading, values[heading])
		}
		return
	}
	header := p.tabs[name][0]
	cells := make([]any, len(header))
	for i := range cells {
		if cells[i] = ""; i < len(r.keys) {
			cells[i] = r.keys[i]
		}
	}
	for heading, v := range values {
		require.GreaterOrEqual(t, index(header, heading), 0, "%s: %s", name, heading)
		cells[index(header, heading)] = v
	}
	p.tabs[name] = append(p.tabs[name], cells)
}

// drop takes a row out.
func (p *paper) drop(r row) {
	rows := p.find(r)
	name := p.tab(r.layout)
	kept := [][]any{}
	for i, cells := range p.tabs[name] {
		if !slices.Contains(rows, i) {
			kept = append(kept, cells)
		}
	}
	p.tabs[name] = kept
}

// shuffle puts the rows and columns of some tabs into another order.
func (p *paper) shuffle(r *rand.Rand) {
	for _, name := range model.Keys(p.tabs) {
		cells := p.tabs[name]
		if r.IntN(6) > 0 || len(cells) == 0 {
			continue
		}
		r.Shuffle(len(cells)-1, func(i, j int) { cells[i+1], cells[j+1] = cells[j+1], cells[i+1] })
		order := r.Perm(len(cells[0]))
		for i, row := range cells {
			moved := make([]any, len(row))
			for j := range row {
				moved[order[j]] = row[j]
			}
			cells[i] = moved
		}
	}
}

// read saves what was written and reads it as an import does.
func (p *paper) read(t testing.TB, r *rand.Rand) *sheet.Book {
	dir := t.TempDir()
	name := dir
	if p.dir != "" {
		for _, tab := range model.Keys(p.tabs) {
			var buf bytes.Buffer
			w := csv.NewWriter(&buf)
			for _, cells := range p.tabs[tab] {
				record := make([]string, len(cells))
				for i, c := range cells {
					record[i] = c.(string)
				}
				require.NoError(t, w.Write(record))
			}
			w.Flush()
			require.NoError(t, os.WriteFile(filepath.Join(dir, tab), buf.Bytes(), 0o644))
		}
	} else {
		name = filepath.Join(dir, "book.xlsx")
		require.NoError(t, os.WriteFile(name, p.save(t, r), 0o644))
	}
	book, err := sheet.Read(name)
	require.NoError(t, err)
	return book
}

// save writes the cells that changed into the workbook.
func (p *paper) save(t testing.TB, r *rand.Rand) []byte {
	f := p.book
	dates, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	require.NoError(t, err)
	for _, tab := range model.Keys(p.tabs) {
		was, is := p.was[tab], p.tabs[tab]
		for i := range max(len(was), len(is)) {
			for j := range len(was[0]) {
				var old, v any = "", ""
				if i < len(was) {
					old = was[i][j]
				}
				if i < len(is) {
					v = is[i][j]
				}
				if old == v {
					continue
				}
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				require.NoError(t, err)
				switch v := v.(type) {
				case string:
					err = f.SetCellStr(tab, cell, escapes.ReplaceAllString(v, "_x005F$0"))
				default:
					// excelize leaves the text of the cell beside a value of another type.
					require.NoError(t, f.SetCellStr(tab, cell, ""))
					if _, ok := v.(time.Time); ok {
						require.NoError(t, f.SetCellStyle(tab, cell, cell, dates))
					}
					err = f.SetCellValue(tab, cell, v)
				}
				require.NoError(t, err)
			}
		}
	}
	if tabs := f.GetSheetList(); r.IntN(6) == 0 {
		require.NoError(t, f.MoveSheet(tabs[r.IntN(len(tabs))], tabs[r.IntN(len(tabs))]))
	}
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	require.NoError(t, f.Close())
	return out.Bytes()
}

// trial is a model, a sheet that was exported of it at some time, and what was done since.
type trial struct {
	generator
	tables []layout
	// exported is the model as the sheet has it.
	exported any
	paper    *paper
	// touched are the paths that were edited since the last import, and done what was.
	touched [][]string
	done    []string
}

func begins(path, with []string) bool {
	return len(path) >= len(with) && slices.Equal(path[:len(with)], with)
}

// touch says that a path is edited, or returns false where an edit of it, or of what is around it or in it, was before.
func (c *trial) touch(path []string, format string, args ...any) bool {
	for _, t := range c.touched {
		if begins(path, t) || begins(t, path) {
			return false
		}
	}
	c.touched = append(c.touched, path)
	c.done = append(c.done, fmt.Sprintf(format, args...))
	return true
}

// type what somebody would type for a value where another was, or what a sheet program makes of it.
func (c *trial) typed(k kind, v, was any) any {
	if c.paper.dir == "" && k.typed && c.IntN(2) == 0 {
		switch x := v.(type) {
		case string:
			if day, err := time.Parse(time.DateOnly, x); err == nil {
				return day
			}
		case bool:
			return x
		case []any:
			if n, ok := x[0].(int); ok && len(x) == 1 {
				return n
			}
		}
	}
	s := k.show(c.Rand, v)
	old, isText := was.(string)
	_, list := v.([]any)
	_, word := v.(string)
	switch {
	case c.IntN(3) > 0 || !list && !word:
	case c.IntN(2) == 0 && isText && old != "" && !strings.ContainsAny(old, "\u201c\u201d\u2019"):
		s = strings.NewReplacer(`"`, "\u201c", "'", "\u2019").Replace(s)
	case c.IntN(2) == 0:
		s = strings.ReplaceAll(s, "\n", "\r\n") + " \u200b"
	default:
		s = " " + strings.Replace(s, " ", "\u00a0", 1)
	}
	return s
}

// edit makes one random edit, on paper and in the model, or returns false where chance led nowhere.
func (c *trial) edit(t testing.TB) bool {
	l := &c.tables[c.IntN(len(c.tables))]
	switch c.IntN(8) {
	case 0, 1:
		return c.insert(t, l)
	}
	rows := slices.DeleteFunc(l.rows(c.exported), func(r row) bool { return !c.unmoved(r) })
	if len(rows) == 0 {
		return false
	}
	r := rows[c.IntN(len(rows))]
	if c.IntN(8) == 0 || r.numbered() && c.IntN(2) == 0 {
		return c.remove(r)
	}
	return c.change(t, r, r.columns[c.IntN(len(r.columns))])
}

// unmoved says that a row of the sheet is still one of the model.
func (c *trial) unmoved(r row) bool {
	if r.numbered() {
		return reflect.DeepEqual(plaintest.At(c.exported, r.list()), plaintest.At(c.model, r.list()))
	}
	return plaintest.At(c.model, r.path) != nil
}

func (c *trial) change(t testing.TB, r row, col column) bool {
	path := r.below(col)
	now := plaintest.At(c.model, path)
	if !reflect.DeepEqual(now, plaintest.At(c.exported, path)) {
		return false
	}
	if !col.required && now != nil && c.IntN(4) == 0 {
		if !c.touch(path, "%s: %s is cleared", r, col.heading) {
			return false
		}
		c.paper.set(t, r, col.heading, "")
		c.model = put(c.model, path, col.fallback)
		return true
	}
	v := col.make(&c.generator, r.keys)
	if v == nil || reflect.DeepEqual(v, now) {
		return false
	}
	typed := c.typed(col.kind, v, now)
	if !c.touch(path, "%s: %s: %#v becomes %#v", r, col.heading, now, typed) {
		return false
	}
	c.paper.set(t, r, col.heading, typed)
	c.model = put(c.model, path, v)
	return true
}

// clash edits a cell that the model has changed since the export, or returns false where there is none.
func (c *trial) clash(t testing.TB) bool {
	for i := range c.tables {
		for _, r := range c.tables[i].rows(c.exported) {
			for _, col := range r.columns {
				path := r.below(col)
				was, now, v := plaintest.At(c.exported, path), plaintest.At(c.model, path), col.make(&c.generator, r.keys)
				differ := !reflect.DeepEqual(was, now) && !reflect.DeepEqual(v, was) && !reflect.DeepEqual(v, now)
				if r.numbered() || plaintest.At(c.model, r.path) == nil || v == nil || !differ {
					continue
				}
				c.touch(path, "%s: %s: %#v, now %#v, becomes %#v", r, col.heading, was, now, v)
				c.paper.set(t, r, col.heading, col.show(c.Rand, v))
				return true
			}
		}
	}
	return false
}

func (c *trial) remove(r row) bool {
	// What others refer to stays, and what an entry is not whole without.
	entry := len(r.path) == 2 && !later(r.path)
	_, first := r.first("")
	first = first && slices.Contains([]string{"n-1", "1"}, r.keys[1])
	if entry || first || r.table == "model" || !reflect.DeepEqual(plaintest.At(c.model, r.path), plaintest.At(c.exported, r.path)) {
		return false
	}
	if !c.touch(r.path, "%s is dropped", r) {
		return false
	}
	c.paper.drop(r)
	c.model = put(c.model, r.path, nil)
	return true
}

func (c *trial) insert(t testing.TB, l *layout) bool {
	parts := slices.IndexFunc(c.tables, func(of layout) bool {
		_, ok := of.first("")
		return ok && strings.HasPrefix(of.path, l.path+".")
	})
	if !c.paper.has(l) || parts >= 0 && !c.paper.has(&c.tables[parts]) {
		return false
	}
	r, ok := l.fresh(&c.generator)
	if !ok || plaintest.At(c.exported, r.path) != nil || r.numbered() && !c.unmoved(r) && !c.listed(r) {
		return false
	}
	if !c.touch(r.path, "%s is added", r) {
		return false
	}
	if l.keys == "Id" && parts < 0 && c.paper.tab(l) != moreTab && c.IntN(3) == 0 && plaintest.At(c.model, []string{r.path[0], ""}) == nil {
		r.path[1], r.keys[0] = "", ""
	}
	c.write(t, r)
	if parts >= 0 {
		first, _ := c.tables[parts].first(r.path[1])
		c.write(t, first)
	}
	return true
}

// write makes up the values of a new row.
func (c *trial) write(t testing.TB, r row) {
	made, values := c.fill(r), map[string]any{}
	for _, col := range r.columns {
		if v, ok := made[col.path]; ok {
			values[col.heading] = c.typed(col.kind, v, nil)
		}
	}
	c.paper.add(t, r, values)
}

// listed says that the list of a new item differs from what the sheet has by what was done to the sheet alone.
func (c *trial) listed(r row) bool {
	return slices.ContainsFunc(c.touched, func(path []string) bool { return begins(path, r.list()) })
}

// decoded is a model as its JSON has it.
func decoded(t testing.TB, m *model.Model) any {
	b, err := json.Marshal(m)
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v map[string]any
	require.NoError(t, d.Decode(&v))
	delete(v, "catalogs")
	delete(v, "riskMatrix")
	return lean(whole(v))
}

func whole(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.Atoi(v.String())
		if err != nil {
			return v.String()
		}
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

// evaluate returns the model of a module.
func evaluate(t testing.TB, dir string, s *schema.Schema, told func() string) *model.Model {
	leaf := "./leaf"
	if _, err := os.Stat(filepath.Join(dir, leaf)); err != nil {
		leaf = "./base"
	}
	report, err := vet.Run(load.Options{Dir: dir, Patterns: []string{leaf}, Schema: s})
	require.NoError(t, err)
	if finding.Errors(report.Findings) > 0 {
		var out strings.Builder
		require.NoError(t, finding.Text(&out, report.Findings))
		t.Fatalf("%s\n%s", told(), out.String())
	}
	return report.Exported("public")[0].Model
}

// named gives a new entry without an id the one that it got.
func named(want, got any) any {
	for collection, entries := range want.(map[string]any) {
		entry := plaintest.At(entries, []string{""})
		if entry == nil {
			continue
		}
		is, _ := plaintest.At(got, []string{collection}).(map[string]any)
		for id := range is {
			if plaintest.At(entries, []string{id}) == nil {
				want = put(put(want, []string{collection, ""}, nil), []string{collection, id}, put(entry, []string{"id"}, id))
			}
		}
	}
	return want
}

// tally counts cases: those into whose model others had moved something, those in conflict with that, and those that were
// refused. Edits are of the others.
type tally struct{ cases, moved, conflicts, refused, edits int }

// rounds are how often a model is exported or imported into. Of two rounds the second takes back the export of the first,
// so that the model has moved on meanwhile.
const rounds = 4

// run takes a random model through its rounds.
func run(t testing.TB, seed int, s *schema.Schema, count *tally) {
	r := rand.New(rand.NewPCG(uint64(seed), 5))
	c := &trial{generator: generator{Rand: r}, tables: layouts()}
	random(&c.generator, c.tables)
	dir := t.TempDir()
	(&author{Rand: r}).write(t, dir, c.model, c.tables)
	told := func() string { return fmt.Sprintf("seed %d\n%s", seed, strings.Join(c.done, "\n")) }
	m := evaluate(t, dir, s, told)
	require.Empty(t, plaintest.Difference("model", c.model, decoded(t, m)), "%s\nthe test's own writing", told())
	for round := range rounds {
		now := decoded(t, m)
		c.model, c.touched, c.done = now, nil, nil
		if round%2 == 0 {
			c.exported = put(now, []string{"inbox"}, nil)
			c.paper = exported(t, m, s, r.IntN(5) > 0)
		}
		c.paper.open(t, c.tables)
		count.cases++
		if !reflect.DeepEqual(c.exported, put(now, []string{"inbox"}, nil)) {
			count.moved++
		}
		clash := r.IntN(4) == 0 && c.clash(t)
		for want, tries := 1+r.IntN(8), 0; len(c.touched) < want && tries < 1000; tries++ {
			c.edit(t)
		}
		c.paper.shuffle(r)
		book := c.paper.read(t, r)
		req := sheet.Request{Dir: dir, Schema: s, Options: sheet.Options{Clear: true, Prune: true}}
		req.Book = func() (*sheet.Book, error) { return book, nil }
		if c.paper.dir != "" {
			req.Base = func() (*sheet.Book, error) { return sheet.Read(c.paper.dir) }
		}
		out, err := sheet.Import(req)
		require.NoError(t, err, told())
		require.Empty(t, out.Findings, told())
		if clash {
			require.Len(t, out.Conflicts, 1, told())
			require.Empty(t, out.Files, told())
			count.conflicts++
			continue
		}
		require.Empty(t, out.Conflicts, told())
		if len(out.Faults) > 0 {
			require.Empty(t, out.Files, told())
			count.refused++
			for _, f := range out.Faults {
				t.Log(seed, round, f)
			}
			continue
		}
		for name, edit := range out.Files {
			require.NoError(t, os.WriteFile(name, edit.New, 0o644))
		}
		m = evaluate(t, dir, s, told)
		got := decoded(t, m)
		if diff := plaintest.Difference("model", lean(named(c.model, got)), got); diff != "" {
			t.Fatalf("%s\nround %d: %s\n%v", told(), round, diff, out.Notes)
		}
		count.edits += len(c.touched)
	}
}

// exported exports a model.
func exported(t testing.TB, m *model.Model, s *schema.Schema, asCSV bool) *paper {
	if !asCSV {
		out, err := export.Build(m, s, export.Options{Only: []export.Format{export.XLSX}})
		require.NoError(t, err)
		return &paper{data: out.Files[m.Metadata.Name+".xlsx"]}
	}
	out, err := export.Build(m, s, export.Options{Only: []export.Format{export.CSV}, CSV: exportcsv.Guarded})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, out.Write(dir))
	return &paper{dir: filepath.Join(dir, out.Dir, "csv")}
}

// TestImportEqualsEdits holds for random models and random edits of their sheets that taking the sheets back gives the
// model with these edits.
func TestImportEqualsEdits(t *testing.T) {
	models := 250
	if testing.Short() {
		models = 25
	}
	s, err := schema.V1()
	require.NoError(t, err)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // models are small and many
	counts := make([]tally, runtime.GOMAXPROCS(0))
	t.Run("models", func(t *testing.T) {
		for n := range counts {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				for seed := n; seed < models; seed += len(counts) {
					run(t, seed, s, &counts[n])
				}
			})
		}
	})
	var all tally
	for _, c := range counts {
		all.cases += c.cases
		all.edits += c.edits
		all.moved += c.moved
		all.conflicts += c.conflicts
		all.refused += c.refused
	}
	t.Logf("%+v", all)
	require.Less(t, 50*all.refused, all.cases, "refused")
	require.Greater(t, all.edits, 3*all.cases)
	require.Greater(t, 3*all.moved, all.cases)
	require.Greater(t, 50*all.conflicts, all.cases)
}

// TestClearedDefault holds that to clear a field that has a default gives it the default, written or not.
func TestClearedDefault(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	for was, edits := range map[string]int{"one": 0, "many": 1} {
		r := rand.New(rand.NewPCG(1, 5))
		g, tables := &generator{Rand: r}, layouts()
		random(g, tables)
		path := []string{"components", "components-1", "instances"}
		g.model = put(g.model, path, was)
		dir := t.TempDir()
		(&author{Rand: r}).write(t, dir, g.model, tables)
		p := exported(t, evaluate(t, dir, s, func() string { return was }), s, false)
		p.open(t, tables)
		l := &tables[slices.IndexFunc(tables, func(l layout) bool { return l.table == "components" })]
		p.set(t, l.rows(g.model)[0], "Instances", "")
		book := p.read(t, r)
		req := sheet.Request{Dir: dir, Schema: s, Options: sheet.Options{Clear: true}}
		req.Book = func() (*sheet.Book, error) { return book, nil }
		out, err := sheet.Import(req)
		require.NoError(t, err)
		require.Empty(t, out.Faults, was)
		require.Len(t, out.Edits, edits, was)
		for _, e := range out.Edits {
			require.Equal(t, "one", e.New)
		}
	}
}
