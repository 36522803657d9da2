package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAutoList(t *testing.T) {
	require.Equal(t, "a; b", autoList([]string{"a", "b"}))
	var items []string
	for i := range 5000 {
		items = append(items, fmt.Sprintf("SYN-T-%05d", i))
	}
	cell := autoList(items)
	require.LessOrEqual(t, len(cell), autoLimit+20)
	shown := Split(cell)
	last := shown[len(shown)-1]
	require.Equal(t, fmt.Sprintf("and %d more", 5000-len(shown)+1), last)
}

func TestSplit(t *testing.T) {
	for _, items := range [][]string{nil, {"a"}, {"a", "b-c", "D(1)"}} {
		require.Equal(t, items, Split(List(items)))
	}
	require.Equal(t, "One two", capital("one two"))
	require.Equal(t, "Élan", capital("élan"))
	require.Empty(t, capital(""))
	require.False(t, strings.Contains(List([]string{"a", "b"}), "\n"))
}
