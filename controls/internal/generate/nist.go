package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
)

// readNIST reads SP 800-53 Rev 5 from its controls, its families and the baselines of FedRAMP.
func readNIST(files []string) (document, error) {
	var faults []fault
	controls, err := readTable(files[0], &faults,
		"id", "family", "parent", "title", "status", "withdrawn_how", "withdrawn_to", "low", "moderate", "high", "privacy")
	if err != nil {
		return nil, err
	}
	families, err := readTable(files[1], &faults, "family", "name")
	if err != nil {
		return nil, err
	}
	fedramp, err := readTable(files[2], &faults, "id", "li_saas", "low", "moderate", "high")
	if err != nil {
		return nil, err
	}
	c := nistCatalog(controls, families, fedramp)
	return c, join(faults, files)
}

// nistCatalog builds the catalogue. What is wrong with the rows is noted there.
func nistCatalog(controls, families, fedramp table) catalog {
	c := catalog{
		pkg: "nist80053r5",
		doc: `Package nist80053r5 holds the security and privacy controls of NIST SP 800-53 Rev 5, release 5.2.0: ids, titles,
states and baselines, not the text of the controls.

The groups are the families. The tags low, moderate, high and privacy are the baselines of SP 800-53B; fedramp-li-saas,
fedramp-low, fedramp-moderate and fedramp-high are those of FedRAMP Rev 5, as published in December 2024. A withdrawn
control names in replacedBy what it was moved to or incorporated into, which may be a whole family. Two name nothing:
CP-10(3) is done by tailoring, and SC-19 was technology-specific.`,
		id:        "nist-800-53-r5",
		title:     "Security and Privacy Controls for Information Systems and Organizations",
		version:   "5.2.0",
		kind:      "controls",
		publisher: "National Institute of Standards and Technology",
		license:   "Public domain: a work of the United States government.",
		url:       "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
	}
	// Four digits are more than the publisher needs, and few enough for Atoi.
	ids := regexp.MustCompile(`^([A-Z]{2})-([1-9][0-9]{0,3})(?:\(([1-9][0-9]{0,3})\))?$`)
	order := make(map[string]int)
	for _, r := range families.rows {
		id := r.cells["family"]
		if len(id) != 2 || id < "AA" || id > "ZZ" {
			r.faultf("family: %q is not two capitals", id)
		}
		if _, ok := order[id]; ok {
			r.faultf("family: %q stands twice", id)
		}
		order[id] = len(order)
		c.groups = append(c.groups, group{id: id, title: r.title("name")})
	}

	// keys hold the place of a control in the publisher's order: family, number, number of the enhancement.
	keys := make(map[string][3]int)
	for _, r := range controls.rows {
		e := entry{
			id:         r.cells["id"],
			title:      r.title("title"),
			groups:     []string{r.cells["family"]},
			parent:     r.cells["parent"],
			status:     r.cells["status"],
			replacedBy: r.list("withdrawn_to"),
			tags:       r.tagged("low", "moderate", "high", "privacy"),
			row:        r,
		}
		parts := ids.FindStringSubmatch(e.id)
		if parts == nil {
			r.faultf("id: %q is not written like AC-2 or AC-2(1)", e.id)
			continue
		}
		family, known := order[parts[1]]
		if !known {
			r.faultf("id: %q is of no known family", e.id)
		}
		if e.groups[0] != parts[1] {
			r.faultf("family: %q is not the family of %q", e.groups[0], e.id)
		}
		parent := ""
		if parts[3] != "" {
			parent = parts[1] + "-" + parts[2]
		}
		if e.parent != parent {
			r.faultf("parent: %q, though %q refines %q", e.parent, e.id, parent)
		}
		number, _ := strconv.Atoi(parts[2])
		enhancement, _ := strconv.Atoi(parts[3])
		keys[e.id] = [3]int{family, number, enhancement}
		checkWithdrawn(r, e)
		c.entries = append(c.entries, e)
	}
	slices.SortStableFunc(c.entries, func(a, b entry) int {
		x, y := keys[a.id], keys[b.id]
		return slices.Compare(x[:], y[:])
	})
	tagFedRAMP(c.entries, fedramp)
	c.check()
	return c
}

// tagFedRAMP adds the baselines of FedRAMP to the controls that they select.
func tagFedRAMP(entries []entry, fedramp table) {
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[e.id] = i
	}
	seen := make(map[string]bool, len(fedramp.rows))
	for _, r := range fedramp.rows {
		id := r.cells["id"]
		i, ok := at[id]
		switch {
		case !ok:
			r.faultf("id: no control %q", id)
			continue
		case entries[i].status != "active":
			r.faultf("id: %q is %s, so no baseline selects it", id, entries[i].status)
		case seen[id]:
			r.faultf("id: %q stands twice", id)
		}
		seen[id] = true
		for _, tag := range r.tagged("li_saas", "low", "moderate", "high") {
			entries[i].tags = append(entries[i].tags, "fedramp-"+tag)
		}
	}
}

// checkWithdrawn notes a status that the other columns of the row do not bear out.
func checkWithdrawn(r row, e entry) {
	how := r.cells["withdrawn_how"]
	switch e.status {
	case "active":
		if how != "" || len(e.replacedBy) > 0 {
			r.faultf("status: %q, but the control is withdrawn to %q", e.status, cmp.Or(r.cells["withdrawn_to"], how))
		}
	case "withdrawn":
		switch how {
		case "incorporated-into", "moved-to":
			if len(e.replacedBy) == 0 {
				r.faultf("withdrawn_to: nothing, though %q is %q something", e.id, how)
			}
		case "tailoring", "technology-specific":
			if len(e.replacedBy) > 0 {
				r.faultf("withdrawn_to: %q, though %q was withdrawn for %q", r.cells["withdrawn_to"], e.id, how)
			}
		default:
			r.faultf("withdrawn_how: %q is not known", how)
		}
		if len(e.tags) > 0 {
			r.faultf("%s: %q is withdrawn, so no baseline selects it", e.tags[0], e.id)
		}
	default:
		r.faultf("status: %q is neither active nor withdrawn", e.status)
	}
}
