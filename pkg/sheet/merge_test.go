package sheet

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/internal/golden"
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// allFields is the model of the contract's tests that uses every field.
var allFields = sync.OnceValues(func() (*model.Model, *schema.Schema) {
	s, err := schema.V1()
	if err != nil {
		panic(err)
	}
	report, err := vet.Run(load.Options{Dir: "../../schema/testdata", Patterns: []string{"./good/every-field"}, Schema: s})
	if err != nil {
		panic(err)
	}
	return report.Exported("public")[0].Model, s
})

// shop writes the module of testdata/shop.txtar to a folder of the test's.
func shop(t testing.TB) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/shop.txtar")
	require.NoError(t, err)
	dir := t.TempDir()
	for _, f := range archive.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, f.Data, 0o644))
	}
	return dir
}

// evaluated is the model of a module.
func evaluated(t testing.TB, dir string) (*model.Model, *schema.Schema) {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	report, err := vet.Run(load.Options{Dir: dir, Schema: s})
	require.NoError(t, err)
	require.Zero(t, finding.Errors(report.Findings), "%v", report.Findings)
	return report.Exported("public")[0].Model, s
}

// target is the model as a book is merged into it.
func target(m *model.Model, s *schema.Schema) Target {
	return Target{Model: m, Tables: table.Build(m, analysis.Derive(m), s), Position: func(path []string) finding.Position {
		return finding.Position{File: strings.Join(path, "/")}
	}}
}

// bookOf is a book as an export of the tables would read back.
func bookOf(set *table.Set) *Book {
	b := &Book{File: "book.xlsx", Base: map[string]map[string]BaseRow{}}
	more := &Tab{Name: moreTab, HeaderRow: 1, Header: texts("Table", "Row", "Column", "Value", "_row")}
	for _, t := range set.Tables {
		tab := &Tab{Name: t.Tab, HeaderRow: 1}
		for _, c := range t.Columns {
			tab.Header = append(tab.Header, Cell{Text: c.Heading})
		}
		tab.Header = append(tab.Header, Cell{Text: hashHeading})
		b.Base[t.Name] = base(t)
		for i, row := range t.Rows {
			was := b.Base[t.Name][t.Key(row)]
			for j, c := range t.Columns {
				if t.Tab == "" && row[j] != "" {
					more.Rows = append(more.Rows, Row{Number: len(more.Rows) + 2, Cells: texts(t.Name, t.Key(row), c.Heading, row[j], was.Hash)})
				}
			}
			tab.Rows = append(tab.Rows, Row{Number: i + 2, Cells: texts(append(slices.Clone(row), was.Hash)...)})
		}
		if t.Tab != "" {
			b.Tabs = append(b.Tabs, tab)
		}
	}
	b.Tabs = append(b.Tabs, more)
	return b
}

func texts(ss ...string) []Cell {
	out := make([]Cell, len(ss))
	for i, s := range ss {
		out[i] = Cell{Text: s}
	}
	return out
}

// cell is the cell of a book, by the table, the row's key and the column's key.
func (b *Book) cell(t *testing.T, set *table.Set, name, key, column string) *Cell {
	tab := set.Table(name)
	j := tab.Column(column)
	require.GreaterOrEqual(t, j, 0, "%s has no column %s", name, column)
	for _, x := range b.Tabs {
		for i := range x.Rows {
			r := &x.Rows[i]
			switch {
			case x.Name == tab.Tab && tab.Tab != "":
				cells := make([]string, tab.Keys)
				for k := range cells {
					cells[k] = r.Cells[k].Text
				}
				if tab.Key(cells) == key {
					return &r.Cells[j]
				}
			case x.Name == moreTab && r.Cells[0].Text == name && r.Cells[1].Text == key && r.Cells[2].Text == tab.Columns[j].Heading:
				return &r.Cells[3]
			}
		}
	}
	require.Fail(t, "no such cell", "%s %s %s", name, key, column)
	return nil
}

func TestNoEdits(t *testing.T) {
	m, s := allFields()
	to := target(m, s)
	plan := Merge(bookOf(to.Tables), to, Options{})
	require.Empty(t, plan.Edits)
	require.Empty(t, plan.Faults)
	require.Empty(t, plan.Conflicts)
	require.Empty(t, plan.Notes)
}

// desk is a book on which somebody works.
type desk struct {
	t    *testing.T
	book *Book
	set  *table.Set
}

// put writes into a cell and returns it.
func (d desk) put(table, key, column, text string) *Cell {
	c := d.book.cell(d.t, d.set, table, key, column)
	c.Text = text
	return c
}

func (d desk) tab(name string) *Tab {
	for _, tab := range d.book.Tabs {
		if tab.Name == name {
			return tab
		}
	}
	require.Fail(d.t, "no tab "+name)
	return nil
}

// add writes a new row into a tab, by heading and text in turns.
func (d desk) add(name string, cells ...string) {
	tab := d.tab(name)
	row := Row{Number: 2, Cells: make([]Cell, len(tab.Header))}
	if n := len(tab.Rows); n > 0 {
		row.Number = tab.Rows[n-1].Number + 1
	}
	for i := 0; i < len(cells); i += 2 {
		j := slices.IndexFunc(tab.Header, func(c Cell) bool { return c.Text == cells[i] })
		require.GreaterOrEqual(d.t, j, 0, "no heading %s", cells[i])
		row.Cells[j].Text = cells[i+1]
	}
	tab.Rows = append(tab.Rows, row)
}

// drop takes the rows away that begin with the cells.
func (d desk) drop(name string, cells ...string) {
	tab := d.tab(name)
	n := len(tab.Rows)
	tab.Rows = slices.DeleteFunc(tab.Rows, func(r Row) bool {
		for i, text := range cells {
			if r.Cells[i].Text != text {
				return false
			}
		}
		return true
	})
	require.Less(d.t, len(tab.Rows), n)
}

// column is the index of a heading.
func (d desk) column(tab *Tab, heading string) int {
	j := slices.IndexFunc(tab.Header, func(c Cell) bool { return c.Text == heading })
	require.GreaterOrEqual(d.t, j, 0, heading)
	return j
}

// TestMerge tells what edits of every kind come to.
func TestMerge(t *testing.T) {
	m, s := evaluated(t, shop(t))
	was := target(m, s)
	one := "WEB-ACCESS-001"
	var out strings.Builder
	for _, c := range []struct {
		name string
		o    Options
		edit func(d desk)
		// moved is what happens to the model meanwhile.
		moved func(m *model.Model)
	}{
		{name: "text", edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") }},
		{name: "text in More", edit: func(d desk) { d.put("assumptions", "honest-hoster", "statement", "The hoster keeps to the law.") }},
		{name: "word of another case", edit: func(d desk) { d.put("threats", one, "likelihood.level", "Very High") }},
		{name: "same word of another case", edit: func(d desk) { d.put("threats", one, "likelihood.level", "HIGH ") }},
		{name: "list by commas", edit: func(d desk) { d.put("threats", one, "affects", "web-server, database\ncustomer-records") }},
		{name: "same list by commas", edit: func(d desk) { d.put("threats", one, "affects", "web-server,customer-records;") }},
		{name: "lines", edit: func(d desk) {
			d.put("threats", "WEB-ACCESS-002", "preconditions", "The operator can start a machine.\r\n\r\nNobody looks.\r\n")
		}},
		{name: "pairs", edit: func(d desk) {
			d.put("at-risk", "password-login/nist-800-53-r5/IA-5", "bearers", "operator: Watch for leaks.\nvendor: Patch.")
		}},
		{name: "pairs without a colon", edit: func(d desk) { d.put("at-risk", "password-login/nist-800-53-r5/IA-5", "bearers", "operator") }},
		{name: "numbers", edit: func(d desk) { d.put("flows", "browser-to-web-server", "ports", "443; 8443").Kind = Number }},
		{name: "date", edit: func(d desk) { d.put("threats", one, "reviewed.date", "2026-11-23").Kind = Date }},
		{name: "date in a text", edit: func(d desk) { d.put("threats", one, "title", "2026-11-23").Kind = Date }},
		{name: "truth value", edit: func(d desk) { d.put("components", "database", "optional", "TRUE").Kind = Bool }},
		{name: "formula", edit: func(d desk) { d.put("threats", one, "title", "=A1").Kind = Formula }},
		{name: "text like a formula", edit: func(d desk) { d.put("threats", one, "title", "=A1 is read") }},
		{name: "error value", edit: func(d desk) { d.put("threats", one, "title", "#REF!").Kind = Broken }},
		{name: "wrong word", edit: func(d desk) { d.put("threats", one, "impact.level", "hihg") }},
		{name: "wrong date", edit: func(d desk) { d.put("threats", one, "reviewed.date", "23.11.2026") }},
		{name: "wrong reference", edit: func(d desk) { d.put("threats", one, "affects", "web-server; data-base") }},
		{name: "too long", edit: func(d desk) { d.put("threats", one, "title", strings.Repeat("long ", 30)) }},
		{name: "required cell emptied", edit: func(d desk) { d.put("threats", one, "title", "") }},
		{name: "optional cell emptied", edit: func(d desk) { d.put("threats", one, "hardened.reason", "") }},
		{name: "cleared", o: Options{Clear: true}, edit: func(d desk) { d.put("threats", "WEB-ACCESS-002", "tags", " ") }},
		{name: "blanks and quotes of the keyboard", edit: func(d desk) {
			d.put("threats", one, "description", strings.ReplaceAll(d.book.cell(d.t, d.set, "threats", one, "description").Text, " ", "\u00a0"))
			d.put("threats", one, "hardened.reason", "A leaked password \u201calone\u201d doesn\u2019t log in.")
		}},
		{name: "derived cell", edit: func(d desk) { d.put("threats", one, "hardened-auto", "very-low") }},
		{name: "new threat", edit: func(d desk) {
			d.add("Threats", "Title", "Rival reads prices", "Theme", "access", "Actors", "password-guesser", "Affects", "web-server", "Reviewed", "2026-11-23",
				"Reviewed by", "service owner", "Likelihood", "low", "Likelihood reason", "Prices are public.", "Impact", "low", "Impact reason", "None.",
				"Description", "A rival reads all prices and undercuts them. Orders are lost.", "STRIDE", "information-disclosure", "Arises outside", "Prices are meant to be read.")
			d.add("At risk", "Subject", "WEB-ACCESS-004", "Catalogue", "nist-800-53-r5", "Entry", "AC-02(01)", "Susceptibility", "Inherent", "Rationale", "Anybody may read.",
				"Origin", "project", "Bearers", "operator: Accept it.")
		}},
		{name: "new threat without what it needs", edit: func(d desk) { d.add("Threats", "Title", "Rival reads prices", "Theme", "acces") }},
		{name: "inbox", edit: func(d desk) { d.add("Inbox", "Title", "What if the cache lies?"); d.add("Inbox", "Who", "A rival") }},
		{name: "id of another collection", edit: func(d desk) { d.add("Inbox", "Id", "database", "Title", "Twice") }},
		{name: "id that is none", edit: func(d desk) { d.add("Inbox", "Id", "Data Base", "Title", "Twice") }},
		{name: "id written over", edit: func(d desk) { d.put("threats", one, "id", "WEB-ACCESS-009") }},
		{name: "two rows of one id", edit: func(d desk) { d.put("threats", one, "id", "WEB-ACCESS-002") }},
		{name: "row gone", edit: func(d desk) { d.drop("Threats", "WEB-ACCESS-003") }},
		{name: "row pruned", o: Options{Prune: true}, edit: func(d desk) { d.drop("Threats", "WEB-ACCESS-003"); d.drop("Threat-Countermeasure", "WEB-ACCESS-003") }},
		{name: "relation gone and come", o: Options{Prune: true}, edit: func(d desk) { d.put("at-risk", "WEB-ACCESS-002/nist-800-53-r5/CP-9", "entry", "CP-9(8)") }},
		{name: "items of a list", o: Options{Prune: true}, edit: func(d desk) {
			d.put("references", "WEB-ACCESS-002/2", "title", "Guide to keys")
			more := d.tab("More")
			more.Rows = slices.DeleteFunc(more.Rows, func(r Row) bool { return r.Cells[0].Text == "references" && r.Cells[1].Text == "WEB-ACCESS-002/1" })
			d.add("More", "Table", "references", "Row", "WEB-ACCESS-002/3", "Column", "Title", "Value", "Third")
			d.add("More", "Table", "references", "Row", "WEB-ACCESS-002/3", "Column", "URL", "Value", "https://example.com/third")
		}},
		{name: "More names nothing", edit: func(d desk) {
			d.add("More", "Table", "referenzes", "Row", "x/1", "Column", "Title", "Value", "Third")
			d.add("More", "Table", "references", "Row", "x", "Column", "Title", "Value", "Third")
			d.add("More", "Table", "references", "Row", "x/1", "Column", "Titel", "Value", "Third")
			d.add("More", "Table", "references", "Row", "x/1", "Column", "Title", "Value", "Third")
			d.add("More", "Table", "references", "Row", "x/1", "Column", "URL", "Value", "https://example.com")
		}},
		{name: "relation of nobody", edit: func(d desk) {
			d.add("Threat-Countermeasure", "Threat", "WEB-ACCESS-007", "Countermeasure", "require-login", "Effect", "limit")
			d.add("Threat-Countermeasure", "Threat", one, "Countermeasure", "require-logins", "Effect", "limit")
			d.add("Threat-Countermeasure", "Countermeasure", "require-login", "Effect", "limit")
			d.add("At risk", "Subject", one, "Catalogue", "nist-800-53-r5", "Entry", "ZZ-1", "Susceptibility", "inherent", "Rationale", "x", "Origin", "project", "Bearers", "operator: x")
			d.add("At risk", "Subject", "browser-to-web-server", "Catalogue", "nist-800-53-r5", "Entry", "AC-1", "Susceptibility", "inherent", "Rationale", "x", "Origin", "project", "Bearers", "operator: x")
		}},
		{name: "columns moved, renamed, added and missing", edit: func(d desk) {
			tab := d.tab("Threats")
			title, owner := d.column(tab, "Title"), d.column(tab, "Owner")
			tab.Header[owner].Text = "Ownr"
			for i := range tab.Rows {
				tab.Rows[i].Cells[owner].Text = "somebody"
			}
			last := len(tab.Header)
			tab.Header = append(tab.Header, tab.Header[title])
			tab.Header[title] = Cell{Text: "My notes"}
			for i := range tab.Rows {
				tab.Rows[i].Cells = append(tab.Rows[i].Cells, tab.Rows[i].Cells[title])
				tab.Rows[i].Cells[title] = Cell{Text: "look here"}
			}
			tab.Rows[0].Cells[last].Text = "Outsider guesses a password"
			slices.Reverse(tab.Rows)
		}},
		{name: "heading twice", edit: func(d desk) { tab := d.tab("Threats"); tab.Header[2] = tab.Header[1] }},
		{name: "no ids", edit: func(d desk) { d.tab("Threats").Header[0].Text = "Key" }},
		{name: "tab twice and tab of nothing", edit: func(d desk) {
			twin := *d.tab("Threats")
			d.book.Tabs = append(d.book.Tabs, &twin, &Tab{Name: "Holidays", HeaderRow: 1, Header: texts("Who", "When"), Rows: []Row{{2, texts("all", "August")}}})
		}},
		{name: "tab renamed", edit: func(d desk) {
			d.put("threats", one, "title", "Outsider guesses a password")
			d.tab("Threats").Name = "Bedrohungen"
		}},
		{name: "tab gone", o: Options{Prune: true}, edit: func(d desk) {
			d.book.Tabs = slices.DeleteFunc(d.book.Tabs, func(tab *Tab) bool { return tab.Name == "Threats" })
		}},
		{name: "both sides", edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Title = "Outsider buys a password" }},
		{name: "both sides, theirs", o: Options{Prefer: Theirs}, edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Title = "Outsider buys a password" }},
		{name: "both sides, ours", o: Options{Prefer: Ours}, edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Title = "Outsider buys a password" }},
		{name: "both sides the same", edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Title = "Outsider guesses a password" }},
		{name: "both sides of one row", edit: func(d desk) { d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Impact.Level = "high" }},
		{name: "the model moved on", edit: func(d desk) {}, moved: func(m *model.Model) { m.Threats[one].Title = "Outsider buys a password" }},
		{name: "changed here, gone there", edit: func(d desk) { d.put("threats", "WEB-ACCESS-003", "title", "Visitor reads an old page") },
			moved: func(m *model.Model) { delete(m.Threats, "WEB-ACCESS-003") }},
		{name: "gone here, changed there", o: Options{Prune: true}, edit: func(d desk) { d.drop("Threats", "WEB-ACCESS-003") },
			moved: func(m *model.Model) { m.Threats["WEB-ACCESS-003"].Title = "Visitor reads an old page" }},
		{name: "gone there", edit: func(d desk) {}, moved: func(m *model.Model) { delete(m.Threats, "WEB-ACCESS-003") }},
		{name: "new there", edit: func(d desk) {}, moved: func(m *model.Model) {
			m.Inbox = map[string]*model.InboxEntry{"secret": {ID: "secret", Title: "Not for the public"}}
		}, o: Options{Prune: true}},
		{name: "no base", edit: func(d desk) { d.book.Base = nil; d.put("threats", one, "title", "Outsider guesses a password") }},
		{name: "no base, the model moved on", edit: func(d desk) { d.book.Base = nil; d.put("threats", one, "title", "Outsider guesses a password") },
			moved: func(m *model.Model) { m.Threats[one].Impact.Level = "high" }},
		{name: "no base and nothing in the rows", edit: func(d desk) {
			d.book.Base = nil
			for i := range d.tab("Threats").Rows {
				cells := d.tab("Threats").Rows[i].Cells
				cells[len(cells)-1].Text = ""
			}
			d.put("threats", one, "title", "Outsider guesses a password")
		}},
		{name: "no base on purpose", o: Options{NoBase: true}, edit: func(d desk) {
			d.book.Base = nil
			for i := range d.tab("Threats").Rows {
				cells := d.tab("Threats").Rows[i].Cells
				cells[len(cells)-1].Text = ""
			}
			d.put("threats", one, "title", "Outsider guesses a password")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desk{t, bookOf(was.Tables), was.Tables}
			c.edit(d)
			to := was
			if c.moved != nil {
				copy, _ := evaluated(t, shop(t))
				c.moved(copy)
				to = target(copy, s)
			}
			plan := Merge(d.book, to, c.o)
			fmt.Fprintf(&out, "== %s\n", c.name)
			for _, e := range plan.Edits {
				fmt.Fprintf(&out, "edit %s\n     %v: %v -> %v\n", e, e.Change.Path, e.Change.Old, e.Change.New)
			}
			for _, n := range plan.Notes {
				fmt.Fprintln(&out, "note", n, n.Hint)
			}
			for _, x := range plan.Conflicts {
				fmt.Fprintln(&out, "conflict", x)
			}
			for _, f := range plan.Faults {
				fmt.Fprintln(&out, "fault", f)
				if f.Hint != "" {
					fmt.Fprintln(&out, "      hint:", f.Hint)
				}
			}
		})
	}
	golden.Equal(t, []byte(out.String()))
}
