// Package load turns CUE packages into models.
//
// It finds the packages, evaluates them with CUE, and reads them with one tolerant reader that keeps going whatever is
// broken, so that all faults of a model show at once. Each fault is one finding at the author's own line. The reader
// takes plain literals straight from the syntax (package source) and asks CUE for everything that is computed.
package load

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// Options say what to load.
type Options struct {
	// Dir is the folder in which patterns are understood and relative to which positions are told.
	Dir string
	// Patterns name packages as the cue command does, such as ./... or ./threats/kubernetes.
	Patterns []string
	Schema   *schema.Schema
	// Overlay are texts of CUE files that count in place of what is on disk, by absolute names. A file that is not on disk
	// is added.
	Overlay map[string][]byte
}

// Result is what the packages hold.
type Result struct {
	// Root is the module's folder.
	Root string
	// Models are the models of all packages, imported ones before those that import them.
	Models []*Loaded
	// Catalogs are the catalogues of all packages, and Crosswalks the crosswalks.
	Catalogs   []*Catalog
	Crosswalks []*Crosswalk
	// Findings are the faults that CUE or the reader found.
	Findings []finding.Finding
}

// Loaded is the model of one package.
type Loaded struct {
	// Package is the package's import path; of models that several packages make together, all of them.
	Package string
	Model   *model.Model
	// Source has every place at which the model is written.
	Source *source.Node
	// Imports are the import paths of the packages that this one imports, directly or not.
	Imports map[string]bool
	// Leaf says that no other package of those loaded imports this one.
	Leaf bool
	// Part says that the model is a part of one that several packages make together, without importing each other.
	Part bool

	// held are the reference faults that plain CUE reports; rules in package check report them better.
	held  []errors.Error
	place *placer
	// broken are the rules that are known to be broken by a value itself, by the value's path.
	broken map[string]string
}

// Place gives findings their positions, by their paths. It leaves out what is said about values that are known to be
// broken: a reference that is no id dangles too, and of an entry that is no struct everything is missing.
func (l *Loaded) Place(fs []finding.Finding) []finding.Finding {
	return place(fs, l.place, l.Source, l.broken)
}

// Catalog is the catalogue of one package.
type Catalog struct {
	*model.Catalog
	list
}

// Crosswalk is the crosswalk of one package.
type Crosswalk struct {
	*model.Crosswalk
	list
}

// list is where a list that others publish is written, and what is wrong with it.
type list struct {
	root   *source.Node
	held   []errors.Error
	place  *placer
	broken map[string]string
}

// Place gives findings their positions, as Loaded.Place does.
func (l *list) Place(fs []finding.Finding) []finding.Finding {
	return place(fs, l.place, l.root, l.broken)
}

// Unexplained returns what Loaded.Unexplained does.
func (l *list) Unexplained() []finding.Finding {
	var fs []finding.Finding
	for _, e := range l.held {
		fs = append(fs, l.place.fault(l.root, e))
	}
	return fs
}

func place(fs []finding.Finding, p *placer, root *source.Node, broken map[string]string) []finding.Finding {
	var out []finding.Finding
	for _, f := range fs {
		known := broken[strings.Join(f.Path, "\x00")] != ""
		for n := range f.Path {
			above := broken[strings.Join(f.Path[:n], "\x00")]
			known = known || above == "wrong-type" || above == "undefined-entry"
		}
		// Of an entry that is computed, what an error elsewhere kept from being made is not missing.
		if len(broken) > 0 && len(f.Path) > 1 && slices.Contains([]string{"origin-of-threat", "missing-field", "missing-item", "tree-leaf"}, f.Rule) {
			n := root.At(f.Path[:2]...)
			known = known || n != nil && n.Computed()
		}
		if !known {
			f.Position = p.of(root, f.Path)
			for i, r := range f.Related {
				f.Related[i].Position = p.of(root, r.Path)
			}
			out = append(out, f)
		}
	}
	return out
}

// Entry returns where an entry is written.
func (l *Loaded) Entry(kind model.Kind, id string) finding.Position {
	at, _ := l.Source.Nearest(string(kind), id)
	return l.place.relative(at)
}

// Unexplained returns a finding for each fault that CUE sees in references or ids. It is for the case that no rule found
// a fault in a model that CUE refuses: nothing that `cue vet -c` rejects may pass.
func (l *Loaded) Unexplained() []finding.Finding {
	var fs []finding.Finding
	for _, e := range l.held {
		fs = append(fs, l.place.fault(source.Under("model", l.Source), e))
	}
	return fs
}

// Load loads the packages that the patterns name. The error is about the machine or the call: a folder without a module,
// a file that cannot be read, a pattern that matches nothing. Faults in what the files say are findings.
func Load(opts Options) (*Result, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	mod, err := findModule(dir)
	if err != nil {
		return nil, err
	}
	res := &Result{Root: mod.root}
	place := &placer{base: dir, root: mod.root, schema: opts.Schema, overlay: opts.Overlay}
	if faults := mod.check(place); len(faults) > 0 {
		res.Findings = faults
		return res, nil
	}
	overlay, stale, err := mod.overlay()
	if err != nil {
		return nil, err
	}
	if stale {
		res.Findings = append(res.Findings, finding.Finding{Rule: "stale-schema", Severity: finding.Warning,
			Message:  "the schema in cue.mod/pkg/tmkit.dev differs from the one that this tmkit carries (" + opts.Schema.Version + ")",
			Hint:     "run tmkit schema sync",
			Position: place.file(filepath.Join(mod.root, "cue.mod", "pkg", "tmkit.dev"))})
	}
	for name, data := range opts.Overlay {
		overlay[name] = load.FromBytes(data)
	}
	patterns := opts.Patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	insts := load.Instances(patterns, &load.Config{Dir: dir, Overlay: overlay, Env: mod.env()})
	l := &loader{opts: opts, mod: mod, ctx: cuecontext.New(), pkgs: map[*build.Instance]*source.Package{}, result: res, place: place}
	return res, l.run(insts)
}

// contractPath matches the import paths of the contract's major versions.
var contractPath = regexp.MustCompile(`^tmkit\.dev/schema/v[0-9]+$`)

type loader struct {
	opts   Options
	mod    *module
	ctx    *cue.Context
	pkgs   map[*build.Instance]*source.Package
	result *Result
	place  *placer
}

func (l *loader) run(insts []*build.Instance) error {
	var good []*build.Instance
	for _, inst := range insts {
		if inst.Err == nil {
			good = append(good, inst)
			continue
		}
		if l.unnamed(inst, finding.Error) {
			continue
		}
		// After a first error of syntax the parser guesses, and what it says of the file is seldom a fault of its own.
		wrong := map[string]bool{}
		for _, e := range errors.Errors(inst.Err) {
			if err := l.machine(e); err != nil {
				return err
			}
			f := l.place.build(e)
			if f.Rule == "syntax" && wrong[f.Position.File] {
				continue
			}
			wrong[f.Position.File] = f.Rule == "syntax"
			l.result.Findings = append(l.result.Findings, f)
		}
	}
	for _, inst := range good {
		l.source(inst)
	}
	leaf := l.leaves(good)
	values := map[*Loaded]cue.Value{}
	tops := map[*build.Instance]top{}
	mistyped := map[string]bool{}
	for _, inst := range good {
		if p := l.pkgs[inst]; !p.Contract {
			tops[inst] = l.topLevel(p)
			mistyped[p.ImportPath] = len(tops[inst].meant) > 0
		}
	}
	for _, inst := range good {
		p := l.pkgs[inst]
		root, defines := tops[inst].root, tops[inst].defines
		if defines == nil {
			continue
		}
		l.unnamed(inst, finding.Warning)
		if slices.ContainsFunc(model.Keys(p.All()), func(path string) bool { return mistyped[path] }) {
			continue // what it lacks because of a name in the other package is no fault of its own
		}
		if newer := l.tooNew(root); newer != nil {
			l.result.Findings = append(l.result.Findings, *newer)
			continue
		}
		// What is plain is read before CUE evaluates, so that what reading leaves behind is gone when memory is scarcest.
		value := sync.OnceValue(func() cue.Value { return l.ctx.BuildInstance(inst) })
		loaded := &Loaded{Package: p.ImportPath, Imports: p.All(), Leaf: leaf[inst], place: l.place}
		if defines["model"] || len(tops[inst].meant) > 0 {
			loaded.Source, loaded.Model = source.Merge(append(tops[inst].meant, root.At("model"))...), &model.Model{}
			read(loaded.Source, func() cue.Value { return value().LookupPath(cue.MakePath(cue.Str("model"))) }, l.opts.Schema.Model, loaded.Model)
			l.result.Models = append(l.result.Models, loaded)
		}
		catalog := &Catalog{&model.Catalog{}, list{root: root, place: l.place}}
		if defines["catalog"] {
			read(root.At("catalog"), func() cue.Value { return value().LookupPath(cue.MakePath(cue.Str("catalog"))) }, l.opts.Schema.Catalog, catalog.Catalog)
			l.result.Catalogs = append(l.result.Catalogs, catalog)
		}
		crosswalk := &Crosswalk{&model.Crosswalk{}, list{root: root, place: l.place}}
		if defines["crosswalk"] {
			read(root.At("crosswalk"), func() cue.Value { return value().LookupPath(cue.MakePath(cue.Str("crosswalk"))) }, l.opts.Schema.Crosswalk, crosswalk.Crosswalk)
			l.result.Crosswalks = append(l.result.Crosswalks, crosswalk)
		}
		err := value().Validate(cue.Attributes(true), cue.Definitions(true), cue.Hidden(true), cue.Concrete(true))
		d := &diagnosis{place: l.place, root: root, value: value(), schema: l.opts.Schema}
		if err != nil {
			d.run(err)
		}
		if v := value().LookupPath(cue.MakePath(cue.Str("model"))); defines["model"] {
			if err == nil && !constrained(v, "_ids") {
				d.add(finding.Finding{Rule: "untyped-model", Severity: finding.Error, Path: []string{"model"},
					Message: "model is not constrained by the schema",
					Hint:    `import "tmkit.dev/schema/v1" and write: model: v1.#ThreatModel`})
			}
			values[loaded] = v
		}
		for _, def := range l.opts.Schema.Definitions() {
			if name := def.Field; err == nil && name != "model" && defines[name] && !constrained(value().LookupPath(cue.MakePath(cue.Str(name))), "_faults") {
				d.add(finding.Finding{Rule: "untyped-" + name, Severity: finding.Error, Path: []string{name},
					Message: name + " is not constrained by the schema",
					Hint:    fmt.Sprintf(`import "tmkit.dev/schema/v1" and write: %s: v1.%s`, name, def.Name)})
			}
		}
		loaded.held, loaded.broken = d.held, d.broken()
		catalog.held, catalog.broken = d.held, loaded.broken
		crosswalk.held, crosswalk.broken = d.held, loaded.broken
		l.result.Findings = append(l.result.Findings, d.findings...)
	}
	l.unify(values)
	return nil
}

// unnamed reports the files of a folder that say no package: CUE leaves them out without a word.
func (l *loader) unnamed(inst *build.Instance, severity finding.Severity) bool {
	found := false
	for _, f := range inst.IgnoredFiles {
		if f.ExcludeReason == nil || !strings.Contains(f.ExcludeReason.Error(), "no package name") {
			continue
		}
		found = true
		at := l.place.file(f.Filename)
		at.Line, at.Column = 1, 1
		hint := "begin the file with a package clause"
		if inst.PkgName != "" {
			hint = "begin the file with: package " + inst.PkgName
		}
		l.result.Findings = append(l.result.Findings, finding.Finding{Rule: "no-package", Severity: severity,
			Message: "the file says no package and is left out", Hint: hint, Position: at})
	}
	return found
}

// machine returns an error that is about the machine and not about what the files say.
func (l *loader) machine(e errors.Error) error {
	var perr *os.PathError
	if errors.As(e, &perr) {
		return perr
	}
	msg := e.Error()
	for _, s := range []string{"no CUE files in", "matched no packages", "cannot find package", "no files match", "build constraints exclude all CUE files"} {
		if strings.Contains(msg, s) && len(errors.Positions(e)) == 0 {
			return fmt.Errorf("%s", message(e))
		}
	}
	return nil
}

// source returns the syntax of a package and of all that it imports.
func (l *loader) source(inst *build.Instance) *source.Package {
	if p := l.pkgs[inst]; p != nil {
		return p
	}
	path := ast.ParseImportPath(inst.ImportPath).Path
	p := &source.Package{ImportPath: path, Name: inst.PkgName, Files: inst.Files, Imports: map[string]*source.Package{},
		Contract: contractPath.MatchString(path)}
	l.pkgs[inst] = p
	for _, im := range inst.Imports {
		q := l.source(im)
		p.Imports[q.ImportPath] = q
	}
	return p
}

// leaves tells the instances that no other instance imports.
func (l *loader) leaves(insts []*build.Instance) map[*build.Instance]bool {
	imported := map[string]bool{}
	for _, inst := range insts {
		for path := range l.pkgs[inst].All() {
			imported[path] = true
		}
	}
	leaf := map[*build.Instance]bool{}
	for _, inst := range insts {
		leaf[inst] = !imported[l.pkgs[inst].ImportPath]
	}
	return leaf
}

// top is what stands at the top of a package.
type top struct {
	root *source.Node
	// defines are the names of the fields; nil for a package that has nothing to do with tmkit.
	defines map[string]bool
	// meant are the fields whose names were meant to be model.
	meant []*source.Node
}

// topLevel tells what stands at the top of a package and reports the names that mean nothing there.
func (l *loader) topLevel(p *source.Package) top {
	var allowed []string
	root := source.New(p)
	t := top{root: root, defines: map[string]bool{}}
	for _, name := range root.Children() {
		t.defines[name] = true
	}
	ours := false
	for _, d := range l.opts.Schema.Definitions() {
		allowed = append(allowed, d.Field)
		ours = ours || t.defines[d.Field]
	}
	for path, q := range p.Imports {
		ours = ours || strings.HasPrefix(path, "tmkit.dev/") || source.New(q).Child("model") != nil
	}
	if !ours {
		return top{}
	}
	if at, name := embedded(p); name != "" {
		field := "model"
		for _, d := range l.opts.Schema.Definitions() {
			if d.Name == name {
				field = d.Field
			}
		}
		l.result.Findings = append(l.result.Findings, finding.Finding{Rule: "stray-name", Severity: finding.Error, Path: []string{},
			Message: fmt.Sprintf("the %s stands at the top of the package, where mistyped names pass", field),
			Hint:    fmt.Sprintf("write %s: v1.%s & {...}", field, name), Position: l.place.token(at)})
		return t
	}
	for _, name := range root.Children() {
		if slices.Contains(allowed, name) {
			continue
		}
		f := finding.Finding{Rule: "stray-name", Severity: finding.Error, Path: []string{name},
			Message: fmt.Sprintf("%s means nothing at the top of a package; use model, catalog or crosswalk, or #%s for a definition of your own", name, name)}
		near := append(l.opts.Schema.Model.FieldNames(), allowed...)
		if s := finding.Suggest(name, near); s != "" && !slices.Contains(allowed, s) {
			f.Hint = fmt.Sprintf("did you mean model: %s?", s)
		} else if s != "" {
			f.Hint = fmt.Sprintf("did you mean %s?", s)
			if s == "model" {
				t.meant = append(t.meant, root.Child(name))
			}
		} else if l.opts.Schema.Model.Field(name) != nil {
			f.Hint = fmt.Sprintf("write model: %s", name)
		}
		f.Position = l.place.of(root, f.Path)
		l.result.Findings = append(l.result.Findings, f)
	}
	return t
}

// embedded returns the place and name of a definition of the contract that is embedded at the top of a package.
func embedded(p *source.Package) (token.Pos, string) {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			e, ok := d.(*ast.EmbedDecl)
			if !ok {
				continue
			}
			x := e.Expr
			for b, ok := x.(*ast.BinaryExpr); ok; b, ok = x.(*ast.BinaryExpr) {
				x = b.X
			}
			sel, ok := x.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			name, _, _ := ast.LabelName(sel.Sel)
			if ident, ok := sel.X.(*ast.Ident); ok {
				if spec, ok := ident.Node.(*ast.ImportSpec); ok && contractPath.MatchString(strings.Trim(spec.Path.Value, `"`)) {
					return x.Pos(), name
				}
			}
		}
	}
	return token.NoPos, ""
}

// tooNew reports a model that asks for a newer minor version than this program knows.
func (l *loader) tooNew(root *source.Node) *finding.Finding {
	lits, _ := root.At("model", "schema").Literals()
	for _, lit := range lits {
		s, ok := lit.Value.(string)
		var have, want int
		if n, _ := fmt.Sscanf(s, "v1.%d", &want); !ok || n != 1 {
			continue
		}
		fmt.Sscanf(l.opts.Schema.Version, "v1.%d", &have)
		if want > have {
			f := finding.Finding{Rule: "schema-too-new", Severity: finding.Error, Path: []string{"model", "schema"},
				Message: fmt.Sprintf("the model asks for schema %s, this tmkit carries %s", s, l.opts.Schema.Version),
				Hint:    "use a newer tmkit"}
			f.Position = l.place.relative(lit.Position)
			return &f
		}
	}
	return nil
}

// constrained says that a value was constrained by the definition of the contract that puts the hidden field into it.
func constrained(v cue.Value, hidden string) bool {
	return v.LookupPath(cue.MakePath(cue.Hid(hidden, "tmkit.dev/schema/v1"))).Exists()
}

// under returns a struct that has the value as its only field.
func (l *loader) under(name string, v cue.Value) cue.Value {
	return l.ctx.CompileString("{}").FillPath(cue.MakePath(cue.Str(name)), v)
}

// unify joins leaves that define a model of one name and do not import each other.
func (l *loader) unify(values map[*Loaded]cue.Value) {
	byName := map[string][]*Loaded{}
	var names []string
	for _, m := range l.result.Models {
		if name := m.Model.Metadata.Audience + " " + m.Model.Metadata.Name; m.Leaf && m.Model.Metadata.Name != "" {
			if byName[name] == nil {
				names = append(names, name)
			}
			byName[name] = append(byName[name], m)
		}
	}
	for _, name := range names {
		parts := byName[name]
		if len(parts) < 2 {
			continue
		}
		value := values[parts[0]]
		var nodes []*source.Node
		var pkgs []string
		imports := map[string]bool{}
		for i, p := range parts {
			maps.Copy(imports, p.Imports)
			nodes = append(nodes, p.Source)
			pkgs = append(pkgs, p.Package)
			p.Leaf, p.Part = false, true
			if i > 0 {
				value = value.Unify(values[p])
			}
		}
		whole := &Loaded{Package: strings.Join(pkgs, ", "), Model: &model.Model{}, Source: source.Merge(nodes...), Imports: imports, Leaf: true, place: l.place}
		if err := value.Validate(cue.Concrete(true)); err != nil {
			d := &diagnosis{place: l.place, root: source.Under("model", whole.Source), value: l.under("model", value), schema: l.opts.Schema}
			d.run(err)
			whole.held, whole.broken = d.held, d.broken()
			l.result.Findings = append(l.result.Findings, d.findings...)
		}
		read(whole.Source, func() cue.Value { return value }, l.opts.Schema.Model, whole.Model)
		l.result.Models = append(l.result.Models, whole)
	}
}
