// Package export puts the outputs of a model together: which files there are, what is in their manifest, how they get
// onto the disk without leaving half of them, and whether those on the disk are current.
package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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

// Build makes the outputs of a model, in memory.
func Build(m *model.Model, s *schema.Schema, o Options) (*Outputs, error) {
	dir := m.Metadata.Name
	if o.Profile != "" {
		var err error
		if m, err = analysis.Project(m, o.Profile); err != nil {
			return nil, err
		}
		dir += "-" + o.Profile
	}
	if m.Metadata.Audience == "public" {
		c := *m
		c.Inbox = nil // a workshop's notes are nobody else's business
		m = &c
	} else {
		dir += "-" + m.Metadata.Audience
	}
	digest, err := exportjson.Digest(m)
	if err != nil {
		return nil, err
	}
	facts := analysis.Derive(m)
	set := table.Build(m, facts, s)
	out := &Outputs{Dir: dir, Files: map[string][]byte{}, options: o, Manifest: Manifest{
		Generated: "by tmkit export; DO NOT EDIT", Format: FormatVersion, Schema: m.Schema, Model: m.Metadata.Name, Version: m.Metadata.Version,
		Profile: o.Profile, Audience: m.Metadata.Audience, Digest: digest, Files: map[string]string{}}}

	if o.wants(JSON) {
		if out.Files["model.json"], err = exportjson.Model(m, facts, exportjson.About{Format: FormatVersion, Profile: o.Profile, Digest: digest}); err != nil {
			return nil, err
		}
		if out.Files["model.schema.json"], err = exportjson.Schema(s); err != nil {
			return nil, err
		}
	}
	if o.wants(CSV) {
		files, err := csv.Files(set, o.CSV)
		if err != nil {
			return nil, err
		}
		out.add("csv/", files)
	}
	if o.wants(XLSX) {
		var b bytes.Buffer
		about := xlsx.About{Title: m.Metadata.Title, Name: m.Metadata.Name, Version: m.Metadata.Version, Stage: m.Metadata.Stage, Profile: o.Profile,
			Audience: m.Metadata.Audience, Digest: digest, SchemaVersion: m.Schema, FormatVersion: FormatVersion, Disclaimers: m.Metadata.Disclaimers}
		if err := xlsx.Write(&b, set, about); err != nil {
			return nil, err
		}
		out.Files[m.Metadata.Name+".xlsx"] = b.Bytes()
	}
	if o.wants(Markdown) || o.wants(Mermaid) {
		diagrams := []markdown.Diagram{}
		for _, d := range graph.Build(m, facts) {
			text, err := mermaid.Render(d)
			if err != nil {
				return nil, err
			}
			diagrams = append(diagrams, markdown.Diagram{Diagram: d, Text: text})
			if o.wants(Mermaid) {
				out.Files["diagrams/"+d.Name+".mmd"] = []byte(text)
			}
		}
		if o.wants(Markdown) {
			files, err := markdown.Files(markdown.Input{Model: m, Facts: facts, Tables: set, Diagrams: diagrams, Profile: o.Profile})
			if err != nil {
				return nil, err
			}
			out.add("markdown/", files)
		}
	}
	for name, data := range out.Files {
		sum := sha256.Sum256(data)
		out.Manifest.Files[name] = hex.EncodeToString(sum[:])
	}
	return out, nil
}

func (o *Outputs) add(prefix string, files map[string][]byte) {
	for name, data := range files {
		o.Files[prefix+name] = data
	}
}

// formatOf returns the format that a file of the outputs belongs to.
func formatOf(name string) Format {
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
