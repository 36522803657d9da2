// Package schema embeds the contract's CUE files.
package schema

import "embed"

// Files holds the CUE files of every major version of the contract, by their path below schema/.
//
//go:embed v1/*.cue
var Files embed.FS
