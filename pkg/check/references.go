package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// references checks every field that the schema marks as a reference.
func references(p *pass) {
	for _, x := range p.found {
		path, f, v := x.path, x.field, x.value
		switch {
		case len(f.Refs) == 0:
		case f.Refs[0] == "catalogs":
			p.catalogued(path, f, v)
		case v.Kind() == reflect.String:
			p.reference(path, f.Refs, v.String())
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				p.reference(append(slices.Clip(path), itoa(i)), f.Refs, v.Index(i).String())
			}
		case v.Kind() == reflect.Map:
			for _, key := range model.SortedKeys(v) {
				p.reference(append(slices.Clip(path), key.String()), f.Refs, key.String())
			}
		}
	}
	for _, id := range model.Keys(p.m.Tensions) {
		for i, ref := range p.m.Tensions[id].Entries {
			if c := p.m.Catalogs[ref.Catalogue]; c != nil {
				p.entry([]string{"tensions", id, "entries", itoa(i), "entry"}, c, ref.Entry)
			}
		}
	}
	catalogs(p)
	crosswalks(p)
}

// elements are the kinds that a threat can begin at, pass through and harm.
var elements = []model.Kind{model.Components, model.Flows, model.Boundaries, model.Assets, model.Actors}

func (p *pass) reference(path []string, kinds []string, id string) {
	found := p.kinds[id]
	if id == "" || len(found) > 0 && kinds[0] == "any" || slices.ContainsFunc(found, func(k model.Kind) bool { return slices.Contains(kinds, string(k)) }) {
		return
	}
	what := "entry"
	var candidates []string
	switch {
	case kinds[0] == "any":
		for other := range p.kinds {
			candidates = append(candidates, other)
		}
	default:
		var words []string
		for _, k := range kinds {
			words = append(words, model.Kind(k).Singular())
			candidates = append(candidates, p.m.IDs(model.Kind(k))...)
		}
		if what = strings.Join(words, " or "); len(kinds) == len(elements) {
			what = "element (" + strings.Join(words, ", ") + ")"
		}
	}
	message := fmt.Sprintf("%s names %q, but there is no such %s", owner(path), id, what)
	hint := ""
	if len(found) > 0 {
		message = fmt.Sprintf("%s names %q, which is %s, but must be %s", owner(path), id, finding.Article(found[0].Singular()), finding.Article(what))
	} else if s := finding.Suggest(id, candidates); s != "" {
		hint = fmt.Sprintf("did you mean %s?", s)
	}
	p.error(path, message, hint)
}

// catalogued checks references to catalogues: a catalogue's id, an entry of one, or a map from the one to the other.
func (p *pass) catalogued(path []string, f *schema.Field, v reflect.Value) {
	if v.Kind() == reflect.String {
		p.catalogue(path, v.String())
		return
	}
	for _, key := range model.SortedKeys(v) {
		at := append(slices.Clip(path), key.String())
		catalog := p.catalogue(at, key.String())
		if catalog == nil {
			continue
		}
		for _, entry := range model.SortedKeys(v.MapIndex(key)) {
			// An exclusion may name a whole group.
			if f.Name == "exclusions" && catalog.Groups[entry.String()] != nil {
				continue
			}
			p.entry(append(slices.Clip(at), entry.String()), catalog, entry.String())
		}
	}
}

func (p *pass) catalogue(path []string, id string) *model.Catalog {
	if c := p.m.Catalogs[id]; c != nil || id == "" {
		return c
	}
	hint := "import the catalogue and add it to model: catalogs"
	if s := finding.Suggest(id, model.Keys(p.m.Catalogs)); s != "" {
		hint = fmt.Sprintf("did you mean %s?", s)
	}
	p.error(path, fmt.Sprintf("%s names %q, but there is no such catalogue", owner(path), id), hint)
	return nil
}

func (p *pass) entry(path []string, c *model.Catalog, id string) {
	if c.Entries[id] != nil || id == "" {
		return
	}
	hint := ""
	if s := nearestEntry(id, c); s != "" {
		hint = fmt.Sprintf("did you mean %s?", s)
	}
	p.error(path, fmt.Sprintf("%s names %q, but %s %s has no such entry", owner(path), id, c.ID, c.Version), hint)
}

// nearestEntry knows the three spellings of a NIST id, AC-2(1), AC-02(01) and ac-2.1, before it looks for typing errors.
func nearestEntry(id string, c *model.Catalog) string {
	plain := func(s string) string {
		s = strings.ToUpper(s)
		var b strings.Builder
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-.() ", r) }) {
			b.WriteString(strings.TrimLeft(part, "0") + "-")
		}
		return b.String()
	}
	want := plain(id)
	for _, e := range model.Keys(c.Entries) {
		if plain(e) == want {
			return e
		}
	}
	return finding.Suggest(id, model.Keys(c.Entries))
}

// owner names the entry and the field that a path is in, such as "K8S-ETCD-001: affects".
func owner(path []string) string {
	if len(path) < 3 {
		return path[0]
	}
	field := path[2:]
	if len(field) > 1 {
		field = field[:len(field)-1]
	}
	return path[1] + ": " + strings.Join(field, ".")
}

// inactive warns of references to entries that the publisher has withdrawn, revoked or announced to replace.
func inactive(p *pass) {
	for _, x := range p.found {
		path, f, v := x.path, x.field, x.value
		if len(f.Refs) == 0 || f.Refs[0] != "catalogs" || v.Kind() != reflect.Map {
			continue
		}
		for _, key := range model.SortedKeys(v) {
			c := p.m.Catalogs[key.String()]
			if c == nil || c.AsPublished {
				continue
			}
			for _, entry := range model.SortedKeys(v.MapIndex(key)) {
				p.inactiveEntry(append(slices.Clip(path), key.String(), entry.String()), c, entry.String())
			}
		}
	}
	for _, id := range model.Keys(p.m.Tensions) {
		for i, ref := range p.m.Tensions[id].Entries {
			if c := p.m.Catalogs[ref.Catalogue]; c != nil {
				p.inactiveEntry([]string{"tensions", id, "entries", itoa(i), "entry"}, c, ref.Entry)
			}
		}
	}
	p.pairs(p.inactiveEntry)
}

func (p *pass) inactiveEntry(path []string, c *model.Catalog, id string) {
	e := c.Entries[id]
	if e == nil || e.Status == "active" && len(e.ReplacedBy) == 0 {
		return
	}
	hint := "use " + strings.Join(e.ReplacedBy, ", ")
	if len(e.ReplacedBy) == 0 {
		hint = "it has no successor"
	}
	if e.Status == "active" {
		p.report(finding.Note, path, fmt.Sprintf("%s names %s, which the release after %s %s replaces", owner(path), id, c.ID, c.Version), hint)
		return
	}
	p.warn(path, fmt.Sprintf("%s names %s, which is %s in %s %s", owner(path), id, e.Status, c.ID, c.Version), hint)
}
