package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// longestStage is how many entries one stage of a map shows; the others are in a further part.
const longestStage = 10

// stages draws a map as a row of frames with arrows between the frames, which stays clear where arrows between all
// their members would not.
type stages struct {
	*sketch
	part int
}

// stage draws a frame with the entries of this part and returns its id, or nothing where there are none.
func (s *stages) stage(id, title string, entries []string, detail func(string) []string) string {
	entries = unique(entries)
	from := min(s.part*longestStage, len(entries))
	entries = entries[from:min(from+longestStage, len(entries))]
	if len(entries) == 0 {
		return ""
	}
	frame := s.frame("stage/"+id, title)
	for _, entry := range entries {
		n := s.b.node(entry)
		if n.Role == Group {
			continue // a dangling reference
		}
		if n.Role != Threat { // what else threatens an entry is beside the point here
			n.Lines = n.Lines[:2]
		}
		if detail != nil {
			n.Lines = append(n.Lines[:1], detail(entry)...)
		}
		s.say(entry, title, n.Lines[1:])
		if zone := s.b.zone(entry, ""); zone != "" {
			n.Lines = append(n.Lines, "in "+s.b.title(zone))
		}
		if _, taken := s.nodes[entry]; taken {
			n.ID += "/" + id // one entry can begin and end an attack
		}
		s.add(n, frame)
	}
	return frame
}

// say notes for the table what an entry is in this picture.
func (s *stages) say(entry, title string, lines []string) {
	what := strings.ToLower(title) + ": " + strings.Join(lines, ", ")
	s.what[entry] = sentence(s.what[entry], what)
}

// parts returns how many parts the longest of the lists needs.
func parts(lists ...[]string) int {
	n := 1
	for _, list := range lists {
		n = max(n, (len(unique(list))+longestStage-1)/longestStage)
	}
	return n
}

// way draws thick arrows along the stages that there are, in this order, and returns the last.
func (s *stages) way(ids ...string) {
	ids = unique(ids)
	for i := 1; i < len(ids); i++ {
		s.link(ids[i-1], ids[i], Thick)
	}
}

// threat draws who brings a threat about, where it begins, what it passes and harms, what gives rise to it, what it
// leads to, and what is done about it.
func (b *builder) threat(id string) {
	t := b.m.Threats[id]
	counters := model.Keys(t.Countermeasures)
	n := parts(t.Actors, t.Entry, t.Via, t.Affects, counters, t.ArisesFrom, t.LeadsTo)
	for i := range n {
		s := &stages{b.sketch(), i}
		subject := b.node(id)
		subject.Stress = true
		if f := b.f.Threats[id]; f != nil {
			_, words := b.risk(id)
			subject.Lines = []string{
				id, t.Title, "risk as installed: " + words, assessment(f.AsInstalled),
				"risk hardened: " + plain(f.Hardened.Risk), "status: " + string(f.Status),
			}
			s.what[id] = sentence(subject.Lines[2:]...)
		}
		actors := s.stage("actors", "Actors", t.Actors, nil)
		entry := s.stage("entry", "Begins at", t.Entry, nil)
		via := s.stage("via", "Passes through", t.Via, nil)
		s.add(subject, "")
		harms := s.stage("affects", "Harms", t.Affects, nil)
		s.way(actors, entry, via, id, harms)
		if x := s.stage("features", "Arises from", t.ArisesFrom, nil); x != "" {
			s.link(x, id, Dotted, "gives rise to")
		}
		if x := s.stage("countermeasures", "Countermeasures", counters, func(c string) []string {
			return effect(t.Countermeasures[c], b.m.Countermeasures[c])
		}); x != "" {
			s.link(x, id, Dotted, "acts on")
		}
		if x := s.stage("next", "Makes possible", t.LeadsTo, nil); x != "" {
			s.link(id, x, Dotted, "leads to")
		}
		s.finish(part(Diagram{
			Name: "threat-" + id, Title: id + ": " + t.Title, Kind: ThreatMap,
			Description: fmt.Sprintf("%s, from %s to what it harms: %s; %s.", id, count(len(unique(t.Actors)), "actor"), few(b.titles(unique(t.Affects))), count(len(counters), "countermeasure")),
		}, i, n))
	}
}

// theme draws the threats of a theme, the elements that most of them harm, and which threat leads to which.
func (b *builder) theme(id string) {
	threats := b.chapters[id]
	x := b.m.Themes[id]
	b.overview(Diagram{
		Name: "theme-" + id, Title: x.Title, Kind: ThemeOverview,
		Description: fmt.Sprintf("%s: %s with their risks, and the elements that they harm.", x.Title, count(len(threats), "threat")),
	}, id, threats)
}

// overview draws threats, the element that each harms first of all, and which leads to which. Arrows to all that they
// harm would hide what they show; the table has them. Frame is the entry whose threats they are.
func (b *builder) overview(d Diagram, frame string, threats []string) {
	const mostThreats, mostNext = 12, 6
	chunks := slices.Collect(slices.Chunk(threats, mostThreats))
	for i, chunk := range chunks {
		s := b.sketch()
		s.frame(frame, b.title(frame))
		for _, id := range chunk {
			n := b.node(id)
			harms := b.titles(unique(b.m.Threats[id].Affects))
			if len(harms) > 1 {
				n.Lines = append(n.Lines, count(len(harms), "element")+" harmed")
			}
			_, words := b.risk(id)
			s.what[id] = sentence("risk "+words+" as installed", "harms "+strings.Join(harms, ", "))
			s.add(n, frame)
		}
		for _, id := range chunk {
			for _, element := range b.m.Threats[id].Affects {
				if _, ok := b.index[element]; ok {
					s.add(b.node(element), s.frame("stage/affects", "Harms"))
					s.link(id, element, Solid)
					break
				}
			}
		}
		next := 0
		for _, id := range chunk {
			for _, to := range unique(b.m.Threats[id].LeadsTo) {
				if b.m.Threats[to] == nil {
					continue
				}
				if _, ok := s.nodes[to]; !ok {
					if next++; next > mostNext {
						continue
					}
					n := b.node(to)
					n.Outside = true
					s.add(n, s.frame("stage/next", "Makes possible"))
				}
				s.link(id, to, Dotted, "leads to")
			}
		}
		s.signs = append(s.signs, Sign{"Arrow from a threat", "harms first of all; the table says what else"})
		s.finish(part(d, i, len(chunks)))
	}
}

// actor draws what an actor can reach, and who would notice.
func (b *builder) actor(id string) {
	a := b.m.Actors[id]
	var recorded, watched, separation []string
	if a.Oversight != nil {
		recorded, watched, separation = a.Oversight.RecordedIn, a.Oversight.WatchedBy, a.Oversight.Separation
	}
	reach := model.Keys(a.Access)
	words := make(map[string][]string)
	for _, element := range reach {
		words[element] = append(words[element], "access: "+plain(a.Access[element]))
	}
	for _, f := range b.flows[id] {
		end := f.To
		if f.To == id {
			end = f.From
		}
		if !slices.Contains(reach, end) {
			reach = append(reach, end)
		}
		words[end] = append(words[end], "flow: "+f.Protocol)
	}
	if len(reach)+len(recorded)+len(watched)+len(separation) == 0 {
		return
	}
	can := b.caused[id]
	n := parts(reach, recorded, watched, separation)
	for i := range n {
		s := &stages{b.sketch(), i}
		subject := b.node(id)
		subject.Stress = true
		if len(can) > 0 {
			subject.Lines = append(subject.Lines, "can bring about "+b.badge(can))
		}
		kept := s.stage("separation", "Kept apart by", separation, nil)
		s.add(subject, "")
		to := s.stage("reach", "Can reach", reach, func(x string) []string { return unique(words[x]) })
		trace := s.stage("recorded", "Leaves a trace in", recorded, nil)
		by := s.stage("watched", "Watched by", watched, nil)
		s.way(id, to)
		if kept != "" {
			s.link(kept, id, Dotted, "holds back")
		}
		last := id
		for _, x := range unique([]string{trace, by}) {
			s.link(last, x, Dotted)
			last = x
		}
		s.finish(part(Diagram{
			Name: "actor-" + id, Title: a.Title, Kind: ActorReach,
			Description: fmt.Sprintf("%s: what is in reach (%s), and who would notice.", a.Title, count(len(reach), "element")),
		}, i, n))
	}
}
