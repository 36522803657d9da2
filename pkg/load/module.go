package load

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/tmkit/tmkit/controls"
	"github.com/tmkit/tmkit/pkg/finding"
	contract "github.com/tmkit/tmkit/schema"
)

// ErrNoModule says that a folder is in no CUE module.
var ErrNoModule = errors.New("no cue.mod/module.cue in this folder or above it")

// oldest is the oldest language version under which the contract can be read: it uses error(), which v0.14.0 brought.
const oldest = "v0.14.0"

// module is the CUE module that the packages are part of.
type module struct {
	root string
	file *modfile.File
	err  error
	// at finds the language version in the file.
	src []byte
}

func findModule(dir string) (*module, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder", dir)
	}
	for root := dir; ; {
		name := filepath.Join(root, "cue.mod", "module.cue")
		src, err := os.ReadFile(name)
		if err == nil {
			m := &module{root: root, src: src}
			m.file, m.err = modfile.ParseNonStrict(src, name)
			return m, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		up := filepath.Dir(root)
		if up == root {
			return nil, ErrNoModule
		}
		root = up
	}
}

// ModuleRoot returns the folder of the module that dir is in. Own says that the module is tmkit's or depends on it, so
// that a copy of tmkit's packages in it would make their imports ambiguous.
func ModuleRoot(dir string) (root string, own bool, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false, err
	}
	m, err := findModule(abs)
	if err != nil {
		return "", false, err
	}
	if m.err != nil {
		return "", false, m.err
	}
	return m.root, m.own(), nil
}

func (m *module) name() string { return filepath.Join(m.root, "cue.mod", "module.cue") }

// check reports what is wrong with the module file.
func (m *module) check(place *placer) []finding.Finding {
	at := place.file(m.name())
	at.Line, at.Column = 1, 1
	// Only the file says where the version stands.
	if i := bytes.Index(m.src, []byte("version:")); i >= 0 {
		at.Line = bytes.Count(m.src[:i], []byte("\n")) + 1
		rest, _, _ := bytes.Cut(m.src[i:], []byte("\n"))
		at.Column = i - bytes.LastIndexByte(m.src[:i], '\n') + max(0, bytes.IndexByte(rest, '"'))
	}
	if m.err != nil {
		var fs []finding.Finding
		for _, e := range cueerrors.Errors(m.err) {
			f := finding.Finding{Rule: "module-file", Severity: finding.Error, Message: message(e), Position: at}
			for _, p := range cueerrors.Positions(e) {
				if p.Filename() == m.name() {
					f.Position = place.token(p)
					break
				}
			}
			if strings.Contains(f.Message, "language version") {
				f.Hint = fmt.Sprintf("set language: version: to %s or older", cue.LanguageVersion())
			}
			fs = append(fs, f)
		}
		return fs
	}
	version := ""
	if m.file.Language != nil {
		version = m.file.Language.Version
	}
	if version != "" && semver.Compare(version, oldest) < 0 {
		return []finding.Finding{{Rule: "language-version", Severity: finding.Error, Position: at,
			Message: fmt.Sprintf("language version %s is too old for the schema, which needs %s", version, oldest),
			Hint:    fmt.Sprintf("set language: version: %q", cue.LanguageVersion())}}
	}
	return nil
}

// vendored is where a module keeps its own copy of tmkit's packages.
func (m *module) vendored() string { return filepath.Join(m.root, "cue.mod", "pkg", "tmkit.dev") }

// own says that the module is tmkit's, or gets tmkit as a dependency: nothing is to be laid over it.
func (m *module) own() bool {
	if path, _, _ := strings.Cut(m.file.QualifiedModule(), "@"); path == "tmkit.dev" {
		return true
	}
	for dep := range m.file.Deps {
		if path, _, _ := strings.Cut(dep, "@"); path == "tmkit.dev" {
			return true
		}
	}
	return false
}

// overlay returns the packages that this program carries as files below the module, when the module has none of its own.
// stale says that it has some, and that they differ.
func (m *module) overlay() (files map[string]load.Source, stale bool, err error) {
	files = map[string]load.Source{}
	if m.own() {
		return files, false, nil
	}
	_, err = os.Stat(m.vendored())
	have := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	err = Carried(func(path string, data []byte) error {
		name := filepath.Join(m.vendored(), filepath.FromSlash(path))
		if !have {
			files[name] = load.FromBytes(data)
			return nil
		}
		old, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			// A copy may leave out catalogues that it has no use for, but never a part of the contract.
			stale = stale || strings.HasPrefix(path, "schema/")
			return nil
		}
		stale = stale || !bytes.Equal(old, data)
		return err
	})
	if have {
		more, moreErr := m.uncarried()
		return files, stale || more, errors.Join(err, moreErr)
	}
	return files, false, err
}

// uncarried says that the module's copy of the contract has a file that this program's has not.
func (m *module) uncarried() (bool, error) {
	carried := map[string]bool{}
	err := Carried(func(path string, _ []byte) error {
		carried[filepath.Join(m.vendored(), filepath.FromSlash(path))] = true
		return nil
	})
	if err != nil {
		return false, err
	}
	more := false
	err = filepath.WalkDir(filepath.Join(m.vendored(), "schema"), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		more = more || err == nil && filepath.Ext(name) == ".cue" && !carried[name]
		return err
	})
	return more, err
}

// env keeps CUE off the network unless the module has dependencies, whose place only the environment tells.
func (m *module) env() []string {
	if len(m.file.Deps) > 0 {
		return nil
	}
	return []string{"CUE_REGISTRY=none"}
}

// Carried calls f for each CUE file that the program carries: the contract and the catalogues. Paths are relative to
// the module tmkit.dev, with slashes.
func Carried(f func(path string, data []byte) error) error {
	for _, part := range []struct {
		dir   string
		files fs.FS
	}{{"schema", contract.Files}, {"controls", controls.Files}} {
		err := fs.WalkDir(part.files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(part.files, path)
			if err != nil {
				return err
			}
			return f(part.dir+"/"+path, data)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
