// Package table lays a model out as flat tables, the one form that sheets, CSV files and their readers share.
//
// Headings, widths, help texts and the order of columns come from the schema. A plain list is one cell; a relation with
// attributes of its own is a table of its own; what is derived is a column whose heading ends in "(auto)".
package table

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/schema"
)

// Set is all tables of a model, in order.
type Set struct{ Tables []*Table }

// Table returns the table of a name, or nil.
func (s *Set) Table(name string) *Table {
	for _, t := range s.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Table is one table. Every row has a cell for each column.
type Table struct {
	// Name is the table's name in files, such as threat-countermeasure.
	Name string
	// Title is its name in words, such as Threat-Countermeasure.
	Title string
	// Tab is the heading of its tab in a workbook, empty where it has none of its own.
	Tab string
	// Help says what a row is.
	Help string
	// Keys is how many of the first columns tell rows apart.
	Keys    int
	Columns []Column
	Rows    [][]string
	// Origins are the fields of a model whose values the rows show, none for a table that follows from others or shows
	// what others publish. Only a table with origins is read back.
	Origins []Origin
	// fields are the columns that the values of the table of the model's own fields have, by path; nil for all others.
	fields map[string]Column
	// model is the type of models.
	model *schema.Type
}

// Form is how a value is written in a cell.
type Form int

// The forms of cells.
const (
	// Text is prose, or one word.
	Text Form = iota
	// Words is a list of ids or words, joined by "; ".
	Words
	// Lines is a list of texts, one a line.
	Lines
	// Pairs is a list of "key: text", one a line.
	Pairs
)

// Column is one column.
type Column struct {
	// Key is the path of the field in the entry, such as likelihood.level; for derived columns a name.
	Key     string
	Heading string
	Help    string
	// Width is in characters.
	Width int
	Form  Form
	// Allowed are the words that a cell may hold, empty for any text.
	Allowed []string
	// Refs are the collections whose ids the cell holds.
	Refs []string
	// Required says that the cell is never empty.
	Required bool
	// Derived says that the column follows from others and is not read back.
	Derived bool
	// Type is that of the field, nil for keys and derived columns.
	Type *schema.Type
}

// Column returns the index of the column with the key, or -1.
func (t *Table) Column(key string) int {
	for i, c := range t.Columns {
		if c.Key == key {
			return i
		}
	}
	return -1
}

// Key returns the cells that tell a row apart, joined by slashes. A slash within one is written as %2F, so that no two
// rows of a table have one key.
func (t *Table) Key(row []string) string {
	parts := make([]string, t.Keys)
	for i, cell := range row[:t.Keys] {
		parts[i] = keyEscapes.Replace(cell)
	}
	return strings.Join(parts, "/")
}

// SplitKey takes a key of the table apart, into as many cells as it has; ok says that there are as many as there should be.
func (t *Table) SplitKey(key string) (cells []string, ok bool) {
	cells = strings.Split(key, "/")
	for i, cell := range cells {
		cells[i] = keyUnescapes.Replace(cell)
	}
	return cells, len(cells) == t.Keys
}

var (
	keyEscapes   = strings.NewReplacer("%", "%25", "/", "%2F")
	keyUnescapes = strings.NewReplacer("%25", "%", "%2F", "/")
)

// Auto ends the headings of derived columns.
const Auto = " (auto)"

// List joins the items of a Words cell.
func List(items []string) string { return strings.Join(items, "; ") }

// autoLimit is how many bytes a derived list may have: a sheet's cell holds 32767 UTF-16 units, and what a model of
// thousands of threats derives can be longer.
const autoLimit = 30000

// autoList joins the items of a derived list, and says how many there are beyond what a cell takes.
func autoList(items []string) string {
	n := 0
	for i, item := range items {
		if n += len(item) + 2; n > autoLimit {
			return fmt.Sprintf("%s; and %d more", List(items[:i]), len(items)-i)
		}
	}
	return List(items)
}

// Split takes a Words cell apart.
func Split(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, "; ")
}
