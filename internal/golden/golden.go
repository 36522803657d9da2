// Package golden compares what a test made with a file in testdata, and writes that
// file anew when the test runs with -update.
package golden

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"testing"
)

// The flag exists in the test programs of the packages that import this one, so
// -update is given package by package: go test ./... -update would stop at the first
// package that does not know it.
var update = flag.Bool("update", false, "write testdata/*.golden anew")

// Equal fails the test when got differs from testdata/NAME.golden, byte for byte. NAME
// is the test's own name, subtests being folders, or the given name, whose parts are
// joined with slashes. With -update the file is written instead.
func Equal(t testing.TB, got []byte, name ...string) {
	t.Helper()
	key := path.Join(name...)
	if len(name) == 0 {
		key = t.Name()
	}
	// A subtest can be called anything; none may write outside of testdata.
	if key == "" || !filepath.IsLocal(filepath.FromSlash(key)) {
		t.Fatalf("golden: %q names no file inside testdata", key)
	}
	file := filepath.Join("testdata", filepath.FromSlash(key)+".golden")

	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatalf("golden: %v", err)
	}
	missing := err != nil
	if !missing && bytes.Equal(got, want) {
		return
	}
	if *update {
		if err := write(file, got); err != nil {
			t.Fatalf("golden: %v", err)
		}
		t.Logf("golden: wrote %s", file)
		return
	}
	hint := fmt.Sprintf("if the new output is right: go test -run '^%s$' -update, in this package's folder", t.Name())
	if missing {
		t.Fatalf("golden: %s does not exist\n%s", file, hint)
	}
	t.Errorf("golden: output differs from %s\n%s\n%s", file, firstDifference(want, got), hint)
}

func write(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o666)
}

// firstDifference shows only where two texts part: with a file of any size, all that
// follows is often the same difference again. Lines are quoted, since an invisible
// byte is as much of a difference as a word.
func firstDifference(want, got []byte) string {
	w, g := bytes.SplitAfter(want, []byte("\n")), bytes.SplitAfter(got, []byte("\n"))
	i := 0
	for i < len(w) && i < len(g) && bytes.Equal(w[i], g[i]) {
		i++
	}
	line := func(lines [][]byte) string {
		// SplitAfter leaves an empty piece behind a last newline.
		if i >= len(lines) || len(lines[i]) == 0 {
			return "(end of text)"
		}
		return fmt.Sprintf("%q", lines[i])
	}
	return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, line(w), line(g))
}
