package main

import (
	"regexp"
	"slices"
	"strings"
)

// readList reads a list from its table and, if there is one, that of its groups. The columns are those of listColumns,
// in any order; head says what the table does not.
func readList(head catalog, files []string) (catalog, error) {
	var faults []fault
	entries, err := readTable(files[0], &faults, "id", "title")
	if err != nil {
		return catalog{}, err
	}
	var groups table
	if len(files) > 1 {
		if groups, err = readTable(files[1], &faults, "id", "title"); err != nil {
			return catalog{}, err
		}
	}
	c := listCatalog(head, entries, groups)
	return c, join(faults, files)
}

// listColumns are the columns that a list can have. A row needs an id and a title. Several groups, tags or successors
// in one cell are joined with ";", and an entry without a status is active.
func listColumns() []string {
	return []string{"id", "title", "groups", "parent", "status", "replaced_by", "tags", "url"}
}

// listCatalog builds the catalogue, whose order is that of the table. What is wrong with the rows is noted there.
func listCatalog(c catalog, entries, groups table) catalog {
	entries.refuseOthers(listColumns()...)
	groups.refuseOthers("id", "title")
	ids := regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9 ._/()-]*[A-Za-z0-9)])?$`)
	id := func(r row) string {
		if !ids.MatchString(r.cells["id"]) {
			r.faultf("id: %q is not letters and digits with spaces and ._/()- between them", r.cells["id"])
		}
		return r.cells["id"]
	}
	known := make(map[string]bool)
	for _, r := range groups.rows {
		g := group{id: id(r), title: r.title("title")}
		if known[g.id] {
			r.faultf("id: %q stands twice", g.id)
		}
		known[g.id] = true
		c.groups = append(c.groups, g)
	}
	tags := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range entries.rows {
		e := entry{
			id:         id(r),
			title:      r.title("title"),
			groups:     r.list("groups"),
			parent:     r.cells["parent"],
			status:     r.cells["status"],
			replacedBy: r.list("replaced_by"),
			tags:       r.list("tags"),
			url:        r.cells["url"],
			row:        r,
		}
		switch e.status {
		case "":
			e.status = "active"
		case "active", "withdrawn", "revoked", "deprecated":
		default:
			r.faultf("status: %q is not active, withdrawn, revoked or deprecated", e.status)
		}
		for _, g := range e.groups {
			if !known[g] {
				r.faultf("groups: no group %q", g)
			}
		}
		for _, t := range e.tags {
			if !tags.MatchString(t) {
				r.faultf("tags: %q is not lower-case words joined by hyphens", t)
			}
		}
		if e.url != "" && !strings.HasPrefix(e.url, "https://") {
			r.faultf("url: %q is no https address", e.url)
		}
		c.entries = append(c.entries, e)
	}
	c.check()
	return c
}

// refuseOthers notes the columns that are none of those named: a mistyped name would otherwise be an empty column.
func (t table) refuseOthers(columns ...string) {
	if len(t.rows) == 0 {
		return
	}
	for _, c := range t.columns {
		if !slices.Contains(columns, c) {
			t.rows[0].faultf("the table has a column %q, which is none of %s", c, strings.Join(columns, ", "))
		}
	}
}
