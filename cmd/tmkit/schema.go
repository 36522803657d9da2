package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/load"
	contract "github.com/tmkit/tmkit/schema"
)

func schemaCommand(io streams) *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "print the contract, or copy it into a module",
		Subcommands: []*cli.Command{{
			Name:  "print",
			Usage: "print the CUE of the contract",
			Action: func(c *cli.Context) error {
				return fs.WalkDir(contract.Files, "v1", func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					data, err := fs.ReadFile(contract.Files, path)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(io.out, "// schema/%s\n\n%s\n", path, data)
					return err
				})
			},
		}, {
			Name:      "sync",
			Usage:     "copy the contract and the catalogues into cue.mod/pkg, so that cue and editors find them",
			ArgsUsage: "[DIR]",
			Action: func(c *cli.Context) error {
				dir := c.Args().First()
				if dir == "" {
					dir = "."
				}
				root, own, err := load.ModuleRoot(dir)
				if err != nil {
					return err
				}
				if own {
					return &exit{code: exitUsage, msg: "this module is tmkit.dev, or depends on it: it needs no copy"}
				}
				n, err := vendor(root)
				if err != nil {
					return err
				}
				fmt.Fprintf(io.err, "tmkit: %s in %s\n", changed(n), filepath.ToSlash(filepath.Join("cue.mod", "pkg", "tmkit.dev")))
				return nil
			},
		}},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return usage("unknown command %q; use schema print or schema sync", name)
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}

func changed(n int) string {
	if n == 0 {
		return "nothing to change"
	}
	return "wrote " + count(n, "file", "files")
}

// vendor copies what the program carries into a module, and returns how many files it wrote. A file is replaced as a
// whole, so that a copy that is cut short leaves the old one.
func vendor(root string) (int, error) {
	n := 0
	err := load.Carried(func(path string, data []byte) error {
		name := filepath.Join(root, "cue.mod", "pkg", "tmkit.dev", filepath.FromSlash(path))
		old, err := os.ReadFile(name)
		if err == nil && bytes.Equal(old, data) {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		tmp := name + ".tmp"
		if err := os.WriteFile(tmp, data, 0o644); err != nil {
			return err
		}
		n++
		return os.Rename(tmp, name)
	})
	return n, err
}
