package xlsx

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

func about() About {
	return About{
		Title: "Kubernetes threat model", Name: "kubernetes", Version: "0.1.0", Stage: "draft", Audience: "public",
		Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4), SchemaVersion: "v1.0", FormatVersion: "1",
		Disclaimers: []string{"No audit, no guarantee."},
	}
}

// kubernetes is the tables of the shipped model, made once: nothing changes tables.
func kubernetes(t testing.TB) *table.Set {
	t.Helper()
	set, err := shipped()
	require.NoError(t, err)
	return set
}

var shipped = sync.OnceValues(func() (*table.Set, error) {
	s, err := schema.V1()
	if err != nil {
		return nil, err
	}
	r, err := vet.Run(load.Options{Dir: "../../..", Patterns: []string{"./controls/kubernetes"}, Schema: s})
	if err != nil {
		return nil, err
	}
	models := r.Exported("public")
	if len(models) != 1 {
		return nil, fmt.Errorf("%d models, want one; findings: %v", len(models), r.Findings)
	}
	m := models[0].Model
	f := analysis.Derive(m)
	if f.Comparison, err = analysis.Compare(m, f); err != nil {
		return nil, err
	}
	return table.Build(m, f, s), nil
})

// empty is the tables of a model that has nothing yet.
func empty(t testing.TB) *table.Set {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	m := &model.Model{Schema: "v1.0", Kind: "ThreatModel"}
	return table.Build(m, analysis.Derive(m), s)
}

// awkward is tables of texts that sheet programs like to change.
func awkward() *table.Set {
	texts := []string{
		"plain", "  spaces  at  both  ends  ", "two\nlines", "\nnewlines at both ends\n", "a\ttab", `"quotes", commas; 'and' more`,
		"_x000D_", "_x0041_ and _x005F_x000D_", "=1+1", `=HYPERLINK("https://example.com")`, "+1", "-2+3", "@SUM(A1)", "'apostrophe",
		"00123", "1/2", "2024-01-02", "1e5", "5%", "12345678901234567890", "TRUE", "false", "#N/A", "#REF!", "£3.50",
		"<b>&amp;</b> ]]>", "emoji \U0001F512\U0001F468\u200D\U0001F4BB", "\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627", "\u00A0no break\u00A0", "\u200Bzero width",
		"caf\u00E9 and cafe\u0301", "\uFFFD", `C:\path\new`, "a; b; c", strings.Repeat("x", 32000), strings.Repeat("\U0001F512", 16000), "last",
	}
	column := table.Column{Key: "text", Heading: "Text", Width: 40}
	keys := []table.Column{{Key: "id", Heading: "Id", Width: 10, Required: true}, column, {Key: "auto", Heading: "Text" + table.Auto, Derived: true}, {Key: "never", Heading: "Never"}}
	tabbed := &table.Table{Name: "threats", Title: "Threats", Tab: "Threats", Keys: 1, Columns: keys}
	rest := &table.Table{Name: "rest", Title: "Rest", Keys: 2, Columns: append([]table.Column{{Key: "subject", Heading: "Subject", Refs: []string{"any"}}}, keys...)}
	none := &table.Table{Name: "none", Title: "None", Keys: 1, Columns: keys}
	for i, s := range texts {
		id := fmt.Sprintf("T-%02d", i)
		tabbed.Rows = append(tabbed.Rows, []string{id, s, s, ""})
		// Keys that look alike once they are joined, and rows that end before the next begins.
		rest.Rows = append(rest.Rows, []string{"a/b", "c", s, s, ""}, []string{"a", "b/c", "", s, ""}, []string{s, "=", "", "", ""})
	}
	return &table.Set{Tables: []*table.Table{tabbed, rest, none}}
}

func write(t testing.TB, set *table.Set) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, set, about()))
	return out.Bytes()
}

func open(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: 256 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

// read returns the rows of every sheet.
func read(t testing.TB, data []byte) map[string][][]string {
	t.Helper()
	f := open(t, data)
	sheets := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.Rows(name)
		require.NoError(t, err)
		for rows.Next() {
			row, err := rows.Columns()
			require.NoError(t, err)
			sheets[name] = append(sheets[name], row)
		}
		require.NoError(t, rows.Error())
		require.NoError(t, rows.Close())
	}
	return sheets
}

// at is a cell of a row, empty where the row ends before.
func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// filled returns the rows with as many cells each, without the empty rows at the end.
func filled(rows [][]string, width int) [][]string {
	var out [][]string
	last := 0
	for i, row := range rows {
		padded := make([]string, max(width, len(row)))
		copy(padded, row)
		out = append(out, padded)
		if strings.Join(row, "") != "" {
			last = i + 1
		}
	}
	return out[:last]
}

// rebuilt is the tables of a workbook, as an import would read them: the headings of the columns it knows from the
// schema, here from the tables that were written.
func rebuilt(t testing.TB, sheets map[string][][]string, set *table.Set) *table.Set {
	t.Helper()
	out := &table.Set{}
	inTables := false
	for _, row := range sheets[meta] {
		if at(row, 0) == "" || !inTables {
			inTables = inTables || at(row, 0) == "tab"
			continue
		}
		tb := &table.Table{Name: row[1], Tab: row[0]}
		for _, key := range strings.Split(row[4], "\n") {
			tb.Columns = append(tb.Columns, table.Column{Key: key})
		}
		width := len(tb.Columns)
		switch tb.Tab {
		case more:
			tb.Rows = fromMore(t, filled(sheets[more], 5)[1:], set.Table(tb.Name))
		case heat:
			for _, r := range sheets[heat] {
				if _, err := strconv.Atoi(at(r, width-1)); err == nil && r[0] != "" {
					tb.Rows = append(tb.Rows, r[:width])
				}
			}
		default:
			for _, r := range filled(sheets[tb.Tab], width)[1:] {
				tb.Rows = append(tb.Rows, r[:width])
			}
		}
		require.Equal(t, row[2], strconv.Itoa(len(tb.Rows)), "rows of %s", tb.Name)
		require.Equal(t, row[3], tb.Digest(), "digest of %s", tb.Name)
		out.Tables = append(out.Tables, tb)
	}
	return out
}

// fromMore is the rows of a table in long form.
func fromMore(t testing.TB, lines [][]string, known *table.Table) [][]string {
	t.Helper()
	var rows [][]string
	key, last := "", -1
	for _, line := range lines {
		if line[0] != known.Name {
			continue
		}
		column := slices.IndexFunc(known.Columns, func(c table.Column) bool { return c.Heading == line[2] })
		require.GreaterOrEqual(t, column, 0, "%s has no column %s", known.Name, line[2])
		if line[1] != key || column <= last {
			rows = append(rows, make([]string, len(known.Columns)))
		}
		key, last = line[1], column
		rows[len(rows)-1][column] = line[3]
	}
	return rows
}
