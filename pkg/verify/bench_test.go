package verify

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/model"
)

// BenchmarkVerify verifies the outputs of synthetic models, with all that it takes beside evaluating the model, and reads
// each format by itself.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		dir := b.TempDir()
		require.NoError(b, synthetic.Write(dir, n))
		x := exportOf(b, dir, ".", export.Options{CSV: csv.Guarded})
		files := x.folder(b)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				report, err := run(files, []*model.Model{x.model}, x.schema)
				require.NoError(b, err)
				require.Empty(b, report.Differences())
			}
		})
		want := x.expected()
		for name, read := range map[string]func(map[string][]byte, *Expected) Result{
			"json": readJSON, "xlsx": readXLSX, "markdown": readMarkdown, "mermaid": readMermaid,
			"csv": readCSV,
		} {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					require.Empty(b, read(x.outputs.Files, want).Differences)
				}
			})
		}
	}
}
