package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/model"
)

// Fault is why a folder cannot be verified at all.
type Fault struct {
	// Problem says what is wrong with it, Hint what to do.
	Problem, Hint string
}

// gone is what to do about outputs of what is no longer there.
const gone = "remove the folder if its model, or the profile, is no more, and run tmkit export"

// Error returns the problem.
func (f *Fault) Error() string { return f.Problem }

// readManifest reads the manifest of a folder.
func readManifest(fsys fs.FS) (*jsonValue, error) {
	data, err := fs.ReadFile(fsys, export.ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Fault{"there is no " + export.ManifestName, "name a folder that tmkit export wrote, such as exports/my-model"}
	}
	if err != nil {
		return nil, err
	}
	v, fault := parseJSON(data)
	if fault != nil {
		return nil, &Fault{fmt.Sprintf("%s:%s: %s", export.ManifestName, fault.Place, fault.Got), "run tmkit export to write it anew"}
	}
	return v, nil
}

// chosen returns the model that a manifest names.
func chosen(manifest *jsonValue, models []*model.Model) (*model.Model, error) {
	name, audience := manifest.text("model"), manifest.text("audience")
	var known []string
	for _, m := range models {
		if m.Metadata.Name == name && m.Metadata.Audience == audience {
			return m, nil
		}
		known = append(known, fmt.Sprintf("%s (%s)", m.Metadata.Name, m.Metadata.Audience))
	}
	slices.Sort(known)
	return nil, &Fault{fmt.Sprintf("no package here has its model %q for the audience %q; there are: %s", name, audience, strings.Join(known, ", ")), gone}
}

// text is a field that is a text, empty where there is none.
func (v *jsonValue) text(name string) string {
	if field := v.fields[name]; field != nil {
		s, _ := field.plain.(string)
		return s
	}
	return ""
}

// exportedFormats are the formats of which a manifest lists a file.
func exportedFormats(manifest *jsonValue) []export.Format {
	var formats []export.Format
	if files := manifest.fields["files"]; files != nil {
		for name := range files.fields {
			formats = append(formats, export.FormatOf(name))
		}
	}
	slices.Sort(formats)
	return slices.Compact(formats)
}

// checkManifest compares a manifest with that of a new export, but for the hashes, which are to be those of the files that
// are there, whatever is in them; and the files that are there with those that should be. Nothing is held against a
// workbook that is not there: it is not committed, and its hash is that of the one that was made anew.
func checkManifest(manifest *jsonValue, want export.Manifest, files map[string][]byte) (Result, error) {
	r := Result{Format: "manifest", Files: 1}
	want.Files = maps.Clone(want.Files)
	for _, name := range model.Keys(files) {
		if _, ok := want.Files[name]; !ok {
			r.add(Difference{Kind: Extra, File: name})
			continue
		}
		sum := sha256.Sum256(files[name])
		want.Files[name] = hex.EncodeToString(sum[:])
	}
	v, err := asJSON(want)
	if err != nil {
		return r, err
	}
	r.same(export.ManifestName, "", v, manifest)
	if len(r.Differences) == 0 {
		r.Records, r.Fields = 1, len(want.Files)+len(v.fields)-1
	}
	return r, nil
}
