package xlsx

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/table"
)

// more writes the tables without a tab in long form, a line for each cell that is not empty.
//
// A reader rebuilds a row from the lines that have its table and its key, in whatever order they are.
func (b *book) more() error {
	g := grid{tab: more, frozen: 3, spare: spare, hashed: true, columns: []table.Column{
		{Heading: "Table", Help: "The table that the line belongs to.", Width: 22, Required: true},
		{Heading: "Row", Help: "The row of that table, by its key.", Width: 34, Required: true},
		{Heading: "Column", Help: "The column of that table.", Width: 24, Required: true},
		{Heading: "Value", Help: "What the cell holds.", Width: 90},
	}}
	var ts []*table.Table
	var links links
	for _, t := range b.set.Tables {
		if t.Tab != "" {
			continue
		}
		ts = append(ts, t)
		for _, row := range t.Rows {
			for j, cell := range row {
				if cell == "" {
					continue
				}
				g.rows++
				if to := b.target(t, row, j); to != "" {
					links = append(links, link{4, g.rows + 1, to})
				}
			}
		}
	}
	for _, t := range ts {
		g.columns[0].Allowed = append(g.columns[0].Allowed, t.Name)
	}
	slices.Sort(g.columns[0].Allowed)
	if err := b.addLinks(more, links); err != nil {
		return err
	}
	s, err := b.openGrid(g)
	if err != nil {
		return err
	}
	for _, t := range ts {
		hash := t.Hasher()
		for _, row := range t.Rows {
			key, sum := t.Key(row), hash.Row(row)
			for j, cell := range row {
				if cell == "" {
					continue
				}
				value, label := b.styles.text, b.styles.text
				switch {
				case links.take(4, s.row+1):
					value = b.styles.link
				case t.Columns[j].Derived:
					value, label = b.styles.derived, b.styles.derived
				}
				s.set(1, b.styles.text, t.Name)
				s.set(2, b.styles.text, key)
				s.set(3, label, t.Columns[j].Heading)
				s.set(4, value, cell)
				s.set(5, b.styles.hash, sum)
				if err := s.next(height(linesOf(cell, g.columns[3].Width, tallest))); err != nil {
					return err
				}
			}
		}
	}
	return b.closeGrid(s, g)
}
