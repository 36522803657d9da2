package verify

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/vet"
)

// exportedModel is a model and what is exported of it.
type exportedModel struct {
	schema  *schema.Schema
	model   *model.Model
	subject *export.Subject
	outputs *export.Outputs
}

// exportOf exports a model of the packages below a folder of this repository.
func exportOf(t testing.TB, dir, pkg string, o export.Options) exportedModel {
	t.Helper()
	s, err := schema.V1()
	require.NoError(t, err)
	report, err := vet.Run(load.Options{Dir: dir, Patterns: []string{pkg}, Schema: s})
	require.NoError(t, err)
	models := report.Exported("public")
	require.Len(t, models, 1, pkg)
	return exportModel(t, models[0].Model, s, o)
}

func exportModel(t testing.TB, m *model.Model, s *schema.Schema, o export.Options) exportedModel {
	t.Helper()
	subject, err := export.Prepare(m, s, o.Profile)
	require.NoError(t, err)
	outputs, err := subject.Build(o)
	require.NoError(t, err)
	return exportedModel{s, m, subject, outputs}
}

// folder is the outputs as files.
func (x exportedModel) folder(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for name, data := range x.outputs.Files {
		files[name] = &fstest.MapFile{Data: data}
	}
	manifest, err := json.MarshalIndent(x.outputs.Manifest, "", "  ")
	require.NoError(t, err)
	files[export.ManifestName] = &fstest.MapFile{Data: append(manifest, '\n')}
	return files
}

func (x exportedModel) expected() *Expected {
	return &Expected{Schema: x.schema, Model: x.subject.Model, Facts: x.subject.Facts, Tables: x.subject.Tables(), Diagrams: x.subject.Diagrams(), Manifest: x.outputs.Manifest, CSV: csv.Guarded}
}

// TestOutputsAgree holds that every record and field of the shipped models is found in every format.
func TestOutputsAgree(t *testing.T) {
	for _, tt := range []struct{ name, dir, pkg, profile string }{
		{"kubernetes", "../..", "./controls/kubernetes", ""},
		{"a profile", "../..", "./controls/kubernetes", "managed"},
		{"cluster-api", "../..", "./controls/cluster-api", ""},
		{"every field", "../../schema/testdata", "./good/every-field", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := exportOf(t, tt.dir, tt.pkg, export.Options{Profile: tt.profile, CSV: csv.Guarded})
			report, err := run(x.folder(t), []*model.Model{x.model}, x.schema)
			require.NoError(t, err)
			require.Empty(t, report.Differences())
			require.Len(t, report.Results, 6)
			for _, r := range report.Results {
				require.Positive(t, r.Files, r.Format)
				t.Logf("%-8s %5d files %6d records %6d fields %6d relations", r.Format, r.Files, r.Records, r.Fields, r.Relations)
				if r.Format == "mermaid" || r.Format == "manifest" {
					continue // these hold no rows
				}
				want := Result{Format: r.Format, Files: r.Files}
				authored := r.Format == "json" || r.Format == "markdown" // derived columns stand there in other forms
				for _, tab := range x.subject.Tables().Tables {
					if authored && len(tab.Origins) == 0 && published(x.schema.Model, tab) == nil {
						continue
					}
					for _, row := range tab.Rows {
						fields := 0
						for i, cell := range row {
							if cell != "" && !(authored && tab.Columns[i].Derived) {
								fields++
							}
						}
						want.count(tab, fields)
					}
				}
				require.Equal(t, want, r)
				require.Positive(t, r.Records*r.Relations)
			}
		})
	}
}
