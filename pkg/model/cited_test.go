package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCitedCrosswalks(t *testing.T) {
	pair := &Pair{}
	m := &Model{
		Catalogs: map[string]*Catalog{
			"a": {Entries: map[string]*Entry{"A-1": {Groups: []string{"A"}}, "A-2": {}}, Groups: map[string]*Group{"A": {}, "X": {}}},
			"b": {Entries: map[string]*Entry{"B-1": {}, "B-2": {}}},
		},
		Threats: map[string]*Threat{"T-1": {Covers: map[string]map[string]*Cover{"a": {"A-1": {}}, "b": {"B-2": {}}}}},
		Crosswalks: map[string]*Crosswalk{
			"a-to-b":    {From: "a", To: "b", Pairs: map[string]map[string]*Pair{"A-1": {"B-1": pair, "B-2": pair}, "A-2": {"B-2": pair}, "A": {"B-2": pair}, "X": {"B-2": pair}}},
			"a-to-none": {From: "a", To: "none", Pairs: map[string]map[string]*Pair{"A-1": {"N-1": pair}}},
		},
	}
	cited := m.Cited()
	assert.Equal(t, map[string]map[string]*Pair{"A-1": {"B-2": pair}, "A": {"B-2": pair}}, cited.Crosswalks["a-to-b"].Pairs)
	assert.Empty(t, cited.Crosswalks["a-to-none"].Pairs)
	assert.Len(t, m.Crosswalks["a-to-b"].Pairs, 4, "the model itself stays as it is")
}
