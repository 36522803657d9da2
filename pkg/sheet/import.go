package sheet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// Request says what is taken back, and where.
type Request struct {
	// Dir is a folder of the module.
	Dir    string
	Schema *schema.Schema
	// Model is the name of the model, where the book does not tell.
	Model string
	// Book reads what people made of an export. It is read while the model is evaluated.
	Book func() (*Book, error)
	// Base is what was exported, where the book does not tell; or nil.
	Base func() (*Book, error)
	// Partial takes the rows that are whole and leaves the others aside.
	Partial bool
	Options
}

// Outcome is what taking a book back comes to. Nothing has been written.
type Outcome struct {
	// Root is the folder of the module.
	Root  string `json:"-"`
	Model string `json:"model"`
	*Plan
	Remarks []Remark `json:"remarks,omitempty"`
	// Files are the files that change, before and after, by their absolute names. They are nil when faults or conflicts keep
	// all from being written.
	Files map[string]source.Edit `json:"-"`
	// Aside are the rows that a partial import leaves aside.
	Aside []Subject `json:"aside,omitempty"`
	// Book is what was taken back, for the rows that a partial import leaves aside; nil of one that is not partial.
	Book *Book `json:"-"`
	// Findings are the errors of the model as it was, for which nothing can be taken back.
	Findings []finding.Finding `json:"-"`
}

// Refused is a book that cannot be taken back at all.
type Refused struct{ Message, Hint string }

func (r *Refused) Error() string { return r.Message }

// Import merges a book into the model that it was exported of, in memory: it changes the sources as the plan says and
// evaluates them so. An error is a Refused, or about the machine.
func Import(req Request) (*Outcome, error) {
	type read struct {
		book, base *Book
		err        error
	}
	reading := make(chan read, 1)
	go func() {
		var r read
		if r.book, r.err = req.Book(); r.err == nil && req.Base != nil {
			r.base, r.err = req.Base()
		}
		reading <- r
	}()
	report, err := vet.Run(load.Options{Dir: req.Dir, Schema: req.Schema})
	r := <-reading
	if err := errors.Join(r.err, err); err != nil {
		return nil, err
	}
	out := &Outcome{Root: report.Root, Plan: &Plan{}, Book: r.book, Remarks: r.book.Remarks}
	if finding.Errors(report.Findings) > 0 {
		out.Findings = report.Findings
		return out, nil
	}
	loaded, err := choose(report, r.book, req.Model)
	if err != nil {
		return nil, err
	}
	m := loaded.Model
	out.Model = m.Metadata.Name
	tables := authored(m, req.Schema)
	if r.base != nil {
		r.book.Base = exported(r.base, tables)
	} else if r.book.Base == nil && r.book.sums != nil {
		r.book.unmoved(table.Build(m, analysis.Derive(m), req.Schema))
	}
	target := Target{Model: m, Tables: tables, Position: loaded.Position}
	out.Plan = Merge(r.book, target, req.Options)
	e := &editing{req: req, out: out, file: r.book.File, audience: m.Metadata.Audience, was: newSnapshot(tables, out.Plan.Edits),
		sources: &sources{loaded, report.Editor(loaded, req.Schema)}}
	return out, e.run()
}

// authored are the tables of a model without what follows from it, which nothing here looks at.
func authored(m *model.Model, s *schema.Schema) *table.Set {
	return table.Build(m, &analysis.Facts{Index: model.NewIndex(m)}, s)
}

// choose finds the model that a book is of.
func choose(report *vet.Report, b *Book, name string) (*load.Loaded, error) {
	if name == "" {
		name = b.Meta.Model
	}
	if b.Meta.Profile != "" {
		return nil, &Refused{fmt.Sprintf("%s shows the model in the profile %s, and what it says cannot be told from what the model says", b.File, b.Meta.Profile),
			"export without --profile, and edit that"}
	}
	if b.Meta.Format != "" && b.Meta.Format != export.FormatVersion {
		return nil, &Refused{fmt.Sprintf("%s was exported in the format %s, this tmkit reads %s", b.File, b.Meta.Format, export.FormatVersion),
			"take it back with the tmkit that exported it"}
	}
	audience := b.Meta.Audience
	if audience == "" {
		audience = "public"
	}
	models := report.Exported(audience)
	var names []string
	for _, m := range models {
		names = append(names, m.Model.Metadata.Name)
	}
	switch i := slices.Index(names, name); {
	case i >= 0:
		return models[i], nil
	case name != "":
		return nil, &Refused{fmt.Sprintf("%s is of the model %s for the audience %s, which no package here defines; there are: %s", b.File, name, audience, strings.Join(names, ", ")), ""}
	case len(models) == 1:
		return models[0], nil
	case len(models) == 0:
		return nil, &Refused{"no package here has a model for the audience " + audience, "tmkit vet shows which packages were found"}
	}
	return nil, &Refused{fmt.Sprintf("%s does not say which model it is of", b.File), "add --model with one of " + strings.Join(names, ", ")}
}

// exported takes a book for what was exported.
func exported(b *Book, set *table.Set) map[string]map[string]BaseRow {
	out := map[string]map[string]BaseRow{}
	for _, r := range match(b, set).rows {
		rows := out[r.table.Name]
		if rows == nil {
			rows = map[string]BaseRow{}
			out[r.table.Name] = rows
		}
		row := make([]string, len(r.table.Columns))
		was := BaseRow{Cells: map[string]string{}}
		copy(row, r.keys)
		for j, c := range r.table.Columns {
			if given, ok := r.cells[j]; ok && j >= r.table.Keys {
				row[j] = given.Text
				was.Cells[c.Key] = table.CellHash(given.Text)
			}
		}
		was.Hash = r.table.RowHash(row)
		rows[r.key()] = was
	}
	return out
}

// editing turns a plan into files.
type editing struct {
	req            Request
	out            *Outcome
	file, audience string
	was            *snapshot
	*sources
	aside map[string]bool
}

// sources are the model as it was and where it is written.
type sources struct {
	loaded *load.Loaded
	editor *source.Editor
}

// most is how many times a partial import leaves rows aside for what evaluating the others shows.
const most = 8

func (e *editing) run() error {
	e.aside = map[string]bool{}
	plan := e.out.Plan
	for range most {
		if e.req.Partial {
			e.leaveAside()
		}
		if len(plan.Conflicts) > 0 || len(plan.Faults) > e.explained() {
			return nil
		}
		before := len(plan.Faults)
		if len(plan.Edits) == 0 {
			e.out.Files = map[string]source.Edit{}
			return nil
		}
		if err := e.apply(); err != nil {
			return err
		}
		if len(plan.Faults) == before {
			return nil
		}
		e.out.Files = nil
		if !e.req.Partial {
			return nil
		}
	}
	return nil
}

// explained is how many faults are of rows that are left aside.
func (e *editing) explained() int {
	n := 0
	for _, f := range e.out.Plan.Faults {
		if e.aside[f.row()] {
			n++
		}
	}
	return n
}

// leaveAside takes the rows with faults out of a plan, and the edits of what is said of them.
func (e *editing) leaveAside() {
	plan := e.out.Plan
	for _, f := range plan.Faults {
		if f.key != "" && !e.aside[f.row()] {
			e.aside[f.row()] = true
			e.out.Aside = append(e.out.Aside, f.Subject)
		}
	}
	plan.Edits = slices.DeleteFunc(plan.Edits, func(x Edit) bool { return e.aside[x.row()] })
}

// apply changes the sources and evaluates them.
func (e *editing) apply() error {
	plan := e.out.Plan
	files, refusals, err := e.editor.Apply(changes(e.loaded.Model, plan.Edits))
	if err != nil {
		return err
	}
	for _, r := range refusals {
		f := e.blame(r.Change.Path, r.Reason, r.Hint)
		f.Position = e.loaded.Relative(r.Position)
		plan.Faults = append(plan.Faults, f)
	}
	if len(refusals) > 0 {
		return nil
	}
	if !e.req.Partial {
		e.sources, e.out.Book = nil, nil // no longer needed, while evaluating needs all the memory that there is
	}
	overlay := map[string][]byte{}
	for name, edit := range files {
		overlay[name] = edit.New
	}
	report, err := vet.Run(load.Options{Dir: e.req.Dir, Schema: e.req.Schema, Overlay: overlay})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		if f.Severity == finding.Error {
			fault := e.blame(f.Path, f.Message, f.Hint)
			if fault.Place.Row == 0 {
				fault.Position = f.Position
			}
			plan.Faults = append(plan.Faults, fault)
		}
	}
	if finding.Errors(report.Findings) == 0 {
		for _, m := range report.Exported(e.audience) {
			if m.Model.Metadata.Name == e.out.Model {
				plan.Faults = append(plan.Faults, e.was.besides(plan.Edits, authored(m.Model, e.req.Schema), m)...)
			}
		}
	}
	e.out.Files = files
	return nil
}

// blame finds the cell to which a fault of a value goes back: that whose path is the longest part of the value's, or has
// it as a part.
func (e *editing) blame(path []string, message, hint string) Fault {
	best := Fault{Subject: Subject{Place: Place{Tab: e.file}}, Message: message, Hint: hint}
	longest := 0
	consider := func(s Subject, text string, at []string) {
		n := 0
		for n < len(at) && n < len(path) && at[n] == path[n] {
			n++
		}
		if n > longest && (n == len(at) || n == len(path)) {
			longest = n
			best.Subject, best.Value = s, text
		}
	}
	for _, edit := range e.out.Plan.Edits {
		consider(edit.Subject, edit.New, edit.Change.Path)
		for _, p := range edit.parts {
			consider(p.Subject, p.text, p.path)
		}
	}
	return best
}
