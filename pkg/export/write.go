package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tmkit/tmkit/pkg/model"
)

// ManifestName is the name of the manifest in the folder of a model.
const ManifestName = "manifest.json"

// StagingPrefix begins the names of the folders in which an export in progress puts its files together.
const StagingPrefix = ".export-"

// Write puts the outputs into their folder below base and removes the files that an earlier export wrote there and this
// one does not. Every file is complete beside its place before the first one is put there, so that an export that fails
// leaves what was there.
func (o *Outputs) Write(base string) (err error) {
	dir := filepath.Join(base, o.Dir)
	old, err := ReadManifest(dir)
	if err != nil {
		return err
	}
	manifest := o.Manifest
	manifest.Files = map[string]string{}
	var stale []string
	for name, sum := range old.Files {
		if !o.options.wants(FormatOf(name)) {
			manifest.Files[name] = sum
		} else if _, again := o.Files[name]; !again {
			stale = append(stale, name)
		}
	}
	for name, sum := range o.Manifest.Files {
		manifest.Files[name] = sum
	}
	text, err := manifest.marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(dir, StagingPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	names := append(model.Keys(o.Files), ManifestName)
	for _, name := range names {
		data := o.Files[name]
		if name == ManifestName {
			data = text
		}
		if err := stage(dir, staging, name, data); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(staging, filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return remove(dir, stale)
}

// stage writes a file into the staging folder and makes sure that it can go to its place.
func stage(dir, staging, name string, data []byte) error {
	place := filepath.Join(dir, filepath.FromSlash(name))
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder, but export writes a file there", place)
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	tmp := filepath.Join(staging, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(tmp), 0o755); err != nil {
		return err
	}
	return os.WriteFile(tmp, data, 0o644)
}

// remove deletes files, and the folders that are empty then.
func remove(dir string, names []string) error {
	for _, name := range names {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			continue // a manifest is a file that anybody can edit; it must not lead out of its folder
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for up := filepath.Dir(file); up != dir && os.Remove(up) == nil; up = filepath.Dir(up) {
		}
	}
	return nil
}

// ReadManifest returns the manifest in a folder of outputs, an empty one where there is none.
func ReadManifest(dir string) (Manifest, error) {
	var m Manifest
	name := filepath.Join(dir, ManifestName)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// Check compares the outputs with the files below base and returns what is not current, as "path: what". A workbook that
// is not there is compared by its digest in the manifest, since workbooks are not committed.
func (o *Outputs) Check(base string) ([]string, error) {
	dir := filepath.Join(base, o.Dir)
	old, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	var faults []string
	report := func(name, what string) {
		faults = append(faults, filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(name)))+": "+what)
	}
	for _, name := range model.Keys(o.Files) {
		have, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist) && FormatOf(name) == XLSX && old.Files[name] != "":
			if old.Files[name] != o.Manifest.Files[name] {
				report(name, "differs from the workbook that the manifest tells of")
			}
		case errors.Is(err, fs.ErrNotExist):
			report(name, "missing")
		case err != nil:
			return nil, err
		case !bytes.Equal(have, o.Files[name]):
			report(name, "not current")
		case old.Files[name] != o.Manifest.Files[name]:
			report(ManifestName, "does not list "+name+" as it is")
		}
	}
	for _, name := range model.Keys(old.Files) {
		if _, again := o.Files[name]; !again && o.options.wants(FormatOf(name)) {
			report(name, "no longer exported")
		}
	}
	if len(faults) == 0 && old.Digest != o.Manifest.Digest {
		report(ManifestName, "is of another model")
	}
	return slices.Compact(faults), nil
}
