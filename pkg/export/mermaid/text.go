package mermaid

import (
	"fmt"
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
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			b.WriteString("<br/>")
		case c <= ' ' || c >= utf8.RuneSelf || alphanumeric(c) || c == ',':
			b.WriteByte(c)
		case c == '-' && i > 0 && alphanumeric(text[i-1]) && i+1 < len(text) && alphanumeric(text[i+1]):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "#%d;", c)
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
		at := 0
		for i, w := range strings.Fields(l) {
			n := utf8.RuneCountInString(w)
			switch {
			case i == 0:
				out, at = append(out, w), n
			case at+1+n > width:
				out, at = append(out, w), n
			default:
				out[len(out)-1] += " " + w
				at += 1 + n
			}
		}
	}
	return out
}
