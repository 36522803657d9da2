package model

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
)

// Keys returns the keys of m in order.
func Keys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

// Kind is the name of a collection of entries that share the one id space.
type Kind string

// The collections of the one id space, as they are named in the model.
const (
	Themes          Kind = "themes"
	Assumptions     Kind = "assumptions"
	Boundaries      Kind = "boundaries"
	Components      Kind = "components"
	Features        Kind = "features"
	Assets          Kind = "assets"
	Flows           Kind = "flows"
	Actors          Kind = "actors"
	Threats         Kind = "threats"
	Countermeasures Kind = "countermeasures"
	AttackTrees     Kind = "attackTrees"
	Scenarios       Kind = "scenarios"
	Views           Kind = "views"
	Profiles        Kind = "profiles"
	Tensions        Kind = "tensions"
	Inbox           Kind = "inbox"
	Waivers         Kind = "waivers"
	Reviews         Kind = "reviews"
	Retirees        Kind = "retired"
)

// Kinds lists the collections of the one id space in the schema's order.
func Kinds() []Kind {
	return []Kind{Themes, Assumptions, Boundaries, Components, Features, Assets, Flows, Actors, Threats, Countermeasures,
		AttackTrees, Scenarios, Views, Profiles, Tensions, Inbox, Waivers, Reviews, Retirees}
}

// Singular is the word for one entry of the kind, such as "attack tree".
func (k Kind) Singular() string {
	switch k {
	case Boundaries:
		return "boundary"
	case AttackTrees:
		return "attack tree"
	case Inbox:
		return "inbox entry"
	case Retirees:
		return "retired id"
	}
	return string(k[:len(k)-1])
}

// Collection returns the entries of a kind as a map from id to pointer to struct, for code that treats all kinds alike.
func (m *Model) Collection(k Kind) reflect.Value {
	v := reflect.ValueOf(m).Elem()
	if i := FieldIndex(v.Type(), string(k)); i >= 0 {
		return v.Field(i)
	}
	panic("model: no collection " + string(k))
}

// IDs returns the ids of the entries of a kind, in order.
func (m *Model) IDs(k Kind) []string {
	var ids []string
	for _, key := range m.Collection(k).MapKeys() {
		ids = append(ids, key.String())
	}
	slices.Sort(ids)
	return ids
}

// Title returns the title of the entry, or its id where it has none.
func (m *Model) Title(k Kind, id string) string {
	if e := m.Collection(k).MapIndex(reflect.ValueOf(id)); e.IsValid() {
		if title := e.Elem().FieldByName("Title"); title.IsValid() {
			return title.String()
		}
	}
	return id
}

// Index finds the kind of an id. It is built once for a model.
type Index map[string]Kind

// NewIndex builds the index of m over all collections of the one id space.
func NewIndex(m *Model) Index {
	ix := make(Index)
	for _, k := range Kinds() {
		for _, id := range m.IDs(k) {
			if _, taken := ix[id]; !taken {
				ix[id] = k
			}
		}
	}
	return ix
}
