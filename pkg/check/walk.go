package check

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// found is a field that has a value, of those that rules ask about: references, and lists that share a cell.
type found struct {
	path  []string
	field *schema.Field
	value reflect.Value
}

// needsKeys says that a field is a map that must not be empty. CUE has no constraint for that.
func needsKeys(f *schema.Field) bool { return f.Type.Kind == schema.Map && f.Type.MinItems > 0 }

// find walks once over a model beside its description in the schema. Catalogues are left out: they are other people's.
func find(m *model.Model, s *schema.Schema) []found {
	w := &walker{holds: map[*schema.Type]bool{}, fields: map[fieldKey]int{}}
	for _, f := range s.Model.Fields {
		if f.Name != "catalogs" {
			w.field(f, reflect.ValueOf(m).Elem())
		}
	}
	return w.found
}

type walker struct {
	path  []string
	found []found
	// holds tells the types below which there is anything to find.
	holds  map[*schema.Type]bool
	fields map[fieldKey]int
}

// fieldKey finds the index of a struct's field by its JSON name.
type fieldKey struct {
	t    reflect.Type
	name string
}

func wanted(f *schema.Field) bool {
	return len(f.Refs) > 0 || f.Column != nil && f.Type.Kind == schema.List || needsKeys(f)
}

func (w *walker) any(t *schema.Type) bool {
	if t == nil {
		return false
	}
	if known, done := w.holds[t]; done {
		return known
	}
	w.holds[t] = false
	has := w.any(t.Elem)
	for _, f := range t.Fields {
		has = has || wanted(f) || w.any(f.Type)
	}
	w.holds[t] = has
	return has
}

// field visits one field of a struct.
func (w *walker) field(f *schema.Field, in reflect.Value) {
	if !wanted(f) && !w.any(f.Type) {
		return
	}
	i, known := w.fields[fieldKey{in.Type(), f.Name}]
	if !known {
		i = model.FieldIndex(in.Type(), f.Name)
		w.fields[fieldKey{in.Type(), f.Name}] = i
	}
	if i < 0 || in.Field(i).IsZero() && !(needsKeys(f) && f.Required) {
		return
	}
	w.path = append(w.path, f.Name)
	if wanted(f) {
		w.found = append(w.found, found{slices.Clone(w.path), f, in.Field(i)})
	}
	w.value(f.Type, in.Field(i))
	w.path = w.path[:len(w.path)-1]
}

func (w *walker) value(t *schema.Type, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch {
	case t.Kind == schema.Struct && v.Kind() == reflect.Struct:
		for _, f := range t.Fields {
			w.field(f, v)
		}
	case t.Kind == schema.Map && w.any(t.Elem):
		for _, key := range model.SortedKeys(v) {
			w.path = append(w.path, key.String())
			w.value(t.Elem, v.MapIndex(key))
			w.path = w.path[:len(w.path)-1]
		}
	case t.Kind == schema.List && w.any(t.Elem):
		for i := range v.Len() {
			w.path = append(w.path, itoa(i))
			w.value(t.Elem, v.Index(i))
			w.path = w.path[:len(w.path)-1]
		}
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
