package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// Report is what a folder of outputs holds.
type Report struct {
	Dir      string `json:"dir"`
	Model    string `json:"model"`
	Profile  string `json:"profile,omitempty"`
	Audience string `json:"audience"`
	// Results are those of the formats, in order, and of the manifest.
	Results []Result `json:"results"`
	// Notes say which formats were not exported, and what was done about a workbook that is not there.
	Notes []string `json:"notes,omitempty"`
}

// Differences are those of all results.
func (r *Report) Differences() []Difference {
	var all []Difference
	for _, x := range r.Results {
		all = append(all, x.Differences...)
	}
	return all
}

// largestFile is how many bytes a file may have: the largest that 5,000 threats make has about a tenth.
const largestFile = 1 << 30

// Run verifies a folder that export wrote. Its manifest says of which of the models it is, and for which profile. The error
// is about the folder as a whole, a [Fault] where it is no export of one of the models; it is never about what outputs say.
func Run(dir string, models []*model.Model, s *schema.Schema) (*Report, error) {
	root, err := os.OpenRoot(dir) // links that lead out of the folder are not followed
	if err != nil {
		return nil, err
	}
	report, err := run(root.FS(), models, s)
	if closed := root.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	report.Dir = dir
	return report, nil
}

func run(fsys fs.FS, models []*model.Model, s *schema.Schema) (*Report, error) {
	manifest, err := readManifest(fsys)
	if err != nil {
		return nil, err
	}
	m, err := chosen(manifest, models)
	if err != nil {
		return nil, err
	}
	subject, err := export.Prepare(m, s, manifest.text("profile"))
	var fault *analysis.ProjectFault
	if errors.As(err, &fault) {
		return nil, &Fault{err.Error(), gone}
	}
	if err != nil {
		return nil, err
	}
	files, err := readFiles(fsys)
	if err != nil {
		return nil, err
	}
	fresh, guarding, err := buildLike(files, subject, exportedFormats(manifest))
	if err != nil {
		return nil, err
	}
	for name, data := range fresh.Files {
		if bytes.Equal(files[name], data) {
			fresh.Files[name] = files[name] // nearly all are the same, and held once
		}
	}
	report := &Report{Model: m.Metadata.Name, Profile: subject.Profile, Audience: m.Metadata.Audience}
	last, err := checkManifest(manifest, fresh.Manifest, files)
	if err != nil {
		return nil, err
	}
	for name, data := range fresh.Files {
		if _, ok := files[name]; !ok && export.FormatOf(name) == export.XLSX {
			files[name] = data
			report.Notes = append(report.Notes, name+" is not there; it was made anew, compared with the manifest by its hash, and read")
		}
	}
	report.Results = readAll(files, &Expected{
		Schema: s, Model: subject.Model, Facts: subject.Facts, Tables: subject.Tables(), Diagrams: subject.Diagrams(), Manifest: fresh.Manifest, CSV: guarding,
	})
	for i := range report.Results {
		r := &report.Results[i]
		r.compareBytes(files, fresh.Files)
		if r.Files == 0 && len(r.Differences) == 0 {
			report.Notes = append(report.Notes, r.Format+" was not exported")
		}
	}
	report.Results = append(report.Results, last)
	for i := range report.Results {
		report.Results[i].sort()
	}
	return report, nil
}

// buildLike makes the outputs anew. Nothing tells whether the CSV files that are there were guarded, so that they were not
// where more of them are as a raw export writes them.
func buildLike(files map[string][]byte, subject *export.Subject, formats []export.Format) (*export.Outputs, csv.Guarding, error) {
	alike := func(o *export.Outputs) (n, of int) {
		for name, data := range o.Files {
			if export.FormatOf(name) == export.CSV {
				of++
				if bytes.Equal(files[name], data) {
					n++
				}
			}
		}
		return n, of
	}
	fresh, err := subject.Build(export.Options{Only: formats, CSV: csv.Guarded})
	if err != nil {
		return nil, csv.Guarded, err
	}
	guarded, of := alike(fresh)
	if guarded == of {
		return fresh, csv.Guarded, nil
	}
	raw, err := subject.Build(export.Options{Only: []export.Format{export.CSV}, CSV: csv.Raw})
	if err != nil {
		return nil, csv.Guarded, err
	}
	if n, _ := alike(raw); n <= guarded {
		return fresh, csv.Guarded, nil
	}
	maps.Copy(fresh.Files, raw.Files)
	return fresh, csv.Raw, nil
}

// readFiles reads all files of a folder but its manifest, and those of an export that is in progress.
func readFiles(fsys fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(name, export.StagingPrefix):
			return fs.SkipDir
		case d.IsDir() || name == export.ManifestName:
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a folder; export writes no such thing", name)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > largestFile {
			return fmt.Errorf("%s has %d bytes; no output has more than %d", name, info.Size(), largestFile)
		}
		files[name], err = fs.ReadFile(fsys, name)
		return err
	})
	return files, err
}

// readAll reads the formats that were exported, as many at a time as there are processors: what each holds meanwhile is
// several times its files.
func readAll(files map[string][]byte, want *Expected) []Result {
	parts := map[export.Format]map[string][]byte{}
	for name := range want.Manifest.Files {
		parts[export.FormatOf(name)] = map[string][]byte{}
	}
	for name, data := range files {
		if part := parts[export.FormatOf(name)]; part != nil {
			part[name] = data
		}
	}
	if diagrams := parts[export.Mermaid]; diagrams != nil {
		maps.Copy(diagrams, parts[export.Markdown]) // pages hold the diagrams too
	}
	results := make([]Result, len(export.Formats()))
	readers := []func(map[string][]byte, *Expected) Result{readJSON, readCSV, readXLSX, readMarkdown, readMermaid}
	var wg sync.WaitGroup
	turns := make(chan bool, runtime.GOMAXPROCS(0))
	for i, format := range export.Formats() {
		results[i].Format = string(format)
		if part := parts[format]; part != nil {
			wg.Go(func() {
				turns <- true
				results[i] = readers[i](part, want)
				<-turns
			})
		}
	}
	wg.Wait()
	return results
}

// compareBytes reports files that are not as a new export writes them, though their reader found no difference in what
// they say: no change passes, not even of what carries no data.
func (r *Result) compareBytes(files, fresh map[string][]byte) {
	told := map[string]bool{}
	for _, d := range r.Differences {
		told[d.File] = true
	}
	for _, name := range model.Keys(fresh) {
		if string(export.FormatOf(name)) != r.Format || told[name] {
			continue
		}
		got, ok := files[name]
		switch {
		case !ok:
			r.add(Difference{Kind: Missing, File: name})
		case bytes.Equal(got, fresh[name]):
		case export.FormatOf(name) == export.XLSX:
			d := differentCell(fresh[name], got)
			d.Kind, d.File = Different, name
			r.add(d)
		default:
			d := differentLine(fresh[name], got)
			d.Kind, d.File = Different, name
			r.add(d)
		}
	}
}

// differentLine finds the first line in which two texts differ.
func differentLine(want, got []byte) Difference {
	n := 0
	for n < len(want) && n < len(got) && want[n] == got[n] {
		n++
	}
	start := bytes.LastIndexByte(want[:n], '\n') + 1
	line := func(text []byte) string {
		s, _, _ := strings.Cut(string(text[start:]), "\n")
		return s
	}
	return Difference{Place: strconv.Itoa(1 + bytes.Count(want[:n], []byte("\n"))), Want: line(want), Got: line(got)}
}
