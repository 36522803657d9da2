package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

// listed is one entry as list tells it.
type listed struct {
	ID       string           `json:"id"`
	Kind     string           `json:"kind"`
	Title    string           `json:"title"`
	Model    string           `json:"model"`
	Risk     model.Level      `json:"risk,omitempty"`
	Status   analysis.Status  `json:"status,omitempty"`
	Position finding.Position `json:"position"`
}

func listCommand(s *schema.Schema, out streams) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Usage:     "list the entries of a kind, such as threats, and where they are written",
		ArgsUsage: "KIND [PACKAGE...]",
		Flags:     []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			kind, err := kindOf(c.Args().First())
			if err != nil {
				return err
			}
			models, err := models(c, s, c.Args().Tail())
			if err != nil {
				return err
			}
			all := []listed{}
			for _, m := range models {
				facts := analysis.Derive(m.Model)
				for _, id := range m.Model.IDs(kind) {
					l := listed{ID: id, Kind: string(kind), Title: m.Model.Title(kind, id), Model: m.Model.Metadata.Name, Position: m.Entry(kind, id)}
					if f := facts.Threats[id]; f != nil && kind == model.Threats {
						l.Risk, l.Status = f.AsInstalled.Risk, f.Status
					}
					all = append(all, l)
				}
			}
			if c.String("format") == "json" {
				return printJSON(out.out, all)
			}
			w := tabwriter.NewWriter(out.out, 0, 0, 2, ' ', 0)
			for _, l := range all {
				if kind == model.Threats {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.ID, l.Risk, l.Status, l.Title, l.Position)
				} else {
					fmt.Fprintf(w, "%s\t%s\t%s\n", l.ID, l.Title, l.Position)
				}
			}
			return w.Flush()
		},
	}
}

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Value: "text", Usage: "how to report: `FORMAT` is text or json"}
}

func formatOf(c *cli.Context) (string, error) {
	format := c.String("format")
	if format != "text" && format != "json" {
		return "", usage("unknown format %q; use text or json", format)
	}
	return format, nil
}

// models loads the packages for commands that look entries up. Faults of the model do not keep them from looking, but
// those that keep a package from being read do.
func models(c *cli.Context, s *schema.Schema, patterns []string) ([]*load.Loaded, error) {
	if _, err := formatOf(c); err != nil {
		return nil, err
	}
	report, err := vet.Run(load.Options{Dir: ".", Patterns: patterns, Schema: s})
	if err != nil {
		return nil, err
	}
	models := append(report.Exported("public"), report.Exported("embargo")...)
	if len(models) == 0 {
		e := &exit{code: exitFindings, msg: "no package here has a model that can be read", hint: "run tmkit vet"}
		return nil, e
	}
	return models, nil
}

func kindOf(name string) (model.Kind, error) {
	var names []string
	for _, k := range model.Kinds() {
		if name == string(k) || name == k.Singular() {
			return k, nil
		}
		names = append(names, string(k))
	}
	if name == "" {
		return "", usage("name a kind: %s", strings.Join(names, ", "))
	}
	return "", unknown("unknown kind", name, names)
}

// unknown says that a word is not among those that would do, and which is near.
func unknown(problem, word string, known []string) error {
	known = slices.Clone(known)
	slices.Sort(known)
	known = slices.Compact(known)
	e := &exit{code: exitUsage, msg: fmt.Sprintf("%s %q; there are: %s", problem, word, strings.Join(known, ", "))}
	if near := finding.Suggest(word, known); near != "" {
		e.hint = "did you mean " + near + "?"
	}
	return e
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// allIDs returns the ids of all models, for suggestions.
func allIDs(models []*load.Loaded) []string {
	var ids []string
	for _, m := range models {
		for id := range model.NewIndex(m.Model) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
