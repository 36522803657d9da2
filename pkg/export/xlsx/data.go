package xlsx

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/table"
)

const (
	// spare is how many empty rows below the data are ready for new entries: text format, drop-downs, colours.
	spare = 200
	// frozen is how many characters of key columns stay in view.
	frozen = 75
	// tallest is how many lines of a cell are shown.
	tallest = 3
	// lineHeight and rowMargin are in points, for text of size 10.
	lineHeight, rowMargin = 13.0, 4.0
	// rowHash heads the hidden last column.
	rowHash = "_row"
)

// data writes the tab of a table: a header, the rows, and spare rows.
func (b *book) data(t *table.Table) error {
	g := grid{tab: t.Tab, columns: t.Columns, rows: len(t.Rows), spare: spare, hashed: editable(t)}
	if !g.hashed {
		g.spare = 0
	}
	g.frozen = 1
	for width := t.Columns[0].Width; g.frozen < len(t.Columns); g.frozen++ {
		c := t.Columns[g.frozen]
		if width += c.Width; width > frozen || g.frozen >= t.Keys && c.Key != "title" {
			break
		}
	}
	var links links
	for i, row := range t.Rows {
		for j := range row {
			if to := b.target(t, row, j); to != "" {
				links = append(links, link{j + 1, i + 2, to})
			}
		}
	}
	if err := b.addLinks(t.Tab, links); err != nil {
		return err
	}
	s, err := b.openGrid(g)
	if err != nil {
		return err
	}
	hash := t.Hasher()
	for i, row := range t.Rows {
		lines := 1
		for j, cell := range row {
			style := b.styles.text
			switch {
			case links.take(j+1, i+2):
				style = b.styles.link
			case t.Columns[j].Derived && g.hashed:
				style = b.styles.derived
			}
			s.set(j+1, style, text(cell))
			lines = max(lines, linesOf(cell, t.Columns[j].Width, tallest))
		}
		if g.hashed {
			s.set(len(row)+1, b.styles.hash, hash.Row(row))
		}
		if err := s.next(height(lines)); err != nil {
			return err
		}
	}
	return b.closeGrid(s, g)
}

// editable says that something in a table is read back.
func editable(t *table.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c table.Column) bool { return !c.Derived })
}

// grid is what a sheet of rows looks like.
type grid struct {
	tab         string
	columns     []table.Column
	rows, spare int
	// frozen is how many of the first columns stay in view.
	frozen int
	// hashed says that a hidden column holds the hashes of the rows.
	hashed bool
}

func (g grid) width() int {
	if g.hashed {
		return len(g.columns) + 1
	}
	return len(g.columns)
}

func (g grid) last() int { return 1 + g.rows + g.spare }

// openGrid makes a sheet of rows and writes its header.
func (b *book) openGrid(g grid) (*sheet, error) {
	f := b.file
	// The hashes are in the range too: sorting must take them along.
	if err := f.AutoFilter(g.tab, area(1, 1, g.width(), g.last()), nil); err != nil {
		return nil, err
	}
	if err := b.look(g.tab, !g.hashed); err != nil {
		return nil, err
	}
	// Numbers as text are meant: no green corners.
	if err := f.AddIgnoredErrors(g.tab, area(1, 1, g.width(), g.last()), excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return nil, err
	}
	for i, c := range g.columns {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		if err := f.SetColWidth(g.tab, col, col, float64(max(c.Width, 6))); err != nil {
			return nil, err
		}
		if err := b.dropDown(g.tab, i+1, g.last(), c); err != nil {
			return nil, err
		}
		if err := b.colours(g.tab, area(i+1, 2, i+1, g.last()), scaleOf(c)); err != nil {
			return nil, err
		}
		// Notes take their place from the widths of the columns.
		if err := f.AddComment(g.tab, note(name(i+1, 1), c)); err != nil {
			return nil, err
		}
	}
	s, err := b.sheet(g.tab, g.width(), g.last())
	if err != nil {
		return nil, err
	}
	if err := s.stream.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: g.frozen, YSplit: 1, TopLeftCell: name(g.frozen+1, 2), ActivePane: "bottomRight",
	}); err != nil {
		return nil, err
	}
	if err := s.stream.SetColStyle(1, g.width(), b.styles.text); err != nil {
		return nil, err
	}
	if g.hashed {
		if err := s.stream.SetColVisible(g.width(), g.width(), false); err != nil {
			return nil, err
		}
		s.set(g.width(), b.styles.derivedHeader, rowHash)
	}
	lines := 1
	for i, c := range g.columns {
		style := b.styles.header
		if c.Derived {
			style = b.styles.derivedHeader
		}
		s.set(i+1, style, c.Heading)
		// Bold, and beside the filter's button.
		lines = max(lines, linesOf(c.Heading, max(c.Width, 6)-3, tallest))
	}
	return s, s.next(height(lines) + rowMargin)
}

// closeGrid writes the spare rows. Their cells are there, empty, for programs that look at no column's style.
func (b *book) closeGrid(s *sheet, g grid) error {
	for range g.spare {
		for i := range g.width() {
			s.set(i+1, b.styles.text, nil)
		}
		if err := s.next(0); err != nil {
			return err
		}
	}
	return s.close()
}

// colours gives words their colours by rules of the plainest kind, which survive an import to Google Sheets.
func (b *book) colours(tab, where string, sc scale) error {
	var rules []excelize.ConditionalFormatOptions
	for _, t := range sc.tones {
		if t.fill == "" {
			continue
		}
		format := b.styles.rule[t.fill]
		rules = append(rules, excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: `"` + t.word + `"`, Format: &format})
	}
	if rules == nil {
		return nil
	}
	return b.file.SetConditionalFormat(tab, where, rules)
}

// note is what a column is about, to be read on its header.
func note(cell string, c table.Column) excelize.Comment {
	lines := []string{phrase(c.Help)}
	switch {
	case c.Derived:
		lines = append(lines, "Follows from other cells; it is not read back.")
	case c.Required:
		lines = append(lines, "Never empty.")
	}
	if !c.Derived {
		switch c.Form {
		case table.Words:
			lines = append(lines, `Several are joined with "; ".`)
		case table.Lines:
			lines = append(lines, "One a line.")
		case table.Pairs:
			lines = append(lines, `One a line, each "word: text".`)
		}
		if len(c.Refs) > 0 && c.Refs[0] != "any" {
			lines = append(lines, "Ids of: "+strings.Join(c.Refs, ", ")+".")
		}
	}
	if len(c.Allowed) > 0 {
		lines = append(lines, "Words: "+strings.Join(c.Allowed, ", ")+".")
	}
	const width, perLine = 300, 46
	tall := 1
	for _, l := range lines {
		tall += 1 + utf8.RuneCountInString(l)/perLine
	}
	return excelize.Comment{
		Cell: cell, Author: "tmkit", Width: width, Height: uint(18 * tall),
		Paragraph: []excelize.RichTextRun{{Text: strings.Join(lines, "\n")}},
	}
}

// phrase makes a sentence of a help text that goes on from a name, such as "Is the key of the entry."
func phrase(help string) string {
	for _, verb := range []string{"Is ", "Are "} {
		if rest, ok := strings.CutPrefix(help, verb); ok {
			first, size := utf8.DecodeRuneInString(rest)
			help = strings.ToUpper(string(first)) + rest[size:]
		}
	}
	if help != "" && !strings.HasSuffix(help, ".") {
		help += "."
	}
	return help
}

// look sets how a sheet prints, and the colour of its tab: that of those to read differs from that of those to edit.
func (b *book) look(tab string, toRead bool) error {
	color := "FF" + accent
	if toRead {
		color = "FF9AA5B1"
	}
	if err := b.file.SetSheetProps(tab, &excelize.SheetPropsOptions{TabColorRGB: &color}); err != nil {
		return err
	}
	landscape, a4 := "landscape", 9
	return b.file.SetPageLayout(tab, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4})
}

// text is a cell's value: an empty cell has none.
func text(cell string) any {
	if cell == "" {
		return nil
	}
	return cell
}

// linesOf estimates on how many lines a text is shown in a column, up to a limit.
func linesOf(cell string, width, limit int) int {
	// A column is as wide as so many digits; letters are narrower.
	perLine := max(1, width*11/10)
	lines := 0
	for line := range strings.Lines(cell) {
		lines += 1 + max(0, len(line)-1)/perLine
		if lines >= limit {
			return limit
		}
	}
	return lines
}

func height(lines int) float64 { return float64(lines)*lineHeight + rowMargin }
