package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

func exportCommand(s *schema.Schema, io streams) *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write a model as JSON, CSV, a workbook, Markdown pages and Mermaid diagrams",
		ArgsUsage: "[PACKAGE...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Value: "exports", Usage: "write below `DIR`, into a folder named as the model"},
			&cli.StringFlag{Name: "only", Usage: "write only these `FORMATS`, joined by commas: " + formatNames()},
			&cli.StringFlag{Name: "profile", Usage: "write the model as it is for the installations that `PROFILE` stands for"},
			&cli.StringFlag{Name: "audience", Value: "public", Usage: "write models for `AUDIENCE`: public or embargo"},
			&cli.BoolFlag{Name: "check", Usage: "write nothing; fail when the files there are not current"},
			&cli.BoolFlag{Name: "csv-raw", Usage: "do not guard CSV cells that sheets take for formulas; for programs only, never for sheets"},
		},
		Action: func(c *cli.Context) error {
			o := export.Options{Profile: c.String("profile"), CSV: csv.Guarding(!c.Bool("csv-raw"))}
			for _, name := range strings.FieldsFunc(c.String("only"), func(r rune) bool { return r == ',' || r == ' ' }) {
				if !slices.Contains(export.Formats(), export.Format(name)) {
					return usage("unknown format %q; use %s", name, formatNames())
				}
				o.Only = append(o.Only, export.Format(name))
			}
			audience := c.String("audience")
			if audience != "public" && audience != "embargo" {
				return usage("unknown audience %q; use public or embargo", audience)
			}
			report, err := vet.Run(load.Options{Dir: ".", Patterns: c.Args().Slice(), Schema: s})
			if err != nil {
				return err
			}
			if finding.Errors(report.Findings) > 0 {
				if err := finding.Text(io.err, report.Findings); err != nil {
					return err
				}
				return &exit{code: exitFindings, msg: "nothing was written, since the model has errors"}
			}
			models := report.Exported(audience)
			if len(models) == 0 {
				return &exit{code: exitFailure, msg: "no package here has a model for the audience " + audience, hint: "tmkit vet shows which packages were found"}
			}
			// Only the models are kept: what CUE and the parser made of their sources is most of the memory.
			parts := make([]part, len(models))
			for i, m := range models {
				parts[i] = part{m.Package, m.Model}
			}
			roomForOutputs()
			return exportModels(c, io, s, parts, o)
		},
	}
}

// roomForOutputs gives back what evaluating took, and then lets the heap grow more between collections: outputs are made
// of many short-lived pieces, and the room is there. At 5,000 threats it saves a fifth of the time.
func roomForOutputs() {
	if os.Getenv("GOGC") == "" {
		runtime.GC()
		debug.SetGCPercent(300)
	}
}

// part is a model and the package that it comes from.
type part struct {
	pkg   string
	model *model.Model
}

// exportModels makes all outputs before it writes the first, so that a fault in one model leaves every file as it was.
func exportModels(c *cli.Context, io streams, s *schema.Schema, models []part, o export.Options) error {
	var all []*export.Outputs
	for _, m := range models {
		out, err := export.Build(m.model, s, o)
		var fault *analysis.ProjectFault
		if errors.As(err, &fault) && fault.Path == "" && len(models) > 1 {
			continue // another model has the profile, or none has, which is told below
		}
		if errors.As(err, &fault) {
			return &exit{code: exitUsage, msg: err.Error()}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.pkg, err)
		}
		all = append(all, out)
	}
	if len(all) == 0 {
		return usage("no model has a profile %q", o.Profile)
	}
	seen := map[string]bool{}
	for _, out := range all {
		if seen[out.Dir] {
			return &exit{code: exitFindings, msg: fmt.Sprintf("two models would be written to %s", filepath.Join(c.String("out"), out.Dir)), hint: "give them different metadata: name"}
		}
		seen[out.Dir] = true
	}
	if c.Bool("check") {
		return checkExports(c, io, all)
	}
	for _, out := range all {
		if err := out.Write(c.String("out")); err != nil {
			return err
		}
		fmt.Fprintf(io.err, "tmkit: wrote %s to %s\n", count(len(out.Files)+1, "file", "files"), filepath.ToSlash(filepath.Join(c.String("out"), out.Dir)))
	}
	return nil
}

func checkExports(c *cli.Context, io streams, all []*export.Outputs) error {
	stale := 0
	for _, out := range all {
		faults, err := out.Check(c.String("out"))
		if err != nil {
			return err
		}
		for _, f := range faults {
			fmt.Fprintln(io.out, f)
		}
		stale += len(faults)
	}
	if stale > 0 {
		return &exit{code: exitFindings, msg: count(stale, "export is", "exports are") + " not current", hint: "run " + again(c) + " and commit what it writes"}
	}
	fmt.Fprintf(io.err, "tmkit: exports of %s are current\n", count(len(all), "model", "models"))
	return nil
}

func formatNames() string {
	var names []string
	for _, f := range export.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ",")
}

// again is the command that writes what --check looked at.
func again(c *cli.Context) string {
	command := "tmkit export"
	for _, flag := range []string{"profile", "audience", "only", "out"} {
		if c.IsSet(flag) {
			command += " --" + flag + " " + c.String(flag)
		}
	}
	return command
}
