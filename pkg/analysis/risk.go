package analysis

import (
	"cmp"

	"github.com/tmkit/tmkit/pkg/model"
)

// assess returns the three assessments of a threat. What the rating of a later state leaves out is as in the state
// before it.
func assess(matrix model.RiskMatrix, t *model.Threat) (inherent, asInstalled, hardened Assessment) {
	inherent = Assessment{Likelihood: t.Likelihood.Level, Impact: t.Impact.Level}
	inherent.Risk = risk(matrix, inherent.Likelihood, inherent.Impact)
	asInstalled = later(matrix, inherent, t.AsInstalled)
	hardened = later(matrix, asInstalled, t.Hardened)
	return inherent, asInstalled, hardened
}

// later returns the assessment that follows from the one before and what a residual rating says anew.
func later(matrix model.RiskMatrix, before Assessment, r *model.Residual) Assessment {
	if r == nil {
		return before
	}
	a := Assessment{
		Likelihood: cmp.Or(r.Likelihood, before.Likelihood),
		Impact:     cmp.Or(r.Impact, before.Impact),
	}
	a.Risk = risk(matrix, a.Likelihood, a.Impact)
	return a
}

// risk returns the level of risk by likelihood and impact: what the model's own matrix says, and NIST SP 800-30 Rev 1,
// table I-2, where it says nothing. It is empty when either is no level.
func risk(matrix model.RiskMatrix, likelihood, impact model.Level) model.Level {
	if l := matrix[likelihood][impact]; l.Rank() > 0 {
		return l
	}
	// Rows by likelihood, columns by impact, both lowest first.
	table := [5][5]model.Level{
		{model.VeryLow, model.VeryLow, model.VeryLow, model.Low, model.Low},
		{model.VeryLow, model.Low, model.Low, model.Low, model.Moderate},
		{model.VeryLow, model.Low, model.Moderate, model.Moderate, model.High},
		{model.VeryLow, model.Low, model.Moderate, model.High, model.VeryHigh},
		{model.VeryLow, model.Low, model.Moderate, model.High, model.VeryHigh},
	}
	l, i := likelihood.Rank(), impact.Rank()
	if l == 0 || i == 0 {
		return ""
	}
	return table[l-1][i-1]
}
