package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The hidden tabs of an export.
const (
	metaTab  = "_meta"
	baseTab  = "_base"
	listsTab = "_lists"
)

// ooxml is a workbook in the Office Open XML form, ECMA-376.
//
// It is not read by excelize, which writes ours: that gives the kinds of cells only of a sheet that is in memory as a
// whole. For 5,000 threats that took 14 s and 1.2 GB; this takes 3 s and 0.2 GB. It is bounded as well, and a reader
// that shares nothing with the writer.
type ooxml struct {
	builder
	// parts are what nobody has opened yet, by name in lower case.
	parts   map[string]*zip.File
	strings []string
	// dates says of each style of cells whether it shows numbers as dates, which are days since 1904 or since 1900.
	dates     []bool
	since1904 bool
	persons   map[string]string
}

// readXLSX reads a workbook.
func readXLSX(r io.ReaderAt, size int64) (*Book, error) {
	x, err := openXLSX(r, size)
	if err != nil {
		return nil, err
	}
	sheets, err := x.sheets()
	if err != nil {
		return nil, err
	}
	x.readSheets(sheets)
	book := &Book{}
	var meta, base *Tab
	for _, s := range sheets {
		if s.err != nil {
			return nil, s.err
		}
		switch s.tab.Name {
		case listsTab:
		case metaTab:
			meta = s.tab
		case baseTab:
			base = s.tab
		default:
			book.Tabs = append(book.Tabs, s.tab)
			for _, r := range s.remarks {
				if !isNote(r, s.tab) {
					book.Remarks = append(book.Remarks, r)
				}
			}
		}
	}
	if err := book.readMeta(meta); err != nil {
		return nil, err
	}
	return book, book.readBase(base)
}

var errNoWorkbook = errors.New("is no workbook, whatever its name; open it in a sheet program and save it as .xlsx")

// openXLSX opens the archive and looks over the names and sizes of its parts.
func openXLSX(r io.ReaderAt, size int64) (*ooxml, error) {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, errors.New("has a password or is an .xls; a workbook without a password is read back: save it as .xlsx")
	case !bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, errNoWorkbook
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("is a damaged workbook (%w); save it as .xlsx again", err)
	}
	x := &ooxml{parts: map[string]*zip.File{}}
	var total uint64
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if !fs.ValidPath(strings.TrimSuffix(name, "/")) || strings.Contains(name, `\`) {
			return nil, fmt.Errorf("has the part %.200q, which leads out of the workbook; save it as .xlsx again", f.Name)
		}
		if x.parts[name] != nil {
			return nil, fmt.Errorf("has the part %.200q twice; save it as .xlsx again", f.Name)
		}
		if path.Base(name) == "vbaproject.bin" || strings.Contains(name, "/macrosheets/") {
			return nil, errors.New("has macros; a workbook without is read back: save it as .xlsx")
		}
		if f.UncompressedSize64 > maxPart {
			return nil, fmt.Errorf("has the part %.200q of %d bytes; a part may have %d", f.Name, f.UncompressedSize64, maxPart)
		}
		total += f.UncompressedSize64
		x.parts[name] = f
	}
	switch {
	case total > maxZip:
		return nil, fmt.Errorf("unzips to %d bytes; a workbook may have %d", total, maxZip)
	case x.parts["content.xml"] != nil:
		return nil, errors.New("is an .ods; save it as .xlsx")
	}
	return x, nil
}

// sheet is a sheet of a workbook and what was read of it.
type sheet struct {
	part    string
	tab     *Tab
	remarks []Remark
	err     error
}

// sheets reads what the sheets have in common, and lists them.
func (x *ooxml) sheets() ([]*sheet, error) {
	root, err := x.relations("")
	if err != nil {
		return nil, err
	}
	part := root.first("officeDocument")
	if path.Ext(part) != ".xml" { // a binary workbook has another form below the same name
		return nil, errNoWorkbook
	}
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			// The namespace of the attribute differs between the two editions of the standard.
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := x.decode(part, &book); err != nil {
		return nil, err
	}
	x.since1904 = truth(book.Properties.Date1904)
	relations, err := x.relations(part)
	if err != nil {
		return nil, err
	}
	if err := x.common(relations); err != nil {
		return nil, err
	}
	var sheets []*sheet
	names := map[string]bool{}
	for _, s := range book.Sheets {
		id := ""
		for _, a := range s.Attrs {
			if a.Name.Local == "id" {
				id = a.Value
			}
		}
		i := slices.IndexFunc(relations, func(r relation) bool { return r.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("the sheet %.50q has no part; save it as .xlsx again", s.Name)
		}
		if names[strings.ToLower(s.Name)] {
			return nil, fmt.Errorf("has two sheets with the name %.50q; give each its own", s.Name)
		}
		names[strings.ToLower(s.Name)] = true
		if relations[i].is("worksheet") {
			sheets = append(sheets, &sheet{part: relations[i].Target, tab: &Tab{Name: s.Name}})
		}
	}
	if len(sheets) == 0 {
		return nil, errNoWorkbook
	}
	return sheets, nil
}

// common reads the texts, the styles and the persons that sheets refer to.
func (x *ooxml) common(relations relations) error {
	if part := relations.first("sharedStrings"); part != "" {
		if err := x.sharedStrings(part); err != nil {
			return err
		}
	}
	if part := relations.first("styles"); part != "" {
		if err := x.styles(part); err != nil {
			return err
		}
	}
	x.persons = map[string]string{}
	if part := relations.first("person"); part != "" {
		var list struct {
			Persons []struct {
				ID   string `xml:"id,attr"`
				Name string `xml:"displayName,attr"`
			} `xml:"person"`
		}
		if err := x.decode(part, &list); err != nil {
			return err
		}
		for _, p := range list.Persons {
			x.persons[p.ID] = p.Name
		}
	}
	return nil
}

// readSheets reads the sheets side by side: to read XML takes nearly all of the time.
func (x *ooxml) readSheets(sheets []*sheet) {
	for _, s := range sheets {
		s.err = x.remarks(s)
	}
	var wait sync.WaitGroup
	turns := make(chan bool, runtime.GOMAXPROCS(0))
	for _, s := range sheets {
		part, err := x.open(s.part)
		if s.err = cmp.Or(s.err, err); s.err != nil {
			continue
		}
		wait.Go(func() {
			turns <- true
			s.err = x.readSheet(s.tab, part)
			<-turns
		})
	}
	wait.Wait()
}

func (x *ooxml) sharedStrings(name string) error {
	p, err := x.start(name)
	if err != nil {
		return err
	}
	for {
		tok, err := p.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return p.fault(err)
		}
		if start, ok := tok.(xml.StartElement); !ok || start.Name.Local != "si" {
			continue
		}
		text, err := p.richText()
		if err != nil {
			return p.fault(fmt.Errorf("text %d: %w", len(x.strings), err))
		}
		if x.strings = append(x.strings, text); len(x.strings) > maxCells {
			return fmt.Errorf("there are more than %d texts", maxCells)
		}
	}
}

// styles finds the styles of cells that show dates. There is more in the part: Gnumeric writes 29 MB of styles for
// 5,000 threats.
func (x *ooxml) styles(name string) error {
	p, err := x.start(name)
	if err != nil {
		return err
	}
	custom := map[string]bool{}
	for cells := false; ; {
		tok, err := p.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return p.fault(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch id := attr(t, "numFmtId"); t.Name.Local {
			case "numFmt":
				custom[id] = isDate(attr(t, "formatCode"))
			case "cellXfs":
				cells = true
			case "xf":
				date, ok := custom[id]
				if cells {
					x.dates = append(x.dates, date || !ok && isBuiltInDate(id))
				}
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				return nil
			}
		}
	}
}

// isBuiltInDate says that a number format which files refer to by its number alone shows a date: those of ECMA-376 and,
// from 27 on, those of the languages of East Asia.
func isBuiltInDate(number string) bool {
	id, err := strconv.Atoi(number)
	if err != nil {
		return false
	}
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id >= 34 && id <= 36 || id >= 50 && id <= 58
}

// isDate says that a number format shows days or years.
func isDate(format string) bool {
	return strings.ContainsAny(formatTexts.ReplaceAllString(format, ""), "yYdD")
}

// formatTexts are what a number format has beside its signs: texts in quotes, conditions, colours and languages in
// brackets, and single characters.
var formatTexts = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|[\\_*].`)

// remarks reads the comments on the cells of a sheet.
func (x *ooxml) remarks(s *sheet) error {
	relations, err := x.relations(s.part)
	if err != nil {
		return err
	}
	threads := relations.first("threadedComment")
	if threads != "" {
		var list struct {
			Comments []struct {
				Ref    string `xml:"ref,attr"`
				Person string `xml:"personId,attr"`
				Text   string `xml:"text"`
			} `xml:"threadedComment"`
		}
		if err := x.decode(threads, &list); err != nil {
			return err
		}
		for _, c := range list.Comments {
			if err := s.remark(c.Ref, x.persons[c.Person], c.Text); err != nil {
				return err
			}
		}
	}
	if part := relations.first("comments"); part != "" {
		var list struct {
			Authors  []string `xml:"authors>author"`
			Comments []struct {
				Ref    string   `xml:"ref,attr"`
				Author int      `xml:"authorId,attr"`
				Text   []string `xml:"text>t"`
				Runs   []string `xml:"text>r>t"`
			} `xml:"commentList>comment"`
		}
		if err := x.decode(part, &list); err != nil {
			return err
		}
		for _, c := range list.Comments {
			by := ""
			if c.Author >= 0 && c.Author < len(list.Authors) {
				by = list.Authors[c.Author]
			}
			if threads != "" && strings.HasPrefix(by, "tc=") {
				continue // a thread, for programs that know none
			}
			if err := s.remark(c.Ref, by, strings.Join(append(c.Text, c.Runs...), "")); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(s.remarks, func(a, b Remark) int { return cmp.Or(a.Row-b.Row, a.Col-b.Col) })
	return nil
}

func (s *sheet) remark(ref, by, text string) error {
	column, row, err := coordinates(ref)
	if err != nil {
		return fmt.Errorf("sheet %.50q: a comment: %w", s.tab.Name, err)
	}
	if text = strings.TrimSpace(cellText(text)); text != "" {
		s.remarks = append(s.remarks, Remark{s.tab.Name, row, column, strings.TrimSpace(by), text})
	}
	return nil
}

// isNote says that a comment is not of people but of an export, which writes one on each heading. LibreOffice and
// Google Sheets take the name of its author away.
func isNote(r Remark, t *Tab) bool {
	return r.By == "tmkit" || r.By == "" && r.Row == t.HeaderRow
}

// relation is a link from one part to another.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	Mode   string `xml:"TargetMode,attr"`
}

type relations []relation

// is says that a relation is of a kind. The two editions of the standard have other types, which end alike.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// first returns the part to which the first relation of a kind leads, or nothing.
func (rs relations) first(kind string) string {
	for _, r := range rs {
		if r.is(kind) {
			return r.Target
		}
	}
	return ""
}

// relations returns the links of a part, or those of the workbook as a whole. Others than those of cells must stay
// within the workbook.
func (x *ooxml) relations(part string) (relations, error) {
	dir, file := path.Split(part)
	name := dir + "_rels/" + file + ".rels"
	if x.parts[strings.ToLower(name)] == nil {
		return nil, nil
	}
	var list struct {
		Relations relations `xml:"Relationship"`
	}
	if err := x.decode(name, &list); err != nil {
		return nil, err
	}
	for i, r := range list.Relations {
		switch {
		case r.is("externalLink"), r.Mode == "External" && !r.is("hyperlink"):
			return nil, errors.New("has links to other files; a workbook without is read back: replace the formulas that look there by their values")
		case r.is("vbaProject"), r.is("xlMacrosheet"), r.is("xlIntlMacrosheet"):
			return nil, errors.New("has macros; a workbook without is read back: save it as .xlsx")
		case strings.HasPrefix(r.Target, "/"):
			list.Relations[i].Target = r.Target[1:]
		default:
			list.Relations[i].Target = path.Join(dir, r.Target)
		}
	}
	return list.Relations, nil
}

// What XML may be at most, so that no token and no nesting takes much memory: a cell of 32,767 characters that are all
// escaped has some 300 KB.
const (
	maxToken = 1 << 20
	maxDepth = 64
	// maxSmall is for parts that are taken as a whole.
	maxSmall = 4 << 20
)

// open returns a part, once.
func (x *ooxml) open(name string) (*zip.File, error) {
	f := x.parts[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("the part %.200q is missing or is used twice; save it as .xlsx again", name)
	}
	delete(x.parts, strings.ToLower(name))
	return f, nil
}

// start begins to read a part.
func (x *ooxml) start(name string) (*xmlPart, error) {
	f, err := x.open(name)
	if err != nil {
		return nil, err
	}
	return newPart(f)
}

// decode reads a part into a struct.
func (x *ooxml) decode(name string, into any) error {
	p, err := x.start(name)
	if err != nil {
		return err
	}
	if p.size > maxSmall {
		return fmt.Errorf("has the part %.200q of %d bytes; it may have %d", name, p.size, maxSmall)
	}
	if err := xml.NewTokenDecoder(p).Decode(into); err != nil {
		return p.fault(err)
	}
	return nil
}

// xmlPart is the XML of a part, token by token.
type xmlPart struct {
	name string
	size uint64
	in   *meter
	xml  *xml.Decoder
	// begun are the elements that have not ended.
	begun []xml.Name
	text  []byte
}

func newPart(f *zip.File) (*xmlPart, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("the part %.200q cannot be read: %w; save it as .xlsx again", f.Name, err)
	}
	in := &meter{in: bufio.NewReader(r)}
	return &xmlPart{name: f.Name, size: f.UncompressedSize64, in: in, xml: xml.NewDecoder(in)}, nil
}

// Token returns the next token. To match begins and ends here and to leave namespaces alone spares a seventh of the
// time.
func (p *xmlPart) Token() (xml.Token, error) {
	p.in.left = maxToken
	tok, err := p.xml.RawToken()
	switch t := tok.(type) {
	case xml.StartElement:
		if p.begun = append(p.begun, t.Name); len(p.begun) > maxDepth {
			return nil, fmt.Errorf("more than %d elements within each other", maxDepth)
		}
	case xml.EndElement:
		last := len(p.begun) - 1
		if last < 0 || p.begun[last] != t.Name {
			return nil, fmt.Errorf("the element %.50q ends where it has not begun; save it as .xlsx again", t.Name.Local)
		}
		p.begun = p.begun[:last]
	}
	switch {
	case err == nil, err == io.EOF && len(p.begun) == 0, errors.Is(err, errToken):
		return tok, err
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("%w; save it as .xlsx again", err)
}

func (p *xmlPart) fault(err error) error {
	return fmt.Errorf("the part %.200q cannot be read: %w", p.name, err)
}

// chars returns the text of the element that has begun, up to its end, and leaves out the elements within.
func (p *xmlPart) chars() (string, error) {
	p.text = p.text[:0]
	err := p.collect()
	return string(p.text), err
}

// collect adds the text of the element that has begun.
func (p *xmlPart) collect() error {
	for depth := len(p.begun); len(p.begun) >= depth; {
		tok, err := p.Token()
		if err != nil {
			return err
		}
		if text, ok := tok.(xml.CharData); ok && len(p.begun) == depth {
			if p.text = append(p.text, text...); len(p.text) > maxToken {
				return fmt.Errorf("a text of more than %d bytes", maxToken)
			}
		}
	}
	return nil
}

// richText returns the text of the element that has begun: that of its runs, and not how to say it.
func (p *xmlPart) richText() (string, error) {
	p.text = p.text[:0]
	for depth := len(p.begun); len(p.begun) >= depth; {
		tok, err := p.Token()
		if err != nil {
			return "", err
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "t":
			err = p.collect()
		case start.Name.Local != "r":
			err = p.skip()
		}
		if err != nil {
			return "", err
		}
	}
	return cellText(string(p.text)), nil
}

// skip passes over the element that has begun.
func (p *xmlPart) skip() error {
	for depth := len(p.begun); len(p.begun) >= depth; {
		if _, err := p.Token(); err != nil {
			return err
		}
	}
	return nil
}

// cellText is what the text of a cell in a file stands for.
func cellText(s string) string {
	if s = unescape(s); strings.Contains(s, "\r") {
		s = newlines.Replace(s)
	}
	return s
}

// unescape undoes how characters are written that XML does not have, such as _x000D_.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		r, err := strconv.ParseUint(e[2:6], 16, 16)
		if err != nil || r >= 0xd800 && r < 0xe000 {
			return e // half a character
		}
		return string(rune(r))
	})
}

var escapes = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// meter reads so many bytes and no more: a decoder keeps all of a token in memory.
type meter struct {
	in   *bufio.Reader
	left int
}

var errToken = fmt.Errorf("more than %d bytes without an element", maxToken)

// ReadByte reads a byte.
func (m *meter) ReadByte() (byte, error) {
	if m.left--; m.left < 0 {
		return 0, errToken
	}
	return m.in.ReadByte()
}

// Read reads bytes. A decoder that can have them one by one does not use it.
func (m *meter) Read(b []byte) (int, error) {
	if m.left < len(b) {
		return 0, errToken
	}
	n, err := m.in.Read(b)
	m.left -= n
	return n, err
}

// truth reads a boolean attribute.
func truth(s string) bool { return s == "1" || s == "true" }
