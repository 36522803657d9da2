package export_test

import (
	"fmt"
	"testing"

	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

// BenchmarkExport builds the outputs of synthetic models, each format by itself and all together, with what they share:
// facts, digest, tables or diagrams.
func BenchmarkExport(b *testing.B) {
	s, err := schema.V1()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{100, 1000, 5000} {
		dir := b.TempDir()
		if err := synthetic.Write(dir, n); err != nil {
			b.Fatal(err)
		}
		report, err := vet.Run(load.Options{Dir: dir, Schema: s})
		if err != nil {
			b.Fatal(err)
		}
		m := report.Exported("public")[0].Model
		for _, only := range append([]export.Format{"all"}, export.Formats()...) {
			b.Run(fmt.Sprintf("%s/%d", only, n), func(b *testing.B) {
				o := export.Options{CSV: true}
				if only != "all" {
					o.Only = []export.Format{only}
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := export.Build(m, s, o); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
