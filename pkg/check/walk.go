package check

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/schema"
)

// visit is called for each field that has a value, with the path that leads to it.
type visit func(path []string, f *schema.Field, v reflect.Value)

// fields walks over all fields of a model beside their description in the schema. Catalogues are left out: they are
// other people's.
func (p *pass) fields(f visit) {
	walkStruct(nil, p.schema.Model, reflect.ValueOf(p.m).Elem(), f)
}

func walkStruct(path []string, t *schema.Type, v reflect.Value, f visit) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		sf := t.Field(name)
		if sf == nil || v.Field(i).IsZero() || len(path) == 0 && name == "catalogs" {
			continue
		}
		at := append(slices.Clip(path), name)
		f(at, sf, v.Field(i))
		walk(at, sf.Type, v.Field(i), f)
	}
}

func walk(path []string, t *schema.Type, v reflect.Value, f visit) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch t.Kind {
	case schema.Struct:
		walkStruct(path, t, v, f)
	case schema.Map:
		for _, key := range sortedKeys(v) {
			walk(append(slices.Clip(path), key.String()), t.Elem, v.MapIndex(key), f)
		}
	case schema.List:
		for i := range v.Len() {
			walk(append(slices.Clip(path), strconv.Itoa(i)), t.Elem, v.Index(i), f)
		}
	}
}

func itoa(i int) string { return strconv.Itoa(i) }

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
