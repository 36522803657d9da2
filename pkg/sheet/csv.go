package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"

	"github.com/xuri/excelize/v2"
)

// csvKinds are the extensions under which sheet programs write text.
var csvKinds = []string{".csv", ".tsv", ".txt"}

// readCSV reads a CSV file as sheet programs write it: in UTF-8 or, with a byte order mark, UTF-16, with commas,
// semicolons or tabs, and with any line ends.
func readCSV(b *builder, name string, data []byte) (*Tab, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	t := &Tab{Name: name}
	var cells []Cell
	for number, from := 0, int64(0); ; {
		record, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, csvFault(err)
		}
		// The reader passes over blank lines, which are rows all the same.
		raw := text[from:r.InputOffset()]
		number += 1 + len(raw) - len(strings.TrimLeft(raw, "\n"))
		from = r.InputOffset()
		if number > excelize.TotalRows || len(record) > excelize.MaxColumns {
			return nil, fmt.Errorf("line %d: a sheet has %d rows and %d columns at most", lineOf(r), excelize.TotalRows, excelize.MaxColumns)
		}
		cells = cells[:0]
		for i, field := range record {
			if t.HeaderRow > 0 {
				field = exportcsv.Unguard(field)
			}
			if err := checkLength(field); err != nil {
				line, _ := r.FieldPos(i)
				return nil, fmt.Errorf("line %d, %s: %w", line, Place{name, number, i + 1}, err)
			}
			// The field is a part of its line.
			cells = append(cells, Cell{Text: strings.Clone(field)})
		}
		if err := b.add(t, number, cells); err != nil {
			return nil, err
		}
	}
}

func lineOf(r *csv.Reader) int {
	line, _ := r.FieldPos(0)
	return line
}

// csvFault says in the words of the format what the reader found.
func csvFault(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return err
	}
	why := `a quote within a cell; a cell that has one stands in quotes, with each of its own written twice`
	if errors.Is(at.Err, csv.ErrQuote) {
		why = `a quote that is not closed, or text behind a closed one; a cell stands in quotes as a whole`
	}
	return fmt.Errorf("line %d, byte %d: %s", at.Line, at.Column, why)
}

// decode returns the text of a file without its byte order mark, with newlines for line ends.
func decode(data []byte) (string, error) {
	text, err := "", error(nil)
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		text, err = decodeUTF16(data, binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		text, err = decodeUTF16(data, binary.BigEndian)
	default:
		text, err = decodeUTF8(data)
	}
	if err != nil {
		return "", err
	}
	text = newlines.Replace(text)
	if i := strings.IndexByte(text, 0); i >= 0 {
		return "", fmt.Errorf("line %d: the character U+0000, which no text has; save it as CSV in UTF-8", 1+strings.Count(text[:i], "\n"))
	}
	return text, nil
}

func decodeUTF8(data []byte) (string, error) {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return "", fmt.Errorf("byte %d (0x%02x) is not UTF-8; save it as CSV in UTF-8", i, data[i])
		}
		i += size
	}
	return string(bytes.TrimPrefix(data, []byte("\ufeff"))), nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, error) {
	var s strings.Builder
	unit := func(i int) rune {
		if i+1 < len(data) {
			return rune(order.Uint16(data[i:]))
		}
		return utf8.RuneError
	}
	for i := 2; i < len(data); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			r = utf16.DecodeRune(r, unit(i+2))
		}
		if r == utf8.RuneError {
			return "", fmt.Errorf("byte %d: no character of UTF-16; save it as CSV in UTF-8", i)
		}
		if r > 0xffff {
			i += 2
		}
		s.WriteRune(r)
	}
	return s.String(), nil
}

// separator is what parts the cells of the header: that of commas, semicolons and tabs which it has most of.
func separator(text string) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range strings.TrimLeft(text, "\n") {
		if r == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if r == '\n' {
			break
		}
		counts[r]++
	}
	best := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}
