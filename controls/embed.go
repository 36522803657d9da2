// Package controls holds the catalogues and crosswalks that others publish, as CUE, and carries them into the program.
package controls

import "embed"

//go:generate go run ./internal/generate

// Files are the CUE packages of the catalogues and crosswalks, each in the folder of its name. The loader overlays them
// below a user's cue.mod/pkg when the user's module has no vendored copy, so that a model can import a catalogue with no
// network.
//
//go:embed */catalog.cue */crosswalk.cue
var Files embed.FS
