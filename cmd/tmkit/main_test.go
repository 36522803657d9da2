package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cuecmd "cuelang.org/go/cmd/cue/cmd"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tmkit": main,
		"cue":   func() { os.Exit(cuecmd.Main()) },
	})
}

// TestScripts runs the scripts in testdata/script. Besides testscript's own commands they have
//
//	shipped            copies the shipped model, the contract and the catalogues into the work folder
//	fault FILE OLD NEW WANT
//	                   writes NEW for the first OLD in FILE, runs tmkit vet, and wants exactly one error: exit code 1, at
//	                   the place that ^ marks in NEW (or in OLD, where NEW has none), with a message that WANT matches
//	contains FILE TEXT ...  wants each of the texts in a file
//	same A B           wants two files, or all files of two folders, to be equal
//	code N COMMAND ... wants the command to end with the exit code N
//	edit FILE OLD NEW  writes NEW for the first OLD in a file
//	cell FILE TAB!A1 TEXT  writes a text into a cell of a workbook
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			// No script may need a network.
			env.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
			env.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
			env.Setenv("CUE_REGISTRY", "none")
			env.Setenv("CUE_CACHE_DIR", filepath.Join(env.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shipped": func(ts *testscript.TestScript, _ bool, _ []string) {
				for _, dir := range []string{"cue.mod", "schema/v1", "controls", "threats"} {
					ts.Check(os.CopyFS(ts.MkAbs(dir), os.DirFS(filepath.Join(root, filepath.FromSlash(dir)))))
				}
			},
			"fault":    fault,
			"contains": contains,
			"same":     same,
			"code":     code,
			"edit":     edit,
			"cell":     cell,
		},
	})
}

// fault plants one fault in a file and checks what vet says of it.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 4 {
		ts.Fatalf("usage: fault FILE OLD NEW WANT [PACKAGE...]")
	}
	file, was, becomes, want := args[0], unescape(args[1]), unescape(args[2]), args[3]
	packages := args[4:]
	if len(packages) == 0 {
		packages = []string{"./" + path.Dir(file)}
	}
	before := ts.ReadFile(file)
	plain := strings.ReplaceAll(was, "^", "")
	at := strings.Index(before, plain)
	if at < 0 {
		ts.Fatalf("%s has no %q", file, plain)
	}
	mark := strings.Index(becomes, "^")
	if mark < 0 {
		mark = strings.Index(was, "^")
	}
	becomes = strings.ReplaceAll(becomes, "^", "")
	after := before[:at] + becomes + before[at+len(plain):]
	line := 1 + strings.Count(after[:at+mark], "\n")
	column := at + mark - strings.LastIndex(after[:at+mark], "\n")
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(after), 0o644))
	defer func() { ts.Check(os.WriteFile(ts.MkAbs(file), []byte(before), 0o644)) }()

	err := ts.Exec("tmkit", append([]string{"vet"}, packages...)...)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		ts.Fatalf("%q: tmkit vet ended with %v, not with 1\n%s", becomes, err, ts.ReadFile("stdout"))
	}
	var told []string
	for _, l := range strings.Split(ts.ReadFile("stdout"), "\n") {
		if strings.Contains(l, ": error: ") {
			told = append(told, l)
		}
	}
	place := file + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column) + ": error: "
	if len(told) != 1 || !strings.HasPrefix(told[0], place) || !strings.Contains(told[0], want) {
		ts.Fatalf("%q: want one error at %s about %q, got\n%s", becomes, place, want, ts.ReadFile("stdout"))
	}
}

func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(s)
}

func contains(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, want := range args[1:] {
		if strings.Contains(text, want) == neg {
			ts.Fatalf("%s: contains %q is %v", args[0], want, !neg)
		}
	}
}

func same(ts *testscript.TestScript, neg bool, args []string) {
	a, b := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	differ := ""
	ts.Check(filepath.WalkDir(a, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		x, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		y, err := os.ReadFile(b + strings.TrimPrefix(path, a))
		if err != nil || !bytes.Equal(x, y) {
			differ = path
		}
		return nil
	}))
	if (differ != "") != neg {
		ts.Fatalf("%s and %s: differ at %q", args[0], args[1], differ)
	}
}

func code(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, not with %d", strings.Join(args[1:], " "), got, want)
	}
}

func edit(ts *testscript.TestScript, _ bool, args []string) {
	text, was := ts.ReadFile(args[0]), unescape(args[1])
	if !strings.Contains(text, was) {
		ts.Fatalf("%s has no %q", args[0], was)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, was, unescape(args[2]), 1)), 0o644))
}

func cell(ts *testscript.TestScript, _ bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	tab, at, _ := strings.Cut(args[1], "!")
	ts.Check(f.SetCellStr(tab, at, unescape(args[2])))
	ts.Check(f.Save())
	ts.Check(f.Close())
}
