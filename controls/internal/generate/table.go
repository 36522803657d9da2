package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// fault is something wrong with the input, and where.
type fault struct {
	file    string
	line    int
	message string
}

// Error returns the fault as FILE:LINE: message.
func (f fault) Error() string {
	return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.message)
}

// join returns the faults as one error in the order of the files and their lines, or nil if there are none.
func join(faults []fault, files []string) error {
	slices.SortStableFunc(faults, func(a, b fault) int {
		return cmp.Or(
			cmp.Compare(slices.Index(files, a.file), slices.Index(files, b.file)),
			cmp.Compare(a.line, b.line),
		)
	})
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// table is a CSV file whose first row names its columns.
type table struct {
	file    string
	columns []string
	rows    []row
}

// row is one record of a table. It collects the faults that its readers find, so that all of them are told at once.
type row struct {
	file  string
	line  int
	cells map[string]string
	// faults are shared by all rows of all tables of a catalogue.
	faults *[]fault
}

// faultf notes a fault of the row.
func (r row) faultf(format string, args ...any) {
	*r.faults = append(*r.faults, fault{file: r.file, line: r.line, message: fmt.Sprintf(format, args...)})
}

// list returns the values of a cell that holds several.
func (r row) list(column string) []string {
	cell := r.cells[column]
	if cell == "" {
		return nil
	}
	values := strings.Split(cell, ";")
	for i, v := range values {
		if v == "" || slices.Contains(values[:i], v) {
			r.faultf("%s: an empty or repeated value in %q", column, cell)
			return nil
		}
	}
	return values
}

// flag returns whether the cell is 1.
func (r row) flag(column string) bool {
	cell := r.cells[column]
	if cell != "0" && cell != "1" {
		r.faultf("%s: %q is neither 0 nor 1", column, cell)
	}
	return cell == "1"
}

// tagged returns the columns whose flag is 1, as tags.
func (r row) tagged(columns ...string) []string {
	var tags []string
	for _, c := range columns {
		if r.flag(c) {
			tags = append(tags, strings.ReplaceAll(c, "_", "-"))
		}
	}
	return tags
}

// title returns a cell that #Title allows.
func (r row) title(column string) string {
	cell := r.cells[column]
	if cell == "" {
		r.faultf("%s: no text", column)
	}
	if strings.TrimSpace(cell) != cell || utf8.RuneCountInString(cell) > 120 || strings.ContainsFunc(cell, isControl) {
		r.faultf("%s: %q is not one line of at most 120 characters without white space at its ends", column, cell)
	}
	return cell
}

// isControl reports whether #Title refuses the character.
func isControl(c rune) bool {
	return c < 0x20 || c == 0x7f || c == 0xfeff || c == 0xfffe || c == 0xffff ||
		0x202a <= c && c <= 0x202e || 0x2066 <= c && c <= 0x2069
}

// readTable reads the named CSV file. Faults that its rows note later are appended to faults.
func readTable(name string, faults *[]fault, columns ...string) (table, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return table{}, err
	}
	return parseTable(name, data, faults, columns...)
}

// parseTable parses a CSV file. The columns asked for must be there, in any order; others are passed over, so that a
// publisher's table can be kept as it is.
func parseTable(name string, data []byte, faults *[]fault, columns ...string) (table, error) {
	if at := invalidUTF8(data); at >= 0 {
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		return table{}, fault{file: name, line: line, message: fmt.Sprintf("%q is not UTF-8", data[at:at+1])}
	}
	// Spreadsheets put a byte order mark before what they save as CSV.
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return table{}, fault{file: name, line: 1, message: "no header row"}
	}
	if err != nil {
		return table{}, csvFault(name, err)
	}
	headerLine, _ := in.FieldPos(0)
	for i, h := range header {
		if slices.Contains(header[:i], h) {
			return table{}, fault{file: name, line: headerLine, message: fmt.Sprintf("column %q stands twice", h)}
		}
	}
	for _, c := range columns {
		if !slices.Contains(header, c) {
			return table{}, fault{file: name, line: headerLine, message: fmt.Sprintf("no column %q", c)}
		}
	}
	t := table{file: name, columns: header}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return table{}, csvFault(name, err)
		}
		line, _ := in.FieldPos(0)
		r := row{file: name, line: line, cells: make(map[string]string, len(header)), faults: faults}
		for i, h := range header {
			r.cells[h] = record[i]
		}
		t.rows = append(t.rows, r)
	}
}

// invalidUTF8 returns where data stops being UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		c, size := utf8.DecodeRune(data[at:])
		if c == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// csvFault gives an error of encoding/csv the form of a fault.
func csvFault(name string, err error) error {
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		message := fmt.Sprintf("column %d: %v", parse.Column, parse.Err)
		if parse.StartLine != parse.Line {
			// A quote that nobody closed is noticed at the end of the file, far from where it is.
			message += fmt.Sprintf(", in the record that begins in line %d", parse.StartLine)
		}
		return fault{file: name, line: parse.Line, message: message}
	}
	return fmt.Errorf("%s: %w", name, err)
}
