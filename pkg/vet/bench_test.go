package vet_test

import (
	"fmt"
	"testing"

	"github.com/tmkit/tmkit/internal/synthetic"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

// BenchmarkVet vets synthetic models: load, evaluation, reading and rules.
func BenchmarkVet(b *testing.B) {
	s, err := schema.V1()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			if err := synthetic.Write(dir, n); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				report, err := vet.Run(load.Options{Dir: dir, Schema: s})
				if err != nil {
					b.Fatal(err)
				}
				if len(report.Findings) > 0 {
					b.Fatal(report.Findings[0])
				}
			}
		})
	}
}
