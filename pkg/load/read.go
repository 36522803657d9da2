package load

import (
	"reflect"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// read fills a struct with what a package writes. It never fails: what is broken stays empty, and package check and the
// diagnosis say so. Plain literals come from the syntax, which is several times faster than asking CUE and tells what an
// author meant where CUE only has an error; what is computed comes from the evaluated value. Both ways give the same
// (TestReadersAgree).
func read(n *source.Node, value func() cue.Value, t *schema.Type, into any) {
	r := &reader{fields: map[reflect.Type]map[string]int{}}
	r.node(n, value, t, reflect.ValueOf(into).Elem())
}

type reader struct {
	// fields are the indexes of struct fields by their JSON name.
	fields map[reflect.Type]map[string]int
}

var noSource = &source.Node{}

func (r *reader) node(n *source.Node, value func() cue.Value, t *schema.Type, into reflect.Value) {
	if n.Computed() {
		r.value(value(), n, t, into)
		return
	}
	switch t.Kind {
	case schema.Struct:
		into = indirect(into)
		for _, f := range t.Fields {
			c := n.Child(f.Name)
			if c == nil {
				// A mistyped name is one fault; that what it holds is missing would be another.
				c = mistyped(n, t, f.Name)
			}
			if c == nil {
				if f.Optional || f.Required {
					continue
				}
				c = noSource
			}
			r.into(into, f.Name, func(slot reflect.Value) {
				r.node(c, lookup(value, cue.Str(f.Name)), f.Type, slot)
			})
		}
	case schema.Map:
		if !n.IsStruct() {
			return
		}
		for _, key := range n.Children() {
			c := n.Child(key)
			r.entry(into, key, func(slot reflect.Value) { r.node(c, lookup(value, cue.Str(key)), t.Elem, slot) })
			// The syntax below an entry is not asked for again, unless there is something to say about it.
			c.Forget()
		}
	case schema.List:
		if !n.IsList() {
			return
		}
		r.items(into, len(n.Children()), func(i int, slot reflect.Value) {
			r.node(n.Child(strconv.Itoa(i)), lookup(value, cue.Index(i)), t.Elem, slot)
		})
	case schema.Any:
		if v := n.Plain(); v != nil {
			set(into, v)
		}
	default:
		lits, ok := n.Literals()
		switch {
		case ok:
			set(into, lits[0].Value)
		case len(n.Values()) > 0:
			r.value(value(), n, t, into)
		case t.Default != nil:
			set(into, t.Default)
		}
	}
}

// value reads an evaluated value. The node tells the keys of a map that is too broken to tell them itself.
func (r *reader) value(v cue.Value, n *source.Node, t *schema.Type, into reflect.Value) {
	switch t.Kind {
	case schema.Struct:
		into = indirect(into)
		for _, f := range t.Fields {
			if c := v.LookupPath(cue.MakePath(cue.Str(f.Name))); c.Exists() || n.Child(f.Name) != nil {
				r.into(into, f.Name, func(slot reflect.Value) { r.value(c, orNone(n.Child(f.Name)), f.Type, slot) })
			}
		}
	case schema.Map:
		for _, key := range keys(v, n) {
			r.entry(into, key, func(slot reflect.Value) {
				r.value(v.LookupPath(cue.MakePath(cue.Str(key))), orNone(n.Child(key)), t.Elem, slot)
			})
		}
	case schema.List:
		if list, err := v.List(); err == nil {
			var items []cue.Value
			for list.Next() {
				items = append(items, list.Value())
			}
			r.items(into, len(items), func(i int, slot reflect.Value) { r.value(items[i], noSource, t.Elem, slot) })
		}
	case schema.String:
		if s, err := v.String(); err == nil {
			set(into, s)
		} else if lits, _ := n.Literals(); len(lits) > 0 {
			set(into, lits[0].Value)
		}
	case schema.Int:
		if i, err := v.Int64(); err == nil {
			set(into, int(i))
		}
	case schema.Bool:
		if b, err := v.Bool(); err == nil {
			set(into, b)
		}
	case schema.Any:
		var x any
		if err := v.Decode(&x); err == nil && x != nil {
			set(into, whole(x))
		}
	}
}

// keys returns the keys of a map: those that it has and those that are written.
func keys(v cue.Value, n *source.Node) []string {
	var out []string
	seen := map[string]bool{}
	if it, err := v.Fields(); err == nil {
		for it.Next() {
			key := it.Selector().Unquoted()
			seen[key] = true
			out = append(out, key)
		}
	}
	if n.IsList() {
		return out
	}
	for _, key := range n.Children() {
		if !seen[key] && !n.Child(key).Maybe() {
			out = append(out, key)
		}
	}
	return out
}

func orNone(n *source.Node) *source.Node {
	if n == nil {
		return noSource
	}
	return n
}

func lookup(value func() cue.Value, s cue.Selector) func() cue.Value {
	return func() cue.Value { return value().LookupPath(cue.MakePath(s)) }
}

// into calls fill with the struct field of a JSON name; where there is none, the schema and the model differ, which
// TestModelMirrorsSchema reports.
func (r *reader) into(s reflect.Value, name string, fill func(reflect.Value)) {
	if s.Kind() == reflect.Map {
		r.entry(s, name, fill)
		return
	}
	index := r.fields[s.Type()]
	if index == nil {
		index = map[string]int{}
		for i := range s.NumField() {
			json, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("json"), ",")
			index[json] = i
		}
		r.fields[s.Type()] = index
	}
	if i, ok := index[name]; ok {
		fill(s.Field(i))
	}
}

// entry fills the entry of a map, and gives it its key as id.
func (r *reader) entry(m reflect.Value, key string, fill func(reflect.Value)) {
	if m.IsNil() {
		m.Set(reflect.MakeMap(m.Type()))
	}
	slot := reflect.New(m.Type().Elem()).Elem()
	fill(slot)
	if e := indirectOr(slot); e.Kind() == reflect.Struct {
		if id := e.FieldByName("ID"); id.IsValid() {
			id.SetString(key)
		}
	}
	m.SetMapIndex(reflect.ValueOf(key).Convert(m.Type().Key()), slot)
}

func (r *reader) items(list reflect.Value, n int, fill func(int, reflect.Value)) {
	if n == 0 {
		return
	}
	list.Set(reflect.MakeSlice(list.Type(), n, n))
	for i := range n {
		fill(i, list.Index(i))
	}
}

// indirect returns what a pointer points to, after making it point to something.
func indirect(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return v.Elem()
}

// indirectOr is indirect for slots that hold structs; maps and scalars stay as they are.
func indirectOr(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer {
		return indirect(v)
	}
	return v
}

// set stores a scalar, or leaves the slot empty when the kind is wrong.
func set(slot reflect.Value, x any) {
	slot = indirectOr(slot)
	v := reflect.ValueOf(x)
	switch {
	case !v.IsValid():
	case slot.Kind() == reflect.Interface || v.Type() == slot.Type():
		slot.Set(v)
	case v.Kind() == slot.Kind() && (v.Kind() == reflect.String || v.Kind() == reflect.Map):
		slot.Set(v.Convert(slot.Type()))
	}
}

// whole makes the whole numbers of a decoded value ints, as the syntax gives them.
func whole(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			x[k] = whole(v)
		}
	case []any:
		for i, v := range x {
			x[i] = whole(v)
		}
	case int64:
		return int(x)
	}
	return x
}
