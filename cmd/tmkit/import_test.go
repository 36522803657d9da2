package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/journal"
)

// tree is the texts of the files of a folder by their paths, and its folders.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := []byte("a folder")
		if !d.IsDir() {
			text, err = os.ReadFile(name)
		}
		rel, relErr := filepath.Rel(dir, name)
		require.NoError(t, relErr)
		out[rel] = string(text)
		return err
	}))
	return out
}

// crowd writes a module whose actors have a file each, and a workbook of it in which each has another title.
func crowd(t *testing.T, dir, book string) {
	t.Helper()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("cue.mod/module.cue", "module: \"crowd.example@v0\"\nlanguage: version: \"v0.14.0\"\n")
	write("model.cue", `package crowd

import "tmkit.dev/schema/v1"

model: v1.#ThreatModel & {
	schema: "v1.0"
	metadata: {name: "crowd", title: "A crowd", version: "0.1.0", stage: "draft"}
}
`)
	for i := range 12 {
		write(fmt.Sprintf("actor-%02d.cue", i), fmt.Sprintf(`package crowd

model: actors: "actor-%02d": {
	title:       "One of many"
	position:    "external"
	source:      "accidental"
	description: "Stands in the crowd."
}
`, i))
	}
	exports := t.TempDir()
	runIn(t, dir, "export", "--only", "xlsx", "--out", exports)
	f, err := excelize.OpenFile(filepath.Join(exports, "crowd", "crowd.xlsx"))
	require.NoError(t, err)
	for row := 2; row < 14; row++ {
		require.NoError(t, f.SetCellStr("Actors", fmt.Sprint("B", row), fmt.Sprint("Number ", row)))
	}
	require.NoError(t, f.SaveAs(book))
	require.NoError(t, f.Close())
}

// command is a run of tmkit in a folder.
func command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("tmkit", args...)
	cmd.Dir = dir
	return cmd
}

func runIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	out, err := command(dir, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// begun starts an import in a new copy of a module and waits until something shows, or the program has ended. ended is
// closed when it has.
func begun(t *testing.T, module, book string, shows func(dir string) bool) (dir string, cmd *exec.Cmd, ended chan struct{}) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "crowd")
	require.NoError(t, os.CopyFS(dir, os.DirFS(module)))
	cmd, ended = command(dir, "import", book), make(chan struct{})
	require.NoError(t, cmd.Start())
	go func() {
		_ = cmd.Wait() // a killed program ends with an error
		close(ended)
	}()
	for !shows(dir) {
		select {
		case <-ended:
			return dir, cmd, ended
		default:
		}
	}
	return dir, cmd, ended
}

// TestImportKilled kills imports at random moments: of the whole run, of the time that the journal is there, and of that
// in which files are replaced. The next command leaves all files as they were, or all as they shall be.
func TestImportKilled(t *testing.T) {
	module, book := filepath.Join(t.TempDir(), "module"), filepath.Join(t.TempDir(), "crowd.xlsx")
	crowd(t, module, book)
	before := tree(t, module)
	starts := func(string) bool { return true }
	stages := func(dir string) bool {
		_, err := os.Lstat(filepath.Join(dir, journal.Dir))
		return err == nil
	}
	replaces := func(dir string) bool {
		info, err := os.Lstat(filepath.Join(dir, "actor-00.cue"))
		return err == nil && info.Size() != int64(len(before["actor-00.cue"]))
	}

	// moments are from when on, and how long, imports are killed.
	type moments struct {
		shows func(dir string) bool
		last  time.Duration
	}
	from := time.Now()
	dir, _, ended := begun(t, module, book, stages)
	staged := time.Now()
	<-ended
	after := tree(t, dir)
	changed := 0
	for name, text := range before {
		if after[name] != text {
			changed++
		}
	}
	require.GreaterOrEqual(t, changed, 10)
	kinds := []moments{{starts, time.Since(from)}, {stages, time.Since(staged)}, {replaces, 200 * time.Microsecond}}

	const kills, most = 50, 200
	r := rand.New(rand.NewPCG(1, 2))
	untouched, finished, interrupted := 0, 0, 0
	for n := 0; n < kills || n < most && (untouched == 0 || finished == 0 || interrupted == 0); n++ {
		at := kinds[n%len(kinds)]
		dir, cmd, ended := begun(t, module, book, at.shows)
		time.Sleep(time.Duration(r.Int64N(int64(at.last))))
		_ = cmd.Process.Kill() // it may have ended
		<-ended
		if stages(dir) {
			interrupted++
		}
		runIn(t, dir, "vet")
		if is := tree(t, dir); is["actor-00.cue"] == before["actor-00.cue"] {
			require.Equal(t, before, is)
			untouched++
		} else {
			require.Equal(t, after, is)
			finished++
		}
	}
	t.Logf("a run takes %v, writing %v of it", kinds[0].last, kinds[1].last)
	t.Logf("%d imports changed nothing, %d everything, and %d left a journal", untouched, finished, interrupted)
	require.Positive(t, untouched)
	require.Positive(t, finished)
	require.Positive(t, interrupted)
}
