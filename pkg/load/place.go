package load

import (
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/source"
)

// placer tells where things are, relative to the folder that the user is in.
type placer struct{ base string }

// of returns the place of a path: the value when all of the path is written, else the label of its longest written part.
func (p *placer) of(root *source.Node, path []string) finding.Position {
	at, length := root.Nearest(path...)
	if length == len(path) && length > 0 {
		if n := root.At(path...); !n.IsStruct() {
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

// best returns the first authored position of an error, if it has one.
func (p *placer) best(e errors.Error) (finding.Position, bool) {
	for _, pos := range errors.Positions(e) {
		if p.authored(pos) {
			return p.token(pos), true
		}
	}
	return finding.Position{}, false
}

// raw makes a finding of an error of CUE's that no rule tells better.
func (p *placer) raw(root *source.Node, e errors.Error) finding.Finding {
	f := finding.Finding{Rule: "cue", Severity: finding.Error, Path: e.Path(), Message: message(e)}
	if len(f.Path) > 0 {
		f.Message = strings.Join(f.Path, ".") + ": " + f.Message
	}
	var ok bool
	if path := unquoted(e.Path()); root.At(path...) != nil && len(path) > 1 {
		f.Position = p.of(root, path)
	} else if f.Position, ok = p.best(e); !ok {
		f.Position = p.of(root, path)
	}
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
	switch {
	case strings.Contains(f.Message, "cannot find package") || strings.Contains(f.Message, "cannot find module") || strings.Contains(f.Message, "import failed"):
		f.Rule = "missing-package"
		f.Hint = "check the import path; a package of this module is module/folder, the schema is tmkit.dev/schema/v1"
	case strings.Contains(f.Message, "imported and not used") || strings.Contains(f.Message, "reference"):
		f.Rule = "reference"
	}
	return f
}

// message is an error's own text on one line, in our manner: lower case, no full stop.
func message(e errors.Error) string {
	text := e.Error()
	// The path and the position stand in the finding already.
	if path := strings.Join(e.Path(), "."); path != "" {
		text = strings.TrimPrefix(text, path+": ")
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
}
