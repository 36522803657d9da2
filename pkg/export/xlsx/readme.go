package xlsx

import (
	"math"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readMe writes the first page: what this is, what the tabs hold, how to edit and give back, what the colours mean.
func (b *book) readMe() error {
	p := &front{book: b}
	p.add(12)
	p.add(44, cell{2, b.styles.title, b.about.Title})
	p.add(20, cell{2, b.styles.subtitle, b.subtitle()})
	p.add(20, cell{2, b.styles.subtitle, "Made by tmkit from the model's source: the same data as its diagrams and pages."})

	p.section("This workbook")
	for _, fact := range [][2]string{
		{"Model", b.about.Name}, {"Version", b.about.Version}, {"Stage", b.about.Stage}, {"Profile", b.about.Profile},
		{"Audience", b.about.Audience}, {"Digest of the model", b.about.Digest}, {"Schema version", b.about.SchemaVersion},
		{"Format version", b.about.FormatVersion},
	} {
		if fact[1] != "" {
			p.line(fact[0], fact[1])
		}
	}

	p.section("The tabs")
	p.add(20, cell{2, b.styles.label, "Tab"}, cell{3, b.styles.label, "What a row is"}, cell{4, b.styles.count, "Rows"})
	for _, tab := range b.tabs[1:] {
		if hidden(tab) {
			continue
		}
		help, rows := "", 0
		if t := b.byTab[tab]; t != nil {
			help, rows = phrase(t.Help), len(t.Rows)
		} else {
			help, rows = b.moreHelp()
		}
		p.links = append(p.links, link{2, len(p.rows) + 1, "'" + tab + "'!A1"})
		p.add(p.height(help), cell{2, b.styles.anchor, tab}, cell{3, b.styles.prose, help}, cell{4, b.styles.count, rows})
	}

	p.section("How to edit it")
	for _, l := range [][2]string{
		{"Google Sheets", "File > Import > Upload, and choose this file. Every cell is text; where you are asked whether to convert text to numbers, dates and formulas, say no."},
		{"Long texts", "Rows show three lines at most. The whole text is in the cell: click on it, or make the row taller."},
		{"Lists", `Ids and words in one cell are joined with "; ", such as kubelet; etcd.`},
		{"Lines", `Sentences, and pairs such as "operator: rotate the key", stand one a line. A new line is Alt+Enter, or Ctrl+Enter.`},
		{"Relations", "What has attributes of its own has its own tab: what a countermeasure does about a threat is in Threat-Countermeasure, what a threat puts at risk in At risk, what was decided in Decisions."},
		{"Grey columns", `A heading that ends in "(auto)" follows from other cells. It is there to read, filter and sort by, and is not read back.`},
		{"Drop-downs", "Where only some words are possible, a cell offers them. Where ids are due it offers those there are, and lets others pass with a warning."},
		{"Notes", "Point at a heading to read what its column means."},
		{"Ids", "Keep them: a row is known by its id. Blue ids lead to their entry."},
		{"New rows", "Write below the last row, where there are spare ones with everything in place, and leave the id empty: one is proposed."},
		{"Workshops", "Write notes into the Inbox. A title is enough; a threat can be made of it later."},
		{"Sort and filter", "As you like. Rows and columns may also be moved and hidden."},
	} {
		p.line(l[0], l[1])
	}

	p.section("How to give it back")
	if b.about.Profile != "" {
		p.line("Not this one", "It shows the model in a profile, so that a change could mean either, and is not read back. Ask for the workbook without a profile.")
	} else {
		for _, l := range [][2]string{
			{"Hand it back", "In Google Sheets File > Download > Microsoft Excel (.xlsx), elsewhere save it as .xlsx. Send the file to those who keep the model: what you edited changes in its source, and nothing else does."},
			{"Leave as they are", "Ids, the headings in the first row, the hidden tabs and the hidden last column. They tell what you changed from what others changed in the meantime."},
			{"Changed by both", "Where the model's source has changed in the same cell, nobody's text is lost: both are shown, and the keepers of the model decide."},
			{"Emptied, deleted", "An emptied cell and a deleted row change nothing by themselves. Tell the keepers when you mean it."},
			{"Mistakes", "All are told at once, each with its cell and what is allowed there. Rows that lack something can come back to you with what is missing beside each cell."},
			{"Refused", "A value that the source computes, or takes from elsewhere, cannot be changed here. You hear where it comes from."},
			{"Your own", "Comments on cells are told to the keepers. Columns, tabs, colours and widths of your own do no harm, and do not enter the model."},
		} {
			p.line(l[0], l[1])
		}
	}

	p.section("The colours")
	p.line("In words", "A colour only repeats the word that is in the cell.")
	for _, sc := range scales() {
		p.add(6)
		p.add(20, cell{2, b.styles.label, sc.title})
		for _, t := range sc.tones {
			p.add(20, cell{2, b.styles.word[t.fill], t.word}, cell{3, b.styles.note, t.name + ". " + t.means})
		}
	}

	if len(b.about.Disclaimers) > 0 {
		p.section("Please note")
		for _, d := range b.about.Disclaimers {
			p.add(p.height(d), cell{3, b.styles.prose, d})
		}
	}
	return p.write()
}

// moreHelp is what the tab of all the rest holds, and how many lines.
func (b *book) moreHelp() (help string, rows int) {
	var titles []string
	for _, t := range b.set.Tables {
		if t.Tab != "" {
			continue
		}
		titles = append(titles, t.Title)
		for _, row := range t.Rows {
			for _, cell := range row {
				if cell != "" {
					rows++
				}
			}
		}
	}
	return "A cell of a table that has no tab of its own: " + strings.Join(titles, ", ") + ".", rows
}

// subtitle is the state of the model in one line.
func (b *book) subtitle() string {
	parts := []string{"Threat model"}
	for _, p := range [][2]string{{"version", b.about.Version}, {"stage", b.about.Stage}, {"profile", b.about.Profile}, {"audience", b.about.Audience}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, "  ·  ")
}

// front collects the rows of the first tab: how many there are must be known before they are written.
type front struct {
	book  *book
	rows  []line
	links links
}

type line struct {
	height float64
	cells  []cell
}

type cell struct {
	column, style int
	value         any
}

// proseWidth is the width of the column of sentences.
const proseWidth = 100

func (p *front) add(height float64, cells ...cell) { p.rows = append(p.rows, line{height, cells}) }

func (p *front) section(title string) {
	p.add(12)
	p.add(26, cell{2, p.book.styles.section, title}, cell{3, p.book.styles.section, nil}, cell{4, p.book.styles.section, nil})
	p.add(6)
}

func (p *front) line(label, prose string) {
	p.add(p.height(prose), cell{2, p.book.styles.label, label}, cell{3, p.book.styles.prose, prose})
}

// height is tall enough for all of a text.
func (p *front) height(prose string) float64 {
	return height(max(1, linesOf(prose, proseWidth, math.MaxInt))) + rowMargin
}

func (p *front) write() error {
	b := p.book
	hide := false
	if err := b.file.SetSheetView(readMe, 0, &excelize.ViewOptions{ShowGridLines: &hide}); err != nil {
		return err
	}
	if err := b.look(readMe, true); err != nil {
		return err
	}
	if err := b.addLinks(readMe, p.links); err != nil {
		return err
	}
	s, err := b.sheet(readMe, 4, len(p.rows))
	if err != nil {
		return err
	}
	for i, width := range []float64{3, 26, proseWidth, 9} {
		if err := s.stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	for _, l := range p.rows {
		for _, c := range l.cells {
			s.set(c.column, c.style, c.value)
		}
		if err := s.next(l.height); err != nil {
			return err
		}
	}
	return s.close()
}
