package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/journal"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/schema"
)

// Rules of what tmkit prints: data goes to standard output, everything else to standard error. Messages begin in lower
// case and have no full stop. A hint on what to do next stands on a line of its own.

// exit is an error that carries its exit code. An empty message prints nothing.
type exit struct {
	code int
	msg  string
	hint string
}

func (e *exit) Error() string { return e.msg }

func usage(format string, args ...any) error {
	return &exit{code: exitUsage, msg: fmt.Sprintf(format, args...)}
}

// findings ends a command that has printed what it found.
var findings = &exit{code: exitFindings}

// run is main without the process.
func run(args []string, stdout, stderr io.Writer) int {
	s, err := schema.V1()
	if err != nil {
		fmt.Fprintln(stderr, "tmkit:", err)
		return exitFailure
	}
	app := newApp(s, streams{stdout, stderr})
	err = app.Run(permute(app, args))
	if err == nil {
		return exitClean
	}
	var e *exit
	if !errors.As(err, &e) {
		e = &exit{code: exitFailure, msg: err.Error()}
		if errors.Is(err, load.ErrNoModule) {
			e.hint = "run tmkit init to start a model here, or go to the folder of one"
		}
	}
	if e.msg != "" {
		fmt.Fprintln(stderr, "tmkit:", e.msg)
	}
	if e.hint != "" {
		fmt.Fprintln(stderr, "  hint:", e.hint)
	}
	return e.code
}

// version is the version of the program. Outputs never hold it.
const version = "0.1.0"

func newApp(s *schema.Schema, io streams) *cli.App {
	app := &cli.App{
		Name:                 "tmkit",
		Usage:                "threat models as code: CUE in; diagrams, pages and sheets out",
		Version:              version + " (schema " + s.Version + ")",
		HideHelpCommand:      true,
		Writer:               io.out,
		ErrWriter:            io.err,
		EnableBashCompletion: true,
		Commands: []*cli.Command{
			initCommand(s, io),
			vetCommand(s, io),
			exportCommand(s, io),
			importCommand(s, io),
			newCommand(s, io),
			listCommand(s, io),
			showCommand(s, io),
			coverageCommand(s, io),
			verifyCommand(s, io),
			schemaCommand(io),
			completionCommand(io),
		},
		// The program's own main decides how to exit.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   usageError,
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return &exit{code: exitUsage, msg: fmt.Sprintf("unknown command %q", name), hint: "tmkit --help lists the commands"}
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = usageError
		if c.Name != "init" && c.Name != "completion" {
			c.Before = func(*cli.Context) error { return recoverModule(io) }
		}
		for _, sub := range c.Subcommands {
			sub.OnUsageError = usageError
		}
	}
	return app
}

// recoverModule settles an import into the module that was interrupted, so that no command works on half of one.
func recoverModule(io streams) error {
	root, _, err := load.ModuleRoot(".")
	if err != nil {
		return nil // a command that needs the module says so better
	}
	what, err := journal.Recover(root)
	if err != nil {
		return &exit{code: exitFailure, msg: "an import that was interrupted cannot be finished: " + err.Error(),
			hint: "undo what was edited since, or delete " + journal.Dir + " to keep the files as they are"}
	}
	if what != "" {
		fmt.Fprintln(io.err, "tmkit:", what)
	}
	return nil
}

func usageError(_ *cli.Context, err error, _ bool) error {
	return &exit{code: exitUsage, msg: err.Error(), hint: "add --help to see what the command takes"}
}

// permute moves flags before arguments, since the cli package stops reading flags at the first argument: without this,
// `import FILE --dry-run` would write.
func permute(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	out := args[:1:1]
	rest := args[1:]
	commands := app.Commands
	flags := app.Flags
	for len(rest) > 0 {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(rest[0]) })
		if i < 0 {
			break
		}
		out = append(out, rest[0])
		flags, commands, rest = commands[i].Flags, commands[i].Subcommands, rest[1:]
	}
	var before, after []string
	for i := 0; i < len(rest); i++ {
		a := rest[i]
		if a == "--" {
			after = append(after, rest[i:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			after = append(after, a)
			continue
		}
		before = append(before, a)
		if name := strings.TrimLeft(a, "-"); !strings.Contains(name, "=") && takesValue(flags, name) && i+1 < len(rest) {
			i++
			before = append(before, rest[i])
		}
	}
	return append(append(out, before...), after...)
}

func takesValue(flags []cli.Flag, name string) bool {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
