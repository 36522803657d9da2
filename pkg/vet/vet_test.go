package vet_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tmkit/tmkit/pkg/finding"
)

// TestGood holds that healthy models get no finding at all.
func TestGood(t *testing.T) {
	for _, f := range fixtures(t, "good") {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, found := range f.vetted(t) {
				t.Errorf("%s: %s", found.Position, said(found))
			}
		})
	}
}

// TestBad holds that each fault is one finding, at the place where its author made it, and nothing else is found.
func TestBad(t *testing.T) {
	for _, f := range fixtures(t, "_bad") {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			wants := f.wants(t)
			assert.NotEmpty(t, wants, "no // want comment")
			for _, found := range f.vetted(t) {
				wellSaid(t, found)
				at := found.Position.File + ":" + strconv.Itoa(found.Position.Line)
				i := slices.IndexFunc(wants, func(w want) bool {
					return w.at == at && (w.column == 0 || w.column == found.Position.Column) && w.text.MatchString(said(found))
				})
				if i < 0 {
					t.Errorf("not wanted: %s: %s", found.Position, said(found))
					continue
				}
				wants = slices.Delete(wants, i, i+1)
			}
			others := f.others(t)
			for _, found := range f.vetted(t) {
				for _, r := range found.Related {
					delete(others, r.Position.File+":"+strconv.Itoa(r.Position.Line))
				}
			}
			assert.Empty(t, others, "no finding is related to these")
			for _, w := range wants {
				t.Errorf("not found: %s:%d: %s", w.at, w.column, w.text)
			}
		})
	}
}

// innards are words of CUE and of the contract's machinery that mean nothing to an author.
var innards = regexp.MustCompile(`_faults|_has\b|_ids\b|#Threat\b|empty disjunction|_\|_|explicit error|cycle error|held|&!~|\(\?s:`)

// capital is what a message must not begin with, unless it is an id.
var (
	capital  = regexp.MustCompile(`^[A-Z]`)
	threatID = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+\b`)
)

func wellSaid(t *testing.T, f finding.Finding) {
	t.Helper()
	for _, s := range []string{f.Message, f.Hint} {
		assert.False(t, capital.MatchString(s) && !threatID.MatchString(s), "begins with a capital: %s", s)
		assert.NotRegexp(t, `\.$`, s, "ends with a full stop")
		assert.NotRegexp(t, innards, s)
		assert.NotContains(t, s, "\n")
	}
	assert.NotEmpty(t, f.Message)
	assert.NotEmpty(t, f.Rule)
	assert.Contains(t, []finding.Severity{finding.Error, finding.Warning, finding.Note}, f.Severity)
	assert.NotEmpty(t, f.Position.File, "no place: %s", said(f))
	assert.Positive(t, f.Position.Line, "no line: %s", said(f))
	for _, r := range f.Related {
		assert.NotEmpty(t, r.Position.File, fmt.Sprint(f))
		assert.Positive(t, r.Position.Line, fmt.Sprint(f))
	}
}
