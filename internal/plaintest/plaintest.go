// Package plaintest compares values as JSON has them, in tests.
package plaintest

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"

	"github.com/tmkit/tmkit/pkg/model"
)

// At returns what stands at a path, items of lists by their index, or nil.
func At(v any, path []string) any {
	for _, name := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// Difference tells where two values differ, a line for each place, or nothing.
func Difference(at string, want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	a, ok := want.(map[string]any)
	b, both := got.(map[string]any)
	if !ok || !both {
		return fmt.Sprintf("%s: want %#v, got %#v\n", at, want, got)
	}
	out := ""
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, name := range model.Keys(all) {
		out += Difference(at+"."+name, a[name], b[name])
	}
	return out
}
