package verify

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

// toldLine is a line of a page that tells data, counted from 0.
type toldLine struct {
	file string
	line int
}

// linesOfData are the lines on which the pages tell cells that are not derived.
func linesOfData(r *pageReader) []toldLine {
	lines := map[toldLine]bool{}
	for _, name := range model.Keys(r.tables) {
		for _, key := range r.tables[name].keys {
			row := r.tables[name].rows[key]
			for i, cell := range row.cells {
				if cell.line > 0 && !r.tables[name].Columns[i].Derived {
					lines[toldLine{row.file, cell.line - 1}] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(lines), func(a, b toldLine) int {
		return strings.Compare(a.file+strconv.Itoa(1e6+a.line), b.file+strconv.Itoa(1e6+b.line))
	})
}

// pageChange changes a line of a page, or more from there on. It returns nil where the line has nothing of the kind.
type pageChange struct {
	what  string
	apply func(random *rand.Rand, page []string, line int) []string
}

var (
	anyLevel  = regexp.MustCompile(`\b(very-high|high|moderate|low|very-low)\b`)
	anyTarget = regexp.MustCompile(`\]\(([^)]+)\)`)
	anyEntity = regexp.MustCompile(`&#[0-9]+;`)
	anyID     = regexp.MustCompile(`\[([^\]]+)\]\([^)h][^)]*\)`)
)

// replaced changes one of the matches of a pattern in a line.
func replaced(pattern *regexp.Regexp, with func(random *rand.Rand, page []string, was string) string) func(*rand.Rand, []string, int) []string {
	return func(random *rand.Rand, page []string, line int) []string {
		data := page[line]
		if strings.HasPrefix(data, "**") && !strings.Contains(data, "susceptibility") {
			data, _, _ = strings.Cut(data, "** · ") // what is behind the title is derived
		}
		all := pattern.FindAllStringSubmatchIndex(data, -1)
		if len(all) == 0 {
			return nil
		}
		at := all[random.IntN(len(all))]
		from, to := at[len(at)-2], at[len(at)-1]
		is := with(random, page, page[line][from:to])
		if is == page[line][from:to] {
			return nil
		}
		page[line] = page[line][:from] + is + page[line][to:]
		return page
	}
}

// sectionOf are the first line of the section that has a line, and that behind its last.
func sectionOf(page []string, line int) (from, to int) {
	for from = line; from > 0 && !strings.HasPrefix(page[from], "#"); from-- {
	}
	for to = line + 1; to < len(page) && !strings.HasPrefix(page[to], "#"); to++ {
	}
	return from, to
}

func pageChanges() []pageChange {
	constant := func(s string) func(*rand.Rand, []string, string) string {
		return func(*rand.Rand, []string, string) string { return s }
	}
	return []pageChange{
		{"a word", replaced(regexp.MustCompile(`\b[a-zA-Z]{3,}\b`), constant("changed"))},
		{"a level", replaced(anyLevel, func(random *rand.Rand, _ []string, was string) string {
			return []string{"very-low", "low", "moderate", "high", "very-high"}[random.IntN(5)]
		})},
		{"an id", replaced(anyID, constant("another-id"))},
		{"a target", replaced(anyTarget, func(random *rand.Rand, page []string, was string) string {
			all := anyTarget.FindAllStringSubmatch(strings.Join(page, "\n"), -1)
			return all[random.IntN(len(all))][1]
		})},
		{"a target that is nowhere", replaced(anyTarget, constant("nowhere.md"))},
		{"an entity", replaced(anyEntity, constant("&#42;"))},
		{"a line deleted", func(_ *rand.Rand, page []string, line int) []string { return slices.Delete(page, line, line+1) }},
		{"a line doubled", func(_ *rand.Rand, page []string, line int) []string { return slices.Insert(page, line, page[line]) }},
		{"a section removed", func(_ *rand.Rand, page []string, line int) []string {
			from, to := sectionOf(page, line)
			return slices.Delete(page, from, to)
		}},
		{"a section doubled", func(_ *rand.Rand, page []string, line int) []string {
			from, to := sectionOf(page, line)
			return slices.Insert(page, to, slices.Clone(page[from:to])...)
		}},
	}
}

// TestEveryMarkdownChangeIsCaught changes what the pages say, and finds the difference in the section that was changed.
func TestEveryMarkdownChangeIsCaught(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	changes := pageChanges()
	n := 0
	for _, tt := range []struct{ dir, pkg string }{{"../../schema/testdata", "./good/every-field"}, {"../..", "./controls/cluster-api"}} {
		files, want := pagesOf(t, tt.dir, tt.pkg, "")
		lines := linesOfData(readPages(files, want))
		require.Greater(t, len(lines), 500)
		for i := 0; i < 100; {
			change := changes[n%len(changes)]
			at := lines[random.IntN(len(lines))]
			was := strings.Split(string(files[at.file]), "\n")
			page := change.apply(random, slices.Clone(was), at.line)
			if page == nil {
				continue
			}
			i, n = i+1, n+1
			changed := maps.Clone(files)
			changed[at.file] = []byte(strings.Join(page, "\n"))
			got := readMarkdown(changed, want)
			from, to := sectionOf(was, at.line)
			to += max(len(page)-len(was), 0)
			// A part that is gone is missing in its entry, which the third line is the heading of, and the last section of a
			// page has no place on it when it is gone.
			gone := change.what == "a section removed" || change.what == "a line deleted" && at.line == from
			found := slices.ContainsFunc(got.Differences, func(d Difference) bool {
				line, err := strconv.Atoi(d.Place)
				return d.File == at.file && (err == nil && (line > from && line <= to+1 || line == 3) || gone)
			})
			require.True(t, found, "%s in %s:%d: %s\n%v", change.what, at.file, at.line+1, was[at.line], got.Differences)
		}
	}
	require.Equal(t, 200, n)
}

// TestLinesLeftToBytes deletes any line of the pages that is no part of a diagram. Those that nobody misses are of tables
// with several entries, of which the rows are derived, and of sentences and lists that say what other pages do.
func TestLinesLeftToBytes(t *testing.T) {
	files, want := pagesOf(t, "../..", "./controls/cluster-api", "")
	random := rand.New(rand.NewPCG(3, 4))
	names := model.Keys(files)
	caught, total := 0, 0
	missed := map[string]int{}
	for total < 200 {
		file := names[random.IntN(len(names))]
		page := strings.Split(string(files[file]), "\n")
		line := random.IntN(len(page))
		kind := kindOfLine(page, line)
		if kind == "" {
			continue
		}
		total++
		changed := maps.Clone(files)
		changed[file] = []byte(strings.Join(slices.Delete(slices.Clone(page), line, line+1), "\n"))
		if len(readMarkdown(changed, want).Differences) > 0 {
			caught++
		} else {
			missed[kind]++
		}
	}
	t.Logf("%d of %d deletions are caught; the others are of %v", caught, total, missed)
	require.Greater(t, caught, total*8/10)
}

// kindOfLine is the label or the headings of the table that a line is in, empty for one that tells nothing or is in a
// diagram or the table beneath it.
func kindOfLine(page []string, line int) string {
	inFence, kind := false, ""
	for i, s := range page[:line+1] {
		switch {
		case strings.HasPrefix(s, "```"):
			inFence = !inFence
		case strings.HasPrefix(s, "**") || strings.HasPrefix(s, "#"):
			kind, _, _ = strings.Cut(strings.Trim(s, "*# "), ":")
		case strings.HasPrefix(s, "|") && page[i-1] == "":
			kind = s
		}
	}
	if s := page[line]; inFence || s == "" || strings.HasPrefix(s, "```") || strings.HasPrefix(s, "<!--") || strings.HasPrefix(kind, "| Drawn |") {
		return ""
	}
	return kind
}
