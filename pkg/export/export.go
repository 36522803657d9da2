// Package export puts the outputs of a model together: which files there are, what is in their manifest, how they get
// onto the disk without leaving half of them, and whether those on the disk are current.
package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export/csv"
	exportjson "github.com/tmkit/tmkit/pkg/export/json"
	"github.com/tmkit/tmkit/pkg/export/markdown"
	"github.com/tmkit/tmkit/pkg/export/mermaid"
	"github.com/tmkit/tmkit/pkg/export/xlsx"
	"github.com/tmkit/tmkit/pkg/graph"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// FormatVersion is the version of what export writes. It changes when outputs of the same model change, and stands in
// them in place of the program's own version, so that a new program does not make committed outputs stale.
const FormatVersion = "1"

// Format is one of the output formats.
type Format string

// The formats, as --only names them.
const (
	JSON     Format = "json"
	CSV      Format = "csv"
	XLSX     Format = "xlsx"
	Markdown Format = "markdown"
	Mermaid  Format = "mermaid"
)

// Formats lists the formats in order.
func Formats() []Format { return []Format{JSON, CSV, XLSX, Markdown, Mermaid} }

// Options say what to write.
type Options struct {
	// Only are the formats to write; none means all.
	Only []Format
	// Profile is the profile to project to, empty for the model as it is.
	Profile string
	// CSV says whether cells that look like formulas are guarded.
	CSV csv.Guarding
}

func (o Options) wants(f Format) bool { return len(o.Only) == 0 || slices.Contains(o.Only, f) }

// Outputs are the files of one model.
type Outputs struct {
	// Dir is the folder of the model below the outputs' folder.
	Dir string
	// Files are the files by their path in Dir, with slashes; the manifest is not among them.
	Files    map[string][]byte
	Manifest Manifest
	options  Options
}

// Manifest is manifest.json: which files there are, what they were made of, and nothing of who made them.
type Manifest struct {
	Generated string            `json:"generated"`
	Format    string            `json:"format"`
	Schema    string            `json:"schema"`
	Model     string            `json:"model"`
	Version   string            `json:"version"`
	Profile   string            `json:"profile,omitempty"`
	Audience  string            `json:"audience"`
	Digest    string            `json:"digest"`
	Files     map[string]string `json:"files"`
}

// Subject is a model as it is exported: projected to a profile, without what its audience may not see, and with what
// follows from it. What several formats show is made once, when the first of them asks.
type Subject struct {
	// Dir is the folder of the model below the outputs' folder.
	Dir     string
	Profile string
	Schema  *schema.Schema
	Model   *model.Model
	Facts   *analysis.Facts

	tables   func() *table.Set
	diagrams func() []graph.Diagram
}

// Prepare returns what is exported of a model, for a profile or, where that is empty, of the model as it is.
func Prepare(m *model.Model, s *schema.Schema, profile string) (*Subject, error) {
	dir := m.Metadata.Name
	if profile != "" {
		var err error
		if m, err = analysis.Project(m, profile); err != nil {
			return nil, err
		}
		dir += "-" + profile
	}
	if m.Metadata.Audience == "public" {
		c := *m
		c.Inbox = nil // a workshop's notes are nobody else's business
		m = &c
	} else {
		dir += "-" + m.Metadata.Audience
	}
	facts := analysis.Derive(m)
	if profile == "" { // a profile is not compared with others
		var err error
		if facts.Comparison, err = analysis.Compare(m, facts); err != nil {
			return nil, err
		}
	}
	return &Subject{Dir: dir, Profile: profile, Schema: s, Model: m, Facts: facts,
		tables:   sync.OnceValue(func() *table.Set { return table.Build(m, facts, s) }),
		diagrams: sync.OnceValue(func() []graph.Diagram { return graph.Build(m, facts) }),
	}, nil
}

// Tables returns the model as tables. They are shared and must not be changed.
func (s *Subject) Tables() *table.Set { return s.tables() }

// Diagrams returns the model as diagrams. They are shared and must not be changed.
func (s *Subject) Diagrams() []graph.Diagram { return s.diagrams() }

// Build makes the outputs of a model, in memory.
func Build(m *model.Model, s *schema.Schema, o Options) (*Outputs, error) {
	subject, err := Prepare(m, s, o.Profile)
	if err != nil {
		return nil, err
	}
	return subject.Build(o)
}

// Build makes the outputs of what was prepared, in memory. It has its own profile, whatever that of the options.
func (s *Subject) Build(o Options) (*Outputs, error) {
	o.Profile = s.Profile
	m := s.Model
	out := &Outputs{Dir: s.Dir, Files: map[string][]byte{}, options: o, Manifest: Manifest{
		Generated: "by tmkit export; DO NOT EDIT", Format: FormatVersion, Schema: m.Schema, Model: m.Metadata.Name, Version: m.Metadata.Version,
		Profile: s.Profile, Audience: m.Metadata.Audience, Files: map[string]string{}}}
	if err := out.build(s); err != nil {
		return nil, err
	}
	for name, data := range out.Files {
		sum := sha256.Sum256(data)
		out.Manifest.Files[name] = hex.EncodeToString(sum[:])
	}
	return out, nil
}

// build makes the files. Formats share the digest, the facts, the tables and the diagrams, and nothing else; what does not
// wait for each other is made side by side.
func (o *Outputs) build(s *Subject) error {
	m := s.Model
	canonical := started(func() ([]byte, error) { return exportjson.Canonical(m) })
	digest := func() (string, error) {
		c, err := canonical()
		return exportjson.Digest(c), err
	}
	var jobs []func() (map[string][]byte, error)
	if o.options.wants(XLSX) {
		jobs = append(jobs, started(func() (map[string][]byte, error) {
			tables := s.Tables()
			sum, err := digest()
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			err = xlsx.Write(&b, tables, xlsx.About{Title: m.Metadata.Title, Name: m.Metadata.Name, Version: m.Metadata.Version, Stage: m.Metadata.Stage,
				Profile: s.Profile, Audience: m.Metadata.Audience, Digest: sum, SchemaVersion: m.Schema, FormatVersion: FormatVersion, Disclaimers: m.Metadata.Disclaimers})
			return map[string][]byte{m.Metadata.Name + ".xlsx": b.Bytes()}, err
		}))
	}
	if o.options.wants(Markdown) || o.options.wants(Mermaid) {
		jobs = append(jobs, started(func() (map[string][]byte, error) { return o.pages(s) }))
	}
	if o.options.wants(JSON) {
		jobs = append(jobs, started(func() (map[string][]byte, error) {
			c, err := canonical()
			if err != nil {
				return nil, err
			}
			doc, err := exportjson.Model(c, s.Facts, exportjson.About{Format: FormatVersion, Profile: s.Profile, Digest: exportjson.Digest(c)})
			if err != nil {
				return nil, err
			}
			sch, err := exportjson.Schema(s.Schema)
			return map[string][]byte{"model.json": doc, "model.schema.json": sch}, err
		}))
	}
	if o.options.wants(CSV) {
		jobs = append(jobs, started(func() (map[string][]byte, error) {
			files, err := csv.Files(s.Tables(), o.options.CSV)
			return below("csv/", files), err
		}))
	}
	sum, err := digest()
	o.Manifest.Digest = sum
	for _, job := range jobs {
		files, jobErr := job()
		maps.Copy(o.Files, files)
		err = errors.Join(err, jobErr)
	}
	return err
}

// started begins a computation and returns how to wait for its result.
func started[T any](f func() (T, error)) func() (T, error) {
	once := sync.OnceValues(f)
	go func() { _, _ = once() }()
	return once
}

// pages draws the diagrams and writes the pages that hold them.
func (o *Outputs) pages(s *Subject) (map[string][]byte, error) {
	files := map[string][]byte{}
	var diagrams []markdown.Diagram
	for _, d := range s.Diagrams() {
		text, err := mermaid.Render(d)
		if err != nil {
			return nil, err
		}
		diagrams = append(diagrams, markdown.Diagram{Diagram: d, Text: text})
		if o.options.wants(Mermaid) {
			files["diagrams/"+d.Name+".mmd"] = []byte(text)
		}
	}
	if o.options.wants(Markdown) {
		pages, err := markdown.Files(markdown.Input{Model: s.Model, Facts: s.Facts, Tables: s.Tables(), Diagrams: diagrams, Profile: s.Profile})
		if err != nil {
			return nil, err
		}
		maps.Copy(files, below("markdown/", pages))
	}
	return files, nil
}

// below puts a folder before the names of files.
func below(dir string, files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range files {
		out[dir+name] = data
	}
	return out
}

// FormatOf returns the format that a file of the outputs belongs to.
func FormatOf(name string) Format {
	switch {
	case strings.HasPrefix(name, "csv/"):
		return CSV
	case strings.HasPrefix(name, "markdown/"):
		return Markdown
	case strings.HasPrefix(name, "diagrams/"):
		return Mermaid
	case strings.HasSuffix(name, ".xlsx"):
		return XLSX
	}
	return JSON
}

// marshal returns the text of manifest.json.
func (m Manifest) marshal() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return append(b, '\n'), nil
}
