package sheet

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/source"
	"github.com/tmkit/tmkit/pkg/table"
)

// changes are what the edits of a plan mean for the model. The items of a list change together, since each moves those
// behind it.
func changes(m *model.Model, edits []Edit) []source.Change {
	var out []source.Change
	lists := map[string]int{}
	gone := map[int][]int{}
	for _, e := range edits {
		c := e.Change
		if e.list == 0 {
			out = append(out, c)
			continue
		}
		list, rest := c.Path[:e.list], c.Path[e.list:]
		key := strings.Join(list, "\x00")
		i, seen := lists[key]
		if !seen {
			i = len(out)
			lists[key] = i
			old := value(m, list)
			out = append(out, source.Change{Path: list, Old: old, New: copied(old)})
		}
		items, _ := out[i].New.([]any)
		at, err := strconv.Atoi(rest[0])
		switch {
		case err != nil:
		case len(rest) == 1 && c.New == nil:
			gone[i] = append(gone[i], at)
		case len(rest) == 1:
			out[i].New = append(items, c.New)
		case at < len(items):
			set(items[at], rest[1:], c.New)
		}
	}
	for i, at := range gone {
		items, _ := out[i].New.([]any)
		var kept []any
		for n, item := range items {
			if !slices.Contains(at, n) {
				kept = append(kept, item)
			}
		}
		out[i].New = any(kept)
		if kept == nil {
			out[i].New = nil
		}
	}
	return out
}

// set puts a value into a struct, or takes it out.
func set(v any, path []string, to any) {
	for ; len(path) > 1; path = path[1:] {
		fields, _ := v.(map[string]any)
		if fields == nil {
			return
		}
		if fields[path[0]] == nil {
			fields[path[0]] = map[string]any{}
		}
		v = fields[path[0]]
	}
	if fields, ok := v.(map[string]any); ok {
		if to == nil {
			delete(fields, path[0])
		} else {
			fields[path[0]] = to
		}
	}
}

// copied returns a value that shares nothing with v.
func copied(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copied(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = copied(item)
		}
		return out
	}
	return v
}

// value returns what a model has at a path, in the form of JSON, or nil.
func value(m *model.Model, path []string) any {
	v := reflect.ValueOf(m)
	for _, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Struct:
			i := model.FieldIndex(v.Type(), name)
			if i < 0 {
				return nil
			}
			v = v.Field(i)
		case reflect.Map:
			v = v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key()))
		case reflect.Slice:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= v.Len() {
				return nil
			}
			v = v.Index(i)
		default:
			return nil
		}
	}
	if !v.IsValid() || v.IsZero() {
		return nil
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	out, _ = table.Whole(out) // a model has no other numbers
	return out
}
