package verify

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/sheet"
	"github.com/tmkit/tmkit/pkg/table"
)

const (
	moreTab = "More"
	heatTab = "Heat map"
	metaTab = "_meta"
	baseTab = "_base"
	// rowHash heads the column of the rows' hashes.
	rowHash = "_row"
)

// readXLSX reads the workbook back: each tab of a table, the tables that share a tab, what the workbook says of itself,
// and the hashes that an import goes by. What is only there to be looked at (the first tab, the themes beside the heat
// map, the lists of the drop-downs, the notes on headings) is left to the comparison of the file as a whole.
func readXLSX(files map[string][]byte, want *Expected) Result {
	r := Result{Format: string(export.XLSX)}
	name := want.Model.Metadata.Name + ".xlsx"
	data, ok := files[name]
	if !ok {
		r.add(Difference{Kind: Missing, File: name})
		return r
	}
	r.Files++
	book, err := readBook(data)
	if err != nil {
		r.add(Difference{Kind: Different, File: name, Want: "a workbook", Got: err.Error()})
		return r
	}
	b := &workbook{Book: book, result: &r, name: name}
	var rest []*table.Table
	for _, t := range want.Tables.Tables {
		switch t.Tab {
		case "":
			rest = append(rest, t)
		case heatTab:
			b.heatMap(t)
		default:
			b.table(t)
		}
	}
	b.more(rest)
	b.tabs(want.Tables)
	b.meta(want)
	b.base(want.Tables)
	return r
}

// readBook reads a workbook that need not be on the disk, by way of a file that is.
func readBook(data []byte) (*sheet.Book, error) {
	f, err := os.CreateTemp("", "*.xlsx")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	book, err := sheet.Read(f.Name())
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), f.Name()+": "))
	}
	return book, nil
}

// workbook is a workbook that was read.
type workbook struct {
	*sheet.Book
	result *Result
	name   string
}

func (b *workbook) add(d Difference) {
	d.File = b.name
	b.result.add(d)
}

// tab returns a tab, empty where it is missing.
func (b *workbook) tab(name string) *sheet.Tab {
	if i := slices.IndexFunc(b.Tabs, func(t *sheet.Tab) bool { return t.Name == name }); i >= 0 {
		return b.Tabs[i]
	}
	return &sheet.Tab{Name: name}
}

// tabs reports the tabs that no table has.
func (b *workbook) tabs(set *table.Set) {
	for _, tab := range b.Tabs {
		if tab.Name != "Read me" && tab.Name != moreTab && !slices.ContainsFunc(set.Tables, func(t *table.Table) bool { return t.Tab == tab.Name }) {
			b.add(Difference{Kind: Extra, Place: tab.Name})
		}
	}
}

// texts are the texts of cells. What is stored as anything but text says so, since another program would show it as
// something else.
func texts(cells []sheet.Cell) []string {
	kinds := map[sheet.CellKind]string{
		sheet.Number: "a number", sheet.Date: "a date", sheet.Bool: "true or false", sheet.Formula: "a formula", sheet.Broken: "an error",
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = c.Text
		if c.Kind != sheet.Text {
			out[i] += " as " + kinds[c.Kind]
		}
	}
	return out
}

// at says where the cells of a row are.
func at(tab *sheet.Tab, number int) where {
	return func(column int) string { return sheet.Place{Tab: tab.Name, Row: number, Column: column + 1}.String() }
}

// table compares a tab with its table.
func (b *workbook) table(t *table.Table) {
	tab := b.tab(t.Tab)
	if editable(t) {
		t = hashed(t)
	}
	c := newTableReader(b.result, b.name, t)
	c.header(texts(tab.Header), at(tab, max(tab.HeaderRow, 1)))
	for _, row := range tab.Rows {
		c.record(texts(row.Cells), at(tab, row.Number))
	}
	c.end()
}

// hashed is a table with the column of the rows' hashes.
func hashed(t *table.Table) *table.Table {
	h := *t
	h.Columns = append(slices.Clone(t.Columns), table.Column{Key: rowHash, Heading: rowHash})
	h.Rows = make([][]string, len(t.Rows))
	hash := t.Hasher()
	for i, row := range t.Rows {
		h.Rows[i] = append(slices.Clone(row), hash.Row(row))
	}
	return &h
}

// editable says that something in a table is read back.
func editable(t *table.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c table.Column) bool { return !c.Derived })
}

// heatMap compares the table of counts, whose rows are those of the tab that fill its columns and have numbers in them.
func (b *workbook) heatMap(t *table.Table) {
	tab := b.tab(t.Tab)
	c := newTableReader(b.result, b.name, t)
	for _, row := range tab.Rows {
		n := min(len(t.Columns), len(row.Cells))
		if !slices.ContainsFunc(row.Cells[:n], func(c sheet.Cell) bool { return c.Kind == sheet.Number }) {
			continue
		}
		cells := texts(row.Cells[:n])
		for i, cell := range row.Cells[:n] {
			if cell.Kind == sheet.Number {
				cells[i] = cell.Text
			}
		}
		c.record(cells, at(tab, row.Number))
	}
	c.end()
}

// lines is a row of a table that shares a tab with others: a line for each of its cells.
type lines struct {
	table *table.Table
	key   string
	cells []string
	// numbers are the lines of the cells, 0 where there is none.
	numbers []int
	first   int
}

// more compares the tab of all tables that have none of their own.
func (b *workbook) more(tables []*table.Table) {
	tab := b.tab(moreTab)
	if want, got := []string{"Table", "Row", "Column", "Value", rowHash}, texts(tab.Header); !slices.Equal(want, got) {
		b.add(Difference{Kind: Different, Place: at(tab, max(tab.HeaderRow, 1))(-1), Want: table.List(want), Got: table.List(got)})
		return
	}
	readers := map[string]*tableReader{}
	for _, t := range tables {
		readers[t.Name] = newTableReader(b.result, b.name, hashed(t))
	}
	var all []*lines
	byKey := map[[2]string]*lines{}
	for _, row := range tab.Rows {
		cells := texts(row.Cells)
		reader := readers[cells[0]]
		if reader == nil {
			b.add(Difference{Kind: Extra, Place: at(tab, row.Number)(0), Record: cells[0] + " " + cells[1]})
			continue
		}
		l := byKey[[2]string(cells)]
		if l == nil {
			n := len(reader.table.Columns)
			l = &lines{reader.table, cells[1], make([]string, n), make([]int, n), row.Number}
			byKey[[2]string(cells)] = l
			all = append(all, l)
		}
		b.line(l, cells, at(tab, row.Number), row.Number)
	}
	for _, l := range all {
		readers[l.table.Name].compare(l.key, l.cells, func(column int) string {
			switch {
			case column < 0 || l.numbers[column] == 0:
				return at(tab, l.first)(-1)
			case l.table.Columns[column].Key == rowHash:
				return at(tab, l.numbers[column])(4)
			}
			return at(tab, l.numbers[column])(3)
		})
	}
	for _, t := range tables {
		readers[t.Name].end()
	}
}

// line takes a line of the tab into its row.
func (b *workbook) line(l *lines, cells []string, at where, number int) {
	record := l.table.Name + " " + l.key
	hash := l.table.Column(rowHash)
	if l.numbers[hash] == 0 {
		l.cells[hash], l.numbers[hash] = cells[4], number
	} else if l.cells[hash] != cells[4] {
		b.add(Difference{Kind: Different, Place: at(4), Record: record, Field: rowHash, Want: l.cells[hash], Got: cells[4]})
	}
	i := slices.IndexFunc(l.table.Columns, func(c table.Column) bool { return c.Heading == cells[2] })
	switch {
	case i < 0 || i == hash:
		b.add(Difference{Kind: Extra, Place: at(2), Record: record, Got: cells[2]})
	case l.numbers[i] > 0:
		b.add(Difference{Kind: Extra, Place: at(3), Record: record, Field: l.table.Columns[i].Key, Got: cells[3]})
	default:
		l.cells[i], l.numbers[i] = cells[3], number
	}
}

// meta compares what the workbook says of the model and of its tables.
func (b *workbook) meta(want *Expected) {
	m := want.Manifest
	for _, fact := range [][3]string{
		{"format version", m.Format, b.Meta.Format}, {"schema version", m.Schema, b.Meta.Schema}, {"model", m.Model, b.Meta.Model},
		{"version", m.Version, b.Meta.Version}, {"stage", want.Model.Metadata.Stage, b.Meta.Stage}, {"profile", m.Profile, b.Meta.Profile},
		{"audience", m.Audience, b.Meta.Audience}, {"digest", m.Digest, b.Meta.Digest},
	} {
		if fact[1] != fact[2] {
			b.add(Difference{Kind: Different, Place: metaTab, Record: fact[0], Want: fact[1], Got: fact[2]})
		}
	}
	told := map[string]string{}
	for _, t := range b.Meta.Tables {
		told[t.Table] = t.Tab + ": " + table.List(t.Columns)
	}
	for _, t := range want.Tables.Tables {
		var keys []string
		for _, c := range t.Columns {
			keys = append(keys, c.Key)
		}
		if tab := cmp.Or(t.Tab, moreTab) + ": " + table.List(keys); told[t.Name] != tab {
			b.add(Difference{Kind: Different, Place: metaTab, Record: t.Name, Want: tab, Got: told[t.Name]})
		}
		delete(told, t.Name)
	}
	for _, name := range model.Keys(told) {
		b.add(Difference{Kind: Extra, Place: metaTab, Record: name, Got: told[name]})
	}
}

// base compares the hashes of rows and cells as they were exported.
func (b *workbook) base(set *table.Set) {
	for _, t := range set.Tables {
		if !editable(t) {
			continue
		}
		hash := t.Hasher()
		for _, row := range t.Rows {
			key := t.Key(row)
			record := t.Name + " " + key
			got, ok := b.Base[t.Name][key]
			delete(b.Base[t.Name], key)
			if !ok {
				b.add(Difference{Kind: Missing, Place: baseTab, Record: record})
				continue
			}
			if sum := hash.Row(row); got.Hash != sum {
				b.add(Difference{Kind: Different, Place: baseTab, Record: record, Want: sum, Got: got.Hash})
			}
			for i, c := range t.Columns[t.Keys:] {
				if sum := table.CellHash(row[t.Keys+i]); got.Cells[c.Key] != sum {
					b.add(Difference{Kind: Different, Place: baseTab, Record: record, Field: c.Key, Want: sum, Got: got.Cells[c.Key]})
				}
			}
		}
	}
	for _, name := range model.Keys(b.Base) {
		for _, key := range model.Keys(b.Base[name]) {
			b.add(Difference{Kind: Extra, Place: baseTab, Record: name + " " + key})
		}
	}
}

// differentCell finds the first cell in which two workbooks differ.
func differentCell(want, got []byte) Difference {
	w, g := cellsOf(want), cellsOf(got)
	places := maps.Clone(w)
	maps.Copy(places, g)
	for _, place := range slices.SortedFunc(maps.Keys(places), model.Natural) {
		if g[place] != w[place] {
			return Difference{Place: place, Want: w[place], Got: g[place]}
		}
	}
	return Difference{Want: "the workbook of a new export", Got: "another one with the same cells"}
}

// cellsOf are the texts of a workbook's cells by their places, none of what is no workbook.
func cellsOf(data []byte) map[string]string {
	cells := map[string]string{}
	book, err := readBook(data)
	if err != nil {
		return cells // its reader has said so
	}
	for _, tab := range book.Tabs {
		for _, row := range append(tab.Rows, sheet.Row{Number: tab.HeaderRow, Cells: tab.Header}) {
			for i, text := range texts(row.Cells) {
				if text != "" {
					cells[at(tab, row.Number)(i)] = text
				}
			}
		}
	}
	return cells
}
