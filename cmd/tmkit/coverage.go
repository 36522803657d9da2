package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// measured is one model as coverage tells it.
type measured struct {
	Model   string `json:"model"`
	Version string `json:"version"`
	Profile string `json:"profile,omitempty"`
	// Sizes count the entries of each kind.
	Sizes        map[model.Kind]int  `json:"sizes"`
	Completeness []analysis.Question `json:"completeness"`
	Catalogues   []measuredCatalogue `json:"catalogues"`
}

// measuredCatalogue is what a model says of a catalogue, selection by selection; the first is the whole catalogue.
type measuredCatalogue struct {
	ID         string               `json:"id"`
	Title      string               `json:"title"`
	Kind       string               `json:"kind"`
	Version    string               `json:"version"`
	Selections []analysis.Selection `json:"selections"`
	// Entries are told when one catalogue is asked for.
	Entries []measuredEntry `json:"entries,omitempty"`
}

// measuredEntry is an active entry of a catalogue.
type measuredEntry struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	State   analysis.State `json:"state"`
	Threats []string       `json:"threats,omitempty"`
	// Subjects are the features, components and tensions that say so beside the threats.
	Subjects []string `json:"subjects,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	// Candidates are what crosswalks suggest for an entry that is not assessed.
	Candidates []analysis.Candidate `json:"candidates,omitempty"`
}

// why says in a line why the entry has its state, or what a crosswalk suggests.
func (e measuredEntry) why() string {
	var by []string
	for _, c := range e.Candidates {
		by = append(by, c.Entry)
	}
	if len(by) > 0 {
		return "candidate by way of " + strings.Join(by, ", ")
	}
	return cmp.Or(e.Reason, strings.Join(slices.Concat(e.Threats, e.Subjects), ", "))
}

func coverageCommand(s *schema.Schema, out streams) *cli.Command {
	return &cli.Command{
		Name:      "coverage",
		Usage:     "count what a model holds, what its entries lack, and what it says of each catalogue",
		ArgsUsage: "[PACKAGE...]",
		Flags: []cli.Flag{
			formatFlag(),
			&cli.StringFlag{Name: "catalogue", Usage: "list the entries of the catalogue `ID`"},
			&cli.StringFlag{Name: "baseline", Usage: "list only those of the baseline or other selection `TAG`; needs --catalogue"},
			&cli.StringFlag{Name: "profile", Usage: "count the model as it is for the installations that `PROFILE` stands for"},
		},
		Action: func(c *cli.Context) error {
			catalogue, tag := c.String("catalogue"), c.String("baseline")
			if tag != "" && catalogue == "" {
				return usage("--baseline needs --catalogue: name the catalogue that it is a selection of")
			}
			models, err := models(c, s, c.Args().Slice())
			if err != nil {
				return err
			}
			all := []measured{}
			var catalogues []string
			for _, l := range models {
				m := l.Model
				if profile := c.String("profile"); profile != "" {
					if m.Profiles[profile] == nil && len(models) > 1 {
						continue // another model has it, or none has, which is told below
					}
					if m, err = analysis.Project(m, profile); err != nil {
						return &exit{code: exitUsage, msg: err.Error()}
					}
				}
				catalogues = append(catalogues, model.Keys(m.Catalogs)...)
				if catalogue != "" && m.Catalogs[catalogue] == nil {
					continue
				}
				x, err := measure(m, catalogue, tag)
				if err != nil {
					return err
				}
				x.Profile = c.String("profile")
				all = append(all, x)
			}
			switch {
			case len(all) == 0 && len(catalogues) == 0 && c.String("profile") != "":
				return usage("no model has a profile %q", c.String("profile"))
			case len(all) == 0 && catalogue != "":
				return unknown("no catalogue", catalogue, catalogues)
			case c.String("format") == "json":
				return printJSON(out.out, all)
			}
			for i, x := range all {
				if i > 0 {
					fmt.Fprintln(out.out)
				}
				if err := x.print(out.out, catalogue != ""); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// measure counts a model: all its catalogues, or one of them with its entries.
func measure(m *model.Model, catalogue, tag string) (measured, error) {
	f := analysis.Derive(m)
	x := measured{Model: m.Metadata.Name, Version: m.Metadata.Version, Sizes: map[model.Kind]int{}, Completeness: f.Completeness, Catalogues: []measuredCatalogue{}}
	for _, k := range model.Kinds() {
		if n := len(m.IDs(k)); n > 0 && k != model.Inbox {
			x.Sizes[k] = n
		}
	}
	for _, id := range model.Keys(m.Catalogs) {
		if catalogue != "" && id != catalogue {
			continue
		}
		catalog, cov := m.Catalogs[id], f.Coverage[id]
		if tag != "" && cov.Baselines[tag] == nil {
			return x, unknown("no selection", tag, model.Keys(cov.Baselines)[1:])
		}
		c := measuredCatalogue{ID: id, Title: catalog.Title, Kind: catalog.Kind, Version: catalog.Version}
		for _, s := range cov.Selections() {
			if tag == "" || s.Name == tag {
				c.Selections = append(c.Selections, s)
			}
		}
		if catalogue != "" {
			entries := model.Keys(cov.Entries)
			slices.SortFunc(entries, model.Natural)
			for _, entry := range entries {
				e := catalog.Entries[entry]
				if e == nil || e.Status != "active" || tag != "" && !slices.Contains(e.Tags, tag) {
					continue
				}
				said := cov.Entries[entry]
				c.Entries = append(c.Entries, measuredEntry{entry, e.Title, said.State, said.Threats, said.Others(), said.Reason, said.Candidates})
			}
		}
		x.Catalogues = append(x.Catalogues, c)
	}
	return x, nil
}

// print writes a model's numbers as tables, or the entries of its one catalogue.
func (x measured) print(w io.Writer, entries bool) error {
	title := x.Model + " " + x.Version
	if x.Profile != "" {
		title += ", profile " + x.Profile
	}
	fmt.Fprintln(w, title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if entries {
		fmt.Fprintln(t, "\nentry\tstate\ttitle\twhy")
		for _, e := range x.Catalogues[0].Entries {
			line(t, e.ID, string(e.State), e.Title, e.why())
		}
		return t.Flush()
	}
	fmt.Fprintln(t, "\nkind\tentries")
	for _, k := range model.Kinds() {
		if x.Sizes[k] > 0 {
			fmt.Fprintf(t, "%s\t%d\n", k, x.Sizes[k])
		}
	}
	fmt.Fprintln(t, "\nquestion\tasked of\topen")
	for _, q := range x.Completeness {
		line(t, q.ID, fmt.Sprint(q.Asked), fmt.Sprint(len(q.Open)), strings.Join(q.Open, ", "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprint(t, "\ncatalogue\tselection\tactive")
	for _, s := range analysis.States() {
		fmt.Fprintf(t, "\t%s", s)
	}
	fmt.Fprintln(t)
	for _, c := range x.Catalogues {
		for _, s := range c.Selections {
			fmt.Fprintf(t, "%s\t%s\t%d", c.ID, s.Name, s.Active)
			for _, state := range analysis.States() {
				fmt.Fprintf(t, "\t%d", s.States[state])
			}
			fmt.Fprintln(t)
		}
	}
	return t.Flush()
}

// line writes the cells of a row; an empty last one leaves no blanks behind.
func line(w io.Writer, cells ...string) {
	if n := len(cells); cells[n-1] == "" {
		cells = cells[:n-1]
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}
