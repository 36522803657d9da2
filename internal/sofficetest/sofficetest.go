// Package sofficetest reads workbooks with LibreOffice in tests: a reader that shares no code with the writer.
package sofficetest

import (
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
	cmd := exec.CommandContext(t.Context(), soffice, "-env:UserInstallation="+profile.String(), "--headless",
		"--convert-to", dialect, "--outdir", dir, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sofficetest: %v\n%s", err, out)
	}

	files, err := filepath.Glob(filepath.Join(dir, "book-*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("sofficetest: LibreOffice wrote no sheet; is it without Calc? run: task setup")
	}
	sheets := map[string][][]string{}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "book-"), ".csv")
		sheets[name] = read(t, file)
	}
	return sheets
}

func read(t testing.TB, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatalf("sofficetest: %v", err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("sofficetest: %s: %v", filepath.Base(file), err)
	}
	return rows
}
