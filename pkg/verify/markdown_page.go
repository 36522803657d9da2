package verify

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// section is a heading of a page and the blocks below it, up to the next heading. What stands above the first heading is
// in a section without one.
type section struct {
	file    string
	line    int
	level   int
	heading string
	blocks  []block
	// table is that of the entry that the section tells of, nil where the heading is words.
	table *pageTable
}

// blockKind is what a block is.
type blockKind int

// The kinds of blocks. A table has a block for each line: its headings, and its rows.
const (
	blockParagraph blockKind = iota
	blockItem
	blockHeadings
	blockRow
	blockFence
)

// block is a block of a page, its text as it stands there. What is within an item of a list has a depth.
type block struct {
	kind  blockKind
	line  int
	depth int
	text  string
}

// parsePage takes a page apart. It knows the blocks that pages have, and takes every other line for one of a paragraph, so
// that none is lost. (A parser of all of Markdown needs as long for the pages of a large model as all of this may take.)
func parsePage(file, text string) []*section {
	at := &section{file: file}
	sections := []*section{at}
	fence := ""   // what ends the open fence
	open := false // whether a line may go on with the last block, which is from a byte
	from, end := 0, 0
	last := 0 // the last line of a table
	for n, start := 1, 0; start < len(text); n, start = n+1, end+1 {
		end = len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := strings.TrimRight(text[start:end], " \t\r")
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		b := block{line: n, depth: indent / 2, text: body}
		switch {
		case fence != "":
			if body == fence {
				fence = ""
			}
			continue
		case body == "":
			open = false
			continue
		case strings.HasPrefix(body, "```"):
			b.kind, fence = blockFence, body[:leading(body, '`')]
		case body[0] == '#' && indent == 0 && strings.HasPrefix(body[leading(body, '#'):], " "):
			level := leading(body, '#')
			at = &section{file: file, line: n, level: level, heading: parseProse(body[level+1:]).text}
			sections = append(sections, at)
			open = false
			continue
		case body[0] == '|':
			if b.kind = blockHeadings; n == last+1 {
				b.kind = blockRow
			}
			last = n
		case strings.HasPrefix(body, "- "):
			b.kind, b.text = blockItem, body[2:]
		case open:
			at.blocks[len(at.blocks)-1].text = text[from : start+len(line)]
			continue
		}
		open = b.kind == blockParagraph || b.kind == blockItem
		from = start + len(line) - len(b.text)
		at.blocks = append(at.blocks, b)
	}
	return sections
}

// leading is how often a text begins with a character.
func leading(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// prose is a text as a reader of the page sees it, code with its backticks, with what is bold and what is a link in it.
type prose struct {
	text string
	// bold is how many bytes at the beginning are bold.
	bold  int
	links []link
}

// link is a part of a text, from and to a byte, that leads to a target.
type link struct {
	from, to int
	target   string
}

// markup stands in a text for a mark that is not what pages use it for.
const markup = '\uFFFD'

// parseProse reads a text: character references, code, links, and what is bold. A line break in it is a blank.
func parseProse(raw string) prose {
	if !strings.ContainsAny(raw, "&`*[<\\\n") {
		return prose{text: raw}
	}
	var p prose
	var w strings.Builder
	bold := false
	for i := 0; i < len(raw); {
		rest := raw[i:]
		n := 1
		switch c := rest[0]; c {
		case '\n':
			w.WriteByte(' ')
			n += leading(rest[1:], ' ')
		case '&':
			if r, size := character(rest); size > 0 {
				w.WriteRune(r)
				n = size
			} else {
				w.WriteRune(markup)
			}
		case '`':
			if end := strings.IndexByte(rest[1:], '`'); end >= 0 {
				n = end + 2
				w.WriteString(strings.ReplaceAll(rest[:n], "\n", " "))
			} else {
				w.WriteRune(markup)
			}
		case '*':
			switch {
			case !strings.HasPrefix(rest, "**"):
				w.WriteRune(markup)
			case bold:
				p.bold, bold, n = w.Len(), false, 2
			case w.Len() == 0:
				bold, n = true, 2
			default:
				w.WriteRune(markup)
			}
		case '[':
			text, target, size := parseLink(rest)
			if size == 0 {
				w.WriteRune(markup)
				break
			}
			from := w.Len()
			w.WriteString(parseProse(text).text)
			p.links = append(p.links, link{from, w.Len(), parseProse(target).text})
			n = size
		case '<', '\\':
			w.WriteRune(markup)
		default:
			if n = strings.IndexAny(rest, "&`*[<\\\n"); n < 0 {
				n = len(rest)
			}
			w.WriteString(rest[:n])
		}
		i += n
	}
	p.text = w.String()
	return p
}

// parseLink reads a link at the beginning of a text. Its parts hold no brackets of their own, so that the next bracket
// ends the search whatever it is.
func parseLink(s string) (text, target string, size int) {
	i := 1 + strings.IndexAny(s[1:], "[]")
	if i == 0 || !strings.HasPrefix(s[i:], "](") {
		return "", "", 0
	}
	n := strings.IndexAny(s[i+2:], ")[ \n")
	if n < 0 || s[i+2+n] != ')' {
		return "", "", 0
	}
	return s[1:i], s[i+2 : i+2+n], i + n + 3
}

// character reads a numeric character reference at the beginning of a text.
func character(s string) (r rune, size int) {
	const longest = len("&#1114111;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 0 || !strings.HasPrefix(s, "&#") {
		return 0, 0
	}
	n, err := strconv.Atoi(s[2:end])
	if err != nil || n <= 0 || n > unicode.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), end + 1
}

// part returns the text from a byte up to another, with its links.
func (p prose) part(from, to int) prose {
	out := prose{text: p.text[from:to], bold: max(min(p.bold, to)-from, 0)}
	for _, l := range p.links {
		if l.from >= from && l.to <= to {
			out.links = append(out.links, link{l.from - from, l.to - from, l.target})
		}
	}
	return out
}

// after returns the text behind a beginning, if it has that.
func (p prose) after(beginning string) (prose, bool) {
	if !strings.HasPrefix(p.text, beginning) {
		return p, false
	}
	return p.part(len(beginning), len(p.text)), true
}

// cells returns the cells of a row.
func (b block) cells() []prose {
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(b.text, "|"), "|"), "|")
	out := make([]prose, len(parts))
	for i, cell := range parts {
		out[i] = parseProse(strings.TrimSpace(cell))
	}
	return out
}

// slugs gives out the anchors of the headings of a page, as GitHub does: in lower case, without what is no letter, digit,
// hyphen or low line, a blank as a hyphen, and equal ones numbered.
type slugs map[string]int

func (s slugs) slug(heading string) string {
	base := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.In(r, unicode.L, unicode.M, unicode.N):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	anchor := base
	for _, taken := s[anchor]; taken; _, taken = s[anchor] {
		s[base]++
		anchor = base + "-" + strconv.Itoa(s[base])
	}
	s[anchor] = 0
	return anchor
}
