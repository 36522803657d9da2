package xlsx

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/table"
)

// many is the tables of a model with so many threats, every column of a threat filled: about 2 KB of text each.
func many(t testing.TB, threats int) *table.Set {
	t.Helper()
	set := empty(t)
	prose := strings.Repeat("Somebody gets at something, and what follows is that it is lost. ", 3)
	id := func(i int) string { return fmt.Sprintf("K8S-AREA-%04d", i) }
	fill := func(name string, rows int, keys func(i int) []string) {
		tb := set.Table(name)
		for i := range rows {
			row := keys(i)
			for j := len(row); j < len(tb.Columns); j++ {
				c := tb.Columns[j]
				cell := strconv.Itoa(i) + " " + prose[:min(len(prose), 3*c.Width)]
				switch {
				case len(c.Allowed) > 0:
					cell = c.Allowed[i%len(c.Allowed)]
				case len(c.Refs) > 0:
					cell = id((i + j) % threats)
				}
				row = append(row, cell)
			}
			tb.Rows = append(tb.Rows, row)
		}
	}
	fill("threats", threats, func(i int) []string { return []string{id(i)} })
	fill("at-risk", 2*threats, func(i int) []string { return []string{id(i / 2), "nist", "AC-" + strconv.Itoa(i%2)} })
	fill("threat-countermeasure", 4*threats, func(i int) []string { return []string{id(i / 4), "measure-" + strconv.Itoa(i%4)} })
	fill("references", 2*threats, func(i int) []string { return []string{id(i / 2), strconv.Itoa(i%2 + 1)} })
	fill("techniques", threats, func(i int) []string { return []string{id(i), "attack", "T1000"} })
	return set
}

func BenchmarkWrite(b *testing.B) {
	for _, threats := range []int{75, 5000} {
		b.Run(strconv.Itoa(threats), func(b *testing.B) {
			set := many(b, threats)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, Write(io.Discard, set, about()))
			}
		})
	}
}

// TestManyLinks holds that links cost no more than what they are many, and end where Excel's limit is.
func TestManyLinks(t *testing.T) {
	tb := &table.Table{Name: "threats", Tab: "Threats", Keys: 1, Columns: []table.Column{{Key: "id", Heading: "Id"}}}
	for j := range 8 {
		c := table.Column{Key: strconv.Itoa(j), Heading: strconv.Itoa(j), Refs: []string{"threats"}}
		tb.Columns = append(tb.Columns, c)
	}
	for i := range 9000 {
		row := []string{"T-" + strconv.Itoa(i)}
		for range 8 {
			row = append(row, row[0])
		}
		tb.Rows = append(tb.Rows, row)
	}
	start := time.Now()
	f := open(t, write(t, &table.Set{Tables: []*table.Table{tb}}))
	assert.Less(t, time.Since(start), 10*time.Second)
	has, _, err := f.GetCellHyperLink("Threats", "B8000")
	require.NoError(t, err)
	assert.True(t, has)
	has, _, err = f.GetCellHyperLink("Threats", "I9001")
	require.NoError(t, err)
	assert.False(t, has)
	value, err := f.GetCellValue("Threats", "I9001")
	require.NoError(t, err)
	assert.Equal(t, "T-8999", value)
}

func contrast(t testing.TB, a, b string) float64 {
	t.Helper()
	luminance := func(color string) float64 {
		n, err := strconv.ParseUint(color, 16, 32)
		require.NoError(t, err)
		part := func(shift uint) float64 {
			c := float64(n>>shift&0xff) / 255
			if c <= 0.04045 {
				return c / 12.92
			}
			return math.Pow((c+0.055)/1.055, 2.4)
		}
		return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
