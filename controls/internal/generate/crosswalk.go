package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue/format"
)

// crosswalk is a value of v1.#Crosswalk and the package that it goes into.
type crosswalk struct {
	// pkg is the CUE package, and doc its comment.
	pkg, doc string

	id, title, from, to, version, publisher, license, url string
	asPublished                                           bool

	pairs []pair
}

// pair is a source, a target and a value of v1.#Pair.
type pair struct {
	source, target                            string
	relationship, rationale, confidence, note string
}

// crosswalks are the crosswalks. A further one is a table in controls/testdata, named by the crosswalk's id, and an entry
// here.
func crosswalks() []crosswalk {
	return []crosswalk{{
		pkg: "csf20tonist80053r5",
		doc: `Package csf20tonist80053r5 holds the pairs of NIST's reference from the Cybersecurity Framework 2.0 to SP 800-53 Rev
5, release 5.2.0 (OLIR 186).

NIST says of none of them how the two relate, and that they are not comprehensive. Two sources are categories, and three
targets whole families, which are groups of their catalogues. One target, RA-4, is withdrawn; the crosswalk is as
published.`,
		id:          "nist-csf-2-to-nist-800-53-r5",
		title:       "CSF 2.0 to SP 800-53 Rev 5",
		from:        "nist-csf-2",
		to:          "nist-800-53-r5",
		version:     "5.2.0",
		publisher:   "National Institute of Standards and Technology",
		license:     "Public domain: a work of the United States government.",
		url:         "https://csrc.nist.gov/projects/olir/informative-reference-catalog",
		asPublished: true,
	}}
}

// readPairs reads a crosswalk from its table, whose columns are those of pairColumns; head says what the table does not.
func readPairs(head crosswalk, files []string) (crosswalk, error) {
	var faults []fault
	pairs, err := readTable(files[0], &faults, "source", "target")
	if err != nil {
		return crosswalk{}, err
	}
	x := pairsCrosswalk(head, pairs)
	return x, join(faults, files)
}

// pairColumns are the columns that the table of a crosswalk can have. A row needs a source and a target.
func pairColumns() []string {
	return []string{"source", "target", "relationship", "rationale", "confidence", "note"}
}

// pairsCrosswalk builds the crosswalk, whose order is that of the table. What is wrong with the rows is noted there.
func pairsCrosswalk(x crosswalk, pairs table) crosswalk {
	pairs.refuseOthers(pairColumns()...)
	words := map[string][]string{
		"relationship": {"", "equivalent-to", "equal-to", "subset-of", "superset-of", "intersects-with", "no-relationship"},
		"rationale":    {"", "syntactic", "semantic", "functional"},
	}
	lines := make(map[[2]string]int)
	for _, r := range pairs.rows {
		p := pair{r.title("source"), r.title("target"),
			r.cells["relationship"], r.cells["rationale"], r.cells["confidence"], r.cells["note"]}
		for _, column := range []string{"relationship", "rationale"} {
			if cell := r.cells[column]; !slices.Contains(words[column], cell) {
				r.faultf("%s: %q is none of %s", column, cell, strings.Join(words[column][1:], ", "))
			}
		}
		key := [2]string{p.source, p.target}
		if first, ok := lines[key]; ok {
			r.faultf("%s and %s stand in line %d already", p.source, p.target, first)
			continue
		}
		lines[key] = r.line
		x.pairs = append(x.pairs, p)
	}
	// A source is one field of the CUE file, so its targets stand together.
	slices.SortStableFunc(x.pairs, func(a, b pair) int { return cmp.Compare(a.source, b.source) })
	return x
}

// format returns the crosswalk as a CUE file, in the form that cue fmt gives it. from is the file that it was read from.
func (x crosswalk) format(from string) ([]byte, error) {
	var b strings.Builder
	writeHead(&b, from, x.pkg, x.doc)
	b.WriteString("// crosswalk is the crosswalk, for a model to import.\ncrosswalk: v1.#Crosswalk & {\n")
	for _, field := range [][2]string{
		{"id", x.id}, {"title", x.title}, {"from", x.from}, {"to", x.to}, {"version", x.version},
		{"publisher", x.publisher}, {"license", x.license}, {"url", x.url},
	} {
		fmt.Fprintf(&b, "%s: %s\n", field[0], quote(field[1]))
	}
	if x.asPublished {
		b.WriteString("asPublished: true\n")
	}
	b.WriteString("pairs: {\n")
	for i, p := range x.pairs {
		if i == 0 || x.pairs[i-1].source != p.source {
			fmt.Fprintf(&b, "%s: {\n", quote(p.source))
		}
		fmt.Fprintf(&b, "%s: %s\n", quote(p.target), inline(p.fields()))
		if i == len(x.pairs)-1 || x.pairs[i+1].source != p.source {
			b.WriteString("}\n")
		}
	}
	b.WriteString("}\n}\n")
	return format.Source([]byte(b.String()), format.Simplify())
}

// fields returns the pair's fields in the order of the schema, without those that have nothing to say.
func (p pair) fields() []string {
	var fields []string
	for _, f := range [][2]string{
		{"relationship", p.relationship}, {"rationale", p.rationale}, {"confidence", p.confidence}, {"note", p.note},
	} {
		if f[1] != "" {
			fields = append(fields, f[0]+": "+quote(f[1]))
		}
	}
	return fields
}
