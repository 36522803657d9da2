package markdown

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export/mermaid"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// shipped loads the shipped model once for all tests, which do not change it.
var shipped = sync.OnceValues(func() (*model.Model, error) {
	s, err := schema.V1()
	if err != nil {
		return nil, err
	}
	r, err := vet.Run(load.Options{Dir: "../../..", Patterns: []string{"./controls/kubernetes"}, Schema: s})
	if err != nil {
		return nil, err
	}
	exported := r.Exported("public")
	if len(exported) != 1 {
		return nil, fmt.Errorf("%d models, want one; findings: %v", len(exported), r.Findings)
	}
	return exported[0].Model, nil
})

func kubernetes(t testing.TB) *model.Model {
	t.Helper()
	m, err := shipped()
	require.NoError(t, err)
	return m
}

// input derives what the pages of a model are made of.
func input(t testing.TB, m *model.Model) Input {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	in := Input{Model: m, Facts: analysis.Derive(m)}
	in.Facts.Comparison, err = analysis.Compare(m, in.Facts)
	require.NoError(t, err)
	in.Tables = table.Build(m, in.Facts, s)
	for _, d := range graph.Build(m, in.Facts) {
		diagram, err := mermaid.Render(d)
		require.NoError(t, err)
		in.Diagrams = append(in.Diagrams, Diagram{d, diagram})
	}
	return in
}

func pagesOf(t testing.TB, m *model.Model) map[string][]byte {
	t.Helper()
	files, err := Files(input(t, m))
	require.NoError(t, err)
	return files
}

func markdown() goldmark.Markdown { return goldmark.New(goldmark.WithExtensions(extension.GFM)) }

// parse reads a page as GitHub does.
func parse(src []byte) ast.Node { return markdown().Parser().Parse(text.NewReader(src)) }

// shown is the text that a reader sees of a node.
func shown(n ast.Node, src []byte) string {
	var w strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock || n.Kind() == extast.KindTableCell {
				w.WriteByte('\n')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			if _, code := n.Parent().(*ast.CodeSpan); code {
				w.Write(n.Value(src))
			} else {
				w.WriteString(unescape(string(n.Value(src))))
			}
			if n.SoftLineBreak() {
				w.WriteByte('\n')
			}
		case *ast.String:
			w.WriteString(unescape(string(n.Value)))
		case *ast.FencedCodeBlock:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return w.String()
}

var numeric = regexp.MustCompile(`&#([0-9]+);`)

func unescape(s string) string {
	return numeric.ReplaceAllStringFunc(s, func(e string) string {
		var r rune
		_, _ = fmt.Sscanf(e, "&#%d;", &r)
		return string(r)
	})
}

// anchors are the anchors of a page's headings, by the rules of github-slugger written anew.
func anchors(doc ast.Node, src []byte) map[string]bool {
	drop := regexp.MustCompile(`[^\p{L}\p{M}\p{N}\p{Pc}\- ]`)
	seen := map[string]int{}
	out := map[string]bool{}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			base := strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(strings.TrimSpace(shown(h, src))), ""), " ", "-")
			s := base
			for _, taken := seen[s]; taken; _, taken = seen[s] {
				seen[base]++
				s = fmt.Sprintf("%s-%d", base, seen[base])
			}
			seen[s] = 0
			out[s] = true
		}
		return ast.WalkContinue, nil
	})
	return out
}

// checkLinks fails for every link that does not lead to a page and heading, or to the web.
func checkLinks(t *testing.T, files map[string][]byte) (links int) {
	t.Helper()
	headings := map[string]map[string]bool{}
	docs := map[string]ast.Node{}
	for name, src := range files {
		docs[name] = parse(src)
		headings[name] = anchors(docs[name], src)
	}
	for name, doc := range docs {
		_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *ast.Link:
				to := string(n.Destination)
				if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
					break
				}
				links++
				file, anchor, _ := strings.Cut(to, "#")
				target := path.Join(path.Dir(name), file)
				if file == "" {
					target = name
				}
				if files[target] == nil {
					t.Errorf("%s: no page for the link %s", name, to)
				} else if anchor != "" && !headings[target][anchor] {
					t.Errorf("%s: no heading for the link %s", name, to)
				}
			case *ast.AutoLink, *ast.RawHTML, *ast.Image:
				t.Errorf("%s: unexpected %s", name, n.Kind())
			}
			return ast.WalkContinue, nil
		})
	}
	return links
}

func TestLinks(t *testing.T) {
	links := checkLinks(t, pagesOf(t, kubernetes(t)))
	require.Greater(t, links, 5000, "links of the shipped model")
}

// TestProfile writes the pages of a projected model, which lacks entries that others named.
func TestProfile(t *testing.T) {
	m, err := analysis.Project(kubernetes(t), "managed")
	require.NoError(t, err)
	in := input(t, m)
	in.Profile = "managed"
	files, err := Files(in)
	require.NoError(t, err)
	checkLinks(t, files)
	require.Contains(t, string(files["README.md"]), "in the profile [managed](profiles.md#managed)")
}

// TestComplete finds every text of the model in the pages.
func TestComplete(t *testing.T) {
	for name, m := range map[string]*model.Model{"kubernetes": kubernetes(t), "everything": everything()} {
		t.Run(name, func(t *testing.T) { requireComplete(t, m) })
	}
}

// requireComplete finds each text of an entry in the page where the entry stands, and all others in any page.
func requireComplete(t *testing.T, m *model.Model) {
	t.Helper()
	var all strings.Builder
	pages := map[string]string{}
	for name, src := range pagesOf(t, m) {
		var w strings.Builder
		doc := parse(src)
		w.WriteString(shown(doc, src))
		_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if l, ok := n.(*ast.Link); ok && entering {
				w.WriteString(unescape(string(l.Destination)) + "\n")
			}
			return ast.WalkContinue, nil
		})
		all.WriteString(w.String())
		pages[name] = normal(w.String())
	}
	n := 0
	find := func(v any, where, page string) {
		eachString(reflect.ValueOf(v), where, func(where, s string) {
			n++
			if !strings.Contains(page, normal(s)) {
				t.Errorf("not in the pages: %s: %q", where, s)
			}
		})
	}
	places := plan(m)
	for _, k := range model.Kinds() {
		for _, id := range m.IDs(k) {
			find(m.Collection(k).MapIndex(reflect.ValueOf(id)).Interface(), string(k)+"."+id, pages[places.entries[id].path])
		}
	}
	find(m.Considered, "considered", pages["considered.md"])
	find(m.Metadata, "metadata", pages["about.md"])
	find(m.Scope, "scope", pages["about.md"])
	for id, c := range m.Cited().Catalogs {
		for entry, e := range c.Entries {
			find(e, id+"."+entry, pages[places.catalogs[id].entries[entry].path])
		}
		find(m.Exclusions[id], "exclusions."+id, pages[places.catalogs[id].index])
	}
	find(m.Cited(), "model", normal(all.String()))
	require.Greater(t, n, 100)
}

// normal drops what the form of a text is made of: white space, the backticks of code and the dashes of lists.
func normal(s string) string {
	words := strings.Fields(strings.ReplaceAll(s, "`", ""))
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "-" }), " ")
}

// eachString calls visit for every text in a value, keys of maps included.
func eachString(v reflect.Value, where string, visit func(where, s string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachString(v.Elem(), where, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachString(v.Field(i), where+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			visit(where+" key", key.String())
			eachString(v.MapIndex(key), where+"."+key.String(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachString(v.Index(i), fmt.Sprint(where, ".", i), visit)
		}
	case reflect.Int:
		visit(where, fmt.Sprint(v.Int()))
	case reflect.String:
		if v.String() != "" {
			visit(where, v.String())
		}
	}
}

func TestDeterministic(t *testing.T) {
	in := input(t, kubernetes(t))
	first, err := Files(in)
	require.NoError(t, err)
	second, err := Files(in)
	require.NoError(t, err)
	require.Equal(t, first, second)
	for name, src := range first {
		require.True(t, strings.HasPrefix(string(src), "<!-- Code generated by tmkit from the model "+in.Model.Metadata.Name+"; DO NOT EDIT. -->\n\n# "), name)
	}
}

// TestTables holds every table to the columns that a reader can take in, and the cells to one line.
func TestTables(t *testing.T) {
	for name, src := range pagesOf(t, kubernetes(t)) {
		_ = ast.Walk(parse(src), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if table, ok := n.(*extast.Table); ok && entering {
				require.LessOrEqual(t, table.FirstChild().ChildCount(), 7, name)
			}
			return ast.WalkContinue, nil
		})
	}
}

// TestDiagramsOnce finds each diagram on one page.
func TestDiagramsOnce(t *testing.T) {
	in := input(t, kubernetes(t))
	files, err := Files(in)
	require.NoError(t, err)
	for _, d := range in.Diagrams {
		n := 0
		for _, src := range files {
			n += strings.Count(string(src), "```mermaid\n"+strings.TrimRight(d.Text, "\n")+"\n```")
		}
		require.Equal(t, 1, n, d.Name)
	}
}

// TestDifferences tells the values of a profile apart that would read alike.
func TestDifferences(t *testing.T) {
	m := everything()
	m.Profiles["profile"].Differs = map[string]map[string]map[string]any{"threats": {"A-1": {
		"owner": model.Null{}, "title": "taken away", "tags": []any{"a", "b"}, "via": []any{}, "preconditions": []any{"a, b"},
	}}}
	page := string(pagesOf(t, m)["profiles.md"])
	for field, want := range map[string]string{
		"owner": "*taken away*", "title": "taken away", "tags": "a, b", "via": "&#91;&#93;", "preconditions": "&#91;&#34;a, b&#34;&#93;",
	} {
		require.Contains(t, page, "| threats | [A-1](themes/a-1.md#a-1-1) | "+field+" | "+want+" |\n")
	}
}
