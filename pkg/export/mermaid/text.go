package mermaid

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lines are broken here, at about the width at which newer versions of Mermaid would, since older ones do not.
const (
	lineWidth = 23
	edgeWidth = 22
)

// Label writes text so that Mermaid shows exactly that text, as a label in quotes or as a title: every ASCII
// punctuation mark as its number, but a comma and a hyphen between letters or digits, and a newline as a line break.
// Nothing less survives all versions: some read labels as Markdown, some take out icons, links or mathematics.
func Label(text string) string {
	var b strings.Builder
	text = strings.ToValidUTF8(text, "\uFFFD")
	b.Grow(len(text) + len(text)/2)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			b.WriteString("<br/>")
		case c <= ' ' || c >= utf8.RuneSelf || alphanumeric(c) || c == ',':
			b.WriteByte(c)
		case c == '-' && i > 0 && alphanumeric(text[i-1]) && i+1 < len(text) && alphanumeric(text[i+1]):
			b.WriteByte(c)
		default:
			b.WriteByte('#')
			b.WriteString(strconv.Itoa(int(c)))
			b.WriteByte(';')
		}
	}
	return b.String()
}

// label writes the lines of a label, broken to a width.
func label(lines []string, width int) string {
	return Label(strings.Join(wrapped(lines, width), "\n"))
}

// wrapped breaks lines at spaces so that none is longer than a width, unless a single word is.
func wrapped(lines []string, width int) []string {
	var out []string
	for _, l := range lines {
		words := strings.Fields(l)
		from, at := 0, 0
		for i, w := range words {
			n := utf8.RuneCountInString(w)
			if i > from && at+1+n > width {
				out = append(out, strings.Join(words[from:i], " "))
				from, at = i, 0
			}
			if i > from {
				at++
			}
			at += n
		}
		if from < len(words) {
			out = append(out, strings.Join(words[from:], " "))
		}
	}
	return out
}
