package vet_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	cueload "cuelang.org/go/cue/load"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/vet"
)

const repository = "../.."

// TestHunt makes one small mistake after another in real models, as a tired author would, and holds each time that vet
// comes to an end, speaks to authors, and rejects what cue rejects, at a line that exists.
func TestHunt(t *testing.T) {
	var made, rejected atomic.Int64
	t.Cleanup(func() {
		assert.Greater(t, 3*rejected.Load(), made.Load(), "of %d mistakes cue rejects %d: too few to be a hunt", made.Load(), rejected.Load())
	})
	for _, prey := range []struct {
		dir   string
		files []string // what the package needs beside the contract
		times int
	}{
		{"threats/kubernetes", nil, 60},
		{"schema/testdata/good/every-field", nil, 60},
		{"schema/testdata/good/computed", nil, 60},
		{"schema/testdata/good/two-packages/mapping", []string{"schema/testdata/good/two-packages/base", "schema/testdata/good/catalog"}, 20},
		{"schema/testdata/good/catalog", nil, 20},
	} {
		for i := range prey.times {
			t.Run(fmt.Sprintf("%s/%d", prey.dir, i), func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				for _, dir := range append(prey.files, prey.dir, "schema/v1", "cue.mod") {
					require.NoError(t, os.CopyFS(filepath.Join(root, dir), cueFiles(t, filepath.Join(repository, dir))))
				}
				what := mutate(t, filepath.Join(root, prey.dir), rand.New(rand.NewPCG(uint64(i), 1)))
				made.Add(1)
				if hunted(t, root, "./"+prey.dir, what) {
					rejected.Add(1)
				}
			})
		}
	}
}

// cueFiles returns the CUE files of one folder.
func cueFiles(t *testing.T, dir string) fs.FS {
	t.Helper()
	return only{os.DirFS(dir)}
}

// only is a file system that shows CUE files alone.
type only struct{ fs.FS }

func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return filepath.Ext(e.Name()) != ".cue" }), err
}

// hunted vets a package in which something may be wrong, and says whether cue rejects it.
func hunted(t *testing.T, root, pattern, what string) bool {
	t.Helper()
	report, err := vet.Run(load.Options{Dir: root, Patterns: []string{pattern}, Schema: theSchema(t)})
	require.NoError(t, err, what)
	placed := false
	for _, f := range report.Findings {
		plain := quoted.ReplaceAllString(f.Message+" "+f.Hint, "")
		assert.NotRegexp(t, innards, plain, what)
		assert.NotContains(t, f.Message, "\n", what)
		src, err := os.ReadFile(filepath.Join(root, f.Position.File))
		if f.Severity == finding.Error && assert.NoError(t, err, "%s: %s", what, said(f)) {
			assert.LessOrEqual(t, f.Position.Line, strings.Count(string(src), "\n")+1, what)
			placed = placed || f.Position.Line > 0
		}
	}
	err = plainCUE(root, pattern)
	if err != nil {
		assert.True(t, placed, "%s\ncue rejects it: %v\ntmkit says: %v", what, err, report.Findings)
	}
	return err != nil
}

// quoted is an author's own text in a message, which may say anything.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// plainCUE evaluates a package as the command cue vet -c does.
func plainCUE(root, pattern string) error {
	inst := cueload.Instances([]string{pattern}, &cueload.Config{Dir: root, Env: []string{"CUE_REGISTRY=none"}})[0]
	if inst.Err != nil {
		return inst.Err
	}
	return cuecontext.New().BuildInstance(inst).Validate(cue.Attributes(true), cue.Definitions(true), cue.Hidden(true), cue.Concrete(true))
}

var word = regexp.MustCompile(`[A-Za-z]{2,}`)

// mutate makes one mistake in one line of one of a folder's files, and says which.
func mutate(t *testing.T, dir string, r *rand.Rand) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	require.NoError(t, err)
	for {
		name := names[r.IntN(len(names))]
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		lines := strings.Split(string(src), "\n")
		i := r.IntN(len(lines))
		old := lines[i]
		if text := strings.TrimSpace(old); text == "" || strings.HasPrefix(text, "//") {
			continue
		}
		var how string
		switch r.IntN(5) {
		case 0:
			how, lines = "deleted", slices.Delete(lines, i, i+1)
		case 1:
			how, lines[i] = "swapped two letters of", swapped(old, r)
		case 2:
			how, lines = "duplicated, with two letters swapped,", slices.Insert(lines, i, swapped(old, r))
		case 3:
			quotes := regexp.MustCompile(`"`).FindAllStringIndex(old, -1)
			if len(quotes) == 0 {
				continue
			}
			at := quotes[r.IntN(len(quotes))]
			how, lines[i] = "changed a quote of", old[:at[0]]+[]string{"", "'", "`", `""`}[r.IntN(4)]+old[at[1]:]
		case 4:
			how, lines[i] = "changed the punctuation of", strings.NewReplacer(":", "", ",", ":", "{", "[", "}", "").Replace(old)
		}
		if changed := strings.Join(lines, "\n"); changed != string(src) {
			require.NoError(t, os.WriteFile(name, []byte(changed), 0o666))
			return fmt.Sprintf("%s:%d: %s: %s", filepath.Base(name), i+1, how, old)
		}
	}
}

// swapped is a line with two letters of one of its words in the wrong order.
func swapped(line string, r *rand.Rand) string {
	words := word.FindAllStringIndex(line, -1)
	if len(words) == 0 {
		return line
	}
	at := words[r.IntN(len(words))]
	i := at[0] + r.IntN(at[1]-at[0]-1)
	return line[:i] + string(line[i+1]) + string(line[i]) + line[i+2:]
}
