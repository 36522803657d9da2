// Package mermaidtest runs Mermaid's own parser in tests, without a browser and without Node.
package mermaidtest

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"modernc.org/quickjs"
)

//go:embed browser.js
var browser string

// Parser is Mermaid's parser. Loading it takes seconds, so a test makes one for all its diagrams. It is not safe for
// concurrent use.
type Parser struct{ vm *quickjs.VM }

// Drawing is what Mermaid understood of a flowchart. Labels are as a reader sees them.
type Drawing struct {
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Nodes       map[string]string `json:"nodes"`
	Clusters    map[string]string `json:"clusters"`
	Edges       []Edge            `json:"edges"`
}

// Edge is an arrow of a Drawing.
type Edge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
}

// New loads the parser, and fails the test where Mermaid is not installed: a check that silently does not run is
// worse than none.
func New(t testing.TB) *Parser {
	t.Helper()
	bundle, err := bundle()
	if err != nil {
		t.Fatalf("mermaidtest: %v", err)
	}
	p, err := load(bundle)
	if err != nil {
		t.Fatalf("mermaidtest: loading Mermaid: %v", err)
	}
	t.Cleanup(func() {
		if err := p.vm.Close(); err != nil {
			t.Errorf("mermaidtest: %v", err)
		}
	})
	return p
}

// Parse returns what Mermaid finds wrong with a diagram.
func (p *Parser) Parse(text string) error {
	_, err := p.Read(text)
	return err
}

// Read returns what Mermaid understands of a diagram. Of kinds other than flowcharts that is no more than the title
// and the description.
func (p *Parser) Read(text string) (*Drawing, error) {
	if _, err := p.vm.Call("tmkit.parse", text); err != nil {
		return nil, err
	}
	if _, err := p.vm.ExecutePendingJobs(); err != nil {
		return nil, err
	}
	out, err := p.vm.Eval("tmkit.answer", quickjs.EvalGlobal)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Drawing *Drawing
		Fault   string
	}
	if out == "" {
		return nil, errors.New("mermaid gave no answer")
	}
	if err := json.Unmarshal([]byte(fmt.Sprint(out)), &answer); err != nil {
		return nil, err
	}
	if answer.Fault != "" {
		return nil, errors.New(answer.Fault)
	}
	return answer.Drawing, nil
}

func load(bundle string) (*Parser, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	for _, script := range []string{browser, bundle} {
		if _, err := vm.Eval(script, quickjs.EvalGlobal); err != nil {
			return nil, errors.Join(err, vm.Close())
		}
	}
	p := &Parser{vm}
	// Mermaid registers its kinds of diagrams with the first call of its public function, which parses as well and is
	// not needed after.
	if _, err := vm.Eval(`mermaid.parse("flowchart LR\n  a")`, quickjs.EvalGlobal); err != nil {
		return nil, errors.Join(err, vm.Close())
	}
	if _, err := vm.ExecutePendingJobs(); err != nil {
		return nil, errors.Join(err, vm.Close())
	}
	return p, nil
}

// bundle reads the Mermaid that tools/npm pins, from the root of the repository that the test runs in.
func bundle() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			return "", errors.New("no go.mod above the test's folder")
		}
		root = parent
	}
	js, err := os.ReadFile(filepath.Join(root, "tools", "npm", "node_modules", "mermaid", "dist", "mermaid.min.js"))
	if errors.Is(err, os.ErrNotExist) {
		return "", errors.New("tools/npm has no Mermaid: run task setup")
	}
	return string(js), err
}
