package load_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
)

// TestOverlay holds that a fault is told alike whether it is on disk or in memory only, and that what is in memory counts.
func TestOverlay(t *testing.T) {
	noNetwork(t)
	s, err := schema.V1()
	require.NoError(t, err)
	findings := func(dir string, overlay map[string][]byte) []finding.Finding {
		res, err := load.Load(load.Options{Dir: dir, Schema: s, Overlay: overlay})
		require.NoError(t, err)
		return res.Findings
	}
	faults := map[string]struct {
		file, old, new string
		rule           string
	}{
		"syntax, with a hint from its line": {"model/model.cue", `"AC-1": reason:`, `AC-1: reason:`, "syntax"},
		"a place among several":             {"model/more.cue", "model: #more", "model: #more\n\n#more: metadata: version: \"0.2.0\"", "conflict"},
		"a literal beside a type":           {"model/more.cue", "#more: {...}", "#more: {...}\n\n#limit: int & \"x\"", "cue"},
		"another package":                   {"model/more.cue", "package shop", "\n// More.\npackage more", "syntax"},
		"a value":                           {"model/model.cue", `stage: "draft"`, `stage: "daft"`, "bad-value"},
		"a file that is new":                {"model/new.cue", "", "package shop\n\nmodel: threats: 1\n", "wrong-type"},
	}
	for name, tt := range faults {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{"cue.mod/module.cue": userModule, "model/model.cue": userModel, "model/more.cue": "package shop\n\nmodel: #more\n\n#more: {...}\n"}
			write(t, dir, files)
			file := filepath.Join(dir, filepath.FromSlash(tt.file))
			good := files[tt.file]
			bad := strings.Replace(good, tt.old, tt.new, 1)
			require.NotEqual(t, good, bad)
			require.Empty(t, findings(dir, nil))

			inMemory := findings(dir, map[string][]byte{file: []byte(bad)})
			write(t, dir, map[string]string{tt.file: bad})
			onDisk := findings(dir, nil)
			require.NotEmpty(t, onDisk)
			assert.Equal(t, tt.rule, onDisk[0].Rule)
			assert.Equal(t, onDisk, inMemory)
			if good == "" {
				good = "package shop\n"
			}
			assert.Empty(t, findings(dir, map[string][]byte{file: []byte(good)}), "what is on disk is mended in memory")
		})
	}
}
