package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tmkit/tmkit/pkg/schema"
)

//go:embed template
var template embed.FS

// languageVersion is what a new module asks for: the oldest that has all that the template uses.
const languageVersion = "v0.14.0"

func initCommand(s *schema.Schema, io streams) *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "start a model: a module with the contract and a small example that vets and exports",
		ArgsUsage: "[DIR]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "the model's `NAME`; by default that of the folder"},
		},
		Action: func(c *cli.Context) error {
			dir := c.Args().First()
			if dir == "" {
				dir = "."
			}
			abs, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			name := c.String("name")
			if name == "" {
				name = kebab(filepath.Base(abs))
			}
			if want := s.Def("#ID").Check(name); want != "" {
				return usage("the name %q will not do: it must be %s", name, want)
			}
			if err := start(abs, name, s.Version); err != nil {
				return err
			}
			fmt.Fprintf(io.err, "tmkit: started the model %s in %s\n  hint: go there and run tmkit vet, then tmkit export; model.cue is yours to change\n", name, dir)
			return nil
		},
	}
}

// start writes a new module. It touches nothing when any of its files is there already.
func start(dir, name, version string) error {
	model, err := template.ReadFile("template/model.cue.txt")
	if err != nil {
		return err
	}
	ci, err := template.ReadFile("template/ci.yml")
	if err != nil {
		return err
	}
	title := strings.ReplaceAll(name, "-", " ")
	fill := strings.NewReplacer("NAME", packageName(name), "SCHEMA", version, "MODEL", name, "TITLE", strings.ToUpper(title[:1])+title[1:]+" threat model")
	files := []struct{ name, text string }{
		{"cue.mod/module.cue", fmt.Sprintf("module: \"%s.example@v0\"\nlanguage: version: %q\n", name, languageVersion)},
		{"model.cue", fill.Replace(string(model))},
		{".github/workflows/threat-model.yml", string(ci)},
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(f.name))); err == nil {
			return &exit{code: exitUsage, msg: fmt.Sprintf("%s exists already; nothing was written", f.name), hint: "init starts a model in a folder that has none"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(f.text), 0o644); err != nil {
			return err
		}
	}
	_, err = vendor(dir)
	return err
}

// kebab makes an id of a folder's name.
func kebab(s string) string {
	s = regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(s), "-")
	return strings.Trim(s, "-")
}

// packageName makes a CUE package name of an id.
func packageName(id string) string {
	s := strings.ReplaceAll(id, "-", "")
	if s[0] >= '0' && s[0] <= '9' {
		s = "model" + s
	}
	return s
}
