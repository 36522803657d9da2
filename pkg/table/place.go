package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/schema"
)

// Itself is the subject of the rows that are about the model as a whole.
const Itself = "model"

// Origin is a field of a model whose values are the rows of a table.
type Origin struct {
	// Collection is the collection of the entries that have the field and that the first key names, Itself where that key
	// says that the field is the model's own, and empty where no key says so.
	Collection string
	// Field is the path of the field in the entry or the model, empty for an entry as a whole.
	Field []string
}

// Path returns the path in a model of what a row shows, by the cells of its keys. collectionOf tells the collection of an
// entry by its id, empty for an id that no entry has.
func (t *Table) Path(keys []string, collectionOf func(id string) string) ([]string, error) {
	if t.fields != nil {
		if _, ok := t.fields[keys[0]]; !ok {
			return nil, fmt.Errorf("the model has no field %q", keys[0])
		}
		return strings.Split(keys[0], "."), nil
	}
	for _, o := range t.Origins {
		switch {
		case o.Collection == "":
			return t.below(slices.Clone(o.Field), keys, 0)
		case len(o.Field) == 0:
			return []string{o.Collection, keys[0]}, nil
		case o.Collection == Itself && keys[0] == Itself:
			return t.below(slices.Clone(o.Field), keys, 1)
		case o.Collection == collectionOf(keys[0]):
			return t.below(append([]string{o.Collection, keys[0]}, o.Field...), keys, 1)
		}
	}
	if len(t.Origins) == 0 {
		return nil, fmt.Errorf("the table %s is not read back", t.Name)
	}
	if collectionOf(keys[0]) == "" {
		return nil, fmt.Errorf("no entry has the id %q", keys[0])
	}
	return nil, fmt.Errorf("%s is of %s, which have no rows in this table", keys[0], collectionOf(keys[0]))
}

// below adds the keys from the nth on to a path.
func (t *Table) below(path, keys []string, n int) ([]string, error) {
	for i := n; i < t.Keys; i++ {
		switch t.Columns[i].Key {
		case "number":
			number, err := strconv.Atoi(keys[i])
			if err != nil || number < 1 {
				return nil, fmt.Errorf("%q is no place in a list; places are counted from 1", keys[i])
			}
			path = append(path, strconv.Itoa(number-1))
		case "field":
			in := t.model.Field(keys[i-2])
			if in == nil || in.Type.Kind != schema.Map {
				return nil, fmt.Errorf("%q is no collection", keys[i-2])
			}
			parts := resolve(in.Type.Elem, keys[i])
			if parts == nil {
				return nil, fmt.Errorf("entries of %s have no field %q", keys[i-2], keys[i])
			}
			path = append(path, parts...)
		default:
			path = append(path, keys[i])
		}
	}
	return path, nil
}

// resolve takes a path whose parts are joined by dots apart. Keys of maps may hold dots themselves, so that the type says
// where a part ends.
func resolve(t *schema.Type, path string) []string {
	for end := 0; end <= len(path); end++ {
		if end < len(path) && path[end] != '.' {
			continue
		}
		var next *schema.Type
		switch t.Kind {
		case schema.Any:
			return strings.Split(path, ".")
		case schema.Struct:
			if f := t.Field(path[:end]); f != nil {
				next = f.Type
			}
		case schema.Map:
			next = t.Elem
		}
		if next == nil {
			continue
		}
		if end == len(path) {
			return []string{path}
		}
		if rest := resolve(next, path[end+1:]); rest != nil {
			return append([]string{path[:end]}, rest...)
		}
	}
	return nil
}

// Cell returns the path in a model of what a cell shows, in a row of a path that Path gave, and its column: in the table
// of the model's own fields each row has one of its own.
func (t *Table) Cell(path []string, column int) ([]string, Column) {
	c := t.Columns[column]
	switch {
	case t.fields != nil && column >= t.Keys:
		return path, t.fields[strings.Join(path, ".")]
	case c.Type != nil && c.Type.Kind == schema.Any:
		return path, c
	}
	return append(slices.Clip(path), strings.Split(c.Key, ".")...), c
}
