// Package model holds a threat model as plain Go values.
//
// The structs mirror the definitions of schema/v1 field by field (a test in pkg/load holds that); their JSON form is
// the canonical authored model. Nothing here knows CUE, files or clocks.
package model

// Model is a whole threat model: the Go form of #ThreatModel.
type Model struct {
	Schema          string                               `json:"schema"`
	Kind            string                               `json:"kind"`
	Metadata        Metadata                             `json:"metadata"`
	Scope           *Scope                               `json:"scope,omitempty"`
	RiskMatrix      RiskMatrix                           `json:"riskMatrix"`
	Themes          map[string]*Theme                    `json:"themes,omitempty"`
	Assumptions     map[string]*Assumption               `json:"assumptions,omitempty"`
	Boundaries      map[string]*Boundary                 `json:"boundaries,omitempty"`
	Components      map[string]*Component                `json:"components,omitempty"`
	Features        map[string]*Feature                  `json:"features,omitempty"`
	Assets          map[string]*Asset                    `json:"assets,omitempty"`
	Flows           map[string]*Flow                     `json:"flows,omitempty"`
	Actors          map[string]*Actor                    `json:"actors,omitempty"`
	Threats         map[string]*Threat                   `json:"threats,omitempty"`
	Countermeasures map[string]*Countermeasure           `json:"countermeasures,omitempty"`
	AttackTrees     map[string]*AttackTree               `json:"attackTrees,omitempty"`
	Scenarios       map[string]*Scenario                 `json:"scenarios,omitempty"`
	Views           map[string]*View                     `json:"views,omitempty"`
	Profiles        map[string]*Profile                  `json:"profiles,omitempty"`
	Tensions        map[string]*Tension                  `json:"tensions,omitempty"`
	Inbox           map[string]*InboxEntry               `json:"inbox,omitempty"`
	Waivers         map[string]*Waiver                   `json:"waivers,omitempty"`
	Reviews         map[string]*ReviewRecord             `json:"reviews,omitempty"`
	Retired         map[string]*Retired                  `json:"retired,omitempty"`
	Considered      map[string]map[string]*Consideration `json:"considered,omitempty"`
	Exclusions      map[string]map[string]*Exclusion     `json:"exclusions,omitempty"`
	Catalogs        map[string]*Catalog                  `json:"catalogs,omitempty"`
	Crosswalks      map[string]*Crosswalk                `json:"crosswalks,omitempty"`
}

// Level is a degree on the qualitative scale of SP 800-30 Rev 1, such as "very-low".
type Level string

// The levels of SP 800-30 Rev 1 (tables G-2, H-3 and I-2), lowest first.
const (
	VeryLow  Level = "very-low"
	Low      Level = "low"
	Moderate Level = "moderate"
	High     Level = "high"
	VeryHigh Level = "very-high"
)

// Levels lists the levels from lowest to highest.
func Levels() []Level { return []Level{VeryLow, Low, Moderate, High, VeryHigh} }

// Rank orders levels: 1 for very-low to 5 for very-high, 0 for anything else.
func (l Level) Rank() int {
	for i, x := range Levels() {
		if x == l {
			return i + 1
		}
	}
	return 0
}

// RiskMatrix gives the level of risk by likelihood, then impact (SP 800-30 Rev 1, table I-2, unless replaced).
type RiskMatrix map[Level]map[Level]Level

// Metadata says what the model is and whose.
type Metadata struct {
	Name        string      `json:"name"`
	Title       string      `json:"title"`
	Version     string      `json:"version"`
	Stage       string      `json:"stage"`
	Date        string      `json:"date,omitempty"`
	Audience    string      `json:"audience"`
	AppliesTo   *AppliesTo  `json:"appliesTo,omitempty"`
	Owners      []Owner     `json:"owners,omitempty"`
	License     string      `json:"license,omitempty"`
	Disclaimers []string    `json:"disclaimers,omitempty"`
	References  []Reference `json:"references,omitempty"`
}

// AppliesTo is a product and its releases.
type AppliesTo struct {
	Product  string   `json:"product"`
	Versions []string `json:"versions"`
}

// Owner is a role that answers for the model.
type Owner struct {
	Name    string `json:"name"`
	Role    string `json:"role"`
	Contact string `json:"contact,omitempty"`
}

// Reference points to a document.
type Reference struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Scope says what the model is about.
type Scope struct {
	Goals    []string   `json:"goals,omitempty"`
	Included []string   `json:"included,omitempty"`
	Excluded []Excluded `json:"excluded,omitempty"`
}

// Excluded is a subject that the model leaves out.
type Excluded struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Theme is a chapter of threats.
type Theme struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

// Assumption is what the model takes for true.
type Assumption struct {
	ID         string      `json:"id"`
	Statement  string      `json:"statement"`
	References []Reference `json:"references,omitempty"`
}

// Boundary is a zone that holds components, on one plane.
type Boundary struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Plane       string   `json:"plane"`
	Parent      string   `json:"parent,omitempty"`
	Instances   string   `json:"instances"`
	Inward      string   `json:"inward"`
	Outward     string   `json:"outward"`
	EnforcedBy  []string `json:"enforcedBy,omitempty"`
	Description string   `json:"description"`
}

// Exposures are compliance risks by catalogue, then entry.
type Exposures map[string]map[string]*Exposure

// Exposure says that a subject is susceptible to the risk that a catalogue's entry addresses, or resists it.
type Exposure struct {
	Susceptibility string            `json:"susceptibility"`
	Parts          []string          `json:"parts,omitempty"`
	Rationale      string            `json:"rationale"`
	Origin         string            `json:"origin"`
	Bearers        map[string]string `json:"bearers"`
	Evidence       []Evidence        `json:"evidence,omitempty"`
}

// Evidence is how an assessor can see a statement for themselves.
type Evidence struct {
	Method string `json:"method"`
	What   string `json:"what"`
}

// Component is a part of the system that runs, stores, or stands outside it.
type Component struct {
	ID             string              `json:"id"`
	Title          string              `json:"title"`
	Kind           string              `json:"kind"`
	Boundary       string              `json:"boundary"`
	AlsoIn         []string            `json:"alsoIn,omitempty"`
	PartOf         []string            `json:"partOf,omitempty"`
	RunsOn         []string            `json:"runsOn,omitempty"`
	Instances      string              `json:"instances"`
	Technology     string              `json:"technology,omitempty"`
	Responsibility string              `json:"responsibility"`
	Holds          map[string]*Holding `json:"holds,omitempty"`
	Optional       bool                `json:"optional"`
	Tags           []string            `json:"tags,omitempty"`
	Description    string              `json:"description"`
	PutsAtRisk     Exposures           `json:"putsAtRisk,omitempty"`
	References     []Reference         `json:"references,omitempty"`
}

// Holding is the form in which a component holds an asset.
type Holding struct {
	Form string `json:"form"`
}

// Feature is a design, capability, runtime behaviour or configuration option that gives rise to threats.
type Feature struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	Kind        string      `json:"kind"`
	Component   string      `json:"component,omitempty"`
	Setting     string      `json:"setting,omitempty"`
	Default     string      `json:"default"`
	Stages      *Stages     `json:"stages,omitempty"`
	Description string      `json:"description"`
	PutsAtRisk  Exposures   `json:"putsAtRisk,omitempty"`
	References  []Reference `json:"references,omitempty"`
}

// Stages are releases by the stage that a feature reached in them.
type Stages struct {
	Alpha      string `json:"alpha,omitempty"`
	Beta       string `json:"beta,omitempty"`
	Stable     string `json:"stable,omitempty"`
	Deprecated string `json:"deprecated,omitempty"`
	Removed    string `json:"removed,omitempty"`
}

// Asset is what is worth attacking.
type Asset struct {
	ID              string      `json:"id"`
	Title           string      `json:"title"`
	Kind            string      `json:"kind"`
	Confidentiality string      `json:"confidentiality"`
	Integrity       string      `json:"integrity"`
	Availability    string      `json:"availability"`
	Credential      *Credential `json:"credential,omitempty"`
	Description     string      `json:"description"`
	References      []Reference `json:"references,omitempty"`
}

// Credential is the life of an asset that proves an identity.
type Credential struct {
	IssuedBy   []string `json:"issuedBy,omitempty"`
	AcceptedBy []string `json:"acceptedBy,omitempty"`
	Lifetime   string   `json:"lifetime,omitempty"`
	Bound      string   `json:"bound,omitempty"`
	Revocation string   `json:"revocation,omitempty"`
}

// Flow is data that moves from the party that initiates to the one that answers.
type Flow struct {
	ID            string   `json:"id"`
	Title         string   `json:"title"`
	From          string   `json:"from"`
	To            string   `json:"to"`
	Between       string   `json:"between,omitempty"`
	Over          []string `json:"over,omitempty"`
	Protocol      string   `json:"protocol"`
	Ports         []int    `json:"ports,omitempty"`
	ClientAuth    string   `json:"clientAuth"`
	ServerAuth    string   `json:"serverAuth"`
	Authorization string   `json:"authorization,omitempty"`
	Encryption    string   `json:"encryption"`
	TrustBasis    string   `json:"trustBasis"`
	Credentials   []string `json:"credentials,omitempty"`
	Carries       []string `json:"carries,omitempty"`
	Conditional   string   `json:"conditional,omitempty"`
	Description   string   `json:"description,omitempty"`
}

// Actor is who or what can bring a threat about.
type Actor struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Position    string            `json:"position"`
	Source      string            `json:"source"`
	Capability  Level             `json:"capability,omitempty"`
	Motive      string            `json:"motive,omitempty"`
	Boundary    string            `json:"boundary,omitempty"`
	Access      map[string]string `json:"access,omitempty"`
	Oversight   *Oversight        `json:"oversight,omitempty"`
	Description string            `json:"description"`
	References  []Reference       `json:"references,omitempty"`
}

// Oversight is what would show a misuse of legitimate access, and to whom.
type Oversight struct {
	Trace      string   `json:"trace"`
	RecordedIn []string `json:"recordedIn,omitempty"`
	WatchedBy  []string `json:"watchedBy,omitempty"`
	Separation []string `json:"separation,omitempty"`
}

// Links are links to catalogue entries, by catalogue, then entry.
type Links map[string]map[string]*Note

// Threat is a bad event: a circumstance, its effect and its impact.
type Threat struct {
	ID               string                       `json:"id"`
	Title            string                       `json:"title"`
	Theme            string                       `json:"theme"`
	Actors           []string                     `json:"actors"`
	Affects          []string                     `json:"affects"`
	Owner            string                       `json:"owner,omitempty"`
	Reviewed         Review                       `json:"reviewed"`
	Likelihood       Rating                       `json:"likelihood"`
	Impact           Rating                       `json:"impact"`
	AsInstalled      *Residual                    `json:"asInstalled,omitempty"`
	Hardened         *Residual                    `json:"hardened,omitempty"`
	Description      string                       `json:"description"`
	Entry            []string                     `json:"entry,omitempty"`
	Via              []string                     `json:"via,omitempty"`
	Stride           []string                     `json:"stride"`
	Breaks           []string                     `json:"breaks,omitempty"`
	ArisesFrom       []string                     `json:"arisesFrom,omitempty"`
	ArisesOutside    string                       `json:"arisesOutside,omitempty"`
	Preconditions    []string                     `json:"preconditions,omitempty"`
	LeadsTo          []string                     `json:"leadsTo,omitempty"`
	Countermeasures  map[string]*Mitigation       `json:"countermeasures,omitempty"`
	Decision         *Decision                    `json:"decision,omitempty"`
	PutsAtRisk       Exposures                    `json:"putsAtRisk,omitempty"`
	Techniques       Links                        `json:"techniques,omitempty"`
	NoTechnique      string                       `json:"noTechnique,omitempty"`
	Weaknesses       Links                        `json:"weaknesses,omitempty"`
	Vulnerabilities  Links                        `json:"vulnerabilities,omitempty"`
	AffectedVersions []VersionRange               `json:"affectedVersions,omitempty"`
	Covers           map[string]map[string]*Cover `json:"covers,omitempty"`
	Assumptions      []string                     `json:"assumptions,omitempty"`
	Tags             []string                     `json:"tags,omitempty"`
	References       []Reference                  `json:"references,omitempty"`
	Notes            string                       `json:"notes,omitempty"`
}

// Rating is a level and the reason for it.
type Rating struct {
	Level  Level  `json:"level"`
	Reason string `json:"reason"`
}

// Residual is the rating of a threat in a later state; what it leaves out is as in the state before.
type Residual struct {
	Likelihood Level  `json:"likelihood,omitempty"`
	Impact     Level  `json:"impact,omitempty"`
	Reason     string `json:"reason"`
}

// Review says when and by which role an entry was last read against the product.
type Review struct {
	Date string `json:"date"`
	By   string `json:"by"`
}

// Mitigation is what a countermeasure does about one threat.
type Mitigation struct {
	Effect string `json:"effect"`
	Extent string `json:"extent"`
	Note   string `json:"note,omitempty"`
}

// Decision is what was decided about a risk, by which role, when and why.
type Decision struct {
	What   string `json:"what"`
	By     string `json:"by"`
	Date   string `json:"date"`
	Reason string `json:"reason"`
}

// Note is a link to a catalogue's entry with a remark.
type Note struct {
	Note string `json:"note,omitempty"`
}

// Cover says how far a threat answers an entry of another list.
type Cover struct {
	Extent string `json:"extent"`
	Note   string `json:"note,omitempty"`
}

// VersionRange is a range of releases, open at an end that is empty.
type VersionRange struct {
	Introduced string `json:"introduced,omitempty"`
	Fixed      string `json:"fixed,omitempty"`
}

// Countermeasure is what can be done about threats.
type Countermeasure struct {
	ID               string                         `json:"id"`
	Title            string                         `json:"title"`
	Default          string                         `json:"default"`
	Responsibility   string                         `json:"responsibility"`
	Component        string                         `json:"component,omitempty"`
	Feature          string                         `json:"feature,omitempty"`
	Requires         []string                       `json:"requires,omitempty"`
	Introduces       []string                       `json:"introduces,omitempty"`
	Description      string                         `json:"description"`
	Check            string                         `json:"check,omitempty"`
	AffectedVersions []VersionRange                 `json:"affectedVersions,omitempty"`
	Supports         map[string]map[string]*Support `json:"supports,omitempty"`
	References       []Reference                    `json:"references,omitempty"`
}

// Support says how a countermeasure helps with a control.
type Support struct {
	Rationale string `json:"rationale"`
}

// AttackTree shows the ways to a goal.
type AttackTree struct {
	ID    string               `json:"id"`
	Title string               `json:"title"`
	Goal  string               `json:"goal"`
	Root  string               `json:"root"`
	Nodes map[string]*TreeNode `json:"nodes"`
}

// TreeNode is a goal, a way or a step of an attack tree.
type TreeNode struct {
	Label      string   `json:"label"`
	Gate       string   `json:"gate,omitempty"`
	Children   []string `json:"children,omitempty"`
	Threat     string   `json:"threat,omitempty"`
	Assumption string   `json:"assumption,omitempty"`
	Subtree    string   `json:"subtree,omitempty"`
	Reason     string   `json:"reason,omitempty"`
}

// Scenario is a request on its way, step by step.
type Scenario struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Steps       []Step `json:"steps"`
}

// Step is one flow of a scenario.
type Step struct {
	Flow string `json:"flow"`
	Note string `json:"note,omitempty"`
}

// View is a named selection of the model, with a diagram of its own.
type View struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Kind        string    `json:"kind"`
	Description string    `json:"description"`
	Selects     Selection `json:"selects"`
}

// Selection picks elements; an element is in when any of the lists names it.
type Selection struct {
	Boundaries []string `json:"boundaries,omitempty"`
	Components []string `json:"components,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Actors     []string `json:"actors,omitempty"`
	Themes     []string `json:"themes,omitempty"`
}

// Profile is a way to install and run the system, told as differences from the model.
type Profile struct {
	ID          string                               `json:"id"`
	Title       string                               `json:"title"`
	Description string                               `json:"description"`
	Absent      []string                             `json:"absent,omitempty"`
	Differs     map[string]map[string]map[string]any `json:"differs,omitempty"`
}

// Null is what a profile says of a field that it takes away, where a value stands for something that is there.
type Null struct{}

// MarshalJSON returns null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Tension is a contradiction between requirements.
type Tension struct {
	ID        string     `json:"id"`
	Statement string     `json:"statement"`
	Entries   []EntryRef `json:"entries"`
	Threats   []string   `json:"threats,omitempty"`
}

// EntryRef names an entry of a catalogue.
type EntryRef struct {
	Catalogue string `json:"catalogue"`
	Entry     string `json:"entry"`
}

// Exclusion says why an entry or a group of a catalogue does not apply.
type Exclusion struct {
	Reason  string `json:"reason"`
	Profile string `json:"profile,omitempty"`
}

// Consideration is a question that was asked about an element, and its answer.
type Consideration struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	Threat  string `json:"threat,omitempty"`
	By      string `json:"by,omitempty"`
	Date    string `json:"date,omitempty"`
}

// InboxEntry is a workshop's note before it is a threat.
type InboxEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	What     string `json:"what,omitempty"`
	Where    string `json:"where,omitempty"`
	Who      string `json:"who,omitempty"`
	SoWhat   string `json:"soWhat,omitempty"`
	RaisedBy string `json:"raisedBy,omitempty"`
	Date     string `json:"date,omitempty"`
}

// Waiver is the agreement that one fault may stay with one subject until a day.
type Waiver struct {
	ID         string `json:"id"`
	Policy     string `json:"policy"`
	Subject    string `json:"subject"`
	Reason     string `json:"reason"`
	Expires    string `json:"expires"`
	ApprovedBy string `json:"approvedBy"`
}

// ReviewRecord is the record that the method was really used.
type ReviewRecord struct {
	ID       string   `json:"id"`
	Date     string   `json:"date"`
	Roles    []string `json:"roles"`
	Scope    string   `json:"scope"`
	Revision string   `json:"revision,omitempty"`
	Outcomes []string `json:"outcomes,omitempty"`
}

// Retired is an id that was used once and is never used again.
type Retired struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	Reason     string `json:"reason"`
	ReplacedBy string `json:"replacedBy,omitempty"`
}

// Catalog is a list that others publish: the Go form of #Catalog.
type Catalog struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Version     string            `json:"version"`
	Kind        string            `json:"kind"`
	Publisher   string            `json:"publisher"`
	License     string            `json:"license"`
	URL         string            `json:"url"`
	AsPublished bool              `json:"asPublished"`
	Groups      map[string]*Group `json:"groups,omitempty"`
	Entries     map[string]*Entry `json:"entries,omitempty"`
}

// Group is a family, tactic or chapter of a catalogue.
type Group struct {
	Title string `json:"title"`
}

// Entry is a control, technique and so on.
type Entry struct {
	Title      string   `json:"title"`
	Groups     []string `json:"groups,omitempty"`
	Parent     string   `json:"parent,omitempty"`
	Status     string   `json:"status"`
	ReplacedBy []string `json:"replacedBy,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	URL        string   `json:"url,omitempty"`
}

// Crosswalk is what a publisher says of the entries of two catalogues: the Go form of #Crosswalk.
type Crosswalk struct {
	ID          string                      `json:"id"`
	Title       string                      `json:"title"`
	From        string                      `json:"from"`
	To          string                      `json:"to"`
	Version     string                      `json:"version"`
	Publisher   string                      `json:"publisher"`
	License     string                      `json:"license"`
	URL         string                      `json:"url"`
	AsPublished bool                        `json:"asPublished"`
	Pairs       map[string]map[string]*Pair `json:"pairs,omitempty"`
}

// Pair is how a source relates to a target.
type Pair struct {
	Relationship string `json:"relationship,omitempty"`
	Rationale    string `json:"rationale,omitempty"`
	Confidence   string `json:"confidence,omitempty"`
	Note         string `json:"note,omitempty"`
}
