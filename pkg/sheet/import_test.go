package sheet

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/golden"
	"github.com/tmkit/tmkit/internal/sofficetest"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/model"
)

// exportedBook is the export of the model of a module.
func exportedBook(t testing.TB, dir string) []byte {
	t.Helper()
	m, s := evaluated(t, dir)
	out, err := export.Build(m, s, export.Options{Only: []export.Format{export.XLSX}})
	require.NoError(t, err)
	return out.Files[m.Metadata.Name+".xlsx"]
}

// edited is a workbook after somebody worked on it.
func edited(t testing.TB, data []byte, edit func(f *excelize.File)) *Book {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	require.NoError(t, err)
	edit(f)
	name := filepath.Join(t.TempDir(), "shop.xlsx")
	require.NoError(t, f.SaveAs(name))
	require.NoError(t, f.Close())
	book, err := Read(name)
	require.NoError(t, err)
	book.File = "shop.xlsx"
	return book
}

// taken is what taking a book back into a module comes to.
func taken(t testing.TB, dir string, book *Book, change func(*Request)) *Outcome {
	t.Helper()
	_, s := allFields()
	req := Request{Dir: dir, Schema: s, Book: func() (*Book, error) { return book, nil }}
	if change != nil {
		change(&req)
	}
	out, err := Import(req)
	require.NoError(t, err)
	require.Empty(t, out.Findings)
	return out
}

// write puts the files of an outcome in place.
func (o *Outcome) write(t testing.TB) {
	t.Helper()
	for name, edit := range o.Files {
		require.NoError(t, os.WriteFile(name, edit.New, 0o644))
	}
}

// told writes an outcome for a golden file.
func (o *Outcome) told() string {
	var out strings.Builder
	for _, n := range o.Notes {
		fmt.Fprintln(&out, "note:", n)
	}
	for _, c := range o.Conflicts {
		fmt.Fprintln(&out, "conflict:", c)
	}
	for _, f := range o.Faults {
		fmt.Fprintln(&out, "error:", f)
		if f.Hint != "" {
			fmt.Fprintln(&out, "  hint:", f.Hint)
		}
	}
	for _, name := range model.Keys(o.Files) {
		rel, _ := filepath.Rel(o.Root, name)
		out.Write(diff.Diff(rel, o.Files[name].Old, rel, o.Files[name].New))
	}
	return out.String()
}

// cellAt finds the cell of a row and column of a tab, by the cells that the row begins with and the heading.
func cellAt(t testing.TB, f *excelize.File, tab, heading string, begins ...string) string {
	t.Helper()
	rows, err := f.GetRows(tab)
	require.NoError(t, err)
	for i, row := range rows[1:] {
		if len(row) < len(begins) || strings.Join(row[:len(begins)], "\x00") != strings.Join(begins, "\x00") {
			continue
		}
		for j, h := range rows[0] {
			if h == heading {
				name, err := excelize.CoordinatesToCellName(j+1, i+2)
				require.NoError(t, err)
				return name
			}
		}
	}
	require.Fail(t, "no such cell", "%s %v %s", tab, begins, heading)
	return ""
}

// put writes a text into the cell of a row and column.
func put(t testing.TB, f *excelize.File, tab, heading, text string, begins ...string) {
	t.Helper()
	require.NoError(t, f.SetCellStr(tab, cellAt(t, f, tab, heading, begins...), text))
}

// appended writes a new row below the last one, by heading and text in turns.
func appended(t testing.TB, f *excelize.File, tab string, cells ...string) {
	t.Helper()
	rows, err := f.GetRows(tab)
	require.NoError(t, err)
	last := len(rows)
	for last > 1 && strings.Join(rows[last-1], "") == "" {
		last--
	}
	for i := 0; i < len(cells); i += 2 {
		found := false
		for j, h := range rows[0] {
			if h == cells[i] {
				name, err := excelize.CoordinatesToCellName(j+1, last+1)
				require.NoError(t, err)
				require.NoError(t, f.SetCellStr(tab, name, cells[i+1]))
				found = true
			}
		}
		require.True(t, found, "no heading %s", cells[i])
	}
}

// TestImportChangesNothing takes back what nobody edited.
func TestImportChangesNothing(t *testing.T) {
	dir := shop(t)
	out := taken(t, dir, edited(t, exportedBook(t, dir), func(*excelize.File) {}), nil)
	require.Empty(t, out.told())
	require.Empty(t, out.Edits)
}

// broken are workbooks that cannot be taken back, each for one reason.
var broken = []struct {
	name string
	edit func(t *testing.T, f *excelize.File)
}{
	{"word that is none", func(t *testing.T, f *excelize.File) { put(t, f, "Threats", "Impact", "hihg", "WEB-ACCESS-001") }},
	{"date that is none", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Reviewed", "23.11.2026", "WEB-ACCESS-001")
	}},
	{"number for a text", func(t *testing.T, f *excelize.File) {
		require.NoError(t, f.SetCellInt("Threats", cellAt(t, f, "Threats", "Title", "WEB-ACCESS-001"), 2026))
	}},
	{"truth value for a text", func(t *testing.T, f *excelize.File) {
		require.NoError(t, f.SetCellBool("Threats", cellAt(t, f, "Threats", "Title", "WEB-ACCESS-001"), true))
	}},
	{"formula", func(t *testing.T, f *excelize.File) {
		require.NoError(t, f.SetCellFormula("Threats", cellAt(t, f, "Threats", "Title", "WEB-ACCESS-001"), "=UPPER(A2)"))
	}},
	{"title of two lines", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Title", "Outsider\nlogs in", "WEB-ACCESS-001")
	}},
	{"title too long", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Title", strings.Repeat("long ", 30), "WEB-ACCESS-001")
	}},
	{"text that turns its reader round", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Description", "Reads \u202edrow\u202c.", "WEB-ACCESS-001")
	}},
	{"required cell emptied", func(t *testing.T, f *excelize.File) { put(t, f, "Threats", "Title", "", "WEB-ACCESS-001") }},
	{"dangling reference", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Affects", "web-server; data-base", "WEB-ACCESS-001")
	}},
	{"reference to the wrong kind", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Theme", "database", "WEB-ACCESS-001")
	}},
	{"two faults in one list", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "STRIDE", "spoof, tamper, repudiation", "WEB-ACCESS-001")
	}},
	{"pair without a colon", func(t *testing.T, f *excelize.File) {
		put(t, f, "At risk", "Bearers", "operator", "WEB-ACCESS-001", "nist-800-53-r5", "IA-2(1)")
	}},
	{"pair of nobody", func(t *testing.T, f *excelize.File) {
		put(t, f, "At risk", "Bearers", "everybody: Take care.", "WEB-ACCESS-001", "nist-800-53-r5", "IA-2(1)")
	}},
	{"ports in words", func(t *testing.T, f *excelize.File) {
		put(t, f, "Flows", "Ports", "https", "browser-to-web-server")
	}},
	{"port that is none", func(t *testing.T, f *excelize.File) {
		put(t, f, "Flows", "Ports", "443; 70000", "browser-to-web-server")
	}},
	{"address that is none", func(t *testing.T, f *excelize.File) {
		put(t, f, "More", "Value", "ftp://example.com", "references", "WEB-ACCESS-002/1", "URL")
	}},
	{"id written over", func(t *testing.T, f *excelize.File) { put(t, f, "Threats", "Id", "WEB-ACCESS-009", "WEB-ACCESS-001") }},
	{"id twice", func(t *testing.T, f *excelize.File) { put(t, f, "Threats", "Id", "WEB-ACCESS-002", "WEB-ACCESS-001") }},
	{"id of another collection", func(t *testing.T, f *excelize.File) {
		appended(t, f, "Inbox", "Id", "database", "Title", "Twice")
	}},
	{"id that cannot be one", func(t *testing.T, f *excelize.File) { appended(t, f, "Inbox", "Id", "Data Base", "Title", "x") }},
	{"new row without a title", func(t *testing.T, f *excelize.File) { appended(t, f, "Inbox", "Who", "A rival") }},
	{"new threat that lacks much", func(t *testing.T, f *excelize.File) {
		appended(t, f, "Threats", "Title", "Rival reads prices", "Theme", "access", "Reviewed", "today")
	}},
	{"relation of no threat", func(t *testing.T, f *excelize.File) {
		appended(t, f, "Threat-Countermeasure", "Threat", "WEB-ACCESS-007", "Countermeasure", "require-login", "Effect", "limit")
	}},
	{"relation to no countermeasure", func(t *testing.T, f *excelize.File) {
		appended(t, f, "Threat-Countermeasure", "Threat", "WEB-ACCESS-001", "Countermeasure", "require-logins", "Effect", "limit")
	}},
	{"relation without an effect", func(t *testing.T, f *excelize.File) {
		appended(t, f, "Threat-Countermeasure", "Threat", "WEB-ACCESS-002", "Countermeasure", "require-login")
	}},
	{"control that the catalogue lacks", func(t *testing.T, f *excelize.File) {
		appended(t, f, "At risk", "Subject", "WEB-ACCESS-001", "Catalogue", "nist-800-53-r5", "Entry", "ZZ-1", "Susceptibility", "inherent", "Rationale", "x", "Origin", "project", "Bearers", "operator: x")
	}},
	{"catalogue that is not there", func(t *testing.T, f *excelize.File) {
		appended(t, f, "At risk", "Subject", "WEB-ACCESS-001", "Catalogue", "nist-800-53", "Entry", "AC-1", "Susceptibility", "inherent", "Rationale", "x", "Origin", "project", "Bearers", "operator: x")
	}},
	{"exposure of a flow", func(t *testing.T, f *excelize.File) {
		appended(t, f, "At risk", "Subject", "browser-to-web-server", "Catalogue", "nist-800-53-r5", "Entry", "AC-1", "Susceptibility", "inherent", "Rationale", "x", "Origin", "project", "Bearers", "operator: x")
	}},
	{"line of no table", func(t *testing.T, f *excelize.File) {
		appended(t, f, "More", "Table", "referenzes", "Row", "database/1", "Column", "Title", "Value", "Guide")
	}},
	{"line of no column", func(t *testing.T, f *excelize.File) {
		appended(t, f, "More", "Table", "references", "Row", "database/1", "Column", "Titel", "Value", "Guide")
	}},
	{"line of no row", func(t *testing.T, f *excelize.File) {
		appended(t, f, "More", "Table", "references", "Row", "database", "Column", "Title", "Value", "Guide")
	}},
	{"ids without a heading", func(t *testing.T, f *excelize.File) { require.NoError(t, f.SetCellStr("Threats", "A1", "Key")) }},
	{"heading twice", func(t *testing.T, f *excelize.File) { require.NoError(t, f.SetCellStr("Threats", "C1", "Title")) }},
	{"tab twice", func(t *testing.T, f *excelize.File) {
		rows, err := f.GetRows("Threats")
		require.NoError(t, err)
		_, err = f.NewSheet("Shop - Threats")
		require.NoError(t, err)
		for i, row := range rows[:2] {
			require.NoError(t, f.SetSheetRow("Shop - Threats", fmt.Sprint("A", i+1), &row))
		}
	}},
	{"value from a comprehension", func(t *testing.T, f *excelize.File) {
		put(t, f, "Actors", "Title", "Somebody else", "bored-visitor")
	}},
	{"value by a reference", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Reviewed", "2026-11-23", "WEB-ACCESS-002")
	}},
	{"what follows is wrong", func(t *testing.T, f *excelize.File) {
		put(t, f, "Boundaries", "Parent", "service-network", "service-network")
	}},
	{"two that exclude each other", func(t *testing.T, f *excelize.File) {
		put(t, f, "Threats", "Arises outside", "Because.", "WEB-ACCESS-001")
	}},
}

// TestBroken holds that each of many faults has its message, that no other is told, and that nothing is written.
func TestBroken(t *testing.T) {
	dir := shop(t)
	data := exportedBook(t, dir)
	var out strings.Builder
	for _, c := range broken {
		o := taken(t, dir, edited(t, data, func(f *excelize.File) { c.edit(t, f) }), nil)
		require.NotEmpty(t, o.Faults, c.name)
		require.Empty(t, o.Files, c.name)
		fmt.Fprintf(&out, "== %s\n%s", c.name, o.told())
	}
	require.GreaterOrEqual(t, len(broken), 30)
	golden.Equal(t, []byte(out.String()))
}

// TestReSaved takes back workbooks that other programs saved, unedited and edited.
func TestReSaved(t *testing.T) {
	dir := shop(t)
	data := exportedBook(t, dir)
	for name, save := range map[string]func(testing.TB, []byte) []byte{"LibreOffice": sofficetest.Resave, "Gnumeric": ssconvert} {
		t.Run(name, func(t *testing.T) {
			out := taken(t, dir, edited(t, save(t, data), func(*excelize.File) {}), nil)
			require.Empty(t, out.told())
			f, err := excelize.OpenReader(bytes.NewReader(data))
			require.NoError(t, err)
			put(t, f, "Threats", "Title", "Outsider guesses a \u201cpassword\u201d", "WEB-ACCESS-001")
			put(t, f, "Threats", "Description", "=1+1 is what the shop adds up.\n\nNobody\u00a0sees it.", "WEB-ACCESS-002")
			b, err := f.WriteToBuffer()
			require.NoError(t, err)
			out = taken(t, dir, edited(t, save(t, b.Bytes()), func(*excelize.File) {}), nil)
			golden.Equal(t, []byte(out.told()), "TestReSaved")
		})
	}
}

// exportedCSV writes the CSV export of a module's model to a folder, with its manifest, and returns the folder of the tables.
func exportedCSV(t testing.TB, dir string) string {
	t.Helper()
	m, s := evaluated(t, dir)
	out, err := export.Build(m, s, export.Options{Only: []export.Format{export.CSV}, CSV: csv.Guarded})
	require.NoError(t, err)
	base := t.TempDir()
	require.NoError(t, out.Write(base))
	return filepath.Join(base, out.Dir, "csv")
}

// TestTakenFromCSV takes CSV files back: a folder, one file, and one that left its folder.
func TestTakenFromCSV(t *testing.T) {
	dir := shop(t)
	folder := exportedCSV(t, dir)
	read := func(path string) *Book {
		book, err := Read(path)
		require.NoError(t, err)
		book.File = filepath.Base(path)
		return book
	}
	require.Empty(t, taken(t, dir, read(folder), nil).told())

	file := filepath.Join(folder, "threats.csv")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.Replace(string(data), "Outsider logs in with a leaked password", `"'=Outsider, who logs in"`, 1)
	require.NoError(t, os.WriteFile(file, []byte("\ufeff"+strings.ReplaceAll(changed, "\n", "\r\n")), 0o644))
	out := taken(t, dir, read(file), nil)
	require.Empty(t, out.Faults)
	require.Len(t, out.Edits, 1)
	require.Equal(t, "=Outsider, who logs in", out.Edits[0].New)
	whole := taken(t, dir, read(folder), nil)
	require.Equal(t, out.told(), whole.told())

	away := filepath.Join(t.TempDir(), "Shop threat model - Threats.csv")
	require.NoError(t, os.WriteFile(away, []byte(changed), 0o644))
	out = taken(t, dir, read(away), nil)
	require.Len(t, out.Conflicts, 1)
	require.Contains(t, out.Conflicts[0].String(), "what was exported is not known")
	require.Len(t, taken(t, dir, read(away), func(r *Request) { r.NoBase = true }).Edits, 1)
	was := exportedCSV(t, dir)
	require.Len(t, taken(t, dir, read(away), func(r *Request) { r.Base = func() (*Book, error) { return Read(was) } }).Edits, 1)
}

// TestPartial takes the rows that are whole, and then the others from the workbook of the rest, once they are mended.
func TestPartial(t *testing.T) {
	dir := shop(t)
	book := edited(t, exportedBook(t, dir), func(f *excelize.File) {
		put(t, f, "Threats", "Title", "Outsider guesses a password", "WEB-ACCESS-001")
		put(t, f, "Threats", "Title", "Operator reads a backup", "WEB-ACCESS-002")
		put(t, f, "Threats", "Impact", "hihg", "WEB-ACCESS-002")
		put(t, f, "More", "Value", "ftp://example.com", "references", "WEB-ACCESS-002/1", "URL")
		put(t, f, "Boundaries", "Parent", "service-network", "service-network")
		appended(t, f, "Threats", "Title", "Rival reads prices", "Theme", "access", "Actors", "password-guesser")
		appended(t, f, "Inbox", "Title", "What if the cache lies?")
	})
	out := taken(t, dir, book, func(r *Request) { r.Partial = true })
	var rest bytes.Buffer
	require.NoError(t, out.WriteRest(&rest))
	told := out.told()
	out.write(t)

	f, err := excelize.OpenReader(bytes.NewReader(rest.Bytes()))
	require.NoError(t, err)
	for _, tab := range f.GetSheetList() {
		rows, err := f.GetRows(tab)
		require.NoError(t, err)
		if strings.HasPrefix(tab, "_") {
			continue
		}
		told += "== " + tab + "\n"
		for _, row := range rows {
			told += strings.TrimRight(strings.Join(row, " | "), " |") + "\n"
		}
	}
	golden.Equal(t, []byte(told))

	out = taken(t, dir, edited(t, rest.Bytes(), func(f *excelize.File) {
		put(t, f, "Threats", "Impact", "moderate", "WEB-ACCESS-002")
	}), func(r *Request) { r.Partial = true })
	require.Contains(t, out.told(), `"Operator reads a backup"`)
	require.Len(t, out.Edits, 2)
}

// TestBesides reports rows that change, come or go without an edit that says so.
func TestBesides(t *testing.T) {
	m, s := evaluated(t, shop(t))
	was := newSnapshot(authored(m, s), nil)
	require.Empty(t, was.besides(nil, authored(m, s), nil))
	delete(m.Threats, "WEB-ACCESS-003")
	var told []string
	for _, f := range was.besides(nil, authored(m, s), nil) {
		told = append(told, f.String())
	}
	require.Equal(t, []string{
		"threats: WEB-ACCESS-003: would go too, since it depends on what is edited",
		"threat-countermeasure: WEB-ACCESS-003 require-login: would go too, since it depends on what is edited",
	}, told)
	require.Empty(t, was.besides([]Edit{{Subject: Subject{Table: "threats", key: "WEB-ACCESS-003"}}}, authored(m, s), nil))
}

// TestRefusedFormat refuses a workbook of another format.
func TestRefusedFormat(t *testing.T) {
	dir := shop(t)
	book := edited(t, exportedBook(t, dir), func(*excelize.File) {})
	book.Meta.Format = "99"
	_, s := allFields()
	_, err := Import(Request{Dir: dir, Schema: s, Book: func() (*Book, error) { return book, nil }})
	var refused *Refused
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "shop.xlsx was exported in the format 99, this tmkit reads 1", refused.Message)
}
