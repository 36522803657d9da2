// Package scaffold begins entries of a model with what is known of them, and says what they still need.
package scaffold

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// Threat is a threat that is made of a note in the inbox.
type Threat struct {
	ID string
	// Changes put the threat into the model, and take the note out.
	Changes []source.Change
	// Missing are the required fields that the note does not tell.
	Missing []*schema.Field

	note *model.InboxEntry
}

// Promote makes a threat of a note, which the model has. The theme may be empty. The description is the words of the note,
// one paragraph for each answer.
func Promote(s *schema.Schema, note *model.InboxEntry, id, theme string) *Threat {
	fields := map[string]any{}
	for name, text := range map[string]string{
		"title": note.Title, "theme": theme, "description": paragraphs(note.What, note.Who, note.Where, note.SoWhat),
	} {
		if text != "" {
			fields[name] = text
		}
	}
	t := &Threat{ID: id, note: note, Changes: []source.Change{
		{Path: []string{string(model.Threats), id}, New: fields},
		{Path: []string{string(model.Inbox), note.ID}, Old: map[string]any{"title": note.Title}},
	}}
	for _, f := range s.Def("#Threat").Fields {
		if f.Required && f.Name != "id" && fields[f.Name] == nil {
			t.Missing = append(t.Missing, f)
		}
	}
	return t
}

func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "\n\n")
}

// Comment returns the comment at the end of the new threat: where it comes from, and a line for each field that is missing.
// Other structs have none.
func (t *Threat) Comment(path []string) string {
	if !slices.Equal(path, t.Changes[0].Path) {
		return ""
	}
	from := "from the note " + t.note.ID
	if t.note.RaisedBy != "" {
		from += ", raised by " + t.note.RaisedBy
	}
	if t.note.Date != "" {
		from += ", " + t.note.Date
	}
	lines := []string{from}
	for _, f := range t.Missing {
		lines = append(lines, describe(f))
	}
	return strings.Join(lines, "\n")
}

// describe says what a field must be, and what it is by the comment of the schema.
func describe(f *schema.Field) string {
	doc := strings.TrimSuffix(f.Doc, ".")
	for _, verb := range []string{"is ", "are ", "says "} {
		doc = strings.TrimPrefix(doc, verb)
	}
	if want := form(f.Type, f.Refs); want != "" {
		return f.Name + ": " + want + " - " + doc
	}
	return f.Name + ": " + doc
}

// form says in words what a value must be, and is empty for prose.
func form(t *schema.Type, refs []string) string {
	switch {
	case t.Kind == schema.List:
		return "at least " + cmp.Or(form(t.Elem, refs), "one")
	case len(refs) > 0:
		return "one id of " + strings.Join(refs, ", ")
	case len(t.Enum) > 0:
		return t.Want()
	case t.Kind != schema.Struct:
		return ""
	}
	var fields []string
	for _, f := range t.Fields {
		text := f.Name
		if want := form(f.Type, f.Refs); want != "" {
			text += ": " + want
		}
		if f.Required {
			fields = append(fields, text)
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
