package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testdata is the folder of the publishers' tables, and committed that of the catalogues made from them.
const (
	testdata  = "../../testdata/"
	committed = "../../"
)

// commands are the sources with their committed inputs and outputs, as in the go:generate lines of controls/embed.go.
func commands() map[string][]string {
	return map[string][]string{
		"nist80053r5/catalog.cue": {
			"nist-800-53-r5", testdata + "nist-800-53-r5.csv", testdata + "nist-800-53-r5-families.csv",
		},
		"attack/catalog.cue": {
			"mitre-attack", testdata + "attack-techniques.csv", testdata + "attack-tactics.csv",
			testdata + "attack-v19-known-id-changes.csv",
		},
	}
}

func TestCommittedCatalogsAreCurrent(t *testing.T) {
	directives, err := os.ReadFile(committed + "embed.go")
	require.NoError(t, err)
	for name, args := range commands() {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, 0, run(args, &stdout, &stderr), "%s", stderr.String())
			want, err := os.ReadFile(committed + name)
			require.NoError(t, err)
			if !bytes.Equal(want, stdout.Bytes()) {
				t.Errorf("controls/%s is not what its sources say: run go generate ./controls", name)
			}

			directive := "//go:generate go run ./internal/generate -o " + name + " " + strings.Join(args, " ")
			assert.Contains(t, string(directives), strings.ReplaceAll(directive, testdata, "testdata/")+"\n")
		})
	}
}

func TestFormatIsThatOfCueFmt(t *testing.T) {
	for name := range commands() {
		text, err := os.ReadFile(committed + name)
		require.NoError(t, err)
		for _, options := range [][]format.Option{nil, {format.Simplify()}} {
			got, err := format.Source(text, options...)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(text, got), name)
		}
	}
}

func TestRunOutput(t *testing.T) {
	args := commands()["nist80053r5/catalog.cue"]
	out := filepath.Join(t.TempDir(), "catalog.cue")
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(append([]string{"-o", out}, args...), &stdout, &stderr), "%s", stderr.String())
	assert.Empty(t, stdout.String())
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	want, err := os.ReadFile(committed + "nist80053r5/catalog.cue")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got))
}

func TestRunWritesNothingOnAFault(t *testing.T) {
	dir := t.TempDir()
	controls, families := filepath.Join(dir, "controls.csv"), filepath.Join(dir, "families.csv")
	require.NoError(t, os.WriteFile(controls, []byte(nistHeader+"AC-2,AC,,Account Management,activ,,,1,1,1,0\n"), 0o644))
	require.NoError(t, os.WriteFile(families, []byte(familiesCSV), 0o644))
	out := filepath.Join(dir, "catalog.cue")
	require.NoError(t, os.WriteFile(out, []byte("as it was"), 0o644))

	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-o", out, "nist-800-53-r5", controls, families}, &stdout, &stderr))
	assert.Equal(t, controls+":2: status: \"activ\" is neither active nor withdrawn\n", stderr.String())
	assert.Equal(t, 1, run([]string{"nist-800-53-r5", controls, families}, &stdout, &stderr))
	assert.Empty(t, stdout.String())

	kept, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, "as it was", string(kept))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 3, "no temporary file stays behind")
}

func TestRunUsage(t *testing.T) {
	good := commands()["nist80053r5/catalog.cue"]
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing":        {nil, 2, "usage:"},
		"help":           {[]string{"-h"}, 0, "generate [-o FILE.cue] mitre-attack"},
		"unknown flag":   {[]string{"-x"}, 2, "-x"},
		"unknown source": {[]string{"cwe", "a.csv"}, 2, `no source "cwe"`},
		"too few":        {[]string{"nist-800-53-r5", "a.csv"}, 2, "nist-800-53-r5 takes CONTROLS.csv FAMILIES.csv"},
		"too many":       {[]string{"mitre-attack", "a", "b", "c", "d"}, 2, "mitre-attack takes"},
		"no such input":  {[]string{"nist-800-53-r5", "none.csv", "none.csv"}, 3, "none.csv"},
		"no such folder": {append([]string{"-o", "none/catalog.cue"}, good...), 3, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, test.code, run(test.args, &stdout, &stderr))
			assert.Contains(t, stderr.String(), test.want)
			assert.Empty(t, stdout.String())
		})
	}
}
