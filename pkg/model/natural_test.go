package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

func TestNatural(t *testing.T) {
	sorted := []string{"AC-2", "AC-2(1)", "AC-2(10)", "AC-10", "AC-21", "AU-1", "a", "a01", "a1", "a01x", "a10"}
	for i := range sorted {
		for j := range sorted {
			got := model.Natural(sorted[i], sorted[j])
			switch {
			case i < j:
				require.Negative(t, got, "%s %s", sorted[i], sorted[j])
			case i > j:
				require.Positive(t, got, "%s %s", sorted[i], sorted[j])
			default:
				require.Zero(t, got)
			}
		}
	}
}
