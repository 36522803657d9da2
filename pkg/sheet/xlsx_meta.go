package sheet

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// readMeta reads what an export wrote about itself: lines of a fact and its value, then lines of a tab, its table, the
// number of rows, the digest and the keys of the columns. Lines that are none of these are passed over.
func (b *Book) readMeta(t *Tab) error {
	if t == nil {
		return nil
	}
	facts := map[string]*string{
		"format version": &b.Meta.Format, "schema version": &b.Meta.Schema, "model": &b.Meta.Model, "version": &b.Meta.Version,
		"stage": &b.Meta.Stage, "profile": &b.Meta.Profile, "audience": &b.Meta.Audience, "digest": &b.Meta.Digest,
	}
	tables := false
	for _, r := range append([]Row{{t.HeaderRow, t.Header}}, t.Rows...) {
		name, value := text(r, 0), text(r, 1)
		switch {
		case name == "tab" && value == "table":
			tables = true
		case name == "" || value == "":
		case !tables:
			fact := facts[name]
			if fact == nil {
				continue
			}
			if *fact != "" && *fact != value {
				return fmt.Errorf("%s: two values of %q, %.50q and %.50q; export the model again", Place{metaTab, r.Number, 2}, name, *fact, value)
			}
			*fact = value
		default:
			if slices.ContainsFunc(b.Meta.Tables, func(m MetaTable) bool { return m.Table == value }) {
				return fmt.Errorf("%s: the table %.50q is there twice; export the model again", Place{metaTab, r.Number, 2}, value)
			}
			b.Meta.Tables = append(b.Meta.Tables, MetaTable{Tab: name, Table: value, Columns: strings.Split(text(r, 4), "\n")})
		}
	}
	return nil
}

// readBase reads what rows were when they were exported: lines of a table, the key of the row, its hash, and the hashes
// of the cells of all columns but the first, which are the keys. Lines that are none are lost, and all are without
// Meta, which says what the columns are.
func (b *Book) readBase(t *Tab) error {
	if t == nil {
		return nil
	}
	columns := map[string][]string{}
	for _, m := range b.Meta.Tables {
		columns[m.Table] = m.Columns
	}
	keys := map[string]int{}
	for _, r := range t.Rows {
		table, key, hash, cells := text(r, 0), text(r, 1), text(r, 2), strings.Fields(text(r, 3))
		if columns[table] == nil || key == "" || !isHash(hash, 8) || slices.ContainsFunc(cells, func(c string) bool { return c != "-" && !isHash(c, 4) }) {
			continue
		}
		n, known := keys[table]
		if !known {
			n = len(columns[table]) - len(cells)
			keys[table] = n
		}
		if n < 1 || n+len(cells) != len(columns[table]) {
			return fmt.Errorf("%s: %d hashes do not go with the %d columns of %.50q; export the model again", Place{baseTab, r.Number, 4}, len(cells), len(columns[table]), table)
		}
		row := BaseRow{Hash: hash, Cells: make(map[string]string, len(cells))}
		for i, c := range cells {
			row.Cells[columns[table][n+i]] = c
		}
		if b.Base == nil {
			b.Base = map[string]map[string]BaseRow{}
		}
		if b.Base[table] == nil {
			b.Base[table] = map[string]BaseRow{}
		}
		if _, ok := b.Base[table][key]; ok {
			return fmt.Errorf("%s: the row %.50q of %.50q is there twice; export the model again", Place{baseTab, r.Number, 2}, key, table)
		}
		b.Base[table][key] = row
	}
	return nil
}

// isHash says that a text is so many bytes in hexadecimal digits.
func isHash(s string, bytes int) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*bytes
}

// text is the text of a cell of a row, empty where the row has none.
func text(r Row, i int) string {
	if i < len(r.Cells) {
		return r.Cells[i].Text
	}
	return ""
}
