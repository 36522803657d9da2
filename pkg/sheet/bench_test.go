package sheet

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/synthetic"
)

// BenchmarkImport takes a workbook with 100 edits back.
func BenchmarkImport(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			require.NoError(b, synthetic.Write(dir, n))
			file := filepath.Join(b.TempDir(), "synthetic.xlsx")
			require.NoError(b, os.WriteFile(file, exportedBook(b, dir), 0o644))
			_, s := allFields()
			for b.Loop() {
				out, err := Import(Request{Dir: dir, Schema: s, Book: func() (*Book, error) {
					book, err := Read(file)
					if err != nil {
						return nil, err
					}
					for _, tab := range book.Tabs {
						for i := 0; tab.Name == "Threats" && i < 100; i++ {
							tab.Rows[i*n/100].Cells[1].Text += ", edited"
						}
					}
					return book, nil
				}})
				require.NoError(b, err)
				require.Len(b, out.Edits, 100)
				require.NotEmpty(b, out.Files)
			}
		})
	}
}
