package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

const (
	modelFile  = "model.json"
	schemaFile = "model.schema.json"
)

// readJSON reads model.json back, by names and places alone: no struct of the model is in the way. Every cell of the
// tables has its value there, and what no cell is about is extra; what follows from the model is compared path by path.
// The JSON Schema holds nothing of the model: its bytes are compared, with those of all files.
func readJSON(files map[string][]byte, want *Expected) Result {
	r := Result{Format: string(export.JSON)}
	if _, ok := files[schemaFile]; ok {
		r.Files++
	}
	data, ok := files[modelFile]
	if !ok {
		r.add(Difference{Kind: Missing, File: modelFile})
		return r
	}
	r.Files++
	doc, fault := parseJSON(data)
	if fault != nil {
		fault.File = modelFile
		r.add(*fault)
		return r
	}
	if doc.fields == nil {
		r.add(Difference{Kind: Different, File: modelFile, Want: "an object", Got: doc.String()})
		return r
	}
	head, err := asJSON(map[string]any{"format": want.Manifest.Format, "digest": want.Manifest.Digest, "derived": want.Facts, "model": nil})
	if err == nil && want.Manifest.Profile != "" {
		head.fields["profile"] = &jsonValue{plain: want.Manifest.Profile}
	}
	if err != nil {
		r.add(Difference{Kind: Different, File: modelFile, Want: "a model that can be written as JSON", Got: err.Error()})
		return r
	}
	root := doc.fields["model"]
	if root == nil || root.fields == nil {
		d := Difference{Kind: Missing, File: modelFile, Place: "model"}
		if root != nil {
			d.Kind, d.Want, d.Got = Different, "an object", root.String()
		}
		r.add(d)
		root = &jsonValue{}
	}
	doc.fields["model"] = head.fields["model"]
	r.same(modelFile, "", head, doc)

	for _, t := range want.Tables.Tables {
		below := published(want.Schema.Model, t)
		for _, row := range t.Rows {
			var path []string
			switch {
			case below != nil:
				path = below(row)
			case len(t.Origins) == 0:
				continue // its rows follow from others
			default:
				if path, err = t.Path(row[:t.Keys], func(id string) string { return string(want.Facts.Index[id]) }); err != nil {
					r.add(Difference{Kind: Missing, File: modelFile, Record: t.Name + " " + t.Key(row), Want: err.Error()})
					continue
				}
			}
			r.row(root, t, row, path)
		}
	}
	r.untold("model", root)
	return r
}

// published returns how to find the path of a row in a table of what others publish, nil for all other tables.
func published(m *schema.Type, t *table.Table) func(row []string) []string {
	for _, name := range []string{"catalogs", "crosswalks"} {
		list := m.Field(name)
		if list.Table.Name == t.Name {
			return func(row []string) []string { return []string{name, row[0]} }
		}
		for _, f := range list.Type.Elem.Fields {
			if f.Table != nil && f.Table.Name == t.Name {
				return func(row []string) []string { return append([]string{name, row[0], f.Name}, row[1:t.Keys]...) }
			}
		}
	}
	return nil
}

// row compares a row with what the model in the JSON has at its path.
func (r *Result) row(root *jsonValue, t *table.Table, row, path []string) {
	d := Difference{File: modelFile, Place: placeOf("model", path), Record: t.Name + " " + t.Key(row)}
	if root.find(path) == nil {
		d.Kind = Missing
		r.add(d)
		return
	}
	fields, right := t.Keys, true
	for i, cell := range row {
		at, c := t.Cell(path, i)
		if c.Derived || c.Type == nil {
			continue
		}
		if i < t.Keys {
			fields-- // an id stands in the entry too
		}
		d.Place, d.Field, d.Want, d.Got = placeOf("model", at), c.Key, cell, ""
		v := root.find(at)
		switch {
		case v == nil && cell == "":
			continue
		case v == nil:
			d.Kind = Missing
		default:
			v.told = true
			x := v.value()
			if c.Format(x) == cell && isOf(c.Type, x) {
				if cell != "" {
					fields++
				}
				continue
			}
			d.Kind, d.Got = Different, v.String()
		}
		right = false
		r.add(d)
	}
	if right {
		r.count(t, fields)
	}
}

// isOf says that a value has the shape of a type, since a cell shows true as it does the word yes.
func isOf(t *schema.Type, value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, x := range v {
			elem := t.Elem
			if f := t.Field(key); t.Kind == schema.Struct && f != nil {
				elem = f.Type
			}
			if t.Kind != schema.Any && (elem == nil || !isOf(elem, x)) {
				return false
			}
		}
		return t.Kind == schema.Struct || t.Kind == schema.Map || t.Kind == schema.Any
	case []any:
		return t.Kind == schema.Any || t.Kind == schema.List && !slices.ContainsFunc(v, func(x any) bool { return !isOf(t.Elem, x) })
	case string:
		return t.Kind == schema.Any || t.Kind == schema.String
	case int:
		return t.Kind == schema.Any || t.Kind == schema.Int
	case bool:
		return t.Kind == schema.Any || t.Kind == schema.Bool
	}
	return t.Kind == schema.Any
}

// jsonValue is a value in a JSON text. One of fields, items and plain is set.
type jsonValue struct {
	fields map[string]*jsonValue
	items  []*jsonValue
	// plain is a text, a bool, an int, a json.Number that is no int, or model.Null.
	plain any
	// passed says that something was looked for in the value, told that a cell is about all of it.
	passed, told bool
}

// parseJSON reads a text, in which no name may be there twice in one object, and says where it is at fault.
func parseJSON(data []byte) (*jsonValue, *Difference) {
	fault := func(offset int64, why string) *Difference {
		line := 1 + bytes.Count(data[:offset], []byte("\n"))
		return &Difference{Kind: Different, Place: strconv.Itoa(line), Want: "JSON", Got: why}
	}
	// The decoder below takes texts that are deeper than any stack.
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		var at *json.SyntaxError
		if !errors.As(err, &at) {
			return nil, fault(0, err.Error())
		}
		return nil, fault(at.Offset, err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := nextJSON(d)
	if err != nil {
		return nil, fault(d.InputOffset(), err.Error())
	}
	return v, nil
}

// nextJSON reads the next value.
func nextJSON(d *json.Decoder) (*jsonValue, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		v := &jsonValue{items: []*jsonValue{}}
		if token == '{' {
			v = &jsonValue{fields: map[string]*jsonValue{}}
		}
		for d.More() {
			var name json.Token
			if token == '{' {
				if name, err = d.Token(); err != nil {
					return nil, err
				}
			}
			elem, err := nextJSON(d)
			if err != nil {
				return nil, err
			}
			switch key, isField := name.(string); {
			case !isField:
				v.items = append(v.items, elem)
			case v.fields[key] != nil:
				return nil, fmt.Errorf("the name %q is there twice", key)
			default:
				v.fields[key] = elem
			}
		}
		_, err := d.Token()
		return v, err
	case json.Number:
		if n, err := strconv.Atoi(token.String()); err == nil {
			return &jsonValue{plain: n}, nil
		}
	case nil:
		return &jsonValue{plain: model.Null{}}, nil
	}
	return &jsonValue{plain: token}, nil
}

// asJSON is a value as it is read back from JSON.
func asJSON(v any) (*jsonValue, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return nextJSON(d)
}

// find returns what stands at a path, or nil.
func (v *jsonValue) find(path []string) *jsonValue {
	for _, name := range path {
		v.passed = true
		if v = v.child(name); v == nil {
			return nil
		}
	}
	v.passed = true
	return v
}

// child is the field of a name, or the item of a number counted from 0; nil where there is none.
func (v *jsonValue) child(name string) *jsonValue {
	if i, err := strconv.Atoi(name); v.items != nil && err == nil && i >= 0 && i < len(v.items) {
		return v.items[i]
	}
	return v.fields[name]
}

// value is the value as cells are made of.
func (v *jsonValue) value() any {
	switch {
	case v.fields != nil:
		out := make(map[string]any, len(v.fields))
		for name, field := range v.fields {
			out[name] = field.value()
		}
		return out
	case v.items != nil:
		out := make([]any, len(v.items))
		for i, item := range v.items {
			out[i] = item.value()
		}
		return out
	}
	return v.plain
}

// String is the value as JSON, or its text.
func (v *jsonValue) String() string {
	if s, ok := v.plain.(string); ok {
		return s
	}
	b, err := json.Marshal(v.value())
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// names are the names of what the value holds, in order.
func (v *jsonValue) names() []string {
	names := model.Keys(v.fields)
	for i := range v.items {
		names = append(names, strconv.Itoa(i))
	}
	return names
}

// placeOf is the place of what stands at a path below another.
func placeOf(base string, path []string) string {
	return strings.Trim(base+"."+strings.Join(path, "."), ".")
}

// untold reports what no cell is about: of each part only the part as a whole.
func (r *Result) untold(place string, v *jsonValue) {
	switch {
	case v.told:
	case !v.passed || v.plain != nil:
		r.add(Difference{Kind: Extra, File: modelFile, Place: place, Got: v.String()})
	default:
		for _, name := range v.names() {
			r.untold(placeOf(place, []string{name}), v.child(name))
		}
	}
}

// same compares two values, part by part.
func (r *Result) same(file, place string, want, got *jsonValue) {
	if (want.fields == nil) != (got.fields == nil) || (want.items == nil) != (got.items == nil) || want.plain != got.plain {
		r.add(Difference{Kind: Different, File: file, Place: place, Want: want.String(), Got: got.String()})
		return
	}
	for _, name := range want.names() {
		if got.child(name) == nil {
			r.add(Difference{Kind: Missing, File: file, Place: placeOf(place, []string{name}), Want: want.child(name).String()})
		}
	}
	for _, name := range got.names() {
		below := placeOf(place, []string{name})
		if w := want.child(name); w == nil {
			r.add(Difference{Kind: Extra, File: file, Place: below, Got: got.child(name).String()})
		} else {
			r.same(file, below, w, got.child(name))
		}
	}
}
