package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// rows reads the rows of a sheet.
type rows struct {
	*ooxml
	*xmlPart
	tab *Tab
	// row and column are those at hand, cells the cells of the row so far.
	row, column int
	cells       []Cell
	// cleared is how many cells merged ranges have gone through.
	cleared int
}

// readSheet reads the rows of a sheet into a tab.
func (x *ooxml) readSheet(t *Tab, f *zip.File) error {
	p, err := newPart(f)
	if err != nil {
		return err
	}
	s := &rows{ooxml: x, xmlPart: p, tab: t}
	for {
		tok, err := s.Token()
		if err == io.EOF {
			break
		}
		if start, ok := tok.(xml.StartElement); ok && err == nil {
			switch start.Name.Local {
			case "row":
				err = s.readRow(start)
			case "mergeCell":
				err = s.merge(attr(start, "ref"))
			}
		}
		if err != nil {
			return fmt.Errorf("sheet %.50q%s: %w", t.Name, s.place(), err)
		}
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return c != Cell{} })
	})
	return nil
}

// place is where the reader is.
func (s *rows) place() string {
	if s.column > 0 {
		return ", cell " + ColumnName(s.column) + strconv.Itoa(s.row)
	}
	if s.row > 0 {
		return ", row " + strconv.Itoa(s.row)
	}
	return ""
}

func (s *rows) readRow(start xml.StartElement) error {
	number := s.row + 1
	if r := attr(start, "r"); r != "" {
		var err error
		if number, err = strconv.Atoi(r); err != nil || number <= s.row {
			return fmt.Errorf("%.20q is no number of the next row; save it as .xlsx again", r)
		}
	}
	if number > excelize.TotalRows {
		return fmt.Errorf("there is a row %d; a sheet has %d", number, excelize.TotalRows)
	}
	s.row, s.cells = number, s.cells[:0]
	for depth := len(s.begun); len(s.begun) >= depth; {
		tok, err := s.Token()
		if err != nil {
			return err
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "c":
			err = s.readCell(start)
		default:
			err = s.skip()
		}
		if err != nil {
			return err
		}
	}
	s.column = 0
	return s.add(s.tab, s.row, s.cells)
}

func (s *rows) readCell(start xml.StartElement) error {
	s.column++
	if ref := attr(start, "r"); ref != "" {
		column, row, err := coordinates(ref)
		if err != nil {
			return err
		}
		if row != s.row || column < s.column {
			return fmt.Errorf("%s is not the next cell; save it as .xlsx again", ref)
		}
		s.column = column
	}
	if s.column > excelize.MaxColumns {
		return fmt.Errorf("a sheet has %d columns", excelize.MaxColumns)
	}
	var cell Cell
	for depth := len(s.begun); len(s.begun) >= depth; {
		tok, err := s.Token()
		if err != nil {
			return err
		}
		inner, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch kind := attr(start, "t"); {
		case inner.Name.Local == "v":
			var value string
			if value, err = s.chars(); err == nil && cell.Kind != Formula {
				cell, err = s.value(kind, attr(start, "s"), value)
			}
		case inner.Name.Local == "is" && kind == "inlineStr": // what else has one kept it by mistake
			cell.Text, err = s.richText()
		case inner.Name.Local == "f":
			var formula string
			formula, err = s.chars()
			cell = Cell{"=" + formula, Formula}
		default:
			err = s.skip()
		}
		if err != nil {
			return err
		}
	}
	if cell == (Cell{}) {
		return nil
	}
	if err := checkLength(cell.Text); err != nil {
		return err
	}
	for len(s.cells) < s.column {
		s.cells = append(s.cells, Cell{})
	}
	s.cells[s.column-1] = cell
	return nil
}

// value is what a value of a type and a style means.
func (s *rows) value(kind, style, value string) (Cell, error) {
	if value == "" {
		return Cell{}, nil
	}
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(s.strings) {
			return Cell{}, fmt.Errorf("there is no text %.20q, there are %d; save it as .xlsx again", value, len(s.strings))
		}
		return Cell{s.strings[i], Text}, nil
	case "str", "inlineStr":
		return Cell{cellText(value), Text}, nil
	case "b":
		return Cell{strings.ToUpper(strconv.FormatBool(truth(value))), Bool}, nil
	case "e":
		return Cell{value, Broken}, nil
	case "d":
		if day, clock, _ := strings.Cut(value, "T"); strings.Trim(clock, "0:.Z") == "" {
			return Cell{day, Date}, nil
		}
		return Cell{value, Text}, nil
	case "", "n":
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return Cell{}, fmt.Errorf("%.50q is no number; save it as .xlsx again", value)
		}
		if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(s.dates) && s.dates[i] && n == math.Trunc(n) {
			if day, err := excelize.ExcelDateToTime(n, s.since1904); err == nil && day.Year() <= 9999 {
				return Cell{day.Format("2006-01-02"), Date}, nil
			}
		}
		// The shortest that is the number: programs store 1.1 as 1.1000000000000001.
		return Cell{strconv.FormatFloat(n, 'f', -1, 64), Number}, nil
	}
	return Cell{}, fmt.Errorf("%.20q is no type of cells; save it as .xlsx again", kind)
}

// merge empties the cells of a merged range but for the first, as sheet programs show it.
func (s *rows) merge(ref string) error {
	from, to, _ := strings.Cut(ref, ":")
	column, row, err := coordinates(from)
	if err != nil {
		return err
	}
	column2, row2 := column, row
	if to != "" {
		if column2, row2, err = coordinates(to); err != nil {
			return err
		}
	}
	empty := func(number int, cells []Cell) {
		for i := column - 1; i < min(column2, len(cells)); i++ {
			if s.cleared++; number != row || i != column-1 {
				cells[i] = Cell{}
			}
		}
	}
	if s.tab.HeaderRow >= row && s.tab.HeaderRow <= row2 {
		empty(s.tab.HeaderRow, s.tab.Header)
	}
	first := sort.Search(len(s.tab.Rows), func(i int) bool { return s.tab.Rows[i].Number >= row })
	for _, r := range s.tab.Rows[first:] {
		if r.Number > row2 {
			break
		}
		if s.cleared++; s.cleared > 2*maxCells {
			return errors.New("merged cells overlap; save it as .xlsx again")
		}
		empty(r.Number, r.Cells)
	}
	return nil
}

// coordinates reads the name of a cell.
func coordinates(ref string) (column, row int, err error) {
	column, row, err = excelize.CellNameToCoordinates(ref)
	if err != nil {
		return 0, 0, fmt.Errorf("%.20q is no cell; a sheet has the cells A1 to XFD1048576", ref)
	}
	return column, row, nil
}

func attr(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
