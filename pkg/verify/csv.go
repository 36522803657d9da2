package verify

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/export"
	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"
)

// readCSV reads the files of tables back, without the apostrophe that guards a cell. That of a text which needs no guard
// looks the same, and is left to the comparison of the files as a whole.
func readCSV(files map[string][]byte, want *Expected) Result {
	unguard := func(cell string) string { return cell }
	if want.CSV == exportcsv.Guarded {
		unguard = func(cell string) string { return strings.TrimPrefix(cell, "'") }
	}
	r := Result{Format: string(export.CSV)}
	for _, t := range want.Tables.Tables {
		name := "csv/" + t.Name + ".csv"
		data, ok := files[name]
		if !ok {
			r.add(Difference{Kind: Missing, File: name})
			continue
		}
		r.Files++
		c := newTableReader(&r, name, t)
		if fault := records(data, unguard, c); fault != nil {
			c.add(*fault)
			continue
		}
		c.end()
	}
	return r
}

// records gives the records of a file to a comparison, and returns where it is no CSV.
func records(data []byte, unguard func(string) string, c *tableReader) *Difference {
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	for first := true; ; first = false {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			if first {
				c.header(nil, func(int) string { return "" })
			}
			return nil
		}
		var fault *csv.ParseError
		if errors.As(err, &fault) {
			return &Difference{Kind: Different, Place: strconv.Itoa(fault.Line), Want: "CSV", Got: fault.Err.Error()}
		}
		at := func(int) string {
			line, _ := in.FieldPos(0)
			return strconv.Itoa(line)
		}
		for i, cell := range cells {
			cells[i] = unguard(cell)
		}
		if first {
			c.header(cells, at)
			continue
		}
		c.record(cells, at)
	}
}
