package export_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/mermaidtest"
	"github.com/tmkit/tmkit/internal/sofficetest"
	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/export/mermaid"
	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
	"github.com/tmkit/tmkit/pkg/vet"
)

// shipped is the Kubernetes model and what is exported of it.
type shipped struct {
	schema  *schema.Schema
	model   *model.Model
	outputs *export.Outputs
}

// kubernetes is built once: nothing here changes the model or its outputs.
func kubernetes(t testing.TB) shipped {
	t.Helper()
	k, err := built()
	require.NoError(t, err)
	return k
}

var built = sync.OnceValues(func() (shipped, error) {
	s, err := schema.V1()
	if err != nil {
		return shipped{}, err
	}
	report, err := vet.Run(load.Options{Dir: "../..", Patterns: []string{"./controls/kubernetes"}, Schema: s})
	if err != nil {
		return shipped{}, err
	}
	models := report.Exported("public")
	if len(models) != 1 {
		return shipped{}, fmt.Errorf("%d models, want one; findings: %v", len(models), report.Findings)
	}
	out, err := export.Build(models[0].Model, s, export.Options{CSV: csv.Guarded})
	return shipped{s, models[0].Model, out}, err
})

// TestEveryIDInEveryFormat reads the ids out of the outputs themselves.
func TestEveryIDInEveryFormat(t *testing.T) {
	k := kubernetes(t)
	found := map[string]map[string]bool{
		"json":     jsonIDs(t, k.outputs.Files["model.json"]),
		"csv":      csvIDs(t, k.outputs.Files),
		"xlsx":     xlsxIDs(t, k.outputs.Files["kubernetes.xlsx"]),
		"markdown": markdownIDs(k.outputs.Files),
		"diagrams": diagramIDs(k.outputs.Files),
	}
	counted := map[string]int{}
	for _, kind := range model.Kinds() {
		for _, id := range k.model.IDs(kind) {
			for format, ids := range found {
				if !ids[id] {
					t.Errorf("%s: no %s %s", format, kind.Singular(), id)
				}
				counted[format]++
			}
		}
	}
	t.Log("ids found:", counted)
	require.Greater(t, counted["json"], 400)
}

func jsonIDs(t *testing.T, data []byte) map[string]bool {
	ids := map[string]bool{}
	var doc struct {
		Model map[string]any `json:"model"`
	}
	require.NoError(t, json.Unmarshal(data, &doc))
	for _, k := range model.Kinds() {
		if entries, ok := doc.Model[string(k)].(map[string]any); ok {
			for id, e := range entries {
				require.Equal(t, id, e.(map[string]any)["id"])
				ids[id] = true
			}
		}
	}
	return ids
}

func csvIDs(t *testing.T, files map[string][]byte) map[string]bool {
	ids := map[string]bool{}
	for name, data := range files {
		if !strings.HasPrefix(name, "csv/") {
			continue
		}
		rows, err := stdcsv.NewReader(bytes.NewReader(data)).ReadAll()
		require.NoError(t, err, name)
		for _, row := range rows[1:] {
			if rows[0][0] == "Id" {
				ids[row[0]] = true
			}
		}
	}
	return ids
}

func xlsxIDs(t *testing.T, data []byte) map[string]bool {
	ids := map[string]bool{}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	require.NoError(t, err)
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		for _, row := range rows {
			switch {
			case len(row) == 0:
			case sheet == "More" && len(row) > 1:
				ids[row[1]] = true
			default:
				ids[row[0]] = true
			}
		}
	}
	return ids
}

// heading matches what a page says of an entry: a heading that is its id, or the row of a list that begins with it.
var heading = regexp.MustCompile("(?m)^#+ ([A-Za-z0-9-]+)$")

func markdownIDs(files map[string][]byte) map[string]bool {
	ids := map[string]bool{}
	for name, data := range files {
		if strings.HasPrefix(name, "markdown/") {
			for _, m := range heading.FindAllSubmatch(data, -1) {
				ids[string(m[1])] = true
			}
		}
	}
	return ids
}

var (
	nodes    = regexp.MustCompile(`\bn_[A-Za-z0-9_]+`)
	comments = regexp.MustCompile(`(?m)^\s*%% (.*)$`)
)

func diagramIDs(files map[string][]byte) map[string]bool {
	ids := map[string]bool{}
	for name, data := range files {
		stem, ok := strings.CutPrefix(name, "diagrams/")
		if !ok {
			continue
		}
		// Trees, scenarios, views and themes are whole diagrams, named after them.
		stem, _, _ = strings.Cut(strings.TrimSuffix(stem, ".mmd"), "--")
		ids[stem] = true
		for _, prefix := range []string{"tree-", "scenario-", "view-", "theme-"} {
			ids[strings.TrimPrefix(stem, prefix)] = true
		}
		for _, n := range nodes.FindAllString(string(data), -1) {
			if id, ok := mermaid.ID(n); ok {
				ids[id] = true
			}
		}
		for _, c := range comments.FindAllStringSubmatch(string(data), -1) {
			for _, id := range strings.Fields(c[1]) {
				ids[id] = true
			}
		}
	}
	return ids
}

// TestDiagramsParse gives every diagram to Mermaid's own parser, in as many engines as there are processors.
func TestDiagramsParse(t *testing.T) {
	k := kubernetes(t)
	var names []string
	for _, name := range model.Keys(k.outputs.Files) {
		if strings.HasPrefix(name, "diagrams/") {
			names = append(names, name)
		}
	}
	require.Greater(t, len(names), 100)
	work := make(chan string, len(names))
	for _, name := range names {
		work <- name
	}
	close(work)
	var wg sync.WaitGroup
	for range min(runtime.NumCPU(), 4) {
		p := mermaidtest.New(t)
		wg.Go(func() {
			for name := range work {
				if err := p.Parse(string(k.outputs.Files[name])); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestPagesHoldTheDiagrams holds that each diagram stands in the pages exactly as in its own file.
func TestPagesHoldTheDiagrams(t *testing.T) {
	k := kubernetes(t)
	var pages strings.Builder
	for name, data := range k.outputs.Files {
		if strings.HasPrefix(name, "markdown/") {
			pages.Write(data)
		}
	}
	for name, data := range k.outputs.Files {
		if strings.HasPrefix(name, "diagrams/") {
			require.Equal(t, 1, strings.Count(pages.String(), "```mermaid\n"+string(data)), name)
		}
	}
}

// TestLibreOfficeReadsWhatCSVSays compares the workbook, as LibreOffice reads it, with the CSV files cell by cell.
func TestLibreOfficeReadsWhatCSVSays(t *testing.T) {
	k := kubernetes(t)
	sheets := sofficetest.Read(t, k.outputs.Files["kubernetes.xlsx"])
	tabs := 0
	for _, tab := range table.Build(k.model, analysis.Derive(k.model), k.schema).Tables {
		if tab.Tab == "" || tab.Name == "heat-map" {
			continue
		}
		tabs++
		rows, err := stdcsv.NewReader(bytes.NewReader(k.outputs.Files["csv/"+tab.Name+".csv"])).ReadAll()
		require.NoError(t, err)
		sheet := sheets[tab.Tab]
		require.GreaterOrEqual(t, len(sheet), len(rows), tab.Tab)
		for i, row := range rows {
			for j, cell := range row {
				require.Equal(t, csv.Unguard(cell), sheet[i][j], "%s, row %d, column %s", tab.Tab, i+1, rows[0][j])
			}
		}
	}
	require.Equal(t, 18, tabs)
}

// TestJSONSchema holds that model.json is what model.schema.json says, and that the schema can say no.
func TestJSONSchema(t *testing.T) {
	k := kubernetes(t)
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(k.outputs.Files["model.schema.json"]))
	require.NoError(t, err)
	require.NoError(t, c.AddResource("model.schema.json", doc))
	s, err := c.Compile("model.schema.json")
	require.NoError(t, err)
	read := func(data []byte) any {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		require.NoError(t, err)
		return v
	}
	require.NoError(t, s.Validate(read(k.outputs.Files["model.json"])))
	for _, change := range [][2]string{{`"confidentiality": "high"`, `"confidentiality": "enormous"`}, {`"plane": `, `"plain": `}, {`"digest": "`, `"digest": "x`}, {`"risk": "high"`, `"risks": "high"`}} {
		broken := bytes.Replace(k.outputs.Files["model.json"], []byte(change[0]), []byte(change[1]), 1)
		require.NotEqual(t, k.outputs.Files["model.json"], broken, change[0])
		require.Error(t, s.Validate(read(broken)), change[1])
	}
}

// TestSameBytes builds twice and compares.
func TestSameBytes(t *testing.T) {
	k := kubernetes(t)
	again, err := export.Build(k.model, k.schema, export.Options{CSV: csv.Guarded})
	require.NoError(t, err)
	require.Equal(t, k.outputs.Manifest, again.Manifest)
}

// TestDigest holds that the digest is of what authors write: not of derived facts, nor of entries that nothing cites.
func TestDigest(t *testing.T) {
	k := kubernetes(t)
	digest := func(change func(*model.Model)) string {
		c, err := clone(k.model)
		require.NoError(t, err)
		change(c)
		out, err := export.Build(c, k.schema, export.Options{Only: []export.Format{export.JSON}})
		require.NoError(t, err)
		return out.Manifest.Digest
	}
	was := k.outputs.Manifest.Digest
	require.Equal(t, was, digest(func(*model.Model) {}))
	require.Equal(t, was, digest(func(m *model.Model) { m.Catalogs["nist-800-53-r5"].Entries["AC-7(1)"].Title = "Changed" }))
	require.NotEqual(t, was, digest(func(m *model.Model) { m.Catalogs["nist-800-53-r5"].Entries["AC-3"].Title = "Changed" }))
	require.NotEqual(t, was, digest(func(m *model.Model) { m.Components["etcd"].Title = "Changed" }))
}

func clone(m *model.Model) (*model.Model, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	c := &model.Model{}
	return c, json.Unmarshal(b, c)
}

// TestInboxStaysPrivate holds that a workshop's notes are in no public output.
func TestInboxStaysPrivate(t *testing.T) {
	k := kubernetes(t)
	m, err := clone(k.model)
	require.NoError(t, err)
	m.Inbox = map[string]*model.InboxEntry{"note-1": {ID: "note-1", Title: "Zebra in the server room"}}
	out, err := export.Build(m, k.schema, export.Options{})
	require.NoError(t, err)
	require.Equal(t, k.outputs.Manifest.Digest, out.Manifest.Digest)
	for name, data := range out.Files {
		if !strings.HasSuffix(name, ".xlsx") {
			require.NotContains(t, string(data), "Zebra", name)
		}
	}
	m.Metadata.Audience = "embargo"
	out, err = export.Build(m, k.schema, export.Options{Only: []export.Format{export.JSON}})
	require.NoError(t, err)
	require.Equal(t, "kubernetes-embargo", out.Dir)
	require.Contains(t, string(out.Files["model.json"]), "Zebra")
}

// TestWriteLeavesNothingHalfDone holds that a write that fails changes nothing.
func TestWriteLeavesNothingHalfDone(t *testing.T) {
	dir := t.TempDir()
	out := &export.Outputs{Dir: "m", Files: map[string][]byte{"a.json": []byte("new"), "csv/b.csv": []byte("new")}}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "m", "csv", "b.csv"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "m", "a.json"), []byte("old"), 0o644))
	require.ErrorContains(t, out.Write(dir), "b.csv is a folder")
	data, err := os.ReadFile(filepath.Join(dir, "m", "a.json"))
	require.NoError(t, err)
	require.Equal(t, "old", string(data))
	left, err := os.ReadDir(filepath.Join(dir, "m"))
	require.NoError(t, err)
	require.Len(t, left, 2)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "m", "manifest.json"), []byte("{"), 0o644))
	require.ErrorContains(t, out.Write(dir), "manifest.json")
}
