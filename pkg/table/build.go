package table

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// Build lays out a model and its facts. Of catalogues it shows what the model cites, and every control of a baseline.
func Build(m *model.Model, f *analysis.Facts, s *schema.Schema) *Set {
	b := &builder{m: m, facts: f, schema: s, byName: map[string]*Table{}, shapes: map[*schema.Field]*shape{}}
	b.about()
	for _, field := range s.Model.Fields {
		if field.Table == nil {
			continue
		}
		v := byName(reflect.ValueOf(m).Elem(), field.Name)
		switch {
		case field.Name == "catalogs":
			b.published(field, "Catalogue", b.m.Cited().Catalogs)
		case field.Name == "crosswalks":
			b.published(field, "Crosswalk", b.m.Cited().Crosswalks)
		case slices.Contains(model.Kinds(), model.Kind(field.Name)):
			b.collection(field, v)
		default:
			b.relation(field, nil, v)
		}
	}
	b.completeness()
	b.coverage()
	b.controls()
	b.lists()
	b.comparison()
	b.heatMap()
	b.sort()
	return &Set{b.tables}
}

type builder struct {
	m      *model.Model
	facts  *analysis.Facts
	schema *schema.Schema
	tables []*Table
	byName map[string]*Table
	shapes map[*schema.Field]*shape
}

func (b *builder) table(name, tab, help string, keys int) *Table {
	t := b.byName[name]
	if t == nil {
		t = &Table{Name: name, Title: capital(strings.ReplaceAll(name, "-", " ")), Tab: tab, Help: help, Keys: keys}
		b.byName[name] = t
		b.tables = append(b.tables, t)
	}
	if t.Tab == "" {
		t.Tab = tab
	}
	return t
}

// rowHelp says what a row is, by the comment of its definition.
func rowHelp(t *schema.Type) string {
	if t.Name == "" || t.Doc == "" {
		return ""
	}
	return capital(strings.TrimPrefix(t.Doc, "is "))
}

// sort orders the rows of every table by their keys; the numbers of list items count as numbers.
func (b *builder) sort() {
	for _, t := range b.tables {
		switch t.Name {
		case "model", "heat-map", "risk-matrix", "coverage", "completeness", "profile-comparison", "profile-totals":
			continue // their order says something
		}
		slices.SortFunc(t.Rows, func(x, y []string) int {
			for i := range t.Keys {
				if c := compare(x[i], y[i]); c != 0 {
					return c
				}
			}
			return 0
		})
	}
}

func compare(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return model.Natural(a, b)
}

// about is the table of the model's own fields, one a row.
func (b *builder) about() {
	t := b.table("model", "", "A field of the model as a whole.", 1)
	t.Columns = []Column{
		{Key: "field", Heading: "Field", Help: "Path of the field in the model.", Width: 24, Required: true},
		{Key: "value", Heading: "Value", Help: "What the model says.", Width: 80},
	}
	t.Origins, t.fields = []Origin{{}}, map[string]Column{}
	v := reflect.ValueOf(b.m).Elem()
	for _, f := range b.schema.Model.Fields {
		if f.Table != nil {
			continue
		}
		for _, l := range leaves(f.Name, "", f) {
			t.fields[l.column.Key] = l.column
			if cell := l.cell(v); cell != "" {
				t.Rows = append(t.Rows, []string{l.column.Key, cell})
			}
		}
		own := owner{id: Itself, heading: "Subject", refs: []string{"any"}, at: &Origin{Itself, []string{f.Name}}}
		b.relations(own, f.Type, byName(v, f.Name))
	}
}

// collection is the table of a collection, and the tables of its entries' relations.
func (b *builder) collection(f *schema.Field, v reflect.Value) {
	t := b.table(f.Table.Name, f.Table.Tab, rowHelp(f.Type.Elem), 1)
	var ls []*leaf
	for _, ef := range f.Type.Elem.Fields {
		ls = append(ls, leaves(ef.Name, "", ef)...)
	}
	kind := model.Kind(f.Name)
	autos := b.autos(kind)
	var fill []func(id string, e reflect.Value) string
	for _, l := range ls {
		t.Columns = append(t.Columns, l.column)
		fill = append(fill, func(_ string, e reflect.Value) string { return l.cell(e) })
		for _, a := range autos {
			if a.after == l.column.Key {
				t.Columns = append(t.Columns, a.column())
				fill = append(fill, func(id string, _ reflect.Value) string { return a.cell(id) })
			}
		}
	}
	for _, id := range b.m.IDs(kind) {
		e := v.MapIndex(reflect.ValueOf(id)).Elem()
		row := make([]string, len(fill))
		for i, cell := range fill {
			row[i] = cell(id, e)
		}
		t.Rows = append(t.Rows, row)
		b.relations(owner{id: id, heading: capital(kind.Singular()), refs: []string{f.Name}}, f.Type.Elem, e)
	}
	t.Origins = []Origin{{Collection: f.Name}}
	// Relations have their tables, empty or not, so that a sheet has a place to add to.
	none := owner{heading: capital(kind.Singular()), refs: []string{f.Name}, at: &t.Origins[0]}
	b.relations(none, f.Type.Elem, reflect.Value{})
}

// owner is the entry that a relation's rows belong to, with the heading of the column that says so, and the collection.
type owner struct {
	id, heading string
	refs        []string
	// at is where the relations' fields stand, nil where that is known already or of what others publish.
	at *Origin
}

// below returns the owner as it is for the fields of one of its fields.
func (o owner) below(field string) owner {
	if o.at != nil {
		o.at = &Origin{o.at.Collection, append(slices.Clip(o.at.Field), field)}
	}
	return o
}

// relations adds the rows of an entry's fields that have tables of their own. An invalid value only makes the tables.
func (b *builder) relations(own owner, t *schema.Type, v reflect.Value) {
	if v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem() // invalid for nil
	}
	for _, f := range t.Fields {
		switch {
		case f.Table != nil:
			b.relation(f, &own, byName(v, f.Name))
		case f.Type.Kind == schema.Struct:
			b.relations(own.below(f.Name), f.Type, byName(v, f.Name))
		}
	}
}

// relation adds the rows of one field. The keys are the owner's id, where there is one, then the keys of the maps or the
// number of the item, counted from 1.
func (b *builder) relation(f *schema.Field, own *owner, v reflect.Value) {
	r := b.shapes[f]
	if r == nil {
		r = b.shape(f, own)
		b.shapes[f] = r
	}
	switch {
	case own == nil:
		r.table.Origins = []Origin{{Field: []string{f.Name}}}
	case own.at != nil:
		r.table.Origins = append(r.table.Origins, *own.below(f.Name).at)
	}
	if !v.IsValid() || v.Kind() != reflect.Struct && v.IsZero() {
		return
	}
	var prefix []string
	if own != nil {
		prefix = []string{own.id}
	}
	b.rows(r.table, f.Type, prefix, v, r.elem, r.leaves)
}

// shape is what the rows of a relation look like.
type shape struct {
	table  *Table
	elem   *schema.Type
	leaves []*leaf
}

// shape finds out about a relation, and makes its table when no other field has made it.
func (b *builder) shape(f *schema.Field, own *owner) *shape {
	keys, elem := keyColumns(f, own)
	r := &shape{elem: elem, leaves: elemLeaves(elem)}
	help := rowHelp(elem)
	if help == "" {
		help = capital(f.Doc)
	}
	n := len(keys)
	if elem.Kind == schema.Any {
		n++ // the path in the entry tells rows apart too
	}
	r.table = b.table(f.Table.Name, f.Table.Tab, help, n)
	r.table.model = b.schema.Model
	if r.table.Columns == nil {
		for _, l := range r.leaves {
			keys = append(keys, l.column)
		}
		r.table.Columns = keys
		r.table.Columns = append(keys, b.relationAutos(r.table)...)
	} else if own != nil && r.table.Columns[0].Heading != own.heading {
		r.table.Columns[0].Heading, r.table.Columns[0].Refs = "Subject", []string{"any"}
	}
	return r
}

func (b *builder) rows(t *Table, ty *schema.Type, prefix []string, v reflect.Value, elem *schema.Type, ls []*leaf) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case ty.Kind == schema.Any:
		for _, kv := range flat("", v.Interface()) {
			b.add(t, append(slices.Clone(prefix), kv[0], kv[1]))
		}
	case ty == elem || ty.Name == "#RiskRow":
		row := slices.Clone(prefix)
		for _, l := range ls {
			row = append(row, l.cell(v))
		}
		b.add(t, row)
	case ty.Kind == schema.List:
		for i := range v.Len() {
			b.rows(t, ty.Elem, append(slices.Clip(prefix), strconv.Itoa(i+1)), v.Index(i), elem, ls)
		}
	case ty.Kind == schema.Map:
		for _, key := range model.SortedKeys(v) {
			b.rows(t, ty.Elem, append(slices.Clip(prefix), key.String()), v.MapIndex(key), elem, ls)
		}
	case ty.Kind == schema.Struct:
		for _, sf := range ty.Fields {
			if row := v.MapIndex(reflect.ValueOf(sf.Name).Convert(v.Type().Key())); row.IsValid() {
				b.rows(t, sf.Type, append(slices.Clip(prefix), sf.Name), row, elem, ls)
			}
		}
	}
}

func (b *builder) add(t *Table, row []string) {
	for _, c := range t.Columns[len(row):] {
		row = append(row, b.relationAuto(t, c.Key, row))
	}
	t.Rows = append(t.Rows, row)
}

// keyColumns returns the columns that tell a relation's rows apart, and the type of what each row holds.
func keyColumns(f *schema.Field, own *owner) ([]Column, *schema.Type) {
	var cols []Column
	if own != nil {
		cols = append(cols, Column{Key: "subject", Heading: own.heading, Help: "The entry that the row is about.", Width: 26, Required: true, Refs: own.refs})
	}
	t := f.Type
	names := map[string][]string{
		"putsAtRisk": {"catalogue", "entry"}, "techniques": {"catalogue", "entry"}, "weaknesses": {"catalogue", "entry"},
		"vulnerabilities": {"catalogue", "entry"}, "covers": {"catalogue", "entry"}, "supports": {"catalogue", "entry"},
		"exclusions": {"catalogue", "entry"}, "considered": {"subject", "question"}, "countermeasures": {"countermeasure"},
		"nodes": {"node"}, "differs": {"collection", "id"}, "entries": {"entry"}, "groups": {"group"}, "pairs": {"source", "target"}, "riskMatrix": {"likelihood"},
	}[f.Name]
	for t.Kind == schema.Map || t.Kind == schema.List || t.Name == "#RiskMatrix" {
		c := Column{Width: 22, Required: true}
		switch {
		case t.Kind == schema.List:
			c.Key, c.Heading, c.Help, c.Width = "number", "No.", "The item's place in its list, counted from 1.", 6
		case len(names) > 0:
			c.Key, names = names[0], names[1:]
			c.Heading = capital(c.Key)
			c.Help = "Which " + c.Key + " the row is about."
			if t.Key != nil {
				c.Allowed = t.Key.Enum
			}
		}
		if c.Key == "countermeasure" || c.Key == "catalogue" || c.Key == "subject" {
			c.Refs = f.Refs
		}
		cols = append(cols, c)
		if t.Name == "#RiskMatrix" {
			t = t.Fields[0].Type
			break
		}
		t = t.Elem
	}
	return cols, t
}

// elemLeaves returns the columns of what a relation's row holds.
func elemLeaves(elem *schema.Type) []*leaf {
	switch elem.Kind {
	case schema.Any:
		return []*leaf{
			{column: Column{Key: "field", Heading: "Field", Help: "Path of the field in the entry.", Width: 24, Required: true}},
			{column: Column{Key: "value", Heading: "Value", Help: "The value there in this profile, as JSON.", Width: 40, Type: elem}},
		}
	case schema.Struct:
		var ls []*leaf
		for _, ef := range elem.Fields {
			if elem.Name == "#RiskRow" {
				ef = &schema.Field{Name: ef.Name, Type: ef.Type, Doc: "risk at " + ef.Name + " impact", Column: &schema.Column{Heading: capital(strings.ReplaceAll(ef.Name, "-", " ")) + " impact", Width: 18}}
			}
			ls = append(ls, leaves(ef.Name, "", ef)...)
		}
		return ls
	}
	return nil
}

// leaf is a column, and how to read its cell from an entry.
type leaf struct {
	column Column
	path   []string
	form   func(reflect.Value) string
	// index is the path as indexes of struct fields, found when the first cell is read.
	index []int
}

// cell returns the text of the column for an entry, which is a struct or a pointer to one.
func (l *leaf) cell(v reflect.Value) string {
	if l.form == nil {
		return ""
	}
	for i, name := range l.path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ""
			}
			v = v.Elem()
		}
		if v.Kind() == reflect.Map {
			if v = byName(v, name); !v.IsValid() {
				return ""
			}
			continue
		}
		if i == len(l.index) {
			l.index = append(l.index, model.FieldIndex(v.Type(), name))
		}
		if l.index[i] < 0 {
			return ""
		}
		v = v.Field(l.index[i])
	}
	return l.form(v)
}

// leaves returns the columns of a field: one for a scalar or a plain list, one for each field of a struct.
func leaves(key, heading string, f *schema.Field) []*leaf {
	if f.Column == nil || f.Table != nil {
		return nil
	}
	heading = capital(strings.TrimSpace(heading + " " + f.Column.Heading))
	t := f.Type
	if t.Kind == schema.Struct {
		var out []*leaf
		for _, sf := range t.Fields {
			for _, l := range leaves(key+"."+sf.Name, heading, sf) {
				l.path = append([]string{f.Name}, l.path...)
				l.column.Required = l.column.Required && f.Required
				out = append(out, l)
			}
		}
		return out
	}
	c := Column{Key: key, Heading: heading, Help: capital(f.Doc), Width: f.Column.Width, Refs: f.Refs, Required: f.Required, Type: t}
	l := &leaf{path: []string{f.Name}}
	switch t.Kind {
	case schema.List:
		switch {
		case t.Elem.Kind == schema.Struct:
			c.Form, l.form = Pairs, pairsOfList
		case isWord(t.Elem) || len(f.Refs) > 0:
			c.Form, c.Allowed, l.form = Words, t.Elem.Enum, words
		default:
			c.Form, l.form = Lines, lines
		}
	case schema.Map:
		c.Form, l.form = Pairs, pairsOfMap
	case schema.Bool:
		c.Allowed, l.form = []string{"yes", "no"}, scalar
	default:
		c.Allowed, l.form = t.Enum, scalar
	}
	l.column = c
	return []*leaf{l}
}

// isWord says that a type's texts hold no separator of a Words cell.
func isWord(t *schema.Type) bool {
	switch t.Name {
	case "#ID", "#ThreatID", "#EntryID", "#CatalogID", "#Release", "#Stride":
		return true
	}
	return len(t.Enum) > 0 || t.Kind == schema.Int
}

func scalar(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "yes"
		}
		return "no"
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	}
	return v.String()
}

func words(v reflect.Value) string { return joined(v, "; ") }
func lines(v reflect.Value) string { return joined(v, "\n") }

func joined(v reflect.Value, sep string) string {
	items := make([]string, v.Len())
	for i := range items {
		items[i] = scalar(v.Index(i))
	}
	return strings.Join(items, sep)
}

// pairsOfMap writes a map to a word, or to a struct of one word.
func pairsOfMap(v reflect.Value) string {
	var out []string
	for _, key := range model.SortedKeys(v) {
		e := v.MapIndex(key)
		if e.Kind() == reflect.Pointer {
			e = e.Elem().Field(0)
		}
		out = append(out, key.String()+": "+e.String())
	}
	return strings.Join(out, "\n")
}

// pairsOfList writes a list of structs of two texts.
func pairsOfList(v reflect.Value) string {
	var out []string
	for i := range v.Len() {
		e := v.Index(i)
		out = append(out, e.Field(0).String()+": "+e.Field(1).String())
	}
	return strings.Join(out, "\n")
}

// flat writes the leaves of a partial entry, each with its path.
func flat(path string, v any) [][2]string {
	if m := reflect.ValueOf(v); m.Kind() == reflect.Map && (m.Len() > 0 || path == "") {
		var out [][2]string
		for _, key := range model.SortedKeys(m) {
			p := key.String()
			if path != "" {
				p = path + "." + p
			}
			out = append(out, flat(p, m.MapIndex(key).Interface())...)
		}
		return out
	}
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(fmt.Sprint(v))
	}
	return [][2]string{{path, string(b)}}
}

func byName(v reflect.Value, json string) reflect.Value {
	if v.IsValid() && v.Kind() == reflect.Map {
		return v.MapIndex(reflect.ValueOf(json).Convert(v.Type().Key()))
	}
	if !v.IsValid() || v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	if i := model.FieldIndex(v.Type(), json); i >= 0 {
		return v.Field(i)
	}
	return reflect.Value{}
}

// capital makes the first letter a capital one.
func capital(s string) string {
	for i, r := range s {
		if i == 0 {
			return string(unicode.ToUpper(r)) + s[len(string(r)):]
		}
	}
	return s
}
