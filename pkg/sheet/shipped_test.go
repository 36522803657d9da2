package sheet

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// kubernetes copies the packages of the shipped Kubernetes model to a folder of the test's.
func kubernetes(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"cue.mod", "schema/v1", "threats", "controls"} {
		from := filepath.Join("../..", filepath.FromSlash(name))
		require.NoError(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && d.Name() == "cluster-api" {
				return fs.SkipDir
			}
			if err != nil || d.IsDir() || filepath.Ext(path) != ".cue" {
				return err
			}
			rel, err := filepath.Rel("../..", path)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			to := filepath.Join(dir, rel)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, data, 0o644)
		}))
	}
	return dir
}

// work is one edit of the shipped workbook: the cell of a row and column, and what somebody writes into it.
type work struct {
	table, column string
	// row counts the rows of the table whose cell says something, or says nothing where the edit fills it in.
	row  int
	fill bool
	to   func(was string) string
}

func says(text string) func(string) string { return func(string) string { return text } }
func one(of ...string) func(string) string {
	return func(was string) string { return of[(slices.Index(of, was)+1)%len(of)] }
}
func ends(text string) func(string) string   { return func(was string) string { return was + text } }
func begins(text string) func(string) string { return func(was string) string { return text + was } }

// works are edits of every kind, of fields in every place where the model writes them.
var works = []work{
	{"threats", "title", 3, false, says("Somebody with a foothold reads what is not theirs")},
	{"threats", "title", 40, false, says(`Says "yes" to \(everything) it is asked`)},
	{"threats", "description", 7, false, ends("\n\nA second paragraph with `code`:\n\n- one\n- two")},
	{"threats", "description", 90, false, begins("=SUM(A1) is what the first word was. ")},
	{"threats", "likelihood.level", 11, false, one("low", "very-high")},
	{"threats", "impact.level", 120, false, one("Low", "moderate")},
	{"threats", "likelihood.reason", 150, false, ends(" Umlauts (ä), a lock (\U0001f512) and a backslash (\\).")},
	{"threats", "hardened.reason", 20, false, begins("@all: ")},
	{"threats", "asInstalled.likelihood", 15, false, one("very-low", "high")},
	{"threats", "stride", 30, false, says("tampering, repudiation")},
	{"threats", "affects", 60, false, ends("; etcd")},
	{"threats", "actors", 80, false, says("pod-attacker\ntoken-thief")},
	{"threats", "reviewed.date", 100, false, says("2026-11-23")},
	{"threats", "reviewed.by", 101, false, says("platform reviewer")},
	{"threats", "preconditions", 25, false, begins("First of all.\n")},
	{"threats", "owner", 50, true, says("platform team")},
	{"threats", "notes", 51, true, says("To be looked at again.\n\nSoon.")},
	{"threats", "tags", 52, true, says("edited; in-a-sheet")},
	{"at-risk", "rationale", 10, false, ends(" As the compliance officer says.")},
	{"at-risk", "rationale", 500, false, begins("-1 is not what it was. ")},
	{"at-risk", "susceptibility", 300, false, one("inherent", "conditional")},
	{"at-risk", "bearers", 200, false, says("vendor: Must say so.\noperator: Must read it.")},
	{"at-risk", "evidence", 33, false, ends("\ninterview: Ask who knows")},
	{"threat-countermeasure", "note", 100, false, says("As far as it goes: not far.")},
	{"threat-countermeasure", "extent", 600, false, one("full", "partial")},
	{"threat-countermeasure", "effect", 900, false, one("deter", "limit")},
	{"components", "description", 5, false, ends(" And more.")},
	{"components", "technology", 9, true, says("Go")},
	{"flows", "protocol", 12, false, says("Carrier pigeon")},
	{"flows", "ports", 3, false, says("6443, 8443")},
	{"features", "description", 77, false, begins("+ ")},
	{"countermeasures", "check", 88, false, says("Look at it.")},
	{"assets", "confidentiality", 30, false, one("low", "high")},
	{"themes", "description", 4, false, ends(" That is all.")},
	{"references", "title", 300, false, says("A better title")},
	{"exclusions", "reason", 20, false, says("It does not apply.")},
}

// TestFortyEdits edits 40 cells and rows of the shipped Kubernetes workbook, takes it back, and holds that the model has
// these changes and no others, that only what they name changed in the source, and that the next export is the edited
// workbook again.
func TestFortyEdits(t *testing.T) {
	dir := kubernetes(t)
	before := make(map[string]string)
	m, s := evaluated(t, dir)
	was := target(m, s)
	for _, tab := range was.Tables.Tables {
		for key, text := range cells(tab) {
			before[key] = text
		}
	}
	want := map[string]string{}
	book := edited(t, exportedBook(t, dir), func(f *excelize.File) {
		lines, err := f.GetRows("More")
		require.NoError(t, err)
		for _, w := range works {
			tab := was.Tables.Table(w.table)
			j := tab.Column(w.column)
			row := pick(t, tab, j, w)
			text := w.to(row[j])
			require.NotEqual(t, text, row[j])
			want[tab.Name+" "+tab.Key(row)+" "+w.column] = text
			at := []int{j + 1, slices.IndexFunc(tab.Rows, func(r []string) bool { return &r[0] == &row[0] }) + 2}
			if tab.Tab == "" {
				line := []string{tab.Name, tab.Key(row), tab.Columns[j].Heading}
				at = []int{4, slices.IndexFunc(lines, func(r []string) bool { return len(r) > 3 && slices.Equal(r[:3], line) }) + 1}
			}
			name, err := excelize.CoordinatesToCellName(at[0], at[1])
			require.NoError(t, err)
			sheet := tab.Tab
			if sheet == "" {
				sheet = "More"
			}
			require.NoError(t, f.SetCellStr(sheet, name, text))
		}
		appended(t, f, "Inbox", "Title", "What if nobody reads the log?", "Who", "Everybody")
		appended(t, f, "Threats", "Title", "Log is never read", "Theme", "theme-audit", "Actors", "security-analyst", "Affects", "audit-pipeline", "Reviewed", "2026-11-23",
			"Reviewed by", "security reviewer", "Likelihood", "moderate", "Likelihood reason", "Nobody is paid for it.", "Impact", "moderate", "Impact reason", "What happened is known late.",
			"Description", "Records are kept and nobody looks. An attack is found out weeks later by its effects.", "STRIDE", "repudiation", "Arises outside", "It is a matter of people.")
		appended(t, f, "At risk", "Subject", "K8S-NODE-001", "Catalogue", "nist-800-53-r5", "Entry", "SI-04", "Susceptibility", "conditional", "Rationale", "Commands through the kubelet are seen by no monitor of the API.",
			"Origin", "project", "Bearers", "operator: Must watch processes on the node.")
		appended(t, f, "Threat-Countermeasure", "Threat", "K8S-NODE-004", "Countermeasure", "watch-nodes-from-outside", "Effect", "detect")
	})
	require.Equal(t, 40, len(works)+4)

	out := taken(t, dir, book, nil)
	require.Empty(t, out.Faults)
	require.Empty(t, out.Conflicts)
	require.Len(t, out.Edits, 40)
	removed, added := 0, 0
	for _, name := range model.Keys(out.Files) {
		text := string(diff.Diff("old", out.Files[name].Old, "new", out.Files[name].New))
		for _, line := range strings.Split(text, "\n")[3:] {
			switch {
			case strings.HasPrefix(line, "-"):
				removed++
				require.False(t, strings.HasPrefix(strings.TrimSpace(line[1:]), "//"), "a comment is gone: %s", line)
			case strings.HasPrefix(line, "+"):
				added++
			}
		}
	}
	require.LessOrEqual(t, removed, len(works), "an edit changes the line of its literal, and no other")
	t.Log(removed, "lines removed,", added, "added, in", len(out.Files), "files")
	out.write(t)

	m, _ = evaluated(t, dir)
	is := target(m, s)
	differs := map[string]string{}
	rows := map[string]bool{}
	for _, tab := range is.Tables.Tables {
		for key, text := range cells(tab) {
			if old, ok := before[key]; !ok || old != text {
				differs[key] = text
			}
			delete(before, key)
		}
	}
	require.Empty(t, before, "what is no longer there")
	for key, text := range want {
		i := strings.LastIndex(key, " ")
		name, _, _ := strings.Cut(key, " ")
		c := was.Tables.Table(name).Columns[was.Tables.Table(name).Column(key[i+1:])]
		v, faults := c.Parse(text)
		require.Empty(t, faults)
		require.Equal(t, c.Format(v), differs[key], key)
		delete(differs, key)
	}
	for key := range differs {
		i := strings.LastIndex(key, " ")
		rows[key[:i]] = true
	}
	require.Equal(t, []string{"at-risk K8S-NODE-001/nist-800-53-r5/SI-4", "inbox what-if-nobody-reads-the-log", "threat-countermeasure K8S-NODE-004/watch-nodes-from-outside", "threats K8S-AUDIT-" + next(m)}, model.Keys(rows), "new rows")

	again := Merge(book, is, Options{NoBase: true})
	require.Empty(t, again.Edits)
	require.Empty(t, again.Conflicts)
	require.Empty(t, again.Faults)
}

// next is the number of the threat that the test adds.
func next(m *model.Model) string {
	ids := slices.DeleteFunc(m.IDs(model.Threats), func(id string) bool { return !strings.HasPrefix(id, "K8S-AUDIT-") })
	slices.SortFunc(ids, model.Natural)
	return strings.TrimPrefix(ids[len(ids)-1], "K8S-AUDIT-")
}

// cells are the cells of a table that can be edited, by table, key and column.
func cells(tab *table.Table) map[string]string {
	out := map[string]string{}
	for _, row := range tab.Rows {
		for j, c := range tab.Columns {
			if !c.Derived && len(tab.Origins) > 0 && (row[j] != "" || j == 0) {
				out[tab.Name+" "+tab.Key(row)+" "+c.Key] = row[j]
			}
		}
	}
	return out
}

// pick returns the row of an edit.
func pick(t *testing.T, tab *table.Table, j int, w work) []string {
	t.Helper()
	n := 0
	for _, row := range tab.Rows {
		if (row[j] == "") != w.fill {
			continue
		}
		if n == w.row {
			return row
		}
		n++
	}
	require.Fail(t, "too few rows", "%s %s", w.table, w.column)
	return nil
}
