package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// index writes the first page: what the model is, how bad it is, who must act, and where to go on.
func (b *book) index() {
	m := b.m
	p := b.collection("README.md", m.Metadata.Title)
	p.say("%s", strings.Join(p.summary(), " "))
	p.say("It says what can go wrong, not that anything has, and which controls are at risk, not that any control is met. %s has its scope, its owners, how its words are to be read, and what readers must be told.",
		p.to("About this model", place{path: "about.md"}))

	p.heading(2, "Risk as installed")
	p.say("How many threats have each likelihood and impact with what a default installation does; each number leads to its threats, and each word is the level of risk.")
	p.riskMatrix()
	p.say("All levels before countermeasures, as installed and hardened: %s.", p.to("risks", place{path: "risks.md"}))

	const most = 10
	ids := b.f.Worst(model.Keys(m.Threats))
	if len(ids) > 0 {
		p.heading(2, "Highest risks")
		p.threatTable(ids[:min(most, len(ids))], "Must act", p.mustAct)
	}
	if len(m.Themes) > 0 {
		p.heading(2, "Themes")
		p.themeTable()
	}
	if len(m.Catalogs) > 0 {
		p.heading(2, "Coverage of catalogues")
		p.say("What the model says of the active entries of each catalogue; by baseline, and as heat maps: %s.", p.to("coverage", place{path: "coverage.md"}))
		p.coverageTable(false)
	}
	if len(b.parties) > 0 {
		p.heading(2, "Who must act")
		p.partyTable()
	}
	if len(b.drawings["context"]) > 0 {
		p.heading(2, "Context")
		p.diagrams("context")
	}
	p.heading(2, "Where to go on")
	p.contents()
}

// summary says in a few sentences what the model is.
func (p *page) summary() []string {
	m := p.b.m
	first := fmt.Sprintf("Threat model %s, version %s, stage %s", m.Metadata.Name, m.Metadata.Version, m.Metadata.Stage)
	if a := m.Metadata.AppliesTo; a != nil {
		first += fmt.Sprintf(", read against %s %s", a.Product, strings.Join(a.Versions, ", "))
	}
	out := []string{escape(first + ".")}
	if p.b.Profile != "" {
		out = append(out, fmt.Sprintf("These pages show it in the profile %s.", p.link(p.b.Profile)))
	}
	out = append(out, fmt.Sprintf("It describes %s and %s across %s, %s who can do harm, and %s with %s against them.",
		count(len(m.Components), "component", "components"), count(len(m.Flows), "flow", "flows"),
		count(len(m.Boundaries), "trust boundary", "trust boundaries"), count(len(m.Actors), "actor", "actors"),
		count(len(m.Threats), "threat", "threats"), count(len(m.Countermeasures), "countermeasure", "countermeasures")))
	high := 0
	for _, f := range p.b.f.Threats {
		if f.AsInstalled.Risk.Rank() >= model.High.Rank() && f.Status != analysis.Obsolete {
			high++
		}
	}
	return append(out, fmt.Sprintf("As installed, %s of high or very high risk.", count(high, "threat is", "threats are")))
}

// riskMatrix counts threats as installed by likelihood and impact.
func (p *page) riskMatrix() {
	counts := make(map[cell]int)
	for _, f := range p.b.f.Threats {
		counts[cell{f.AsInstalled.Likelihood, f.AsInstalled.Impact}]++
	}
	headings := []string{"Likelihood"}
	for _, impact := range model.Levels() {
		headings = append(headings, capital(plain(impact))+" impact")
	}
	likelihoods := model.Levels()
	slices.Reverse(likelihoods)
	var rows [][]string
	for _, likelihood := range likelihoods {
		row := []string{capital(plain(likelihood))}
		for _, impact := range model.Levels() {
			at := cell{likelihood, impact}
			words := plain(p.b.m.RiskMatrix[likelihood][impact])
			if n := counts[at]; n > 0 {
				words += ": " + p.to(fmt.Sprint(n), place{"risks.md", slug(at.heading())})
			}
			row = append(row, words)
		}
		rows = append(rows, row)
	}
	p.table(headings, rows)
}

// contents lists the pages.
func (p *page) contents() {
	m := p.b.m
	collected := func(k model.Kind) place { return place{path: kebab(k) + ".md"} }
	folder := func(k model.Kind) place { return place{path: kebab(k) + "/README.md"} }
	var rows [][]string
	for _, x := range []struct {
		what string
		n    int
		at   place
		why  string
	}{
		{"Themes", len(m.Themes), folder(model.Themes), "The threats, chapter by chapter"},
		{"Risks", len(m.Threats), place{path: "risks.md"}, "The threats, the worst first"},
		{"Components", len(m.Components), folder(model.Components), "The parts of the system and what surrounds it"},
		{"Boundaries", len(m.Boundaries), folder(model.Boundaries), "The zones of trust, and what their borders hold"},
		{"Actors", len(m.Actors), folder(model.Actors), "Who can bring threats about, and who would notice"},
		{"Assets", len(m.Assets), collected(model.Assets), "What is worth attacking, and which credential opens what"},
		{"Flows", len(m.Flows), collected(model.Flows), "Data that moves, and why the other side is believed"},
		{"Features", len(m.Features), folder(model.Features), "Designs, behaviours and options that threats arise from"},
		{"Countermeasures", len(m.Countermeasures), folder(model.Countermeasures), "What can be done, and what is done by default"},
		{"Attack trees", len(m.AttackTrees), folder(model.AttackTrees), "The ways to a goal"},
		{"Scenarios", len(m.Scenarios), collected(model.Scenarios), "Requests on their way, step by step"},
		{"Views", len(m.Views), folder(model.Views), "Selections with a diagram of their own"},
		{"Coverage", len(p.b.f.Completeness), place{path: "coverage.md"}, "What the method asks of every entry and what is open, and what is said of each catalogue"},
		{"Catalogues", len(m.Catalogs), place{path: "catalogues/README.md"}, "Controls, techniques and other published lists, and what the model says of them"},
		{"Profiles", len(m.Profiles), collected(model.Profiles), "Other ways to install and run the system"},
		{"Assumptions", len(m.Assumptions), collected(model.Assumptions), "What is taken for true"},
		{"Questions", questions(m), place{path: "considered.md"}, "What was asked about elements, and the answers"},
		{"Tensions", len(m.Tensions), collected(model.Tensions), "Requirements that contradict each other"},
		{"Inbox", len(m.Inbox), collected(model.Inbox), "Notes that are not threats yet"},
		{"Reviews", len(m.Reviews), collected(model.Reviews), "The record that the method was used"},
		{"Waivers", len(m.Waivers), collected(model.Waivers), "Rules that are silent for a while"},
		{"Retired ids", len(m.Retired), collected(model.Retirees), "Ids that are never used again"},
		{"Diagrams", len(p.b.Diagrams), place{path: "diagrams.md"}, "All diagrams, and where they are"},
	} {
		if x.n > 0 {
			rows = append(rows, []string{p.to(x.what, x.at), fmt.Sprint(x.n), x.why})
		}
	}
	p.table([]string{"Page", "Number", "What it shows"}, rows)
}

// questions counts the questions that were asked about elements.
func questions(m *model.Model) int {
	n := 0
	for _, q := range m.Considered {
		n += len(q)
	}
	return n
}

// cell is one of the risk matrix.
type cell struct{ likelihood, impact model.Level }

// heading is the heading of the cell's threats, from which its anchor follows.
func (c cell) heading() string {
	return capital(plain(c.likelihood)) + " likelihood, " + plain(c.impact) + " impact"
}

// risks writes the threats by their risk as installed.
func (b *book) risks() {
	p := b.collection("risks.md", "Risks")
	p.say("Likelihood and impact have five levels each (SP 800-30 Rev 1); the risk follows from both by the %s. Three states are rated: before any countermeasure (inherent), with what a default installation does (as installed), and with every countermeasure of the threat in place (hardened).",
		p.to("risk matrix", place{"about.md", "risk-matrix"}))
	levels := model.Levels()
	slices.Reverse(levels)
	counts := make(map[model.Level]*[3]int)
	for _, l := range levels {
		counts[l] = new([3]int)
	}
	cells := make(map[cell][]string)
	for _, id := range model.Keys(b.m.Threats) {
		f := b.f.Threats[id]
		for i, a := range []analysis.Assessment{f.Inherent, f.AsInstalled, f.Hardened} {
			if counts[a.Risk] != nil {
				counts[a.Risk][i]++
			}
		}
		at := cell{f.AsInstalled.Likelihood, f.AsInstalled.Impact}
		cells[at] = append(cells[at], id)
	}
	var rows [][]string
	for _, l := range levels {
		rows = append(rows, []string{capital(plain(l)), fmt.Sprint(counts[l][0]), fmt.Sprint(counts[l][1]), fmt.Sprint(counts[l][2])})
	}
	p.table([]string{"Risk", "Inherent", "As installed", "Hardened"}, rows)
	for _, likelihood := range levels {
		for _, impact := range levels {
			if at := (cell{likelihood, impact}); len(cells[at]) > 0 {
				p.heading(2, at.heading())
				p.say("Risk as installed: %s.", plain(b.m.RiskMatrix[likelihood][impact]))
				p.threatTable(cells[at], "Must act", p.mustAct)
			}
		}
	}
}

// capital makes the first letter a capital one.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
