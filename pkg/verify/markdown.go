package verify

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// readMarkdown reads the pages of a model back, those below markdown/ among the files, and compares the rows of the tables
// that they tell with those of the model. The heading of an entry is its id. What is below it tells the fields, by the
// headings that the tables have for them, and the rows of relations, as relationRules lists them; what no row has is extra.
//
// Texts are as a reader of the page sees them. The layout may change white space alone: the break of a line within a
// paragraph is a blank, and paragraphs and items of a list are apart whatever number of empty lines is between them. Every
// link has to lead to a heading, that of the id which it shows where it shows one, and ids of entries in fields have to be
// links.
//
// Of what is derived, the derived columns of entries are compared, as are the cells of tables whose rows are about an entry,
// the indexes of collections, the titles and descriptions of diagrams, and that an entry shows the ids of all that name it.
// Left to a comparison of bytes are the rows that other tables of several entries have, and cells that the tables of the
// model do not have: counts, parts in a threat, what is as installed; the words behind a title, and beside the ids of
// a derived list; the entries of catalogues that the model does not cite; legends, and sentences that introduce; the first
// line of a page; and the order of sections and of rows without a number. What diagrams draw, readMermaid compares.
func readMarkdown(files map[string][]byte, want *Expected) Result {
	r := readPages(files, want)
	r.compareDiagrams()
	for _, t := range want.Tables.Tables {
		r.compare(t)
	}
	r.sort()
	return r.Result
}

// readPages reads the pages among the files.
func readPages(files map[string][]byte, want *Expected) *pageReader {
	r := newPageReader(want)
	var pages [][]*section
	for _, file := range model.Keys(files) {
		if !strings.HasPrefix(file, "markdown/") {
			continue
		}
		r.Files++
		sections := parsePage(file, string(files[file]))
		pages = append(pages, sections)
		r.plan(file, sections)
	}
	for _, sections := range pages {
		r.page(sections)
	}
	r.tellAbout()
	return r
}

// pageTable is a table as the pages tell it.
type pageTable struct {
	*table.Table
	// columns are the columns by heading in lower case, without what marks a derived one.
	columns map[string]int
	// want are the model's rows, rows those of the pages, by key; keys are in the order of the pages.
	want map[string][]string
	rows map[string]*pageRow
	keys []string
	// headed says that a heading is a row.
	headed bool
}

// pageRow is a row as the pages tell it.
type pageRow struct {
	file  string
	line  int
	cells []pageCell
	// inTable and inList say where the row was told: it may be in both, in neither twice.
	inTable, inList bool
	// misled says that a link in the row leads elsewhere.
	misled bool
}

// pageCell is what is told of a cell, and at which line; that is 0 where nothing is told.
type pageCell struct {
	text string
	line int
}

func newPageTable(t *table.Table) *pageTable {
	p := &pageTable{Table: t, columns: make(map[string]int, len(t.Columns)), want: make(map[string][]string, len(t.Rows)), rows: make(map[string]*pageRow, len(t.Rows))}
	for _, row := range t.Rows {
		p.want[t.Key(row)] = row
	}
	for i, c := range t.Columns {
		heading := strings.ToLower(strings.TrimSuffix(c.Heading, table.Auto))
		if _, taken := p.columns[heading]; !taken || !c.Derived {
			p.columns[heading] = i
		}
	}
	return p
}

// tellsEntries says that the rows are entries of a collection, which have sections of their own.
func (t *pageTable) tellsEntries() bool { return t.Keys == 1 && t.Columns[0].Key == "id" }

// isData says that a table has more than what is derived.
func isData(t *table.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c table.Column) bool { return !c.Derived })
}

// compare compares the rows of a table with what the pages tell of them.
func (r *pageReader) compare(t *table.Table) {
	if !isData(t) {
		return
	}
	told := r.tables[t.Name]
	for i, row := range t.Rows {
		key := t.Key(row)
		got := told.rows[key]
		if got == nil {
			file, line := r.placeOf(told, i)
			r.add(Difference{Kind: Missing, File: file, Place: line, Record: t.Name + " " + key})
			continue
		}
		fields, right := 0, !got.misled
		for i, c := range t.Columns {
			d := Difference{File: got.file, Record: t.Name + " " + key, Field: c.Key, Want: row[i], Got: got.cells[i].text, Place: strconv.Itoa(got.cells[i].line)}
			switch {
			case got.cells[i].line == 0:
				if row[i] == "" || c.Derived && (row[i] == "0" || !r.isToldOf(t, c)) {
					continue
				}
				d.Kind, d.Place = Missing, strconv.Itoa(got.line)
			case row[i] == "":
				d.Kind = Extra
			case c.Derived && sameDerived(c, row[i], d.Got), !c.Derived && (row[i] == d.Got || shown(c, row[i]) == d.Got):
				if !c.Derived {
					fields++
				}
				continue
			default:
				d.Kind = Different
			}
			right = false
			r.add(d)
		}
		if right {
			r.count(t, fields)
		}
	}
	for _, key := range told.keys {
		if got := told.rows[key]; told.want[key] == nil && !r.isUncitedGroup(t, key, got) {
			r.add(Difference{Kind: Extra, File: got.file, Place: strconv.Itoa(got.line), Record: t.Name + " " + key})
		}
	}
}

// shown is how a page shows a cell: prose as its paragraphs and items, and the JSON of a profile without the quotes of
// texts. Which of both a value there is, the type of its field tells.
func shown(c table.Column, cell string) string {
	if c.Type != nil && c.Type.Kind == schema.Any {
		var text string
		var words []string
		switch {
		case cell == "null":
			return string(markup) + "taken away" + string(markup)
		case json.Unmarshal([]byte(cell), &text) == nil:
			cell = text
		case json.Unmarshal([]byte(cell), &words) == nil && len(words) > 0 && !slices.ContainsFunc(words, func(s string) bool { return strings.Contains(s, ", ") }):
			return strings.Join(words, ", ")
		}
	} else if c.Form != table.Text {
		return cell
	}
	var blocks []string
	open := false
	for line := range strings.SplitSeq(cell, "\n") {
		switch blank := strings.TrimSpace(line) == ""; {
		case blank:
			open = false
		case open && (!strings.HasPrefix(line, "- ") || strings.TrimSpace(line[2:]) == ""):
			blocks[len(blocks)-1] += " " + line
		default:
			blocks = append(blocks, line)
			open = true
		}
	}
	return strings.Join(blocks, "\n")
}

// sameDerived says that a page shows a derived cell: a list in any order, words of the contract without their hyphens, and
// in an index the number of items of a list.
func sameDerived(c table.Column, cell, got string) bool {
	if c.Form != table.Words {
		return plainWords(cell) == plainWords(got)
	}
	if strings.Contains(cell, "; and ") {
		return true // cut short, since it is too long for a sheet
	}
	items, told := table.Split(cell), table.Split(got)
	slices.Sort(items)
	slices.Sort(told)
	return slices.Equal(items, told) || got == strconv.Itoa(len(items))
}

func plainWords(s string) string { return strings.ReplaceAll(s, "-", " ") }

// isToldOf says that the pages of entries tell a derived column. Some repeat what the rows of a relation have.
func (r *pageReader) isToldOf(t *table.Table, c table.Column) bool {
	return r.tables[t.Name].tellsEntries() && !slices.Contains([]string{"decision-auto", "at-risk-auto", "techniques-auto"}, c.Key)
}

// isUncitedGroup says that a row is of a group which the model does not cite: each has its page all the same.
func (r *pageReader) isUncitedGroup(t *table.Table, key string, got *pageRow) bool {
	keys, ok := t.SplitKey(key)
	if !ok || t.Name != "catalogue-groups" || r.want.Model.Catalogs[keys[0]] == nil {
		return false
	}
	g := r.want.Model.Catalogs[keys[0]].Groups[keys[1]]
	return g != nil && got.cells[t.Column("title")].text == g.Title
}

// placeOf is where a row would be told that is not: in the part that has the relation, in the entry that it is of, or on the
// page to which links to the entry lead, above the next entry there.
func (r *pageReader) placeOf(t *pageTable, i int) (file, line string) {
	row := t.Rows[i]
	if p, ok := r.parts[[2]string{t.Name, row[0]}]; ok {
		return p.file, strconv.Itoa(p.line)
	}
	for _, owner := range []*pageTable{r.collections[r.want.Facts.Index[row[0]]], r.tables["catalogues"], r.tables["crosswalks"], r.about} {
		if owner != nil && !t.headed && owner.rows[row[0]] != nil {
			return owner.rows[row[0]].file, strconv.Itoa(owner.rows[row[0]].line)
		}
	}
	if file = r.lost[row[t.Keys-1]]; file == "" && len(t.keys) > 0 {
		file = t.rows[t.keys[0]].file // where the others are
	}
	for _, next := range t.Rows[i+1:] {
		if told := t.rows[t.Key(next)]; told != nil && told.file == file {
			return file, strconv.Itoa(told.line)
		}
	}
	if t.Name == "considered" {
		file = cmp.Or(file, "markdown/considered.md")
	}
	return cmp.Or(file, "markdown/about.md"), ""
}

// compareDiagrams compares the titles and descriptions of the diagrams on the pages.
func (r *pageReader) compareDiagrams() {
	for _, d := range r.want.Diagrams {
		title := strings.ReplaceAll(d.Title, "\n", " ")
		record := "diagram " + d.Name
		if len(r.diagrams[title]) == 0 {
			r.add(Difference{Kind: Missing, File: "markdown/diagrams.md", Record: record, Want: title})
			continue
		}
		got := r.diagrams[title][0]
		r.diagrams[title] = r.diagrams[title][1:]
		if want := strings.ReplaceAll(d.Description, "\n", " "); want != got.text {
			r.add(Difference{Kind: Different, File: got.file, Place: strconv.Itoa(got.line), Record: record, Field: "description", Want: want, Got: got.text})
		}
	}
	for _, title := range model.Keys(r.diagrams) {
		for _, got := range r.diagrams[title] {
			r.add(Difference{Kind: Extra, File: got.file, Place: strconv.Itoa(got.line), Record: "diagram", Got: title})
		}
	}
}

// tellAbout tells the rows of the model's own fields, which the pages show as the fields of one entry.
func (r *pageReader) tellAbout() {
	t := r.tables[r.about.Name]
	for _, key := range r.about.keys {
		row := r.about.rows[key]
		for i, cell := range row.cells {
			if i >= r.about.Keys && cell.line != 0 {
				field := r.about.Columns[i].Key
				t.rows[field] = &pageRow{file: row.file, line: cell.line, cells: []pageCell{{field, cell.line}, cell}, misled: row.misled}
			}
		}
	}
}
