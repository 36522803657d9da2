package xlsx

import (
	"reflect"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/table"
)

// findPlaces says where the row of each id is, and of each control, by catalogue and entry.
func (b *book) findPlaces() map[string]string {
	places := map[string]string{}
	for _, t := range b.byTab {
		isCollection := t.Keys == 1 && t.Columns[0].Key == "id"
		isControls := t.Keys == 2 && t.Columns[0].Key == "catalogue" && t.Columns[1].Key == "entry"
		if !isCollection && !isControls {
			continue
		}
		for i, row := range t.Rows {
			places[t.Key(row)] = "'" + t.Tab + "'!" + name(1, i+2)
		}
	}
	return places
}

// target is where the cell of a row leads: a cell that is exactly one id leads to that entry's row.
func (b *book) target(t *table.Table, row []string, column int) string {
	c, cell := t.Columns[column], row[column]
	switch {
	case cell == "":
		return ""
	case len(c.Refs) > 0 && c.Refs[0] != "catalogs":
		return b.places[cell]
	case c.Key == "entry" && t.Name != "controls" && t.Name != "lists":
		if i := t.Column("catalogue"); i >= 0 {
			return b.places[row[i]+"/"+cell]
		}
	}
	return ""
}

// link is a cell and where it leads.
type link struct {
	column, row int
	location    string
}

// links are the links of a sheet, row by row.
type links []link

// take tells whether the cell is that of the next link, and goes on to the one after.
func (l *links) take(column, row int) bool {
	if len(*l) == 0 || (*l)[0].column != column || (*l)[0].row != row {
		return false
	}
	*l = (*l)[1:]
	return true
}

// addLinks adds the links of a tab, at most as many as Excel takes.
//
// excelize compares every new link with all before it: 65,000 links would take 19 seconds. So it makes the first, and
// the others are copies of that, in a list that it exports, though by a type without a name outside.
func (b *book) addLinks(tab string, links links) error {
	if len(links) == 0 {
		return nil
	}
	links = links[:min(len(links), excelize.TotalSheetHyperlinks)]
	if err := b.file.SetCellHyperLink(tab, name(links[0].column, links[0].row), links[0].location, "Location"); err != nil {
		return err
	}
	index, err := b.file.GetSheetIndex(tab)
	if err != nil {
		return err
	}
	ws, _ := b.file.Sheet.Load("xl/worksheets/sheet" + strconv.Itoa(index+1) + ".xml")
	list := reflect.ValueOf(ws).Elem().FieldByName("Hyperlinks").Elem().FieldByName("Hyperlink")
	all := reflect.MakeSlice(list.Type(), len(links), len(links))
	for i, l := range links {
		all.Index(i).FieldByName("Ref").SetString(name(l.column, l.row))
		all.Index(i).FieldByName("Location").SetString(l.location)
	}
	list.Set(all)
	return nil
}
