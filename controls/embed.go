// Package controls holds the catalogues that others publish, as CUE, and carries them into the program.
package controls

import "embed"

//go:generate go run ./internal/generate -o nist80053r5/catalog.cue nist-800-53-r5 testdata/nist-800-53-r5.csv testdata/nist-800-53-r5-families.csv
//go:generate go run ./internal/generate -o attack/catalog.cue mitre-attack testdata/attack-techniques.csv testdata/attack-tactics.csv testdata/attack-v19-known-id-changes.csv

// Files are the catalogues' CUE packages, each in the folder of its name. The loader overlays them below a user's
// cue.mod/pkg when the user's module has no vendored copy, so that a model can import a catalogue with no network.
//
//go:embed nist80053r5/*.cue attack/*.cue
var Files embed.FS
