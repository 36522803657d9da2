package load

import (
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/load"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

const repository = "../.."

func theSchema(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	return s
}

// goodPackages are the folders of all healthy models of this repository.
func goodPackages(t *testing.T) []string {
	t.Helper()
	dirs := []string{"threats/kubernetes", "controls/kubernetes"}
	for _, pattern := range []string{"controls/*/catalog.cue", "controls/*/crosswalk.cue"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		require.NoError(t, err)
		for _, file := range files {
			dirs = append(dirs, "controls/"+filepath.Base(filepath.Dir(file)))
		}
	}
	root := filepath.Join(repository, "schema", "testdata", "good")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == ".cue" {
			var dir string
			if dir, err = filepath.Rel(repository, filepath.Dir(file)); !slices.Contains(dirs, filepath.ToSlash(dir)) {
				dirs = append(dirs, filepath.ToSlash(dir))
			}
		}
		return err
	})
	require.NoError(t, err)
	return dirs
}

// TestReadersAgree holds that reading plain literals from the syntax gives what CUE gives: the reader takes the short way
// where it can, and the two ways must not differ in anything.
func TestReadersAgree(t *testing.T) {
	s := theSchema(t)
	for _, dir := range goodPackages(t) {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			res, err := Load(Options{Dir: repository, Patterns: []string{"./" + dir}, Schema: s})
			require.NoError(t, err)
			require.Empty(t, res.Findings)
			require.NotZero(t, len(res.Models)+len(res.Catalogs)+len(res.Crosswalks))

			insts := load.Instances([]string{"./" + dir}, &load.Config{Dir: repository, Env: []string{"CUE_REGISTRY=none"}})
			require.Len(t, insts, 1)
			require.NoError(t, insts[0].Err)
			value := cuecontext.New().BuildInstance(insts[0])
			byValue := func(name string, ty *schema.Type, into any) {
				r := &reader{fields: map[reflect.Type]map[string]int{}}
				r.value(value.LookupPath(cue.MakePath(cue.Str(name))), noSource, ty, reflect.ValueOf(into).Elem())
			}
			for _, m := range res.Models {
				want := &model.Model{}
				byValue("model", s.Model, want)
				require.NotEmpty(t, want.Metadata.Name)
				require.Equal(t, want, m.Model)
			}
			for _, c := range res.Catalogs {
				want := &model.Catalog{}
				byValue("catalog", s.Catalog, want)
				require.NotEmpty(t, want.Entries)
				require.Equal(t, want, c.Catalog)
			}
			for _, c := range res.Crosswalks {
				want := &model.Crosswalk{}
				byValue("crosswalk", s.Crosswalk, want)
				require.NotEmpty(t, want.Pairs)
				require.Equal(t, want, c.Crosswalk)
			}
		})
	}
}

// TestModelMirrorsSchema holds that the structs of package model have the fields of the contract, with the same names,
// kinds and order, and are left out of JSON when and only when the contract lets an author leave them out.
func TestModelMirrorsSchema(t *testing.T) {
	s := theSchema(t)
	seen := map[reflect.Type]bool{}
	mirrors(t, "Model", s.Model, reflect.TypeFor[model.Model](), seen)
	mirrors(t, "Catalog", s.Catalog, reflect.TypeFor[model.Catalog](), seen)
	mirrors(t, "Crosswalk", s.Crosswalk, reflect.TypeFor[model.Crosswalk](), seen)
	assert.Greater(t, len(seen), 40)
}

func mirrors(t *testing.T, at string, ty *schema.Type, goType reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	switch ty.Kind {
	case schema.Any:
		assert.Contains(t, []reflect.Kind{reflect.Map, reflect.Interface}, goType.Kind(), at)
	case schema.String:
		assert.Equal(t, reflect.String, goType.Kind(), at)
	case schema.Int:
		assert.Equal(t, reflect.Int, goType.Kind(), at)
	case schema.Bool:
		assert.Equal(t, reflect.Bool, goType.Kind(), at)
	case schema.List:
		require.Equal(t, reflect.Slice, goType.Kind(), at)
		mirrors(t, at+"[]", ty.Elem, goType.Elem(), seen)
	case schema.Map:
		require.Equal(t, reflect.Map, goType.Kind(), at)
		mirrors(t, at+"[key]", ty.Key, goType.Key(), seen)
		mirrors(t, at+"[]", ty.Elem, goType.Elem(), seen)
	case schema.Struct:
		// The rows and columns of the risk matrix are the levels, in both.
		if goType.Kind() == reflect.Map {
			var levels []string
			for _, l := range model.Levels() {
				levels = append(levels, string(l))
			}
			assert.Equal(t, levels, ty.FieldNames(), at)
			for _, f := range ty.Fields {
				mirrors(t, at+"."+f.Name, f.Type, goType.Elem(), seen)
			}
			return
		}
		require.Equal(t, reflect.Struct, goType.Kind(), at)
		seen[goType] = true
		var names []string
		for i := range goType.NumField() {
			name, _, _ := strings.Cut(goType.Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
		require.Equal(t, ty.FieldNames(), names, at)
		for i, f := range ty.Fields {
			tag := goType.Field(i).Tag.Get("json")
			// Collections and maps that nobody fills are left out, whether or not CUE makes an empty one.
			mayBeAbsent := f.Optional || !f.Required && f.Type.Kind == schema.Map
			assert.Equal(t, mayBeAbsent, strings.HasSuffix(tag, ",omitempty"), "%s.%s: %s", at, f.Name, tag)
			mirrors(t, at+"."+f.Name, f.Type, goType.Field(i).Type, seen)
		}
	}
}
