package sheet

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/sofficetest"
	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/analysis"
	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/export/xlsx"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// awkward are texts that sheet programs are known to change.
var awkward = []string{"=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "00123", "1/2", "2026-11-23", "1e5", "TRUE", "yes", "12345678901234567890",
	"two\nlines", "a\n\nb", " leads", "ends ", "two  blanks", "tab\tin it", `say "x"`, "a,b;c", "\u00a0x", "\u201cq\u201d", "<b>&amp;", "_x0041_", "_x000D_",
	"é \U0001f512", "]]>", "#N/A"}

// everyTable returns the tables of a model that has every field, with the awkward texts as titles of threats.
func everyTable(t testing.TB) *table.Set {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	report, err := vet.Run(load.Options{Dir: "../../schema/testdata", Patterns: []string{"./good/every-field"}, Schema: s})
	require.NoError(t, err)
	models := report.Exported("public")
	require.Len(t, models, 1)
	m := models[0].Model
	set := table.Build(m, analysis.Derive(m), s)
	threats := set.Table("threats")
	title := threats.Column("title")
	for i, text := range awkward {
		row := slices.Clone(threats.Rows[0])
		row[0], row[title] = fmt.Sprintf("T-AWKWARD-%02d", i), text
		threats.Rows = append(threats.Rows, row)
	}
	return set
}

func aboutAll() xlsx.About {
	return xlsx.About{Title: "Every field", Name: "every-field", Version: "1.0.0", Stage: "draft", Audience: "public",
		Digest: strings.Repeat("0123456789abcdef", 4), SchemaVersion: "v1.0", FormatVersion: "1"}
}

func exportedXLSX(t testing.TB, set *table.Set) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, xlsx.Write(&b, set, aboutAll()))
	return b.Bytes()
}

// cellsOf returns the cells of a tab, all of which are texts.
func cellsOf(t *testing.T, tab *Tab) [][]string {
	t.Helper()
	var out [][]string
	for _, r := range append([]Row{{tab.HeaderRow, tab.Header}}, tab.Rows...) {
		require.Equal(t, len(out)+1, r.Number, tab.Name)
		var cells []string
		for i, c := range r.Cells {
			require.Equal(t, Text, c.Kind, "%s", Place{tab.Name, r.Number, i + 1})
			cells = append(cells, c.Text)
		}
		out = append(out, cells)
	}
	return out
}

// TestWorkbook holds that a workbook reads back with every cell as it was exported, also after other programs saved it.
func TestWorkbook(t *testing.T) {
	set := everyTable(t)
	exported := exportedXLSX(t, set)
	for name, data := range map[string][]byte{"exported": exported, "LibreOffice": sofficetest.Resave(t, exported), "Gnumeric": ssconvert(t, exported)} {
		t.Run(name, func(t *testing.T) {
			book, err := readXLSX(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			tabs := map[string]*Tab{}
			for _, tab := range book.Tabs {
				tabs[tab.Name] = tab
			}
			require.Equal(t, exportedTabs(set), slices.Sorted(maps.Keys(tabs)))

			more := [][]string{{"Table", "Row", "Column", "Value", "_row"}}
			meta := Meta{Format: "1", Schema: "v1.0", Model: "every-field", Version: "1.0.0", Stage: "draft", Audience: "public", Digest: aboutAll().Digest}
			base := map[string]map[string]BaseRow{}
			for _, tb := range set.Tables {
				mt := MetaTable{Tab: tb.Tab, Table: tb.Name}
				if tb.Tab == "" {
					mt.Tab = "More"
				}
				hashed := slices.ContainsFunc(tb.Columns, func(c table.Column) bool { return !c.Derived })
				rows := [][]string{nil}
				for _, c := range tb.Columns {
					mt.Columns = append(mt.Columns, c.Key)
					rows[0] = append(rows[0], c.Heading)
				}
				meta.Tables = append(meta.Tables, mt)
				if hashed {
					rows[0] = append(rows[0], "_row")
				}
				for _, row := range tb.Rows {
					cells := slices.Clone(row)
					if hashed {
						cells = append(cells, tb.RowHash(row))
						if base[tb.Name] == nil {
							base[tb.Name] = map[string]BaseRow{}
						}
						was := BaseRow{Hash: tb.RowHash(row), Cells: map[string]string{}}
						for i := tb.Keys; i < len(row); i++ {
							was.Cells[tb.Columns[i].Key] = table.CellHash(row[i])
						}
						base[tb.Name][tb.Key(row)] = was
					}
					rows = append(rows, cells)
					for i, cell := range row {
						if tb.Tab == "" && cell != "" {
							more = append(more, []string{tb.Name, tb.Key(row), tb.Columns[i].Heading, cell, tb.RowHash(row)})
						}
					}
				}
				if tb.Tab != "" && tb.Tab != "Heat map" {
					require.Equal(t, rows, cellsOf(t, tabs[tb.Tab]), tb.Name)
				}
			}
			require.Equal(t, more, cellsOf(t, tabs["More"]))
			require.Equal(t, meta, book.Meta)
			require.Equal(t, base, book.Base)
			require.Empty(t, book.Remarks)
		})
	}
}

// exportedTabs are the tabs that an export shows, by name.
func exportedTabs(set *table.Set) []string {
	names := []string{"Read me", "More", "Heat map"}
	for _, tb := range set.Tables {
		if tb.Tab != "" {
			names = append(names, tb.Tab)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ssconvert returns the workbook as Gnumeric writes it after it has read it.
func ssconvert(t testing.TB, data []byte) []byte {
	t.Helper()
	program, err := exec.LookPath("ssconvert")
	require.NoError(t, err, "Gnumeric is not installed; run: task setup")
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from.xlsx"), filepath.Join(dir, "to.xlsx")
	require.NoError(t, os.WriteFile(from, data, 0o666))
	said, err := exec.CommandContext(t.Context(), program, from, to).CombinedOutput()
	require.NoError(t, err, "%s", said)
	out, err := os.ReadFile(to)
	require.NoError(t, err)
	return out
}

// TestFolder holds the same of the CSV files of an export, and of a file that LibreOffice wrote.
func TestFolder(t *testing.T) {
	set := everyTable(t)
	files, err := exportcsv.Files(set, exportcsv.Guarded)
	require.NoError(t, err)
	dir := t.TempDir()
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o666))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README.md"), []byte("not a sheet"), 0o666))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "old.csv"), 0o777))
	book, err := Read(dir)
	require.NoError(t, err)
	require.Equal(t, dir, book.File)
	require.Zero(t, book.Meta)
	require.Nil(t, book.Base)
	require.Len(t, book.Tabs, len(set.Tables))
	for _, tab := range book.Tabs {
		tb := set.Table(tab.Name)
		want := [][]string{nil}
		for _, c := range tb.Columns {
			want[0] = append(want[0], c.Heading)
		}
		require.Equal(t, append(want, tb.Rows...), cellsOf(t, tab), tab.Name)
	}

	saved := filepath.Join(dir, "saved.csv")
	require.NoError(t, os.WriteFile(saved, sofficetest.CSV(t, exportedXLSX(t, set))["Threats"], 0o666))
	book, err = Read(saved)
	require.NoError(t, err)
	require.Len(t, book.Tabs, 1)
	require.Equal(t, "saved", book.Tabs[0].Name)
	threats := set.Table("threats")
	for i, row := range cellsOf(t, book.Tabs[0])[1:] {
		// In a workbook no apostrophe guards a text, so that one which is there is taken for a guard.
		want := append(slices.Clone(threats.Rows[i]), threats.RowHash(threats.Rows[i]))
		for j, cell := range want {
			want[j] = strings.TrimPrefix(cell, "'")
		}
		require.Equal(t, want, row)
	}
}

func TestCells(t *testing.T) {
	f := excelize.NewFile()
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	set := func(cell string, value any) { require.NoError(t, f.SetCellValue("Sheet1", cell, value)) }
	style := func(cell string, s excelize.Style) {
		id, err := f.NewStyle(&s)
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle("Sheet1", cell, cell, id))
	}
	custom := func(format string) excelize.Style { return excelize.Style{CustomNumFmt: &format} }
	set("B2", "Heading")
	set("A4", 12)
	set("B4", 1e6)
	set("C4", 1.1000000000000001)
	set("D4", -0.25)
	set("E4", true)
	set("F4", false)
	require.NoError(t, f.SetCellFormula("Sheet1", "G4", "A4*2"))
	require.NoError(t, f.SetCellRichText("Sheet1", "H4", []excelize.RichTextRun{{Text: "plain "}, {Text: "bold", Font: &excelize.Font{Bold: true}}}))
	require.NoError(t, f.SetCellRichText("Sheet1", "I4", []excelize.RichTextRun{{Text: "a\r\nb\rc"}}))
	for cell, s := range map[string]excelize.Style{"A6": {NumFmt: 14}, "B6": custom(`d" day "mmm`), "C6": {NumFmt: 1}, "D6": custom(`[Red]0"d"\y`), "E6": {NumFmt: 20}} {
		set(cell, 46349)
		style(cell, s)
	}
	set("F6", 46349.5)
	style("F6", excelize.Style{NumFmt: 22})
	set("G6", 59)
	style("G6", excelize.Style{NumFmt: 14})

	book := reread(t, f)
	require.Len(t, book.Tabs, 1)
	tab := book.Tabs[0]
	require.Equal(t, []Cell{{}, {Text: "Heading"}}, tab.Header)
	require.Equal(t, 2, tab.HeaderRow)
	require.Equal(t, []Row{
		{4, []Cell{{"12", Number}, {"1000000", Number}, {"1.1", Number}, {"-0.25", Number}, {"TRUE", Bool}, {"FALSE", Bool}, {"=A4*2", Formula}, {"plain bold", Text}, {"a\nb\nc", Text}}},
		{6, []Cell{{"2026-11-23", Date}, {"2026-11-23", Date}, {"46349", Number}, {"46349", Number}, {"46349", Number}, {"46349.5", Number}, {"1900-02-28", Date}}},
	}, tab.Rows)

	yes := true
	require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
	require.Equal(t, Cell{"2030-11-24", Date}, reread(t, f).Tabs[0].Rows[1].Cells[0])
}

// reread returns a book as it is read from what excelize writes.
func reread(t testing.TB, f *excelize.File) *Book {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	book, err := readXLSX(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	return book
}

func TestRemarks(t *testing.T) {
	f := excelize.NewFile()
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	require.NoError(t, f.SetCellValue("Sheet1", "A1", "Id"))
	for _, c := range []excelize.Comment{
		{Cell: "A1", Author: "tmkit", Text: "The key of the entry."},
		{Cell: "C9", Author: "Reviewer", Text: "Is it\r\nso?"},
		{Cell: "B2", Author: " ", Text: "without a name"},
		{Cell: "B1", Author: "Reviewer", Text: "What is this column?"},
		{Cell: "C1", Author: " ", Text: "The note of a heading, saved by LibreOffice."},
	} {
		require.NoError(t, f.AddComment("Sheet1", c))
	}
	require.Equal(t, []Remark{
		{"Sheet1", 1, 2, "Reviewer", "What is this column?"},
		{"Sheet1", 2, 2, "", "without a name"},
		{"Sheet1", 9, 3, "Reviewer", "Is it\nso?"},
	}, reread(t, f).Remarks)
}

// BenchmarkRead reads the workbooks of synthetic models.
func BenchmarkRead(b *testing.B) {
	s, err := schema.V1()
	require.NoError(b, err)
	for _, n := range []int{1000, 5000} {
		dir := b.TempDir()
		require.NoError(b, synthetic.Write(dir, n))
		report, err := vet.Run(load.Options{Dir: dir, Schema: s})
		require.NoError(b, err)
		m := report.Exported("public")[0].Model
		data := exportedXLSX(b, table.Build(m, analysis.Derive(m), s))
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := readXLSX(bytes.NewReader(data), int64(len(data)))
				require.NoError(b, err)
			}
		})
	}
}
