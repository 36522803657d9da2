package table_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/plaintest"
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// TestEveryCellHasItsPlace finds the value of every cell that can be read back in the model's JSON, by the path that the
// table gives, and holds that Format and Parse turn the one into the other.
func TestEveryCellHasItsPlace(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	for dir, pkg := range map[string]string{"../..": "./controls/kubernetes", "../../schema/testdata": "./good/every-field"} {
		report, err := vet.Run(load.Options{Dir: dir, Patterns: []string{pkg}, Schema: s})
		require.NoError(t, err)
		models := report.Exported("public")
		require.Len(t, models, 1, pkg)
		m := models[0].Model
		b, err := json.Marshal(m)
		require.NoError(t, err)
		root := decode(t, b)
		facts := analysis.Derive(m)
		cells, tables := 0, 0
		for _, tab := range table.Build(m, facts, s).Tables {
			if len(tab.Origins) == 0 {
				continue
			}
			tables++
			seen := map[string]bool{}
			for _, row := range tab.Rows {
				key := tab.Key(row)
				require.False(t, seen[key], "%s: two rows %s", tab.Name, key)
				seen[key] = true
				keys, ok := tab.SplitKey(key)
				require.True(t, ok)
				require.Equal(t, row[:tab.Keys], keys)
				path, err := tab.Path(keys, func(id string) string { return string(facts.Index[id]) })
				require.NoError(t, err, "%s %s", tab.Name, key)
				for i := range tab.Columns {
					at, c := tab.Cell(path, i)
					if c.Derived || c.Type == nil {
						continue
					}
					cells++
					value := plaintest.At(root, at)
					require.Equal(t, row[i], c.Format(value), "%s %s: %v", tab.Name, key, at)
					parsed, faults := c.Parse(row[i])
					require.Empty(t, faults, "%s %s: %v", tab.Name, key, at)
					if value == nil && row[i] == "" {
						continue
					}
					require.Equal(t, value, parsed, "%s %s: %v", tab.Name, key, at)
				}
			}
		}
		t.Log(pkg, tables, "tables,", cells, "cells")
		require.Greater(t, tables, 30)
		require.Greater(t, cells, 100)
	}
}

// decode reads JSON with its whole numbers as ints.
func decode(t *testing.T, b []byte) any {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	v, ok := table.Whole(v)
	require.True(t, ok)
	return v
}
