package load

import "github.com/tmkit/tmkit/pkg/finding"

// Position returns where the value of a path is written: the value itself, or what is written of the way to it.
func (l *Loaded) Position(path []string) finding.Position { return l.place.of(l.Source, path) }

// Relative tells a position from the folder that the user is in.
func (l *Loaded) Relative(at finding.Position) finding.Position { return l.place.relative(at) }
