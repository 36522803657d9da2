package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree is the texts of the files of a folder by their paths; of a link it is where it leads.
type tree map[string]string

// module makes a module with files.
func module(t testing.TB, files tree) string {
	t.Helper()
	root := t.TempDir()
	put(t, root, tree{"cue.mod/module.cue": "module: \"shop.example@v0\"\n"})
	put(t, root, files)
	return root
}

func put(t testing.TB, root string, files tree) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
}

// link makes a link, and skips the test on Windows, where only some may make one.
func link(t testing.TB, root, to, name string) {
	t.Helper()
	err := os.Symlink(filepath.FromSlash(to), filepath.Join(root, filepath.FromSlash(name)))
	if err != nil && runtime.GOOS == "windows" {
		t.Skip(err)
	}
	require.NoError(t, err)
}

// list returns all that is in a folder, but for the file that makes it a module.
func list(t testing.TB, root string) tree {
	t.Helper()
	out := tree{}
	require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		require.NoError(t, err)
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir() && d.Name() == Dir:
			out[rel] = "a folder"
		case d.IsDir(), rel == "cue.mod/module.cue":
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(name)
			require.NoError(t, err)
			out[rel] = "-> " + filepath.ToSlash(to)
		default:
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			out[rel] = string(text)
		}
		return nil
	}))
	return out
}

// between returns the changes that make one tree of the other in a module.
func between(root string, before, after tree) map[string]Change {
	files := map[string]Change{}
	for name, text := range before {
		files[filepath.Join(root, filepath.FromSlash(name))] = Change{Old: []byte(text)}
	}
	for name, text := range after {
		name = filepath.Join(root, filepath.FromSlash(name))
		files[name] = Change{files[name].Old, []byte(text)}
	}
	return files
}

// errKilled is what a process dies of that stops in the middle.
var errKilled = errors.New("killed")

// stopAt returns a step that ends the process, as it seems to the journal, before the nth change of the disk, counted
// from 0, and the count of those before.
func stopAt(n int) (step func(), count *int) {
	count = new(int)
	return func() {
		if *count == n {
			panic(errKilled)
		}
		*count++
	}, count
}

// dies calls f and says whether it was stopped.
func dies(f func()) (stopped bool) {
	defer func() {
		if r := recover(); r != nil {
			if r != any(errKilled) {
				panic(r)
			}
			stopped = true
		}
	}()
	f()
	return false
}

func TestWrite(t *testing.T) {
	before := tree{"a.cue": "a: 1\n", "b/b.cue": "b: 1\n", "b/gone.cue": "gone: 1\n", "same.cue": "same: 1\n", "notes.txt": "notes"}
	after := tree{"a.cue": "a: 2\n", "b/b.cue": "", "b/new.cue": "new: 1\n", "same.cue": "same: 1\n", "notes.txt": "notes"}
	root := module(t, before)
	require.NoError(t, os.Chmod(filepath.Join(root, "a.cue"), 0o600))
	old, err := os.Stat(filepath.Join(root, "same.cue"))
	require.NoError(t, err)

	require.NoError(t, Write(root, between(root, before, after)))
	assert.Equal(t, after, list(t, root))
	info, err := os.Stat(filepath.Join(root, "a.cue"))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode(), "the mode is kept")
	info, err = os.Stat(filepath.Join(root, "same.cue"))
	require.NoError(t, err)
	assert.True(t, os.SameFile(old, info), "what does not change is not written")
}

func TestWriteFollowsLinks(t *testing.T) {
	root := module(t, tree{"real/a.cue": "a: 1\n"})
	link(t, root, "real", "folder")
	link(t, root, "../real/a.cue", "real/b.cue")
	outside := t.TempDir()
	link(t, outside, root, "module")

	// The module itself may be found by a link, and the file named otherwise than it.
	name := filepath.Join(root, "folder", "b.cue")
	require.NoError(t, Write(filepath.Join(outside, "module"), map[string]Change{name: {[]byte("a: 1\n"), []byte("a: 2\n")}}))
	assert.Equal(t, tree{"real/a.cue": "a: 2\n", "real/b.cue": "-> ../real/a.cue", "folder": "-> real"}, list(t, root))
}

func TestWriteRefuses(t *testing.T) {
	outside := t.TempDir()
	put(t, outside, tree{"x.cue": "x: 1\n"})
	text := []byte("a: 1\n")
	tests := map[string]struct {
		name string
		Change
		want string
	}{
		"edited since":       {"a.cue", Change{[]byte("a: 0\n"), text}, "a.cue has changed since it was read; nothing was written"},
		"removed since":      {"c.cue", Change{text, []byte("a: 2\n")}, "c.cue has changed since it was read; nothing was written"},
		"made since":         {"a.cue", Change{nil, text}, "a.cue exists already; nothing was written"},
		"no folder":          {"no/a.cue", Change{nil, text}, "no"},
		"a folder":           {"b.cue", Change{nil, text}, "b.cue is no regular file"},
		"no CUE":             {"run.sh", Change{nil, text}, `"run.sh" is no .cue file of the module; no other is written`},
		"outside":            {"../x.cue", Change{nil, text}, `x.cue" is no .cue file of the module; no other is written`},
		"outside by a link":  {"out.cue", Change{[]byte("x: 1\n"), text}, `x.cue" is no .cue file of the module`},
		"a link to nowhere":  {"dangling.cue", Change{nil, text}, "dangling.cue is no regular file"},
		"two names":          {"again.cue", Change{text, []byte("a: 3\n")}, "are one file; nothing was written"},
		"a link to no CUE":   {"text.cue", Change{[]byte("text"), text}, `"text.txt" is no .cue file of the module`},
		"outside, by folder": {"out/x.cue", Change{[]byte("x: 1\n"), text}, `x.cue" is no .cue file of the module`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := module(t, tree{"a.cue": string(text), "b.cue/c.cue": "", "text.txt": "text"})
			link(t, root, filepath.Join(outside, "x.cue"), "out.cue")
			link(t, root, outside, "out")
			link(t, root, "nowhere.cue", "dangling.cue")
			link(t, root, "a.cue", "again.cue")
			link(t, root, "text.txt", "text.cue")
			before := list(t, root)
			files := map[string]Change{filepath.Join(root, filepath.FromSlash(tt.name)): tt.Change}
			if tt.name != "a.cue" {
				files[filepath.Join(root, "a.cue")] = Change{text, []byte("a: 2\n")}
			}
			require.ErrorContains(t, Write(root, files), tt.want)
			assert.Equal(t, before, list(t, root))
			assert.Equal(t, tree{"x.cue": "x: 1\n"}, list(t, outside))
		})
	}
}

var (
	small      = tree{"a.cue": "a: 1\n", "b/b.cue": "b: 1\n", "b/gone.cue": "gone: 1\n"}
	smallAfter = tree{"a.cue": "a: 2\n", "b/b.cue": "b: 2\n", "c.cue": "c: 1\n"}
)

// TestEveryStep stops a write before each of its changes of the disk, and the recovery before each of its own.
func TestEveryStep(t *testing.T) {
	seen := map[string]int{}
	for n := 0; ; n++ {
		finished := false
		for m := 0; ; m++ {
			root := module(t, small)
			step, _ := stopAt(n)
			finished = !dies(func() { assert.NoError(t, write(root, between(root, small, smallAfter), step)) })
			if finished {
				assert.Equal(t, smallAfter, list(t, root))
				break
			}
			step, _ = stopAt(m)
			stopped := dies(func() {
				_, err := recoverModule(root, step)
				assert.NoError(t, err)
			})
			what, err := Recover(root)
			require.NoError(t, err)
			got := list(t, root)
			if got["a.cue"] == smallAfter["a.cue"] {
				assert.Equal(t, smallAfter, got, "step %d, then %d", n, m)
				assert.Contains(t, []string{"", "finished an import that was interrupted: 4 files"}, what)
			} else {
				assert.Equal(t, small, got, "step %d, then %d", n, m)
				assert.Contains(t, []string{"", "dropped an import that was interrupted before it changed a file"}, what)
			}
			seen[what]++
			if !stopped {
				assert.Empty(t, what, "the second recovery has nothing to do")
				break
			}
		}
		if finished {
			break
		}
	}
	assert.Len(t, seen, 3, "each end was seen: %v", seen)
}

// afterPlan returns a step that calls f for those that come when the plan is in place, counted from 0.
func afterPlan(root string, f func(n int)) (step func()) {
	n := 0
	return func() {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(planFile))); err == nil {
			f(n)
			n++
		}
	}
}

// TestUndo takes a folder away for the moment at which its first file is put in place, and stops the undoing before each
// of its changes of the disk.
func TestUndo(t *testing.T) {
	seen := map[string]int{}
	for n := 2; ; n++ {
		root := module(t, small)
		var err error
		stopped := dies(func() {
			err = write(root, between(root, small, smallAfter), afterPlan(root, func(at int) {
				switch at {
				case 1:
					require.NoError(t, os.Rename(filepath.Join(root, "b"), filepath.Join(root, "away")))
				case 2:
					require.NoError(t, os.Rename(filepath.Join(root, "away"), filepath.Join(root, "b")))
				}
				if at == n {
					panic(errKilled)
				}
			}))
		})
		if !stopped {
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.Equal(t, small, list(t, root))
			break
		}
		what, err := Recover(root)
		require.NoError(t, err)
		switch seen[what]++; what {
		case "finished an import that was interrupted: 4 files":
			require.Equal(t, smallAfter, list(t, root))
		case "took back an import that failed: 1 file":
			require.Equal(t, small, list(t, root))
		default:
			require.Fail(t, what)
		}
	}
	require.Len(t, seen, 2, "each end was seen: %v", seen)
}

// TestEdited holds that a file that somebody edited after an interruption is not overwritten.
func TestEdited(t *testing.T) {
	root := module(t, small)
	require.True(t, dies(func() {
		_ = write(root, between(root, small, smallAfter), afterPlan(root, func(n int) {
			if n == 1 {
				panic(errKilled)
			}
		}))
	}))
	put(t, root, tree{"b/b.cue": "b: 3\n", "c.cue": "c: 3\n"})
	before := list(t, root)
	require.Equal(t, smallAfter["a.cue"], before["a.cue"])

	const want = "b/b.cue was edited since and holds neither the old text nor the new; 1 of 4 files hold the old text"
	_, err := Recover(root)
	require.EqualError(t, err, want)
	require.EqualError(t, Write(root, map[string]Change{filepath.Join(root, "d.cue"): {New: []byte("d: 1\n")}}), want)
	require.Equal(t, before, list(t, root))

	put(t, root, tree{"b/b.cue": "b: 1\n", "c.cue": "c: 1\n"})
	what, err := Recover(root)
	require.NoError(t, err)
	assert.Equal(t, "finished an import that was interrupted: 4 files", what)
	assert.Equal(t, smallAfter, list(t, root))
}

// many returns two trees of 20 files together.
func many() (before, after tree) {
	before, after = tree{}, tree{}
	for i := range 20 {
		name := fmt.Sprintf("threats/%d/%d.cue", i/2, i)
		if i > 0 {
			before[name] = strings.Repeat("old\n", 100*i)
		}
		if i < 19 {
			after[name] = strings.Repeat("new\n", 100*i)
		}
	}
	return before, after
}

const childRoot = "TMKIT_JOURNAL_CHILD"

// TestKill kills processes at random moments of a write. The child is this test too, and tells of each step.
func TestKill(t *testing.T) {
	before, after := many()
	if root := os.Getenv(childRoot); root != "" {
		require.NoError(t, write(root, between(root, before, after), func() { _, _ = os.Stdout.Write([]byte{'.'}) }))
		return
	}
	program, err := os.Executable()
	require.NoError(t, err)
	step, count := stopAt(-1)
	root := module(t, before)
	require.NoError(t, write(root, between(root, before, after), step))

	random := rand.New(rand.NewPCG(1, 2))
	ends := map[string]int{}
	for i := 0; i < 50 || ends["old"] == 0 || ends["new"] == 0; i++ {
		require.Less(t, i, 1000, "both ends come about: %v", ends)
		root := module(t, before)
		child := exec.Command(program, "-test.run=^TestKill$")
		child.Env = append(os.Environ(), childRoot+"="+root)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		_, err = out.Read(make([]byte, 1))
		require.NoError(t, err)
		for range random.IntN(*count) {
			if _, err := out.Read(make([]byte, 1)); err != nil {
				break
			}
		}
		require.NoError(t, child.Process.Kill())
		_ = child.Wait() // it was killed

		_, err = Recover(root)
		require.NoError(t, err)
		if got := list(t, root); got["threats/0/1.cue"] == before["threats/0/1.cue"] {
			require.Equal(t, before, got)
			ends["old"]++
		} else {
			require.Equal(t, after, got)
			ends["new"]++
		}
	}
	t.Log(ends)
}

// TestConcurrent lets writers and recoveries run side by side: each write is all or none, and no living one is taken for a
// dead one.
func TestConcurrent(t *testing.T) {
	text := func(v int) string { return fmt.Sprintf("v: %d\n", v) }
	names := []string{"a.cue", "b.cue", "c.cue", "d.cue", "e.cue"}
	version := func(v int) tree {
		files := tree{}
		for _, name := range names {
			files[name] = text(v)
		}
		return files
	}
	root := module(t, version(0))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 4 {
		wg.Go(func() {
			for range 25 {
				mu.Lock()
				v := done
				mu.Unlock()
				err := Write(root, between(root, version(v), version(v+1)))
				if err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				} else {
					assert.ErrorContains(t, err, "has changed since it was read")
				}
			}
		})
		wg.Go(func() {
			for range 200 {
				what, err := Recover(root)
				assert.NoError(t, err)
				assert.Empty(t, what)
			}
		})
	}
	wg.Wait()
	assert.Positive(t, done)
	assert.Equal(t, version(done), list(t, root))
}

// TestNoJournal holds that nothing is opened or written in a module without a journal, which may be one that cannot be
// written: the file that is locked is not even there.
func TestNoJournal(t *testing.T) {
	root := t.TempDir()
	what, err := Recover(root)
	require.NoError(t, err)
	assert.Empty(t, what)
	assert.Empty(t, list(t, root))
}

// seal writes a plan as commit does.
func seal(t testing.TB, p plan) string {
	t.Helper()
	text, err := json.Marshal(p)
	require.NoError(t, err)
	text, err = json.Marshal(sealed{text, digest(text)})
	require.NoError(t, err)
	return string(text)
}

// TestHostile holds that a journal that somebody put into a repository writes no other files than .cue files of the
// module, and reads none outside.
func TestHostile(t *testing.T) {
	const stolen = "x: 1\n"
	old, text := digest([]byte("a: 1\n")), digest([]byte("a: 2\n"))
	of := func(files ...file) string { return seal(t, plan{Files: files}) }
	tests := map[string]struct {
		files tree
		// links lead from their names, below the module, to places in the folder outside of it, or in the module.
		links tree
		want  string
	}{
		"up":                      {tree{planFile: of(file{"../x.cue", digest([]byte(stolen)), text}), Dir + "/0": "a: 2\n"}, nil, `plan.json: "../x.cue" is no .cue file of the module`},
		"up and down":             {tree{planFile: of(file{"a/../../x.cue", "", text}), Dir + "/0": "a: 2\n"}, nil, "is no .cue file of the module"},
		"absolute":                {tree{planFile: of(file{"/tmp/x.cue", "", text}), Dir + "/0": "a: 2\n"}, nil, "is no .cue file of the module"},
		"a script":                {tree{planFile: of(file{".git/hooks/pre-commit", "", text}), Dir + "/0": "a: 2\n"}, nil, "is no .cue file of the module"},
		"no name":                 {tree{planFile: of(file{})}, nil, `"" is no .cue file of the module`},
		"removal":                 {tree{planFile: of(file{Path: "../x.cue", Before: digest([]byte(stolen))})}, nil, "is no .cue file of the module"},
		"file leads out":          {tree{planFile: of(file{"out.cue", digest([]byte(stolen)), text}), Dir + "/0": "a: 2\n"}, tree{"out.cue": "OUT/x.cue"}, "out.cue is no regular file"},
		"folder leads out":        {tree{planFile: of(file{"out/x.cue", digest([]byte(stolen)), text}), Dir + "/0": "a: 2\n"}, tree{"out": "OUT"}, "path escapes"},
		"text leads out":          {tree{planFile: of(file{"a.cue", old, digest([]byte(stolen))})}, tree{Dir + "/0": "OUT/x.cue"}, Dir + "/0 is no regular file"},
		"plan leads out":          {tree{Dir + "/0": ""}, tree{planFile: "OUT/x.cue"}, planFile + " is no regular file"},
		"journal leads out":       {nil, tree{Dir: "OUT"}, Dir + " is no folder"},
		"journal leads elsewhere": {tree{"b/plan.json": of(file{"a.cue", old, text}), "b/0": "a: 2\n"}, tree{Dir: "b"}, Dir + " is no folder"},
		"journal is a file":       {tree{Dir: "x"}, nil, Dir + " is no folder"},
		"plan is a folder":        {tree{planFile + "/x": ""}, nil, planFile + " is no regular file"},
		"no JSON":                 {tree{planFile: "x"}, nil, planFile + " is damaged"},
		"empty":                   {tree{planFile: ""}, nil, planFile + " is damaged"},
		"nothing":                 {tree{planFile: "{}"}, nil, planFile + " is damaged"},
		"another plan":            {tree{planFile: strings.Replace(of(file{"a.cue", old, text}), "a.cue", "b.cue", 1), Dir + "/0": "a: 2\n"}, nil, planFile + " is damaged"},
		"huge":                    {tree{planFile: strings.Repeat(" ", maxPlan) + of(file{"a.cue", old, text}), Dir + "/0": "a: 2\n"}, nil, planFile + " is damaged"},
		"another text":            {tree{planFile: of(file{"a.cue", old, text}), Dir + "/0": "a: 3\n"}, nil, "the new text of a.cue is not in " + Dir + "/0"},
		"no text":                 {tree{planFile: of(file{"a.cue", old, text})}, nil, "the new text of a.cue is not in " + Dir + "/0"},
		"text is a folder":        {tree{planFile: of(file{"a.cue", old, text}), Dir + "/0/x": ""}, nil, Dir + "/0 is no regular file"},
		"file is a folder":        {tree{planFile: of(file{"b.cue", old, text}), "b.cue/x": ""}, nil, "b.cue is no regular file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			put(t, outside, tree{"x.cue": stolen})
			root := module(t, tree{"a.cue": "a: 1\n"})
			put(t, root, tt.files)
			for from, to := range tt.links {
				link(t, root, strings.Replace(to, "OUT", outside, 1), from)
			}
			before := list(t, root)
			_, err := Recover(root)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, before, list(t, root))
			assert.Equal(t, tree{"x.cue": stolen}, list(t, outside))
		})
	}
	t.Run("dropping follows no link", func(t *testing.T) {
		outside := t.TempDir()
		put(t, outside, tree{"x.cue": stolen})
		root := module(t, tree{Dir + "/0": ""})
		link(t, root, outside, Dir+"/1")
		_, err := Recover(root)
		require.NoError(t, err)
		assert.Empty(t, list(t, root))
		assert.Equal(t, tree{"x.cue": stolen}, list(t, outside))
	})
}

// FuzzRecover holds that no plan changes anything but .cue files of the module.
func FuzzRecover(f *testing.F) {
	f.Add([]byte("{}"), true)
	f.Add([]byte(seal(f, plan{Files: []file{{"a.cue", digest([]byte("a: 1\n")), digest([]byte("a: 2\n"))}}})), false)
	f.Add([]byte(`{"files":[{"path":"a.cue"},{"path":"../keep/x.cue"}]}`), true)
	f.Add([]byte(`{"files":[{"path":"b/c.cue","after":"x"},{"path":"/x.cue"}]}`), true)
	f.Fuzz(func(t *testing.T, text []byte, sealIt bool) {
		base := t.TempDir()
		root := filepath.Join(base, "module")
		kept := tree{"keep/x.cue": "x: 1\n", "keep/x.txt": "x"}
		put(t, base, kept)
		put(t, root, tree{"cue.mod/module.cue": "", "a.cue": "a: 1\n", "a.txt": "a", Dir + "/0": "a: 2\n"})
		if sealIt && json.Valid(text) {
			text, _ = json.Marshal(sealed{text, digest(text)})
		}
		put(t, root, tree{planFile: string(text)})
		_, err := Recover(root)
		if err == nil {
			require.NoDirExists(t, filepath.Join(root, Dir))
		}
		all := list(t, base)
		require.Equal(t, "a", all["module/a.txt"])
		maps.DeleteFunc(all, func(name, _ string) bool { return strings.HasPrefix(name, "module/") })
		require.Equal(t, kept, all)
	})
}
