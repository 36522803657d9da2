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

// testdata is the folder of the publishers' tables, and committed that of the files made from them.
const (
	testdata  = "../../testdata/"
	committed = "../../"
)

func TestCommittedFilesAreCurrent(t *testing.T) {
	for _, s := range sources(testdata) {
		t.Run(s.file, func(t *testing.T) {
			got, err := s.generate(testdata)
			require.NoError(t, err)
			want, err := os.ReadFile(committed + s.file)
			require.NoError(t, err)
			if !bytes.Equal(want, got) {
				t.Errorf("controls/%s is not what its sources say: run go generate ./controls", s.file)
			}
		})
	}
	embed, err := os.ReadFile(committed + "embed.go")
	require.NoError(t, err)
	assert.Contains(t, string(embed), "\n//go:generate go run ./internal/generate\n")
}

func TestFormatIsThatOfCueFmt(t *testing.T) {
	for _, s := range sources(testdata) {
		text, err := os.ReadFile(committed + s.file)
		require.NoError(t, err)
		for _, options := range [][]format.Option{nil, {format.Simplify()}} {
			got, err := format.Source(text, options...)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(text, got), s.file)
		}
	}
}

// folder returns a copy of the tables to run on.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "testdata"), os.DirFS(testdata)))
	return dir
}

func TestRunOutput(t *testing.T) {
	dir := folder(t)
	var stderr bytes.Buffer
	require.Equal(t, 0, run([]string{dir}, &stderr), "%s", stderr.String())
	assert.Empty(t, stderr.String())
	for _, s := range sources(testdata) {
		got, err := os.ReadFile(filepath.Join(dir, s.file))
		require.NoError(t, err)
		want, err := os.ReadFile(committed + s.file)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got), s.file)
		left, err := os.ReadDir(filepath.Join(dir, filepath.Dir(s.file)))
		require.NoError(t, err)
		assert.Len(t, left, 1, "no temporary file stays behind")
	}
}

func TestRunWritesNothingOnAFault(t *testing.T) {
	dir := folder(t)
	controls, owasp := filepath.Join(dir, "testdata", "nist-800-53-r5.csv"), filepath.Join(dir, "testdata", "owasp-kubernetes-2022.csv")
	require.NoError(t, os.WriteFile(owasp, []byte("id,title\nK01,\n"), 0o644))
	require.NoError(t, os.WriteFile(controls, []byte(nistHeader+"AC-2,AC,,Account Management,activ,,,1,1,1,0\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "testdata", "fedramp-r5-baselines.csv"), []byte(fedrampHeader), 0o644))
	out := filepath.Join(dir, "cwe", "catalog.cue")
	require.NoError(t, os.Mkdir(filepath.Dir(out), 0o755))
	require.NoError(t, os.WriteFile(out, []byte("as it was"), 0o644))

	var stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{dir}, &stderr))
	assert.Contains(t, stderr.String(), controls+":2: status: \"activ\" is neither active nor withdrawn\n")
	assert.Contains(t, stderr.String(), owasp+":2: title: no text\n", "the faults of all sources are told")

	kept, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, "as it was", string(kept))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2, "nothing else is written")
}

func TestRunUsage(t *testing.T) {
	blocked := folder(t)
	require.NoError(t, os.WriteFile(filepath.Join(blocked, "cwe"), nil, 0o644))
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"help":         {[]string{"-h"}, 0, "usage: generate [dir]"},
		"unknown flag": {[]string{"-x"}, 2, "-x"},
		"too many":     {[]string{"a", "b"}, 2, "usage: generate [dir]"},
		"no tables":    {[]string{t.TempDir()}, 3, "attack-techniques.csv"},
		"no folder":    {[]string{blocked}, 3, "cwe"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			assert.Equal(t, test.code, run(test.args, &stderr))
			assert.Contains(t, strings.ToLower(stderr.String()), test.want)
		})
	}
}
