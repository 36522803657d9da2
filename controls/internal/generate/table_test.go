package main

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseTable(t *testing.T) {
	var faults []fault
	table, err := parseTable("t.csv", []byte("\ufeffb,a,more\r\n1,\"x\ny\",\r\n\r\n2,z,\n"), &faults, "a", "b")
	require.NoError(t, err)
	require.Len(t, table.rows, 2)
	assert.Equal(t, map[string]string{"a": "x\ny", "b": "1", "more": ""}, table.rows[0].cells)
	assert.Equal(t, 2, table.rows[0].line)
	assert.Equal(t, 5, table.rows[1].line, "a record of two lines and an empty line come before")
}

func TestParseTableFaults(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":                 {"", "t.csv:1: no header row"},
		"no column":             {"a\n1\n", `t.csv:1: no column "b"`},
		"column twice":          {"a,b,a\n", `t.csv:1: column "a" stands twice`},
		"short row":             {"a,b\n1,2\n3\n", "t.csv:3: column 1: wrong number of fields"},
		"bare quote":            {"a,b\n1,x\"y\n", `t.csv:2: column 4: bare " in non-quoted-field`},
		"open quote":            {"a,b\n1,\"x\n", `t.csv:2: column 6: extraneous or missing " in quoted-field`},
		"quote open to the end": {"a,b\n1,\"x\n3,4\n5,6\n", `t.csv:4: column 5: extraneous or missing " in quoted-field, in the record that begins in line 2`},
		"not UTF-8":             {"a,b\n1,\xe9\n", `t.csv:2: "\xe9" is not UTF-8`},
		"header broken":         {"a,\"b\n", `t.csv:1: column 6: extraneous or missing " in quoted-field`},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []fault
			_, err := parseTable("t.csv", []byte(test.text), &faults, "a", "b")
			require.EqualError(t, err, test.want)
			assert.ErrorAs(t, err, new(fault))
		})
	}
}

func TestRowFaults(t *testing.T) {
	for name, test := range map[string]struct {
		cell string
		read func(row)
		want string
	}{
		"flag":            {"yes", func(r row) { r.flag("c") }, `c: "yes" is neither 0 nor 1`},
		"empty flag":      {"", func(r row) { r.tagged("c") }, `c: "" is neither 0 nor 1`},
		"empty value":     {"a;", func(r row) { r.list("c") }, `c: an empty or repeated value in "a;"`},
		"repeated value":  {"a;b;a", func(r row) { r.list("c") }, `c: an empty or repeated value in "a;b;a"`},
		"no title":        {"", func(r row) { r.title("c") }, `c: no text`},
		"space at an end": {"a ", func(r row) { r.title("c") }, `c: "a " is not one line of at most 120 characters without white space at its ends`},
		"two lines":       {"a\nb", func(r row) { r.title("c") }, `c: "a\nb" is not one line of at most 120 characters without white space at its ends`},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []fault
			test.read(row{file: "t.csv", line: 7, cells: map[string]string{"c": test.cell}, faults: &faults})
			assert.Equal(t, []fault{{file: "t.csv", line: 7, message: test.want}}, faults)
		})
	}
}

func FuzzParseTable(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\ufeffb,a\r\n\"x\ny\",\"\"\"\"\r\n"))
	f.Add([]byte("a,b\n1,\xff\n"))
	f.Add([]byte("a,b\n\"1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var faults []fault
		table, err := parseTable("t.csv", data, &faults, "a", "b")
		if err != nil {
			var at fault
			require.ErrorAs(t, err, &at)
			require.Positive(t, at.line)
			require.Empty(t, table.rows)
			return
		}
		line := 1
		for _, r := range table.rows {
			require.Greater(t, r.line, line, "rows are in the order of the file, after the header")
			line = r.line
			for _, column := range []string{"a", "b"} {
				cell, ok := r.cells[column]
				require.True(t, ok)
				require.True(t, utf8.ValidString(cell))
				r.list(column)
				r.title(column)
			}
		}
	})
}
