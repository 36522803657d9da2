package load

import (
	"os"
	"strings"

	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// Editor returns an editor of the sources of a model, which are all packages whose models have its name and audience.
func (r *Result) Editor(m *Loaded, s *schema.Schema) *source.Editor {
	own := map[string]bool{}
	for _, other := range r.Models {
		if a, b := other.Model.Metadata, m.Model.Metadata; a.Name == b.Name && a.Audience == b.Audience {
			for path := range strings.SplitSeq(other.Package, ", ") {
				own[path] = true
			}
		}
	}
	return &source.Editor{Root: m.Source, Order: fieldOrder(s), Read: os.ReadFile, Writable: func(path string) bool { return own[path] }}
}

// fieldOrder tells the order of a struct's fields by the schema.
func fieldOrder(s *schema.Schema) func(path []string) []string {
	return func(path []string) []string {
		t := at(s, append([]string{"model"}, path...))
		switch {
		case t == nil || t.Kind == schema.Any:
			return []string{} // fields of some struct, in any order
		case t.Kind == schema.Struct:
			return t.FieldNames()
		}
		return nil
	}
}
