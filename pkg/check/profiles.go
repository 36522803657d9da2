package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// profiles checks what CUE cannot: the partial entries in which a profile differs.
func profiles(p *pass) {
	for _, id := range p.m.IDs(model.Profiles) {
		differs := p.m.Profiles[id].Differs
		for _, collection := range model.Keys(differs) {
			path := []string{"profiles", id, "differs", collection}
			if !slices.Contains(model.Kinds(), model.Kind(collection)) {
				p.error(path, fmt.Sprintf("%s: differs names the collection %q, but there is none", id, collection), finding.DidYouMean(collection, kindNames()))
				continue
			}
			t := p.schema.Model.Field(collection).Type.Elem
			for _, entry := range model.Keys(differs[collection]) {
				at := append(slices.Clip(path), entry)
				if !p.is(entry, model.Kind(collection)) {
					p.error(at, fmt.Sprintf("%s: differs names %q, but there is no such %s", id, entry, model.Kind(collection).Singular()), finding.DidYouMean(entry, p.m.IDs(model.Kind(collection))))
					continue
				}
				p.partial(at, t, differs[collection][entry])
			}
		}
	}
}

// partial checks the value of a part of an entry against its type.
func (p *pass) partial(path []string, t *schema.Type, v any) {
	field := strings.Join(path[4:], ".")
	if v == nil {
		return
	}
	wrong := func() { p.error(path, fmt.Sprintf("%s must be %s", field, t.Want()), "") }
	switch t.Kind {
	case schema.Struct, schema.Map:
		m := reflect.ValueOf(v)
		if m.Kind() != reflect.Map {
			wrong()
			return
		}
		for _, key := range model.SortedKeys(m) {
			at := append(slices.Clip(path), key.String())
			elem := t.Elem
			if t.Kind == schema.Struct {
				f := t.Field(key.String())
				if f == nil {
					p.error(at, fmt.Sprintf("unknown field %s in %s; allowed are %s", key, field, strings.Join(t.FieldNames(), ", ")), finding.DidYouMean(key.String(), t.FieldNames()))
					continue
				}
				if f.Name == "id" && len(path) == 5 {
					p.error(at, fmt.Sprintf("%s.id cannot differ: it is what names the entry", field), "")
					continue
				}
				elem = f.Type
				p.differing(at, f, m.MapIndex(key).Interface())
			} else if want := t.Key.Check(key.String()); want != "" {
				p.error(at, fmt.Sprintf("%q cannot be a key of %s; it must be %s", key, field, want), "")
				continue
			}
			p.partial(at, elem, m.MapIndex(key).Interface())
		}
	case schema.List:
		items, ok := v.([]any)
		if !ok {
			wrong()
			return
		}
		for i, item := range items {
			p.partial(append(slices.Clip(path), itoa(i)), t.Elem, item)
		}
	default:
		if want := t.Check(v); want != "" {
			p.error(path, fmt.Sprintf("%s is %s, but must be %s", field, shown(v), want), finding.DidYouMean(fmt.Sprint(v), t.Enum))
		}
	}
}

// differing checks the references of a field that a profile gives another value.
func (p *pass) differing(path []string, f *schema.Field, v any) {
	if len(f.Refs) == 0 || f.Refs[0] == "catalogs" {
		return
	}
	// What is no id at all is told as that.
	reference := func(path []string, t *schema.Type, v any) {
		if id, ok := v.(string); ok && t.Check(id) == "" {
			p.reference(path, f.Refs, id)
		}
	}
	switch v := v.(type) {
	case string:
		reference(path, f.Type, v)
	case []any:
		for i, item := range v {
			reference(append(slices.Clip(path), itoa(i)), f.Type.Elem, item)
		}
	case map[string]any:
		for _, id := range model.Keys(v) {
			reference(append(slices.Clip(path), id), f.Type.Key, id)
		}
	}
}

// shown is a value as it is written.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}

func kindNames() []string {
	var names []string
	for _, k := range model.Kinds() {
		names = append(names, string(k))
	}
	return names
}
