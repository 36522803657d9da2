package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/journal"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/sheet"
)

func importCommand(s *schema.Schema, to streams) *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "take an edited workbook, or CSV files, back into the model's source",
		ArgsUsage: "FILE.xlsx|FILE.csv|FOLDER",
		Description: "Only what was edited since the export changes, and in the source only the literals that hold it. When anything cannot\n" +
			"be placed, every fault is told with its sheet, row and column, and nothing is written.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "write nothing; print what would change in the source as a unified diff"},
			&cli.BoolFlag{Name: "clear", Usage: "let empty cells take optional fields away"},
			&cli.BoolFlag{Name: "prune", Usage: "let rows that are gone take their entries away"},
			&cli.BoolFlag{Name: "ours", Usage: "where both sides changed, keep what the source says"},
			&cli.BoolFlag{Name: "theirs", Usage: "where both sides changed, take what the sheet says"},
			&cli.StringFlag{Name: "report", Usage: "where both sides changed, decide by `FILE`; where it is not there yet, write it, to be filled in"},
			&cli.StringFlag{Name: "partial", Usage: "take the rows that are whole, and write the others to the workbook `FILE`, with what is missing"},
			&cli.StringFlag{Name: "base", Usage: "what was exported is in `FILE` (a workbook, or a folder of CSV files)"},
			&cli.BoolFlag{Name: "no-base", Usage: "take every difference for an edit where it is not known what was exported"},
			&cli.StringFlag{Name: "model", Usage: "the file is of the model `NAME`"},
			formatFlag(),
		},
		Action: func(c *cli.Context) error {
			if _, err := formatOf(c); err != nil {
				return err
			}
			if c.NArg() != 1 {
				return usage("import takes one file or folder")
			}
			if c.Bool("ours") && c.Bool("theirs") {
				return usage("--ours and --theirs exclude each other")
			}
			req := sheet.Request{Dir: ".", Schema: s, Model: c.String("model"), Partial: c.String("partial") != "",
				Options: sheet.Options{Clear: c.Bool("clear"), Prune: c.Bool("prune"), NoBase: c.Bool("no-base")},
				Book:    func() (*sheet.Book, error) { return sheet.Read(c.Args().First()) }}
			if base := c.String("base"); base != "" {
				req.Base = func() (*sheet.Book, error) { return sheet.Read(base) }
			}
			switch {
			case c.Bool("ours"):
				req.Prefer = sheet.Ours
			case c.Bool("theirs"):
				req.Prefer = sheet.Theirs
			}
			im := &importing{cli: c, io: to}
			if err := im.decisions(&req); err != nil {
				return err
			}
			out, err := sheet.Import(req)
			var refused *sheet.Refused
			if errors.As(err, &refused) {
				return &exit{code: exitFindings, msg: refused.Message, hint: refused.Hint}
			}
			if err != nil {
				return err
			}
			return im.finish(out)
		},
	}
}

// importing is one import on its way to the files.
type importing struct {
	cli *cli.Context
	io  streams
	// undecided says that the report of conflicts is still to be written.
	undecided bool
}

// decisions reads the report of conflicts, where there is one already.
func (im *importing) decisions(req *sheet.Request) error {
	name := im.cli.String("report")
	if name == "" {
		return nil
	}
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		im.undecided = true
		return nil
	}
	book, err := sheet.Read(name)
	if err != nil {
		return err
	}
	req.Decisions, err = sheet.Decisions(book)
	var refused *sheet.Refused
	if errors.As(err, &refused) {
		return usage("%s", refused.Message)
	}
	return err
}

// finish tells what came of an import, and writes it.
func (im *importing) finish(out *sheet.Outcome) error {
	if len(out.Findings) > 0 {
		if err := finding.Text(im.io.err, out.Findings); err != nil {
			return err
		}
		return &exit{code: exitFindings, msg: "nothing was written, since the model has errors of its own"}
	}
	if err := im.tell(out); err != nil {
		return err
	}
	if len(out.Conflicts) > 0 {
		return im.conflicts(out)
	}
	if n := len(out.Faults); n > 0 && out.Files == nil {
		e := &exit{code: exitFindings, msg: fmt.Sprintf("nothing was written: %s to mend", count(n, "fault", "faults")), hint: "mend them in the sheet"}
		if !im.cli.IsSet("partial") {
			e.hint += "; --partial FILE takes the rows that are whole"
		}
		return e
	}
	did := im.write
	if im.cli.Bool("dry-run") {
		did = im.diff
	}
	if err := did(out); err != nil {
		return err
	}
	if n := len(out.Aside); n > 0 {
		return &exit{code: exitFindings, msg: fmt.Sprintf("%s left aside for %s", count(n, "row", "rows"), im.cli.String("partial"))}
	}
	return nil
}

// conflicts says how conflicts are decided, and writes the report of them where there is none yet.
func (im *importing) conflicts(out *sheet.Outcome) error {
	name := im.cli.String("report")
	e := &exit{code: exitFindings, msg: fmt.Sprintf("nothing was imported: %s to decide", count(len(out.Conflicts), "conflict", "conflicts")),
		hint: "--ours or --theirs decides all, --report FILE one by one"}
	if name != "" {
		e.hint = fmt.Sprintf("fill in the last column of %s with ours or theirs, and run the same command again", name)
	}
	if !im.undecided {
		return e
	}
	report, err := sheet.Report(out.Conflicts)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, report, 0o644); err != nil {
		return err
	}
	return e
}

// tell prints what there is to say beside the edits to standard error, or all of it as JSON to standard output.
func (im *importing) tell(out *sheet.Outcome) error {
	if im.json() {
		if out.Edits == nil {
			out.Edits = []sheet.Edit{} // no edits are a list too
		}
		return printJSON(im.io.out, out)
	}
	for _, r := range out.Remarks {
		fmt.Fprintf(im.io.err, "remark: %s\n", r)
	}
	for _, n := range out.Notes {
		fmt.Fprintf(im.io.err, "note: %s\n", n)
		hint(im.io, n.Hint)
	}
	for _, c := range out.Conflicts {
		fmt.Fprintf(im.io.err, "conflict: %s\n", c)
	}
	for _, f := range out.Faults {
		fmt.Fprintf(im.io.err, "error: %s\n", f)
		hint(im.io, f.Hint)
	}
	return nil
}

func hint(to streams, text string) {
	if text != "" {
		fmt.Fprintln(to.err, "  hint:", text)
	}
}

func (im *importing) json() bool { return im.cli.String("format") == "json" }

// diff prints what would change in the files. JSON has the edits instead.
func (im *importing) diff(out *sheet.Outcome) error {
	if im.json() {
		return nil
	}
	for _, name := range model.Keys(out.Files) {
		rel, err := filepath.Rel(out.Root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if _, err := im.io.out.Write(diff.Diff("a/"+rel+"\t", out.Files[name].Old, "b/"+rel+"\t", out.Files[name].New)); err != nil {
			return err
		}
	}
	im.count(out, "would change")
	return nil
}

// count says how much was done.
func (im *importing) count(out *sheet.Outcome, did string) {
	if len(out.Edits) == 0 {
		fmt.Fprintln(im.io.err, "tmkit: nothing to change")
		return
	}
	fmt.Fprintf(im.io.err, "tmkit: %s %s %s\n", count(len(out.Edits), "edit", "edits"), did, count(len(out.Files), "file", "files"))
}

// write changes the files, and writes the rows that are left aside.
func (im *importing) write(out *sheet.Outcome) error {
	var rest string
	if len(out.Aside) > 0 {
		var err error
		if rest, err = staged(im.cli.String("partial"), out.WriteRest); err != nil {
			return err
		}
		defer func() { _ = os.Remove(rest) }() // it is there only when something failed
	}
	files := map[string]journal.Change{}
	for name, edit := range out.Files {
		files[name] = journal.Change{Old: edit.Old, New: edit.New}
	}
	if len(files) > 0 {
		if err := journal.Write(out.Root, files); err != nil {
			return err
		}
	}
	if rest != "" {
		if err := os.Rename(rest, im.cli.String("partial")); err != nil {
			return err
		}
	}
	if !im.json() {
		for _, e := range out.Edits {
			fmt.Fprintln(im.io.out, e)
		}
	}
	im.count(out, "changed")
	return nil
}

// staged writes a file beside its place, and returns where.
func staged(name string, write func(io.Writer) error) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".tmkit-*")
	if err != nil {
		return "", err
	}
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
