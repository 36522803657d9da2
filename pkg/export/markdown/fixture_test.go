package markdown

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/table"
)

// matrix is a risk matrix in which the risk is the impact.
func matrix() model.RiskMatrix {
	m := model.RiskMatrix{}
	for _, l := range model.Levels() {
		m[l] = map[model.Level]model.Level{}
		for _, i := range model.Levels() {
			m[l][i] = i
		}
	}
	return m
}

// everything is a model with every field filled, ids that make difficult names of files and anchors among them.
func everything() *model.Model {
	refs := []model.Reference{{Title: "A document", URL: "https://example.com/a_(b)|c?x=1&copy=2#d"}}
	exposures := func(s string) model.Exposures {
		return model.Exposures{"controls": {
			"AC-2(1)": {Susceptibility: s, Parts: []string{"b.1", "c"}, Rationale: "A rationale, " + s, Origin: "project",
				Bearers: map[string]string{"operator": "Must act " + s}, Evidence: []model.Evidence{{Method: "examine", What: "The file " + s}}},
		}}
	}
	notes := func(s string) model.Links {
		return model.Links{"techniques": {"T1.001": {Note: "A note of " + s}, "F/x y": {}}}
	}
	versions := []model.VersionRange{{Introduced: "v1.1", Fixed: "v1.2"}, {Fixed: "v1.3"}}
	return &model.Model{
		Schema: "v1.0", Kind: "ThreatModel",
		Metadata: model.Metadata{
			Name: "everything", Title: "Everything", Version: "1.2.3", Stage: "draft", Date: "2026-01-02", Audience: "embargo",
			AppliesTo: &model.AppliesTo{Product: "Product", Versions: []string{"v1.30", "v1.31"}},
			Owners:    []model.Owner{{Name: "Group", Role: "Keeper", Contact: "group@example.com"}},
			License:   "CC-BY-4.0", Disclaimers: []string{"No guarantee.", "No audit."}, References: refs,
		},
		Scope:      &model.Scope{Goals: []string{"Goal one"}, Included: []string{"Included one"}, Excluded: []model.Excluded{{What: "Excluded one", Why: "Because"}}},
		RiskMatrix: matrix(),
		Themes:     map[string]*model.Theme{"theme": {ID: "theme", Title: "Theme title", Description: "Theme description"}, "a-1": {ID: "a-1", Title: "Theme of one anchor", Description: "Has a threat of its own id."}},
		Assumptions: map[string]*model.Assumption{
			"assumptions": {ID: "assumptions", Statement: "Taken for true", References: refs},
		},
		Boundaries: map[string]*model.Boundary{
			"outer": {ID: "outer", Title: "Outer", Plane: "network", Instances: "one", Inward: "enforced", Outward: "conventional", Description: "Outer zone"},
			"inner": {ID: "inner", Title: "Inner", Plane: "network", Parent: "outer", Instances: "many", Inward: "conditional", Outward: "enforced",
				EnforcedBy: []string{"counter"}, Description: "Inner zone"},
		},
		Components: map[string]*model.Component{
			"con": {ID: "con", Title: "A device on Windows", Kind: "process", Boundary: "inner", AlsoIn: []string{"outer"}, PartOf: []string{"readme"}, RunsOn: []string{"readme"},
				Instances: "many", Technology: "Go", Responsibility: "operator", Holds: map[string]*model.Holding{"key": {Form: "plaintext"}}, Optional: true,
				Tags: []string{"tag-one"}, Description: "Component description", PutsAtRisk: exposures("inherent"), References: refs},
			"readme": {ID: "readme", Title: "Named like an index", Kind: "store", Boundary: "outer", Instances: "one", Responsibility: "provider", Description: "Another"},
		},
		Features: map[string]*model.Feature{
			"feature": {ID: "feature", Title: "Feature title", Kind: "design", Component: "con", Setting: "--flag", Default: "on",
				Stages:      &model.Stages{Alpha: "v1.1", Beta: "v1.2", Stable: "v1.3", Deprecated: "v1.4", Removed: "v1.5"},
				Description: "Feature description", PutsAtRisk: exposures("resistant"), References: refs},
		},
		Assets: map[string]*model.Asset{
			"key": {ID: "key", Title: "Key title", Kind: "key", Confidentiality: "high", Integrity: "moderate", Availability: "low",
				Credential:  &model.Credential{IssuedBy: []string{"con"}, AcceptedBy: []string{"readme"}, Lifetime: "one hour", Bound: "a pod", Revocation: "rotate-ca"},
				Description: "Asset description", References: refs},
		},
		Flows: map[string]*model.Flow{
			"tunnel": {ID: "tunnel", Title: "Tunnel", From: "readme", To: "con", Protocol: "TCP", ClientAuth: "none", ServerAuth: "none", Encryption: "none", TrustBasis: "none"},
			"flow": {ID: "flow", Title: "Flow title", From: "con", To: "readme", Between: "other-instance", Over: []string{"tunnel"}, Protocol: "HTTPS", Ports: []int{443, 6443},
				ClientAuth: "bearer-token", ServerAuth: "certificate", Authorization: "RBAC", Encryption: "tls", TrustBasis: "bearer-secret",
				Credentials: []string{"key"}, Carries: []string{"key"}, Conditional: "at times", Description: "Flow description"},
		},
		Actors: map[string]*model.Actor{
			"actor": {ID: "actor", Title: "Actor title", Position: "insider-organisation", Source: "adversarial", Capability: "high", Motive: "Money", Boundary: "inner",
				Access:      map[string]string{"con": "administer", "key": "read"},
				Oversight:   &model.Oversight{Trace: "A trace", RecordedIn: []string{"readme"}, WatchedBy: []string{"watcher"}, Separation: []string{"counter"}},
				Description: "Actor description", References: refs},
			"watcher": {ID: "watcher", Title: "Watcher", Position: "external", Source: "accidental", Description: "Watches"},
		},
		Threats: map[string]*model.Threat{
			"A-1": {ID: "A-1", Title: "Threat title", Theme: "a-1", Actors: []string{"actor"}, Affects: []string{"con", "key"}, Owner: "Threat owner",
				Reviewed:   model.Review{Date: "2026-02-03", By: "reviewer"},
				Likelihood: model.Rating{Level: "high", Reason: "Likely"}, Impact: model.Rating{Level: "very-high", Reason: "Bad"},
				AsInstalled: &model.Residual{Likelihood: "moderate", Impact: "high", Reason: "Some are on"}, Hardened: &model.Residual{Likelihood: "low", Impact: "low", Reason: "All are on"},
				Description: "Threat description", Entry: []string{"flow"}, Via: []string{"inner"}, Stride: []string{"spoofing"}, Breaks: []string{"integrity"},
				ArisesFrom: []string{"feature"}, Preconditions: []string{"Something holds", "And more"}, LeadsTo: []string{"CON-PRN-1"},
				Countermeasures: map[string]*model.Mitigation{"counter": {Effect: "prevent", Extent: "partial", Note: "Leaves some open"}, "readme-2": {Effect: "detect", Extent: "full"}},
				Decision:        &model.Decision{What: "accept", By: "the board", Date: "2026-03-04", Reason: "It is small"},
				PutsAtRisk:      exposures("default"), Techniques: notes("technique"), Weaknesses: notes("weakness"), Vulnerabilities: notes("vulnerability"),
				AffectedVersions: versions, Covers: map[string]map[string]*model.Cover{"techniques": {"T1": {Extent: "partial", Note: "A cover"}}},
				Assumptions: []string{"assumptions"}, Tags: []string{"tag-two"}, References: refs, Notes: "Note for keepers"},
			"CON-PRN-1": {ID: "CON-PRN-1", Title: "Second", Theme: "theme", Actors: []string{"watcher"}, Affects: []string{"actor"}, Reviewed: model.Review{Date: "2026-02-03", By: "reviewer"},
				Likelihood: model.Rating{Level: "very-low", Reason: "Unlikely"}, Impact: model.Rating{Level: "very-low", Reason: "Harmless"}, Description: "Second description",
				Stride: []string{"repudiation"}, ArisesOutside: "Outside of the product", NoTechnique: "None fits"},
		},
		Countermeasures: map[string]*model.Countermeasure{
			"counter": {ID: "counter", Title: "Countermeasure title", Default: "off", Responsibility: "operator", Component: "con", Feature: "feature", Requires: []string{"readme-2", "readme"},
				Introduces: []string{"CON-PRN-1"}, Description: "Countermeasure description", Check: "Look", AffectedVersions: versions,
				Supports: map[string]map[string]*model.Support{"controls": {"AC-21": {Rationale: "Helps"}}}, References: refs},
			"readme-2": {ID: "readme-2", Title: "Other", Default: "on", Responsibility: "vendor", Description: "Other description"},
		},
		AttackTrees: map[string]*model.AttackTree{
			"tree": {ID: "tree", Title: "Tree title", Goal: "The goal", Root: "tree", Nodes: map[string]*model.TreeNode{
				"tree":  {Label: "Root label", Gate: "or", Children: []string{"leaf", "other", "third", "sub"}},
				"leaf":  {Label: "Leaf label", Threat: "A-1"},
				"other": {Label: "Other label", Assumption: "assumptions"},
				"third": {Label: "Third label", Reason: "Has none"},
				"sub":   {Label: "Sub label", Subtree: "other-tree"},
			}},
			"other-tree": {ID: "other-tree", Title: "Other tree", Goal: "Other goal", Root: "root", Nodes: map[string]*model.TreeNode{"root": {Label: "Alone", Threat: "CON-PRN-1"}}},
		},
		Scenarios: map[string]*model.Scenario{"scenario": {ID: "scenario", Title: "Scenario title", Description: "Scenario description", Steps: []model.Step{{Flow: "flow", Note: "A step"}, {Flow: "tunnel"}}}},
		Views: map[string]*model.View{"view": {ID: "view", Title: "View title", Kind: "data-flow", Description: "View description",
			Selects: model.Selection{Boundaries: []string{"outer"}, Components: []string{"con"}, Tags: []string{"tag-one"}, Actors: []string{"actor"}, Themes: []string{"theme"}}}},
		Profiles: map[string]*model.Profile{"profile": {ID: "profile", Title: "Profile title", Description: "Profile description", Absent: []string{"counter"},
			Differs: map[string]map[string]map[string]any{"components": {"con": {"responsibility": "provider", "tags": []any{"other-tag"}}}}}},
		Tensions: map[string]*model.Tension{"tension": {ID: "tension", Statement: "They contradict", Entries: []model.EntryRef{{Catalogue: "controls", Entry: "AC-21"}}, Threats: []string{"A-1"}}},
		Inbox:    map[string]*model.InboxEntry{"note": {ID: "note", Title: "Note title", What: "What happens", Where: "There", Who: "They", SoWhat: "It matters", RaisedBy: "somebody", Date: "2026-04-05"}},
		Waivers:  map[string]*model.Waiver{"waiver": {ID: "waiver", Policy: "TM999", Subject: "A-1", Reason: "Waived because", Expires: "2027-01-01", ApprovedBy: "the lead"}},
		Reviews:  map[string]*model.ReviewRecord{"review": {ID: "review", Date: "2026-05-06", Roles: []string{"developer", "analyst"}, Scope: "All of it", Revision: "abc123", Outcomes: []string{"One outcome", "Another"}}},
		Retired:  map[string]*model.Retired{"OLD-1": {ID: "OLD-1", Kind: "threats", Reason: "It was wrong", ReplacedBy: "A-1"}},
		Considered: map[string]map[string]*model.Consideration{"con": {
			"question-one": {Verdict: "threat", Reason: "Yes, it is", Threat: "A-1", By: "the asker", Date: "2026-06-07"},
		}},
		Exclusions: map[string]map[string]*model.Exclusion{"controls": {"AC-3": {Reason: "Does not apply", Profile: "profile"}, "PE": {Reason: "No walls"}, "AC-4": {Reason: "Nothing flows"}}},
		Catalogs: map[string]*model.Catalog{
			"controls": {ID: "controls", Title: "Controls title", Version: "5", Kind: "controls", Publisher: "Publisher", License: "Free", URL: "https://example.com/controls",
				Groups: map[string]*model.Group{"AC": {Title: "Access"}, "ac": {Title: "Other case"}, "PE": {Title: "Places"}},
				Entries: map[string]*model.Entry{
					"AC-2":    {Title: "Accounts", Groups: []string{"AC"}, Status: "active", Tags: []string{"low"}},
					"AC-2(1)": {Title: "Automation", Groups: []string{"AC", "ac"}, Parent: "AC-2", Status: "active", Tags: []string{"moderate"}, URL: "https://example.com/ac-2.1"},
					"AC-21":   {Title: "Sharing", Groups: []string{"AC"}, Status: "withdrawn", ReplacedBy: []string{"AC-2", "PE"}},
					"AC-3":    {Title: "Enforcement", Groups: []string{"AC"}, Status: "active"},
					"AC-4":    {Title: "Flow control", Groups: []string{"AC"}, Status: "active"},
					"AC-10":   {Title: "Sessions", Groups: []string{"AC"}, Status: "active"},
					"PE-1":    {Title: "Doors", Groups: []string{"PE"}, Status: "active"},
				}},
			"techniques": {ID: "techniques", Title: "Techniques title", Version: "18", Kind: "techniques", Publisher: "Other publisher", License: "Also free", URL: "https://example.com/techniques", AsPublished: true,
				Entries: map[string]*model.Entry{
					"T1":     {Title: "Technique", Status: "active"},
					"T1.001": {Title: "Sub-technique", Parent: "T1", Status: "active"},
					"F/x y":  {Title: "With a slash and a blank", Status: "active"},
				}},
		},
	}
}

// TestAnchors holds that ids alike have pages and anchors of their own.
func TestAnchors(t *testing.T) {
	files := pagesOf(t, everything())
	checkLinks(t, files)
	require.Contains(t, files, "components/con-2.md", "con is a device on Windows")
	require.Contains(t, files, "components/readme-2.md", "readme is the index where case does not count")
	require.Contains(t, string(files["themes/a-1.md"]), "(#a-1-1)")
	require.Contains(t, string(files["catalogues/controls/AC.md"]), "## AC-2 (1)\n")
	require.Contains(t, string(files["catalogues/controls/AC.md"]), "[AC-2(1)](#ac-2-1)")
	require.Contains(t, string(files["catalogues/controls/AC.md"]), "AC-10 Sessions")
	require.Contains(t, files, "catalogues/controls/ac-2.md", "AC.md and ac.md are one file where case does not count")
	require.Contains(t, string(files["attack-trees/tree.md"]), "[tree](#tree-1)")
	require.Contains(t, string(files["assumptions.md"]), "## assumptions\n")
}

// TestInbox holds that a workshop's notes are in no public page.
func TestInbox(t *testing.T) {
	m := everything()
	require.Contains(t, pagesOf(t, m), "inbox.md")
	m.Metadata.Audience = "public"
	for name, src := range pagesOf(t, m) {
		require.NotContains(t, string(src), "Note title", name)
		require.NotContains(t, string(src), "inbox.md", name)
	}
}

// TestEmpty writes the pages of a model that has nothing yet.
func TestEmpty(t *testing.T) {
	files := pagesOf(t, &model.Model{Metadata: model.Metadata{Name: "empty", Title: "Empty", Version: "0.1.0", Stage: "draft", Audience: "public"}, RiskMatrix: matrix()})
	checkLinks(t, files)
	require.Contains(t, files, "README.md")
}

// BenchmarkFiles writes the pages of a model with 5,000 threats of all fields.
func BenchmarkFiles(b *testing.B) {
	m := everything()
	long := "A text with `code`, marks (a_b | c) and words that go on for a while so that it is like those of a model; "
	for i := range 5000 {
		t := *m.Threats["A-1"]
		t.ID = fmt.Sprintf("BIG-%04d", i)
		t.Theme = fmt.Sprintf("theme-%d", i%50)
		t.Description = long + long + long + long
		t.Likelihood.Reason = long
		t.Impact.Reason = long
		m.Themes[t.Theme] = &model.Theme{ID: t.Theme, Title: "Theme", Description: long}
		m.Threats[t.ID] = &t
	}
	s, err := schema.V1()
	require.NoError(b, err)
	in := Input{Model: m, Facts: analysis.Derive(m)}
	in.Tables = table.Build(m, in.Facts, s)
	b.ResetTimer()
	for b.Loop() {
		files, err := Files(in)
		require.NoError(b, err)
		size := 0
		for _, f := range files {
			size += len(f)
		}
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}
