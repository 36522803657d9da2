// Package finding has the one type for what tmkit has to say about a model, and its printers.
package finding

import (
	"cmp"
	"slices"
	"strconv"
)

// Severity is how bad a finding is.
type Severity string

// The severities, worst first. Only errors make a command fail, unless it is told to be strict.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Position is a place in an author's file. Lines and columns count from 1, columns in bytes; 0 means unknown.
type Position struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

// String returns file:line:column, without the parts that are unknown.
func (p Position) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			s += ":" + strconv.Itoa(p.Column)
		}
	}
	return s
}

// Subject is the entry that a finding is about.
type Subject struct {
	Kind string `json:"kind,omitempty"`
	ID   string `json:"id,omitempty"`
}

// Related is another place that a finding is about.
type Related struct {
	// Path leads to the value there, as in Finding.
	Path     []string `json:"path,omitempty"`
	Position Position `json:"position"`
	Message  string   `json:"message"`
}

// Finding is one fault of a model, at one place.
type Finding struct {
	// Rule is the id of the rule that was broken, such as "unknown-field".
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Subject  Subject  `json:"subject,omitzero"`
	// Path leads to the value in the model, such as threats, K8S-ETCD-001, affects, 0.
	Path []string `json:"path,omitempty"`
	// Message says what is wrong and what is allowed, in lower case, without a full stop.
	Message string `json:"message"`
	// Hint says what to do next.
	Hint     string    `json:"hint,omitempty"`
	Position Position  `json:"position"`
	Related  []Related `json:"related,omitempty"`
}

// Sort orders findings by place, then rule and message, and drops repetitions.
func Sort(fs []Finding) []Finding {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(fs, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.Message == b.Message && a.Position == b.Position
	})
}

// Errors counts the findings of severity error.
func Errors(fs []Finding) int { return Count(fs, Error) }

// Count counts the findings of a severity.
func Count(fs []Finding, s Severity) int {
	n := 0
	for _, f := range fs {
		if f.Severity == s {
			n++
		}
	}
	return n
}
