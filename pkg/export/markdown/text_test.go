package markdown

import (
	"bytes"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// texts are those that Markdown, HTML or a host would read something into.
var texts = []string{
	"a | b", "a || b", `a \| b`, "| --- |", `say "hi"`, "it's 'so'", "a `b", "``a``", "`a``b`", "` a `", "```", "~~~", "~a~", "~~a~~",
	"<b>bold</b>", "<script>alert(1)</script>", "<!-- hidden -->", "<br>", "</details>", "<https://example.com>", "&lt;", "&amp;lt;", "&#38;", "&copy",
	"[link](https://example.com)", "![image](x.png)", "[link][ref]", "[ref]: https://example.com", "[^1]", "[^1]: note", "[ ] task", "[x] done",
	"https://example.com/a_b_c", "www.example.com", "WWW.example.com", "someone@example.com", "mailto:a@b.c", "ftp://example.com",
	"1. x", "1) x", "1999. What a year", "12", "- x", "-x", "+ x", "* x", "> quote", "# heading", "heading #", "#12", "#tag", "@name", "a - b", "a -- b", "a --- b", "---", "===", "***", "___",
	"__init__", "_a_", "*a*", "**a**", "a*b*c", "snake_case_word", "***a***", "$x$", "$$x$$", `\(x\)`, `\alpha`, `back\slash`, `end\`, "{{ x }}", "{% x %}", "{#id}", "{: .a}", "a {x} b", "{a, b}", ":smile:", "a :smile: b", "::: note", ": definition", "!!! note", "??? note", "=== \"Tab\"", "== mark ==", "H~2~O", "x^2^", "--8<-- \"file\"", "++ins++",
	"import x from 'y'", "export default 1", "import", "imports are fine", "What?! Yes: no; maybe...", "e.g. this, i.e. that.", "(c) (tm)", "100% & more", "a=b", "x/y//z", "v1.30 is out.", "K8S-X-001x", "A-1",
	"مرحبا بالعالم", "אבג | abc", "日本語。テスト", "👩‍💻 emoji 🎉", "é combining é", "non\u00a0breaking", "zero\u200bwidth", "line\u2028separator",
	"key: value", "Term", "fin.", "a;b", "a:b", "?", "!", "Really! [x](y)", "wow!K8S-A-001", "%%comment%%", "^caret", "tab\there", "two  blanks",
}

var (
	markup   = regexp.MustCompile(`<[^>]*>`)
	elements = regexp.MustCompile(`<([a-z0-9]+)`)
)

// rendered returns the elements and the text of a page, its comment left out.
func rendered(t *testing.T, src string) (names map[string]int, shown string) {
	t.Helper()
	var w bytes.Buffer
	require.NoError(t, markdown().Convert([]byte(src), &w))
	out := strings.ReplaceAll(w.String(), "<!-- raw HTML omitted -->", "")
	names = map[string]int{}
	for _, x := range elements.FindAllStringSubmatch(out, -1) {
		names[x[1]]++
	}
	return names, html.UnescapeString(markup.ReplaceAllString(out, ""))
}

// TestEscape shows each text as it was typed, wherever it stands.
func TestEscape(t *testing.T) {
	p := &page{b: &book{m: &model.Model{}}, path: "README.md"}
	for _, s := range texts {
		for _, tt := range []struct {
			name, src, before, after string
			want                     map[string]int
		}{
			{"paragraph", escape(s), "", "", map[string]int{"p": 1}},
			{"heading", "## " + escape(s), "", "", map[string]int{"h2": 1}},
			{"item", "- " + escape(s), "", "", map[string]int{"ul": 1, "li": 1}},
			{"bold", "**" + escape(s) + "** · x", "", " · x", map[string]int{"p": 1, "strong": 1}},
			{"link", "[" + escape(s) + "](x.md)", "", "", map[string]int{"p": 1, "a": 1}},
			{"after a link", "[a](b.md)" + escape(s), "a", "", map[string]int{"p": 1, "a": 1}},
			{"before a link", escape(s) + "[a](b.md)", "", "a", map[string]int{"p": 1, "a": 1}},
			{"cell", "| a | b |\n| --- | --- |\n| " + escape(s) + " | x |", "a\nb\n", "\nx", map[string]int{"table": 1, "thead": 1, "tbody": 1, "tr": 2, "th": 2, "td": 2}},
		} {
			names, shown := rendered(t, tt.src)
			require.Equal(t, tt.want, names, "%s: %q", tt.name, s)
			clean := func(s string) string { return strings.Trim(regexp.MustCompile(`\n+`).ReplaceAllString(s, "\n"), "\n") }
			require.Equal(t, tt.before+s+tt.after, clean(shown), "%s: %q", tt.name, s)
		}
		// Prose, where backticks make code.
		for _, inTable := range []bool{false, true} {
			src := p.inline(s, inTable)
			if inTable {
				src = "| a |\n| --- |\n| " + src + " |"
			}
			names, shown := rendered(t, src)
			for name := range names {
				require.Contains(t, []string{"p", "code", "table", "thead", "tbody", "tr", "th", "td"}, name, s)
			}
			require.Contains(t, strings.ReplaceAll(shown, "`", ""), strings.ReplaceAll(s, "`", ""), "%q", s)
		}
	}
}

// TestProse reads paragraphs, lists and code, and nothing else.
func TestProse(t *testing.T) {
	b := &book{m: &model.Model{Threats: map[string]*model.Threat{"K8S-A-001": {}}}}
	b.places.entries = map[string]place{"K8S-A-001": {"themes/a.md", "k8s-a-001"}, "etcd": {path: "components/etcd.md"}}
	for _, tt := range []struct{ name, label, in, want string }{
		{"one paragraph", "", "Plain words.", "Plain words.\n\n"},
		{"label", "Why", "Plain words.", "**Why:** Plain words.\n\n"},
		{"paragraphs", "Why", "One.\n\nTwo\nlines.", "**Why:** One.\n\nTwo\nlines.\n\n"},
		{"list", "", "One:\n- a\n- b\n  c\n\nTwo.", "One:\n\n- a\n- b\n  &#32; c\n\nTwo.\n\n"},
		{"list first", "Why", "- a\n\n- b", "**Why:**\n\n- a\n- b\n\n"},
		{"code", "", "Run `kubectl get *` now", "Run `kubectl get *` now\n\n"},
		{"ids", "", "See K8S-A-001, not XK8S-A-001 or K8S-A-002; `etcd`.", "See [K8S-A-001](themes/a.md#k8s-a-001), not XK8S-A-001 or K8S-A-002; [`etcd`](components/etcd.md).\n\n"},
		{"code that no renderer would show", "", "`{{ x }}` and `y`", "&#96;&#123;&#123; x &#125;&#125;&#96; and `y`\n\n"},
		{"headings", "", "# a\n## b", "&#35; a\n&#35;&#35; b\n\n"},
	} {
		p := &page{b: b, path: "README.md"}
		p.text(tt.label, tt.in)
		require.Equal(t, tt.want, p.String(), tt.name)
	}
	p := &page{b: b, path: "README.md"}
	require.Equal(t, "&#96;a&#124;b&#96;x`c`", p.inline("`a|b`x`c`", true))
}

// TestAwkward puts awkward texts into every field of a model and finds them all, with every link right and no element
// that the pages do not use.
func TestAwkward(t *testing.T) {
	m := awkward()
	files := pagesOf(t, m)
	checkLinks(t, files)
	requireComplete(t, m)
	for name, src := range files {
		comment, rest, _ := strings.Cut(string(src), "\n")
		require.NotContains(t, rest, "<!--", comment)
		names, _ := rendered(t, rest)
		for e := range names {
			require.Contains(t, []string{"h1", "h2", "p", "strong", "em", "a", "code", "pre", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}, e, name)
		}
	}
}

// awkward is a model with every field filled and an awkward text wherever prose may stand.
func awkward() *model.Model {
	m := everything()
	n := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				fill(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Field(i)
				switch v.Type().Field(i).Name {
				case "Title", "Label", "Statement", "Description", "Reason", "Note", "Notes", "What", "Why", "By", "Trace", "Rationale", "Goal",
					"Lifetime", "Bound", "Setting", "Motive", "Owner", "License", "Publisher", "Contact", "Role", "Scope", "Outcomes", "Goals",
					"Preconditions", "ArisesOutside", "NoTechnique", "Check", "Conditional", "Authorization", "Technology", "Product", "Protocol":
					if f.Kind() == reflect.String && f.String() != "" {
						f.SetString(texts[n%len(texts)])
						n++
						continue
					}
					if f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String {
						for j := range f.Len() {
							f.Index(j).SetString(texts[n%len(texts)])
							n++
						}
						continue
					}
				}
				fill(f)
			}
		case reflect.Map:
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
			for _, k := range keys {
				e := v.MapIndex(k)
				if e.Kind() == reflect.String {
					if v.Type().Key().Kind() == reflect.String && strings.Contains(k.String(), "operator") {
						v.SetMapIndex(k, reflect.ValueOf(texts[n%len(texts)]))
						n++
					}
					continue
				}
				fill(e)
			}
		case reflect.Slice:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		}
	}
	fill(reflect.ValueOf(m))
	// Long texts can hold all of them at once.
	var long []string
	for _, s := range texts {
		long = append(long, s, "- "+s)
	}
	m.Threats["A-1"].Description = strings.Join(long, "\n\n")
	m.Components["con"].Description = strings.Join(texts, "\n")
	return m
}
