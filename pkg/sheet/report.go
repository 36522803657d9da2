package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"
)

// reportHeader heads the columns of a report of conflicts.
var reportHeader = []string{"Table", "Row", "Column", "Sheet", "Cell", "The sheet says", "The model says", "Where", "Why", "Decision"}

// Report returns the conflicts as CSV, with an empty column to decide each: ours keeps what the model says, theirs takes
// what the sheet says.
func Report(conflicts []Conflict) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{reportHeader}
	for _, c := range conflicts {
		cell := ""
		if c.Place.Row > 0 && c.Place.Column > 0 {
			cell = strings.TrimPrefix(c.Place.String(), c.Place.Tab+"!")
		}
		rows = append(rows, []string{c.Table, c.Row, c.Column, c.Place.Tab, cell, c.Theirs, c.Ours, c.Position.String(), c.Reason, ""})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = exportcsv.Guard(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Decisions reads the decisions of a report that somebody filled in.
func Decisions(b *Book) (map[string]Side, error) {
	out := map[string]Side{}
	for _, tab := range b.Tabs {
		columns := make([]int, 0, 4)
		for _, name := range []string{"Table", "Row", "Column", "Decision"} {
			columns = append(columns, slices.IndexFunc(tab.Header, func(c Cell) bool { return heading(c.Text) == heading(name) }))
		}
		if slices.Contains(columns, -1) {
			return nil, &Refused{fmt.Sprintf("%s is no report of conflicts: its first row must be %s", b.File, strings.Join(reportHeader, ", ")), ""}
		}
		for _, r := range tab.Rows {
			var cells [4]string
			for i, c := range columns {
				if c < len(r.Cells) {
					cells[i] = tidy(r.Cells[c].Text)
				}
			}
			switch side := Side(strings.ToLower(cells[3])); side {
			case "":
			case Ours, Theirs:
				out[strings.Join(cells[:3], "\x00")] = side
			default:
				return nil, &Refused{fmt.Sprintf("%s: row %d: the decision %q must be ours or theirs", b.File, r.Number, cells[3]), ""}
			}
		}
	}
	return out, nil
}
