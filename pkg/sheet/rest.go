package sheet

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/model"
)

// missing ends the headings of the columns that say what is missing in the cells before them.
const missing = ": what is missing"

// WriteRest writes a workbook of the rows that a partial import left aside. Beside each faulty cell stands what is
// missing; the rows keep what tells an import how they were exported, so that the workbook can be taken back like any.
func (o *Outcome) WriteRest(w io.Writer) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing of it is on disk
	aside := map[string]bool{}
	for _, s := range o.Aside {
		aside[s.row()] = true
	}
	// What is wrong, by tab, row and column. A fault of the row as a whole stands beside its first cell.
	faults := map[string]map[int]map[int]string{}
	for _, fault := range o.Faults {
		p := fault.Place
		if !aside[fault.row()] || p.Row == 0 {
			continue
		}
		if faults[p.Tab] == nil {
			faults[p.Tab] = map[int]map[int]string{}
		}
		if faults[p.Tab][p.Row] == nil {
			faults[p.Tab][p.Row] = map[int]string{}
		}
		text := fault.Message
		if fault.Hint != "" {
			text += "; " + fault.Hint
		}
		column := max(p.Column, 1)
		if had := faults[p.Tab][p.Row][column]; had != "" {
			text = had + "\n" + text
		}
		faults[p.Tab][p.Row][column] = text
	}
	first := true
	for _, tab := range o.Book.Tabs {
		wrong := faults[tab.Name]
		if wrong == nil {
			continue
		}
		if first {
			if err := f.SetSheetName("Sheet1", tab.Name); err != nil {
				return err
			}
		} else if _, err := f.NewSheet(tab.Name); err != nil {
			return err
		}
		first = false
		if err := rest(f, tab, wrong, isMore(tab)); err != nil {
			return err
		}
	}
	if err := o.Book.history(f, aside); err != nil {
		return err
	}
	return f.Write(w)
}

// rest writes the rows of a tab that have faults; of the tab More, all lines of their rows.
func rest(f *excelize.File, tab *Tab, wrong map[int]map[int]string, lines bool) error {
	var beside []int
	keys := map[string]bool{}
	key := func(r Row) string {
		var parts []string
		for _, name := range moreColumns[:2] {
			i := slices.IndexFunc(tab.Header, func(c Cell) bool { return heading(c.Text) == name })
			if i < len(r.Cells) {
				parts = append(parts, r.Cells[i].Text)
			}
		}
		return strings.Join(parts, "\x00")
	}
	for _, r := range tab.Rows {
		for column := range wrong[r.Number] {
			if !slices.Contains(beside, column) {
				beside = append(beside, column)
			}
		}
		if wrong[r.Number] != nil && lines {
			keys[key(r)] = true
		}
	}
	header := func(column int) string { return tab.Header[min(column, len(tab.Header))-1].Text + missing }
	rows := [][]string{besides(tab.Header, len(tab.Header), beside, header)}
	for _, r := range tab.Rows {
		if wrong[r.Number] != nil || lines && keys[key(r)] {
			rows = append(rows, besides(r.Cells, len(tab.Header), beside, func(column int) string { return wrong[r.Number][column] }))
		}
	}
	return write(f, tab.Name, rows)
}

// besides returns the texts of cells, with a note beside some columns.
func besides(cells []Cell, width int, beside []int, note func(column int) string) []string {
	var out []string
	for i := range max(len(cells), width) {
		text := ""
		if i < len(cells) {
			text = cells[i].Text
		}
		out = append(out, text)
		if slices.Contains(beside, i+1) {
			out = append(out, note(i+1))
		}
	}
	return out
}

// history writes what the export wrote about itself and about the rows that are left aside.
func (b *Book) history(f *excelize.File, aside map[string]bool) error {
	if b.Base == nil {
		return nil
	}
	columns := map[string][]string{}
	facts := [][]string{{"format version", b.Meta.Format}, {"schema version", b.Meta.Schema}, {"model", b.Meta.Model}, {"version", b.Meta.Version},
		{"stage", b.Meta.Stage}, {"profile", b.Meta.Profile}, {"audience", b.Meta.Audience}, {"digest", b.Meta.Digest}, {}, {"tab", "table", "rows", "sha256", "columns"}}
	for _, t := range b.Meta.Tables {
		columns[t.Table] = t.Columns
		facts = append(facts, []string{t.Tab, t.Table, "", "", strings.Join(t.Columns, "\n")})
	}
	rows := [][]string{{"table", "row", "_row", "cells"}}
	for _, t := range model.Keys(b.Base) {
		for _, key := range model.Keys(b.Base[t]) {
			if !aside[t+"\x00"+key] {
				continue
			}
			was := b.Base[t][key]
			var cells []string
			for _, c := range columns[t] {
				if hash, ok := was.Cells[c]; ok {
					cells = append(cells, hash)
				}
			}
			rows = append(rows, []string{t, key, was.Hash, strings.Join(cells, " ")})
		}
	}
	for _, tab := range []struct {
		name string
		rows [][]string
	}{{"_meta", facts}, {"_base", rows}} {
		if _, err := f.NewSheet(tab.name); err != nil {
			return err
		}
		if err := write(f, tab.name, tab.rows); err != nil {
			return err
		}
		if err := f.SetSheetVisible(tab.name, false); err != nil {
			return err
		}
	}
	return nil
}

// write writes rows of text. The cells of a stream hold any text; others lose some.
func write(f *excelize.File, tab string, rows [][]string) error {
	stream, err := f.NewStreamWriter(tab)
	if err != nil {
		return err
	}
	for i, row := range rows {
		values := make([]any, len(row))
		for j, text := range row {
			values[j] = excelize.Cell{Value: text}
		}
		if err := stream.SetRow("A"+strconv.Itoa(i+1), values); err != nil {
			return err
		}
	}
	return stream.Flush()
}
