package analysis

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// TestRiskTable holds the table in the code to the defaults of the contract, cell by cell.
func TestRiskTable(t *testing.T) {
	text, err := os.ReadFile("../../schema/v1/risk.cue")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?s)"([a-z-]+)": #RiskRow & \{(.*?)\n\t\}`).FindAllStringSubmatch(string(text), -1)
	cell := regexp.MustCompile(`"([a-z-]+)": +\*"([a-z-]+)" \| #Level`)
	cells := 0
	for _, row := range rows {
		for _, c := range cell.FindAllStringSubmatch(row[2], -1) {
			cells++
			got := risk(nil, model.Level(row[1]), model.Level(c[1]))
			assert.Equal(t, model.Level(c[2]), got, "likelihood %s, impact %s", row[1], c[1])
		}
	}
	assert.Equal(t, 25, cells, "cells read from risk.cue")
}

func TestRisk(t *testing.T) {
	matrix := model.RiskMatrix{
		"low":  {"low": "high"},
		"high": {"high": "dreadful"},
	}
	assert.Equal(t, model.High, risk(matrix, "low", "low"), "the model's own cell")
	assert.Equal(t, model.Low, risk(matrix, "low", "high"), "a cell that the model leaves out")
	assert.Equal(t, model.High, risk(matrix, "high", "high"), "a cell that is no level")
	assert.Equal(t, model.Level(""), risk(matrix, "", "high"))
	assert.Equal(t, model.Level(""), risk(matrix, "high", "dreadful"))
}

func TestAssess(t *testing.T) {
	threat := &model.Threat{Likelihood: model.Rating{Level: "high"}, Impact: model.Rating{Level: "very-high"}}
	before := Assessment{"high", "very-high", "very-high"}

	inherent, asInstalled, hardened := assess(nil, threat)
	assert.Equal(t, []Assessment{before, before, before}, []Assessment{inherent, asInstalled, hardened})

	threat.AsInstalled = &model.Residual{Likelihood: "moderate"}
	threat.Hardened = &model.Residual{Impact: "low"}
	inherent, asInstalled, hardened = assess(nil, threat)
	assert.Equal(t, before, inherent)
	assert.Equal(t, Assessment{"moderate", "very-high", "high"}, asInstalled)
	assert.Equal(t, Assessment{"moderate", "low", "low"}, hardened, "likelihood is as installed, field by field")
}
