// Package graph turns a threat model into its diagrams, as plain data: what is drawn, what encloses it, and what leads
// where. It knows no drawing language; the outputs in pkg/export do.
//
// Every entry and every node of an attack tree is drawn in at least one diagram, and every flow in one by an arrow of its
// own; attack trees, scenarios and views are diagrams themselves. No diagram holds more than a
// reader can take in: what would, is split, or its surroundings are drawn as one node each.
package graph

import (
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// A diagram of the preferred size is easy to review. What cannot be drawn so is drawn up to the largest size, and
// beyond that in parts. What crosses several boundaries is clear only below the preferred size.
const (
	clearNodes, clearEdges         = 16, 20
	preferredNodes, preferredEdges = 25, 35
	largestNodes, largestEdges     = 40, 60
)

// hubFlows is how many flows of a component are drawn as an arrow each.
const hubFlows = 12

// gridColumns is how many nodes stand side by side in a frame whose nodes have no arrows: as many as can be read.
const gridColumns = 4

// Kind is what sort of picture a diagram is.
type Kind string

// The kinds of diagrams.
const (
	DataFlow      Kind = "data flow diagram"
	BoundaryMap   Kind = "boundary map"
	ThreatMap     Kind = "threat map"
	ThemeOverview Kind = "theme overview"
	AttackTree    Kind = "attack tree"
	ActorReach    Kind = "actor reach"
	TrustGraph    Kind = "trust graph"
	CoverageMap   Kind = "coverage heat map"
	Remainder     Kind = "remainder"
)

// Diagram is one picture.
type Diagram struct {
	// Name is the stem of the diagram's files, unique in the model and stable as the model grows.
	Name string
	// Subject is the id of the entry that the diagram is about, empty for one of the whole model.
	Subject string
	Title   string
	// Description says in one line what the picture holds, to those who cannot see it.
	Description string
	Kind        Kind
	// Downward has the edges lead from the top to the bottom, instead of from left to right.
	Downward bool
	// Clusters and Nodes are those at the top; further ones are inside the clusters.
	Clusters []Cluster
	Nodes    []Node
	Edges    []Edge
	// Legend explains the signs that the picture uses, and lists what its merged edges stand for.
	Legend []Sign
	// Table lists what the picture draws, for a table with links beneath it.
	Table []Row
}

// Cluster is a frame around nodes: a boundary, or a stage of a map.
type Cluster struct {
	// ID is the id of an entry, or one with a slash in it, which no entry has.
	ID    string
	Title string
	// Note says in words what Border shows.
	Note   string
	Border Border
	// Columns lays the nodes in the frame that have no arrows in rows of this many, as they would else make one long
	// row. It is 0 where that is no matter.
	Columns  int
	Nodes    []Node
	Clusters []Cluster
}

// Border is how the frame of a cluster is drawn: for a boundary, what entering it meets.
type Border string

// The borders.
const (
	Frame        Border = "frame"
	Enforced     Border = "enforced"
	Conditional  Border = "conditional"
	Conventional Border = "conventional"
)

// Node is one thing in a diagram.
type Node struct {
	// ID is the id of the entry that the node draws, or one with a slash in it, which no entry has, for a group, a node
	// of an attack tree, and the second appearance of an entry.
	ID string
	// Lines is the label. Its words repeat whatever shape and colour say.
	Lines []string
	Role  Role
	// Risk is the level that a threat or a step of an attack tree has as installed, or the highest of the threats that put
	// the part of a catalogue at risk.
	Risk model.Level
	// State is what the model says of a part of a catalogue.
	State analysis.State
	// Stress marks the subject of the diagram.
	Stress bool
	// Outside marks what stands around the subject.
	Outside bool
}

// Role is what a node is.
type Role string

// The roles of nodes.
const (
	Process        Role = "process"
	Store          Role = "store"
	External       Role = "external"
	Actor          Role = "actor"
	Zone           Role = "zone"
	Group          Role = "group"
	FlowNode       Role = "flow"
	Asset          Role = "asset"
	Feature        Role = "feature"
	Threat         Role = "threat"
	Countermeasure Role = "countermeasure"
	Theme          Role = "theme"
	Assumption     Role = "assumption"
	Goal           Role = "goal"
	Gate           Role = "gate"
	Step           Role = "step"
	Elsewhere      Role = "elsewhere"
	Cell           Role = "cell"
)

// Edge is an arrow between two nodes or clusters.
type Edge struct {
	From, To string
	Lines    []string
	Line     Line
	// Flows are the ids of the flows that the edge stands for, none when it is no data flow.
	Flows []string
}

// Line is how an edge is drawn.
type Line string

// The lines. Thick is the way of an attack, Dotted what is so only at times or is no way at all.
const (
	Solid  Line = "solid"
	Dotted Line = "dotted"
	Thick  Line = "thick"
)

// Sign is one explanation in a legend.
type Sign struct{ Sign, Meaning string }

// Row is one line of the table beneath a diagram.
type Row struct {
	// ID is the id of an entry, or that of a node of an attack tree, its tree and name joined by a slash, or that of an
	// entry or group of a catalogue.
	ID string
	// Catalogue is the catalogue that the id is of, empty for those of the model.
	Catalogue string
	Kind      model.Kind
	Title     string
	// What says what the entry is in this picture.
	What string
}

// Build returns the diagrams of m. The same model gives the same diagrams, in the same order.
func Build(m *model.Model, f *analysis.Facts) []Diagram {
	b := newBuilder(m, f)
	b.context()
	b.boundaryMaps()
	b.trust(Diagram{
		Name: "trust", Title: "Trust graph", Kind: TrustGraph,
		Description: "Which component issues each credential, which believes it, and which holds it.",
	}, nil)
	for _, id := range model.Keys(m.Boundaries) {
		b.boundary(id)
	}
	for _, id := range model.Keys(m.Components) {
		b.component(id)
	}
	for _, id := range model.Keys(m.Actors) {
		b.actor(id)
	}
	for _, id := range model.Keys(m.Themes) {
		b.theme(id)
	}
	for _, id := range model.Keys(m.Threats) {
		b.threat(id)
	}
	for _, id := range model.Keys(m.AttackTrees) {
		b.tree(id)
	}
	for _, id := range model.Keys(m.Scenarios) {
		b.scenario(id)
	}
	for _, id := range model.Keys(m.Views) {
		b.view(id)
	}
	for _, id := range model.Keys(m.Catalogs) {
		b.coverage(id)
	}
	b.remainder()
	return b.diagrams
}

// Each calls visit for every cluster of the diagram and for every node; of the two, the other is nil.
func (d *Diagram) Each(visit func(*Cluster, *Node)) {
	each(d.Clusters, d.Nodes, visit)
}

func each(clusters []Cluster, nodes []Node, visit func(*Cluster, *Node)) {
	for i := range nodes {
		visit(nil, &nodes[i])
	}
	for i := range clusters {
		visit(&clusters[i], nil)
		each(clusters[i].Clusters, clusters[i].Nodes, visit)
	}
}
