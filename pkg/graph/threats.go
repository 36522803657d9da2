package graph

import (
	"cmp"
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
			Name: stem("threat", id, b.m.Threats), Subject: id, Title: id + ": " + t.Title, Kind: ThreatMap,
			Description: fmt.Sprintf("%s, from %s to what it harms: %s; %s.", id, count(len(unique(t.Actors)), "actor"), few(b.titles(unique(t.Affects))), count(len(counters), "countermeasure")),
		}, i, n))
	}
}

// theme draws the threats of a theme by their risks, and which of them leads to which.
func (b *builder) theme(id string) {
	threats := b.chapters[id]
	x := b.m.Themes[id]
	b.overview(Diagram{
		Name: stem("theme", id, b.m.Themes), Subject: id, Title: x.Title, Kind: ThemeOverview,
		Description: fmt.Sprintf("%s: %s with their risks, and which leads to which.", x.Title, count(len(threats), "threat")),
	}, id, threats)
}

// overview draws threats: those that lead to each other with arrows, and the others by their risk. What each harms is
// written in its node, and the table has all of it and what else each leads to: arrows for that would cross everything.
// Frame is the entry whose threats they are.
func (b *builder) overview(d Diagram, frame string, threats []string) {
	const most = 16
	if len(threats) == 0 {
		return
	}
	n := (len(threats) + most - 1) / most
	chunks := slices.Collect(slices.Chunk(b.inChains(threats), (len(threats)+n-1)/n))
	for i, chunk := range chunks {
		s := b.sketch()
		s.frame(frame, b.title(frame))
		drawn := make(map[string]bool)
		for _, id := range chunk {
			drawn[id] = true
		}
		linked := make(map[string]bool)
		for _, id := range chunk {
			for _, to := range unique(b.m.Threats[id].LeadsTo) {
				if to != id && drawn[to] {
					s.link(id, to, Solid)
					linked[id], linked[to] = true, true
				}
			}
		}
		for _, id := range chunk {
			n, in := b.node(id), "stage/linked"
			t := b.m.Threats[id]
			harms := b.titles(unique(t.Affects))
			switch {
			case len(harms) == 1:
				n.Lines = append(n.Lines, "harms "+harms[0])
			case len(harms) > 1:
				n.Lines = append(n.Lines, fmt.Sprintf("harms %s and %d more", harms[0], len(harms)-1))
			}
			_, words := b.risk(id)
			what := []string{"risk " + words + " as installed"}
			if len(harms) > 0 {
				what = append(what, "harms "+strings.Join(harms, ", "))
			}
			if next := unique(t.LeadsTo); len(next) > 0 {
				what = append(what, "leads to "+strings.Join(next, ", "))
			}
			s.what[id] = sentence(what...)
			if linked[id] {
				s.frame(in, "Lead to each other")
				s.within[in] = frame
			} else {
				title := "risk " + words
				if len(linked) > 0 {
					title = "other threats, " + title
				}
				in = s.grid("stage/risk-"+cmp.Or(string(n.Risk), "none"), strings.ToUpper(title[:1])+title[1:], frame)
			}
			s.add(n, in)
		}
		if len(linked) > 0 {
			s.signs = append(s.signs, Sign{"Arrow between threats", "the one makes the other possible, or easier"})
		}
		s.finish(part(d, i, len(chunks)))
	}
}

// inChains orders threats so that those that lead to each other are together, and otherwise by risk, the highest
// first.
func (b *builder) inChains(threats []string) []string {
	chain := make(map[string]string, len(threats)) // towards the threat that stands for its chain
	for _, id := range threats {
		chain[id] = id
	}
	root := func(id string) string {
		for chain[id] != id {
			chain[id] = chain[chain[id]]
			id = chain[id]
		}
		return id
	}
	for _, id := range threats {
		for _, to := range b.m.Threats[id].LeadsTo {
			if _, ok := chain[to]; ok {
				x, y := root(id), root(to)
				chain[max(x, y)] = min(x, y)
			}
		}
	}
	size := make(map[string]int)
	worst := make(map[string]int)
	rank := func(id string) int {
		level, _ := b.risk(id)
		return level.Rank()
	}
	for _, id := range threats {
		size[root(id)]++
		worst[root(id)] = max(worst[root(id)], rank(id))
	}
	out := slices.Clone(threats)
	slices.SortFunc(out, func(x, y string) int {
		cx, cy := root(x), root(y)
		return cmp.Or(
			-cmp.Compare(min(size[cx], 2), min(size[cy], 2)), -cmp.Compare(worst[cx], worst[cy]), strings.Compare(cx, cy),
			-cmp.Compare(rank(x), rank(y)), strings.Compare(x, y),
		)
	})
	return out
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
			Name: stem("actor", id, b.m.Actors), Subject: id, Title: a.Title, Kind: ActorReach,
			Description: fmt.Sprintf("%s: what is in reach (%s), and who would notice.", a.Title, count(len(reach), "element")),
		}, i, n))
	}
}
