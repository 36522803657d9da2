package load_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
)

// TestEditor holds which packages an editor may change, and in which order it writes fields.
func TestEditor(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	dir := t.TempDir()
	header := func(name, audience string) string {
		return `import "tmkit.dev/schema/v1"
model: v1.#ThreatModel & {schema: "v1.0", metadata: {name: "` + name + `", title: "A", version: "1.0.0", stage: "draft", audience: "` + audience + `"}}
`
	}
	write(t, dir, map[string]string{
		"cue.mod/module.cue": `module: "edit.example@v0"
language: version: "v0.14.0"
`,
		"base/a.cue":   "package base\n" + header("shop", "public"),
		"leaf/a.cue":   "package leaf\nimport \"edit.example/base\"\nmodel: base.model\nmodel: themes: all: {title: \"All\", description: \"All.\"}\n",
		"other/a.cue":  "package other\n" + header("other", "public"),
		"secret/a.cue": "package secret\n" + header("shop", "embargo"),
	})
	res, err := load.Load(load.Options{Dir: dir, Schema: s})
	require.NoError(t, err)
	require.Empty(t, res.Findings)
	for _, m := range res.Models {
		if m.Package != "edit.example/leaf" {
			continue
		}
		e := res.Editor(m, s)
		var may []string
		for _, path := range []string{"edit.example/base", "edit.example/leaf", "edit.example/other", "edit.example/secret", "tmkit.dev/schema/v1"} {
			if e.Writable(path) {
				may = append(may, path)
			}
		}
		require.Equal(t, []string{"edit.example/base", "edit.example/leaf"}, may)
		require.Equal(t, m.Source, e.Root)
		require.Equal(t, []string{"id", "title", "description"}, e.Order([]string{"themes", "all"})[:3])
		require.Equal(t, []string{"level", "reason"}, e.Order([]string{"threats", "T-001", "likelihood"}))
		require.Equal(t, []string{"title", "url"}, e.Order([]string{"threats", "T-001", "references", "0"}))
		require.Nil(t, e.Order([]string{"threats"}))
		require.Nil(t, e.Order([]string{"threats", "T-001", "title"}))
		require.Empty(t, e.Order([]string{"nowhere", "else"}))
		return
	}
	require.Fail(t, "no model of the leaf")
}
