package analysis

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// Reference is one id in a reference field of a model, whether it leads somewhere or not.
type Reference struct {
	// BackReference is the entry that holds the field. Its kind and id are empty for the exclusions and the considered
	// elements, which the model itself holds.
	BackReference
	// To is the id that is named.
	To string
	// Kinds are the collections in which the id may be, "catalogs" among them; none means any of the one id space.
	Kinds []model.Kind
}

// References yields every id in every reference field of a model, in the order of collections, ids and fields. It is
// the schema's @ref attributes, walked.
func References(m *model.Model) iter.Seq[Reference] {
	return func(yield func(Reference) bool) {
		more := true
		holders(m, func(kind model.Kind, id string, fields ...field) {
			for _, f := range fields {
				for _, to := range f.ids() {
					if more = more && yield(Reference{BackReference{kind, id, f.name}, to, f.kinds}); !more {
						return
					}
				}
			}
		})
	}
}

// backReferences turns the references round. Catalogues are left out: they stand outside of the one id space, and what
// names their entries is in the coverage. So are the exclusions, which are no entries that could be pointed to.
func backReferences(m *model.Model) map[string][]BackReference {
	out := make(map[string][]BackReference)
	for r := range References(m) {
		if r.Kind == "" || len(r.Kinds) == 1 && r.Kinds[0] == catalogs {
			continue
		}
		// A field can name an id twice, as a scenario does that uses a flow in two steps. All ids of a field come one
		// after the other, so the first mention is the last back-reference that the id has.
		known := out[r.To]
		if len(known) == 0 || known[len(known)-1] != r.BackReference {
			out[r.To] = append(known, r.BackReference)
		}
	}
	return out
}

// catalogs names the catalogues among the kinds that a reference may lead to.
const catalogs model.Kind = "catalogs"

// need says what becomes of an entry when what a field of it names is gone.
type need int

const (
	// optional: the reference is dropped and the entry stays.
	optional need = iota
	// some: the entry stays as long as the field names something.
	some
	// every: the entry goes with the first that goes.
	every
)

// field is a reference field of an entry.
type field struct {
	name string
	need need
	ids  func() []string
	// drop takes the references out that are gone.
	drop  func(isGone func(string) bool)
	kinds []model.Kind
}

// holders visits the entries that have reference fields, in the schema's order: the one table of the references of the
// contract. A test holds it against the @ref attributes.
func holders(m *model.Model, visit func(kind model.Kind, id string, fields ...field)) {
	elements := []model.Kind{model.Components, model.Flows, model.Boundaries, model.Assets, model.Actors}
	// Questions are asked about an element, and so are a field of it.
	threat := func(c *model.Consideration) string { return c.Threat }
	considered := func(id string) field {
		return values("considered.threat", m.Considered[id], threat, model.Threats)
	}
	for id, b := range entries(m.Boundaries) {
		visit(model.Boundaries, id,
			one("parent", optional, &b.Parent, model.Boundaries),
			list("enforcedBy", optional, &b.EnforcedBy, model.Countermeasures),
			considered(id))
	}
	for id, c := range entries(m.Components) {
		visit(model.Components, id,
			one("boundary", every, &c.Boundary, model.Boundaries),
			list("alsoIn", optional, &c.AlsoIn, model.Boundaries),
			list("partOf", some, &c.PartOf, model.Components),
			list("runsOn", optional, &c.RunsOn, model.Components),
			keys("holds", optional, c.Holds, model.Assets),
			keys("putsAtRisk", optional, c.PutsAtRisk, catalogs),
			considered(id))
	}
	for id, f := range entries(m.Features) {
		visit(model.Features, id,
			one("component", every, &f.Component, model.Components),
			keys("putsAtRisk", optional, f.PutsAtRisk, catalogs))
	}
	for id, a := range entries(m.Assets) {
		fields := []field{considered(id)}
		if c := a.Credential; c != nil {
			fields = append(fields,
				list("credential.issuedBy", optional, &c.IssuedBy, model.Components),
				list("credential.acceptedBy", optional, &c.AcceptedBy, model.Components))
		}
		visit(model.Assets, id, fields...)
	}
	for id, f := range entries(m.Flows) {
		visit(model.Flows, id,
			one("from", every, &f.From, model.Components, model.Actors),
			one("to", every, &f.To, model.Components, model.Actors),
			list("over", every, &f.Over, model.Flows),
			list("credentials", optional, &f.Credentials, model.Assets),
			list("carries", optional, &f.Carries, model.Assets),
			considered(id))
	}
	for id, a := range entries(m.Actors) {
		fields := []field{
			one("boundary", optional, &a.Boundary, model.Boundaries),
			keys("access", optional, a.Access, model.Components, model.Flows, model.Boundaries, model.Assets),
			considered(id),
		}
		if o := a.Oversight; o != nil {
			fields = append(fields,
				list("oversight.recordedIn", optional, &o.RecordedIn, model.Components),
				list("oversight.watchedBy", optional, &o.WatchedBy, model.Actors),
				list("oversight.separation", optional, &o.Separation, model.Countermeasures))
		}
		visit(model.Actors, id, fields...)
	}
	for id, t := range entries(m.Threats) {
		visit(model.Threats, id,
			one("theme", every, &t.Theme, model.Themes),
			list("actors", some, &t.Actors, model.Actors),
			list("entry", optional, &t.Entry, elements...),
			list("via", optional, &t.Via, elements...),
			list("affects", some, &t.Affects, elements...),
			list("arisesFrom", some, &t.ArisesFrom, model.Features),
			list("leadsTo", optional, &t.LeadsTo, model.Threats),
			keys("countermeasures", optional, t.Countermeasures, model.Countermeasures),
			keys("putsAtRisk", optional, t.PutsAtRisk, catalogs),
			keys("techniques", optional, t.Techniques, catalogs),
			keys("weaknesses", optional, t.Weaknesses, catalogs),
			keys("vulnerabilities", optional, t.Vulnerabilities, catalogs),
			keys("covers", optional, t.Covers, catalogs),
			list("assumptions", optional, &t.Assumptions, model.Assumptions))
	}
	for id, c := range entries(m.Countermeasures) {
		visit(model.Countermeasures, id,
			one("component", every, &c.Component, model.Components),
			one("feature", every, &c.Feature, model.Features),
			list("requires", every, &c.Requires, model.Countermeasures, model.Components),
			list("introduces", optional, &c.Introduces, model.Threats),
			keys("supports", optional, c.Supports, catalogs))
	}
	for id, t := range entries(m.AttackTrees) {
		visit(model.AttackTrees, id,
			nodes("nodes.threat", t, func(n *model.TreeNode) *string { return &n.Threat }, model.Threats),
			nodes("nodes.assumption", t, func(n *model.TreeNode) *string { return &n.Assumption }, model.Assumptions),
			nodes("nodes.subtree", t, func(n *model.TreeNode) *string { return &n.Subtree }, model.AttackTrees))
	}
	for id, s := range entries(m.Scenarios) {
		flow := func(s *model.Step) string { return s.Flow }
		visit(model.Scenarios, id, items("steps.flow", some, &s.Steps, flow, model.Flows))
	}
	for id, v := range entries(m.Views) {
		visit(model.Views, id,
			list("selects.boundaries", optional, &v.Selects.Boundaries, model.Boundaries),
			list("selects.components", optional, &v.Selects.Components, model.Components),
			list("selects.actors", optional, &v.Selects.Actors, model.Actors),
			list("selects.themes", optional, &v.Selects.Themes, model.Themes))
	}
	for id, p := range entries(m.Profiles) {
		visit(model.Profiles, id,
			list("absent", optional, &p.Absent, model.Components, model.Flows, model.Boundaries, model.Assets,
				model.Actors, model.Countermeasures),
			differs(p))
	}
	for id, t := range entries(m.Tensions) {
		catalogue := func(r *model.EntryRef) string { return r.Catalogue }
		visit(model.Tensions, id,
			items("entries.catalogue", some, &t.Entries, catalogue, catalogs),
			list("threats", optional, &t.Threats, model.Threats))
	}
	for id, w := range entries(m.Waivers) {
		visit(model.Waivers, id, one("subject", every, &w.Subject))
	}
	for id, r := range entries(m.Retired) {
		visit(model.Retirees, id, one("replacedBy", optional, &r.ReplacedBy))
	}
	for id, x := range entries(m.Crosswalks) {
		visit("crosswalks", id,
			one("from", every, &x.From, catalogs),
			one("to", every, &x.To, catalogs))
	}
	own := []field{
		keys("considered", optional, m.Considered, elements...),
		keys("exclusions", optional, m.Exclusions, catalogs),
	}
	for _, c := range model.Keys(m.Exclusions) {
		profile := func(x *model.Exclusion) string { return x.Profile }
		own = append(own, values("exclusions.profile", m.Exclusions[c], profile, model.Profiles))
	}
	visit("", "", own...)
}

// one is a field that holds one id, or none.
func one(name string, n need, id *string, kinds ...model.Kind) field {
	return field{name, n,
		func() []string {
			if *id == "" {
				return nil
			}
			return []string{*id}
		},
		func(isGone func(string) bool) {
			if isGone(*id) {
				*id = ""
			}
		}, kinds}
}

// list is a field that holds a list of ids.
func list(name string, n need, ids *[]string, kinds ...model.Kind) field {
	return field{name, n,
		func() []string { return *ids },
		func(isGone func(string) bool) { *ids = slices.DeleteFunc(*ids, isGone) }, kinds}
}

// items is a field that holds a list of things that each name an id.
func items[T any](name string, n need, list *[]T, id func(*T) string, kinds ...model.Kind) field {
	return field{name, n,
		func() (ids []string) {
			for i := range *list {
				ids = append(ids, id(&(*list)[i]))
			}
			return ids
		},
		func(isGone func(string) bool) {
			*list = slices.DeleteFunc(*list, func(t T) bool { return isGone(id(&t)) })
		}, kinds}
}

// keys is a field that holds something for each id.
func keys[V any](name string, n need, m map[string]V, kinds ...model.Kind) field {
	return field{name, n,
		func() []string { return model.Keys(m) },
		func(isGone func(string) bool) {
			maps.DeleteFunc(m, func(id string, _ V) bool { return isGone(id) })
		}, kinds}
}

// nodes is one field of all nodes of a tree. A node of which the reference is dropped says so, since a leaf gives a
// reason when it names nothing.
func nodes(name string, t *model.AttackTree, id func(*model.TreeNode) *string, kinds ...model.Kind) field {
	return field{name, optional,
		func() (ids []string) {
			for _, n := range entries(t.Nodes) {
				if *id(n) != "" {
					ids = append(ids, *id(n))
				}
			}
			return ids
		},
		func(isGone func(string) bool) {
			for _, n := range t.Nodes {
				if n != nil && isGone(*id(n)) {
					n.Reason = strings.TrimSpace(*id(n) + " does not exist in this profile. " + n.Reason)
					*id(n) = ""
				}
			}
		}, kinds}
}

// values is a field that holds, for each key, something that names an id or not. What names an id that is gone goes
// too: the answer to a question about an element was that threat.
func values[V any](name string, m map[string]*V, id func(*V) string, kinds ...model.Kind) field {
	return field{name, optional,
		func() (ids []string) {
			for _, v := range entries(m) {
				if id(v) != "" {
					ids = append(ids, id(v))
				}
			}
			return ids
		},
		func(isGone func(string) bool) {
			maps.DeleteFunc(m, func(_ string, v *V) bool { return v != nil && isGone(id(v)) })
		}, kinds}
}

// differs is the entries of which a profile changes fields. The schema says of what collection each is by the map it
// stands in, and not by an attribute.
func differs(p *model.Profile) field {
	return field{"differs", optional,
		func() (ids []string) {
			for _, c := range model.Keys(p.Differs) {
				ids = append(ids, model.Keys(p.Differs[c])...)
			}
			return ids
		},
		func(isGone func(string) bool) {
			for c, changes := range p.Differs {
				maps.DeleteFunc(changes, func(id string, _ map[string]any) bool { return isGone(id) })
				if len(changes) == 0 {
					delete(p.Differs, c)
				}
			}
		}, nil}
}
