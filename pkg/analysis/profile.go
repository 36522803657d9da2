package analysis

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// ProjectFault is why a profile cannot be applied to a model.
type ProjectFault struct {
	// Profile is the profile's id.
	Profile string
	// Path leads from the profile to the fault, such as differs/components/etcd. It is empty when there is no such profile.
	Path string
	// Message says what is wrong, in words.
	Message string
	// Allowed are the names that would do instead, in order, when a name is at fault.
	Allowed []string
}

// Error says where the fault is, what it is, and what would do instead.
func (f *ProjectFault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %s: ", f.Profile)
	if f.Path != "" {
		fmt.Fprintf(&b, "%s: ", f.Path)
	}
	b.WriteString(f.Message)
	if len(f.Allowed) > 0 {
		fmt.Fprintf(&b, "; there are: %s", strings.Join(f.Allowed, ", "))
	}
	return b.String()
}

// Project returns the model as it is for the installations that a profile stands for. The model itself stays as it is.
//
// First the differences are applied, each as a JSON merge patch (RFC 7396): maps are merged, lists and scalars replaced,
// null takes a field away. Then everything absent goes, and with it whatever cannot stand without it: a component of
// which the whole is absent, a feature of a component, a flow with an end or a tunnel, a countermeasure with something
// that it requires, a threat with all it affects, with all its actors or with all the features that it arises from, a
// scenario with all its steps, a waiver with its subject, a question that was answered by a threat. Everywhere else the
// references to what is gone are dropped. What stands in an absent boundary moves to the nearest one around it, and
// goes if there is none. A tree keeps its nodes; one that names what is gone gives that as its reason.
//
// Exclusions for the profile become exclusions for all, and those for others go. Metadata and profiles stay, but for
// what they say of entries that are gone.
//
// All faults are joined into one error; each is a [ProjectFault].
func Project(m *model.Model, profile string) (*model.Model, error) {
	if m.Profiles[profile] == nil {
		return nil, &ProjectFault{Profile: profile, Message: "no such profile in the model", Allowed: model.Keys(m.Profiles)}
	}
	out, err := clone(m)
	if err != nil {
		return nil, err
	}
	p := out.Profiles[profile]
	if err := change(out, p, profile); err != nil {
		return nil, err
	}
	remove(out, p.Absent)
	for _, c := range model.Keys(out.Exclusions) {
		maps.DeleteFunc(out.Exclusions[c], func(_ string, x *model.Exclusion) bool {
			return x != nil && x.Profile != "" && x.Profile != profile
		})
		for _, x := range entries(out.Exclusions[c]) {
			x.Profile = ""
		}
	}
	return out, nil
}

// clone copies a model by way of its JSON, which is its canonical form.
func clone(m *model.Model) (*model.Model, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	var out model.Model
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// fieldsOf returns the JSON fields of an entry, which is given by a pointer.
func fieldsOf(entry reflect.Value) (map[string]any, error) {
	data, err := json.Marshal(entry.Interface())
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	return fields, json.Unmarshal(data, &fields)
}

// change applies the differences of a profile.
func change(m *model.Model, p *model.Profile, profile string) error {
	var faults []error
	// A profile cannot change what profiles are.
	kinds := slices.DeleteFunc(model.Kinds(), func(k model.Kind) bool { return k == model.Profiles })
	for _, c := range model.Keys(p.Differs) {
		kind := model.Kind(c)
		if !slices.Contains(kinds, kind) {
			var names []string
			for _, k := range kinds {
				names = append(names, string(k))
			}
			faults = append(faults, &ProjectFault{profile, "differs/" + c, "no such collection", names})
			continue
		}
		entries := m.Collection(kind)
		for _, id := range model.Keys(p.Differs[c]) {
			path := "differs/" + c + "/" + id
			entry := entries.MapIndex(reflect.ValueOf(id))
			if !entry.IsValid() || entry.IsNil() {
				faults = append(faults, &ProjectFault{profile, path, "no such " + kind.Singular(), nil})
				continue
			}
			changed, fault := patched(entry, id, p.Differs[c][id])
			if fault != nil {
				fault.Profile, fault.Path = profile, path+fault.Path
				faults = append(faults, fault)
				continue
			}
			entries.SetMapIndex(reflect.ValueOf(id), changed)
		}
	}
	return errors.Join(faults...)
}

// patched returns a pointer to a copy of an entry, given by a pointer too, with a patch applied. The path of a fault
// begins at the entry.
func patched(entry reflect.Value, id string, patch map[string]any) (reflect.Value, *ProjectFault) {
	fail := func(err error) (reflect.Value, *ProjectFault) {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			path := "/" + strings.ReplaceAll(wrong.Field, ".", "/")
			return reflect.Value{}, &ProjectFault{Path: path, Message: "cannot be of the type " + wrong.Value}
		}
		return reflect.Value{}, &ProjectFault{Message: strings.TrimPrefix(err.Error(), "json: ")}
	}
	if v, given := patch["id"]; given && v != id {
		return reflect.Value{}, &ProjectFault{Path: "/id", Message: "an entry keeps its id"}
	}
	// The decoder takes names in any case, and the one that is right over the one that is not: a difference that is
	// misspelt so would do nothing.
	if fault := misnamed(entry.Type(), patch, ""); fault != nil {
		return reflect.Value{}, fault
	}
	fields, err := fieldsOf(entry)
	if err != nil {
		return fail(err)
	}
	data, err := json.Marshal(merge(fields, patch))
	if err != nil {
		return fail(err)
	}
	changed := reflect.New(entry.Type().Elem())
	if err := json.Unmarshal(data, changed.Interface()); err != nil {
		return fail(err)
	}
	return changed, nil
}

// misnamed finds the first key in a patch, in order, that is no field of the type it is for.
func misnamed(t reflect.Type, v any, path string) *ProjectFault {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case map[string]any:
		fields := make(map[string]reflect.Type)
		if t.Kind() == reflect.Struct {
			for f := range t.Fields() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fields[name] = f.Type
			}
		}
		for _, k := range model.Keys(v) {
			below := fields[k]
			switch {
			case t.Kind() == reflect.Map:
				below = t.Elem()
			case t.Kind() != reflect.Struct:
				return nil // the decoder says that it is of the wrong type
			case below == nil:
				return &ProjectFault{Path: path + "/" + k, Message: "no such field", Allowed: model.Keys(fields)}
			}
			if fault := misnamed(below, v[k], path+"/"+k); fault != nil {
				return fault
			}
		}
	case []any:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for i, item := range v {
			if fault := misnamed(t.Elem(), item, path+"/"+strconv.Itoa(i)); fault != nil {
				return fault
			}
		}
	}
	return nil
}

// merge applies a merge patch to a map, which it changes (RFC 7396, section 2).
func merge(to, patch map[string]any) map[string]any {
	for k, v := range patch {
		switch v := v.(type) {
		case nil:
			delete(to, k)
		case map[string]any:
			below, _ := to[k].(map[string]any)
			if below == nil {
				below = make(map[string]any)
			}
			to[k] = merge(below, v)
		default:
			to[k] = v
		}
	}
	return to
}

// remove takes the absent entries out of a model, together with what cannot stand without them.
func remove(m *model.Model, absent []string) {
	gone := make(map[string]bool)
	for _, id := range absent {
		if id != "" {
			gone[id] = true
		}
	}
	isGone := func(id string) bool { return gone[id] }
	move(m, isGone)
	// Whatever falls may bring down others, so this goes on until nothing falls. Most chains are a few entries long.
	for before := -1; before != len(gone); {
		before = len(gone)
		holders(m, func(_ model.Kind, id string, fields ...field) {
			if gone[id] {
				return
			}
			for _, f := range fields {
				if !f.withstands(isGone) {
					gone[id] = true
				}
			}
		})
	}
	for _, k := range model.Kinds() {
		for id := range gone {
			if k != model.Profiles {
				m.Collection(k).SetMapIndex(reflect.ValueOf(id), reflect.Value{})
			}
		}
	}
	for id, questions := range m.Considered {
		if len(questions) == 0 {
			delete(m.Considered, id)
		}
	}
}

// withstands drops what is gone from a field, and tells whether its entry can stand without that.
func (f field) withstands(isGone func(string) bool) bool {
	before := len(f.ids())
	f.drop(isGone)
	after := len(f.ids())
	switch f.need {
	case every:
		return after == before
	case some:
		return after > 0 || before == 0
	}
	return true
}

// move brings what stands in a boundary that is gone to the nearest one around it that is not.
func move(m *model.Model, isGone func(string) bool) {
	home := func(id string) string {
		seen := make(map[string]bool)
		for at := id; !seen[at]; {
			if !isGone(at) {
				return at
			}
			seen[at] = true
			b := m.Boundaries[at]
			if b == nil || b.Parent == "" {
				break
			}
			at = b.Parent
		}
		// Nothing is left around it, so it stays where it was and goes with that.
		return id
	}
	for _, b := range entries(m.Boundaries) {
		b.Parent = home(b.Parent)
	}
	for _, a := range entries(m.Actors) {
		a.Boundary = home(a.Boundary)
	}
	for _, c := range entries(m.Components) {
		c.Boundary = home(c.Boundary)
		var also []string
		for _, b := range c.AlsoIn {
			if to := home(b); to == b || !slices.Contains(c.AlsoIn, to) && !slices.Contains(also, to) {
				also = append(also, to)
			}
		}
		c.AlsoIn = also
	}
}
