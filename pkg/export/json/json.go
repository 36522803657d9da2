// Package json writes the canonical model: what its authors wrote, with what follows from it under a key of its own.
package json

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// About says which model a document holds and how.
type About struct {
	// Format is the version of the outputs' format.
	Format string `json:"format"`
	// Profile is the profile that the model was projected to, empty for none.
	Profile string `json:"profile,omitempty"`
	// Digest is the digest of the authored model, as Digest gives it.
	Digest string `json:"digest"`
}

// document is model.json.
type document struct {
	About
	Model   *model.Model    `json:"model"`
	Derived *analysis.Facts `json:"derived"`
}

// Model returns model.json: keys in order, two spaces of indentation, catalogues cut down to what the model cites.
func Model(m *model.Model, f *analysis.Facts, about About) ([]byte, error) {
	return ordered(document{about, m.Cited(), f})
}

// Digest returns the SHA-256 of the authored model in RFC 8785 form, in hexadecimal digits. Derived facts and entries of
// catalogues that the model does not cite are no part of it.
func Digest(m *model.Model) (string, error) {
	b, err := json.Marshal(m.Cited())
	if err != nil {
		return "", err
	}
	if b, err = jcs.Transform(b); err != nil {
		return "", fmt.Errorf("canonical form: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// ordered returns v as JSON with the keys of every object in order.
func ordered(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
