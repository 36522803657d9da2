// Package verify reads the outputs of a model back and compares what they hold with the model as it is now, record by
// record and field by field: the proof that pages, diagrams, sheets and JSON hold the same data.
//
// Its readers share no code with the writers. They know the forms of the outputs, and take the names of fields from the
// tables of the contract.
package verify

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// Expected is the model as it is now, in the forms that outputs are compared with.
type Expected struct {
	Schema *schema.Schema
	// Model is what is exported: projected to its profile, and without what its audience may not see.
	Model    *model.Model
	Facts    *analysis.Facts
	Tables   *table.Set
	Diagrams []graph.Diagram
	// Manifest is that of a new export. The names and hashes of its files are not what outputs are read by.
	Manifest export.Manifest
	// CSV says whether the cells of CSV files are guarded.
	CSV csv.Guarding
}

// Kind is how an output differs from the model.
type Kind string

// The kinds of differences.
const (
	Missing   Kind = "missing"
	Extra     Kind = "extra"
	Different Kind = "different"
)

// Difference is one thing in which an output is not what the model says.
type Difference struct {
	Kind Kind `json:"kind"`
	// File is the path of the output in the folder of the exports.
	File string `json:"file"`
	// Place is where in the file: a line such as 12, a cell such as Threats!C12, a path such as model.threats.T-1; empty
	// where the file as a whole is meant or what is missing has no place.
	Place string `json:"place,omitempty"`
	// Record is the table and key of the row, or the diagram and what is drawn in it.
	Record string `json:"record,omitempty"`
	// Field is the key of the column, empty for a whole record.
	Field string `json:"field,omitempty"`
	// Want is what the model says, Got what the output says.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
}

// String is the difference in one line.
func (d Difference) String() string {
	s := d.File
	if d.Place != "" {
		s += ":" + d.Place
	}
	s += ": " + string(d.Kind)
	if d.Record != "" {
		s += ": " + d.Record
	}
	if d.Field != "" {
		s += "." + d.Field
	}
	switch {
	case d.Kind == Different:
		s += ": the model says " + excerpt(d.Want) + ", the output says " + excerpt(d.Got)
	case d.Want != "":
		s += ": the model says " + excerpt(d.Want)
	case d.Got != "":
		s += ": the output says " + excerpt(d.Got)
	}
	return s
}

// excerpt quotes the beginning of a text.
func excerpt(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%q and %d characters more", string(r[:most]), len(r)-most)
	}
	return fmt.Sprintf("%q", s)
}

// Result is what one format holds.
type Result struct {
	Format string `json:"format"`
	// Files is how many files were read, none of a format that was not exported.
	Files int `json:"files"`
	// Records, Fields and Relations are what was read and is as the model says: rows of entries, cells that are not empty,
	// and rows of relations between them; of diagrams: nodes, labels and edges.
	Records     int          `json:"records"`
	Fields      int          `json:"fields"`
	Relations   int          `json:"relations"`
	Differences []Difference `json:"differences,omitempty"`
}

func (r *Result) add(d Difference) { r.Differences = append(r.Differences, d) }

// count counts a row that is as the model says, with so many cells that are not empty. A table whose rows have one key is
// of entries, all others are of relations.
func (r *Result) count(t *table.Table, fields int) {
	if t.Keys == 1 {
		r.Records++
	} else {
		r.Relations++
	}
	r.Fields += fields
}

// Count is how many differences are of a kind.
func (r *Result) Count(k Kind) int {
	n := 0
	for _, d := range r.Differences {
		if d.Kind == k {
			n++
		}
	}
	return n
}

// sort orders the differences by file, place and field.
func (r *Result) sort() {
	slices.SortStableFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.File, b.File), model.Natural(a.Place, b.Place), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Field, b.Field))
	})
}
