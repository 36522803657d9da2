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

// Canonical returns the authored model in the form of RFC 8785, the one that the digest is made of. Derived facts and
// entries of catalogues that the model does not cite are no part of it.
func Canonical(m *model.Model) ([]byte, error) { return canonical(m.Cited()) }

func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if b, err = jcs.Transform(b); err != nil {
		return nil, fmt.Errorf("canonical form: %w", err)
	}
	return b, nil
}

// Digest returns the SHA-256 of a canonical model in hexadecimal digits.
func Digest(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// Model returns model.json: a canonical model with what follows from it, keys in order, two spaces of indentation.
func Model(canonicalModel []byte, f *analysis.Facts, about About) ([]byte, error) {
	derived, err := canonical(f)
	if err != nil {
		return nil, err
	}
	doc := map[string]json.RawMessage{"model": canonicalModel, "derived": derived}
	head, err := json.Marshal(about)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(head, &doc); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// indented returns v as JSON with the keys of every object in order.
func indented(v any) ([]byte, error) {
	b, err := canonical(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
