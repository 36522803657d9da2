package finding_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/golden"
	"github.com/tmkit/tmkit/pkg/finding"
)

func TestSuggest(t *testing.T) {
	for _, test := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"titel", []string{"tags", "title", "theme"}, "title"},
		{"thraets", []string{"themes", "threats"}, "threats"},
		{"theme", []string{"themes", "threats"}, "themes"},
		{"etcd", []string{"etc", "etcds"}, "etc"},
		{"kube-apisever", []string{"kube-apiserver", "kube-proxy"}, "kube-apiserver"},
		{"K8S-ETCD-002", []string{"K8S-ETCD-001", "K8S-ETCD-003"}, "K8S-ETCD-001"},
		{"éxternal", []string{"external"}, "external"},
		// Too far, too short, or the word itself.
		{"susceptible", []string{"title", "theme"}, ""},
		{"ab", []string{"ac", "a", "abc"}, ""},
		{"abc", []string{"abd"}, "abd"},
		{"title", []string{"title"}, ""},
		{"", []string{"a"}, ""},
		{"title", nil, ""},
	} {
		assert.Equal(t, test.want, finding.Suggest(test.word, test.candidates), "%s of %v", test.word, test.candidates)
		reversed := slices.Clone(test.candidates)
		slices.Reverse(reversed)
		assert.Equal(t, test.want, finding.Suggest(test.word, reversed), "the order of candidates does not matter")
	}
}

func FuzzSuggest(f *testing.F) {
	f.Add("titel", "title", "tags")
	f.Add("", "\xff", "é")
	f.Fuzz(func(t *testing.T, word, a, b string) {
		got := finding.Suggest(word, []string{a, b})
		if got != "" && got != a && got != b || got != "" && got == word {
			t.Errorf("%q of %q and %q gives %q", word, a, b, got)
		}
	})
}

func at(file string, line, column int) finding.Position {
	return finding.Position{File: file, Line: line, Column: column}
}

func TestSort(t *testing.T) {
	find := func(rule, message string, p finding.Position) finding.Finding {
		return finding.Finding{Rule: rule, Severity: finding.Error, Message: message, Position: p}
	}
	sorted := []finding.Finding{
		find("r", "m", finding.Position{}),
		find("r", "m", at("a.cue", 2, 1)),
		find("r", "m", at("a.cue", 10, 1)),
		find("r", "m", at("a.cue", 10, 9)),
		find("r", "n", at("a.cue", 10, 9)),
		find("s", "a", at("a.cue", 10, 9)),
		find("r", "m", at("b.cue", 1, 1)),
	}
	for i := range sorted {
		// Whatever the order in which they are found, and however often.
		mixed := append(append(slices.Clone(sorted[i:]), sorted[:i]...), sorted[i])
		slices.Reverse(mixed)
		assert.Equal(t, sorted, finding.Sort(mixed))
	}
	assert.Empty(t, finding.Sort(nil))
	// What differs in severity or path alone is the same to a reader.
	assert.Len(t, finding.Sort([]finding.Finding{{Rule: "r", Message: "m", Path: []string{"a"}}, {Rule: "r", Message: "m", Path: []string{"b"}}}), 1)
}

func TestErrors(t *testing.T) {
	assert.Zero(t, finding.Errors(nil))
	assert.Equal(t, 2, finding.Errors([]finding.Finding{{Severity: finding.Error}, {Severity: finding.Warning}, {Severity: finding.Note}, {Severity: finding.Error}}))
}

func TestPosition(t *testing.T) {
	assert.Equal(t, "a.cue:2:3", at("a.cue", 2, 3).String())
	assert.Equal(t, "a.cue:2", at("a.cue", 2, 0).String())
	assert.Equal(t, "a.cue", at("a.cue", 0, 3).String())
	assert.Empty(t, finding.Position{}.String())
}

// some are findings with everything that a printer must show.
var some = []finding.Finding{
	{
		Rule: "unknown-field", Severity: finding.Error, Subject: finding.Subject{Kind: "threats", ID: "K8S-ETCD-001"},
		Path: []string{"threats", "K8S-ETCD-001", "titel"}, Message: `unknown field titel in K8S-ETCD-001; allowed are id, title`,
		Hint: "did you mean title?", Position: finding.Position{File: "threats/kubernetes/etcd.cue", Line: 12, Column: 3, EndLine: 12, EndColumn: 8},
	},
	{
		Rule: "conflict", Severity: finding.Error, Message: `metadata.title is "A <b> & \"c\"" here and "é" at a.cue:1:2`,
		Position: at("b.cue", 3, 4), Related: []finding.Related{{Position: at("a.cue", 1, 2), Message: "the other value"}},
	},
	{Rule: "stale-schema", Severity: finding.Warning, Message: "the schema differs", Position: finding.Position{File: "cue.mod/pkg/tmkit.dev"}},
	{Rule: "inactive-reference", Severity: finding.Note, Message: "nothing has a place here"},
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, finding.Text(&b, some))
	golden.Equal(t, b.Bytes())

	b.Reset()
	require.NoError(t, finding.Text(&b, nil))
	assert.Empty(t, b.String())
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, finding.JSON(&b, some))
	golden.Equal(t, b.Bytes())

	var back struct{ Findings []finding.Finding }
	require.NoError(t, json.Unmarshal(b.Bytes(), &back))
	assert.Equal(t, some, back.Findings)

	b.Reset()
	require.NoError(t, finding.JSON(&b, nil))
	assert.JSONEq(t, `{"findings": []}`, b.String(), "a list, also where it is empty")
}

type broken struct{ after int }

func (w *broken) Write(p []byte) (int, error) {
	if w.after--; w.after < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

// TestFull holds that a printer tells when it cannot write.
func TestFull(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, finding.Text(&b, some))
	for after := range 6 {
		assert.Error(t, finding.Text(&broken{after}, some), "after %d writes", after)
	}
	assert.Error(t, finding.JSON(&broken{}, some))
}
