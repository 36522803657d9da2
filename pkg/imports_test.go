package pkg_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// cueModule may be known only by the packages that turn CUE into the model or rules:
// whatever works on the model cannot depend on how it was written.
const cueModule = "cuelang.org/go"

var mayKnowCUE = []string{"pkg/source", "pkg/schema", "pkg/load", "pkg/policy"}

// layers is the one-way road of the data, lowest first. A package may import packages
// of its own layer and of lower ones. Packages that no layer names are free of this
// rule, as inputs and commands stand beside the road.
var layers = [][]string{
	{"pkg/finding"},
	{"pkg/model"},
	{"pkg/analysis"},
	{"pkg/table", "pkg/graph"},
	{"pkg/export"},
}

// within tells whether a package is the given one or lies below it.
func within(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}

// layerOf returns the layer of a package and the name it has there, or -1.
func layerOf(pkg string) (int, string) {
	for i, layer := range layers {
		for _, root := range layer {
			if within(pkg, root) {
				return i, root
			}
		}
	}
	return -1, ""
}

// order spells the layers out for messages.
func order() string {
	var names []string
	for _, layer := range layers {
		names = append(names, strings.ReplaceAll(strings.Join(layer, "|"), "pkg/", ""))
	}
	return strings.Join(names, " < ")
}

// output returns X for a package in pkg/export/X, or nothing.
func output(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "pkg/export/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// fault returns why a package may not import a path, or nothing. The package is given
// by its folder, the module by its path.
func fault(module, pkg, imported string) string {
	if within(imported, cueModule) {
		if !slices.ContainsFunc(mayKnowCUE, func(root string) bool { return within(pkg, root) }) {
			return "only " + strings.Join(mayKnowCUE, ", ") + " may import CUE"
		}
		return ""
	}
	target, ok := strings.CutPrefix(imported, module+"/")
	if !ok {
		return ""
	}
	if within(target, "cmd") {
		return "nothing may import cmd: what two need belongs in pkg"
	}
	if from, to := output(pkg), output(target); from != "" && to != "" && from != to {
		return fmt.Sprintf("output %s may not import output %s: what both need belongs below pkg/export", from, to)
	}
	from, fromName := layerOf(pkg)
	to, toName := layerOf(target)
	if from >= 0 && to > from {
		return fmt.Sprintf("%s is a lower layer than %s (%s)", fromName, toName, order())
	}
	return ""
}

// check returns the faults of all Go files under pkg and cmd, tests aside, and how many
// files there were. It reads the imports alone, so a file that does not compile yet, or
// only on another system, is held to them too.
func check(fsys fs.FS, module string) (faults []string, files int, err error) {
	visit := func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", set.Position(spec.Pos()), err)
			}
			if why := fault(module, path.Dir(name), imported); why != "" {
				faults = append(faults, fmt.Sprintf("%s:%d: imports %s: %s", name, set.Position(spec.Pos()).Line, imported, why))
			}
		}
		return nil
	}
	for _, root := range []string{"pkg", "cmd"} {
		if _, err := fs.Stat(fsys, root); err != nil {
			return nil, 0, err
		}
		if err := fs.WalkDir(fsys, root, visit); err != nil {
			return nil, 0, err
		}
	}
	return faults, files, nil
}

// modulePath reads the path from go.mod: with a path written here, renaming the module
// would leave nothing to find fault with.
func modulePath(t *testing.T, fsys fs.FS) string {
	t.Helper()
	data, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "module" {
			return fields[1]
		}
	}
	t.Fatal("go.mod names no module")
	return ""
}

func TestImports(t *testing.T) {
	fsys := os.DirFS("..")
	faults, files, err := check(fsys, modulePath(t, fsys))
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no Go file found under pkg and cmd, so nothing was checked")
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// TestCheck proves that check can fail, by every rule, and is not too strict.
func TestCheck(t *testing.T) {
	const module = "example.com/m"
	tests := []struct {
		desc     string
		file     string
		imported string
		want     string // part of the fault; empty: none
	}{
		{"CUE in load", "pkg/load/a.go", "cuelang.org/go/cue", ""},
		{"CUE below source", "pkg/source/index/a.go", "cuelang.org/go/cue/ast", ""},
		{"CUE in schema", "pkg/schema/a.go", "cuelang.org/go/cue", ""},
		{"CUE in policy", "pkg/policy/a.go", "cuelang.org/go/cue", ""},
		{"CUE in model", "pkg/model/a.go", "cuelang.org/go/cue", "may import CUE"},
		{"CUE in an output", "pkg/export/csv/a.go", "cuelang.org/go/cue/cuecontext", "may import CUE"},
		{"CUE in a package named alike", "pkg/loader/a.go", "cuelang.org/go/cue", "may import CUE"},
		{"CUE in a package at the root", "pkg/a.go", "cuelang.org/go", "may import CUE"},
		{"CUE in the program", "cmd/tmkit/main.go", "cuelang.org/go/cue", "may import CUE"},
		{"a module named like CUE", "pkg/model/a.go", "cuelang.org/gopher", ""},

		{"an output and its own parts", "pkg/export/csv/a.go", module + "/pkg/export/csv/dialect", ""},
		{"an output and the common part", "pkg/export/csv/a.go", module + "/pkg/export", ""},
		{"all outputs in one list", "pkg/export/a.go", module + "/pkg/export/csv", ""},
		{"one output in another", "pkg/export/csv/a.go", module + "/pkg/export/xlsx", "output csv may not import output xlsx"},
		{"one output's part in another", "pkg/export/csv/b/a.go", module + "/pkg/export/xlsx/c", "output csv may not import output xlsx"},
		{"outputs named alike", "pkg/export/csv/a.go", module + "/pkg/export/csv2", "output csv may not import output csv2"},

		{"down one layer", "pkg/model/a.go", module + "/pkg/finding", ""},
		{"down many layers", "pkg/export/csv/a.go", module + "/pkg/finding", ""},
		{"within a layer", "pkg/table/a.go", module + "/pkg/graph", ""},
		{"finding up", "pkg/finding/a.go", module + "/pkg/model", "pkg/finding is a lower layer than pkg/model (finding < model < analysis < table|graph < export)"},
		{"model up", "pkg/model/a.go", module + "/pkg/analysis", "pkg/model is a lower layer than pkg/analysis"},
		{"analysis up", "pkg/analysis/a.go", module + "/pkg/graph", "pkg/analysis is a lower layer than pkg/graph"},
		{"table up", "pkg/table/a.go", module + "/pkg/export/csv", "pkg/table is a lower layer than pkg/export"},
		{"graph up", "pkg/graph/sub/a.go", module + "/pkg/export", "pkg/graph is a lower layer than pkg/export"},
		{"a layer's name in another module", "pkg/model/a.go", "example.com/other/pkg/export", ""},
		{"beside the layers", "pkg/diff/a.go", module + "/pkg/export/csv", ""},

		{"the program and the library", "cmd/tmkit/main.go", module + "/pkg/export/csv", ""},
		{"the library and the program", "pkg/site/a.go", module + "/cmd/tmkit", "nothing may import cmd"},
		{"a program and another", "cmd/other/main.go", module + "/cmd/tmkit/run", "nothing may import cmd"},

		{"a test", "pkg/model/a_test.go", "cuelang.org/go/cue", ""},
		{"test data", "pkg/model/testdata/a.go", "cuelang.org/go/cue", ""},
		{"another folder", "tools/a.go", "cuelang.org/go/cue", ""},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			// One file without a fault in each folder: check must look past it.
			fsys := fstest.MapFS{
				"pkg/model/fine.go": {Data: []byte("package model\n\nimport \"fmt\"\n")},
				"cmd/tmkit/fine.go": {Data: []byte("package main\n\nimport \"fmt\"\n")},
			}
			fsys[tt.file] = &fstest.MapFile{Data: fmt.Appendf(nil, "package x\n\nimport (\n\t\"os\"\n\tname %q\n)\n", tt.imported)}

			faults, files, err := check(fsys, module)
			if err != nil {
				t.Fatal(err)
			}
			if files < 2 {
				t.Errorf("checked %d files, want the two fine ones at least", files)
			}
			if tt.want == "" {
				if len(faults) > 0 {
					t.Errorf("faults %q, want none", faults)
				}
				return
			}
			if len(faults) != 1 {
				t.Fatalf("faults %q, want one", faults)
			}
			if where := tt.file + ":5: imports " + tt.imported + ": "; !strings.HasPrefix(faults[0], where) {
				t.Errorf("fault %q does not start with %q", faults[0], where)
			}
			if !strings.Contains(faults[0], tt.want) {
				t.Errorf("fault %q lacks %q", faults[0], tt.want)
			}
		})
	}

	// A file or folder that cannot be read must not pass for one without faults.
	for desc, fsys := range map[string]fstest.MapFS{
		"a file that is no Go": {"cmd/a.go": {Data: []byte("nonsense")}, "pkg/a.go": {Data: []byte("package pkg\n")}},
		"no cmd":               {"pkg/a.go": {Data: []byte("package pkg\n")}},
	} {
		if _, _, err := check(fsys, module); err == nil {
			t.Errorf("%s: no error", desc)
		}
	}
}
