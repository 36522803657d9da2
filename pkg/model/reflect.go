package model

import (
	"reflect"
	"slices"
	"strings"
)

// FieldIndex returns the index of the struct field with a JSON name, or -1. Code that treats all fields alike goes by
// the names that the contract uses.
func FieldIndex(t reflect.Type, json string) int {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == json {
			return i
		}
	}
	return -1
}

// SortedKeys returns the keys of a map with keys of kind string, in order.
func SortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
