package vet_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

// testdata is where the fixtures are, seen from this package.
const testdata = "../../schema/testdata"

var contract = sync.OnceValues(schema.V1)

func theSchema(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := contract()
	require.NoError(t, err)
	return s
}

// fixture is what is vetted at once.
type fixture struct {
	name string
	// dir is the folder in which pattern is understood; positions are relative to it.
	dir     string
	pattern string
	// files are the fixture's own, relative to dir.
	files []string
}

// Folders of which each is one fixture with all of its packages. Elsewhere each package is one, and a folder may hold
// several packages of one file each.
var together = []string{"_bad/several/*", "good/two-packages", "good/two-leaves"}

var packageClause = regexp.MustCompile(`(?m)^package (\w+)$`)

// fixtures lists the fixtures below a folder of testdata.
func fixtures(t testing.TB, kind string) []fixture {
	t.Helper()
	byName := map[string]*fixture{}
	err := filepath.WalkDir(filepath.Join(testdata, kind), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".cue" {
			return err
		}
		name, err := filepath.Rel(testdata, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		f := whole(name)
		if f == nil {
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			clause := packageClause.FindSubmatch(src)
			require.NotNil(t, clause, "%s has no package clause", name)
			at := filepath.ToSlash(filepath.Dir(name)) + ":" + string(clause[1])
			f = &fixture{name: at, dir: testdata, pattern: "./" + at}
		}
		if byName[f.name] == nil {
			byName[f.name] = f
		}
		if f = byName[f.name]; f.dir != testdata {
			name = strings.TrimPrefix(name, f.name+"/")
		}
		f.files = append(f.files, name)
		return nil
	})
	require.NoError(t, err)
	var out []fixture
	for _, f := range byName {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b fixture) int { return strings.Compare(a.name, b.name) })
	require.NotEmpty(t, out)
	return out
}

// whole returns the fixture of a file that is in one of the folders which are fixtures as a whole, or nil.
func whole(file string) *fixture {
	for dir := file; dir != "."; dir = filepath.ToSlash(filepath.Dir(dir)) {
		for _, pattern := range together {
			if ok, _ := filepath.Match(pattern, dir); !ok {
				continue
			}
			if _, err := os.Stat(filepath.Join(testdata, dir, "cue.mod")); err == nil {
				return &fixture{name: dir, dir: filepath.Join(testdata, dir), pattern: "./..."}
			}
			return &fixture{name: dir, dir: testdata, pattern: "./" + dir + "/..."}
		}
	}
	return nil
}

// run vets a fixture.
func (f fixture) run(t testing.TB) *vet.Report {
	t.Helper()
	report, err := vet.Run(load.Options{Dir: f.dir, Patterns: []string{f.pattern}, Schema: theSchema(t)})
	require.NoError(t, err)
	return report
}

var reports sync.Map

// vetted returns what vet finds in a fixture. It runs vet once for all tests that ask; nobody may change the result.
func (f fixture) vetted(t testing.TB) []finding.Finding {
	t.Helper()
	if known, ok := reports.Load(f.name); ok {
		return known.([]finding.Finding)
	}
	found := f.run(t).Findings
	reports.Store(f.name, found)
	return found
}

// fixtureNamed returns one fixture.
func fixtureNamed(t testing.TB, name string) fixture {
	t.Helper()
	kind, _, _ := strings.Cut(name, "/")
	all := fixtures(t, kind)
	i := slices.IndexFunc(all, func(f fixture) bool { return f.name == name })
	require.GreaterOrEqual(t, i, 0, "no fixture %s", name)
	return all[i]
}

// cue returns what the real cue command says of a fixture: its output, and whether it accepts.
func (f fixture) cue(t testing.TB) (string, bool) {
	t.Helper()
	cmd := exec.Command(cueCommand(t), "vet", "-c", f.pattern)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), offline...)
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		require.NoError(t, err)
	}
	return string(out), err == nil
}

// offline makes any attempt to reach the network fail at once.
var offline = []string{"CUE_REGISTRY=none", "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1"}

var cuePath = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "tool", "-n", "cue").Output()
	return strings.TrimSpace(string(out)), err
})

// cueCommand returns the path of the cue command that go.mod pins; go builds it once and keeps it.
func cueCommand(t testing.TB) string {
	t.Helper()
	path, err := cuePath()
	require.NoError(t, err)
	return path
}

// want is what a comment says that a finding must be.
type want struct {
	at      string // file:line
	column  int    // 0: any
	text    *regexp.Regexp
	comment string
}

var (
	wantComment = regexp.MustCompile(`// want(?::(-?\d+))? (".*)$`)
	wantText    = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"")
)

// wants reads the comments of a fixture's files:
//
//	// want "regexp" "regexp"   as many findings on this line
//	// want:7 "regexp"          one that begins at column 7
//	// want:-3 "regexp"         one that begins three lines above, where a comment cannot stand
//
// The text that must match is what finding.Text prints without the place: error: message [rule] hint: text.
func (f fixture) wants(t testing.TB) []want {
	t.Helper()
	var out []want
	for _, name := range f.files {
		src, err := os.ReadFile(filepath.Join(f.dir, name))
		require.NoError(t, err)
		for i, line := range strings.Split(string(src), "\n") {
			for _, comment := range strings.Split(line, " // want")[1:] {
				out = append(out, parseWant(t, name, i+1, "// want"+comment)...)
			}
			if strings.HasPrefix(line, "// want") {
				out = append(out, parseWant(t, name, i+1, line)...)
			}
		}
	}
	return out
}

func parseWant(t testing.TB, file string, line int, comment string) []want {
	t.Helper()
	m := wantComment.FindStringSubmatch(comment)
	require.NotNil(t, m, "%s:%d: not a want comment: %s", file, line, comment)
	column := 0
	if m[1] != "" {
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		if n < 0 {
			line += n
		} else {
			column = n
		}
	}
	var out []want
	for _, quoted := range wantText.FindAllString(m[2], -1) {
		text, err := strconv.Unquote(quoted)
		require.NoError(t, err, "%s:%d: %s", file, line, quoted)
		re, err := regexp.Compile(text)
		require.NoError(t, err, "%s:%d", file, line)
		out = append(out, want{file + ":" + strconv.Itoa(line), column, re, comment})
	}
	return out
}

// others are the lines that end in the comment "// other": the second place of a contradiction.
func (f fixture) others(t testing.TB) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, name := range f.files {
		src, err := os.ReadFile(filepath.Join(f.dir, name))
		require.NoError(t, err)
		for i, line := range strings.Split(string(src), "\n") {
			if strings.HasSuffix(line, " // other") {
				out[name+":"+strconv.Itoa(i+1)] = true
			}
		}
	}
	return out
}

// said is a finding as the want comments see it.
func said(f finding.Finding) string {
	s := string(f.Severity) + ": " + f.Message + " [" + f.Rule + "]"
	if f.Hint != "" {
		s += " hint: " + f.Hint
	}
	return s
}
