package xlsx

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/table"
)

// longest is how many items a drop-down has at most: Google Sheets takes no more.
const longest = 500

// wordLists are the lists of words that drop-downs offer, each a column of the hidden tab.
type wordLists struct {
	titles []string
	words  [][]string
}

// ref is the range of a list's words, absolute and without a leading "=": otherwise Google Sheets would shift it.
func (l *wordLists) ref(title string, words []string) string {
	i := slices.IndexFunc(l.words, func(w []string) bool { return slices.Equal(w, words) })
	if i < 0 {
		i = len(l.words)
		l.titles, l.words = append(l.titles, title), append(l.words, words)
	}
	col, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		panic(err)
	}
	return lists + "!$" + col + "$2:$" + col + "$" + name(1, 1+len(words))[1:]
}

// dropDown offers what a column's cells may hold, in the data rows and in the spare ones. A cell of several items has
// none: choosing would replace all of them.
func (b *book) dropDown(tab string, number, last int, c table.Column) error {
	if c.Derived || c.Form != table.Text {
		return nil
	}
	title, words := c.Heading, c.Allowed
	if len(words) == 0 {
		title, words = strings.Join(c.Refs, ", "), b.ids(c.Refs)
	}
	if len(words) == 0 || len(words) > longest {
		return nil
	}
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(area(number, 2, number, last))
	dv.SetSqrefDropList(b.lists.ref(title, words))
	if len(c.Allowed) > 0 {
		dv.SetError(excelize.DataValidationErrorStyleStop, "Not in the list", "Choose a word of the list. No other is read back.")
	} else {
		// An id may be that of a new row.
		dv.SetError(excelize.DataValidationErrorStyleWarning, "Not in the list", "No entry had this id. Is it that of a new row?")
	}
	return b.file.AddDataValidation(tab, dv)
}

// ids are the ids of collections, or nothing where any id will do.
func (b *book) ids(collections []string) []string {
	var out []string
	for _, c := range collections {
		t := b.set.Table(tableOf(c))
		if t == nil || t.Keys != 1 {
			return nil
		}
		for _, row := range t.Rows {
			out = append(out, row[0])
		}
	}
	return out
}

// tableOf is the name of a collection's table.
func tableOf(collection string) string {
	if collection == "catalogs" {
		return "catalogues"
	}
	var s strings.Builder
	for _, r := range collection {
		if unicode.IsUpper(r) {
			s.WriteByte('-')
		}
		s.WriteRune(unicode.ToLower(r))
	}
	return s.String()
}

// writeLists comes after the tabs that use the lists.
func (b *book) writeLists() error {
	rows := 0
	for _, words := range b.lists.words {
		rows = max(rows, len(words))
	}
	columns := max(1, len(b.lists.words))
	s, err := b.sheet(lists, columns, 1+rows)
	if err != nil {
		return err
	}
	for i, title := range b.lists.titles {
		s.set(i+1, b.styles.label, title)
	}
	if err := s.next(0); err != nil {
		return err
	}
	for row := range rows {
		for i, words := range b.lists.words {
			if row < len(words) {
				s.set(i+1, b.styles.prose, words[row])
			}
		}
		if err := s.next(0); err != nil {
			return err
		}
	}
	return s.close()
}
