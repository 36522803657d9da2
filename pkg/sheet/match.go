package sheet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/table"
)

// row is a row of a table as a book has it, or as the lines of the tab More have it together.
type row struct {
	table *table.Table
	tab   string
	// number is the row's number in its sheet.
	number int
	// keys are the cells that tell rows apart. With no text in any of them, the row is a new one without an id.
	keys []string
	// cells are the cells by the index of the table's column; a column that the book does not have has none.
	cells map[int]given
	// hash is what the hidden last column says.
	hash string
}

// given is a cell of a row and where it is.
type given struct {
	Cell
	at Place
}

func (r *row) key() string { return r.table.Key(r.keys) }

func (r *row) subject(column int) Subject {
	s := Subject{Place: Place{Tab: r.tab, Row: r.number}, Table: r.table.Name, Row: strings.TrimSpace(strings.Join(r.keys, " ")), key: r.key()}
	if column >= 0 {
		s.Column = r.table.Columns[column].Heading
		if g, ok := r.cells[column]; ok {
			s.Place = g.at
		}
	}
	return s
}

const (
	// moreTab has the tables without a tab of their own, a line for each cell.
	moreTab = "More"
	// hashHeading heads the hidden column with the hash of a row.
	hashHeading = "_row"
)

// matched is what a book has of the tables of a model.
type matched struct {
	rows []*row
	// tabs are the tabs of the tables that the book has, by the table's name, and those of More.
	tabs map[string]string
	// lacks are the columns that a table's tab does not have.
	lacks  map[string]map[int]bool
	faults []Fault
	notes  []Note

	base map[string]map[string]BaseRow
	// columns are the indexes of columns by their headings, by table.
	columns map[*table.Table]map[string]int
}

// column returns the index of the column with a heading, or -1.
func (m *matched) column(t *table.Table, text string) int {
	known := m.columns[t]
	if known == nil {
		known = map[string]int{}
		for i, c := range t.Columns {
			known[heading(c.Heading)] = i
		}
		m.columns[t] = known
	}
	if i, ok := known[heading(text)]; ok {
		return i
	}
	return -1
}

// match finds the tables of a set in a book: tabs by their titles or headings, columns by their headings.
func match(b *Book, set *table.Set) *matched {
	m := &matched{tabs: map[string]string{}, lacks: map[string]map[int]bool{}, base: b.Base, columns: map[*table.Table]map[string]int{}}
	tables := m.assign(b, set)
	for _, tab := range b.Tabs {
		switch t := tables[tab]; {
		case isMore(tab):
			m.more(tab, set)
		case t != nil && len(t.Origins) > 0:
			m.tab(tab, t)
		}
	}
	return m
}

// assign tells which tab has which table. Titles count first; a tab of another title is known by its headings when they
// are those of just one table.
func (m *matched) assign(b *Book, set *table.Set) map[*Tab]*table.Table {
	out := map[*Tab]*table.Table{}
	taken := map[*table.Table]*Tab{}
	var unknown []*Tab
	for _, tab := range b.Tabs {
		t := named(b, tab, set)
		switch {
		case t == nil && (isMore(tab) || strings.EqualFold(tab.Name, "Read me") || len(tab.Rows) == 0):
		case t == nil:
			unknown = append(unknown, tab)
		case taken[t] != nil:
			m.faults = append(m.faults, Fault{Subject: Subject{Place: Place{Tab: tab.Name}, Table: t.Name},
				Message: fmt.Sprintf("the tabs %s and %s both have the table %s", taken[t].Name, tab.Name, t.Name), Hint: "keep one of them"})
		default:
			out[tab], taken[t] = t, tab
		}
	}
	for _, tab := range unknown {
		t := headed(tab, set)
		if t != nil && taken[t] == nil {
			out[tab], taken[t] = t, tab
			continue
		}
		why := "no table has this title or these headings"
		if t != nil {
			why = fmt.Sprintf("the tab %s has the table %s already", taken[t].Name, t.Name)
		}
		m.notes = append(m.notes, Note{Subject: Subject{Place: Place{Tab: tab.Name}}, Message: "left out: " + why})
	}
	for _, mt := range b.Meta.Tables {
		if t := set.Table(mt.Table); t != nil && t.Tab != "" && len(t.Origins) > 0 && taken[t] == nil {
			m.notes = append(m.notes, Note{Subject: Subject{Place: Place{Tab: mt.Tab}, Table: t.Name}, Message: "the tab is gone, and nothing of it is changed"})
		}
	}
	return out
}

// moreColumns are the headings of the tab More.
var moreColumns = []string{"table", "row", "column", "value"}

// isMore says that a tab has the tables without a tab of their own.
func isMore(tab *Tab) bool {
	for _, name := range moreColumns {
		if !slices.ContainsFunc(tab.Header, func(c Cell) bool { return heading(c.Text) == name }) {
			return false
		}
	}
	return true
}

// named returns the table of a tab's title: that of the workbook, or the name of a CSV file, before which Google puts the
// name of the spreadsheet.
func named(b *Book, tab *Tab, set *table.Set) *table.Table {
	for _, mt := range b.Meta.Tables {
		if mt.Tab == tab.Name && mt.Tab != moreTab {
			return set.Table(mt.Table)
		}
	}
	title := tab.Name
	if i := strings.LastIndex(title, " - "); i >= 0 {
		title = title[i+3:]
	}
	if t := set.Table(tab.Name); t != nil {
		return t
	}
	// Tabs come first: the title of a tab may be the name of another table.
	for _, name := range []func(*table.Table) string{func(t *table.Table) string { return t.Tab }, func(t *table.Table) string { return t.Name }} {
		for _, t := range set.Tables {
			if n := name(t); n != "" && (strings.EqualFold(n, tab.Name) || strings.EqualFold(n, title)) {
				return t
			}
		}
	}
	return nil
}

// headed returns the one table that has most of a tab's headings, its keys among them.
func headed(tab *Tab, set *table.Set) *table.Table {
	var best *table.Table
	most, twice := 0, false
	for _, t := range set.Tables {
		n, keys := 0, 0
		for i, c := range t.Columns {
			if slices.ContainsFunc(tab.Header, func(x Cell) bool { return heading(x.Text) == heading(c.Heading) }) {
				n++
				if i < t.Keys {
					keys++
				}
			}
		}
		if keys < t.Keys || n <= t.Keys {
			continue
		}
		switch {
		case n > most:
			best, most, twice = t, n, false
		case n == most:
			twice = true
		}
	}
	if twice {
		return nil
	}
	return best
}

// heading is a heading without what nobody sees.
func heading(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(tidy(text)), " "))
}

// tab reads the rows of a tab.
func (m *matched) tab(tab *Tab, t *table.Table) {
	columns := map[int]int{} // by the place in the sheet, from 0
	hash := -1
	found := map[int]int{}
	for i, c := range tab.Header {
		h := heading(c.Text)
		j := m.column(t, c.Text)
		at := Subject{Place: Place{tab.Name, tab.HeaderRow, i + 1}, Table: t.Name, Column: strings.TrimSpace(c.Text)}
		switch {
		case h == hashHeading:
			hash = i
		case strings.HasSuffix(h, missing):
		case j < 0:
			n := 0
			for _, r := range tab.Rows {
				if i < len(r.Cells) && tidy(r.Cells[i].Text) != "" {
					n++
				}
			}
			if h == "" && n == 0 {
				continue
			}
			note := Note{Subject: at, Message: fmt.Sprintf("left out: the table %s has no such column (cells with text: %d)", t.Name, n)}
			if n > 0 {
				note.Hint = finding.DidYouMean(strings.TrimSpace(c.Text), headings(t))
			}
			m.notes = append(m.notes, note)
		default:
			if first, twice := found[j]; twice {
				m.faults = append(m.faults, Fault{Subject: at, Message: fmt.Sprintf("the heading stands in column %s too", ColumnName(first+1)), Hint: "keep one of the two columns"})
				continue
			}
			columns[i], found[j] = j, i
		}
	}
	lacks := map[int]bool{}
	for j, c := range t.Columns {
		if _, ok := found[j]; ok {
			continue
		}
		lacks[j] = true
		if j < t.Keys {
			m.faults = append(m.faults, Fault{Subject: Subject{Place: Place{tab.Name, tab.HeaderRow, 0}, Table: t.Name, Column: c.Heading},
				Message: fmt.Sprintf("the column %q is missing, by which rows are known", c.Heading), Hint: "the first row holds the headings, as they were exported"})
			return
		}
	}
	m.tabs[t.Name], m.lacks[t.Name] = tab.Name, lacks
	for _, r := range tab.Rows {
		out := &row{table: t, tab: tab.Name, number: r.Number, keys: make([]string, t.Keys), cells: map[int]given{}}
		text := false
		for i, c := range r.Cells {
			if i == hash {
				out.hash = strings.TrimSpace(c.Text)
				continue
			}
			j, ok := columns[i]
			if !ok {
				continue
			}
			out.cells[j] = given{c, Place{tab.Name, r.Number, i + 1}}
			if j < t.Keys {
				out.keys[j] = strings.Join(strings.Fields(straight.Replace(tidy(c.Text))), " ")
			}
			text = text || !t.Columns[j].Derived && tidy(c.Text) != ""
		}
		for i, j := range columns {
			if _, ok := out.cells[j]; !ok {
				out.cells[j] = given{at: Place{tab.Name, r.Number, i + 1}}
			}
		}
		if text {
			m.rows = append(m.rows, out)
		}
	}
}

func headings(t *table.Table) []string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Heading)
	}
	return out
}

// more puts the lines of the tab More together again: those of one table and row, wherever they stand.
func (m *matched) more(tab *Tab, set *table.Set) {
	rows := map[string]*row{}
	for _, t := range set.Tables {
		if t.Tab == "" {
			m.tabs[t.Name] = tab.Name
		}
	}
	var columns [5]int
	for i, name := range append(slices.Clone(moreColumns), hashHeading) {
		columns[i] = slices.IndexFunc(tab.Header, func(c Cell) bool { return heading(c.Text) == name })
	}
	for _, line := range tab.Rows {
		var cells [5]string
		for i, c := range columns {
			if c >= 0 && c < len(line.Cells) {
				cells[i] = tidy(line.Cells[c].Text)
			}
		}
		place := func(i int) Place { return Place{tab.Name, line.Number, columns[i] + 1} }
		name, key, column := cells[0], cells[1], cells[2]
		if name == "" && key == "" && column == "" && cells[3] == "" {
			continue
		}
		fault := func(i int, value, message, hint string) {
			m.faults = append(m.faults, Fault{Subject: Subject{Place: place(i), Table: name, Row: key, Column: column, key: key}, Value: value, Message: message, Hint: hint})
		}
		t := set.Table(name)
		if t == nil || t.Tab != "" {
			var names []string
			for _, t := range set.Tables {
				if t.Tab == "" && len(t.Origins) > 0 {
					names = append(names, t.Name)
				}
			}
			fault(0, name, "no table of this tab has the name; use one of "+strings.Join(names, ", "), finding.DidYouMean(name, names))
			continue
		}
		j := m.column(t, column)
		if j < 0 && len(t.Origins) == 0 {
			continue // a column that is there for some profiles only
		}
		if j < 0 {
			fault(2, column, fmt.Sprintf("the table %s has no such column; use one of %s", name, strings.Join(headings(t), ", ")), finding.DidYouMean(column, headings(t)))
			continue
		}
		if len(t.Origins) == 0 {
			m.published(place(3), t, j, cells)
			continue
		}
		keys, ok := t.SplitKey(key)
		if !ok {
			var names []string
			for _, c := range t.Columns[:t.Keys] {
				names = append(names, c.Heading)
			}
			fault(1, key, fmt.Sprintf("the row of a line of %s is %s", t.Name, strings.Join(names, "/")), "")
			continue
		}
		id := name + "\x00" + key
		r := rows[id]
		if r == nil {
			r = &row{table: t, tab: tab.Name, number: line.Number, keys: keys, cells: map[int]given{}, hash: cells[4]}
			rows[id] = r
			m.rows = append(m.rows, r)
		}
		if had, twice := r.cells[j]; twice {
			fault(2, column, fmt.Sprintf("row %d says the same column of the same row", had.at.Row), "keep one of the two lines")
			continue
		}
		g := given{at: place(3)}
		if columns[3] < len(line.Cells) {
			g.Cell = line.Cells[columns[3]]
		}
		r.cells[j] = g
		if j < t.Keys && tidy(g.Text) != keys[j] {
			fault(3, g.Text, fmt.Sprintf("the line belongs to the row %s; a row is known by it", key), "for a new row, change the Row of all its lines")
		}
	}
}

// published reports an edit to what others publish, or to what follows from the model.
func (m *matched) published(at Place, t *table.Table, j int, cells [5]string) {
	was, known := m.base[t.Name][cells[1]].Cells[t.Columns[j].Key]
	if !known || was == table.CellHash(cells[3]) {
		return
	}
	m.notes = append(m.notes, Note{Subject: Subject{Place: at, Table: t.Name, Row: cells[1], Column: cells[2]},
		Message: "left out: the table shows what others publish, or what follows from the model"})
}
