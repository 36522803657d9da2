package table

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// end ends a text in what is hashed: a character that no text has.
const end = 0

// Digest is the SHA-256 of the table's column keys and cells, in order, derived columns included.
func (t *Table) Digest() string {
	h := sha256.New()
	var buf []byte
	for _, c := range t.Columns {
		buf = append(append(buf, c.Key...), end)
	}
	buf = append(buf, end)
	for _, row := range t.Rows {
		for _, cell := range row {
			buf = append(append(buf, cell...), end)
		}
		_, _ = h.Write(buf) // a hash takes everything
		buf = buf[:0]
	}
	_, _ = h.Write(buf)
	return hex.EncodeToString(h.Sum(nil))
}

// CellHash is the hash of a cell, 8 hexadecimal digits, or "-" for an empty one. Two texts of one hash are possible, so
// that equal hashes prove nothing where the texts are known to differ.
func CellHash(cell string) string {
	if cell == "" {
		return "-"
	}
	sum := sha256.Sum256([]byte(cell))
	return hex.EncodeToString(sum[:4])
}

// RowHash is the hash of what can be edited in a row, 16 hexadecimal digits: each cell that is not empty, with the key
// of its column, in the order of the keys. So a column that a later schema adds, or another order, changes no hash.
func (t *Table) RowHash(row []string) string { return t.Hasher().Row(row) }

// Hasher hashes the rows of a table.
type Hasher struct {
	table *Table
	// columns are those that can be edited, by key.
	columns []int
	buf     []byte
}

// Hasher returns the hasher of the table's rows, which is faster than RowHash for many.
func (t *Table) Hasher() *Hasher {
	h := &Hasher{table: t}
	for i, c := range t.Columns {
		if !c.Derived {
			h.columns = append(h.columns, i)
		}
	}
	slices.SortFunc(h.columns, func(i, j int) int { return strings.Compare(t.Columns[i].Key, t.Columns[j].Key) })
	return h
}

// Row returns the hash of a row, as RowHash does.
func (h *Hasher) Row(row []string) string {
	h.buf = h.buf[:0]
	for _, i := range h.columns {
		if row[i] != "" {
			h.buf = append(append(h.buf, h.table.Columns[i].Key...), end)
			h.buf = append(append(h.buf, row[i]...), end)
		}
	}
	sum := sha256.Sum256(h.buf)
	return hex.EncodeToString(sum[:8])
}
