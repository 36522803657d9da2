// Command generate turns a publisher's catalogue, kept as CSV, into one CUE file of type v1.#Catalog.
//
// Usage:
//
//	generate [-o FILE.cue] nist-800-53-r5 CONTROLS.csv FAMILIES.csv
//	generate [-o FILE.cue] mitre-attack TECHNIQUES.csv TACTICS.csv [CHANGES.csv]
//
// It writes to standard output, or to the file that -o names. Every fault of the input is told as FILE:LINE with the
// value that is at fault; then nothing is written. To bring the committed catalogues up to date after a change of
// controls/testdata:
//
//	go generate ./controls
//
// Exit codes: 0 written, 1 faults in the input, 2 usage, 3 a file that cannot be read or written.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// source is a catalogue that generate knows how to read.
type source struct {
	name string
	args string
	// least and most are how many files it takes.
	least, most int
	read        func(files []string) (catalog, error)
}

// sources lists what generate can read.
func sources() []source {
	return []source{
		{name: "nist-800-53-r5", args: "CONTROLS.csv FAMILIES.csv", least: 2, most: 2, read: readNIST},
		{name: "mitre-attack", args: "TECHNIQUES.csv TACTICS.csv [CHANGES.csv]", least: 2, most: 3, read: readAttack},
	}
}

// run does what the arguments ask and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage:")
		for _, s := range sources() {
			fmt.Fprintf(stderr, "  generate [-o FILE.cue] %s %s\n", s.name, s.args)
		}
	}
	out := flags.String("o", "", "write to this `file` instead of standard output")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	name, files := flags.Arg(0), flags.Args()[1:]
	i := slices.IndexFunc(sources(), func(s source) bool { return s.name == name })
	if i < 0 {
		fmt.Fprintf(stderr, "no source %q\n", name)
		flags.Usage()
		return 2
	}
	s := sources()[i]
	if len(files) < s.least || len(files) > s.most {
		fmt.Fprintf(stderr, "%s takes %s\n", s.name, s.args)
		return 2
	}
	text, err := generate(s, files)
	if err == nil {
		err = write(*out, text, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		if inputFault := (fault{}); errors.As(err, &inputFault) {
			return 1
		}
		return 3
	}
	return 0
}

// generate reads the files of a source and returns the CUE file.
func generate(s source, files []string) ([]byte, error) {
	c, err := s.read(files)
	if err != nil {
		return nil, err
	}
	return c.format(filepath.Base(files[0]))
}

// write puts the text in the named file, or on standard output when there is no name. The file appears whole or not at
// all: it is written beside its place and then renamed.
func write(name string, text []byte, stdout io.Writer) error {
	if name == "" {
		_, err := stdout.Write(text)
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, as it should, once the file is renamed
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
