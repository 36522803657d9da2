package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

func vetCommand(s *schema.Schema, io streams) *cli.Command {
	return &cli.Command{
		Name:      "vet",
		Usage:     "evaluate packages and report what is wrong with them",
		ArgsUsage: "[PACKAGE...]",
		Flags: []cli.Flag{
			formatFlag(),
			&cli.BoolFlag{Name: "strict", Usage: "fail on warnings too"},
		},
		Action: func(c *cli.Context) error {
			format, err := formatOf(c)
			if err != nil {
				return err
			}
			report, err := vet.Run(load.Options{Dir: ".", Patterns: c.Args().Slice(), Schema: s})
			if err != nil {
				return err
			}
			if format == "json" {
				err = finding.JSON(io.out, report.Findings)
			} else {
				err = finding.Text(io.out, report.Findings)
			}
			if err != nil {
				return err
			}
			// A note asks for nothing yet, so it never fails a run.
			warnings := finding.Count(report.Findings, finding.Warning)
			if finding.Errors(report.Findings) > 0 || c.Bool("strict") && warnings > 0 {
				return findings
			}
			if format == "text" && warnings == 0 {
				clean := count(len(report.Models), "model is", "models are") + " clean"
				if notes := finding.Count(report.Findings, finding.Note); notes > 0 {
					clean += ", with " + count(notes, "note", "notes")
				}
				fmt.Fprintf(io.err, "tmkit: %s\n", clean)
			}
			return nil
		},
	}
}

// count returns the number with the word that fits it.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
