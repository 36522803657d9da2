// Package sheet takes a workbook, or a folder of CSV files, back: it reads what people made of an export, finds out what
// they changed since, and says what that means for the model's source.
package sheet

import (
	"strconv"
	"strings"
)

// Book is a workbook, or a folder of CSV files, as it came back. Nothing in it has been judged: a tab may be unknown, a
// heading foreign, a cell a formula.
type Book struct {
	// File is the name under which it came.
	File string
	// Meta is what the export wrote about itself.
	Meta Meta
	Tabs []*Tab
	// Base is what was exported, by table, then by the key of the row. It is nil where that is lost.
	Base map[string]map[string]BaseRow
	// Remarks are the comments that people wrote beside cells.
	Remarks []Remark
	// sums are the SHA-256 of the files that were exported with CSV files, by name, where a manifest is beside them.
	sums map[string]string
}

// Meta is what an export wrote about itself. It is empty where that is lost, as it is of CSV files.
type Meta struct {
	Format, Schema, Model, Version, Stage, Profile, Audience, Digest string
	Tables                                                           []MetaTable
}

// MetaTable says which tab has a table, and which columns it had, by their keys.
type MetaTable struct {
	Tab, Table string
	Columns    []string
}

// BaseRow is what a row was when it was exported: the hash of what can be edited in it (table.Table.RowHash), and that of
// each cell (table.CellHash) by its column's key. Key columns have none.
type BaseRow struct {
	Hash  string
	Cells map[string]string
}

// Tab is a sheet of a workbook, or a CSV file.
type Tab struct {
	// Name is the title of the sheet, or the name of the file.
	Name string
	// Header is the first row that has any text, HeaderRow its number.
	Header    []Cell
	HeaderRow int
	// Rows are the rows below that have any text in them.
	Rows []Row
}

// Row is a row of a sheet.
type Row struct {
	// Number is the row's number in the sheet, counted from 1.
	Number int
	// Cells are the cells, one for each column of the sheet's header or more.
	Cells []Cell
}

// Cell is the text of a cell and what it was stored as.
type Cell struct {
	Text string
	Kind CellKind
}

// CellKind is what a cell was stored as.
type CellKind int

// The kinds of cells. The text of a date is written as 2026-11-23; that of a formula is the formula, with its sign.
const (
	Text CellKind = iota
	Number
	Date
	Bool
	Formula
	Broken
)

// Remark is a comment that somebody wrote beside a cell.
type Remark struct {
	Tab  string `json:"tab"`
	Row  int    `json:"row"`
	Col  int    `json:"column"`
	By   string `json:"by,omitempty"`
	Text string `json:"text"`
}

// String is the remark in one line.
func (r Remark) String() string {
	s := Place{r.Tab, r.Row, r.Col}.String() + ": "
	if r.By != "" {
		s += r.By + ": "
	}
	return s + strings.Join(strings.Fields(r.Text), " ")
}

// Place is where a cell is.
type Place struct {
	Tab string `json:"tab"`
	// Row and Column count from 1; a Column of 0 is the row as a whole, a Row of 0 the tab.
	Row    int `json:"row,omitempty"`
	Column int `json:"column,omitempty"`
}

// String writes a place as people know it, such as Threats!C12.
func (p Place) String() string {
	switch {
	case p.Row == 0:
		return p.Tab
	case p.Column == 0:
		return p.Tab + " row " + strconv.Itoa(p.Row)
	}
	return p.Tab + "!" + ColumnName(p.Column) + strconv.Itoa(p.Row)
}

// ColumnName is the letters of a column counted from 1, such as AB.
func ColumnName(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
