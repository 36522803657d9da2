package verify

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// pagesOf exports the pages of a model of this repository.
func pagesOf(t testing.TB, dir, pkg, profile string) (map[string][]byte, *Expected) {
	t.Helper()
	x := exportOf(t, dir, pkg, export.Options{Only: []export.Format{export.Markdown}, Profile: profile})
	return x.outputs.Files, x.expected()
}

// TestPagesAgree holds that every row and every field of the tables is found on the pages.
func TestPagesAgree(t *testing.T) {
	for _, tt := range []struct{ name, dir, pkg, profile string }{
		{"kubernetes", "../..", "./controls/kubernetes", ""},
		{"a profile", "../..", "./controls/kubernetes", "managed"},
		{"cluster-api", "../..", "./controls/cluster-api", ""},
		{"every field", "../../schema/testdata", "./good/every-field", ""},
		{"hard cases", "../../schema/testdata", "./good/hard-cases", ""},
		{"computed", "../../schema/testdata", "./good/computed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, want := pagesOf(t, tt.dir, tt.pkg, tt.profile)
			got := readMarkdown(files, want)
			require.Empty(t, got.Differences)
			all := Result{Format: "markdown", Files: len(files)}
			for _, tab := range want.Tables.Tables {
				for _, row := range tab.Rows {
					fields := 0
					for i, cell := range row {
						if cell != "" && !tab.Columns[i].Derived {
							fields++
						}
					}
					if fields > 0 {
						all.count(tab, fields)
					}
				}
			}
			require.Equal(t, all, got)
			require.Positive(t, got.Records)
			t.Logf("%d files, %d records, %d fields, %d relations", got.Files, got.Records, got.Fields, got.Relations)
		})
	}
}

// TestReadMarkdown changes a text of a page once, and finds the difference.
func TestReadMarkdown(t *testing.T) {
	files, want := pagesOf(t, "../../schema/testdata", "./good/every-field", "")
	for _, tt := range []struct{ name, file, was, is, want string }{
		{"a field", "boundaries/inner-zone.md", "| Inward | enforced |", "| Inward | conditional |",
			`boundaries/inner-zone.md:14: different: boundaries inner-zone.inward: the model says "enforced", the output says "conditional"`},
		{"no link", "boundaries/inner-zone.md", "| Parent | [execution-zone](execution-zone.md) |", "| Parent | execution-zone |",
			`boundaries/inner-zone.md:12: different: boundaries inner-zone.parent: the model says "links to execution-zone", the output says "execution-zone"`},
		{"a link elsewhere", "boundaries/inner-zone.md", "[execution-zone](execution-zone.md) |\n| Instances", "[execution-zone](network-zone.md) |\n| Instances",
			`boundaries/inner-zone.md:12: different: boundaries inner-zone: the model says "a link to execution-zone", the output says "network-zone.md"`},
		{"a field twice", "boundaries/inner-zone.md", "| Plane | execution |", "| Plane | execution |\n| Plane | network |",
			`boundaries/inner-zone.md:12: extra: boundaries inner-zone.plane: the output says "network"`},
		{"an unknown field", "boundaries/inner-zone.md", "| Plane | execution |", "| Plane | execution |\n| Colour | red |",
			`boundaries/inner-zone.md:12: extra: boundaries inner-zone: the output says "Colour"`},
		{"an unknown part", "boundaries/inner-zone.md", "## Named by", "## Known by", `boundaries/inner-zone.md:106: extra: boundaries inner-zone: the output says "Known by"`},
		{"an item", "themes/access.md", "- Nobody looks.\n", "", `themes/access.md:210: different: threats EVERY-FIELD-001.preconditions: the model says "The door is open.\nNobody looks.", the output says "The door is open."`},
		{"a status", "themes/access.md", "· threat, obsolete", "· threat, open", `themes/access.md:85: different: threats EVERY-FIELD-001.status-auto: the model says "obsolete", the output says "open"`},
		{"a cell of an index", "components/README.md", "| Part 3 | process |", "| Part 3 | store |",
			`components/README.md:10: different: components part-3.kind: the model says "process", the output says "store"`},
		{"a number", "coverage.md", "[cat-threats](catalogues/cat-threats/README.md) | 1 |", "[cat-threats](catalogues/cat-threats/README.md) | 2 |",
			`coverage.md:33: different: coverage cat-threats/all.active: the model says "1", the output says "2"`},
		{"a row of an index", "assets.md", "| [key-asset](#key-asset) | Key | key | high | low | moderate | 0 |\n", "", `assets.md:3: missing: assets key-asset`},
		{"a title of a diagram", "assets.md", "**Diagram: Trust graph.**", "**Diagram: Trust.**", `assets.md:14: extra: diagram: the output says "Trust"`},
		{"code that is none", "README.md", "# Every field of the contract", "# Every field of the contract\n\n[x](nowhere.md)", `README.md:5: different: the model says "a link to x", the output says "nowhere.md"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := "markdown/" + tt.file
			require.Equal(t, 1, strings.Count(string(files[name]), tt.was), tt.was)
			changed := maps.Clone(files)
			changed[name] = []byte(strings.Replace(string(files[name]), tt.was, tt.is, 1))
			var got []string
			for _, d := range readMarkdown(changed, want).Differences {
				got = append(got, d.String())
			}
			require.Contains(t, got, "markdown/"+tt.want)
		})
	}
	changed := maps.Clone(files)
	changed["markdown/more.md"] = []byte("# More\n")
	require.Equal(t, []Difference{{Kind: Extra, File: "markdown/more.md"}}, readMarkdown(changed, want).Differences)
}

// BenchmarkReadMarkdown reads the pages of a synthetic model of 5,000 threats.
func BenchmarkReadMarkdown(b *testing.B) {
	dir := b.TempDir()
	require.NoError(b, synthetic.Write(dir, 5000))
	files, want := pagesOf(b, dir, ".", "")
	size := 0
	for _, data := range files {
		size += len(data)
	}
	b.ReportAllocs()
	for b.Loop() {
		require.Empty(b, readMarkdown(files, want).Differences)
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}

func TestShown(t *testing.T) {
	text, anything := table.Column{}, table.Column{Type: &schema.Type{Kind: schema.Any}}
	for _, tt := range []struct {
		column     table.Column
		cell, want string
	}{
		{text, "one line", "one line"},
		{text, "one\nparagraph\n \n- an item\n  of two lines\n- another\n-\nstill\n\nthe last", "one paragraph\n- an item   of two lines\n- another - still\nthe last"},
		{table.Column{Form: table.Lines}, "one\n\ntwo", "one\n\ntwo"},
		{anything, `"a text\nof two lines"`, "a text of two lines"},
		{anything, `["a","b"]`, "a, b"},
		{anything, `["a, b","c"]`, `["a, b","c"]`},
		{anything, `[]`, `[]`},
		{anything, `[1]`, `[1]`},
		{anything, `true`, `true`},
		{anything, `null`, "\uFFFDtaken away\uFFFD"},
	} {
		require.Equal(t, tt.want, shown(tt.column, tt.cell), tt.cell)
	}
}

func TestParseProse(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		want prose
	}{
		{"plain, as it is", prose{text: "plain, as it is"}},
		{"&#124; &#x7c; &amp; &#0; &#55296; &#", prose{text: "| \uFFFD#x7c; \uFFFDamp; \uFFFD#0; \uFFFD#55296; \uFFFD#"}},
		{"two\n  lines", prose{text: "two lines"}},
		{"`a&#124;b` and `", prose{text: "`a&#124;b` and \uFFFD"}},
		{"**A [link](b.md#c)** and [`d`](#d)", prose{"A link and `d`", 6, []link{{2, 6, "b.md#c"}, {11, 14, "#d"}}}},
		{"a *b* \\c <d> [e] [f](g", prose{text: "a \uFFFDb\uFFFD \uFFFDc \uFFFDd> \uFFFDe] \uFFFDf](g"}},
		{"[&#91;x](https://example.org/&#40;y)", prose{"[x", 0, []link{{0, 2, "https://example.org/(y"}}}},
	} {
		require.Equal(t, tt.want, parseProse(tt.raw), tt.raw)
	}
}
