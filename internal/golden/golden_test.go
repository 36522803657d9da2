package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake is a test whose failures are looked at instead of reported.
type fake struct {
	testing.TB
	name     string
	failures strings.Builder
	fatal    bool
}

func (f *fake) Helper()             {}
func (f *fake) Name() string        { return f.name }
func (f *fake) Logf(string, ...any) {}

func (f *fake) Errorf(format string, args ...any) {
	fmt.Fprintf(&f.failures, format, args...)
}

// Fatalf ends the goroutine, as the real one does.
func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.fatal = true
	runtime.Goexit()
}

// run calls Equal in a test of the given name and returns what became of it.
func run(testName, got string, name ...string) *fake {
	f := &fake{name: testName}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Equal(f, []byte(got), name...)
	}()
	<-done
	return f
}

func setUpdate(t *testing.T, on bool) {
	t.Helper()
	old := *update
	*update = on
	t.Cleanup(func() { *update = old })
}

func TestEqual(t *testing.T) {
	t.Chdir(t.TempDir())
	setUpdate(t, false)
	for name, text := range map[string]string{
		"TestA":        "one\ntwo\n",
		"TestA/sub":    "sub\n",
		"page.md":      "page\n",
		"kube/flows.x": "flows\n",
		"empty":        "",
	} {
		if err := write(filepath.Join("testdata", name+".golden"), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}

	tests := []struct {
		desc     string
		testName string
		name     []string
		got      string
		want     []string // parts of the failure; none: no failure
		fatal    bool
	}{
		{desc: "same", testName: "TestA", got: "one\ntwo\n"},
		{desc: "same in a subtest", testName: "TestA/sub", got: "sub\n"},
		{desc: "same by name", testName: "TestA", name: []string{"page.md"}, got: "page\n"},
		{desc: "same by name in parts", testName: "TestA", name: []string{"kube", "flows.x"}, got: "flows\n"},
		{desc: "both empty", testName: "TestA", name: []string{"empty"}, got: ""},
		{
			desc: "another line", testName: "TestA", got: "one\nTwo\n",
			want: []string{"TestA.golden", "line 2", `want "two\n"`, `got  "Two\n"`, "-update"},
		},
		{
			desc: "a line less", testName: "TestA", got: "one\n",
			want: []string{"line 2", `want "two\n"`, "got  (end of text)"},
		},
		{
			desc: "a line more", testName: "TestA", got: "one\ntwo\nthree\n",
			want: []string{"line 3", "want (end of text)", `got  "three\n"`},
		},
		{
			desc: "no last newline", testName: "TestA", got: "one\ntwo",
			want: []string{"line 2", `want "two\n"`, `got  "two"`},
		},
		{
			desc: "CR LF", testName: "TestA", got: "one\r\ntwo\n",
			want: []string{"line 1", `got  "one\r\n"`},
		},
		{desc: "no file", testName: "TestB", want: []string{"does not exist", "-update"}, fatal: true},
		{desc: "outside", testName: "TestA/../../..", want: []string{"no file inside testdata"}, fatal: true},
		{desc: "absolute", testName: "TestA", name: []string{"/etc/x"}, want: []string{"no file inside testdata"}, fatal: true},
		{desc: "empty name", testName: "TestA", name: []string{""}, want: []string{"no file inside testdata"}, fatal: true},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			f := run(tt.testName, tt.got, tt.name...)
			failure := f.failures.String()
			if (failure != "") != (len(tt.want) > 0) || f.fatal != tt.fatal {
				t.Fatalf("failure %q, fatal %v; want parts %q, fatal %v", failure, f.fatal, tt.want, tt.fatal)
			}
			for _, part := range tt.want {
				if !strings.Contains(failure, part) {
					t.Errorf("failure %q lacks %q", failure, part)
				}
			}
		})
	}
}

func TestEqualUpdate(t *testing.T) {
	t.Chdir(t.TempDir())
	setUpdate(t, true)
	for _, text := range []string{"new\n", "newer\n"} {
		if f := run("TestA/deep/sub", text); f.failures.Len() > 0 {
			t.Fatalf("updating failed: %s", f.failures.String())
		}
		got, err := os.ReadFile(filepath.Join("testdata", "TestA", "deep", "sub.golden"))
		if err != nil || string(got) != text {
			t.Fatalf("wrote %q, %v; want %q", got, err, text)
		}
	}
	if f := run("..", "x"); !f.fatal {
		t.Error("-update wrote outside of testdata")
	}
}

// TestEqualReal runs with the package's own testdata, as every user's test does.
func TestEqualReal(t *testing.T) {
	Equal(t, []byte("The bytes of a golden file.\n"))
}
