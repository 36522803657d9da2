package verify

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/tmkit/tmkit/pkg/model"
)

// FuzzMarkdown reads any text as one of the pages. What is found right is never more than the model has, and every
// block is on a line of the page.
func FuzzMarkdown(f *testing.F) {
	files, want := pagesOf(f, "../../schema/testdata", "./good/every-field", "")
	all := readMarkdown(files, want)
	names := model.Keys(files)
	for i, name := range names {
		f.Add(uint8(i), files[name])
	}
	f.Fuzz(func(t *testing.T, i uint8, page []byte) {
		name := names[int(i)%len(names)]
		got := readMarkdown(map[string][]byte{name: page}, want)
		require.LessOrEqual(t, got.Records, all.Records)
		require.LessOrEqual(t, got.Relations, all.Relations)
		require.LessOrEqual(t, got.Fields, all.Fields)
		for _, s := range parsePage(name, string(page)) {
			for _, b := range s.blocks {
				require.Positive(t, b.line)
				require.LessOrEqual(t, b.line, 1+bytes.Count(page, []byte("\n")))
			}
		}
	})
}

// TestPagesMeanWhatIsRead holds that goldmark, which knows all of Markdown, takes the pages apart as the reader does: the
// same headings, paragraphs, items and cells with the same texts.
func TestPagesMeanWhatIsRead(t *testing.T) {
	for _, tt := range []struct{ dir, pkg string }{{"../..", "./controls/cluster-api"}, {"../../schema/testdata", "./good/every-field"}, {"../../schema/testdata", "./good/hard-cases"}} {
		files, _ := pagesOf(t, tt.dir, tt.pkg, "")
		for _, name := range model.Keys(files) {
			var got []string
			for i, s := range parsePage(name, string(files[name])) {
				if i > 0 {
					got = append(got, s.heading)
				}
				for j, b := range s.blocks {
					switch {
					case i == 0 || b.kind == blockFence, b.kind == blockRow && s.blocks[j-1].kind == blockHeadings:
					case b.kind == blockHeadings || b.kind == blockRow:
						for _, cell := range b.cells() {
							got = append(got, cell.text)
						}
					default:
						got = append(got, parseProse(b.text).text)
					}
				}
			}
			require.Equal(t, rendered(files[name]), got, name)
		}
	}
}

// rendered are the texts of the headings, paragraphs, items and cells of a page, read by goldmark, code with its backticks.
func rendered(page []byte) []string {
	var out []string
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(page))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindHeading, ast.KindParagraph, ast.KindTextBlock, extast.KindTableCell:
			out = append(out, shownBy(n, page))
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return out
}

// shownBy is the text of a node.
func shownBy(n ast.Node, page []byte) string {
	s := ""
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			if _, isCode := n.(*ast.CodeSpan); isCode {
				s += string(c.Value(page))
			} else {
				s += string(util.ResolveNumericReferences(c.Value(page)))
			}
			if c.SoftLineBreak() {
				s += " "
			}
		case *ast.CodeSpan:
			s += "`" + shownBy(c, page) + "`"
		case *ast.Emphasis:
			if c.Level == 1 {
				s += string(markup) + shownBy(c, page) + string(markup)
			} else {
				s += shownBy(c, page)
			}
		default:
			s += shownBy(c, page)
		}
	}
	return s
}
