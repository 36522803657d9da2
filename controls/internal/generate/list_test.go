package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listed builds a catalogue from the text of a list and its groups.
func listed(t *testing.T, entries, groups string) (catalog, []fault) {
	t.Helper()
	var faults []fault
	x := parsed(t, &faults, "list.csv", entries)
	return listCatalog(catalog{pkg: "x", id: "x"}, x, parsed(t, &faults, "groups.csv", groups)), faults
}

func TestListCatalog(t *testing.T) {
	c, faults := listed(t, "title,id,groups,parent,status,replaced_by,tags,url\n"+
		"Second,B,one;two,,,,,\n"+
		"First,A-1 (a),,B,deprecated,B;one,x;y-2,https://example.org/a\n",
		"id,title\ntwo,Two\none,One\n")
	require.Empty(t, faults)
	assert.Equal(t, `		two: title: "Two"
		one: title: "One"
	}
	entries: {
		B: {title: "Second", groups: ["one", "two"]}
		"A-1 (a)": {title: "First", parent: "B", status: "deprecated", replacedBy: ["B", "one"], tags: ["x", "y-2"], url: "https://example.org/a"}
	}
}
`, body(t, c), "groups and entries keep the order of their tables")

	c, faults = listed(t, "id,title\nA,Alone\n", "id,title\n")
	require.Empty(t, faults)
	assert.Equal(t, []string{"", "Alone"}, titles(c))
}

func TestListFaults(t *testing.T) {
	for name, test := range map[string]struct{ list, groups, want string }{
		"id":             {list: "id,title\nA:1,T", want: `list.csv:2: id: "A:1" is not letters and digits with spaces and ._/()- between them`},
		"id twice":       {list: "id,title\nA,T\nA,U", want: `list.csv:3: id: "A" stands in line 2 already`},
		"title":          {list: "id,title\nA,", want: `list.csv:2: title: no text`},
		"group":          {list: "id,title,groups\nA,T,g;h", want: `list.csv:2: groups: no group "h"`},
		"group twice":    {list: "id,title\nA,T", groups: "g,H", want: `groups.csv:3: id: "g" stands twice`},
		"group id":       {list: "id,title\nA,T", groups: "-,H", want: `groups.csv:3: id: "-" is not letters and digits with spaces and ._/()- between them`},
		"parent":         {list: "id,title,parent\nA,T,B", want: `list.csv:2: parent: no entry "B"`},
		"status":         {list: "id,title,status\nA,T,gone", want: `list.csv:2: status: "gone" is not active, withdrawn, revoked or deprecated`},
		"successor":      {list: "id,title,replaced_by\nA,T,B", want: `list.csv:2: no entry or group "B" to take the place of "A"`},
		"tag":            {list: "id,title,tags\nA,T,Some Tag", want: `list.csv:2: tags: "Some Tag" is not lower-case words joined by hyphens`},
		"url":            {list: "id,title,url\nA,T,www.example.org", want: `list.csv:2: url: "www.example.org" is no https address`},
		"column":         {list: "id,title,group\nA,T,g", want: `list.csv:2: the table has a column "group", which is none of id, title, groups, parent, status, replaced_by, tags, url`},
		"groups' column": {list: "id,title\nA,T", groups: "h,H", want: ``},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := listed(t, test.list+"\n", "id,title\ng,G\n"+test.groups+"\n")
			if test.want == "" {
				assert.Empty(t, faults)
				return
			}
			require.Len(t, faults, 1)
			assert.EqualError(t, faults[0], test.want)
		})
	}
	_, faults := listed(t, "id,title\n", "id,title,text\ng,G,x\n")
	require.Len(t, faults, 1)
	assert.EqualError(t, faults[0], `groups.csv:2: the table has a column "text", which is none of id, title`)
}

// TestLists holds what every list says of itself, so that nobody has to look up what a catalogue is or whose.
func TestLists(t *testing.T) {
	ids, packages := map[string]bool{}, map[string]bool{}
	for _, x := range crosswalks() {
		ids[x.id], packages[x.pkg] = true, true
		assert.True(t, strings.HasPrefix(x.doc, "Package "+x.pkg+" holds "), x.pkg)
	}
	for _, c := range lists() {
		assert.False(t, ids[c.id] || packages[c.pkg], "%s or %s is used twice", c.id, c.pkg)
		ids[c.id], packages[c.pkg] = true, true
		assert.True(t, strings.HasPrefix(c.doc, "Package "+c.pkg+" holds "), c.pkg)
		for line := range strings.Lines(c.doc) {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), 117, "%s: %s", c.pkg, line)
		}
		for _, text := range []string{c.title, c.version, c.kind, c.publisher, c.license} {
			assert.NotEmpty(t, text, c.pkg)
		}
		assert.True(t, strings.HasPrefix(c.url, "https://"), c.pkg)
	}
}

// TestEveryTableIsRead holds that no table lies about that nothing is made of.
func TestEveryTableIsRead(t *testing.T) {
	var read []string
	for _, s := range sources(testdata) {
		read = append(read, s.tables...)
	}
	found, err := filepath.Glob(testdata + "*.csv")
	require.NoError(t, err)
	for i, name := range found {
		found[i] = filepath.Base(name)
	}
	assert.ElementsMatch(t, found, read)
}
