// Package csv writes a model's tables as CSV files: one a table, RFC 4180, UTF-8 without a byte order mark, lines that
// end in LF.
package csv

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tmkit/tmkit/pkg/table"
)

// Guarding says whether cells that a sheet program could take for a formula are guarded.
type Guarding bool

const (
	// Guarded puts an apostrophe before such cells; Unguard takes it away again.
	Guarded Guarding = true
	// Raw writes cells as they are. It is for programs, not for sheets.
	Raw Guarding = false
)

// Files returns the tables as files, by name.
func Files(set *table.Set, guarding Guarding) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, t := range set.Tables {
		var b bytes.Buffer
		if err := Write(&b, t, guarding); err != nil {
			return nil, fmt.Errorf("csv: table %s: %w", t.Name, err)
		}
		files[t.Name+".csv"] = b.Bytes()
	}
	return files, nil
}

// Write writes one table.
func Write(w io.Writer, t *table.Table, guarding Guarding) error {
	out := csv.NewWriter(w)
	row := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = c.Heading
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, cells := range t.Rows {
		for i, cell := range cells {
			row[i] = cell
			if guarding == Guarded {
				row[i] = Guard(cell)
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// triggers are the first characters by which sheet programs take a cell for a formula, in their full-width forms too,
// white space that some of them skip before those, and the guard itself, so that a text that begins with it comes back.
const triggers = "=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20"

// Guard puts an apostrophe before a cell that begins with a trigger (OWASP, CSV injection).
func Guard(cell string) string {
	if r, n := utf8.DecodeRuneInString(cell); n > 0 && strings.ContainsRune(triggers, r) {
		return "'" + cell
	}
	return cell
}

// Unguard undoes Guard. A cell that a sheet program has already freed of its apostrophe stays as it is.
func Unguard(cell string) string { return strings.TrimPrefix(cell, "'") }
