package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// shown is one entry as show tells it in JSON.
type shown struct {
	Kind         string                   `json:"kind"`
	Entry        any                      `json:"entry"`
	Derived      any                      `json:"derived,omitempty"`
	ReferencedBy []analysis.BackReference `json:"referencedBy,omitempty"`
	Position     finding.Position         `json:"position"`
}

func showCommand(s *schema.Schema, out streams) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show all that is known of an entry, and where it is written",
		ArgsUsage: "ID [PACKAGE...]",
		Flags:     []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			id := c.Args().First()
			if id == "" {
				return usage("name an entry, such as K8S-STATE-001 or kube-apiserver")
			}
			models, err := models(c, s, c.Args().Tail())
			if err != nil {
				return err
			}
			for _, m := range models {
				if kind, ok := model.NewIndex(m.Model)[id]; ok {
					if c.String("format") == "json" {
						return showJSON(out.out, m, kind, id)
					}
					return showText(out.out, s, m, kind, id)
				}
			}
			e := &exit{code: exitFindings, msg: fmt.Sprintf("no entry has the id %q", id), hint: "tmkit list KIND lists what there is"}
			if near := finding.Suggest(id, allIDs(models)); near != "" {
				e.hint = "did you mean " + near + "?"
			}
			return e
		},
	}
}

func showJSON(w io.Writer, m *load.Loaded, kind model.Kind, id string) error {
	facts := analysis.Derive(m.Model)
	sh := shown{Kind: string(kind), Entry: entry(m.Model, kind, id), ReferencedBy: facts.References[id], Position: m.Entry(kind, id)}
	switch kind {
	case model.Threats:
		sh.Derived = facts.Threats[id]
	case model.Flows:
		sh.Derived = facts.Flows[id]
	case model.AttackTrees:
		sh.Derived = facts.Trees[id]
	}
	return printJSON(w, sh)
}

// entry returns an entry as it stands in model.json.
func entry(m *model.Model, kind model.Kind, id string) any {
	b, err := json.Marshal(m.Collection(kind).Interface())
	if err != nil {
		return nil
	}
	var all map[string]any
	if json.Unmarshal(b, &all) != nil {
		return nil
	}
	return all[id]
}

// showText prints the entry's row and the rows about it in the tables of relations.
func showText(w io.Writer, s *schema.Schema, m *load.Loaded, kind model.Kind, id string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s of %s, written at %s\n", id, finding.Article(kind.Singular()), m.Model.Metadata.Name, m.Entry(kind, id))
	facts := analysis.Derive(m.Model)
	own := s.Model.Field(string(kind)).Table.Name
	tables := table.Build(m.Model, facts, s)
	rows(&b, tables.Table(own), id)
	for _, t := range tables.Tables {
		if t.Name != own && t.Columns[0].Key == "subject" {
			rows(&b, t, id)
		}
	}
	if refs := facts.References[id]; len(refs) > 0 {
		fmt.Fprintln(&b, "\nReferred to by:")
		for _, r := range refs {
			fmt.Fprintf(&b, "  %s (%s)\n", r.ID, r.Field)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// rows prints the rows of a table that are about an entry. Rows of relations are headed by what they relate it to.
func rows(b *strings.Builder, t *table.Table, id string) {
	for _, row := range t.Rows {
		if row[0] != id {
			continue
		}
		if t.Keys > 1 {
			fmt.Fprintf(b, "\n%s: %s\n", t.Title, strings.Join(row[1:t.Keys], " "))
		}
		cells(b, t, row)
	}
}

// cells prints the cells of a row that are not empty, under their headings.
func cells(b *strings.Builder, t *table.Table, row []string) {
	for i := t.Keys; i < len(row); i++ {
		if row[i] == "" || strings.HasPrefix(t.Columns[i].Key, "subject") {
			continue
		}
		text := strings.ReplaceAll(row[i], "\n", "\n      ")
		fmt.Fprintf(b, "  %s: %s\n", strings.TrimSuffix(t.Columns[i].Heading, table.Auto), text)
	}
}
