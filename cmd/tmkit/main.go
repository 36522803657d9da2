// Command tmkit turns threat models written in CUE into diagrams, pages and sheets.
package main

import (
	"io"
	"os"
)

func main() {
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
