package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// readAttack reads ATT&CK from its techniques, its tactics and what the next version does to their ids.
func readAttack(files []string) (document, error) {
	var faults []fault
	techniques, err := readTable(files[0], &faults,
		"id", "name", "parent", "tactics", "containers", "iaas", "linux", "identity_provider", "pre", "status", "replaced_by")
	if err != nil {
		return nil, err
	}
	tactics, err := readTable(files[1], &faults, "order", "id", "shortname", "name")
	if err != nil {
		return nil, err
	}
	changes, err := readTable(files[2], &faults, "v18_id", "v19_id", "v19_name")
	if err != nil {
		return nil, err
	}
	c := attackCatalog(techniques, tactics, changes)
	return c, join(faults, files)
}

// attackCatalog builds the catalogue. What is wrong with the rows is noted there.
func attackCatalog(techniques, tactics, changes table) catalog {
	c := catalog{
		pkg: "attack",
		doc: `Package attack holds the techniques and sub-techniques of MITRE ATT&CK for Enterprise 18.1: ids, names, tactics and
states, not their descriptions.

The groups are the tactics, by their ids. The tags containers, iaas, linux, identity-provider and pre are the platforms
that a technique is listed for; other platforms are not kept. They stand on revoked and deprecated entries too: who
counts a platform takes the active ones.

Version 19 (April 2026) revokes ids that are active in 18.1. Those that are known, which is not all of them, keep the
status that 18.1 gives them, are tagged revoked-in-19 and name their successor in replacedBy. A successor that 18.1
does not have is an entry of its own, tagged new-in-19, so that the name resolves; it is no part of 18.1, and its
tactics and platforms are not stated here, since only its id and name are known. Version 19 also ends the tactic Defense
Evasion: TA0005 becomes Stealth, and Defense Impairment (TA0112) is new.

MITRE asks that a copy reproduces its licence: "The MITRE Corporation (MITRE) hereby grants you a non-exclusive,
royalty-free license to use ATT&CK® for research, development, and commercial purposes. Any copy you make for such
purposes is authorized provided that you reproduce MITRE's copyright designation and this license in any such copy."
The copyright designation is the catalogue's license field.`,
		id:        "mitre-attack",
		title:     "MITRE ATT&CK for Enterprise",
		version:   "18.1",
		kind:      "techniques",
		publisher: "The MITRE Corporation",
		license: "(c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of " +
			"The MITRE Corporation.",
		url: "https://attack.mitre.org/versions/v18/",
	}
	groups, shortnames := attackTactics(tactics)
	c.groups = groups

	ids := techniqueIDs()
	for _, r := range techniques.rows {
		e := entry{
			id:         r.cells["id"],
			title:      r.title("name"),
			parent:     r.cells["parent"],
			status:     r.cells["status"],
			replacedBy: r.list("replaced_by"),
			tags:       r.tagged("containers", "iaas", "linux", "identity_provider", "pre"),
			row:        r,
		}
		if !ids.MatchString(e.id) {
			r.faultf("id: %q is not written like T1001 or T1001.001", e.id)
			continue
		}
		if parent, _, _ := strings.Cut(e.id, "."); e.parent != "" && e.parent != parent || e.parent == e.id {
			r.faultf("parent: %q cannot be the parent of %q", e.parent, e.id)
		}
		for _, name := range r.list("tactics") {
			id, ok := shortnames[name]
			if !ok {
				r.faultf("tactics: no tactic %q", name)
			}
			e.groups = append(e.groups, id)
		}
		switch e.status {
		case "active", "deprecated":
			if len(e.replacedBy) > 0 {
				r.faultf("replaced_by: %q, though %q is %s", r.cells["replaced_by"], e.id, e.status)
			}
		case "revoked":
			if len(e.replacedBy) == 0 {
				r.faultf("replaced_by: nothing, though %q is revoked", e.id)
			}
		default:
			r.faultf("status: %q is not active, revoked or deprecated", e.status)
		}
		c.entries = append(c.entries, e)
	}
	c.entries = applyChanges(c.entries, changes)
	// The ids have a fixed width, so the order of letters is the order of numbers.
	slices.SortStableFunc(c.entries, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	c.check()
	return c
}

// techniqueIDs matches the ids of techniques and sub-techniques.
func techniqueIDs() *regexp.Regexp {
	return regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
}

// attackTactics returns the tactics in the order of the matrix, and their ids by short name.
func attackTactics(tactics table) ([]group, map[string]string) {
	ids := regexp.MustCompile(`^TA[0-9]{4}$`)
	shortnames := make(map[string]string)
	place := make(map[string]int)
	var groups []group
	for _, r := range tactics.rows {
		g := group{id: r.cells["id"], title: r.title("name")}
		if !ids.MatchString(g.id) {
			r.faultf("id: %q is not written like TA0001", g.id)
		}
		if _, ok := place[g.id]; ok {
			r.faultf("id: %q stands twice", g.id)
		}
		order, err := strconv.Atoi(r.cells["order"])
		if err != nil {
			r.faultf("order: %q is not a number", r.cells["order"])
		}
		place[g.id] = order
		shortname := r.title("shortname")
		if _, ok := shortnames[shortname]; ok {
			r.faultf("shortname: %q stands twice", shortname)
		}
		shortnames[shortname] = g.id
		groups = append(groups, g)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(place[a.id], place[b.id]) })
	return groups, shortnames
}

// applyChanges marks the entries that the next version revokes, and adds the successors that are not there yet.
func applyChanges(entries []entry, changes table) []entry {
	ids := techniqueIDs()
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[e.id] = i
	}
	added := make(map[string]entry)
	for _, r := range changes.rows {
		old, id, title := r.cells["v18_id"], r.cells["v19_id"], r.title("v19_name")
		i, ok := at[old]
		if !ok {
			r.faultf("v18_id: no technique %q", old)
			continue
		}
		if !ids.MatchString(id) {
			r.faultf("v19_id: %q is not written like T1001 or T1001.001", id)
			continue
		}
		e := &entries[i]
		switch {
		case e.status == "revoked" && slices.Contains(e.replacedBy, id):
			// The pinned version says so already.
			continue
		case e.status != "active":
			r.faultf("v18_id: %q is %s already, and not for %q", old, e.status, id)
			continue
		case len(e.replacedBy) > 0:
			r.faultf("v18_id: %q stands twice", old)
			continue
		}
		e.replacedBy = []string{id}
		e.tags = append(e.tags, "revoked-in-19")
		if _, ok := at[id]; ok {
			continue
		}
		if first, ok := added[id]; ok {
			if first.title != title {
				r.faultf("v19_name: %q, but line %d calls %q %q", title, first.row.line, id, first.title)
			}
			continue
		}
		added[id] = entry{id: id, title: title, status: "active", tags: []string{"new-in-19"}, row: r}
	}
	for _, e := range added {
		parent, _, sub := strings.Cut(e.id, ".")
		_, old := at[parent]
		_, added := added[parent]
		if sub && (old || added) {
			e.parent = parent
		}
		entries = append(entries, e)
	}
	return entries
}
