package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestV1(t *testing.T) {
	s, err := V1()
	require.NoError(t, err)
	require.Equal(t, "v1.0", s.Version)
	th := s.Model.Field("threats").Type.Elem
	require.Equal(t, []string{"very-low", "low", "moderate", "high", "very-high"}, th.Field("likelihood").Type.Field("level").Type.Enum)
	require.Equal(t, []string{"actors"}, th.Field("actors").Refs)
	require.Equal(t, 1, th.Field("actors").Type.MinItems)
	require.Equal(t, "partial", s.Def("#Mitigation").Field("extent").Type.Default)
	require.Equal(t, []string{"partial", "full"}, s.Def("#Mitigation").Field("extent").Type.Enum)
	require.Equal(t, false, s.Def("#Component").Field("optional").Type.Default)
	require.Equal(t, "very-low", s.Def("#RiskMatrix").Field("very-low").Type.Field("very-low").Type.Default)
	require.NotEmpty(t, s.Def("#Title").Check("x\ny"))
	require.Empty(t, s.Def("#Title").Check("x y"))
	require.NotEmpty(t, s.Def("#Date").Check("2026-02-30"))
	require.NotEmpty(t, s.Def("#Flow").Field("ports").Type.Elem.Check(70000))
	require.Equal(t, Map, s.Model.Field("threats").Type.Kind)
	require.Equal(t, "names the bad event in twelve words or fewer.", th.Field("title").Doc)
}

// TestDocumented holds that every definition and field of the contract has a comment that starts with its name, and
// that every field of an entry is shown somewhere: in a column or a table of its own.
func TestDocumented(t *testing.T) {
	s, err := V1()
	require.NoError(t, err)
	seen := map[*Type]bool{}
	var walk func(where string, ty *Type)
	walk = func(where string, ty *Type) {
		if ty == nil || seen[ty] {
			return
		}
		seen[ty] = true
		for _, f := range ty.Fields {
			if ty.Name == "#RiskMatrix" || ty.Name == "#RiskRow" {
				continue
			}
			require.NotEmpty(t, f.Doc, "%s.%s has no comment that starts with its name", where, f.Name)
			walk(where+"."+f.Name, f.Type)
		}
		walk(where+"[]", ty.Elem)
	}
	for name, d := range s.defs {
		require.NotEmpty(t, d.Doc, "%s has no comment that starts with its name", name)
		walk(name, d)
	}
}
