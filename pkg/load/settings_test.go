package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
)

// userModel imports the contract and a catalogue, which is all that a user's first model needs of tmkit.
const userModel = `package shop

import (
	nist "tmkit.dev/controls/nist80053r5"
	"tmkit.dev/schema/v1"
)

model: v1.#ThreatModel & {
	schema: "v1.0"
	metadata: {name: "shop", title: "A shop", version: "0.1.0", stage: "draft"}
	catalogs: "nist-800-53-r5": nist.catalog
	exclusions: "nist-800-53-r5": "AC-1": reason: "Not here."
}
`

const userModule = "module: \"example.org/shop\"\nlanguage: version: \"v0.17.0\"\n"

// write writes files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
}

// vendor writes what the program carries to a module's own copy.
func vendor(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, load.Carried(func(path string, data []byte) error {
		write(t, dir, map[string]string{"cue.mod/pkg/tmkit.dev/" + path: string(data)})
		return nil
	}))
}

// noNetwork makes any attempt to reach the network fail, and leaves no cache that could hide one.
func noNetwork(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	t.Setenv("CUE_CACHE_DIR", t.TempDir())
}

func loaded(t *testing.T, dir string, patterns ...string) *load.Result {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	res, err := load.Load(load.Options{Dir: dir, Patterns: patterns, Schema: s})
	require.NoError(t, err)
	return res
}

// TestSettings holds that a model loads offline wherever it lives: in this repository, in a module with its own copy of
// the contract, in one without.
func TestSettings(t *testing.T) {
	noNetwork(t)
	t.Run("repository", func(t *testing.T) {
		res := loaded(t, "../..", "./schema/testdata/good/two-packages/mapping")
		assert.Empty(t, res.Findings)
		require.Len(t, res.Models, 1)
	})
	t.Run("vendored", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel})
		vendor(t, dir)
		res := loaded(t, dir)
		assert.Empty(t, res.Findings)
		require.Len(t, res.Models, 1)
		assert.Equal(t, "example.org/shop/model", res.Models[0].Package)
		assert.Contains(t, res.Models[0].Model.Catalogs["nist-800-53-r5"].Entries, "AC-2(1)")
	})
	t.Run("overlaid", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel})
		res := loaded(t, dir)
		assert.Empty(t, res.Findings)
		require.Len(t, res.Models, 1)
		assert.Contains(t, res.Models[0].Model.Catalogs["nist-800-53-r5"].Entries, "AC-2(1)")
		// Nothing is written beside the user's files.
		_, err := os.Stat(filepath.Join(dir, "cue.mod", "pkg"))
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("below the module's root", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "a/b/model.cue": userModel})
		res := loaded(t, filepath.Join(dir, "a", "b"), ".")
		assert.Empty(t, res.Findings)
		require.Len(t, res.Models, 1)
		root, err := filepath.EvalSymlinks(dir)
		require.NoError(t, err)
		got, err := filepath.EvalSymlinks(res.Root)
		require.NoError(t, err)
		assert.Equal(t, root, got)
	})
	t.Run("a catalogue left out of the copy", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel})
		vendor(t, dir)
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "cue.mod/pkg/tmkit.dev/controls/attack")))
		assert.Empty(t, loaded(t, dir).Findings)
	})
}

// TestStaleSchema holds that a copy of the contract that differs is used, and said to differ.
func TestStaleSchema(t *testing.T) {
	noNetwork(t)
	const file = "cue.mod/pkg/tmkit.dev/schema/v1/risk.cue"
	for name, change := range map[string]func(t *testing.T, dir string){
		"changed": func(t *testing.T, dir string) {
			old, err := os.ReadFile(filepath.Join(dir, file))
			require.NoError(t, err)
			write(t, dir, map[string]string{file: string(old) + "\n// changed\n"})
		},
		"a file more": func(t *testing.T, dir string) {
			write(t, dir, map[string]string{"cue.mod/pkg/tmkit.dev/schema/v1/more.cue": "package v1\n\n#More: {...}\n"})
		},
		"a file less": func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, file), filepath.Join(dir, "cue.mod/pkg/tmkit.dev/schema/v1/other.cue")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel})
			vendor(t, dir)
			change(t, dir)
			res := loaded(t, dir)
			require.Len(t, res.Models, 1)
			require.Len(t, res.Findings, 1)
			f := res.Findings[0]
			assert.Equal(t, "stale-schema", f.Rule)
			assert.Equal(t, finding.Warning, f.Severity)
			assert.Equal(t, "cue.mod/pkg/tmkit.dev", f.Position.File)
			assert.NotEmpty(t, f.Hint)
		})
	}
}

// TestNoModule holds that a folder without a module is told in a way that the command can give a hint for.
func TestNoModule(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	_, err = load.Load(load.Options{Dir: t.TempDir(), Schema: s})
	assert.ErrorIs(t, err, load.ErrNoModule)

	_, err = load.Load(load.Options{Dir: filepath.Join(t.TempDir(), "nowhere"), Schema: s})
	assert.ErrorIs(t, err, os.ErrNotExist)

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	_, err = load.Load(load.Options{Dir: file, Schema: s})
	assert.ErrorContains(t, err, "not a folder")
}

// TestPatterns holds that what the call asks for and is not there is an error of the call, not a finding.
func TestPatterns(t *testing.T) {
	noNetwork(t)
	s, err := schema.V1()
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel, "empty/readme.txt": "-"})
	for _, pattern := range []string{"./nowhere", "./empty", "./nowhere/...", "./model:other"} {
		_, err := load.Load(load.Options{Dir: dir, Patterns: []string{pattern}, Schema: s})
		assert.Error(t, err, pattern)
	}
	// A package that has nothing to do with tmkit is left alone, even where CUE would want more of it.
	write(t, dir, map[string]string{"other/config.cue": "package other\n\nreplicas: int\n"})
	res := loaded(t, dir)
	assert.Empty(t, res.Findings)
	assert.Len(t, res.Models, 1)
}
