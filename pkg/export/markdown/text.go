package markdown

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape writes a text so that every renderer shows it as it was typed, on one line.
//
// Each mark becomes a numeric entity: backslashes are no escape in some renderers, and raw HTML is lost or refused in
// others. Marks stay where none reads more into them, so that sources can be read: commas, apostrophes, brackets,
// slashes, hyphens within a word, and what ends a word or sentence.
func escape(s string) string {
	var w strings.Builder
	done := 0 // what stays is written in one piece
	for i, r := range s {
		if r != '\n' && stays(s, i, r) {
			continue
		}
		w.WriteString(s[done:i])
		done = i + utf8.RuneLen(r)
		if r == '\n' {
			w.WriteByte(' ')
		} else {
			entity(&w, r)
		}
	}
	if done == 0 {
		return s
	}
	w.WriteString(s[done:])
	return w.String()
}

// entity writes a character as a numeric entity.
func entity(w *strings.Builder, r rune) {
	w.WriteString("&#")
	w.WriteString(strconv.Itoa(int(r)))
	w.WriteByte(';')
}

// stays says whether the character at i of a text can be written as it is.
func stays(s string, i int, r rune) bool {
	if r >= utf8.RuneSelf {
		// Some programs take these for the end of a line.
		return r != 0x85 && r != 0x2028 && r != 0x2029
	}
	if unicode.IsLetter(r) {
		return !beginsModule(s, i)
	}
	if unicode.IsDigit(r) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	first, last := i == 0, i+1 == len(s)
	afterWord := !first && (unicode.IsLetter(before) || unicode.IsDigit(before))
	beforeWord := !last && (unicode.IsLetter(after) || unicode.IsDigit(after))
	// What ends a word ends it once, and a blank or the text's end follows.
	ends := !first && before != ' ' && before != '\n' && before != r && (last || after == ' ' || after == '\n')
	switch r {
	case ' ':
		// Lines lose the blanks at their ends.
		return !first && !last && before != '\n' && after != '\n'
	case ',', '\'', '(', '/':
		return true
	case ')':
		return !beginsList(s, i)
	case '-':
		return afterWord && beforeWord
	case '.':
		return (afterWord || ends) && !beginsList(s, i) && !endsWWW(s[:i])
	case ':', ';', '?':
		return ends
	case '!':
		return ends && !last // a link could follow, and become an image
	}
	return false
}

// beginsList says that only digits stand before i on its line: with a full stop or bracket they begin a list.
func beginsList(s string, i int) bool {
	line := s[strings.LastIndexByte(s[:i], '\n')+1 : i]
	return line != "" && strings.Trim(line, "0123456789") == ""
}

// beginsModule says that a line with import or export begins at i, which MDX takes for code.
func beginsModule(s string, i int) bool {
	return (i == 0 || s[i-1] == '\n') && (strings.HasPrefix(s[i:], "import ") || strings.HasPrefix(s[i:], "export "))
}

// endsWWW says that a text ends in the www of an address, which some renderers make a link.
func endsWWW(s string) bool { return len(s) >= 3 && strings.EqualFold(s[len(s)-3:], "www") }

// idHeading writes an id as a heading: as it is, so that the anchor is the same everywhere, but for a low line that could begin
// or end emphasis.
func idHeading(id string) string {
	var w strings.Builder
	for i, r := range id {
		if r == '_' && !(i > 0 && isWord(id[i-1]) && i+1 < len(id) && isWord(id[i+1])) {
			entity(&w, r)
		} else {
			w.WriteRune(r)
		}
	}
	return w.String()
}

// url writes an address as the target of a link. Entities keep it exact where marks would end the link.
func url(s string) string {
	var w strings.Builder
	for _, r := range s {
		if r >= utf8.RuneSelf || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._/:?=%+,;#", r) {
			w.WriteRune(r)
		} else {
			entity(&w, r)
		}
	}
	return w.String()
}

// inline writes prose on a page: code spans as such, ids of threats as links, all else as it was typed. Within a table
// no pipe may stand, not even in code, and no line may end.
func (p *page) inline(s string, inTable bool) string {
	var w strings.Builder
	done := 0 // what stays is written in one piece
	instead := func(i, n int, with string) {
		w.WriteString(s[done:i])
		w.WriteString(with)
		done = i + n
	}
	for i, r := range s {
		if i < done {
			continue // within a code span or an id
		}
		if r == '`' {
			if code := codeAt(s, i); code != "" && safeCode(code, inTable) {
				instead(i, len(code)+2, p.code(code))
				continue
			} else if code != "" {
				instead(i, len(code)+2, escape("`"+code+"`"))
				continue
			}
		}
		if 'A' <= r && r <= 'Z' {
			if id := threatAt(s, i); id != "" && p.b.m.Threats[id] != nil {
				instead(i, len(id), p.link(id))
				continue
			}
		}
		switch {
		case r == '\n' && inTable:
			instead(i, 1, " ")
		case r != '\n' && !stays(s, i, r):
			w.WriteString(s[done:i])
			entity(&w, r)
			done = i + utf8.RuneLen(r)
		}
	}
	if done == 0 {
		return s
	}
	w.WriteString(s[done:])
	return w.String()
}

// code writes a code span, as a link when it is the id of an entry.
func (p *page) code(code string) string {
	span := "`" + strings.ReplaceAll(code, "\n", " ") + "`"
	if at, ok := p.b.places.entries[code]; ok {
		return p.to(span, at)
	}
	return span
}

// codeAt returns the inside of the code span that begins with the backtick at i: what stands between two single backticks.
func codeAt(s string, i int) string {
	if i > 0 && s[i-1] == '`' {
		return ""
	}
	n := strings.IndexByte(s[i+1:], '`')
	if n <= 0 || strings.HasPrefix(s[i+1+n+1:], "`") {
		return ""
	}
	return s[i+1 : i+1+n]
}

// safeCode says whether all renderers show a code span as it is: an entity in it would be shown as typed. Of others, the
// backticks are shown.
func safeCode(code string, inTable bool) bool {
	return strings.TrimSpace(code) == code && !strings.ContainsAny(code, "\t\u0085\u2028\u2029") && !strings.HasSuffix(code, `\`) &&
		!strings.Contains(code, "{{") && !strings.Contains(code, "{%") && !strings.Contains(code, "{#") &&
		!strings.Contains(code, "\n ") && !strings.Contains(code, " \n") && !(inTable && strings.Contains(code, "|"))
}

// threatAt returns the word that begins at i, without hyphens at its end: it can be the id of a threat.
func threatAt(s string, i int) string {
	if i > 0 && isWord(s[i-1]) {
		return ""
	}
	n := i
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return strings.TrimRight(s[i:n], "-")
}

func isWord(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// blocks takes a text apart into its paragraphs and lists: an item begins with "- ", and an empty line ends either.
func blocks(s string) []string {
	var out []string
	open := false
	for line := range strings.SplitSeq(s, "\n") {
		isItem := strings.HasPrefix(line, "- ") && strings.TrimSpace(line[2:]) != ""
		switch {
		case strings.TrimSpace(line) == "":
			open = false
		case isItem || !open:
			out = append(out, line)
			open = true
		default:
			out[len(out)-1] += "\n" + line
		}
	}
	return out
}

// text writes prose: a label in bold, if there is one, and the paragraphs and lists of the text.
func (p *page) text(label, s string) {
	if s == "" {
		return
	}
	lead := ""
	if label != "" {
		lead = "**" + escape(label) + ":**"
	}
	p.prose(lead, "", s)
}

// item writes an item of a list: a lead, and the text behind it. Further paragraphs are indented.
func (p *page) item(lead, s string) {
	if s == "" {
		p.line("- " + lead)
		return
	}
	p.prose("- "+lead+":", "  ", s)
}

// prose writes a text behind a lead. The lead's line has the first paragraph too, unless that is an item of a list.
func (p *page) prose(lead, indent, s string) {
	inList := false
	for i, block := range blocks(s) {
		content, isItem := strings.CutPrefix(block, "- ")
		space := "\n"
		switch {
		case i == 0 && lead != "" && isItem:
			p.line(lead)
		case i == 0 && lead != "":
			p.line(lead + " " + strings.ReplaceAll(p.inline(content, false), "\n", "\n"+indent))
			continue
		case i == 0, inList && isItem:
			space = ""
		}
		p.WriteString(space)
		margin := indent
		if isItem {
			p.WriteString(indent + "- ")
			margin += "  "
		} else {
			p.WriteString(indent)
		}
		p.line(strings.ReplaceAll(p.inline(content, false), "\n", "\n"+margin))
		inList = isItem
	}
	if !strings.HasPrefix(lead, "- ") {
		p.end()
	}
}
