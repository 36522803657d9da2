// Package xlsx writes the tables of a model as one workbook that people can read, edit and give back.
//
// Every cell holds text and reads back as the very text that the tables hold; what cannot be held is an error. Same
// tables, same bytes. What makes a page pleasant (colours, links, notes, drop-downs) never changes a value.
package xlsx

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/table"
)

// About is what the workbook says of the model that it shows.
type About struct {
	// Title and Name are the model's.
	Title, Name string
	// Version, Stage, Profile and Audience are of what was exported. Profile may be empty.
	Version, Stage, Profile, Audience string
	// Digest is the digest of the model.
	Digest string
	// SchemaVersion and FormatVersion are those that an import needs to know.
	SchemaVersion, FormatVersion string
	// Disclaimers are shown on the first tab.
	Disclaimers []string
}

// The tabs that are no table of their own.
const (
	readMe = "Read me"
	more   = "More"
	heat   = "Heat map"
	lists  = "_lists"
	meta   = "_meta"
	base   = "_base"
)

// tabs are the tabs in their order, the hidden ones last.
func tabs() []string {
	return []string{readMe, "Inbox", "Threats", "At risk", "Countermeasures", "Threat-Countermeasure", "Components", "Flows",
		"Boundaries", "Actors", "Assets", "Features", "Coverage", "Controls", "Lists", "Decisions", "Profiles", "Profile comparison", "Attack trees", more, heat, lists, meta, base}
}

// hidden says that a tab is for programs.
func hidden(tab string) bool { return strings.HasPrefix(tab, "_") }

// Write writes the workbook of a model's tables.
func Write(w io.Writer, set *table.Set, about About) (err error) {
	if err := check(set, about); err != nil {
		return err
	}
	b, err := newBook(set, about)
	if err != nil {
		return err
	}
	defer func() {
		// Sheets of many rows lie in temporary files until here.
		err = cmp.Or(err, b.file.Close())
	}()
	for _, tab := range b.tabs {
		if err := b.tab(tab); err != nil {
			return fmt.Errorf("tab %s: %w", tab, err)
		}
	}
	b.file.SetZipWriter(newArchive)
	return b.file.Write(w)
}

// book is a workbook in the making.
type book struct {
	file   *excelize.File
	set    *table.Set
	about  About
	tabs   []string
	byTab  map[string]*table.Table
	places map[string]string
	lists  *wordLists
	styles *styles
}

func newBook(set *table.Set, about About) (*book, error) {
	b := &book{file: excelize.NewFile(), set: set, about: about, byTab: map[string]*table.Table{}, lists: &wordLists{}}
	for _, t := range set.Tables {
		if t.Tab == "" {
			continue
		}
		if slices.Index(tabs(), t.Tab) <= 0 || t.Tab == more || hidden(t.Tab) {
			return nil, fmt.Errorf("table %s: there is no tab %q for a table", t.Name, t.Tab)
		}
		if b.byTab[t.Tab] != nil {
			return nil, fmt.Errorf("tables %s and %s have the same tab %q", b.byTab[t.Tab].Name, t.Name, t.Tab)
		}
		b.byTab[t.Tab] = t
	}
	for _, tab := range tabs() {
		if b.byTab[tab] != nil || tab == readMe || tab == more || hidden(tab) {
			b.tabs = append(b.tabs, tab)
		}
	}
	b.places = b.findPlaces()
	return b, b.prepare()
}

// prepare makes the sheets, so that links and lists can name those that are written later.
func (b *book) prepare() error {
	// excelize stamps its author's name and a date unless told otherwise.
	const day = "2026-01-01T00:00:00Z"
	if err := b.file.SetDocProps(&excelize.DocProperties{
		Title: b.about.Title, Version: b.about.Version, Creator: "tmkit", LastModifiedBy: "tmkit", Created: day, Modified: day,
	}); err != nil {
		return err
	}
	if err := b.file.SetSheetName("Sheet1", b.tabs[0]); err != nil {
		return err
	}
	for _, tab := range b.tabs[1:] {
		if _, err := b.file.NewSheet(tab); err != nil {
			return err
		}
	}
	for _, tab := range []string{lists, meta, base} {
		if err := b.file.SetSheetVisible(tab, false); err != nil {
			return err
		}
	}
	var err error
	b.styles, err = newStyles(b.file)
	return err
}

func (b *book) tab(tab string) error {
	switch tab {
	case readMe:
		return b.readMe()
	case more:
		return b.more()
	case heat:
		return b.heatMap()
	case lists:
		return b.writeLists()
	case meta:
		return b.meta()
	case base:
		return b.base()
	}
	return b.data(b.byTab[tab])
}

// sheet writes a sheet row by row. Everything else about a sheet must be set before it is made.
type sheet struct {
	stream *excelize.StreamWriter
	row    int
	// cells and values are of the row at hand. excelize takes pointers, which spares an allocation for each cell.
	cells  []excelize.Cell
	values []any
}

// sheet opens a tab for writing, with room for so many columns and rows.
func (b *book) sheet(tab string, columns, rows int) (*sheet, error) {
	// Without it a sheet claims to be one cell, and some readers believe that.
	if err := b.file.SetSheetDimension(tab, area(1, 1, columns, rows)); err != nil {
		return nil, err
	}
	stream, err := b.file.NewStreamWriter(tab)
	if err != nil {
		return nil, err
	}
	s := &sheet{stream: stream, cells: make([]excelize.Cell, columns), values: make([]any, columns)}
	for i := range s.cells {
		s.values[i] = &s.cells[i]
	}
	return s, nil
}

// set puts a value into the row at hand, in the column counted from 1.
func (s *sheet) set(column, style int, value any) {
	s.cells[column-1] = excelize.Cell{StyleID: style, Value: value}
}

// next writes the row at hand and begins a new one. A height of 0 is the usual one.
func (s *sheet) next(height float64) error {
	s.row++
	err := s.stream.SetRow("A"+strconv.Itoa(s.row), s.values, excelize.RowOpts{Height: height})
	clear(s.cells)
	return err
}

func (s *sheet) close() error { return s.stream.Flush() }

// name is the A1 name of a cell. Columns and rows count from 1 and are in range, as check has seen.
func name(column, row int) string {
	s, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		panic(err)
	}
	return s
}

func area(column, row, column2, row2 int) string {
	return name(column, row) + ":" + name(column2, row2)
}
