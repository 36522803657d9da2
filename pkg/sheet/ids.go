package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// name proposes an id for a new row that has none. It returns false where the model has the row already, as after a second
// import of one book, or where there is nothing to make an id of.
func (g *merger) name(r *row) bool {
	if id := g.same(r); id != "" {
		g.rows[r.table].faulty[r] = true
		g.note(r.subject(-1), "left out: the model has it as "+id, "")
		return false
	}
	text := ""
	for j := 1; j < len(r.table.Columns) && text == ""; j++ {
		if c := r.table.Columns[j]; !c.Derived && len(c.Allowed) == 0 && len(c.Refs) == 0 {
			text = tidy(r.cells[j].Text)
		}
	}
	id := ""
	if collection(r.table) == string(model.Threats) {
		id = g.numbered(r)
	} else {
		id = g.slug(text)
	}
	if id == "" {
		g.fault(r, 0, "", "is empty, and there is nothing to make an id of", "write an id, or a title")
		return false
	}
	r.keys[0] = id
	g.kinds[id] = collection(r.table)
	g.proposed[r] = true
	g.note(r.subject(0), fmt.Sprintf("the new row has the id %s", id), "")
	return true
}

// same returns the id of the entry that says all that a row without an id says.
func (g *merger) same(r *row) string {
	for _, ours := range r.table.Rows {
		equal, any := true, false
		for j, c := range r.table.Columns {
			if given, ok := r.cells[j]; ok && j > 0 && !c.Derived && tidy(given.Text) != "" {
				any = true
				equal = equal && sameText(given.Text, ours[j])
			}
		}
		if equal && any {
			return ours[0]
		}
	}
	return ""
}

// numbered returns the next number among the threats of the row's theme.
func (g *merger) numbered(r *row) string {
	theme := ""
	if j := r.table.Column("theme"); j >= 0 {
		theme = tidy(r.cells[j].Text)
	}
	return g.to.Model.NextThreat(theme, append(g.ids([]string{string(model.Threats)}), g.given(r.table)...)...)
}

// given are the ids that the rows of a table have in the book.
func (g *merger) given(t *table.Table) []string {
	var out []string
	for _, r := range g.rows[t].all {
		out = append(out, r.keys[0])
	}
	return out
}

// slug makes an id of the first words of a text.
func (g *merger) slug(text string) string {
	const most = 6
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	stem := strings.Join(words[:min(most, len(words))], "-")
	id := stem
	for n := 2; id != "" && (g.kinds[id] != "" || g.to.Model.Retired[id] != nil); n++ {
		id = stem + "-" + strconv.Itoa(n)
	}
	return id
}
