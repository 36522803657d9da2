package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/journal"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/scaffold"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

func newCommand(s *schema.Schema, io streams) *cli.Command {
	return &cli.Command{
		Name:      "new",
		Usage:     "make a threat of a workshop's note",
		ArgsUsage: "threat [ID] --from NOTE [PACKAGE...]",
		Description: "The note leaves the inbox, and its words become the title and the description of a threat beside the others. What a threat\n" +
			"needs besides stands there as comments, for its author. Where no ID is given, the next one is taken.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "the `ID` of the note; tmkit list inbox shows them"},
			&cli.StringFlag{Name: "theme", Usage: "the `ID` of the threat's theme"},
		},
		Action: func(c *cli.Context) error {
			kind, err := kindOf(c.Args().First())
			if err != nil {
				return err
			}
			if kind != model.Threats {
				return usage("new makes threats only, no %s", kind)
			}
			id, patterns := "", c.Args().Tail()
			if len(patterns) > 0 && !isPackage(patterns[0]) {
				id, patterns = patterns[0], patterns[1:]
			}
			if want := s.Def("#ThreatID").Check(id); id != "" && want != "" {
				return usage("the id %q will not do: it must be %s", id, want)
			}
			if c.String("from") == "" {
				return &exit{code: exitUsage, msg: "name the note that becomes a threat, with --from ID", hint: "tmkit list inbox shows them"}
			}
			report, err := vet.Run(load.Options{Dir: ".", Patterns: patterns, Schema: s})
			if err != nil {
				return err
			}
			m, err := noted(report, c.String("from"))
			if err != nil {
				return err
			}
			if id, err = free(m.Model, id, c.String("theme")); err != nil {
				return err
			}
			return promote(report, m, scaffold.Promote(s, m.Model.Inbox[c.String("from")], id, c.String("theme")), s, io)
		},
	}
}

// isPackage tells packages from ids.
func isPackage(arg string) bool { return strings.HasPrefix(arg, ".") || strings.Contains(arg, "/") }

// noted finds the model that has a note: of the public ones, or else of the others. Faults of a model do not keep a note
// from becoming a threat, since one that became a threat before is such a fault until it is complete.
func noted(report *vet.Report, note string) (*load.Loaded, error) {
	var known, names []string
	var found []*load.Loaded
	models := append(report.Exported("public"), report.Exported("embargo")...)
	for _, m := range models {
		known = append(known, m.Model.IDs(model.Inbox)...)
		if m.Model.Inbox[note] != nil && (len(found) == 0 || found[0].Model.Metadata.Audience == m.Model.Metadata.Audience) {
			found = append(found, m)
			names = append(names, m.Package)
		}
	}
	switch {
	case len(models) == 0:
		return nil, &exit{code: exitFindings, msg: "no package here has a model that can be read", hint: "run tmkit vet"}
	case len(known) == 0:
		return nil, &exit{code: exitUsage, msg: fmt.Sprintf("there is no note %q, since no inbox here has any", note), hint: "an entry of inbox needs a title only"}
	case len(found) == 0:
		return nil, unknown("no inbox has the note", note, known)
	case len(found) > 1:
		return nil, &exit{code: exitUsage, msg: fmt.Sprintf("several models have the note %q: %s", note, strings.Join(names, ", ")), hint: "name the package of one"}
	}
	return found[0], nil
}

// free returns the id of a new threat: the given one, if it is free, or the next.
func free(m *model.Model, id, theme string) (string, error) {
	if theme != "" && m.Themes[theme] == nil {
		return "", unknown("no theme has the id", theme, m.IDs(model.Themes))
	}
	next := m.NextThreat(theme)
	switch {
	case id == "":
		return next, nil
	case m.Threats[id] != nil:
		return "", &exit{code: exitUsage, msg: fmt.Sprintf("the id %s is taken by %q", id, m.Threats[id].Title), hint: "the next one is " + next}
	case m.Retired[id] != nil:
		return "", &exit{code: exitUsage, msg: fmt.Sprintf("the id %s was retired; ids are never used again", id), hint: "the next one is " + next}
	}
	return id, nil
}

// promote writes a threat and takes its note away.
func promote(report *vet.Report, m *load.Loaded, t *scaffold.Threat, s *schema.Schema, io streams) error {
	editor := report.Editor(m, s)
	editor.Comment = t.Comment
	edits, refusals, err := editor.Apply(t.Changes)
	if err != nil {
		return err
	}
	if len(refusals) > 0 {
		r := refusals[0]
		return &exit{code: exitFindings, msg: fmt.Sprintf("nothing was written: %s: %s %s", m.Relative(r.Position), strings.Join(r.Change.Path, "."), r.Reason), hint: r.Hint}
	}
	files := map[string]journal.Change{}
	for name, edit := range edits {
		files[name] = journal.Change{Old: edit.Old, New: edit.New}
	}
	if err := journal.Write(report.Root, files); err != nil {
		return err
	}
	fmt.Fprintln(io.out, t.ID)
	var needs []string
	for _, f := range t.Missing {
		needs = append(needs, f.Name)
	}
	fmt.Fprintf(io.err, "tmkit: %s needs: %s; tmkit vet says what is missing\n", t.ID, strings.Join(needs, ", "))
	return nil
}
