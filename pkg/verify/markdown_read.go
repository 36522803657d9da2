package verify

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// pageReader reads pages into the rows of tables.
type pageReader struct {
	Result
	want   *Expected
	tables map[string]*pageTable
	rules  map[string]relationRule
	// labels are those of what is laid out for reading.
	labels []string
	// sections are those of all pages by their address, diagrams those of all pages by title.
	sections map[string]*section
	diagrams map[string][]toldDiagram
	// headings are those of all sections, in lower case.
	headings map[string]bool
	// lost are the pages to which links lead that find no heading there, by their text. parts are where relations are told,
	// by table and entry.
	lost  map[string]string
	parts map[[2]string]pagePart
	// collections are the tables of the collections, about is that of the model's own fields as one row.
	collections map[model.Kind]*pageTable
	about       *pageTable

	// targets are the sections to which the links of the page lead, by target.
	targets map[string]*section
	// at is the section of the entry that is read, nil between entries. Its fields are told of row, the rows of its
	// relations have the id owner, and are counted for those that have numbers; shown are the ids that its links show.
	at      *section
	row     *pageRow
	owner   string
	numbers map[string]int
	shown   map[string]bool
}

// toldDiagram is the description of a diagram on a page.
type toldDiagram struct {
	file, text string
	line       int
}

// pagePart is a part of a section, with its label or heading.
type pagePart struct {
	label, file string
	line        int
	blocks      []toldBlock
}

// toldBlock is a block with its text as it is read. Only a row has cells.
type toldBlock struct {
	kind        blockKind
	line, depth int
	prose
	cells []prose
	// misled says that a link in it leads elsewhere.
	misled bool
}

func newPageReader(want *Expected) *pageReader {
	r := &pageReader{
		Result: Result{Format: "markdown"}, want: want, labels: laidOut(),
		tables: make(map[string]*pageTable), rules: make(map[string]relationRule), sections: make(map[string]*section),
		diagrams: make(map[string][]toldDiagram), lost: make(map[string]string), parts: make(map[[2]string]pagePart),
		collections: make(map[model.Kind]*pageTable), headings: make(map[string]bool),
	}
	for _, t := range want.Tables.Tables {
		told := newPageTable(t)
		r.tables[t.Name] = told
		if told.tellsEntries() && len(t.Origins) == 1 {
			r.collections[model.Kind(t.Origins[0].Collection)] = told
		}
	}
	for _, rule := range relationRules() {
		r.rules[rule.label] = rule
	}
	for _, h := range pagesOfTables() {
		for _, name := range h.tables {
			if t := r.tables[name]; t != nil {
				t.headed = true
			}
		}
	}
	about := &table.Table{Name: table.Itself, Keys: 1, Columns: []table.Column{{Key: "id"}}}
	if t := r.tables[about.Name]; t != nil {
		for _, row := range t.Rows {
			path, err := t.Path(row[:t.Keys], nil)
			if err == nil {
				_, c := t.Cell(path, t.Keys)
				c.Key = row[0]
				about.Columns = append(about.Columns, c)
			}
		}
	}
	r.about = newPageTable(about)
	return r
}

// plan finds out what the headings of a page are, and to which links can lead.
func (r *pageReader) plan(file string, sections []*section) {
	tables, known := r.tablesOf(strings.TrimSuffix(strings.TrimPrefix(file, "markdown/"), ".md"))
	if !known {
		r.add(Difference{Kind: Extra, File: file})
		tables = nil
	}
	anchors := slugs{}
	for _, s := range sections[1:] {
		if i := s.level - 1; i < len(tables) && tables[i] != "" && !slices.Contains(r.labels, s.heading) {
			s.table = r.tables[tables[i]]
			if s.table == r.tables[table.Itself] {
				s.table = r.about
			}
		}
		r.headings[strings.ToLower(closed(s.heading))] = true
		if s.level == 1 && r.sections[file] == nil {
			r.sections[file] = s
		}
		r.sections[file+"#"+anchors.slug(s.heading)] = s
	}
	if r.sections[file] == nil {
		r.add(Difference{Kind: Missing, File: file, Place: "1", Want: "a heading"})
	}
}

// tablesOf returns the tables of the headings of a page by level, and whether there is such a page.
func (r *pageReader) tablesOf(name string) ([]string, bool) {
	for _, h := range pagesOfTables() {
		if fits, err := path.Match(h.pages, name); fits && err == nil {
			return h.tables, true
		}
	}
	folder, inFolder := path.Split(name)
	tables := []string{strings.TrimSuffix(folder, "/")}
	if folder == "" {
		tables = []string{"", inFolder}
	}
	t := r.tables[tables[len(tables)-1]]
	return tables, t != nil && t.tellsEntries()
}

// page reads the sections of a page.
func (r *pageReader) page(sections []*section) {
	r.targets = make(map[string]*section)
	r.at = nil
	for _, s := range sections {
		parts := partsOf(s)
		if r.at != nil && s.table == nil && s.level > r.at.level {
			parts[0].label = s.heading
		} else if r.end(); s.table != nil {
			r.begin(s, parts[0])
		}
		for _, p := range parts {
			r.part(p)
		}
	}
	r.end()
}

// partsOf parts a section where a paragraph begins with a label: bold, with a colon or, of a diagram, with its title.
func partsOf(s *section) []pagePart {
	parts := []pagePart{{file: s.file, line: s.line}}
	for _, b := range s.blocks {
		told := toldBlock{kind: b.kind, line: b.line, depth: b.depth}
		switch b.kind {
		case blockHeadings, blockRow:
			told.cells = b.cells()
		case blockParagraph, blockItem:
			told.prose = parseProse(b.text)
		}
		label, isLabel := strings.CutSuffix(told.text[:told.bold], ":")
		if b.kind == blockParagraph && (isLabel || strings.HasPrefix(label, diagramLabel)) {
			parts = append(parts, pagePart{label: label, file: s.file, line: b.line})
			if told.prose, isLabel = told.after(told.text[:told.bold] + " "); !isLabel {
				continue // nothing is behind it on its line
			}
		}
		p := &parts[len(parts)-1]
		p.blocks = append(p.blocks, told)
	}
	return parts
}

const diagramLabel = "Diagram: "

// begin begins the entry of a section, whose first part is given.
func (r *pageReader) begin(s *section, first pagePart) {
	r.at, r.row, r.owner, r.numbers, r.shown = s, nil, s.heading, make(map[string]int), make(map[string]bool)
	t := s.table
	if t.Name == "considered" {
		return // the heading is the subject of the rows below it
	}
	if t == r.about {
		r.owner = table.Itself
	}
	cells := make([]pageCell, len(t.Columns))
	cells[t.Keys-1] = pageCell{r.owner, s.line}
	if t.Keys > 1 {
		cells[0] = pageCell{r.above(s.file), s.line}
	}
	if t.Name == "catalogue-entries" {
		for _, b := range first.blocks {
			if len(b.cells) == 2 && b.cells[0].text == "Id" && closed(b.cells[1].text) == closed(s.heading) {
				cells[1].text = b.cells[1].text
			}
		}
	}
	r.row = r.tell(t, cells, false, s.line)
}

// end ends the entry that is read, if there is one: it shows the ids of all that name it.
func (r *pageReader) end() {
	if r.at == nil {
		return
	}
	var named []analysis.BackReference
	switch t := r.at.table; {
	case r.collections[r.want.Facts.Index[r.owner]] == t:
		named = r.want.Facts.References[r.owner]
	case t.Name == "catalogue-entries":
		if c := r.want.Facts.Coverage[r.row.cells[0].text]; c != nil && c.Entries[r.row.cells[1].text] != nil {
			named = c.Entries[r.row.cells[1].text].Subjects
		}
	}
	for _, by := range named {
		if !r.shown[by.ID] {
			r.add(Difference{Kind: Missing, File: r.at.file, Place: strconv.Itoa(r.at.line), Record: r.record(), Field: "named by", Want: by.ID})
			r.shown[by.ID] = true
		}
	}
	r.at, r.row, r.owner = nil, nil, ""
}

// closed is the id of a catalogue's entry without the blank that its heading has before a bracket.
func closed(id string) string { return strings.ReplaceAll(id, " (", "(") }

// above is the id of what an entry is a part of: the catalogue of the page's folder, or the first entry of the page.
func (r *pageReader) above(file string) string {
	if strings.HasPrefix(file, "markdown/catalogues/") {
		file = path.Join(path.Dir(file), "README.md")
	}
	if top := r.sections[file]; top != nil {
		return top.heading
	}
	return ""
}

// tell adds a row, or finds the one with its keys that was told in a table when this one is in a list, or the other way
// round. The second of two rows in tables, or in lists, is extra, and so is what is told of it.
func (r *pageReader) tell(t *pageTable, cells []pageCell, inList bool, line int) *pageRow {
	key := t.keyOf(cells)
	told := t.rows[key]
	switch {
	case told == nil:
		told = &pageRow{file: r.at.file, line: line, cells: cells}
		t.rows[key] = told
		t.keys = append(t.keys, key)
	case inList && told.inList, !inList && told.inTable:
		r.add(Difference{Kind: Extra, File: r.at.file, Place: strconv.Itoa(line), Record: t.Name + " " + key, Got: "a second time"})
		return &pageRow{file: r.at.file, line: line, cells: cells}
	default:
		for i, c := range cells {
			if told.cells[i].line == 0 {
				told.cells[i] = c
			}
		}
	}
	told.inList, told.inTable = told.inList || inList, told.inTable || !inList
	return told
}

// keyOf is the key of a row.
func (t *pageTable) keyOf(cells []pageCell) string {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = c.text
	}
	return t.Key(row)
}

// record names the entry that is read, empty between entries.
func (r *pageReader) record() string {
	switch {
	case r.at == nil:
		return ""
	case r.row == nil:
		return r.at.table.Name + " " + r.owner
	}
	return r.at.table.Name + " " + r.at.table.keyOf(r.row.cells)
}

// extra reports what the entry has no field or row for.
func (r *pageReader) extra(line int, field, got string) {
	r.add(Difference{Kind: Extra, File: r.at.file, Place: strconv.Itoa(line), Record: r.record(), Field: field, Got: got})
}

// set sets a cell of the entry.
func (r *pageReader) set(column, line int, text string, misled bool) {
	r.row.misled = r.row.misled || misled
	switch cell := &r.row.cells[column]; {
	case text == "":
	case cell.line != 0:
		r.extra(line, r.at.table.Columns[column].Key, text)
	default:
		*cell = pageCell{text, line}
	}
}

// part reads a part of a section.
func (r *pageReader) part(p pagePart) {
	for i := range p.blocks {
		b := &p.blocks[i]
		b.misled = !r.follow(p, b.line, b.prose)
		for _, cell := range b.cells {
			b.misled = !r.follow(p, b.line, cell) || b.misled
		}
	}
	if title, ok := strings.CutPrefix(p.label, diagramLabel); ok {
		d := toldDiagram{file: p.file, line: p.line}
		if len(p.blocks) > 0 {
			d.text = p.blocks[0].text
		}
		title = strings.TrimSuffix(title, ".")
		r.diagrams[title] = append(r.diagrams[title], d)
		return
	}
	rule, isRelation := r.rules[p.label]
	if isRelation && r.at != nil {
		r.parts[[2]string{rule.table, r.owner}] = p
	}
	var texts []toldBlock
	for i, n := 0, 0; i < len(p.blocks); i = n {
		for n = i + 1; n < len(p.blocks) && p.blocks[n].kind == blockRow; n++ {
		}
		if p.blocks[i].kind == blockHeadings {
			if n == i+1 || slices.ContainsFunc(p.blocks[i+1].cells, func(cell prose) bool { return strings.Trim(cell.text, "-") != "" }) {
				r.add(Difference{Kind: Missing, File: p.file, Place: strconv.Itoa(p.blocks[i].line), Want: "a line of hyphens below the headings of a table"})
			}
			r.rows(p, p.blocks[i].cells, p.blocks[min(i+2, n):n])
		} else {
			texts = append(texts, p.blocks[i])
		}
	}
	switch column := r.column(p.label); {
	case r.at == nil:
	case isRelation:
		r.list(rule, p, texts)
	case p.label == "":
		r.lead(texts)
	case column >= 0 && !r.at.table.Columns[column].Derived:
		if len(texts) > 0 {
			text, misled := joined(texts, r.at.table.Columns[column].Form == table.Lines)
			r.set(column, p.line, text, misled)
		}
	case !slices.Contains(r.labels, p.label) && !strings.HasPrefix(p.label, "Excluded in the profile "):
		r.extra(p.line, "", p.label)
		return
	}
	if r.at != nil && p.label != "" && len(p.blocks) == 0 && !slices.Contains([]string{"Scope", "Oversight"}, p.label) {
		r.extra(p.line, "", p.label)
	}
}

// column is the column of the entry's table with a heading, -1 where there is none.
func (r *pageReader) column(heading string) int {
	if r.at == nil || r.row == nil {
		return -1
	}
	if i, ok := r.at.table.columns[strings.ToLower(heading)]; ok {
		return i
	}
	return -1
}

// joined is the text of blocks: paragraphs and items, one a line. Of a list of texts, the dashes of the items are no part.
func joined(blocks []toldBlock, isList bool) (text string, misled bool) {
	var lines []string
	for _, b := range blocks {
		if b.kind == blockItem && !isList {
			b.text = "- " + b.text
		}
		lines = append(lines, b.text)
		misled = misled || b.misled
	}
	return strings.Join(lines, "\n"), misled
}

// lead reads what stands below the heading of an entry: its title, the risk of a threat, and its description.
func (r *pageReader) lead(texts []toldBlock) {
	if r.row == nil {
		return
	}
	columns := r.at.table.columns
	title, isTitled := columns["title"]
	if !isTitled {
		title, isTitled = columns["label"]
	}
	if isTitled && len(texts) > 0 && texts[0].bold > 0 {
		b := texts[0]
		r.set(title, b.line, b.text[:b.bold], b.misled)
		if strings.ContainsRune(b.text[b.bold:], markup) {
			r.extra(b.line, "", b.text[b.bold:])
		}
		if status, ok := strings.CutPrefix(b.text[b.bold:], " · threat, "); ok {
			r.derive("status", b.line, status)
		}
		texts = texts[1:]
	}
	if _, isRated := columns["inherent risk"]; isRated && len(texts) > 0 && strings.HasPrefix(texts[0].text, "Risk: ") {
		levels, act, _ := strings.Cut(texts[0].text, ". Must act: ")
		for i, level := range strings.Split(strings.TrimSuffix(levels, "."), " → ") {
			state := []string{"Risk: inherent ", "as installed ", "hardened "}[min(i, 2)]
			column := []string{"inherent risk", "risk as installed", "risk hardened"}[min(i, 2)]
			r.derive(column, texts[0].line, strings.TrimPrefix(level, state))
		}
		r.derive("must act", texts[0].line, strings.ReplaceAll(strings.TrimSuffix(act, "."), ", ", "; "))
		texts = texts[1:]
	}
	description, isDescribed := columns["description"]
	switch {
	case len(texts) == 0:
	case isDescribed:
		text, misled := joined(texts, false)
		r.set(description, texts[0].line, text, misled)
	default:
		r.extra(texts[0].line, "", texts[0].text)
	}
}

// derive sets a cell of a derived column, if there is one of the heading.
func (r *pageReader) derive(heading string, line int, text string) {
	if i := r.column(heading); i >= 0 && r.at.table.Columns[i].Derived {
		r.set(i, line, text, false)
	}
}

// rows reads the rows of a table.
func (r *pageReader) rows(p pagePart, headings []prose, lines []toldBlock) {
	r.index(p.file, headings, lines)
	if r.at == nil {
		r.whole(p, headings, lines)
		return
	}
	rule, isRelation := r.rules[p.label]
	column := r.column(p.label)
	switch {
	case r.row != nil && len(headings) == 2 && headings[0].text == "Field" && headings[1].text == "Value":
		r.fields(lines)
		return
	case isRelation:
		r.relations(r.tables[rule.table], headings, lines)
	case column >= 0 && r.at.table.Columns[column].Form == table.Pairs && !r.at.table.Columns[column].Derived:
		r.pairs(column, headings, p.line, lines)
	}
	var ids []string
	for _, b := range lines {
		if links := b.cells[0].links; len(links) > 0 {
			ids = append(ids, b.cells[0].text[links[0].from:links[0].to])
		}
	}
	switch {
	case column < 0 || isRelation && r.at.table.Columns[column].Form != table.Words:
	case r.at.table.Columns[column].Form == table.Words:
		r.derive(p.label, p.line, table.List(ids))
	default:
		r.derive(p.label, p.line, strconv.Itoa(len(lines)))
	}
}

// fields reads the rows of the table of an entry's fields.
func (r *pageReader) fields(lines []toldBlock) {
	for _, b := range lines {
		label := b.cells[0].text
		column := r.column(label)
		switch {
		case column >= 0 && len(b.cells) == 2:
			c := r.at.table.Columns[column]
			r.set(column, b.line, value(c, b.cells[1]), b.misled || !r.linked(c, b.line, b.cells[1]))
		case !slices.Contains(derivedFields(), label):
			r.extra(b.line, "", label)
		}
	}
}

// value is the text of a cell in the form that tables have for a column. Of a derived list of ids its links count: more can
// stand beside them.
func value(c table.Column, in prose) string {
	switch {
	case len(in.links) == 1 && in.links[0].to-in.links[0].from == len(in.text) && strings.HasPrefix(in.text, "http") && in.text != in.links[0].target:
		return in.text + " leads to " + in.links[0].target
	case c.Derived && c.Form == table.Words && len(c.Refs) > 0 && len(in.links) > 0:
		var ids []string
		for _, l := range in.links {
			ids = append(ids, in.text[l.from:l.to])
		}
		return table.List(ids)
	case c.Form == table.Words:
		return strings.ReplaceAll(in.text, ", ", "; ")
	case c.Form == table.Pairs:
		return strings.ReplaceAll(in.text, ", ", "\n")
	case c.Form == table.Lines:
		return strings.ReplaceAll(in.text, "; ", "\n")
	}
	return in.text
}

// pairs reads a field of pairs from a table: the first column is the key, and that of the field's own heading, or of the
// one field of its values, the word.
func (r *pageReader) pairs(column int, headings []prose, line int, lines []toldBlock) {
	c := r.at.table.Columns[column]
	word := c.Heading
	if c.Type.Elem.Kind == schema.Struct {
		word = c.Type.Elem.Fields[0].Name
	}
	at := slices.IndexFunc(headings, func(h prose) bool { return strings.EqualFold(h.text, word) })
	var pairs []string
	misled := false
	for _, b := range lines {
		if at >= 0 && at < len(b.cells) {
			pairs = append(pairs, b.cells[0].text+": "+b.cells[at].text)
		}
		misled = misled || b.misled || !r.linked(c, b.line, b.cells[0])
	}
	r.set(column, line, strings.Join(pairs, "\n"), misled)
}

// relations reads the rows of a relation.
func (r *pageReader) relations(t *pageTable, headings []prose, lines []toldBlock) {
	for _, b := range lines {
		cells := make([]pageCell, len(t.Columns))
		misled := b.misled
		for i, cell := range b.cells {
			if i >= len(headings) {
				r.extra(b.line, "", cell.text)
				break
			}
			if column, ok := t.columns[strings.ToLower(headings[i].text)]; ok && !t.Columns[column].Derived && cell.text != "" {
				cells[column] = pageCell{value(t.Columns[column], cell), b.line}
				misled = misled || !r.linked(t.Columns[column], b.line, cell)
			}
		}
		row := r.relation(t, cells, false, b.line)
		row.misled = row.misled || misled
	}
}

// relation tells a row of a relation of the entry, with the keys that no cell says.
func (r *pageReader) relation(t *pageTable, cells []pageCell, inList bool, line int) *pageRow {
	for i := range t.Keys {
		if cells[i].line != 0 {
			continue
		}
		switch t.Columns[i].Key {
		case "subject":
			cells[i] = pageCell{r.owner, line}
		case "number":
			r.numbers[t.Name]++
			cells[i] = pageCell{strconv.Itoa(r.numbers[t.Name]), line}
		}
	}
	return r.tell(t, cells, inList, line)
}

// list reads a relation, or one column of it, that is told in a list or as a text.
func (r *pageReader) list(rule relationRule, p pagePart, texts []toldBlock) {
	t := r.tables[rule.table]
	text := t.Column(rule.text)
	switch {
	case len(texts) == 0:
	case t.Column("susceptibility") >= 0:
		r.exposures(t, text, texts)
	case rule.lead == "" && text >= 0:
		cells := make([]pageCell, len(t.Columns))
		var misled bool
		cells[text].text, misled = joined(texts, false)
		cells[text].line = p.line
		row := r.relation(t, cells, true, p.line)
		row.misled = row.misled || misled
	case rule.lead == "":
		r.extra(texts[0].line, "", texts[0].text)
	default:
		for i, n := 0, 0; i < len(texts); i = n {
			for n = i + 1; n < len(texts) && texts[n].depth > 0; n++ {
			}
			if texts[i].kind != blockItem {
				r.extra(texts[i].line, "", texts[i].text)
				continue
			}
			cells, behind := r.item(t, t.Column(rule.lead), texts[i])
			blocks := texts[i+1 : n]
			if behind.text != "" {
				blocks = append([]toldBlock{{prose: behind}}, blocks...)
			}
			content, misled := joined(blocks, false)
			if content != "" && text >= 0 {
				cells[text] = pageCell{content, texts[i].line}
			} else if content != "" {
				r.extra(texts[i].line, "", content)
			}
			row := r.relation(t, cells, true, texts[i].line)
			row.misled = row.misled || misled || texts[i].misled
		}
	}
}

// item reads how an item begins: with what is bold or a link, a title with the catalogue in brackets, further fields, each
// with its heading, and a colon before the text.
func (r *pageReader) item(t *pageTable, lead int, b toldBlock) (cells []pageCell, behind prose) {
	cells = make([]pageCell, len(t.Columns))
	tell := func(column int, text string) {
		if column >= 0 && text != "" {
			cells[column] = pageCell{text, b.line}
		}
	}
	in := b.prose
	end := in.bold
	switch {
	case end > 0:
	case len(in.links) > 0 && in.links[0].from == 0:
		end = in.links[0].to
		tell(t.Column("url"), in.links[0].target)
	default:
		end = max(strings.IndexByte(in.text, ':'), 0)
	}
	tell(lead, in.text[:end])
	if catalogue := t.Column("catalogue"); catalogue >= 0 && len(in.links) > 1 && end <= in.links[1].from {
		l := in.links[1]
		if title := in.text[end:l.from]; strings.HasPrefix(title, " ") && strings.HasSuffix(title, " (") && strings.HasPrefix(in.text[l.to:], ")") {
			tell(catalogue, in.text[l.from:l.to])
			tell(t.Column("entry-auto"), strings.TrimSuffix(title[1:], " ("))
			end = l.to + 1
		}
	}
	for {
		heading, rest, ok := strings.Cut(strings.TrimPrefix(in.text[end:], ", "), " ")
		column, known := t.columns[heading]
		if !ok || !known || !strings.HasPrefix(in.text[end:], ", ") {
			break
		}
		n := strings.IndexAny(rest, ",:")
		if n < 0 {
			n = len(rest)
		}
		tell(column, rest[:n])
		end = len(in.text) - len(rest) + n
	}
	behind, ok := in.part(end, len(in.text)).after(":")
	if !ok && behind.text != "" {
		r.extra(b.line, "", behind.text)
		return cells, prose{}
	}
	behind, _ = behind.after(" ")
	return cells, behind
}

// exposures reads what an entry puts at risk: a paragraph that begins with the entry of a catalogue in bold, the text below
// it, and items that begin with the heading of a column in bold.
func (r *pageReader) exposures(t *pageTable, text int, texts []toldBlock) {
	for i, n := 0, 0; i < len(texts); i = n {
		head := texts[i]
		for n = i + 1; n < len(texts) && (texts[n].kind != blockParagraph || texts[n].bold == 0); n++ {
		}
		lead, fields, _ := strings.Cut(head.text, " · ")
		if head.bold == 0 || len(head.links) == 0 || head.links[0].to > len(lead) {
			r.extra(head.line, "", head.text)
			continue
		}
		begins := head
		begins.prose = head.part(0, len(lead))
		begins.bold = head.links[0].to
		cells, _ := r.item(t, t.Column("entry"), begins)
		misled := head.misled
		for field := range strings.SplitSeq(fields, "; ") {
			heading, word, _ := strings.Cut(field, ": ")
			if column, ok := t.columns[heading]; ok && cells[column].line == 0 {
				cells[column] = pageCell{word, head.line}
			} else {
				r.extra(head.line, "", field)
			}
		}
		var rationale []toldBlock
		for _, b := range texts[i+1 : n] {
			misled = misled || b.misled
			column, ok := t.columns[strings.ToLower(b.text[:b.bold])]
			if b.bold == 0 || !ok {
				rationale = append(rationale, b)
				continue
			}
			content := strings.TrimPrefix(strings.TrimPrefix(b.text[b.bold:], ": "), ", ")
			if cells[column].line != 0 {
				content = cells[column].text + "\n" + content
			}
			cells[column] = pageCell{content, b.line}
		}
		if content, _ := joined(rationale, false); content != "" {
			cells[text] = pageCell{content, rationale[0].line}
		}
		row := r.relation(t, cells, true, head.line)
		row.misled = row.misled || misled
	}
}

// follow reports the links of a text that lead nowhere, or to another entry than they show.
func (r *pageReader) follow(p pagePart, line int, in prose) bool {
	right := true
	for _, l := range in.links {
		text := strings.Trim(in.text[l.from:l.to], "`")
		if r.at != nil {
			r.shown[text] = true
		}
		to, known := r.targets[l.target]
		if !known {
			to = r.sections[address(p.file, l.target)]
			r.targets[l.target] = to
		}
		switch isWeb := strings.HasPrefix(l.target, "https://") || strings.HasPrefix(l.target, "http://"); {
		case isWeb && (p.label == "References" || !r.headings[strings.ToLower(closed(text))]):
			continue
		case to != nil && (r.isNamed(to, text) || strings.HasSuffix(p.file, "/diagrams.md")):
			continue // the page of diagrams names them by their titles
		case to == nil && !isWeb:
			r.lost[text], _, _ = strings.Cut(address(p.file, l.target), "#")
		}
		right = false
		r.add(Difference{Kind: Different, File: p.file, Place: strconv.Itoa(line), Record: r.record(), Want: "a link to " + text, Got: l.target})
	}
	return right
}

// isNamed says that a link to a section can have a text: its heading, which for a node can have its tree before it, or, of a
// heading that is words, any words that are no heading.
func (r *pageReader) isNamed(s *section, text string) bool {
	if s.table == nil || s.table == r.about {
		return strings.EqualFold(s.heading, text) || !r.headings[strings.ToLower(closed(text))]
	}
	return closed(s.heading) == closed(text) || strings.HasSuffix(text, "/"+s.heading)
}

// address is what a link on a page leads to.
func address(file, target string) string {
	name, anchor, hasAnchor := strings.Cut(target, "#")
	if name != "" {
		file = path.Join(path.Dir(file), name)
	}
	if hasAnchor {
		return file + "#" + anchor
	}
	return file
}

// linked reports the ids in a cell of a column of ids that are of an entry and no link to one.
func (r *pageReader) linked(c table.Column, line int, in prose) bool {
	if len(c.Refs) == 0 || c.Derived {
		return true
	}
	ids := 0
	for _, id := range strings.Split(in.text, ", ") {
		if r.want.Facts.Index[id] != "" || r.want.Model.Catalogs[id] != nil {
			ids++
		}
	}
	for _, l := range in.links {
		if to := r.targets[l.target]; to != nil && to.table != nil {
			ids--
		}
	}
	if ids > 0 {
		r.add(Difference{Kind: Different, File: r.at.file, Place: strconv.Itoa(line), Record: r.record(), Field: c.Key,
			Want: "links to " + in.text, Got: in.text})
	}
	return ids <= 0
}

// index compares a table whose rows are about an entry each with the columns that have its headings. That no row is about
// an entry which there is not, its link says.
func (r *pageReader) index(file string, headings []prose, lines []toldBlock) {
	for _, b := range lines {
		for _, key := range r.indexed(file, headings[0].text, b.cells[0].text) {
			t := r.tables[key[0]]
			if t == nil || len(key) <= t.Keys || t.want[t.Key(key[1:])] == nil {
				continue
			}
			row := t.want[t.Key(key[1:])]
			for i := 1; i < len(headings) && i < len(b.cells); i++ {
				column, ok := t.columns[inTables(headings[i].text)]
				if !ok {
					continue
				}
				c := t.Columns[column]
				if got := value(c, b.cells[i]); !sameDerived(c, row[column], got) {
					r.add(Difference{Kind: Different, File: file, Place: strconv.Itoa(b.line), Record: t.Name + " " + t.Key(row), Field: c.Key, Want: row[column], Got: got})
				}
			}
		}
	}
}

// whole reports what the index of a collection lacks: a table on its page, or on the first of its folder.
func (r *pageReader) whole(p pagePart, headings []prose, lines []toldBlock) {
	for kind, t := range r.collections {
		if !strings.EqualFold(headings[0].text, kind.Singular()) || p.file != "markdown/"+t.Name+".md" && p.file != "markdown/"+t.Name+"/README.md" {
			continue
		}
		listed := make(map[string]bool, len(lines))
		for _, b := range lines {
			listed[b.cells[0].text] = true
		}
		for _, row := range t.Rows {
			if !listed[row[0]] {
				r.add(Difference{Kind: Missing, File: p.file, Place: strconv.Itoa(p.line), Record: t.Name + " " + row[0]})
			}
		}
	}
}

// indexed are the rows that a row of a table may be about, by the heading of its first column and its cell: the name of a
// table and the keys.
func (r *pageReader) indexed(file, heading, cell string) [][]string {
	switch heading {
	case "Threat":
		return [][]string{{"threats", cell}, {"threat-countermeasure", cell, r.owner}}
	case "Question":
		return [][]string{{"considered", r.owner, cell}}
	case "Catalogue":
		catalogue, selection, ok := strings.Cut(cell, ", ")
		if !ok {
			selection = analysis.Whole
		}
		return [][]string{{"coverage", catalogue, selection}}
	case "Entry":
		catalogue := r.above(file)
		return [][]string{{"catalogue-entries", catalogue, cell}, {"controls", catalogue, cell}, {"lists", catalogue, cell}}
	}
	for kind, t := range r.collections {
		if strings.EqualFold(heading, kind.Singular()) {
			return [][]string{{t.Name, cell}}
		}
	}
	return nil
}
