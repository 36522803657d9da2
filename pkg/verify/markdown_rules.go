package verify

import "strings"

// relationRule says how an entry's part with a label tells the rows of a relation.
type relationRule struct {
	label, table string
	// lead and text are the columns of lists: that of the id, bold or a link, which an item begins with, and that of the
	// text behind it.
	lead, text string
}

// relationRules lists the parts of entries that tell relations. A table in one has the headings of the relation's columns.
func relationRules() []relationRule {
	return []relationRule{
		{"Owners", "owners", "", ""},
		{"Left out, and why", "out-of-scope", "what", "why"},
		{"Risk matrix", "risk-matrix", "", ""},
		{"References", "references", "title", ""},
		{"Controls at risk", "at-risk", "entry", "rationale"},
		{"Countermeasures", "threat-countermeasure", "", ""},
		{"What they leave open", "threat-countermeasure", "countermeasure", "note"},
		{"Decision", "decisions", "", ""},
		{"Decision reason", "decisions", "", "reason"},
		{"Techniques", "techniques", "entry", "note"},
		{"Weaknesses", "weaknesses", "entry", "note"},
		{"Vulnerabilities", "vulnerabilities", "entry", "note"},
		{"Affected releases", "affected-versions", "", ""},
		{"Answers in other lists", "covers", "entry", "note"},
		{"Controls that it helps with", "supports", "entry", "rationale"},
		{"Steps", "scenario-steps", "", ""},
		{"Differences", "profile-differences", "id", "value"},
		{"Between", "tension-entries", "entry", ""},
		{"Questions", "considered", "question", "reason"},
		{"Exclusions", "exclusions", "entry", "reason"},
		{"Pairs", "crosswalk-pairs", "source", "note"},
	}
}

// laidOut are the labels of what pages show for reading, apart from what the tables of a model have.
func laidOut() []string {
	return []string{
		"Details", "Oversight", "Scope", "Diagram", "Legend", "Named by", "How to read it", "Why the ratings", "Threats", "Holds", "Features", "Flows",
		"Flows that cross it", "What enforces the border", "Questions that were asked", "The profiles compared",
		"Families", "Baselines and tags", "Crosswalks", "Entries without a group", "Told on the page of another group", "Not assessed", "Candidates", "Excluded",
		"Excluded with their group or the entry that they refine", "Excluded with its group or the entry that it refines",
	}
}

// derivedFields are the fields that pages show in the table of an entry's fields, apart from the columns that the
// tables have.
func derivedFields() []string {
	return []string{
		"Id", "Profile", "Lies in", "Zones in it", "Likelihood", "Threats below", "Highest risk as installed", "Borne by",
		"Countermeasures that help", "All pairs",
	}
}

// headingTables says of which tables the headings of a page are rows, by level: those that are words are of none.
type headingTables struct {
	// pages is a pattern of the names of pages, below their folder and without their ending.
	pages  string
	tables []string
}

// pagesOfTables lists the pages; the first pattern that a page fits counts. Any other page holds the entries of the
// collection that it or its folder is named after.
func pagesOfTables() []headingTables {
	return []headingTables{
		{"about", []string{"model"}},
		{"considered", []string{"", "considered"}},
		{"risks", nil},
		{"parties", nil},
		{"coverage", nil},
		{"diagrams", nil},
		{"README", nil},
		{"catalogues/README", []string{"", "", "crosswalks"}},
		{"catalogues/*/README", []string{"catalogues"}},
		{"catalogues/*/*", []string{"catalogue-groups", "catalogue-entries"}},
		{"*/README", nil},
		{"themes/*", []string{"themes", "threats"}},
		{"attack-trees/*", []string{"attack-trees", "attack-tree-nodes"}},
		{"features/*", []string{"", "features"}},
		{"countermeasures/*", []string{"", "countermeasures"}},
	}
}

// inTables is the heading in the tables of what a page's table has under a shorter one, in lower case.
func inTables(heading string) string {
	switch heading {
	case "Inherent":
		return "inherent risk"
	case "As installed":
		return "risk as installed"
	case "Hardened":
		return "risk hardened"
	case "Inside":
		return "parent"
	case "Run by", "Who":
		return "responsibility"
	case "Borne by":
		return "bearers"
	case "Highest risk as installed":
		return "worst risk"
	}
	return strings.ToLower(heading)
}
