package markdown

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/tmkit/tmkit/pkg/model"
)

// place is where an entry stands: on a page of its own, or under a heading of a page.
type place struct{ path, anchor string }

// places finds where everything stands. They are planned before any page is written, so that each can link to all.
type places struct {
	// entries are the places of the model's entries by id; those of the nodes of attack trees are under TREE/NODE.
	entries map[string]place
	// chapters are the pages of the kinds that stand by component.
	chapters map[model.Kind][]chapter
	// catalogs are the places of the catalogues' entries and groups that the pages tell of, by catalogue and id.
	catalogs map[string]*catalogPlaces
}

// chapter is a page of entries that belong to one component, or to none, whose id is then empty.
type chapter struct {
	component, path string
	ids             []string
}

// catalogPlaces are the pages of one catalogue.
type catalogPlaces struct {
	index string
	// families are its pages, in the order of their groups. The last may be one without a group.
	families []*family
	entries  map[string]place
	groups   map[string]place
}

// family is a page of a catalogue: a group's, or that of the entries without one, whose id is empty.
type family struct {
	id, path string
	// cited are the entries that have a section, other those that have none, both in order; guests have theirs on
	// another page.
	cited, other, guests []string
}

// onePage are the kinds whose entries stand together on one page.
func onePage() []model.Kind {
	return []model.Kind{model.Assumptions, model.Assets, model.Flows, model.Scenarios, model.Profiles, model.Tensions,
		model.Inbox, model.Waivers, model.Reviews, model.Retirees}
}

// byComponent are the kinds whose entries stand together by the component that they belong to: one page for all would be
// longer than hosts show.
func byComponent() []model.Kind { return []model.Kind{model.Features, model.Countermeasures} }

// ownPage are the kinds whose entries have a page each.
func ownPage() []model.Kind {
	return []model.Kind{model.Themes, model.Boundaries, model.Components, model.Actors, model.AttackTrees, model.Views}
}

// plan finds a place for everything in the model.
func plan(m *model.Model) places {
	p := places{make(map[string]place), make(map[model.Kind][]chapter), make(map[string]*catalogPlaces)}
	for _, k := range ownPage() {
		files := newFiles(kebab(k))
		for _, id := range m.IDs(k) {
			p.entries[id] = place{path: files.name(id)}
		}
	}
	for _, k := range onePage() {
		anchors := slugs{}
		anchors.slug(kindTitle(k))
		for _, id := range m.IDs(k) {
			p.entries[id] = place{kebab(k) + ".md", anchors.slug(id)}
		}
	}
	for _, k := range byComponent() {
		p.planChapters(m, k)
	}
	byTheme := make(map[string]slugs)
	for _, id := range model.Keys(m.Themes) {
		byTheme[id] = slugs{}
		byTheme[id].slug(id)
	}
	for _, id := range model.Keys(m.Threats) {
		if theme := m.Threats[id].Theme; byTheme[theme] != nil {
			p.entries[id] = place{p.entries[theme].path, byTheme[theme].slug(id)}
		}
	}
	for _, id := range model.Keys(m.AttackTrees) {
		anchors := slugs{}
		anchors.slug(id)
		for _, node := range model.Keys(m.AttackTrees[id].Nodes) {
			p.entries[id+"/"+node] = place{p.entries[id].path, anchors.slug(node)}
		}
	}
	cited := m.Cited()
	files := newFiles("catalogues")
	for _, id := range model.Keys(m.Catalogs) {
		dir := strings.TrimSuffix(files.name(id), ".md")
		p.catalogs[id] = planCatalog(m.Catalogs[id], cited.Catalogs[id], dir)
	}
	return p
}

// planChapters lays the entries of a kind out by component, in the order of components; those of none come last.
func (p places) planChapters(m *model.Model, k model.Kind) {
	by := make(map[string][]string)
	for _, id := range m.IDs(k) {
		by[componentOf(m, k, id)] = append(by[componentOf(m, k, id)], id)
	}
	files := newFiles(kebab(k))
	components := model.Keys(by)
	if len(components) > 0 && components[0] == "" {
		components = append(components[1:], "")
	}
	for _, component := range components {
		c := chapter{component, files.name(cmp.Or(component, "no-component")), by[component]}
		p.chapters[k] = append(p.chapters[k], c)
		anchors := slugs{}
		anchors.slug(chapterHeading(k, component))
		for _, id := range c.ids {
			p.entries[id] = place{c.path, anchors.slug(id)}
		}
	}
}

// componentOf is the component that a feature or countermeasure belongs to, empty where the model has no such component.
func componentOf(m *model.Model, k model.Kind, id string) string {
	component := ""
	switch k {
	case model.Features:
		component = m.Features[id].Component
	case model.Countermeasures:
		component = m.Countermeasures[id].Component
	}
	if m.Components[component] == nil {
		return ""
	}
	return component
}

// chapterHeading is the heading of a chapter's page.
func chapterHeading(k model.Kind, component string) string {
	if component == "" {
		return kindTitle(k) + " of no single component"
	}
	return kindTitle(k) + " of " + component
}

// planCatalog lays the active entries of a catalogue, and those that the model cites, out on a page a group.
func planCatalog(all, cited *model.Catalog, dir string) *catalogPlaces {
	files := newFiles(dir)
	c := &catalogPlaces{index: dir + "/README.md", entries: make(map[string]place), groups: make(map[string]place)}
	byID := make(map[string]*family)
	find := func(id string) *family {
		if byID[id] == nil {
			name := id
			if id == "" {
				name = "other"
			}
			byID[id] = &family{id: id, path: files.name(name)}
			c.families = append(c.families, byID[id])
		}
		return byID[id]
	}
	for _, id := range model.Keys(all.Groups) {
		c.groups[id] = place{path: find(id).path}
	}
	ids := model.Keys(all.Entries)
	slices.SortFunc(ids, model.Natural)
	for _, id := range ids {
		e := all.Entries[id]
		if cited.Entries[id] == nil && e.Status != "active" {
			continue
		}
		groups := all.GroupsOf(id)
		if len(groups) == 0 {
			groups = []string{""}
		}
		home := find(groups[0])
		if cited.Entries[id] == nil {
			home.other = append(home.other, id)
			continue
		}
		home.cited = append(home.cited, id)
		for _, g := range groups[1:] {
			if g != groups[0] {
				find(g).guests = append(find(g).guests, id)
			}
		}
	}
	for _, f := range c.families {
		anchors := slugs{}
		anchors.slug(familyHeading(f.id))
		for _, id := range f.cited {
			c.entries[id] = place{f.path, anchors.slug(entryHeading(id))}
		}
	}
	return c
}

// familyHeading is the heading of a family's page.
func familyHeading(id string) string {
	if id == "" {
		return "Entries without a group"
	}
	return id
}

// entryHeading is the heading of a catalogue's entry. The blank keeps AC-2(1) and AC-21 from having one anchor.
func entryHeading(id string) string { return strings.ReplaceAll(id, "(", " (") }

// files gives out the names of pages in a folder, each once whatever the case of its letters.
type files struct {
	dir   string
	taken map[string]bool
}

func newFiles(dir string) files {
	f := files{dir, make(map[string]bool)}
	// The folder's index, and the names that are devices on Windows whatever their ending.
	for _, name := range []string{"readme", "con", "prn", "aux", "nul"} {
		f.taken[name] = true
	}
	for i := range 10 {
		f.taken[fmt.Sprint("com", i)] = true
		f.taken[fmt.Sprint("lpt", i)] = true
	}
	return f
}

// name returns a path for the page of an id, with nothing in it that a link would have to escape.
func (f files) name(id string) string {
	safe := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-' || r == '_') {
			return r
		}
		return '-'
	}, id)
	name := safe
	for i := 2; f.taken[strings.ToLower(name)]; i++ {
		name = fmt.Sprint(safe, "-", i)
	}
	f.taken[strings.ToLower(name)] = true
	return path.Join(f.dir, name+".md")
}

// slugs gives out the anchors of the headings of a page as GitHub does: in their order, equal ones numbered.
type slugs map[string]int

func (s slugs) slug(heading string) string {
	base := slug(heading)
	out := base
	for {
		if _, taken := s[out]; !taken {
			break
		}
		s[base]++
		out = fmt.Sprint(base, "-", s[base])
	}
	s[out] = 0
	return out
}

// slug is the anchor that GitHub makes of a heading. Of headings that are ids, other renderers make the same.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

// href is the relative address of a place, seen from a page.
func href(from string, to place) string {
	out := to.path
	switch dir := path.Dir(from); {
	case from == to.path && to.anchor != "":
		out = ""
	case dir == path.Dir(to.path):
		out = path.Base(to.path)
	case dir != ".":
		out = strings.Repeat("../", strings.Count(dir, "/")+1) + out
	}
	if to.anchor != "" {
		out += "#" + to.anchor
	}
	return out
}
