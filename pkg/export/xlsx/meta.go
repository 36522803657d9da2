package xlsx

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
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
		facts = append(facts, []string{tab, t.Name, strconv.Itoa(len(t.Rows)), Digest(t), strings.Join(keys, "\n")})
	}
	s, err := b.sheet(meta, 5, len(facts))
	if err != nil {
		return err
	}
	for _, row := range facts {
		for i, cell := range row {
			s.set(i+1, b.styles.prose, text(cell))
		}
		if err := s.next(0); err != nil {
			return err
		}
	}
	return s.close()
}

// end ends a text in what is hashed: a character that no text has.
const end = 0

// Digest is the SHA-256 of a table's column keys and cells, in order, derived columns included.
func Digest(t *table.Table) string {
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

// RowHash is the hash of what can be edited in a row, 16 hexadecimal digits: each cell that is not empty, with the key
// of its column, in the order of the keys. So a column that a later schema adds, or another order, changes no hash.
func RowHash(t *table.Table, row []string) string { return newHasher(t).row(row) }

// hasher hashes the rows of a table.
type hasher struct {
	table *table.Table
	// columns are those that can be edited, by key.
	columns []int
	buf     []byte
}

func newHasher(t *table.Table) *hasher {
	h := &hasher{table: t}
	for i, c := range t.Columns {
		if !c.Derived {
			h.columns = append(h.columns, i)
		}
	}
	slices.SortFunc(h.columns, func(i, j int) int { return strings.Compare(t.Columns[i].Key, t.Columns[j].Key) })
	return h
}

func (h *hasher) row(row []string) string {
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
