package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/verify"
	"github.com/tmkit/tmkit/pkg/vet"
)

// shownDifferences is how many differences of a folder are shown unless all are asked for.
const shownDifferences = 50

func verifyCommand(s *schema.Schema, io streams) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "read outputs back and compare every record and field with the model",
		ArgsUsage: "[DIR...]",
		Description: "DIR is a folder that export wrote, such as exports/my-model; the default are all folders in exports. What is\n" +
			"verified is said by the manifest there: the model, profile and audience.",
		Flags: []cli.Flag{
			formatFlag(),
			&cli.BoolFlag{Name: "all", Usage: fmt.Sprintf("show all differences, not only the first %d of a folder", shownDifferences)},
		},
		Action: func(c *cli.Context) error {
			format, err := formatOf(c)
			if err != nil {
				return err
			}
			dirs := c.Args().Slice()
			if len(dirs) == 0 {
				if dirs, err = exportedFolders("exports"); err != nil {
					return err
				}
			}
			models, err := soundModels(io, s)
			if err != nil {
				return err
			}
			var reports []*verify.Report
			differences := 0
			for _, dir := range dirs {
				report, err := verify.Run(dir, models, s)
				var fault *verify.Fault
				if errors.As(err, &fault) {
					return &exit{code: exitFailure, msg: err.Error(), hint: fault.Hint}
				}
				if err != nil {
					return err
				}
				reports = append(reports, report)
				differences += len(report.Differences())
			}
			if format == "json" {
				err = printJSON(io.out, reports)
			} else {
				err = printReports(io, reports, c.Bool("all"))
			}
			if err != nil {
				return err
			}
			if differences > 0 {
				return &exit{code: exitFindings, msg: "the outputs are not what the model says: " + count(differences, "difference", "differences"),
					hint: "run tmkit export where the model is right"}
			}
			return nil
		},
	}
}

// exportedFolders are the folders below that of the outputs.
func exportedFolders(base string) ([]string, error) {
	entries, err := os.ReadDir(base)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, path.Join(base, e.Name()))
		}
	}
	if len(dirs) == 0 {
		return nil, &exit{code: exitFailure, msg: "there are no outputs in " + base, hint: "run tmkit export, or name the folder of a model's outputs"}
	}
	return dirs, nil
}

// soundModels loads all models that have no errors. Where one has, nothing can be said of any output.
func soundModels(io streams, s *schema.Schema) ([]*model.Model, error) {
	report, err := vet.Run(load.Options{Dir: ".", Schema: s})
	if err != nil {
		return nil, err
	}
	if finding.Errors(report.Findings) > 0 {
		if err := finding.Text(io.err, report.Findings); err != nil {
			return nil, err
		}
		return nil, &exit{code: exitFindings, msg: "nothing was verified, since the model has errors"}
	}
	var models []*model.Model
	for _, m := range append(report.Exported("public"), report.Exported("embargo")...) {
		models = append(models, m.Model)
	}
	return models, nil
}

// printReports writes for each folder what was read, and in what it differs from the model.
func printReports(out streams, reports []*verify.Report, all bool) error {
	for i, report := range reports {
		if i > 0 {
			fmt.Fprintln(out.out)
		}
		fmt.Fprintln(out.out, report.Dir)
		if err := printResults(out.out, report.Results); err != nil {
			return err
		}
		for _, note := range report.Notes {
			fmt.Fprintln(out.err, "tmkit: "+report.Dir+": "+note)
		}
		differences := report.Differences()
		shown := len(differences)
		if !all {
			shown = min(shown, shownDifferences)
		}
		for _, d := range differences[:shown] {
			fmt.Fprintln(out.out, report.Dir+"/"+d.String())
		}
		if left := len(differences) - shown; left > 0 {
			fmt.Fprintf(out.out, "and %s; --all shows them\n", count(left, "more difference", "more differences"))
		}
	}
	return nil
}

// printResults writes a table, a line for each format.
func printResults(w io.Writer, results []verify.Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "format\tfiles\trecords\tfields\trelations\tmissing\textra\tdifferent\t")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", r.Format, r.Files, r.Records, r.Fields, r.Relations,
			r.Count(verify.Missing), r.Count(verify.Extra), r.Count(verify.Different))
	}
	return t.Flush()
}
