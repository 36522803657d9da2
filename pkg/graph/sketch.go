package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// builder holds the model, what is looked up in it often, and the diagrams that are done.
type builder struct {
	m *model.Model
	f *analysis.Facts
	// index, names, held, flows and threats find the kind of an id, its title or statement, the components in a boundary
	// and in those nested in it, the flows at an element, and the threats that affect one, in order.
	index   model.Index
	names   map[string]string
	held    map[string][]string
	flows   map[string][]*model.Flow
	threats map[string][]string
	// caused and chapters find the threats of an actor and of a theme, in order.
	caused, chapters map[string][]string
	// chains, nodes, zones and flowTexts are the answers that chain, node, zoneNode and flowText gave.
	chains       map[string][]string
	nodes, zones map[string]Node
	flowTexts    map[string]string
	// places is where each kind comes in a table.
	places map[model.Kind]int

	diagrams []Diagram
	// drawn are the entries that some diagram draws; a flow counts where it has an arrow of its own.
	drawn map[string]bool
}

func newBuilder(m *model.Model, f *analysis.Facts) *builder {
	b := &builder{
		m: m, f: f, index: model.NewIndex(m),
		names: make(map[string]string), held: make(map[string][]string), flows: make(map[string][]*model.Flow), threats: make(map[string][]string),
		caused: make(map[string][]string), chapters: make(map[string][]string), drawn: make(map[string]bool),
		chains: make(map[string][]string), nodes: make(map[string]Node), zones: make(map[string]Node), flowTexts: make(map[string]string),
		places: make(map[model.Kind]int),
	}
	for i, kind := range model.Kinds() {
		b.places[kind] = i
	}
	for id, kind := range b.index {
		b.names[id] = m.Title(kind, id)
	}
	for id, a := range m.Assumptions {
		b.names[id] = line(a.Statement)
	}
	for _, id := range model.Keys(m.Components) {
		c := m.Components[id]
		var planes, zones []string
		for _, in := range append([]string{c.Boundary}, c.AlsoIn...) {
			if x := m.Boundaries[in]; x != nil {
				planes = append(planes, x.Plane)
			}
		}
		for _, plane := range unique(planes) {
			zones = append(zones, b.chain(b.zone(id, plane))...)
		}
		for _, zone := range unique(zones) {
			b.held[zone] = append(b.held[zone], id)
		}
	}
	for _, id := range model.Keys(m.Flows) {
		f := m.Flows[id]
		for _, end := range unique([]string{f.From, f.To}) {
			b.flows[end] = append(b.flows[end], f)
		}
	}
	for _, id := range model.Keys(m.Threats) {
		t := m.Threats[id]
		for _, element := range unique(t.Affects) {
			b.threats[element] = append(b.threats[element], id)
		}
		for _, actor := range unique(t.Actors) {
			b.caused[actor] = append(b.caused[actor], id)
		}
		b.chapters[t.Theme] = append(b.chapters[t.Theme], id)
	}
	return b
}

// title is the title of any entry, its statement where it has none, or else the id.
func (b *builder) title(id string) string {
	if name, ok := b.names[id]; ok {
		return name
	}
	return id
}

func (b *builder) titles(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, b.title(id))
	}
	return out
}

// chain returns the boundaries around an element or a boundary, the outermost first and a boundary itself last.
func (b *builder) chain(boundary string) []string {
	if chain, ok := b.chains[boundary]; ok {
		return chain
	}
	var chain []string
	for id := boundary; b.m.Boundaries[id] != nil && !slices.Contains(chain, id); id = b.m.Boundaries[id].Parent {
		chain = append(chain, id)
	}
	slices.Reverse(chain)
	b.chains[boundary] = chain
	return chain
}

// zone returns the boundary in which a component or actor is drawn when a diagram shows a plane: the innermost one of
// that plane, or else the one that the component is said to be drawn in.
func (b *builder) zone(id, plane string) string {
	if a := b.m.Actors[id]; a != nil {
		return a.Boundary
	}
	c := b.m.Components[id]
	if c == nil {
		return ""
	}
	zone, depth := c.Boundary, 0
	if plane == "" {
		return zone
	}
	for _, in := range append([]string{c.Boundary}, c.AlsoIn...) {
		if x := b.m.Boundaries[in]; x != nil && x.Plane == plane && len(b.chain(in)) > depth {
			zone, depth = in, len(b.chain(in))
		}
	}
	return zone
}

// threatsOn returns the threats that affect any of the elements, each once, in order.
func (b *builder) threatsOn(elements ...string) []string {
	var out []string
	for _, id := range elements {
		out = append(out, b.threats[id]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// node draws an entry, whatever its kind.
func (b *builder) node(id string) Node {
	n, ok := b.nodes[id]
	if !ok {
		n = b.newNode(id)
		b.nodes[id] = n
	}
	n.Lines = slices.Clone(n.Lines) // the caller's own
	return n
}

func (b *builder) newNode(id string) Node {
	n := Node{ID: id, Lines: []string{b.title(id)}}
	add := func(lines ...string) { n.Lines = append(n.Lines, unique(lines)...) }
	switch b.index[id] {
	case model.Components:
		c := b.m.Components[id]
		what := c.Kind
		switch c.Kind {
		case "store":
			n.Role = Store
		case "external-entity":
			n.Role, what = External, "external entity"
		default:
			n.Role = Process
		}
		if c.Optional {
			what = "optional " + what
		}
		add(what+", "+plain(c.Responsibility), b.badge(b.threatsOn(id)))
	case model.Boundaries:
		n.Role = Zone
		add("boundary, "+inward(b.m.Boundaries[id]), b.badge(b.threatsOn(append(slices.Clone(b.held[id]), id)...)))
	case model.Actors:
		n.Role = Actor
		add("actor " + position(b.m.Actors[id].Position))
	case model.Flows:
		n.Role = FlowNode
		add("flow, "+flowWords(b.m.Flows[id]), b.badge(b.threatsOn(id)))
	case model.Assets:
		n.Role = Asset
		add("asset, "+plain(b.m.Assets[id].Kind), b.badge(b.threatsOn(id)))
	case model.Features:
		n.Role = Feature
		x := b.m.Features[id]
		what := plain(x.Kind)
		if x.Default != "not-applicable" {
			what += ", " + x.Default + " by default"
		}
		add(what)
	case model.Threats:
		n.Role = Threat
		level, words := b.risk(id)
		n.Risk = level
		n.Lines = []string{id, b.title(id), "risk " + words}
	case model.Countermeasures:
		n.Role = Countermeasure
		add("countermeasure, " + byDefault(b.m.Countermeasures[id]))
	case model.Themes:
		n.Role = Theme
		add("theme")
	case model.Assumptions:
		n.Role = Assumption
		n.Lines[0] = short(n.Lines[0], 80)
		add("assumption")
	case model.Tensions:
		n.Role = Group
		n.Lines = []string{id, short(b.m.Tensions[id].Statement, 80)}
		add("tension")
	case model.Profiles, model.Waivers, model.Reviews, model.Retirees:
		n.Role = Group
		add(b.index[id].Singular())
	default:
		n.Role = Group
	}
	return n
}

// short cuts text that would fill a picture; the table beneath has all of it.
func short(text string, most int) string {
	words := strings.Fields(text)
	for i, n := 0, 0; i < len(words); i++ {
		if n += len(words[i]) + 1; i > 0 && n > most {
			return strings.Join(words[:i], " ") + " …"
		}
	}
	return strings.Join(words, " ")
}

// inward says what entering a boundary meets.
func inward(x *model.Boundary) string { return "inward " + plain(x.Inward) }

// sketch is a diagram in the making: nodes by the cluster that holds them, in the order they came.
type sketch struct {
	b     *builder
	nodes map[string]Node
	order []string
	// in is the boundary or frame of each node; frames are the clusters that are no boundaries, and within the frame
	// around each of those that have one.
	in     map[string]string
	frames map[string]Cluster
	within map[string]string
	edges  []Edge
	signs  []Sign
	// what says of an entry what it is in this picture, where there is more to say than its node does.
	what map[string]string
	// rows are lines of the table for what the picture only counts.
	rows []Row
}

func (b *builder) sketch() *sketch {
	return &sketch{b: b, nodes: make(map[string]Node), in: make(map[string]string), frames: make(map[string]Cluster), within: make(map[string]string), what: make(map[string]string)}
}

// add draws a node in a boundary or frame. A node that is there already stays.
func (s *sketch) add(n Node, in string) {
	if _, ok := s.nodes[n.ID]; ok {
		return
	}
	s.nodes[n.ID] = n
	s.order = append(s.order, n.ID)
	s.in[n.ID] = in
}

// frame makes a cluster that is no boundary.
func (s *sketch) frame(id, title string) string {
	if _, ok := s.frames[id]; !ok {
		s.frames[id] = Cluster{ID: id, Title: title, Border: Frame}
	}
	return id
}

// grid makes a frame in another one, which holds nodes without arrows side by side.
func (s *sketch) grid(id, title, in string) string {
	if _, ok := s.frames[id]; !ok {
		s.frames[id] = Cluster{ID: id, Title: title, Border: Frame, Columns: gridColumns}
		if in != "" {
			s.within[id] = in
		}
	}
	return id
}

// link draws an arrow that is no data flow.
func (s *sketch) link(from, to string, kind Line, lines ...string) {
	s.edges = append(s.edges, Edge{From: from, To: to, Line: kind, Lines: unique(lines)})
}

// flow draws an arrow for flows that have the same ends.
func (s *sketch) flow(from, to string, lines []string, flows ...*model.Flow) {
	if from == to && flows[0].Between == "other-instance" {
		// The other instance is a node of its own: an arrow from a node to itself says less and is drawn badly.
		n := s.nodes[to]
		n.ID, n.Stress, n.Outside, n.Lines = n.ID+"/other", false, true, []string{n.Lines[0], "another instance"}
		s.add(n, s.in[to])
		to = n.ID
	}
	e := Edge{From: from, To: to, Lines: lines, Line: Dotted}
	for _, f := range flows {
		e.Flows = append(e.Flows, f.ID)
		if f.Conditional == "" {
			e.Line = Solid
		}
	}
	s.edges = append(s.edges, e)
}

// merged draws one arrow for all flows between the same two nodes. Place says which node stands for an element; a
// flow is left out where one end has none, or both have the same and are not themselves drawn.
func (s *sketch) merged(flows []*model.Flow, place func(string) string) {
	type ends struct{ from, to string }
	var order []ends
	by := make(map[ends][]*model.Flow)
	for _, f := range flows {
		e := ends{place(f.From), place(f.To)}
		if e.from == "" || e.to == "" || e.from == e.to && e.from != f.From {
			continue
		}
		if by[e] == nil {
			order = append(order, e)
		}
		by[e] = append(by[e], f)
	}
	for _, e := range order {
		s.flow(e.from, e.to, flowLines(by[e]), by[e]...)
	}
}

// fits tells whether the sketch is within a size.
func (s *sketch) fits(nodes, edges int) bool { return len(s.nodes) <= nodes && len(s.edges) <= edges }

// finish puts the nodes into their clusters, writes legend and table, and adds the diagram to the others.
func (s *sketch) finish(d Diagram) {
	if len(s.nodes) == 0 {
		return
	}
	linked := make(map[string]bool)
	for _, e := range s.edges {
		linked[e.From], linked[e.To] = true, true
	}
	root := &cluster{}
	// What has no arrows comes last, where none passes behind it.
	for _, last := range []bool{false, true} {
		for _, id := range s.order {
			if linked[id] != last {
				at := s.cluster(root, s.in[id])
				at.nodes = append(at.nodes, s.nodes[id])
			}
		}
	}
	plain := s.plain(root)
	d.Clusters, d.Nodes, d.Edges = plain.Clusters, plain.Nodes, s.edges
	d.Legend = append(legend(&d), s.signs...)
	d.Table = s.table(&d)
	s.b.diagrams = append(s.b.diagrams, d)

	d.Each(func(c *Cluster, n *Node) {
		if c != nil {
			s.b.drawn[c.ID] = true
		} else if n.Role != FlowNode { // a flow wants an arrow as well
			s.b.drawn[n.ID] = true
		}
	})
	for _, e := range d.Edges {
		if len(e.Flows) == 1 {
			f := s.b.m.Flows[e.Flows[0]]
			if f.From == e.From && (f.To == e.To || f.To+"/other" == e.To) {
				s.b.drawn[f.ID] = true
			}
		}
	}
}

// cluster is a Cluster that can still grow.
type cluster struct {
	id       string
	nodes    []Node
	clusters []*cluster
}

// cluster returns the cluster with this id, having made it and those around it.
func (s *sketch) cluster(root *cluster, id string) *cluster {
	var chain []string
	if _, ok := s.frames[id]; ok {
		for ; id != ""; id = s.within[id] {
			chain = append(chain, id)
		}
		slices.Reverse(chain)
	} else {
		chain = s.b.chain(id)
	}
	at := root
	for _, id := range chain {
		i := slices.IndexFunc(at.clusters, func(c *cluster) bool { return c.id == id })
		if i < 0 {
			i = len(at.clusters)
			at.clusters = append(at.clusters, &cluster{id: id})
		}
		at = at.clusters[i]
	}
	return at
}

func (s *sketch) plain(c *cluster) Cluster {
	out, ok := s.frames[c.id]
	if !ok {
		out = Cluster{ID: c.id, Title: s.b.title(c.id)}
		if x := s.b.m.Boundaries[c.id]; x != nil {
			out.Note, out.Border = inward(x), Border(x.Inward)
		}
	}
	out.Nodes = c.nodes
	for _, inner := range c.clusters {
		out.Clusters = append(out.Clusters, s.plain(inner))
	}
	return out
}

// table lists the entries that the diagram draws, by kind and id.
func (s *sketch) table(d *Diagram) []Row {
	b := s.b
	rows := s.rows
	row := func(id, what string) {
		if own, ok := s.what[id]; ok {
			what = own
		}
		if kind, ok := b.index[id]; ok {
			rows = append(rows, Row{ID: id, Kind: kind, Title: b.title(id), What: what})
		}
	}
	d.Each(func(c *Cluster, n *Node) {
		if c != nil {
			row(c.ID, c.Note)
			return
		}
		what := sentence(n.Lines[1:]...)
		if zone := b.zone(n.ID, ""); zone != "" {
			what = sentence(what, "in "+b.title(zone))
		}
		if n.Outside {
			what = sentence(what, "around the subject")
		}
		if n.Role == Threat {
			what = n.Lines[len(n.Lines)-1]
		}
		row(n.ID, what)
	})
	for _, e := range d.Edges {
		for _, id := range e.Flows {
			row(id, b.flowText(id))
		}
	}
	slices.SortStableFunc(rows, func(x, y Row) int {
		if x.Kind != y.Kind {
			return b.places[x.Kind] - b.places[y.Kind]
		}
		return strings.Compare(x.ID, y.ID)
	})
	return slices.CompactFunc(rows, func(x, y Row) bool { return x == y })
}

// flowText says all of a flow that a table has room for.
func (b *builder) flowText(id string) string {
	if text, ok := b.flowTexts[id]; ok {
		return text
	}
	f := b.m.Flows[id]
	text := fmt.Sprintf("%s → %s; %s, %s", b.title(f.From), b.title(f.To), f.Protocol, clientAuth(f))
	if p := ports(f); p != "" {
		text += ", port " + p
	}
	if x := b.crossings(id); x != "" {
		text = sentence(text, "crosses "+x)
	}
	if f.Conditional != "" {
		text = sentence(text, "only: "+f.Conditional)
	}
	text = sentence(text, b.badge(b.threatsOn(id)))
	b.flowTexts[id] = text
	return text
}

// legend explains the signs that a diagram uses.
func legend(d *Diagram) []Sign {
	used := make(map[string]bool)
	outside, stress := false, false
	d.Each(func(c *Cluster, n *Node) {
		if c != nil {
			used["border "+string(c.Border)] = true
			return
		}
		used["node "+string(n.Role)] = true
		outside, stress = outside || n.Outside, stress || n.Stress
	})
	for _, e := range d.Edges {
		flow := " line"
		if len(e.Flows) > 0 {
			flow = " flow"
		}
		used[string(e.Line)+flow] = true
	}
	all := []struct {
		use     string
		sign    string
		meaning string
	}{
		{"node process", "Round corners", "process"},
		{"node store", "Cylinder", "store"},
		{"node external", "Rectangle, thick line", "external entity"},
		{"node actor", "Hexagon", "actor"},
		{"node zone", "Double side lines", "boundary, drawn as one"},
		{"node group", "Double side lines", "several entries, drawn as one"},
		{"node threat", "Rectangle with an id", "threat, with its risk as installed"},
		{"node goal", "Double side lines", "goal"},
		{"node gate", "Hexagon", "way that has several steps: any one (OR), all (AND), or all in order (SEQUENCE)"},
		{"node step", "Rectangle", "step, with its likelihood as installed"},
		{"node elsewhere", "Double side lines", "goes on in another diagram"},
		{"node assumption", "Rectangle, dashed line", "step that an assumption rules out"},
		{"node cell", "Rectangle in a grid", "part of the catalogue; its colour repeats the highest risk as installed of what is at risk, or else the state"},
		{"border enforced", "Solid frame", "boundary; a check holds whatever enters"},
		{"border conditional", "Dashed frame", "boundary; a check holds only in some installations"},
		{"border conventional", "Dotted frame", "boundary; entering is held by habit alone"},
		{"solid flow", "Solid arrow", "data flow, from the side that initiates"},
		{"dotted flow", "Dotted arrow", "data flow that exists only under a condition"},
		{"thick line", "Thick arrow", "way of the attack"},
	}
	var out []Sign
	for _, x := range all {
		if used[x.use] {
			out = append(out, Sign{x.sign, x.meaning})
		}
	}
	if outside {
		out = append(out, Sign{"Dashed line around a node", "stands around the subject of this diagram"})
	}
	if stress {
		out = append(out, Sign{"Heavy line around a node", "subject of this diagram"})
	}
	var names map[string]string
	for _, e := range d.Edges {
		if len(e.Flows) > 1 {
			if names == nil {
				names = firstLines(d)
			}
			out = append(out, Sign{names[e.From] + " → " + names[e.To], strings.Join(e.Flows, ", ")})
		}
	}
	return out
}

// firstLines finds the first line of the label of each node and cluster.
func firstLines(d *Diagram) map[string]string {
	out := make(map[string]string)
	d.Each(func(c *Cluster, n *Node) {
		if c != nil {
			out[c.ID] = c.Title
		} else {
			out[n.ID] = n.Lines[0]
		}
	})
	return out
}

// stem names the diagrams of an entry: its id after the word for its kind, or the id alone where it begins with that
// word. It does not where the rest is the id of another entry, whose diagrams have the shorter name. All ids of a kind
// have different stems, which hold no matter what other entries there are of another kind.
func stem[T any](word, id string, entries map[string]T) string {
	if rest, ok := strings.CutPrefix(id, word+"-"); ok {
		if _, taken := entries[rest]; !taken {
			return id
		}
	}
	return word + "-" + id
}

// part names the diagrams of one subject that needs several. Ids have no two hyphens in a row, so the names cannot
// collide with those of other subjects.
func part(d Diagram, i, n int) Diagram {
	if n > 1 {
		if i > 0 {
			d.Name += fmt.Sprintf("--%d", i+1)
		}
		d.Title += fmt.Sprintf(" (part %d of %d)", i+1, n)
	}
	return d
}
