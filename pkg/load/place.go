package load

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
)

// placer tells where things are, relative to the folder that the user is in.
type placer struct {
	// base is the folder that places are told from, root that of the module.
	base, root string

	schema *schema.Schema
	// overlay are the texts of files that count in place of what is on disk.
	overlay map[string][]byte
	// literals are the offsets at which literal values begin, by file.
	literals map[string]map[int]bool
}

// of returns the place of a path: the value when all of the path is written, else the label of its longest written part.
func (p *placer) of(root *source.Node, path []string) finding.Position {
	at, length := root.Nearest(path...)
	if length == len(path) && length > 0 {
		if n := root.At(path...); !n.IsStruct() && !p.isKey(path) {
			if vs := n.Values(); len(vs) > 0 {
				at = vs[0]
			}
		}
	}
	if at.File == "" {
		if all := root.Values(); len(all) > 0 {
			at = all[0]
		}
	}
	return p.relative(at)
}

// isKey says that the last part of a path is an author's key and not a field: what is wrong with it is the key.
func (p *placer) isKey(path []string) bool {
	if p.schema == nil || len(path) < 2 {
		return false
	}
	above := path[:len(path)-1]
	if p.schema.Definition(above[0]) == nil {
		above = append([]string{"model"}, above...)
	}
	t := at(p.schema, above)
	return t != nil && t.Kind == schema.Map
}

func (p *placer) relative(at finding.Position) finding.Position {
	if rel, err := filepath.Rel(p.base, at.File); err == nil && at.File != "" && !strings.HasPrefix(rel, "..") {
		at.File = rel
	}
	at.File = filepath.ToSlash(at.File)
	return at
}

func (p *placer) file(name string) finding.Position { return p.relative(finding.Position{File: name}) }

func (p *placer) token(pos token.Pos) finding.Position {
	at := pos.Position()
	return p.relative(finding.Position{File: at.Filename, Line: at.Line, Column: at.Column})
}

// authored says that a position is in a file of the module's own packages and not in the contract.
func (p *placer) authored(pos token.Pos) bool {
	name := filepath.ToSlash(pos.Filename())
	return pos.IsValid() && name != "" && !strings.Contains(name, "/cue.mod/") && !strings.Contains(name, "/schema/v1/")
}

// best returns the authored position that tells most about the errors: of a literal if there is one, else the first.
func (p *placer) best(es ...errors.Error) (finding.Position, bool) {
	var first finding.Position
	for _, e := range es {
		for _, pos := range errors.Positions(e) {
			if !p.authored(pos) {
				continue
			}
			if p.literal(pos) {
				return p.token(pos), true
			}
			if first.File == "" {
				first = p.token(pos)
			}
		}
	}
	return first, first.File != ""
}

// literal says that a literal value begins at a position. Of the many positions of an error most are those of the
// structs around it.
func (p *placer) literal(pos token.Pos) bool {
	name := pos.Filename()
	if _, known := p.literals[name]; !known {
		offsets := map[int]bool{}
		if f, err := p.parse(name); err == nil {
			labels := map[ast.Node]bool{}
			ast.Walk(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Field:
					labels[n.Label] = true
				case *ast.BasicLit, *ast.Interpolation:
					offsets[n.Pos().Offset()] = !labels[n]
				}
				return true
			}, nil)
		}
		if p.literals == nil {
			p.literals = map[string]map[int]bool{}
		}
		p.literals[name] = offsets
	}
	return p.literals[name][pos.Offset()]
}

// raw makes a finding of errors of CUE's at one path that no rule tells better.
func (p *placer) raw(root *source.Node, es []errors.Error) finding.Finding {
	f := finding.Finding{Rule: "cue", Severity: finding.Error}
	path := unquoted(es[0].Path())
	var ok bool
	if root.At(path...) != nil && len(path) > 1 {
		f.Position = p.of(root, path)
	} else if f.Position, ok = p.best(es...); !ok {
		f.Position = p.of(root, path)
	}
	return f
}

// fault makes a finding of an error in the contract's hidden checks. Their names hold the path of the field, and their
// texts are written for authors.
func (p *placer) fault(root *source.Node, e errors.Error) finding.Finding {
	path := unquoted(e.Path())
	i := slices.IndexFunc(path, func(name string) bool { return name == "_faults" || name == "_ids" })
	f := finding.Finding{Rule: "dangling-reference", Severity: finding.Error, Message: message(e)}
	if len(path) > i+1 {
		if path[i] == "_ids" {
			f.Rule, f.Message = "duplicate-id", "two entries have the id "+path[i+1]
		} else {
			f.Path = append(slices.Clip(path[:i]), strings.Split(path[i+1], "/")...)
		}
	}
	f.Position = p.of(root, f.Path)
	return f
}

// build makes a finding of an error that keeps a package from being built: syntax, or an import.
func (p *placer) build(e errors.Error) finding.Finding {
	f := finding.Finding{Rule: "syntax", Severity: finding.Error, Message: message(e)}
	f.Position, _ = p.best(e)
	if f.Position.File == "" {
		for _, pos := range errors.Positions(e) {
			f.Position = p.token(pos)
			break
		}
	}
	var several *load.MultiplePackageError
	if errors.As(e, &several) {
		f.Message = fmt.Sprintf("the folder has two packages, %s in %s and %s in %s", several.Packages[0], several.Files[0], several.Packages[1], several.Files[1])
		f.Hint = "files of one folder belong to one package"
		name := filepath.Join(several.Dir, several.Files[1])
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.root, name)
		}
		f.Position = p.file(name)
		f.Position.Line, f.Position.Column = p.clause(name), 1
		return f
	}
	if inner, ok := strings.CutPrefix(f.Message, "import failed: "); ok {
		// The package is there, but something in it is wrong; the import is only how CUE came to it.
		var in []finding.Position
		for _, pos := range errors.Positions(e) {
			if p.authored(pos) {
				in = append(in, p.token(pos))
			}
		}
		if len(in) > 1 {
			f.Message, f.Position = inner, in[len(in)-1]
			f.Related = []finding.Related{{Position: in[0], Message: "imported here"}}
			return f
		}
	}
	if line := p.lineOf(e); unquotedID.MatchString(line) {
		f.Hint = "an id with a hyphen is written in quotes"
	}
	f.Message = importedAt.ReplaceAllString(f.Message, "import failed: ")
	switch {
	case strings.Contains(f.Message, "cannot find package") || strings.Contains(f.Message, "cannot find module") || strings.Contains(f.Message, "import failed"):
		f.Rule = "missing-package"
		f.Hint = "check the import path; a package of this module is module/folder, the schema is tmkit.dev/schema/v1"
		switch {
		case strings.Contains(f.Message, `"tmkit.dev/threats/`):
			f.Hint = "tmkit brings the schema and the catalogues, and no models: copy the folder of the model to its path below cue.mod/pkg"
		case strings.Contains(f.Message, "cannot determine package name"):
			f.Hint = "end the import path with a colon and the package's name, as in \"tmkit.dev/threats/cluster-api:clusterapi\""
		}
	case strings.Contains(f.Message, "imported and not used") || strings.Contains(f.Message, "reference"):
		f.Rule = "reference"
	}
	return f
}

// importedAt is the place that CUE repeats in the message of an import, as a path of the machine.
var importedAt = regexp.MustCompile(`import failed: \S+:\d+:\d+: `)

// unquotedID matches a label that CUE takes for a subtraction.
var unquotedID = regexp.MustCompile(`(?:^|[\s{:])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+:`)

// lineOf returns the line of a file at which an error is.
func (p *placer) lineOf(e errors.Error) string {
	pos := e.Position()
	src, err := p.read(pos.Filename())
	if lines := strings.Split(string(src), "\n"); err == nil && pos.Line() > 0 && pos.Line() <= len(lines) {
		return lines[pos.Line()-1]
	}
	return ""
}

// clause returns the line of a file's package clause, or the first.
func (p *placer) clause(name string) int {
	f, err := p.parse(name, parser.PackageClauseOnly)
	if err == nil {
		for _, d := range f.Decls {
			if clause, ok := d.(*ast.Package); ok {
				return clause.Pos().Line()
			}
		}
	}
	return 1
}

// read returns the text of a file.
func (p *placer) read(name string) ([]byte, error) {
	if src, ok := p.overlay[name]; ok {
		return src, nil
	}
	return os.ReadFile(name)
}

func (p *placer) parse(name string, mode ...parser.Option) (*ast.File, error) {
	src, err := p.read(name)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(name, src, mode...)
}

// message is an error's own text on one line, in our manner: lower case, no full stop.
func message(e errors.Error) string {
	text := e.Error()
	text = strings.ReplaceAll(text, " (type _|_)", "")
	// The path and the position stand in the finding already.
	if path := strings.Join(e.Path(), "."); path != "" {
		text = strings.TrimPrefix(text, path+": ")
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
}
