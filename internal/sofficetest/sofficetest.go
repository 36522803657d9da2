// Package sofficetest reads and writes workbooks with LibreOffice in tests: a program that shares no code with ours.
package sofficetest

import (
	"bytes"
	"encoding/csv"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dialect asks for one file a sheet, hidden ones too: commas, double quotes, UTF-8, texts as they are.
const dialect = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

// Read returns the rows of each sheet as LibreOffice shows them. It fails the test where LibreOffice is not installed:
// a check that silently does not run is worse than none.
func Read(t testing.TB, workbook []byte) map[string][][]string {
	t.Helper()
	sheets := map[string][][]string{}
	for name, data := range CSV(t, workbook) {
		sheets[name] = read(t, name, data)
	}
	return sheets
}

// CSV returns each sheet as the CSV file that LibreOffice writes of it.
func CSV(t testing.TB, workbook []byte) map[string][]byte {
	t.Helper()
	sheets := map[string][]byte{}
	for name, data := range convert(t, workbook, dialect) {
		if sheet, ok := strings.CutPrefix(name, "book-"); ok {
			sheets[strings.TrimSuffix(sheet, ".csv")] = data
		}
	}
	return sheets
}

// Resave returns the workbook as LibreOffice writes it after it has read it.
func Resave(t testing.TB, workbook []byte) []byte {
	t.Helper()
	return convert(t, workbook, "xlsx:Calc MS Excel 2007 XML")["book.xlsx"]
}

// convert returns the files that LibreOffice makes of a workbook by a filter, by name.
func convert(t testing.TB, workbook []byte, filter string) map[string][]byte {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatalf("sofficetest: LibreOffice Calc is not installed; run: task setup (%v)", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(file, workbook, 0o666); err != nil {
		t.Fatalf("sofficetest: %v", err)
	}
	// With the profile of a LibreOffice that is running it would do nothing, and say so to nobody.
	profile := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "profile"))}
	out := filepath.Join(dir, "out")
	cmd := exec.CommandContext(t.Context(), soffice, "-env:UserInstallation="+profile.String(), "--headless",
		"--convert-to", filter, "--outdir", out, file)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sofficetest: %v\n%s", err, said)
	}

	names, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("sofficetest: LibreOffice wrote no sheet; is it without Calc? run: task setup")
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatalf("sofficetest: %v", err)
		}
	}
	return files
}

func read(t testing.TB, name string, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("sofficetest: %s: %v", name, err)
	}
	return rows
}
