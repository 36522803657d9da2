package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// entryTitle is the title of an entry or group of a catalogue.
func (b *book) entryTitle(catalog, id string) string {
	if c := b.m.Catalogs[catalog]; c != nil {
		if e := c.Entries[id]; e != nil {
			return e.Title
		}
		if g := c.Groups[id]; g != nil {
			return g.Title
		}
	}
	return id
}

// references writes the documents that an entry names.
func (p *page) references(refs []model.Reference) {
	if len(refs) == 0 {
		return
	}
	p.part("References")
	var items []string
	for _, r := range refs {
		items = append(items, web(r.Title, r.URL))
	}
	p.list(items)
}

// fields writes the fields of an entry that its collection's table has: the short ones as a table, to which more rows
// can be given, the long ones as paragraphs with their labels. The title, what is derived, and the columns of skip are
// told elsewhere.
func (p *page) fields(k model.Kind, id string, skip []string, more ...[]string) {
	t, row := p.b.collections[k], p.b.rows[k][id]
	var short [][]string
	type long struct {
		column table.Column
		cell   string
	}
	var texts []long
	for i, c := range t.Columns {
		if i >= len(row) || row[i] == "" || c.Derived || c.Key == "id" || c.Key == "title" || slices.Contains(skip, c.Key) {
			continue
		}
		if c.Form == table.Lines || isProse(c, row[i]) {
			texts = append(texts, long{c, row[i]})
			continue
		}
		short = append(short, []string{escape(c.Heading), p.value(c, row[i])})
	}
	for _, row := range more {
		if row[1] != "" {
			short = append(short, row)
		}
	}
	p.table([]string{"Field", "Value"}, short)
	for _, x := range texts {
		if x.column.Form == table.Lines {
			p.lines(x.column.Heading, strings.Split(x.cell, "\n"))
		} else {
			p.text(x.column.Heading, x.cell)
		}
	}
}

// isProse says whether a cell is too long for a table: by what its column is for, or by what it holds.
func isProse(c table.Column, cell string) bool {
	const wide, most = 50, 100
	return c.Form == table.Text && len(c.Refs) == 0 && len(c.Allowed) == 0 && (c.Width >= wide || len(cell) > most || strings.Contains(cell, "\n"))
}

// value writes a cell of the model's tables as one line of Markdown, ids as links.
func (p *page) value(c table.Column, cell string) string {
	one := escape
	switch {
	case len(c.Refs) > 0:
		one = p.link
	case c.Key == "responsibility":
		one = p.party
	case len(c.Allowed) == 0:
		one = func(s string) string { return p.inline(s, true) }
	}
	var out []string
	switch c.Form {
	case table.Words:
		for _, item := range table.Split(cell) {
			out = append(out, one(item))
		}
	case table.Pairs:
		for pair := range strings.SplitSeq(cell, "\n") {
			key, word, _ := strings.Cut(pair, ": ")
			out = append(out, one(key)+": "+escape(word))
		}
	default:
		return one(cell)
	}
	return strings.Join(out, ", ")
}

// label is the heading that the model's tables give a field.
func (b *book) label(k model.Kind, key string) string {
	t := b.collections[k]
	if i := t.Column(key); i >= 0 {
		return t.Columns[i].Heading
	}
	return key
}

// threatTable lists threats, the worst first, with a column of the caller's.
func (p *page) threatTable(ids []string, heading string, cell func(id string) string) {
	var rows [][]string
	for _, id := range p.b.f.Worst(ids) {
		f := p.b.f.Threats[id]
		rows = append(rows, []string{p.link(id), escape(p.b.m.Threats[id].Title), cell(id),
			plain(f.Inherent.Risk), plain(f.AsInstalled.Risk), plain(f.Hardened.Risk), string(f.Status)})
	}
	p.table([]string{"Threat", "Title", heading, "Inherent", "As installed", "Hardened", "Status"}, rows)
}

// mustAct are the parties that must act on a threat.
func (p *page) mustAct(id string) string {
	var out []string
	for _, name := range p.b.f.Threats[id].MustAct {
		out = append(out, p.party(name))
	}
	return strings.Join(out, ", ")
}

// threatsOn writes the threats that name an entry, with the part that it has in each.
func (p *page) threatsOn(id string) {
	roles := make(map[string][]string)
	var ids []string
	for _, r := range p.b.f.References[id] {
		if r.Kind != model.Threats || r.Field == "considered.threat" {
			continue
		}
		if roles[r.ID] == nil {
			ids = append(ids, r.ID)
		}
		roles[r.ID] = append(roles[r.ID], role(r.Field))
	}
	if len(ids) == 0 {
		return
	}
	p.part("Threats")
	p.threatTable(ids, "Part in it", func(id string) string { return strings.Join(roles[id], ", ") })
}

// role says what part an entry has in a threat that names it in a field.
func role(field string) string {
	switch field {
	case "actors":
		return "brings it about"
	case "entry":
		return "begins here"
	case "via":
		return "passes here"
	case "affects":
		return "is harmed"
	case "arisesFrom":
		return "gives rise to it"
	case "leadsTo":
		return "is made possible"
	case "assumptions":
		return "bears its rating"
	}
	return plain(field)
}

// flowTable lists flows at an element, with the way they take from there.
func (p *page) flowTable(id string) {
	var rows [][]string
	for _, flow := range p.b.named(id, model.Flows, "from", "to") {
		f := p.b.m.Flows[flow]
		way, other := "out to", f.To
		switch {
		case f.From == f.To:
			way = "to itself"
		case f.From != id:
			way, other = "in from", f.From
		}
		rows = append(rows, []string{p.link(flow), way, p.link(other), p.inline(f.Protocol, true), plain(f.ClientAuth), p.crossings(flow)})
	}
	if len(rows) > 0 {
		p.part("Flows")
		p.table([]string{"Flow", "Way", "Other side", "Protocol", "Client authentication", "Crosses"}, rows)
	}
}

// crossings are the borders that a flow crosses, in one line.
func (p *page) crossings(flow string) string {
	var out []string
	for _, c := range p.b.f.Flows[flow].Crossings {
		out = append(out, fmt.Sprintf("%s: %s, %s", p.link(c.Boundary), c.Direction, c.Strength))
	}
	return strings.Join(out, "; ")
}

// releases writes what the model says of releases.
func (p *page) releases(ranges []model.VersionRange) {
	if len(ranges) == 0 {
		return
	}
	p.part("Affected releases")
	var rows [][]string
	for _, r := range ranges {
		rows = append(rows, []string{escape(r.Introduced), escape(r.Fixed)})
	}
	p.table([]string{"Introduced", "Fixed"}, rows)
}

// exposures writes the controls and requirements that an entry puts at risk or resists: who says so why, who carries
// it, and how to see it.
func (p *page) exposures(x model.Exposures) {
	if len(x) == 0 {
		return
	}
	p.part("Controls at risk")
	for _, catalog := range model.Keys(x) {
		entries := model.Keys(x[catalog])
		slices.SortFunc(entries, model.Natural)
		for _, id := range entries {
			e := x[catalog][id]
			p.say("**%s %s** (%s) · susceptibility: %s; origin: %s", p.entry(catalog, id), escape(p.b.entryTitle(catalog, id)),
				p.catalog(catalog), e.Susceptibility, p.party(e.Origin))
			p.text("", e.Rationale)
			var items []string
			for _, part := range e.Parts {
				items = append(items, "**Parts**: "+p.inline(part, false))
			}
			for _, who := range model.Keys(e.Bearers) {
				items = append(items, "**Bearers**, "+p.party(who)+": "+p.inline(e.Bearers[who], false))
			}
			for _, ev := range e.Evidence {
				items = append(items, "**Evidence**, "+escape(ev.Method)+": "+p.inline(ev.What, false))
			}
			p.list(items)
		}
	}
}

// namedBy writes which entries name an entry and how, apart from what was told already: the fields of skip.
func (p *page) namedBy(id string, skip ...string) {
	type how struct {
		kind  model.Kind
		field string
	}
	by := make(map[how][]string)
	var order []how
	for _, r := range p.b.f.References[id] {
		if h := (how{r.Kind, r.Field}); !slices.Contains(skip, string(r.Kind)+"."+r.Field) && !slices.Contains(skip, string(r.Kind)) {
			if by[h] == nil {
				order = append(order, h)
			}
			by[h] = append(by[h], r.ID)
		}
	}
	if len(order) == 0 {
		return
	}
	var rows [][]string
	for _, h := range order {
		rows = append(rows, []string{naming(h.kind, h.field), p.links(by[h])})
	}
	p.part("Named by")
	p.table([]string{"How", "Entries"}, rows)
}

// naming says in words what the entries are that name an entry in a field.
func naming(k model.Kind, field string) string {
	switch string(k) + "." + field {
	case "boundaries.parent":
		return "zones in it"
	case "boundaries.enforcedBy":
		return "boundaries that it enforces"
	case "components.boundary":
		return "components drawn in it"
	case "components.alsoIn":
		return "components that lie in it as well"
	case "components.partOf":
		return "its parts"
	case "components.runsOn":
		return "components that run on it"
	case "components.holds":
		return "components that hold it"
	case "features.component":
		return "its features"
	case "assets.credential.issuedBy":
		return "credentials that it issues"
	case "assets.credential.acceptedBy":
		return "credentials that it accepts"
	case "flows.from":
		return "flows from it"
	case "flows.to":
		return "flows to it"
	case "flows.over":
		return "flows that run over it"
	case "flows.credentials":
		return "flows on which it proves an identity"
	case "flows.carries":
		return "flows that carry it"
	case "actors.boundary":
		return "actors that stand in it"
	case "actors.access":
		return "actors with access to it"
	case "actors.oversight.recordedIn":
		return "actors whose traces it keeps"
	case "actors.oversight.watchedBy":
		return "actors whom it watches"
	case "actors.oversight.separation":
		return "actors whose duties it keeps apart"
	case "threats.arisesFrom":
		return "threats that arise from it"
	case "threats.leadsTo":
		return "threats that lead to it"
	case "threats.countermeasures":
		return "threats that it acts on"
	case "threats.assumptions":
		return "threats whose rating relies on it"
	case "countermeasures.component":
		return "countermeasures that work in it"
	case "countermeasures.feature":
		return "countermeasures that are it, or switch it"
	case "countermeasures.requires":
		return "countermeasures that require it"
	case "countermeasures.introduces":
		return "countermeasures that bring it"
	case "attackTrees.nodes.threat", "attackTrees.nodes.assumption", "attackTrees.nodes.subtree":
		return "attack trees"
	case "scenarios.steps.flow":
		return "scenarios"
	case "views.selects.boundaries", "views.selects.components", "views.selects.actors", "views.selects.themes":
		return "views"
	case "profiles.absent":
		return "profiles that lack it"
	case "profiles.differs":
		return "profiles that change it"
	case "tensions.threats":
		return "tensions"
	case "waivers.subject":
		return "waivers"
	case "retired.replacedBy":
		return "retired ids that it replaces"
	}
	if field == "considered.threat" {
		return "questions about " + strings.ToLower(kindTitle(k))
	}
	return kindTitle(k) + ", " + field
}

// kindTitle is the name of a collection as a heading.
func kindTitle(k model.Kind) string {
	switch k {
	case model.AttackTrees:
		return "Attack trees"
	case model.Retirees:
		return "Retired ids"
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}
