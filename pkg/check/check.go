// Package check has the rules that a model must keep beyond its shape. One rule is one function in a file of its own;
// Rules lists them all.
package check

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// Rule is one rule.
type Rule struct {
	// ID is the rule's name in findings and waivers.
	ID string
	// Doc says what the rule asks for, in one sentence.
	Doc string
	// Of is what the rule can be asked about.
	Of Extent

	run func(*pass)
}

// Extent is what a rule looks at.
type Extent int

// The extents: each package's part of a model by itself, or only the model as a whole.
const (
	Parts Extent = iota
	Whole
)

// Rules returns all rules, in order.
func Rules() []Rule {
	return []Rule{
		{ID: "dangling-reference", Doc: "Every reference names an entry that exists.", run: references},
		{ID: "inactive-reference", Doc: "References to catalogues name entries that their publisher still keeps.", run: inactive},
		{ID: "duplicate-id", Doc: "No two entries of a model share an id, whatever their collection.", run: duplicates},
		{ID: "missing-field", Doc: "A field that another field's value asks for is given.", run: conditions},
		{ID: "missing-item", Doc: "What must have an entry at least has one.", run: items},
		{ID: "origin-of-threat", Doc: "A threat arises from features, or says why it arises outside of the product, and not both.", run: origins},
		{ID: "tree-leaf", Doc: "A leaf of an attack tree names a threat, an assumption or a tree, or a reason why it has none.", run: treeNodes},
		{ID: "cycle", Doc: "Parents, parts, tunnels and attack trees do not lead back to themselves.", run: cycles},
		{ID: "watches-self", Doc: "Nobody is the only one to watch over their own access.", run: watchers},
		{ID: "plane", Doc: "A boundary lies in a boundary of its own plane, and a component in at most one boundary of a plane besides their parents.", run: planes},
		{ID: "profile", Doc: "What a profile changes exists and has the right type.", run: profiles},
		{ID: "long-cell", Doc: "A list fits into a sheet's cell of 32767 UTF-16 units.", run: cells},
		{ID: "unused", Doc: "Every assumption, actor, asset, feature and countermeasure is used by something.", Of: Whole, run: unused},
	}
}

// Run returns what the rules of an extent find in a model, without positions.
func Run(m *model.Model, s *schema.Schema, of Extent) []finding.Finding {
	p := &pass{m: m, schema: s, kinds: map[string][]model.Kind{}, found: find(m, s)}
	for _, k := range model.Kinds() {
		for _, id := range m.IDs(k) {
			p.kinds[id] = append(p.kinds[id], k)
		}
	}
	for _, r := range Rules() {
		if r.Of == of {
			p.rule = r.ID
			r.run(p)
		}
	}
	return p.findings
}

// pass is one run over one model.
type pass struct {
	m      *model.Model
	schema *schema.Schema
	// kinds are the collections that have an entry with the id; more than one is a fault of its own.
	kinds    map[string][]model.Kind
	found    []found
	rule     string
	findings []finding.Finding
}

func (p *pass) report(severity finding.Severity, path []string, message, hint string) {
	f := finding.Finding{Rule: p.rule, Severity: severity, Path: path, Message: message, Hint: hint}
	if len(path) > 1 {
		f.Subject = finding.Subject{Kind: path[0], ID: path[1]}
	}
	p.findings = append(p.findings, f)
}

// is says that the collection has an entry with the id.
func (p *pass) is(id string, k model.Kind) bool { return slices.Contains(p.kinds[id], k) }

func (p *pass) error(path []string, message, hint string) {
	p.report(finding.Error, path, message, hint)
}

func (p *pass) warn(path []string, message, hint string) {
	p.report(finding.Warning, path, message, hint)
}
