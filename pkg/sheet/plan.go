package sheet

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/source"
)

// Plan is what a book means for a model.
type Plan struct {
	// Edits are what changes, in the order of the book.
	Edits []Edit `json:"edits"`
	// Faults are what cannot be taken. With any, nothing is written.
	Faults []Fault `json:"faults,omitempty"`
	// Conflicts are cells and rows that both sides changed since the export.
	Conflicts []Conflict `json:"conflicts,omitempty"`
	// Notes say what was left out, and why nothing is lost by it.
	Notes []Note `json:"notes,omitempty"`
}

// Subject is what in a book something is said about.
type Subject struct {
	Place Place `json:"place"`
	// Table and Row are the table's name and the row's key, Column the heading; Column is empty for the row as a whole.
	Table  string `json:"table,omitempty"`
	Row    string `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	// key is the row's key as the table writes it.
	key string
}

// row tells the rows of a book apart.
func (s Subject) row() string { return s.Table + "\x00" + s.key }

// String is the subject in words, such as Threats!C12: K8S-NODE-001, Theme.
func (s Subject) String() string {
	text := s.Place.String()
	if s.Row != "" {
		text += ": " + s.Row
		if s.Column != "" {
			text += ", " + s.Column
		}
	} else if s.Column != "" {
		text += ": " + s.Column
	}
	return text
}

// Edit is a change that somebody made in a book.
type Edit struct {
	Subject
	// Old and New are the texts of the cell; for a row that is new or gone, what it says.
	Old string `json:"old"`
	New string `json:"new"`
	// Change is what it means for the model.
	Change source.Change `json:"-"`
	// list is how long the part of the change's path is that leads to a list that the row is an item of, or 0.
	list int
	// parts are the cells of a new row.
	parts []part
}

// part is a cell of a new row: where it is, what it says, and the path of its value.
type part struct {
	Subject
	text string
	path []string
}

// String is the edit in one line.
func (e Edit) String() string {
	switch {
	case e.Change.New == nil && e.Column == "":
		return e.Subject.String() + ": taken away"
	case e.Column == "":
		return e.Subject.String() + ": new"
	}
	return fmt.Sprintf("%s: %q -> %q", e.Subject, excerpt(e.Old), excerpt(e.New))
}

// Fault is something in a book that cannot be taken.
type Fault struct {
	Subject
	// Value is the faulty text.
	Value string `json:"value,omitempty"`
	// Message says what is wrong and what is allowed.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Position is where the model's source is concerned.
	Position finding.Position `json:"position,omitzero"`
}

// String is the fault in one line.
func (f Fault) String() string {
	s := f.Subject.String()
	if f.Value != "" {
		s += fmt.Sprintf(": %q", excerpt(f.Value))
	}
	s += ": " + f.Message
	if f.Position.File != "" {
		s += " (" + f.Position.String() + ")"
	}
	return s
}

// Conflict is a cell, or a row, that was changed in the book and in the model since the export.
type Conflict struct {
	Subject
	// Theirs is what the book says, Ours what the model says; empty where a side has taken the row away.
	Theirs string `json:"theirs"`
	Ours   string `json:"ours"`
	// Position is where the model says it.
	Position finding.Position `json:"position,omitzero"`
	// Reason says what is known of the time of the export.
	Reason string `json:"reason"`

	edit Edit
}

// String is the conflict in one line, side by side.
func (c Conflict) String() string {
	side := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return fmt.Sprintf("%q", excerpt(text))
	}
	return fmt.Sprintf("%s: the sheet says %s, the model says %s (%s): %s", c.Subject, side(c.Theirs), side(c.Ours), c.Position, c.Reason)
}

// Note is something of a book that is left out.
type Note struct {
	Subject
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// String is the note in one line.
func (n Note) String() string { return n.Subject.String() + ": " + n.Message }

// excerpt is the beginning of a text, on one line.
func excerpt(s string) string {
	const most = 60
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
