package analysis

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// status derives the state of a threat. The first rule that holds decides:
//
//  1. Accepted, transferred, avoided: so it was decided (the risk responses of NIST SP 800-39). The decision to
//     mitigate is a plan, so that the rules below say how far it has come.
//  2. Obsolete: the threat names the releases it can happen in, and all of those were over, at the latest, with the
//     oldest release that the model applies to.
//  3. Mitigated by default: a countermeasure that stands by default prevents it in full, or the risk as installed is
//     below the inherent one and at most low.
//  4. Mitigated if configured: a countermeasure that can be had prevents it in full, or some countermeasure of it can
//     be had and the hardened risk is below the inherent one and at most low.
//  5. Open: everything else. A threat that was always low is open until somebody accepts it.
//
// Whether a countermeasure stands, or can be had, is said by its [standing].
func status(m *model.Model, t *model.Threat, f *ThreatFacts, standings map[string]standing) Status {
	if t.Decision != nil {
		switch t.Decision.What {
		case "accept":
			return Accepted
		case "transfer":
			return Transferred
		case "avoid":
			return Avoided
		}
	}
	if isOver(m, t.AffectedVersions) {
		return Obsolete
	}
	var canBeHad, prevents, couldPrevent bool
	for id, mitigation := range entries(t.Countermeasures) {
		s, known := standings[id]
		if !known || s.state == "unavailable" {
			continue
		}
		canBeHad = true
		if mitigation.Effect == "prevent" && mitigation.Extent == "full" {
			couldPrevent = true
			prevents = prevents || s.state == "on"
		}
	}
	switch {
	case prevents || isLowered(f.Inherent, f.AsInstalled):
		return MitigatedByDefault
	case couldPrevent || canBeHad && isLowered(f.Inherent, f.Hardened):
		return MitigatedIfConfigured
	}
	return Open
}

// isLowered tells whether a later risk is below the inherent one, and low or less.
func isLowered(inherent, later Assessment) bool {
	l := later.Risk.Rank()
	return l > 0 && l < inherent.Risk.Rank() && l <= model.Low.Rank()
}

// standing is what a countermeasure comes to once all that it requires is counted in: a network policy that is on does
// nothing where the plugin that enforces it is off.
type standing struct {
	// state is the weakest default among the countermeasure and what it requires, directly or not: on, conditional, off
	// or unavailable. A required component that is optional is conditional; what some release of the model lacks is
	// unavailable, since the model speaks of all its releases.
	state string
	// parties are those responsible for the ones among these that are not on by default.
	parties []string
}

// standings returns the standing of each countermeasure.
func standings(m *model.Model) map[string]standing {
	out := make(map[string]standing, len(m.Countermeasures))
	for id := range entries(m.Countermeasures) {
		s := standing{state: "on"}
		seen := map[string]bool{id: true}
		for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
			if c := m.Components[queue[0]]; c != nil && c.Optional {
				s.state = worse(s.state, "conditional")
			}
			c := m.Countermeasures[queue[0]]
			if c == nil {
				continue
			}
			s.state = worse(s.state, c.Default)
			if !isInEveryRelease(m, c.AffectedVersions) {
				s.state = "unavailable"
			}
			if c.Default != "on" {
				insert(&s.parties, c.Responsibility)
			}
			for _, next := range c.Requires {
				if !seen[next] {
					seen[next] = true
					queue = append(queue, next)
				}
			}
		}
		out[id] = s
	}
	return out
}

// worse returns the one of two defaults that helps less. One that the schema does not know counts as off.
func worse(a, b string) string {
	order := []string{"on", "conditional", "off", "unavailable"}
	if !slices.Contains(order, b) {
		b = "off"
	}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// mustAct returns the parties that have something to do about a threat: nobody, once it is obsolete.
func mustAct(t *model.Threat, status Status, standings map[string]standing) []string {
	if status == Obsolete {
		return nil
	}
	var parties []string
	for id := range t.Countermeasures {
		for _, p := range standings[id].parties {
			insert(&parties, p)
		}
	}
	for _, exposures := range t.PutsAtRisk {
		for _, e := range entries(exposures) {
			for p := range e.Bearers {
				insert(&parties, p)
			}
		}
	}
	return parties
}

// isOver tells whether every range ends at or before the oldest release of the model. What cannot be read as a release
// ends nothing.
func isOver(m *model.Model, ranges []model.VersionRange) bool {
	versions, ok := releases(m)
	if !ok || len(ranges) == 0 {
		return false
	}
	oldest := slices.MinFunc(versions, release.compare)
	for _, r := range ranges {
		fixed, ok := parseRelease(r.Fixed)
		if !ok || fixed.compare(oldest) > 0 {
			return false
		}
	}
	return true
}

// isInEveryRelease tells whether each release of the model lies in one of the ranges. No range at all means every
// release, and so does a model that names none.
func isInEveryRelease(m *model.Model, ranges []model.VersionRange) bool {
	versions, ok := releases(m)
	if !ok || len(ranges) == 0 {
		return true
	}
	for _, v := range versions {
		if !slices.ContainsFunc(ranges, func(r model.VersionRange) bool {
			introduced, bounded := parseRelease(r.Introduced)
			fixed, ends := parseRelease(r.Fixed)
			return (!bounded || introduced.compare(v) <= 0) && (!ends || v.compare(fixed) < 0)
		}) {
			return false
		}
	}
	return true
}

// releases returns the releases that the model applies to, unless there is none or one cannot be read.
func releases(m *model.Model) (versions []release, ok bool) {
	if m.Metadata.AppliesTo == nil {
		return nil, false
	}
	for _, s := range m.Metadata.AppliesTo.Versions {
		v, ok := parseRelease(s)
		if !ok {
			return nil, false
		}
		versions = append(versions, v)
	}
	return versions, len(versions) > 0
}

// release is a version of the product: major, minor and patch.
type release [3]int

// parseRelease reads a release such as v1.32 or v1.32.8. Without a patch it is the first of its line: a model of v1.32
// speaks of v1.32.0 too, so that a flaw fixed in v1.32.8 is not over for it.
func parseRelease(s string) (r release, ok bool) {
	digits, ok := strings.CutPrefix(s, "v")
	parts := strings.Split(digits, ".")
	if !ok || len(parts) < 2 || len(parts) > 3 {
		return r, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return r, false
		}
		r[i] = int(n)
	}
	return r, true
}

// compare orders releases by their numbers.
func (r release) compare(other release) int { return slices.Compare(r[:], other[:]) }
