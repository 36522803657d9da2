package xlsx

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/golden"
	"github.com/tmkit/tmkit/internal/sofficetest"
	"github.com/tmkit/tmkit/pkg/table"
)

// same compares the tables that were written with those that were read, cell by cell.
func same(t *testing.T, want, got *table.Set) {
	t.Helper()
	require.Len(t, got.Tables, len(want.Tables))
	for i, w := range want.Tables {
		g := got.Tables[i]
		require.Equal(t, w.Name, g.Name)
		require.Len(t, g.Rows, len(w.Rows), w.Name)
		for j, c := range w.Columns {
			require.Equal(t, c.Key, g.Columns[j].Key, w.Name)
		}
		for r, row := range w.Rows {
			for j, cell := range row {
				if cell != g.Rows[r][j] {
					require.Equal(t, cell, g.Rows[r][j], "%s, row %s, column %s", w.Name, w.Key(row), w.Columns[j].Key)
				}
			}
		}
	}
}

func TestExact(t *testing.T) {
	for name, set := range map[string]*table.Set{"kubernetes": kubernetes(t), "awkward": awkward(), "empty": empty(t)} {
		data := write(t, set)
		for reader, sheets := range map[string]map[string][][]string{"excelize": read(t, data), "LibreOffice": sofficetest.Read(t, data)} {
			t.Run(name+"/"+reader, func(t *testing.T) {
				same(t, set, rebuilt(t, sheets, set))
				for _, tb := range set.Tables {
					if tb.Tab == "" || tb.Tab == heat {
						continue
					}
					rows := filled(sheets[tb.Tab], len(tb.Columns)+1)
					for i, c := range tb.Columns {
						assert.Equal(t, c.Heading, rows[0][i], tb.Name)
					}
					if !editable(tb) {
						continue
					}
					assert.Equal(t, rowHash, rows[0][len(tb.Columns)], tb.Name)
					for i, row := range tb.Rows {
						assert.Equal(t, tb.RowHash(row), rows[i+1][len(tb.Columns)], tb.Name)
					}
				}
			})
		}
	}
}

// TestText holds that every cell is a text, but for the counts.
func TestText(t *testing.T) {
	f := open(t, write(t, kubernetes(t)))
	for _, tab := range f.GetSheetList() {
		if tab == readMe || tab == heat {
			continue
		}
		rows, err := f.GetRows(tab)
		require.NoError(t, err)
		for i, row := range rows {
			for j := range row {
				kind, err := f.GetCellType(tab, name(j+1, i+1))
				require.NoError(t, err)
				if row[j] != "" && kind != excelize.CellTypeInlineString {
					require.Fail(t, "no text", "%s %s", tab, name(j+1, i+1))
				}
			}
		}
		formulas, err := f.SearchSheet(tab, "^=", true)
		require.NoError(t, err)
		for _, cell := range formulas {
			formula, err := f.GetCellFormula(tab, cell)
			require.NoError(t, err)
			assert.Empty(t, formula)
		}
	}
}

func TestSameBytes(t *testing.T) {
	set := kubernetes(t)
	first := write(t, set)
	for range 4 {
		require.True(t, bytes.Equal(first, write(t, set)))
	}
}

func TestTabs(t *testing.T) {
	var out strings.Builder
	f := open(t, write(t, empty(t)))
	require.Equal(t, tabs(), f.GetSheetList())
	for _, tab := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(tab)
		require.NoError(t, err)
		assert.Equal(t, !strings.HasPrefix(tab, "_"), visible, tab)
		fmt.Fprintf(&out, "%s\n", tab)
		if strings.HasPrefix(tab, "_") || tab == readMe || tab == heat {
			continue
		}
		rows, err := f.GetRows(tab)
		require.NoError(t, err)
		for _, heading := range rows[0] {
			fmt.Fprintf(&out, "\t%s\n", heading)
		}
	}
	golden.Equal(t, []byte(out.String()))
}

// TestSheetNames holds the rules of Excel, which excelize does not all know.
func TestSheetNames(t *testing.T) {
	seen := map[string]bool{}
	for _, tab := range tabs() {
		assert.LessOrEqual(t, len(tab), 31, tab)
		assert.NotRegexp(t, `[:\\/?*\[\]]|^'|'$|^$`, tab)
		lower := strings.ToLower(tab)
		assert.NotEqual(t, "history", lower)
		assert.False(t, seen[lower], tab)
		seen[lower] = true
	}
}

func TestRefused(t *testing.T) {
	one := func(tab, cell string) *table.Set {
		return &table.Set{Tables: []*table.Table{{
			Name: "threats", Tab: tab, Keys: 1, Columns: []table.Column{{Key: "id", Heading: "Id"}, {Key: "title", Heading: "Title"}},
			Rows: [][]string{{"T-1", cell}},
		}}}
	}
	for name, tt := range map[string]struct {
		set  *table.Set
		want string
	}{
		"longest":       {one("Threats", strings.Repeat("x", 32767)), ""},
		"too long":      {one("Threats", strings.Repeat("x", 32768)), "table threats, row T-1, column title: the text has 32768 UTF-16 units, a cell holds 32767"},
		"long in units": {one("", strings.Repeat("\U0001F512", 16384)), "table threats, row T-1, column title: the text has 32768 UTF-16 units, a cell holds 32767"},
		"control":       {one("Threats", "a\x01"), "table threats, row T-1, column title: the text has the character U+0001 at byte 1, which a cell cannot hold"},
		"return":        {one("Threats", "a\r\nb"), "table threats, row T-1, column title: the text has the character U+000D at byte 1, which a cell cannot hold"},
		"no character":  {one("Threats", "\uffff"), "table threats, row T-1, column title: the text has the character U+FFFF at byte 0, which a cell cannot hold"},
		"no UTF-8":      {one("", "ab\xff"), "table threats, row T-1, column title: the text is not UTF-8 at byte 2"},
		"no tab":        {one("Other", "x"), `table threats: there is no tab "Other" for a table`},
		"hidden tab":    {one("_meta", "x"), `table threats: there is no tab "_meta" for a table`},
		"same tab":      {&table.Set{Tables: append(one("Threats", "x").Tables, one("Threats", "x").Tables...)}, `tables threats and threats have the same tab "Threats"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := Write(io.Discard, tt.set, about())
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
		})
	}

	set := one("Threats", "x")
	set.Tables[0].Rows[0] = []string{"T-1"}
	require.EqualError(t, Write(io.Discard, set, about()), "table threats, row 1: 1 cells in 2 columns")
	set.Tables[0].Rows[0] = []string{"", "x"}
	require.EqualError(t, Write(io.Discard, set, about()), "table threats, row 1, column id: a key is empty")
	set.Tables[0].Rows, set.Tables[0].Columns[1].Heading = nil, "Id"
	require.EqualError(t, Write(io.Discard, set, about()), `table threats, column title: another column has the heading "Id"`)

	a := about()
	a.Disclaimers = append(a.Disclaimers, "\x02")
	require.ErrorContains(t, Write(io.Discard, empty(t), a), "disclaimer 2 has the character U+0002")
}

// TestWriterFails holds that a full disk is not mistaken for success.
func TestWriterFails(t *testing.T) {
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	require.ErrorIs(t, Write(w, awkward(), about()), io.ErrClosedPipe)
}

func TestDropDowns(t *testing.T) {
	set := kubernetes(t)
	f := open(t, write(t, set))
	ranges := regexp.MustCompile(`^_lists!\$([A-Z]+)\$2:\$([A-Z]+)\$(\d+)$`)
	rows, err := f.GetRows(lists)
	require.NoError(t, err)

	offered := map[string][]string{}
	for _, tb := range append([]*table.Table{{Name: more, Tab: more}}, set.Tables...) {
		if tb.Tab == "" {
			continue
		}
		validations, err := f.GetDataValidations(tb.Tab)
		require.NoError(t, err)
		for _, v := range validations {
			m := ranges.FindStringSubmatch(v.Formula1)
			require.NotNil(t, m, "%s: %s", tb.Tab, v.Formula1)
			require.Equal(t, m[1], m[2])
			column, err := excelize.ColumnNameToNumber(m[1])
			require.NoError(t, err)
			last, err := strconv.Atoi(m[3])
			require.NoError(t, err)
			require.LessOrEqual(t, last, len(rows))
			require.LessOrEqual(t, last-1, longest)
			var words []string
			for _, row := range rows[1:last] {
				require.NotEmpty(t, at(row, column-1))
				words = append(words, row[column-1])
			}
			if last < len(rows) {
				require.Empty(t, at(rows[last], column-1), "the list goes on")
			}
			require.LessOrEqual(t, len(*v.ErrorTitle), 32)

			from, to, _ := strings.Cut(v.Sqref, ":")
			col, row, err := excelize.CellNameToCoordinates(from)
			require.NoError(t, err)
			require.Equal(t, 2, row)
			if tb.Tab == more {
				continue
			}
			_, row, err = excelize.CellNameToCoordinates(to)
			require.NoError(t, err)
			require.Equal(t, 1+len(tb.Rows)+spare, row, "spare rows too")
			c := tb.Columns[col-1]
			offered[tb.Tab+"/"+c.Key] = words
			require.Equal(t, table.Text, c.Form)
			require.False(t, c.Derived)
			for _, r := range tb.Rows {
				if r[col-1] != "" {
					require.Contains(t, words, r[col-1], "%s %s", tb.Name, c.Key)
				}
			}
		}
	}
	assert.Equal(t, []string{"very-low", "low", "moderate", "high", "very-high"}, offered["Threats/likelihood.level"])
	assert.Contains(t, offered["Threats/theme"], "theme-node")
	assert.Contains(t, offered["Features/component"], "kube-apiserver")
	assert.Contains(t, offered["At risk/catalogue"], "nist-800-53-r5")
	assert.Contains(t, offered["Attack trees/subtree"], "become-cluster-admin")
	assert.NotContains(t, offered, "Threats/actors")
	assert.NotContains(t, offered, "Threats/inherent-auto")
	assert.NotContains(t, offered, "At risk/subject")
}

// TestLinks holds that every link leads to the entry that its cell names, and that none is missing.
func TestLinks(t *testing.T) {
	set := kubernetes(t)
	f := open(t, write(t, set))
	links := 0
	for _, tb := range set.Tables {
		if tb.Tab == "" || tb.Tab == heat {
			continue
		}
		for i, row := range tb.Rows {
			for j, cell := range row {
				has, to, err := f.GetCellHyperLink(tb.Tab, name(j+1, i+2))
				require.NoError(t, err)
				if !has {
					isActor := slices.Contains(tb.Columns[j].Refs, "actors") && set.Table("actors").Keys == 1 &&
						slices.ContainsFunc(set.Table("actors").Rows, func(r []string) bool { return r[0] == cell })
					require.False(t, isActor, "%s %s: %s", tb.Tab, name(j+1, i+2), cell)
					continue
				}
				links++
				tab, where, _ := strings.Cut(to, "!")
				tab = strings.Trim(tab, "'")
				id, err := f.GetCellValue(tab, where)
				require.NoError(t, err)
				if tab == "Controls" || tab == "Lists" {
					column, line, err := excelize.CellNameToCoordinates(where)
					require.NoError(t, err)
					id, err = f.GetCellValue(tab, name(column+1, line))
					require.NoError(t, err)
				}
				require.Equal(t, cell, id, "%s %s", tb.Tab, name(j+1, i+2))
				require.False(t, tb.Tab == "Threats" && j == 0)
			}
		}
	}
	assert.Greater(t, links, 500)

	for i := 1; ; i++ {
		tab, err := f.GetCellValue(readMe, name(2, i))
		require.NoError(t, err)
		if tab == "Heat map" {
			_, to, err := f.GetCellHyperLink(readMe, name(2, i))
			require.NoError(t, err)
			assert.Equal(t, "'Heat map'!A1", to)
			break
		}
	}
}

func TestLook(t *testing.T) {
	set := kubernetes(t)
	f := open(t, write(t, set))
	for _, tb := range set.Tables {
		if tb.Tab == "" || tb.Tab == heat {
			continue
		}
		panes, err := f.GetPanes(tb.Tab)
		require.NoError(t, err)
		assert.True(t, panes.Freeze)
		assert.Equal(t, 1, panes.YSplit)
		assert.Positive(t, panes.XSplit)
		notes, err := f.GetComments(tb.Tab)
		require.NoError(t, err)
		assert.Len(t, notes, len(tb.Columns))
		for i := range tb.Rows {
			h, err := f.GetRowHeight(tb.Tab, i+2)
			require.NoError(t, err)
			assert.LessOrEqual(t, h, height(tallest))
		}
		dimension, err := f.GetSheetDimension(tb.Tab)
		require.NoError(t, err)
		col, row, err := excelize.CellNameToCoordinates(strings.Split(dimension, ":")[1])
		require.NoError(t, err)
		for i := range tb.Columns {
			// The last spare row is ready for text like the first.
			id, err := f.GetCellStyle(tb.Tab, name(i+1, row))
			require.NoError(t, err)
			st, err := f.GetStyle(id)
			require.NoError(t, err)
			assert.Equal(t, 49, st.NumFmt, "%s %s", tb.Tab, name(i+1, row))
		}
		if editable(tb) {
			assert.Equal(t, len(tb.Rows)+1+spare, row)
			column, err := excelize.ColumnNumberToName(col)
			require.NoError(t, err)
			visible, err := f.GetColVisible(tb.Tab, column)
			require.NoError(t, err)
			assert.False(t, visible)
		}
		rules, err := f.GetConditionalFormats(tb.Tab)
		require.NoError(t, err)
		for _, formats := range rules {
			for _, r := range formats {
				assert.Equal(t, "cell", r.Type, tb.Tab)
			}
		}
		if tb.Tab == "Threats" {
			// Three risks, likelihood and impact in three states, and the status.
			assert.Len(t, rules, 10)
		}
	}
}

// TestReadMe holds what the first page must tell.
func TestReadMe(t *testing.T) {
	set := kubernetes(t)
	a := about()
	page := func() string {
		var out bytes.Buffer
		require.NoError(t, Write(&out, set, a))
		var all []string
		for _, row := range read(t, out.Bytes())[readMe] {
			all = append(all, strings.Trim(strings.Join(row, "|"), "|"))
		}
		return strings.Join(all, "\n")
	}
	back := page()
	assert.Contains(t, back, "\nHand it back|")
	assert.NotContains(t, back, "Not this one")

	a.Profile = "managed"
	text := page()
	assert.Contains(t, text, "\nNot this one|")
	assert.NotContains(t, text, "Hand it back")
	for _, want := range []string{
		a.Title, "version 0.1.0", "stage draft", "profile managed", "audience public", a.Digest, "v1.0", a.Disclaimers[0],
		fmt.Sprintf("Threats|A bad event: a circumstance, its effect and its impact.|%d", len(set.Table("threats").Rows)),
		`joined with "; "`, `"(auto)"`, "Google Sheets", "very-high|Red.",
	} {
		assert.Contains(t, text, want)
	}
	for _, tab := range tabs()[1:18] {
		assert.Contains(t, text, "\n"+tab+"|")
	}
}

// TestContrast measures as WCAG 2 does.
func TestContrast(t *testing.T) {
	for _, text := range []string{ink, quiet, linked, accent} {
		assert.GreaterOrEqual(t, contrast(t, text, "FFFFFF"), 4.5, text)
		assert.GreaterOrEqual(t, contrast(t, text, shade), 4.5, text)
	}
	assert.GreaterOrEqual(t, contrast(t, "FFFFFF", accent), 4.5)
	for _, sc := range scales() {
		for _, tone := range sc.tones {
			if tone.fill != "" {
				assert.GreaterOrEqual(t, contrast(t, ink, tone.fill), 4.5, tone.word)
				assert.GreaterOrEqual(t, contrast(t, quiet, paler(tone.fill)), 4.5, tone.word)
			}
		}
	}
}

// TestWords holds that the colours know all the words that cells hold.
func TestWords(t *testing.T) {
	for _, tb := range kubernetes(t).Tables {
		for i, c := range tb.Columns {
			sc := scaleOf(c)
			for _, row := range tb.Rows {
				if sc.tones != nil && row[i] != "" && tb.Tab != heat {
					require.True(t, slices.ContainsFunc(sc.tones, func(x tone) bool { return x.word == row[i] }), "%s %s: %s", tb.Name, c.Key, row[i])
				}
			}
		}
	}
}
