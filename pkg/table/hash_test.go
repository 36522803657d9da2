package table

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRowHash(t *testing.T) {
	tb := &Table{Columns: []Column{{Key: "id"}, {Key: "a"}, {Key: "b"}, {Key: "c-auto", Derived: true}}}
	hash := tb.RowHash([]string{"x", "1", "", "auto"})
	require.Regexp(t, `^[0-9a-f]{16}$`, hash)
	require.Equal(t, hash, tb.RowHash([]string{"x", "1", "", "other"}), "derived cells do not count")
	require.NotEqual(t, hash, tb.RowHash([]string{"x", "", "1", "auto"}), "columns count")
	require.NotEqual(t, hash, tb.RowHash([]string{"x", "2", "", "auto"}))
	other := &Table{Columns: []Column{{Key: "a"}, {Key: "new"}, {Key: "id"}}}
	require.Equal(t, hash, other.RowHash([]string{"1", "", "x"}), "order and empty columns do not count")
}

func TestCellHash(t *testing.T) {
	require.Equal(t, "-", CellHash(""))
	require.Regexp(t, `^[0-9a-f]{8}$`, CellHash("-"))
	require.NotEqual(t, CellHash("a"), CellHash("b"))
}
