package xlsx

import (
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// heatMap writes the table of counts as coloured matrices, one below the other, each with the themes beside it.
//
// The table reads back as the rows of which the first cells, one for each of its columns, are filled and the last of
// them is a number.
func (b *book) heatMap() error {
	m := &matrices{book: b, table: b.byTab[heat], themes: b.themes()}
	m.themesAt = len(m.table.Columns) + 2
	rows := 3
	for _, row := range m.table.Rows {
		if n := len(m.blocks); n == 0 || m.blocks[n-1][0][0] != row[0] {
			m.blocks = append(m.blocks, nil)
		}
		last := &m.blocks[len(m.blocks)-1]
		*last = append(*last, row)
	}
	for _, block := range m.blocks {
		rows += 3 + max(len(block), len(m.themes))
	}
	if err := m.open(rows); err != nil {
		return err
	}
	m.set(1, b.styles.title, "Heat map")
	if err := m.next(42); err != nil {
		return err
	}
	m.set(1, b.styles.subtitle, "How many threats have which likelihood and impact. The colour is the level of risk that the two give together.")
	if err := m.next(22); err != nil {
		return err
	}
	m.set(2, b.styles.axis, "Risk:")
	for i, l := range model.Levels() {
		m.set(3+i, b.styles.word[fillOf(l)], heading(string(l)))
	}
	if err := m.next(22); err != nil {
		return err
	}
	for _, block := range m.blocks {
		if err := m.next(0); err != nil {
			return err
		}
		if err := m.write(block); err != nil {
			return err
		}
	}
	return m.close()
}

// matrices is the heat map in the making.
type matrices struct {
	*sheet
	book  *book
	table *table.Table
	// blocks are the table's rows, by state.
	blocks [][][]string
	themes []theme
	// themesAt is the column of the themes' titles.
	themesAt int
}

func (m *matrices) open(rows int) error {
	f := m.book.file
	hide, fit, one, any := false, true, 1, 0
	if err := f.SetSheetView(heat, 0, &excelize.ViewOptions{ShowGridLines: &hide}); err != nil {
		return err
	}
	if err := m.book.look(heat, true); err != nil {
		return err
	}
	if err := f.SetSheetProps(heat, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageLayout(heat, &excelize.PageLayoutOptions{FitToWidth: &one, FitToHeight: &any}); err != nil {
		return err
	}
	last := m.themesAt + len(model.Levels())
	var err error
	if m.sheet, err = m.book.sheet(heat, last, rows); err != nil {
		return err
	}
	if err := m.stream.SetColWidth(1, m.themesAt-2, 13); err != nil {
		return err
	}
	if err := m.stream.SetColWidth(m.themesAt-1, m.themesAt-1, 4); err != nil {
		return err
	}
	if err := m.stream.SetColWidth(m.themesAt, m.themesAt, 34); err != nil {
		return err
	}
	return m.stream.SetColWidth(m.themesAt+1, last, 11)
}

// write writes the rows of one state, with their heading.
func (m *matrices) write(rows [][]string) error {
	st, state := m.book.styles, rows[0][0]
	for i := range m.table.Columns {
		m.set(1+i, st.section, nil)
	}
	m.set(1, st.section, stateHeading(state))
	if len(m.themes) > 0 {
		for i := range 1 + len(model.Levels()) {
			m.set(m.themesAt+i, st.section, nil)
		}
		m.set(m.themesAt, st.section, "Themes, "+state)
	}
	if err := m.next(26); err != nil {
		return err
	}

	for i, c := range m.table.Columns {
		style := st.column
		if i < 2 {
			style = st.value
		}
		m.set(1+i, style, strings.TrimSuffix(c.Heading, table.Auto))
	}
	if len(m.themes) > 0 {
		m.set(m.themesAt, st.value, "Theme")
		for i, l := range model.Levels() {
			m.set(m.themesAt+1+i, st.column, heading(string(l))+" risk")
		}
	}
	if err := m.next(30); err != nil {
		return err
	}

	for i := range max(len(rows), len(m.themes)) {
		if i < len(rows) {
			row := rows[i]
			m.set(1, st.axis, row[0])
			m.set(2, st.value, row[1])
			for j := 2; j < len(row); j++ {
				m.count(1+j, row[j], fillOf(m.book.risk(row[1], m.table.Columns[j].Key)))
			}
		}
		if i < len(m.themes) {
			m.set(m.themesAt, st.axis, m.themes[i].title)
			for j, l := range model.Levels() {
				m.count(m.themesAt+1+j, strconv.Itoa(m.themes[i].counts[state][l]), fillOf(l))
			}
		}
		if err := m.next(30); err != nil {
			return err
		}
	}
	return nil
}

// count writes a number as one; a nothing is pale.
func (m *matrices) count(column int, cell, fill string) {
	style := m.book.styles.word[fill]
	if cell == "0" {
		style = m.book.styles.pale[fill]
	}
	// What would not read back as the same text stays text.
	if n, err := strconv.Atoi(cell); err == nil && strconv.Itoa(n) == cell {
		m.set(column, style, n)
		return
	}
	m.set(column, style, text(cell))
}

// risk is the level that the model's own matrix gives.
func (b *book) risk(likelihood, impact string) model.Level {
	if t := b.set.Table("risk-matrix"); t != nil && t.Column(impact) >= 0 {
		for _, row := range t.Rows {
			if row[0] == likelihood {
				return model.Level(row[t.Column(impact)])
			}
		}
	}
	return ""
}

// theme is how many threats of a theme have which level of risk, in each state.
type theme struct {
	title  string
	counts map[string]map[model.Level]int
}

// themes counts the threats of each theme by their risk, where the tables tell.
func (b *book) themes() []theme {
	threats, names := b.set.Table("threats"), b.set.Table("themes")
	if threats == nil || names == nil || threats.Column("theme") < 0 || names.Column("title") < 0 {
		return nil
	}
	var out []theme
	at := map[string]int{}
	for _, row := range names.Rows {
		at[row[0]] = len(out)
		out = append(out, theme{row[names.Column("title")], map[string]map[model.Level]int{}})
	}
	for _, state := range []string{"inherent", "as installed", "hardened"} {
		column := threats.Column(strings.ReplaceAll(state, " ", "-") + "-auto")
		if column < 0 {
			return nil
		}
		for i := range out {
			out[i].counts[state] = map[model.Level]int{}
		}
		for _, row := range threats.Rows {
			if i, ok := at[row[threats.Column("theme")]]; ok {
				out[i].counts[state][model.Level(row[column])]++
			}
		}
	}
	return out
}

func stateHeading(state string) string {
	switch state {
	case "inherent":
		return "Inherent: before any countermeasure"
	case "as installed":
		return "As installed: with what a default installation does"
	case "hardened":
		return "Hardened: with every countermeasure in place"
	}
	return heading(state)
}

// heading writes a word such as very-low as a heading.
func heading(word string) string {
	if word == "" {
		return ""
	}
	s := strings.ReplaceAll(word, "-", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// fillOf is the fill of a level, empty where there is none.
func fillOf(l model.Level) string {
	for _, t := range levels().tones {
		if t.word == string(l) {
			return t.fill
		}
	}
	return ""
}
