package mermaidtest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const good = `%% a comment
flowchart LR
accTitle: Title #40;one#41;
accDescr: What it shows
subgraph c["A #38; B"]
  a["one<br/>two"]
end
b[("#60;b#62;")]
a -->|"to #35;1"| b
`

func TestRead(t *testing.T) {
	p := New(t)
	want := &Drawing{
		Title:       "Title (one)",
		Description: "What it shows",
		Nodes:       map[string]string{"a": "one\ntwo", "b": "<b>"},
		Clusters:    map[string]string{"c": "A & B"},
		Edges:       []Edge{{From: "a", To: "b", Label: "to #1"}},
	}
	for range 2 { // nothing of the first diagram is left over in the second
		got, err := p.Read(good)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestParse(t *testing.T) {
	p := New(t)
	for _, broken := range []string{
		"flowchart LR\n  a[\"one\" --> b\n",
		"flowchart LR\n  end --> b\n",
		"flowchart LR\nsubgraph a\n  b\n",
		"flowchard LR\n  a --> b\n",
		"",
	} {
		assert.Error(t, p.Parse(broken), broken)
		assert.NoError(t, p.Parse(good), "after a broken diagram")
	}
	assert.ErrorContains(t, p.Parse("flowchart LR\n  a --> (\n"), "line 2")
	assert.NoError(t, p.Parse("sequenceDiagram\n  a->>b: text\n"))
}

// failed is a test whose failure is looked at instead of reported.
type failed struct {
	testing.TB
	message string
}

func (f *failed) Helper() {}

func (f *failed) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), nil, 0o666))
	t.Chdir(dir)
	f := &failed{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		New(f)
	}()
	<-done
	assert.Equal(t, "mermaidtest: tools/npm has no Mermaid: run task setup", f.message)
}
