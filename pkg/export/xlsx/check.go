package xlsx

import (
	"fmt"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/table"
)

// check finds what a workbook cannot hold, before anything is written: excelize would cut long texts and replace
// characters without a word.
func check(set *table.Set, about About) error {
	for what, text := range map[string]string{
		"title": about.Title, "name": about.Name, "version": about.Version, "stage": about.Stage, "profile": about.Profile,
		"audience": about.Audience, "digest": about.Digest, "schema version": about.SchemaVersion, "format version": about.FormatVersion,
	} {
		if why := fault(text); why != "" {
			return fmt.Errorf("the model's %s %s", what, why)
		}
	}
	for i, text := range about.Disclaimers {
		if why := fault(text); why != "" {
			return fmt.Errorf("disclaimer %d %s", i+1, why)
		}
	}
	for _, t := range set.Tables {
		if err := checkTable(t); err != nil {
			return fmt.Errorf("table %s%w", t.Name, err)
		}
	}
	return nil
}

func checkTable(t *table.Table) error {
	if n := len(t.Rows) + 1 + spare; n > excelize.TotalRows {
		return fmt.Errorf(": %d rows are more than a sheet has", len(t.Rows))
	}
	if len(t.Columns) >= excelize.MaxColumns {
		return fmt.Errorf(": %d columns are more than a sheet has", len(t.Columns))
	}
	headings := map[string]bool{}
	for _, c := range t.Columns {
		if why := fault(c.Heading); why != "" {
			return fmt.Errorf(", column %s: the heading %s", c.Key, why)
		}
		// Derived columns are not read back, and those of the controls are named by people.
		if headings[c.Heading] && !c.Derived {
			return fmt.Errorf(", column %s: another column has the heading %q", c.Key, c.Heading)
		}
		headings[c.Heading] = true
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf(", row %d: %d cells in %d columns", i+1, len(row), len(t.Columns))
		}
		if why := fault(t.Key(row)); t.Tab == "" && why != "" {
			return fmt.Errorf(", row %d: the key %s", i+1, why)
		}
		for j, cell := range row {
			if why := fault(cell); why != "" {
				return fmt.Errorf(", row %s, column %s: the text %s", t.Key(row), t.Columns[j].Key, why)
			}
			// A row of More begins with its first key.
			if j < t.Keys && cell == "" {
				return fmt.Errorf(", row %d, column %s: a key is empty", i+1, t.Columns[j].Key)
			}
		}
	}
	return nil
}

// fault says why a cell cannot hold a text, or nothing. A carriage return would survive in Excel and not elsewhere.
func fault(text string) string {
	units := 0
	for i, r := range text {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return fmt.Sprintf("is not UTF-8 at byte %d", i)
			}
		case r < ' ' && r != '\t' && r != '\n', r == '\ufffe', r == '\uffff':
			return fmt.Sprintf("has the character %U at byte %d, which a cell cannot hold", r, i)
		}
		units++
		if r > 0xffff {
			units++
		}
	}
	if units > excelize.TotalCellChars {
		return fmt.Sprintf("has %d UTF-16 units, a cell holds %d", units, excelize.TotalCellChars)
	}
	return ""
}
