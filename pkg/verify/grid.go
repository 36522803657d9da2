package verify

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/table"
)

// tableReader compares a table with the rows of a sheet, one after the other, so that no sheet is ever held as a whole.
type tableReader struct {
	result *Result
	file   string
	table  *table.Table
	// columns are the table's columns by those of the sheet, -1 for one that the table does not have.
	columns []int
	// rows are the table's rows that were not met yet, by key.
	rows map[string][]int
	// last is the row that was met last, -1 before the first.
	last      int
	unordered bool
}

// where says where the cell of a row is, by its column counted from 0. A column of -1 is the row as a whole.
type where func(column int) string

func newTableReader(r *Result, file string, t *table.Table) *tableReader {
	c := &tableReader{result: r, file: file, table: t, rows: make(map[string][]int, len(t.Rows)), last: -1}
	for i := range t.Columns {
		c.columns = append(c.columns, i)
	}
	for i, row := range t.Rows {
		key := t.Key(row)
		c.rows[key] = append(c.rows[key], i)
	}
	return c
}

// header compares the headings, and takes the columns in the sheet's order from then on.
func (c *tableReader) header(cells []string, at where) {
	free := map[string][]int{}
	for i, col := range c.table.Columns {
		free[col.Heading] = append(free[col.Heading], i)
	}
	c.columns = make([]int, len(cells))
	met := make([]bool, len(c.table.Columns))
	for i, heading := range cells {
		c.columns[i] = -1
		if own := free[heading]; len(own) > 0 {
			c.columns[i], free[heading] = own[0], own[1:]
			met[own[0]] = true
		}
		switch {
		case c.columns[i] == i:
		case i < len(c.table.Columns):
			c.add(Difference{Kind: Different, Place: at(i), Field: c.table.Columns[i].Key, Want: c.table.Columns[i].Heading, Got: heading})
		default:
			c.add(Difference{Kind: Extra, Place: at(i), Got: heading})
		}
	}
	for i, col := range c.table.Columns {
		if !met[i] && i >= len(cells) {
			c.add(Difference{Kind: Missing, Place: at(-1), Field: col.Key, Want: col.Heading})
		}
	}
}

// add reports a difference in the table as a whole.
func (c *tableReader) add(d Difference) {
	d.File, d.Record = c.file, c.table.Name
	c.result.add(d)
}

// record compares a row of the sheet with that of the table that has its keys.
func (c *tableReader) record(cells []string, at where) {
	row := make([]string, len(c.table.Columns))
	places := make([]int, len(row))
	for i := range places {
		places[i] = -1
	}
	beyond := -1
	for i, cell := range cells {
		if i < len(c.columns) && c.columns[i] >= 0 {
			row[c.columns[i]], places[c.columns[i]] = cell, i
		} else if cell != "" && i >= len(c.columns) && beyond < 0 {
			beyond = i
		}
	}
	c.compare(c.table.Key(row), row, func(column int) string {
		if column >= 0 {
			column = places[column]
		}
		return at(column)
	})
	if beyond >= 0 {
		c.result.add(Difference{Kind: Extra, File: c.file, Place: at(beyond), Record: c.table.Name + " " + c.table.Key(row), Got: cells[beyond]})
	}
}

// compare compares a row that has the table's columns with the next one that has the key.
func (c *tableReader) compare(key string, row []string, at where) {
	name := c.table.Name + " " + key
	left, known := c.rows[key]
	if len(left) == 0 {
		d := Difference{Kind: Extra, File: c.file, Place: at(-1), Record: name}
		if known {
			d.Got = "a second time"
		}
		c.result.add(d)
		return
	}
	i := left[0]
	c.rows[key] = left[1:]
	if i < c.last && !c.unordered {
		c.unordered = true
		before := c.table.Key(c.table.Rows[c.last])
		c.add(Difference{Kind: Different, Place: at(-1), Field: "order", Want: key + " before " + before, Got: before + " before " + key})
	}
	c.last = i
	fields, right := 0, true
	for j, want := range c.table.Rows[i] {
		if row[j] == want {
			if want != "" && c.table.Columns[j].Key != rowHash {
				fields++
			}
			continue
		}
		right = false
		c.result.add(Difference{Kind: Different, File: c.file, Place: at(j), Record: name, Field: c.table.Columns[j].Key, Want: want, Got: row[j]})
	}
	if right {
		c.result.count(c.table, fields)
	}
}

// end reports the rows that the sheet does not have.
func (c *tableReader) end() {
	for i, row := range c.table.Rows {
		if key := c.table.Key(row); slices.Contains(c.rows[key], i) {
			c.result.add(Difference{Kind: Missing, File: c.file, Record: c.table.Name + " " + key})
		}
	}
}
