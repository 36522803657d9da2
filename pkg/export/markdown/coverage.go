package markdown

import (
	"fmt"

	"github.com/tmkit/tmkit/pkg/model"
)

// coverage writes the page that measures the model: how much of it there is, what the method asks of every entry and
// what is still open, and what it says of each catalogue.
func (b *book) coverage() {
	p := b.collection("coverage.md", "Coverage")
	p.say("How far the model goes, counted from the model itself. A number says that something was written down, not that it is right. Where a flow crosses a boundary, a question that was asked of the flow and came to nothing is an answer too, with its reason.")

	p.heading(2, "What the method asks")
	var rows [][]string
	for _, q := range b.f.Completeness {
		rows = append(rows, []string{escape(q.Asks), fmt.Sprint(q.Asked), fmt.Sprint(q.Asked - len(q.Open)), p.links(q.Open)})
	}
	p.table([]string{"Question", "Asked of", "Answered", "Open"}, rows)
	if len(b.m.Catalogs) == 0 {
		return
	}

	p.heading(2, "Catalogues")
	p.say("What the model says of the active entries of each catalogue, and of each baseline or other selection that its publisher makes. A control is at risk where a threat, a feature or a component puts it at risk, and resistant where the design resists; an entry of another list of threats is covered where a threat answers all of it. What is excluded has a reason. Nothing is said of those not assessed.")
	p.coverageTable(true)

	p.heading(2, "Heat maps")
	p.say("What is at risk has the colour of the highest risk as installed of its threats; the words say the same.")
	for _, id := range model.Keys(b.m.Catalogs) {
		p.diagrams("coverage-" + id)
	}
}

// coverageTable counts the entries of each catalogue by what the model says of them, and those of each selection as well
// where asked.
func (p *page) coverageTable(selections bool) {
	var rows [][]string
	for _, id := range model.Keys(p.b.m.Catalogs) {
		cov := p.b.f.Coverage[id]
		if cov == nil {
			continue
		}
		rows = append(rows, append([]string{p.catalog(id)}, counts(cov.Baselines[""])...))
		if !selections {
			continue
		}
		for _, tag := range tags(cov) {
			rows = append(rows, append([]string{p.catalog(id) + ", " + escape(tag)}, counts(cov.Baselines[tag])...))
		}
	}
	p.table(stateHeadings("Catalogue"), rows)
}
