package xlsx

import (
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/table"
)

// meta writes what an import needs to know, in plain cells: other places do not survive Google Sheets. First a line for
// each fact of the model, then one for each table.
func (b *book) meta() error {
	facts := [][]string{
		{"format version", b.about.FormatVersion},
		{"schema version", b.about.SchemaVersion},
		{"model", b.about.Name},
		{"version", b.about.Version},
		{"stage", b.about.Stage},
		{"profile", b.about.Profile},
		{"audience", b.about.Audience},
		{"digest", b.about.Digest},
		{},
		{"tab", "table", "rows", "sha256", "columns"},
	}
	for _, t := range b.set.Tables {
		tab := t.Tab
		if tab == "" {
			tab = more
		}
		var keys []string
		for _, c := range t.Columns {
			keys = append(keys, c.Key)
		}
		facts = append(facts, []string{tab, t.Name, strconv.Itoa(len(t.Rows)), t.Digest(), strings.Join(keys, "\n")})
	}
	return b.plain(meta, facts)
}

// base writes what each row was when it was exported, in a tab of its own, so that an import can tell what changed since
// then and where, however the rows were sorted: a hash for each column of _meta that is no key. What is not read back has
// one too, so that an import can say whose edits it leaves out. Hashes and not texts: what somebody deletes is gone from
// the file.
func (b *book) base() error {
	rows := [][]string{{"table", "row", "_row", "cells"}}
	for _, t := range b.set.Tables {
		if !editable(t) {
			continue
		}
		hash := t.Hasher()
		for _, row := range t.Rows {
			var cells []string
			for _, cell := range row[t.Keys:] {
				cells = append(cells, table.CellHash(cell))
			}
			rows = append(rows, []string{t.Name, t.Key(row), hash.Row(row), strings.Join(cells, " ")})
		}
	}
	return b.plain(base, rows)
}

// plain writes a hidden tab of plain cells.
func (b *book) plain(tab string, rows [][]string) error {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	s, err := b.sheet(tab, width, len(rows))
	if err != nil {
		return err
	}
	for _, row := range rows {
		for i, cell := range row {
			s.set(i+1, b.styles.prose, text(cell))
		}
		if err := s.next(0); err != nil {
			return err
		}
	}
	return s.close()
}
