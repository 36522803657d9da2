package csv

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/table"
)

var awkward = []string{"", "plain", "=1+1", "+1", "-1", "@SUM(A1)", "\ttab", "'quoted", "''", "\uff1d1", "a,b", `say "x"`, "two\nlines", "ends\n", "\u202fx", "é", "\U0001f600"}

func TestRoundTrip(t *testing.T) {
	for _, guarding := range []Guarding{Guarded, Raw} {
		tab := &table.Table{Name: "t", Keys: 1, Columns: []table.Column{{Heading: "Id"}, {Heading: "Text"}}}
		for _, x := range awkward {
			tab.Rows = append(tab.Rows, []string{"k", x})
		}
		var b bytes.Buffer
		require.NoError(t, Write(&b, tab, guarding))
		require.NotContains(t, b.String(), "\r")
		rows, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"Id", "Text"}, rows[0])
		for i, row := range rows[1:] {
			got := row[1]
			if guarding == Guarded {
				require.False(t, got != "" && strings.ContainsAny(got[:1], "=+-@\t\n"), "%q would run as a formula", got)
				got = Unguard(got)
			}
			require.Equal(t, awkward[i], got)
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, x := range awkward {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Unguard(Guard(s)); got != s {
			t.Fatalf("Unguard(Guard(%q)) = %q", s, got)
		}
	})
}
