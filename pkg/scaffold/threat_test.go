package scaffold_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/scaffold"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

func TestPromote(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	for _, test := range []struct {
		name  string
		note  model.InboxEntry
		theme string
		// fields are those of the threat, and missing those that it needs.
		fields  map[string]any
		missing []string
		from    string
	}{
		{"a title only", model.InboxEntry{ID: "note", Title: "It breaks"}, "",
			map[string]any{"title": "It breaks"},
			[]string{"theme", "actors", "affects", "reviewed", "likelihood", "impact", "description", "stride"},
			"from the note note"},
		{"all that a note can say", model.InboxEntry{ID: "note", Title: "It breaks", What: "It stops.", Who: "A user", Where: "At the door.\n\nOr behind.", SoWhat: "Nobody gets in.",
			RaisedBy: "keeper of the door", Date: "2026-01-15"}, "access",
			map[string]any{"title": "It breaks", "theme": "access", "description": "It stops.\n\nA user\n\nAt the door.\n\nOr behind.\n\nNobody gets in."},
			[]string{"actors", "affects", "reviewed", "likelihood", "impact", "stride"},
			"from the note note, raised by keeper of the door, 2026-01-15"},
		{"one answer", model.InboxEntry{ID: "note", Title: "It breaks", SoWhat: "Nobody gets in.", Date: "2026-01-15"}, "",
			map[string]any{"title": "It breaks", "description": "Nobody gets in."},
			[]string{"theme", "actors", "affects", "reviewed", "likelihood", "impact", "stride"},
			"from the note note, 2026-01-15"},
	} {
		t.Run(test.name, func(t *testing.T) {
			threat := scaffold.Promote(s, &test.note, "T-002", test.theme)
			require.Equal(t, "T-002", threat.ID)
			require.Equal(t, []source.Change{
				{Path: []string{"threats", "T-002"}, New: test.fields},
				{Path: []string{"inbox", "note"}, Old: map[string]any{"title": "It breaks"}},
			}, threat.Changes)
			var missing []string
			for _, f := range threat.Missing {
				missing = append(missing, f.Name)
			}
			require.Equal(t, test.missing, missing)
			require.Regexp(t, "^"+test.from+"\n", threat.Comment([]string{"threats", "T-002"}))
			require.Empty(t, threat.Comment([]string{"threats", "T-002", "likelihood"}))
			require.Empty(t, threat.Comment([]string{"threats", "T-001"}))
		})
	}
}

// TestComment holds what an author reads of each field that is missing.
func TestComment(t *testing.T) {
	s, err := schema.V1()
	require.NoError(t, err)
	threat := scaffold.Promote(s, &model.InboxEntry{ID: "note", Title: "It breaks"}, "T-002", "")
	require.Equal(t, `from the note note
theme: one id of themes - the chapter that the threat belongs to
actors: at least one id of actors - those who can bring it about
affects: at least one id of components, flows, boundaries, assets, actors - the elements that it harms
reviewed: {date, by} - when and by which role the threat was last read against the product
likelihood: {level: one of "very-low", "low", "moderate", "high", "very-high", reason} - the likelihood before any countermeasure (SP 800-30 Rev 1, table G-5)
impact: {level: one of "very-low", "low", "moderate", "high", "very-high", reason} - the impact before any countermeasure (SP 800-30 Rev 1, table H-3)
description: circumstance, effect and impact
stride: at least one of "spoofing", "tampering", "repudiation", "information-disclosure", "denial-of-service", "elevation-of-privilege" - the STRIDE categories`,
		threat.Comment([]string{"threats", "T-002"}))
}
