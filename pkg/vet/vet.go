// Package vet says everything that tmkit has to say about a module: it loads its packages, runs the rules over their
// models, and gives every finding its place.
package vet

import (
	"slices"

	"github.com/tmkit/tmkit/pkg/check"
	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/load"
)

// Report is what was loaded, and all that was found.
type Report struct {
	*load.Result
	// Findings are in order of their places, without repetitions.
	Findings []finding.Finding
}

// Run loads the packages and checks them. The error is about the machine or the call, never about what the files say.
func Run(opts load.Options) (*Report, error) {
	res, err := load.Load(opts)
	if err != nil {
		return nil, err
	}
	all := res.Findings
	for _, m := range res.Models {
		all = append(all, m.Place(check.Run(m.Model, opts.Schema, check.Parts))...)
	}
	for _, c := range res.Catalogs {
		all = append(all, c.Place(check.Catalog(c.Catalog))...)
	}
	// What an error removes looks unused, and what CUE calls dangling is told above: neither is a fault of its own.
	if finding.Errors(all) == 0 {
		for _, m := range res.Models {
			all = append(all, m.Unexplained()...)
			if m.Leaf {
				all = append(all, m.Place(check.Run(m.Model, opts.Schema, check.Whole))...)
			}
		}
		for _, c := range res.Catalogs {
			all = append(all, c.Unexplained()...)
		}
		for _, c := range res.Crosswalks {
			all = append(all, c.Unexplained()...)
		}
	}
	return &Report{Result: res, Findings: finding.Sort(all)}, nil
}

// Exported returns the models that an export for an audience writes: of the packages whose model is for that audience,
// those that no other of them imports.
func (r *Report) Exported(audience string) []*load.Loaded {
	var out []*load.Loaded
	for _, m := range r.Models {
		if m.Model.Metadata.Audience != audience || m.Part {
			continue
		}
		if !slices.ContainsFunc(r.Models, func(o *load.Loaded) bool {
			return o.Model.Metadata.Audience == audience && o.Imports[m.Package]
		}) {
			out = append(out, m)
		}
	}
	return out
}
