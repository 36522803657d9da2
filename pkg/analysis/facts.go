// Package analysis derives what follows from a threat model: boundary crossings, risks, status, who must act,
// back-references, coverage of catalogues, and what a profile changes. It reads plain models and knows no CUE,
// no files and no clock.
package analysis

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// Facts are the derived facts of one model. They are computed once, by Derive, and their JSON form is the "derived"
// part of the exported model.
type Facts struct {
	// Index finds the kind of every id.
	Index model.Index `json:"-"`
	// Threats are the facts of each threat, by id.
	Threats map[string]*ThreatFacts `json:"threats,omitempty"`
	// Flows are the facts of each flow, by id.
	Flows map[string]*FlowFacts `json:"flows,omitempty"`
	// References are the entries that name an entry, by the id that is named. Catalogues have none: Coverage has the
	// entries that name theirs.
	References map[string][]BackReference `json:"references,omitempty"`
	// Coverage is the state of each catalogue, by catalogue id.
	Coverage map[string]*Coverage `json:"coverage,omitempty"`
	// Completeness is how far the model answers what the method asks of every entry, question by question.
	Completeness []Question `json:"completeness,omitempty"`
	// Comparison sets the model beside what it is in each of its profiles. Derive leaves it out; see Compare.
	Comparison *Comparison `json:"comparison,omitempty"`
	// Trees are the results of each attack tree, by id.
	Trees map[string]*TreeFacts `json:"attackTrees,omitempty"`
}

// Worst orders threats by their risk as installed, then inherent, the highest first, then by id.
func (f *Facts) Worst(ids []string) []string {
	out := slices.Clone(ids)
	slices.SortFunc(out, func(x, y string) int {
		a, b := f.Threats[x], f.Threats[y]
		return cmp.Or(
			cmp.Compare(b.AsInstalled.Risk.Rank(), a.AsInstalled.Risk.Rank()),
			cmp.Compare(b.Inherent.Risk.Rank(), a.Inherent.Risk.Rank()),
			cmp.Compare(x, y))
	})
	return out
}

// Assessment is likelihood, impact and the risk that follows by the model's risk matrix.
type Assessment struct {
	Likelihood model.Level `json:"likelihood"`
	Impact     model.Level `json:"impact"`
	Risk       model.Level `json:"risk"`
}

// Status is the state of a threat, derived from its decision, releases, countermeasures and risks.
type Status string

// The states of a threat.
const (
	Open                  Status = "open"
	MitigatedByDefault    Status = "mitigated by default"
	MitigatedIfConfigured Status = "mitigated if configured"
	Accepted              Status = "accepted"
	Transferred           Status = "transferred"
	Avoided               Status = "avoided"
	Obsolete              Status = "obsolete"
)

// ThreatFacts are the derived facts of one threat.
type ThreatFacts struct {
	// Inherent is the risk before any countermeasure.
	Inherent Assessment `json:"inherent"`
	// AsInstalled is the risk with what a default installation does.
	AsInstalled Assessment `json:"asInstalled"`
	// Hardened is the risk with every countermeasure of the threat in place.
	Hardened Assessment `json:"hardened"`
	// Status is the state of the threat.
	Status Status `json:"status"`
	// MustAct are the parties that have something to do, in order: those responsible for countermeasures, or for what
	// these require, that are not on by default, and the bearers of what the threat puts at risk. Nobody must act on an
	// obsolete threat.
	MustAct []string `json:"mustAct,omitempty"`
	// Tactics are the group ids of the techniques' catalogues, by catalogue.
	Tactics map[string][]string `json:"tactics,omitempty"`
	// Crossings are the ids of the boundaries that the flows in entry, via and affects cross.
	Crossings []string `json:"crossings,omitempty"`
}

// FlowFacts are the derived facts of one flow.
type FlowFacts struct {
	// Crossings are the borders that the flow crosses: those outward, the innermost zone first; those between instances,
	// likewise; and those inward, the outermost zone first; each plane by plane in the schema's order.
	Crossings []Crossing `json:"crossings,omitempty"`
}

// Crossing is one border that a flow crosses.
type Crossing struct {
	Boundary string `json:"boundary"`
	Plane    string `json:"plane"`
	// Direction is outward (the flow leaves the zone), inward (it enters), or between (from one instance to another).
	Direction string `json:"direction"`
	// Strength is what the border holds in that direction: enforced, conditional or conventional; for a crossing between
	// instances the weaker of the two.
	Strength string `json:"strength"`
}

// BackReference is one entry that names another.
type BackReference struct {
	Kind model.Kind `json:"kind"`
	ID   string     `json:"id"`
	// Field is the field that holds the reference, such as "affects" or "credential.issuedBy".
	Field string `json:"field"`
}

// State is what a model says of a catalogue's entry.
type State string

// The coverage states, strongest first.
const (
	AtRisk        State = "at risk"
	Resistant     State = "resistant"
	Covered       State = "covered"
	PartlyCovered State = "partly covered"
	Excluded      State = "excluded"
	Referenced    State = "referenced"
	NotAssessed   State = "not assessed"
)

// Coverage is what a model says of a catalogue.
type Coverage struct {
	// Entries are the facts of every active entry and of every cited one that the catalogue has, by entry id.
	Entries map[string]*EntryCoverage `json:"entries"`
	// Baselines count the active entries of each tag by state; the key "" counts all active entries.
	Baselines map[string]map[State]int `json:"baselines"`
}

// MarshalJSON leaves out the entries that are not assessed and that nothing suggests: Baselines count them.
func (c *Coverage) MarshalJSON() ([]byte, error) {
	said := map[string]*EntryCoverage{}
	for id, e := range c.Entries {
		if e.State != NotAssessed || len(e.Candidates) > 0 {
			said[id] = e
		}
	}
	return json.Marshal(struct {
		Entries   map[string]*EntryCoverage `json:"entries"`
		Baselines map[string]map[State]int  `json:"baselines"`
	}{said, c.Baselines})
}

// Whole names the selection that is the whole catalogue.
const Whole = "all"

// Selection is a baseline or another selection of a catalogue's active entries, counted by state.
type Selection struct {
	Name   string        `json:"name"`
	Active int           `json:"active"`
	States map[State]int `json:"states"`
}

// Selections are the whole catalogue, and then what its tags select, in their order.
func (c *Coverage) Selections() []Selection {
	var out []Selection
	for _, tag := range model.Keys(c.Baselines) {
		s := Selection{Name: cmp.Or(tag, Whole), States: c.Baselines[tag]}
		for _, n := range s.States {
			s.Active += n
		}
		out = append(out, s)
	}
	return out
}

// EntryCoverage is what a model says of a catalogue's entry.
type EntryCoverage struct {
	State State `json:"state"`
	// Worst is the highest as-installed risk of the threats that put the entry at risk; empty without such a threat. One
	// that is obsolete puts nothing at risk.
	Worst model.Level `json:"worst,omitempty"`
	// Bearers are the parties that carry the risk, in order.
	Bearers []string `json:"bearers,omitempty"`
	// Subjects are the entries of the model that put it at risk, resist, or refer to it, in order.
	Subjects []BackReference `json:"subjects,omitempty"`
	// Threats are the ids of the threats among the subjects, in order.
	Threats []string `json:"threats,omitempty"`
	// Themes count those threats by theme.
	Themes map[string]int `json:"themes,omitempty"`
	// Reason is why the entry, its parent or its groups are excluded; empty in any other state.
	Reason string `json:"reason,omitempty"`
	// Candidates are what crosswalks suggest for an entry that is not assessed.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Others are the ids of the subjects that are no threats, in order.
func (e *EntryCoverage) Others() []string {
	var out []string
	for _, s := range e.Subjects {
		if s.Kind != model.Threats && !slices.Contains(out, s.ID) {
			out = append(out, s.ID)
		}
	}
	return out
}

// TreeFacts are the results of an attack tree.
type TreeFacts struct {
	// Nodes are the results of each node, by node id.
	Nodes map[string]*NodeFacts `json:"nodes"`
}

// NodeFacts are the results of one node of an attack tree: an or-node is as easy as its easiest child, an and- or
// sequence-node as hard as its hardest. Reachable is false where assumptions or releases that are over rule every way
// out, or where no leaf below names a threat; there is no likelihood then.
type NodeFacts struct {
	// Inherent is the likelihood before any countermeasure.
	Inherent model.Level `json:"inherent,omitempty"`
	// AsInstalled is the likelihood with what a default installation does.
	AsInstalled model.Level `json:"asInstalled,omitempty"`
	// Hardened is the likelihood with every countermeasure in place.
	Hardened model.Level `json:"hardened,omitempty"`
	// Reachable says whether the node can be reached at all.
	Reachable bool `json:"reachable"`
	// Threats are the threats of the leaves below, in order.
	Threats []string `json:"threats,omitempty"`
}
