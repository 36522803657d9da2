package table

import (
	"strconv"
	"strings"
)

// comparison sets the model as it is written beside what it is in each profile: the fields that differ, and the numbers
// by which installations are compared.
func (b *builder) comparison() {
	t, col := b.derived("profile-comparison", "Profile comparison", "A field of an entry that has another value in at least one profile.", 3)
	col("collection", "Collection", "The kind of the entry.", 16, Text)
	col("entry", "Entry", "The entry.", 28, Text, "any")
	col("field", "Field", "The field, or what follows for the entry.", 24, Text)
	col("title", "Title", "The entry's title.", 40, Text)
	col("written", "As written", "The value without a profile.", 30, Text)
	sums, sum := b.derived("profile-totals", "", "How many entries have a word, in the model and in each profile.", 3)
	sum("collection", "Collection", "The kind of the entries.", 16, Text)
	sum("field", "Field", "The field, or what follows for the entry.", 20, Text)
	sum("word", "Word", "The word that it has.", 20, Text)
	sum("written", "As written", "How many without a profile.", 12, Text)
	c := b.facts.Comparison
	if c == nil {
		return
	}
	for _, id := range c.Profiles {
		// The id, since titles are long and need not differ.
		col("profile-"+id, id, "The value in the profile: "+b.m.Profiles[id].Title+".", 30, Text)
		sum("profile-"+id, id, "How many in the profile: "+b.m.Profiles[id].Title+".", 12, Text)
	}
	for _, x := range c.Contrasts {
		t.Rows = append(t.Rows, append([]string{string(x.Kind), x.ID, x.Field, b.m.Title(x.Kind, x.ID), x.Written}, x.In...))
	}
	for _, x := range c.Totals {
		row := []string{string(x.Kind), x.Field, strings.ReplaceAll(x.Word, "-", " "), strconv.Itoa(x.Written)}
		for _, n := range x.In {
			row = append(row, strconv.Itoa(n))
		}
		sums.Rows = append(sums.Rows, row)
	}
}
