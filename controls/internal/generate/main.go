// Command generate turns publishers' lists, kept as CSV, into CUE: catalogues of type v1.#Catalog and crosswalks of type
// v1.#Crosswalk.
//
// Usage:
//
//	generate [DIR]
//
// It reads the tables in DIR/testdata and writes each source's file below DIR, such as DIR/cwe/catalog.cue. Without DIR
// that is the current folder. Every fault of the tables is told as FILE:LINE with the value that is at fault; then nothing
// is written. To bring the committed files up to date after a change of controls/testdata:
//
//	go generate ./controls
//
// Exit codes: 0 written, 1 faults in the tables, 2 usage, 3 a file that cannot be read or written.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// document is what a source gives: a CUE file, once the table that it was read from is named.
type document interface {
	format(from string) ([]byte, error)
}

// source is one file that generate knows how to make.
type source struct {
	// file is what it writes.
	file string
	// tables are what it reads from testdata, the one that the file is named after first.
	tables []string
	read   func(files []string) (document, error)
}

// sources lists what generate makes. Which lists have a table of groups is seen in the folder of the tables.
func sources(testdata string) []source {
	all := []source{
		{"attack/catalog.cue", []string{"attack-techniques.csv", "attack-tactics.csv", "attack-v19-known-id-changes.csv"}, readAttack},
		{"nist80053r5/catalog.cue", []string{"nist-800-53-r5.csv", "nist-800-53-r5-families.csv", "fedramp-r5-baselines.csv"}, readNIST},
	}
	for _, head := range lists() {
		tables := []string{head.id + ".csv"}
		if groups := head.id + "-groups.csv"; exists(filepath.Join(testdata, groups)) {
			tables = append(tables, groups)
		}
		all = append(all, source{head.pkg + "/catalog.cue", tables, func(files []string) (document, error) { return readList(head, files) }})
	}
	for _, head := range crosswalks() {
		all = append(all, source{head.pkg + "/crosswalk.cue", []string{head.id + ".csv"}, func(files []string) (document, error) { return readPairs(head, files) }})
	}
	return all
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// run does what the arguments ask and returns the exit code.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintln(stderr, "usage: generate [DIR]") }
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	dir := "."
	switch flags.NArg() {
	case 0:
	case 1:
		dir = flags.Arg(0)
	default:
		flags.Usage()
		return 2
	}
	if err := generate(dir); err != nil {
		fmt.Fprintln(stderr, err)
		if errors.As(err, new(fault)) {
			return 1
		}
		return 3
	}
	return 0
}

// generate writes the files of all sources, or none when a table has a fault.
func generate(dir string) error {
	testdata := filepath.Join(dir, "testdata")
	all := sources(testdata)
	texts := make([][]byte, len(all))
	var faults []error
	for i, s := range all {
		text, err := s.generate(testdata)
		switch {
		case err == nil:
			texts[i] = text
		case errors.As(err, new(fault)):
			faults = append(faults, err)
		default:
			return err
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	for i, s := range all {
		if err := write(filepath.Join(dir, filepath.FromSlash(s.file)), texts[i]); err != nil {
			return err
		}
	}
	return nil
}

// generate reads the tables of a source and returns the CUE file.
func (s source) generate(testdata string) ([]byte, error) {
	files := make([]string, len(s.tables))
	for i, t := range s.tables {
		files[i] = filepath.Join(testdata, t)
	}
	d, err := s.read(files)
	if err != nil {
		return nil, err
	}
	return d.format(s.tables[0])
}

// write puts the text in the named file, whose folder need not be there. The file appears whole or not at all: it is
// written beside its place and then renamed.
func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
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
