// Command tmkit turns threat models written in CUE into diagrams, pages and sheets.
package main

import (
	"io"
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow by less than Go's own 100 between collections. CUE keeps nearly all that it makes until a
// model is evaluated, so that at 5,000 threats this saves a tenth of the memory and costs a few per cent of the time.
const gcPercent = 75

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// Exit codes. They are part of what scripts rely on.
const (
	exitClean    = 0 // nothing found, or only warnings
	exitFindings = 1 // findings, or a difference where one was asked for
	exitUsage    = 2 // the command line is wrong
	exitFailure  = 3 // no module, a file that cannot be read or written, or a defect of tmkit
)

// streams are where commands write: data to out, everything else to err.
type streams struct{ out, err io.Writer }
