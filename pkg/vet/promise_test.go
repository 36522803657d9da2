package vet_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/check"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// onlyTmkit are the bad fixtures that plain CUE accepts, since nothing in CUE can say what is wrong with them.
var onlyTmkit = map[string]bool{
	// Relations that lead back to themselves.
	"_bad/rules:cycle_nodes": true, "_bad/rules:cycle_over": true, "_bad/rules:cycle_parent": true,
	"_bad/rules:cycle_part_of": true, "_bad/rules:cycle_requires": true, "_bad/rules:cycle_runs_on": true,
	"_bad/rules:cycle_subtrees": true, "_bad/rules:cycle_twice": true,
	// What a profile changes is data to CUE.
	"_bad/rules:profile_collection": true, "_bad/rules:profile_field": true, "_bad/rules:profile_id": true,
	"_bad/rules:profile_id_field": true, "_bad/rules:profile_item": true, "_bad/rules:profile_key": true,
	"_bad/rules:profile_nested": true, "_bad/rules:profile_reference": true, "_bad/rules:profile_struct": true,
	"_bad/rules:profile_type": true, "_bad/rules:profile_value": true,
	// Counts, sums and comparisons over several entries.
	"_bad/rules:long_cell": true, "_bad/rules:plane_of_parent": true,
	"_bad/rules:plane_twice": true,
	// What stands at the top of a package is the author's own to CUE.
	"_bad/toplevel:embedded": true, "_bad/toplevel:stray": true,
	"_bad/toplevel:stray_exact": true, "_bad/toplevel:stray_model": true, "_bad/toplevel:untyped": true,
	"_bad/toplevel:untyped_catalog": true, "_bad/toplevel:untyped_crosswalk": true, "_bad/toplevel:untyped_faulty": true,
	// Each package is good by itself.
	"_bad/several/leaves-conflict": true, "_bad/several/leaves-duplicate-id": true,
}

// TestPlainCUE holds the first promise over every fixture: what plain cue rejects tmkit rejects, and what plain cue can
// know it rejects too, so that an author who has nothing else is warned.
func TestPlainCUE(t *testing.T) {
	for _, f := range append(fixtures(t, "good"), fixtures(t, "_bad")...) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			said, accepts := f.cue(t)
			errors := finding.Errors(f.vetted(t))
			if !accepts {
				assert.Positive(t, errors, "cue rejects what tmkit accepts: %s", said)
			}
			assert.Equal(t, errors == 0 || onlyTmkit[f.name], accepts, "cue: %s", said)
		})
	}
}

// TestOnlyTmkit holds that the list above names fixtures that are there.
func TestOnlyTmkit(t *testing.T) {
	var names []string
	for _, f := range fixtures(t, "_bad") {
		names = append(names, f.name)
	}
	for name := range onlyTmkit {
		assert.Contains(t, names, name)
	}
}

// TestEveryReference holds that each reference of the contract has a bad fixture in which it dangles, and which plain cue
// rejects as well (that is TestPlainCUE's part): a guard that passes everything looks like one that works.
func TestEveryReference(t *testing.T) {
	s := theSchema(t)
	dangling := map[string]bool{}
	for _, f := range fixtures(t, "_bad") {
		if onlyTmkit[f.name] {
			continue
		}
		for _, found := range f.vetted(t) {
			if found.Rule == "dangling-reference" || found.Rule == "tree-leaf" {
				dangling[general(s, found.Path)] = true
			}
		}
	}
	want := []string{"tensions.*.entries.*.entry", "attackTrees.*.root", "attackTrees.*.nodes.*.children.*",
		"catalog.entries.*.groups.*", "catalog.entries.*.parent", "catalog.entries.*.replacedBy.*", "catalogs.*.entries.*.parent",
		"crosswalks.*.pairs.*", "crosswalks.*.pairs.*.*"}
	visit(s.Model, "", func(path string, f *schema.Field) {
		switch {
		case len(f.Refs) == 0:
		case f.Refs[0] == "catalogs" && f.Type.Kind == schema.Map:
			want = append(want, path+".*", path+".*.*")
		case f.Type.Kind == schema.String:
			want = append(want, path)
		default:
			want = append(want, path+".*")
		}
	})
	require.Greater(t, len(want), 60)
	for _, path := range want {
		assert.True(t, dangling[path], "no fixture in which %s dangles", path)
	}
}

// visit calls f for each field of a type and of the types below it, with keys and indexes as stars.
func visit(t *schema.Type, path string, f func(path string, f *schema.Field)) {
	switch t.Kind {
	case schema.Map, schema.List:
		visit(t.Elem, path+".*", f)
	case schema.Struct:
		for _, field := range t.Fields {
			at := strings.TrimPrefix(path+"."+field.Name, ".")
			f(at, field)
			visit(field.Type, at, f)
		}
	}
}

// general is a finding's path with keys and indexes as stars.
func general(s *schema.Schema, path []string) string {
	t, out := s.Model, []string{}
	for i, name := range path {
		switch {
		case i == 0 && name == "catalog":
			t = s.Catalog
		case t.Kind == schema.Struct:
			field := t.Field(name)
			if field == nil {
				return ""
			}
			t = field.Type
		default:
			name, t = "*", t.Elem
		}
		out = append(out, name)
	}
	return strings.Join(out, ".")
}

// TestEveryRule holds that each rule has a fixture that breaks it.
func TestEveryRule(t *testing.T) {
	broken := map[string]bool{}
	for _, f := range fixtures(t, "_bad") {
		for _, found := range f.vetted(t) {
			broken[found.Rule] = true
		}
	}
	for _, rule := range check.Rules() {
		assert.True(t, broken[rule.ID], "no fixture breaks %s", rule.ID)
		assert.Regexp(t, `^[A-Z].*\.$`, rule.Doc)
	}
}

// TestEveryCondition holds that the conditions that no reference is have fixtures too.
func TestEveryCondition(t *testing.T) {
	s := theSchema(t)
	var all []string
	for _, f := range fixtures(t, "_bad") {
		for _, found := range f.vetted(t) {
			all = append(all, found.Message)
		}
	}
	for _, k := range model.Kinds() {
		for _, f := range s.Model.Field(string(k)).Type.Elem.Fields {
			if f.RequiredIf == nil {
				continue
			}
			for _, value := range f.RequiredIf.Values {
				assert.True(t, slices.ContainsFunc(all, func(m string) bool {
					return strings.HasSuffix(m, f.Name+" is required when "+f.RequiredIf.Field+` is "`+value+`"`)
				}), "no fixture for %s.%s when %s is %s", k, f.Name, f.RequiredIf.Field, value)
			}
		}
	}
}
