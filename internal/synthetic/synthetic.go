// Package synthetic writes threat models of any size, for benchmarks. Every threat has all fields, in about 2 KB of CUE;
// the system around them grows with their number.
package synthetic

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write writes a module with a model of n threats to a folder: a package of the system and its threats, and nothing else.
// It has no copy of the contract; the loader lays the program's own under it.
func Write(dir string, n int) error {
	files := map[string]string{
		"cue.mod/module.cue": "module: \"synthetic.example@v0\"\nlanguage: version: \"v0.14.0\"\n",
		"model.cue":          header,
		"system.cue":         system(max(n/10, 4)),
	}
	const perFile = 100
	for i := 0; i < n; i += perFile {
		var b strings.Builder
		b.WriteString("package synthetic\n\nmodel: threats: {\n")
		for j := i; j < min(i+perFile, n); j++ {
			threat(&b, j, max(n/10, 4), n)
		}
		b.WriteString("}\n")
		files[fmt.Sprintf("threats_%04d.cue", i/perFile)] = b.String()
	}
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const header = `package synthetic

import (
	"tmkit.dev/controls/attack"
	"tmkit.dev/controls/nist80053r5"
	"tmkit.dev/schema/v1"
)

model: v1.#ThreatModel & {
	schema: "v1.0"
	metadata: {name: "synthetic", title: "A synthetic model", version: "1.0.0", stage: "draft", appliesTo: {product: "Nothing", versions: ["v1.0"]}}
	catalogs: {
		"mitre-attack":   attack.catalog
		"nist-800-53-r5": nist80053r5.catalog
	}
	themes: {
		"theme-one": {title: "One", description: "The first half of the threats."}
		"theme-two": {title: "Two", description: "The other half of them."}
	}
	assumptions: "assumption-one": statement: "Clocks agree to within a minute."
}
`

// system has m components, assets, flows, features, actors and countermeasures in a tree of boundaries, a collection
// after the other, as people write them.
func system(m int) string {
	var b strings.Builder
	b.WriteString("package synthetic\n")
	for _, c := range collections {
		fmt.Fprintf(&b, "\nmodel: %s: {\n", c.name)
		for i := range m {
			parent := ""
			if i > 0 {
				parent = fmt.Sprintf("parent: \"zone-%d\"", (i-1)/4)
			}
			fmt.Fprintf(&b, c.entry, i, parent, (i+1)%m)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// collections are the formats of the system's entries; their arguments are the entry's number, the field for its zone's
// parent, and the number of its neighbour.
var collections = []struct{ name, entry string }{
	{"boundaries", `"zone-%[1]d": {
	title: "Zone %[1]d"
	plane: "network"
	%[2]s
	inward: "enforced"
	outward: "conventional"
	description: "The machines of group %[1]d, behind a filter of their own that lets in what is listed and lets out everything."
}
`},
	{"components", `"part-%[1]d": {
	title: "Part %[1]d"
	kind: "process"
	boundary: "zone-%[1]d"
	responsibility: "operator"
	holds: "asset-%[1]d": form: "plaintext"
	description: "Does the work of group %[1]d and keeps what it needs for that in memory."
}
`},
	{"assets", `"asset-%[1]d": {
	title: "Asset %[1]d"
	kind: "data"
	confidentiality: "high"
	integrity: "moderate"
	availability: "low"
	description: "What part %[1]d works on."
}
`},
	{"flows", `"flow-%[1]d": {
	title: "Part %[1]d asks its neighbour"
	from: "part-%[1]d"
	to: "part-%[3]d"
	protocol: "HTTPS"
	ports: [443]
	clientAuth: "client-certificate"
	serverAuth: "certificate"
	encryption: "tls"
	trustBasis: "workload-identity"
	carries: ["asset-%[1]d"]
}
`},
	{"features", `"feature-%[1]d": {
	title: "Feature %[1]d"
	kind: "design"
	component: "part-%[1]d"
	default: "on"
	description: "Lets the neighbours of part %[1]d ask for more than they need."
}
`},
	{"actors", `"actor-%[1]d": {
	title: "Actor %[1]d"
	position: "insider-organisation"
	source: "adversarial"
	capability: "moderate"
	access: "part-%[1]d": "operate"
	oversight: {trace: "A line in the log of part %[1]d.", recordedIn: ["part-%[3]d"]}
	description: "Runs part %[1]d."
}
`},
	{"countermeasures", `"measure-%[1]d": {
	title: "Measure %[1]d"
	default: "off"
	responsibility: "operator"
	component: "part-%[1]d"
	description: "Narrows what the neighbours of part %[1]d may ask for."
	check: "Ask for more and be refused."
}
`},
}

func threat(b *strings.Builder, i, m, n int) {
	theme := []string{"one", "two"}[i%2]
	fmt.Fprintf(b, `
"SYN-T-%05[1]d": {
	title: "Neighbour number %[1]d asks for more than it needs"
	theme: "theme-%[2]s"
	actors: ["actor-%[3]d", "actor-%[4]d"]
	affects: ["asset-%[3]d", "part-%[3]d"]
	owner: "owners of part %[3]d"
	reviewed: {date: "2026-01-15", by: "security reviewer"}
	likelihood: {level: "moderate", reason: "It takes a login that many have, and some knowledge of the interface that part %[3]d offers."}
	impact: {level: "high", reason: "All of asset %[3]d is read; it is not changed, since the interface only answers questions."}
	asInstalled: {likelihood: "moderate", reason: "Nothing that is on by default narrows the interface."}
	hardened: {likelihood: "low", impact: "moderate", reason: "The measure leaves the questions that the neighbour really needs to ask."}
	description: "A neighbour of part %[3]d has a login for the questions that its work needs. The interface does not tell these from others, so that the login is good for all of them. Whoever holds it reads all of asset %[3]d, unnoticed, since every question looks like work."
	entry: ["flow-%[3]d"]
	via: ["part-%[4]d"]
	stride: ["information-disclosure", "elevation-of-privilege"]
	breaks: ["confidentiality"]
	arisesFrom: ["feature-%[3]d"]
	preconditions: ["The neighbour's login has been taken, or the neighbour is not what it was.", "The measure is not in place."]
	leadsTo: ["SYN-T-%05[5]d"]
	countermeasures: {
		"measure-%[3]d": {effect: "limit", extent: "partial", note: "The questions that are needed stay possible."}
		"measure-%[4]d": {effect: "detect", note: "Shows questions that are unlike those of other days."}
	}
	decision: {what: "mitigate", by: "owners of part %[3]d", date: "2026-01-16", reason: "The measure costs little."}
	putsAtRisk: "nist-800-53-r5": {
		"AC-6": {susceptibility: "default", rationale: "The login carries more than the work needs.", origin: "project", bearers: operator: "Put the measure in place and review logins."}
		"AC-3": {susceptibility: "conditional", parts: ["a"], rationale: "Whether a question is allowed is not asked.", origin: "project", bearers: {operator: "Put the measure in place.", project: "Ask."}, evidence: [{method: "test", what: "Ask for more."}]}
	}
	techniques: "mitre-attack": T1078: note: "With a login that is valid."
	affectedVersions: [{introduced: "v1.0"}]
	assumptions: ["assumption-one"]
	tags: ["synthetic"]
	references: [{title: "About neighbours", url: "https://example.com/%[1]d"}]
	notes: "Number %[1]d of its kind."
}
`, i, theme, i%m, (i+1)%m, (i+1)%n)
}
