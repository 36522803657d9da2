package table

import (
	"strconv"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// derived starts a table of which every column is derived, and returns how to add a column.
func (b *builder) derived(name, tab, help string, keys int) (*Table, func(key, heading, help string, width int, form Form, refs ...string)) {
	t := b.table(name, tab, help, keys)
	return t, func(key, heading, help string, width int, form Form, refs ...string) {
		t.Columns = append(t.Columns, Column{Key: key, Heading: heading + Auto, Help: help, Width: width, Form: form, Refs: refs, Derived: true})
	}
}

// completeness is what the method asks of every entry, and what is still open.
func (b *builder) completeness() {
	t, col := b.derived("completeness", "", "A question that the method asks of every entry of a kind.", 1)
	col("question", "Question", "The question's name.", 26, Text)
	col("asks", "Asks", "The question in words.", 60, Text)
	col("asked", "Asked of", "Of how many entries it is asked.", 9, Text)
	col("answered", "Answered", "How many have an answer.", 10, Text)
	col("open", "Open", "Those that have none.", 40, Words)
	for _, q := range b.facts.Completeness {
		t.Rows = append(t.Rows, []string{q.ID, q.Asks, strconv.Itoa(q.Asked), strconv.Itoa(q.Asked - len(q.Open)), autoList(q.Open)})
	}
}

// coverage counts the active entries of each catalogue, and of each selection of its publisher, by what the model says.
func (b *builder) coverage() {
	t, col := b.derived("coverage", "Coverage", "What the model says of a catalogue, or of a selection of it, in numbers.", 2)
	col("catalogue", "Catalogue", "The catalogue.", 28, Text)
	col("selection", "Selection", "A baseline or another selection of the publisher, or the whole catalogue.", 18, Text)
	col("title", "Title", "The catalogue's name.", 40, Text)
	col("active", "Active", "How many entries are active.", 9, Text)
	for _, s := range analysis.States() {
		col(string(s), capital(string(s)), "How many of them are "+string(s)+".", 10, Text)
	}
	for _, id := range model.Keys(b.facts.Coverage) {
		cov := b.facts.Coverage[id]
		for _, s := range cov.Selections() {
			row := []string{id, s.Name, b.m.Catalogs[id].Title, strconv.Itoa(s.Active)}
			for _, state := range analysis.States() {
				row = append(row, strconv.Itoa(s.States[state]))
			}
			t.Rows = append(t.Rows, row)
		}
	}
}

// lists is what the model says of the entries of techniques, weaknesses, vulnerabilities and other people's threats.
// Techniques and weaknesses are words to choose from, so that those that nobody chose are left out; the others are lists
// to be answered, entry by entry.
func (b *builder) lists() {
	t, col := b.derived("lists", "Lists", "What the model says of an entry of a published list of threats, techniques, weaknesses or vulnerabilities.", 2)
	col("catalogue", "Catalogue", "The list.", 28, Text)
	col("entry", "Entry", "The entry.", 18, Text)
	col("title", "Title", "Its title.", 44, Text)
	col("group", "Group", "Its tactic or chapter.", 16, Words)
	col("tags", "Tags", "The publisher's selections that hold it.", 16, Words)
	col("state", "State", "Covered, partly covered, excluded, referenced, or not assessed.", 15, Text)
	col("threats", "Threats", "The threats that answer it or refer to it.", 36, Words, "threats")
	col("reason", "Excluded because", "Why it does not apply.", 50, Text)
	for _, id := range model.Keys(b.facts.Coverage) {
		c := b.m.Catalogs[id]
		if c == nil || isRequirements(c) {
			continue
		}
		answered := c.Kind == "threats" || c.Kind == "vulnerabilities"
		for _, entry := range model.Keys(b.facts.Coverage[id].Entries) {
			e, f := c.Entries[entry], b.facts.Coverage[id].Entries[entry]
			if e == nil || f.State == analysis.NotAssessed && !answered {
				continue
			}
			t.Rows = append(t.Rows, []string{id, entry, e.Title, List(e.Groups), List(e.Tags), string(f.State), autoList(f.Threats), f.Reason})
		}
	}
}

// isRequirements tells whether a catalogue's entries are what somebody has to meet.
func isRequirements(c *model.Catalog) bool { return c.Kind == "controls" || c.Kind == "requirements" }

// controls is what the model says of each control and requirement: those of a baseline, and those that it cites.
func (b *builder) controls() {
	t, col := b.derived("controls", "Controls", "What the model says of a control or requirement.", 2)
	themes := model.Keys(b.m.Themes)
	col("catalogue", "Catalogue", "The catalogue.", 16, Text)
	col("entry", "Entry", "The control or requirement.", 12, Text)
	col("title", "Title", "Its title.", 40, Text)
	col("group", "Group", "Its family or chapter.", 8, Words)
	col("tags", "Baselines", "The publisher's selections that hold it.", 24, Words)
	col("state", "State", "At risk, resistant, excluded, referenced, or not assessed.", 14, Text)
	col("worst", "Worst risk", "The highest risk as installed of the threats that put it at risk.", 12, Text)
	col("bearers", "Bearers", "The parties that carry the risk.", 24, Words)
	col("threats", "Threats", "The threats that put it at risk.", 30, Words, "threats")
	col("subjects", "Other subjects", "The components and features that put it at risk or resist.", 30, Words, "components", "features")
	col("reason", "Excluded because", "Why it does not apply.", 40, Text)
	col("candidates", "Candidate by way of", "For an entry that is not assessed: what the model puts at risk of another catalogue that a crosswalk pairs with it. A question, not a state.", 24, Words)
	for _, th := range themes {
		col("theme-"+th, b.m.Themes[th].Title, "How many threats of the theme put it at risk.", 14, Text)
	}
	for _, id := range model.Keys(b.facts.Coverage) {
		c, cov := b.m.Catalogs[id], b.facts.Coverage[id]
		if c == nil || !isRequirements(c) {
			continue
		}
		for _, entry := range model.Keys(cov.Entries) {
			e, f := c.Entries[entry], cov.Entries[entry]
			if e == nil || f.State == analysis.NotAssessed && len(e.Tags) == 0 && len(f.Candidates) == 0 {
				continue
			}
			row := []string{id, entry, e.Title, List(e.Groups), List(e.Tags), string(f.State), string(f.Worst), List(f.Bearers), autoList(f.Threats), autoList(f.Others()), f.Reason, autoList(candidates(f))}
			for _, th := range themes {
				n := ""
				if f.Themes[th] > 0 {
					n = strconv.Itoa(f.Themes[th])
				}
				row = append(row, n)
			}
			t.Rows = append(t.Rows, row)
		}
	}
}

// candidates are the entries that crosswalks pair with one that is not assessed.
func candidates(f *analysis.EntryCoverage) []string {
	var out []string
	for _, c := range f.Candidates {
		out = append(out, c.Catalogue+" "+c.Entry)
	}
	return out
}
