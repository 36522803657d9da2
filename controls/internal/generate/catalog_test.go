package main

import (
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	nistHeader  = "id,family,parent,title,status,withdrawn_how,withdrawn_to,low,moderate,high,privacy\n"
	familiesCSV = "family,name\nAU,Audit and Accountability\nAC,Access Control\n"

	attackHeader = "id,name,parent,tactics,containers,iaas,linux,identity_provider,pre,status,replaced_by\n"
	tacticsCSV   = "order,id,shortname,name\n2,TA0005,defense-evasion,Defense Evasion\n1,TA0001,initial-access,Initial Access\n"
	changesCSV   = "v18_id,v19_id,v19_name\n"

	fedrampHeader = "id,li_saas,low,moderate,high\n"
)

// parsed returns the table in a text.
func parsed(t *testing.T, faults *[]fault, name, text string) table {
	t.Helper()
	x, err := parseTable(name, []byte(text), faults)
	require.NoError(t, err)
	return x
}

// nist builds a catalogue from the text of its tables.
func nist(t *testing.T, controls, families, fedramp string) (catalog, []fault) {
	t.Helper()
	var faults []fault
	c := parsed(t, &faults, "controls.csv", controls)
	return nistCatalog(c, parsed(t, &faults, "families.csv", families), parsed(t, &faults, "fedramp.csv", fedramp)), faults
}

// attack builds a catalogue from the text of its tables.
func attack(t *testing.T, techniques, tactics, changes string) (catalog, []fault) {
	t.Helper()
	var faults []fault
	x := parsed(t, &faults, "techniques.csv", techniques)
	return attackCatalog(x, parsed(t, &faults, "tactics.csv", tactics), parsed(t, &faults, "changes.csv", changes)), faults
}

// body returns the groups and entries of the catalogue as CUE.
func body(t *testing.T, c catalog) string {
	t.Helper()
	text, err := c.format("x.csv")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "\tgroups: {\n")
	require.True(t, found)
	return after
}

func TestNISTCatalog(t *testing.T) {
	c, faults := nist(t, nistHeader+
		"AC-10,AC,,Concurrent Session Control,active,,,0,0,1,0\n"+
		"AC-2(10),AC,AC-2,Shared Accounts,withdrawn,incorporated-into,AC-2;AU,0,0,0,0\n"+
		"AC-2,AC,,\"Accounts, \"\"all\"\"\",active,,,1,1,1,0\n"+
		"AC-2(9),AC,AC-2,Path\\(Name),withdrawn,tailoring,,0,0,0,0\n"+
		"AU-1,AU,,Policy — Procedures,active,,,0,0,0,1\n", familiesCSV, fedrampHeader+"AU-1,1,0,1,1\nAC-10,0,0,0,1\n")
	require.Empty(t, faults)
	assert.Equal(t, `		AU: title: "Audit and Accountability"
		AC: title: "Access Control"
	}
	entries: {
		"AU-1": {title: "Policy — Procedures", groups: ["AU"], tags: ["privacy", "fedramp-li-saas", "fedramp-moderate", "fedramp-high"]}
		"AC-2": {title: "Accounts, \"all\"", groups: ["AC"], tags: ["low", "moderate", "high"]}
		"AC-2(9)": {title: "Path\\(Name)", groups: ["AC"], parent: "AC-2", status: "withdrawn"}
		"AC-2(10)": {title: "Shared Accounts", groups: ["AC"], parent: "AC-2", status: "withdrawn", replacedBy: ["AC-2", "AU"]}
		"AC-10": {title: "Concurrent Session Control", groups: ["AC"], tags: ["high", "fedramp-high"]}
	}
}
`, body(t, c), "families keep the order of their table, controls and enhancements that of their numbers")
}

func TestNISTFaults(t *testing.T) {
	for name, test := range map[string]struct {
		rows string
		want string
	}{
		"padded id":        {"AC-02,AC,,T,active,,,0,0,0,0", `id: "AC-02" is not written like AC-2 or AC-2(1)`},
		"OSCAL id":         {"ac-2.1,AC,,T,active,,,0,0,0,0", `id: "ac-2.1" is not written like AC-2 or AC-2(1)`},
		"no such family":   {"ZZ-2,ZZ,,T,active,,,0,0,0,0", `id: "ZZ-2" is of no known family`},
		"other family":     {"AC-2,AU,,T,active,,,0,0,0,0", `family: "AU" is not the family of "AC-2"`},
		"other parent":     {"AC-2(1),AC,AC-3,T,active,,,0,0,0,0\nAC-2,AC,,T,active,,,0,0,0,0\nAC-3,AC,,T,active,,,0,0,0,0", `parent: "AC-3", though "AC-2(1)" refines "AC-2"`},
		"parent not there": {"AC-2(1),AC,AC-2,T,active,,,0,0,0,0", `parent: no entry "AC-2"`},
		"twice":            {"AC-2,AC,,T,active,,,0,0,0,0\nAC-2,AC,,U,active,,,0,0,0,0", `id: "AC-2" stands in line 2 already`},
		"status":           {"AC-2,AC,,T,gone,,,0,0,0,0", `status: "gone" is neither active nor withdrawn`},
		"active but moved": {"AC-2,AC,,T,active,moved-to,AU,0,0,0,0", `status: "active", but the control is withdrawn to "AU"`},
		"moved nowhere":    {"AC-2,AC,,T,withdrawn,moved-to,,0,0,0,0", `withdrawn_to: nothing, though "AC-2" is "moved-to" something`},
		"tailored away":    {"AC-2,AC,,T,withdrawn,tailoring,AU,0,0,0,0", `withdrawn_to: "AU", though "AC-2" was withdrawn for "tailoring"`},
		"how":              {"AC-2,AC,,T,withdrawn,lost,AU,0,0,0,0", `withdrawn_how: "lost" is not known`},
		"baseline":         {"AC-2,AC,,T,withdrawn,moved-to,AU,0,0,1,0", `high: "AC-2" is withdrawn, so no baseline selects it`},
		"successor":        {"AC-2,AC,,T,withdrawn,moved-to,PM,0,0,0,0", `no entry or group "PM" to take the place of "AC-2"`},
		"own successor":    {"AC-2,AC,,T,withdrawn,moved-to,AC-2,0,0,0,0", `"AC-2" takes its own place`},
		"flag":             {"AC-2,AC,,T,active,,,x,0,0,0", `low: "x" is neither 0 nor 1`},
		"title":            {"AC-2,AC,,,active,,,0,0,0,0", `title: no text`},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := nist(t, nistHeader+test.rows+"\n", familiesCSV, fedrampHeader)
			require.Len(t, faults, 1)
			assert.Equal(t, test.want, faults[0].message)
			assert.Equal(t, "controls.csv", faults[0].file)
		})
	}
	for rows, want := range map[string]string{
		"AC,Access Control\nAC,Again": `families.csv:3: family: "AC" stands twice`,
		"ac,Access Control":           `families.csv:2: family: "ac" is not two capitals`,
	} {
		_, faults := nist(t, nistHeader, "family,name\n"+rows+"\n", fedrampHeader)
		require.Len(t, faults, 1)
		assert.EqualError(t, faults[0], want)
	}
	for rows, want := range map[string]string{
		"AC-3,1,1,1,1":               `fedramp.csv:2: id: no control "AC-3"`,
		"AC-1,1,1,1,1":               `fedramp.csv:2: id: "AC-1" is withdrawn, so no baseline selects it`,
		"AC-2,1,0,0,0\nAC-2,0,1,0,0": `fedramp.csv:3: id: "AC-2" stands twice`,
		"AC-2,1,x,0,0":               `fedramp.csv:2: low: "x" is neither 0 nor 1`,
	} {
		_, faults := nist(t, nistHeader+"AC-1,AC,,T,withdrawn,tailoring,,0,0,0,0\nAC-2,AC,,T,active,,,0,0,0,0\n", familiesCSV, fedrampHeader+rows+"\n")
		require.Len(t, faults, 1)
		assert.EqualError(t, faults[0], want)
	}
}

func TestFaultsAreToldInOrder(t *testing.T) {
	_, faults := nist(t, nistHeader+
		"AC-9,AC,,T,gone,,,0,0,0,0\n"+
		"AC-8(1),AC,AC-8,T,active,,,0,0,0,0\n"+
		"AC-7,AC,,,active,,,0,0,0,0\n", "family,name\nAC,\n", fedrampHeader)
	assert.EqualError(t, join(faults, []string{"controls.csv", "families.csv"}), `controls.csv:2: status: "gone" is neither active nor withdrawn
controls.csv:3: parent: no entry "AC-8"
controls.csv:4: title: no text
families.csv:2: name: no text`)
	assert.NoError(t, join(nil, nil))
}

func TestAttackCatalog(t *testing.T) {
	c, faults := attack(t, attackHeader+
		"T1562,Impair Defenses,,defense-evasion,1,1,1,1,0,active,\n"+
		"T1562.001,Disable or Modify Tools,T1562,defense-evasion;initial-access,1,0,0,0,0,active,\n"+
		"T1089,Disabling Security Tools,,defense-evasion,0,0,0,0,0,revoked,T1562.001\n"+
		"T1053.001,At,,initial-access,0,0,0,0,1,deprecated,\n", tacticsCSV, changesCSV+
		"T1562,T1685,Disable or Modify Tools\n"+
		"T1562.001,T1685.001,Log\n"+
		"T1089,T1562.001,Disable or Modify Tools\n")
	require.Empty(t, faults)
	assert.Equal(t, `		TA0001: title: "Initial Access"
		TA0005: title: "Defense Evasion"
	}
	entries: {
		"T1053.001": {title: "At", groups: ["TA0001"], status: "deprecated", tags: ["pre"]}
		T1089: {title: "Disabling Security Tools", groups: ["TA0005"], status: "revoked", replacedBy: ["T1562.001"]}
		T1562: {title: "Impair Defenses", groups: ["TA0005"], replacedBy: ["T1685"], tags: ["containers", "iaas", "linux", "identity-provider", "revoked-in-19"]}
		"T1562.001": {title: "Disable or Modify Tools", groups: ["TA0005", "TA0001"], parent: "T1562", replacedBy: ["T1685.001"], tags: ["containers", "revoked-in-19"]}
		T1685: {title: "Disable or Modify Tools", tags: ["new-in-19"]}
		"T1685.001": {title: "Log", parent: "T1685", tags: ["new-in-19"]}
	}
}
`, body(t, c), "what the pinned version revokes itself is left as it is")
}

func TestAttackFaults(t *testing.T) {
	const known = "T1001,T,,defense-evasion,0,0,0,0,0,active,\nT1002,T,,defense-evasion,0,0,0,0,0,active,\n" +
		"T1003,T,,defense-evasion,0,0,0,0,0,revoked,T1001\n"
	for name, test := range map[string]struct {
		rows, tactics, changes string
		want                   string
	}{
		"id":                 {rows: "T1.1,T,,initial-access,0,0,0,0,0,active,", want: `techniques.csv:5: id: "T1.1" is not written like T1001 or T1001.001`},
		"parent":             {rows: "T1005.001,T,T1001,initial-access,0,0,0,0,0,active,", want: `techniques.csv:5: parent: "T1001" cannot be the parent of "T1005.001"`},
		"own parent":         {rows: "T1005,T,T1005,initial-access,0,0,0,0,0,active,", want: `techniques.csv:5: parent: "T1005" cannot be the parent of "T1005"`},
		"parent not there":   {rows: "T1005.001,T,T1005,initial-access,0,0,0,0,0,active,", want: `techniques.csv:5: parent: no entry "T1005"`},
		"tactic":             {rows: "T1005,T,,stealth,0,0,0,0,0,active,", want: `techniques.csv:5: tactics: no tactic "stealth"`},
		"status":             {rows: "T1005,T,,initial-access,0,0,0,0,0,withdrawn,", want: `techniques.csv:5: status: "withdrawn" is not active, revoked or deprecated`},
		"revoked by nothing": {rows: "T1005,T,,initial-access,0,0,0,0,0,revoked,", want: `techniques.csv:5: replaced_by: nothing, though "T1005" is revoked`},
		"active and moved":   {rows: "T1005,T,,initial-access,0,0,0,0,0,active,T1001", want: `techniques.csv:5: replaced_by: "T1001", though "T1005" is active`},
		"successor":          {rows: "T1005,T,,initial-access,0,0,0,0,0,revoked,T1999", want: `techniques.csv:5: no entry or group "T1999" to take the place of "T1005"`},
		"tactic id":          {tactics: "3,TB1,impact,Impact", want: `tactics.csv:4: id: "TB1" is not written like TA0001`},
		"tactic twice":       {tactics: "3,TA0001,impact,Impact", want: `tactics.csv:4: id: "TA0001" stands twice`},
		"shortname twice":    {tactics: "3,TA0040,initial-access,Impact", want: `tactics.csv:4: shortname: "initial-access" stands twice`},
		"order":              {tactics: "x,TA0040,impact,Impact", want: `tactics.csv:4: order: "x" is not a number`},
		"changed unknown":    {changes: "T1999,T1685,N", want: `changes.csv:2: v18_id: no technique "T1999"`},
		"changed to":         {changes: "T1001,1685,N", want: `changes.csv:2: v19_id: "1685" is not written like T1001 or T1001.001`},
		"changed twice":      {changes: "T1001,T1685,N\nT1001,T1686,M", want: `changes.csv:3: v18_id: "T1001" stands twice`},
		"changed otherwise":  {changes: "T1003,T1685,N", want: `changes.csv:2: v18_id: "T1003" is revoked already, and not for "T1685"`},
		"two names":          {changes: "T1001,T1685,N\nT1002,T1685,M", want: `changes.csv:3: v19_name: "M", but line 2 calls "T1685" "N"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := attack(t, attackHeader+known+test.rows+"\n", tacticsCSV+test.tactics+"\n", changesCSV+test.changes+"\n")
			require.Len(t, faults, 1)
			assert.EqualError(t, faults[0], test.want)
		})
	}
}

func FuzzNISTCatalog(f *testing.F) {
	f.Add("AC-2,AC,,Account Management,active,,,1,1,1,0\nAC-2(1),AC,AC-2,\"A \"\"b\"\" \\(c)\",withdrawn,moved-to,AU,0,0,0,0\n")
	f.Add("AC-2,AC,,T,gone,x,AC-9;;,2,,0,0\n")
	f.Fuzz(func(t *testing.T, rows string) {
		var faults []fault
		controls, err := parseTable("controls.csv", []byte(nistHeader+rows), &faults)
		if err != nil {
			return
		}
		c := nistCatalog(controls, parsed(t, &faults, "families.csv", familiesCSV), parsed(t, &faults, "fedramp.csv", fedrampHeader))
		if len(faults) > 0 {
			return
		}
		// What is taken without a fault comes out as CUE that says the same, in the form of cue fmt.
		require.Len(t, c.entries, len(controls.rows))
		text, err := c.format("x.csv")
		require.NoError(t, err)
		again, err := format.Source(text, format.Simplify())
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
		require.Equal(t, titles(c), parsedTitles(t, text))
	})
}

// titles returns the titles of groups and entries in their order.
func titles(c catalog) []string {
	all := []string{c.title}
	for _, g := range c.groups {
		all = append(all, g.title)
	}
	for _, e := range c.entries {
		all = append(all, e.title)
	}
	return all
}

// parsedTitles returns every title in a CUE file in the order of the file.
func parsedTitles(t *testing.T, text []byte) []string {
	t.Helper()
	file, err := parser.ParseFile("catalog.cue", text)
	require.NoError(t, err)
	var all []string
	ast.Walk(file, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok {
			return true
		}
		if name, _, err := ast.LabelName(field.Label); err == nil && name == "title" {
			value, ok := field.Value.(*ast.BasicLit)
			require.True(t, ok)
			title, err := literal.Unquote(value.Value)
			require.NoError(t, err)
			all = append(all, title)
		}
		return true
	}, nil)
	return all
}
