package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// largestList is how many entries of a catalogue are drawn as a cell each. Of a longer one, its groups are.
const largestList = 60

// coverage draws the heat map of a catalogue: what the model says of its entries, or of its groups where it is long. A
// long catalogue without groups is drawn by the entries of which something is said.
func (b *builder) coverage(id string) {
	catalog, cov := b.m.Catalogs[id], b.f.Coverage[id]
	if cov == nil {
		return
	}
	var all, said []string
	for _, entry := range model.Keys(cov.Entries) {
		if e := catalog.Entries[entry]; e == nil || e.Status != "active" {
			continue
		}
		all = append(all, entry)
		if cov.Entries[entry].State != analysis.NotAssessed {
			said = append(said, entry)
		}
	}
	if len(said) == 0 {
		return
	}
	d := Diagram{
		Name: stem("coverage", id, b.m.Catalogs), Subject: id, Title: "Coverage of " + catalog.Title, Kind: CoverageMap,
		Description: fmt.Sprintf("What the model says of %s of %s: %d of them are assessed.", count(len(all), "active entry"), catalog.Title, len(said)),
	}
	h := heatMap{builder: b, catalogue: id, catalog: catalog, cov: cov}
	switch {
	case len(all) <= largestList:
		h.entries(d, all)
	case len(catalog.Groups) > 0:
		h.groups(d, all)
	default:
		h.entries(d, said)
	}
}

// heatMap draws the cells of one catalogue.
type heatMap struct {
	*builder
	catalogue string
	catalog   *model.Catalog
	cov       *analysis.Coverage
}

// entries draws a cell for each of the entries, in a frame for each group.
func (h heatMap) entries(d Diagram, ids []string) {
	slices.SortFunc(ids, model.Natural)
	slices.SortStableFunc(ids, func(x, y string) int { return model.Natural(h.group(x), h.group(y)) })
	var parts []*sketch
	for chunk := range slices.Chunk(ids, largestNodes) {
		s := h.sketch()
		for _, id := range chunk {
			e, c := h.catalog.Entries[id], h.cov.Entries[id]
			what := plain(c.State)
			if c.Worst != "" {
				what += ", highest risk " + plain(c.Worst)
			}
			s.add(Node{ID: h.catalogue + "/" + id, Lines: []string{id, short(e.Title, 48), what}, Role: Cell, State: c.State, Risk: c.Worst}, h.frame(s, h.group(id)))
			if n := len(c.Threats); n > 0 {
				what += ": " + few(c.Threats)
			}
			s.rows = append(s.rows, Row{ID: id, Catalogue: h.catalogue, Title: e.Title, What: what})
		}
		parts = append(parts, s)
	}
	for i, s := range parts {
		s.finish(part(d, i, len(parts)))
	}
}

// groups draws a cell for each group, with how many of its entries are in which state.
func (h heatMap) groups(d Diagram, ids []string) {
	by := make(map[string]map[analysis.State]int)
	worst := make(map[string]model.Level)
	for _, id := range ids {
		for _, g := range h.groupsOf(id) {
			if by[g] == nil {
				by[g] = make(map[analysis.State]int)
			}
			c := h.cov.Entries[id]
			by[g][c.State]++
			if c.Worst.Rank() > worst[g].Rank() {
				worst[g] = c.Worst
			}
		}
	}
	order := model.Keys(by)
	slices.SortFunc(order, model.Natural)
	s := h.sketch()
	for _, g := range order {
		n := Node{ID: h.catalogue + "/group/" + g, Lines: []string{h.groupTitle(g)}, Role: Cell, Risk: worst[g]}
		for _, state := range analysis.States() {
			if by[g][state] > 0 {
				n.Lines = append(n.Lines, fmt.Sprintf("%d %s", by[g][state], state))
				if n.State == "" {
					n.State = state
				}
			}
		}
		what := sentence(n.Lines[1:]...)
		if n.Risk != "" {
			n.Lines = append(n.Lines, "highest risk "+plain(n.Risk))
			what = sentence(what, "highest risk as installed "+plain(n.Risk))
		}
		s.add(n, h.frame(s, ""))
		s.rows = append(s.rows, Row{ID: g, Catalogue: h.catalogue, Title: h.groupTitle(g), What: what})
	}
	s.finish(d)
}

// frame makes the frame of a group, or of the whole catalogue.
func (h heatMap) frame(s *sketch, group string) string {
	if group == "" {
		return s.grid(h.catalogue+"/all", h.catalog.Title, "")
	}
	return s.grid(h.catalogue+"/in/"+group, h.groupTitle(group), "")
}

// group is the first group of an entry, empty where it has none.
func (h heatMap) group(id string) string { return h.groupsOf(id)[0] }

// groupsOf are the groups of an entry; one that is empty where it has none.
func (h heatMap) groupsOf(id string) []string {
	if groups := h.catalog.GroupsOf(id); len(groups) > 0 {
		return groups
	}
	return []string{""}
}

// groupTitle is a group's id and title.
func (h heatMap) groupTitle(id string) string {
	if id == "" {
		return "Without a group"
	}
	g := h.catalog.Groups[id]
	switch {
	case g == nil:
		return id
	case strings.EqualFold(strings.ReplaceAll(id, "-", " "), g.Title): // the id is the title, in kebab case
		return g.Title
	}
	return id + " " + g.Title
}
