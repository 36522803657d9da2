package source

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/model"
)

// width is the column up to which lists and structs are written on one line.
const width = 100

// quote returns the literal of a text, one of several lines where the text has them.
func quote(text string) string {
	if strings.Contains(text, "\n") {
		if lit := literal.String.WithTabIndent(1).Quote(text); reads(lit, text) {
			return lit
		}
	}
	return literal.String.Quote(text)
}

func reads(lit, text string) bool {
	got, err := literal.Unquote(lit)
	return err == nil && got == text
}

// requote returns the literal of a text in the style of the literal in whose place it comes, where that style can hold
// it. The lines that it has in common with that literal stay as they are written.
func requote(old, text, indent string) string {
	hashes := old[:len(old)-len(strings.TrimLeft(old, "#"))]
	lit := ""
	switch {
	case strings.HasPrefix(old, hashes+`"""`+"\n"):
		lit = relined(old, text, hashes)
	case hashes != "" && !strings.ContainsFunc(text, isControl):
		lit = hashes + `"` + text + `"` + hashes
	}
	if reads(lit, text) {
		return lit
	}
	return indented(quote(text), indent)
}

// isControl says that a character cannot be seen, and so is not written as it is.
func isControl(r rune) bool { return !unicode.IsPrint(r) }

// relined returns a literal of several lines for a text, with the lines of another one where they say the same.
func relined(old, text, hashes string) string {
	lines := strings.Split(old, "\n")
	first, last := lines[0], lines[len(lines)-1]
	indent := last[:len(last)-len(strings.TrimLeft(last, " \t"))]
	written := map[string]string{}
	for _, line := range lines[1 : len(lines)-1] {
		if t, err := literal.Unquote(first + "\n" + line + "\n" + last); err == nil {
			written[t] = line
		}
	}
	out := []string{first}
	for line := range strings.SplitSeq(text, "\n") {
		w, known := written[line]
		switch {
		case known:
		case line == "":
		case hashes == "":
			w = indent + strings.ReplaceAll(string(literal.String.WithTabIndent(1).AppendEscaped(nil, line)), `"""`, `\"""`)
		case strings.ContainsFunc(line, isControl):
			return ""
		default:
			w = indent + line
		}
		out = append(out, w)
	}
	return strings.Join(append(out, last), "\n")
}

// label returns the name of a field as it is written, in quotes where it shall have or needs them.
func label(name string, quoted bool) string {
	if quoted || ast.StringLabelNeedsQuoting(name) || token.Lookup(name).IsKeyword() {
		return literal.Label.Quote(name)
	}
	return name
}

// unwritable says why a value cannot be written as CUE, and is empty where it can.
func unwritable(v any) string {
	switch v := v.(type) {
	case nil, bool, int, model.Null:
	case string:
		if !utf8.ValidString(v) {
			return "the new value is no text in UTF-8"
		}
	case []any:
		for _, item := range v {
			if why := unwritable(item); why != "" || item == nil {
				return why
			}
		}
	case map[string]any:
		for _, name := range model.Keys(v) {
			if why := unwritable(v[name]); why != "" {
				return why
			}
			if !utf8.ValidString(name) {
				return "a name in the new value is no text in UTF-8"
			}
		}
	default:
		return "the new value is of a kind that models do not have; they have texts, whole numbers, true and false, null, lists and structs"
	}
	return ""
}

// value returns a value as cue fmt writes it behind a label, or as an item of a list; it begins at a column.
func (p *plan) value(path []string, v any, column int, labelled bool) string {
	return p.formatted("x: ", p.expr(path, v, column, 0, labelled))
}

// field returns a field behind labels, the last of which is its own, as cue fmt writes it.
func (p *plan) field(labels []string, path []string, v any, column int) string {
	start := strings.Join(labels, ": ") + ": "
	return start + p.formatted(start, p.expr(path, v, column+columns(start), 0, true))
}

func (p *plan) formatted(start, value string) string {
	out, err := format.Source([]byte(start + value))
	if err != nil {
		if p.err == nil {
			p.err = err
		}
		return value
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(out), start), "\n")
}

// expr returns an expression: on one line where it fits from its column on, else a block at a depth. A struct of one
// field needs no braces behind a label.
func (p *plan) expr(path []string, v any, column, depth int, labelled bool) string {
	tabs := strings.Repeat("\t", depth)
	switch v := v.(type) {
	case string:
		return indented(quote(v), tabs)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return p.block("[", "]", len(v), "", column, depth, func(i, column, depth int) string {
			return p.expr(below(path, strconv.Itoa(i)), v[i], column, depth, false)
		})
	case map[string]any:
		names := p.sorted(path, v)
		quoted := p.fields(path) == nil && slices.ContainsFunc(names, ast.StringLabelNeedsQuoting)
		field := func(i, column, depth int) string {
			start := label(names[i], quoted) + ": "
			return start + p.expr(below(path, names[i]), v[names[i]], column+columns(start), depth, true)
		}
		comment := ""
		if p.Comment != nil {
			comment = p.Comment(path)
		}
		if labelled && len(names) == 1 && comment == "" {
			return field(0, column, depth)
		}
		return p.block("{", "}", len(names), comment, column, depth, field)
	}
	return "null"
}

// block returns the elements of a list or struct between their braces, with a comment behind them.
func (p *plan) block(open, end string, n int, comment string, column, depth int, elt func(i, column, depth int) string) string {
	var out []string
	length := column
	for i := range n {
		out = append(out, elt(i, length, depth))
		length += columns(out[i]) + 2
	}
	if line := open + strings.Join(out, ", ") + end; comment == "" && (length <= width && !strings.Contains(line, "\n") || n == 0) {
		return line
	}
	lines := open
	for i := range n {
		lines += "\n" + strings.Repeat("\t", depth+1) + elt(i, 4*(depth+1), depth+1)
		if open == "[" {
			lines += ","
		}
	}
	if comment != "" {
		tabs := "\n" + strings.Repeat("\t", depth+1) + "// "
		lines += tabs + strings.ReplaceAll(comment, "\n", tabs)
	}
	return lines + "\n" + strings.Repeat("\t", depth) + end
}

// sorted returns the names of a struct's fields in the order in which they are written.
func (p *plan) sorted(path []string, fields map[string]any) []string {
	names := model.Keys(fields)
	order := p.fields(path)
	slices.SortStableFunc(names, func(a, b string) int { return before(order, a, b) })
	return names
}
