package sheet

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/finding"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
	"github.com/tmkit/tmkit/pkg/source"
	"github.com/tmkit/tmkit/pkg/table"
)

// Side is one of the two that may have changed something since an export.
type Side string

// The sides: the model's source, and the book.
const (
	Ours   Side = "ours"
	Theirs Side = "theirs"
)

// Options say how a book is merged.
type Options struct {
	// Clear lets an empty cell take an optional field away.
	Clear bool
	// Prune lets a row that is gone take its entry away.
	Prune bool
	// NoBase takes every difference for an edit where it is not known what was exported.
	NoBase bool
	// Prefer decides all conflicts, unless it is empty.
	Prefer Side
	// Decisions decide conflicts one by one, by table, row and column, parted by NUL.
	Decisions map[string]Side
}

// Target is the model that a book is merged into.
type Target struct {
	Model  *model.Model
	Tables *table.Set
	// Position tells where a value is written.
	Position func(path []string) finding.Position
}

// Merge finds out what a book changes in a model. For each cell it looks at what was exported, what the book says and what
// the model says now. It changes nothing.
func Merge(b *Book, to Target, o Options) *Plan {
	m := match(b, to.Tables)
	g := &merger{to: to, o: o, base: b.Base, matched: m, plan: &Plan{Faults: m.faults, Notes: m.notes},
		kinds: map[string]string{}, entries: map[string]map[string]string{}, rows: map[*table.Table]*merged{}, proposed: map[*row]bool{}}
	for id, k := range model.NewIndex(to.Model) {
		g.kinds[id] = string(k)
	}
	// Entries come before what is said of them, so that their ids are known.
	for _, entries := range []bool{true, false} {
		for _, t := range to.Tables.Tables {
			if m.tabs[t.Name] != "" && len(t.Origins) > 0 && (collection(t) != "") == entries {
				g.tables = append(g.tables, t)
				g.rows[t] = newMerged(t)
			}
		}
	}
	for _, r := range m.rows {
		if in := g.rows[r.table]; in != nil {
			in.all = append(in.all, r)
		}
	}
	for _, t := range g.tables {
		g.keyed(t)
	}
	for _, t := range g.tables {
		g.gone(t)
	}
	for _, t := range g.tables {
		for _, r := range g.rows[t].all {
			g.row(r)
		}
	}
	return g.plan
}

// collection returns the collection whose entries are the rows of a table, empty for other tables.
func collection(t *table.Table) string {
	if len(t.Origins[0].Field) == 0 {
		return t.Origins[0].Collection
	}
	return ""
}

type merger struct {
	to      Target
	o       Options
	base    map[string]map[string]BaseRow
	matched *matched
	plan    *Plan
	tables  []*table.Table
	rows    map[*table.Table]*merged
	// kinds are the collections of ids: of the model's entries, and of new ones.
	kinds map[string]string
	// entries are the ids of catalogues in the spelling of folded, by catalogue.
	entries map[string]map[string]string
	// proposed are the rows whose ids were made up here.
	proposed map[*row]bool
}

// merged are the rows of a table on all sides.
type merged struct {
	// all are the book's, byKey those that have a key.
	all   []*row
	byKey map[string]*row
	ours  map[string][]string
	// gone are the keys of the rows that are to go.
	gone map[string]bool
	// byHash finds the key of an exported row by the hash that its last column has.
	byHash map[string]string
	// next is the highest number of an item, by the key of its list.
	next map[string]int
	// faulty are the rows that are left aside.
	faulty map[*row]bool
}

func newMerged(t *table.Table) *merged {
	m := &merged{byKey: map[string]*row{}, ours: make(map[string][]string, len(t.Rows)), gone: map[string]bool{}, byHash: map[string]string{}, next: map[string]int{}, faulty: map[*row]bool{}}
	for _, row := range t.Rows {
		m.ours[t.Key(row)] = row
	}
	return m
}

func (g *merger) fault(r *row, column int, value, message, hint string) {
	g.rows[r.table].faulty[r] = true
	g.plan.Faults = append(g.plan.Faults, Fault{Subject: r.subject(column), Value: value, Message: message, Hint: hint})
}

func (g *merger) note(s Subject, message, hint string) {
	g.plan.Notes = append(g.plan.Notes, Note{s, message, hint})
}

// keyed gives the rows of a table their keys, and finds those that are double.
func (g *merger) keyed(t *table.Table) {
	in := g.rows[t]
	for key, was := range g.base[t.Name] {
		in.byHash[was.Hash] = key
	}
	numbered := slices.IndexFunc(t.Columns[:t.Keys], func(c table.Column) bool { return c.Key == "number" })
	list := func(keys []string) string { return strings.Join(keys[:numbered], "/") }
	if numbered >= 0 {
		for _, row := range t.Rows {
			if n, err := strconv.Atoi(row[numbered]); err == nil {
				in.next[list(row)] = max(in.next[list(row)], n)
			}
		}
	}
	for _, r := range in.all {
		if numbered >= 0 && r.keys[numbered] == "" && !slices.Contains(r.keys[:numbered], "") {
			in.next[list(r.keys)]++
			r.keys[numbered] = strconv.Itoa(in.next[list(r.keys)])
		}
		if collection(t) != "" && r.keys[0] == "" {
			if !g.name(r) {
				continue
			}
		}
		for i, key := range r.keys {
			if key == "" {
				g.fault(r, i, "", fmt.Sprintf("is empty; a row of %s says its %s", t.Name, strings.ToLower(t.Columns[i].Heading)), "")
			} else if t.Columns[i].Key == "entry" {
				r.keys[i] = g.entry(r, key)
			}
		}
		if in.faulty[r] {
			continue
		}
		key := r.key()
		if first := in.byKey[key]; first != nil {
			g.twice(first, r)
			continue
		}
		in.byKey[key] = r
		if k := collection(t); k != "" && !g.proposed[r] && in.ours[key] == nil && g.base[t.Name][key].Hash == "" {
			g.fresh(r, k)
		}
	}
}

// twice reports two rows of one key: that which was exported with another, if there is one.
func (g *merger) twice(first, second *row) {
	in := g.rows[first.table]
	other, wrong := first, second
	if was := in.byHash[first.hash]; was != "" && was != first.key() {
		other, wrong = second, first
	}
	hint := "keep one of the two rows"
	if was := in.byHash[wrong.hash]; was != "" && was != wrong.key() {
		hint = "it was exported as " + was + "; write that back"
	}
	in.faulty[other] = true
	g.fault(wrong, 0, wrong.keys[0], fmt.Sprintf("row %d has the same key", other.number), hint)
}

// fresh looks at the id of a row that is neither in the model nor was exported.
func (g *merger) fresh(r *row, kind string) {
	id := r.keys[0]
	in := g.rows[r.table]
	if was, ok := in.byHash[r.hash]; ok && !slices.ContainsFunc(in.all, func(o *row) bool { return o != r && o.key() == was }) {
		g.fault(r, 0, id, fmt.Sprintf("the row was exported as %s; an id stays for ever", was), "write the id back; an entry of another meaning is a new row")
		return
	}
	if c := r.table.Columns[0]; c.Type != nil && c.Type.Check(id) != "" {
		g.fault(r, 0, id, "must be "+c.Type.Want(), "leave the id empty, and one is proposed")
		return
	}
	if other := g.kinds[id]; other != "" {
		g.fault(r, 0, id, fmt.Sprintf("the id is that of an entry of %s; a model has one of each", other), "leave the id empty, and one is proposed")
		return
	}
	g.kinds[id] = kind
}

// entry returns an entry of a catalogue in the catalogue's own spelling.
func (g *merger) entry(r *row, id string) string {
	i := r.table.Column("catalogue")
	if i < 0 || i >= len(r.keys) {
		return id
	}
	c := g.to.Model.Catalogs[r.keys[i]]
	if c == nil || c.Entries[id] != nil || c.Groups[id] != nil {
		return id
	}
	if g.entries[r.keys[i]] == nil {
		known := map[string]string{}
		for other := range c.Entries {
			if _, twice := known[folded(other)]; twice {
				other = "" // two entries that differ in spelling alone are not guessed between
			}
			known[folded(other)] = other
		}
		g.entries[r.keys[i]] = known
	}
	if own := g.entries[r.keys[i]][folded(id)]; own != "" {
		return own
	}
	return id
}

// folded makes the spellings of an entry's id alike: AC-2(1), AC-02(01) and ac-2.1.
func folded(id string) string {
	id = spellings.Replace(strings.ToLower(id))
	var out strings.Builder
	for i, r := range id {
		digit := i > 0 && id[i-1] >= '0' && id[i-1] <= '9'
		if r == '0' && !digit && i+1 < len(id) && id[i+1] >= '0' && id[i+1] <= '9' {
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

var spellings = strings.NewReplacer("(", ".", ")", "", " ", "")

// gone finds the rows that were exported and that the book no longer has.
func (g *merger) gone(t *table.Table) {
	in := g.rows[t]
	was := g.base[t.Name]
	if was == nil && g.o.NoBase && g.o.Prune {
		was = base(t)
	}
	for _, key := range model.Keys(was) {
		ours, there := in.ours[key]
		if in.byKey[key] != nil || !there || g.orphan(t, ours) || collection(t) != "" && in.rekeyed(key) {
			continue
		}
		s := Subject{Place: Place{Tab: g.matched.tabs[t.Name]}, Table: t.Name, Row: strings.Join(ours[:t.Keys], " "), key: key}
		path, err := t.Path(ours[:t.Keys], g.kindOf)
		if err != nil {
			continue
		}
		e := Edit{Subject: s, Old: told(t, ours), Change: source.Change{Path: path, Old: value(g.to.Model, path)}, list: listOf(t, path, 0)}
		switch {
		case !g.o.Prune:
			g.note(s, "the row is gone from the sheet and stays in the model", "--prune removes it")
			continue
		case was[key].Hash != t.RowHash(ours):
			g.conflict(Conflict{Subject: s, Ours: e.Old, Reason: "the row is gone from the sheet, and the model changed it since the export", edit: e}, path)
			continue
		}
		in.gone[key] = true
		g.plan.Edits = append(g.plan.Edits, e)
	}
}

// rekeyed says that a row of the book was exported with the key and has another now, which is a fault of its own.
func (m *merged) rekeyed(key string) bool {
	return slices.ContainsFunc(m.all, func(r *row) bool { return r.hash != "" && m.byHash[r.hash] == key })
}

// orphan says that the entry that a row is about is to go, and the row with it.
func (g *merger) orphan(t *table.Table, keys []string) bool {
	if collection(t) != "" || len(keys) == 0 {
		return false
	}
	for _, other := range g.tables {
		if k := collection(other); k != "" && k == g.kinds[keys[0]] {
			return g.rows[other].gone[keys[0]]
		}
	}
	return false
}

func (g *merger) kindOf(id string) string { return g.kinds[id] }

// row merges a row of the book.
func (g *merger) row(r *row) {
	in := g.rows[r.table]
	key := ""
	if !in.faulty[r] {
		key = r.key()
	}
	was, exported := g.base[r.table.Name][key]
	ours, there := in.ours[key]
	switch {
	case in.faulty[r] || in.gone[key] || g.orphan(r.table, r.keys):
	case there:
		g.cells(r, ours, was)
	case exported:
		g.removed(r, was)
	default:
		g.add(r)
	}
}

// removed is a row that was exported and that the model no longer has.
func (g *merger) removed(r *row, was BaseRow) {
	changed := false
	for j, c := range r.table.Columns {
		if given, ok := r.cells[j]; ok && j >= r.table.Keys && !c.Derived && !exportedAs(given.Text, was.Cells[c.Key]) {
			changed = true
		}
	}
	if !changed {
		g.note(r.subject(-1), "left out: the model no longer has it", "")
		return
	}
	e, ok := g.entryOf(r)
	if !ok {
		return
	}
	g.conflict(Conflict{Subject: e.Subject, Theirs: e.New, Reason: "the sheet changed the row, and the model no longer has it", edit: e}, e.Change.Path)
}

// exportedAs says that a text is what was exported, by its hash.
func exportedAs(text, hash string) bool {
	return hash == table.CellHash(text) || hash == table.CellHash(tidy(text))
}

// cells merges the cells of a row that the model has too.
func (g *merger) cells(r *row, ours []string, was BaseRow) {
	t := r.table
	path, err := t.Path(r.keys, g.kindOf)
	if err != nil {
		g.fault(r, 0, r.keys[0], err.Error(), "")
		return
	}
	for j := t.Keys; j < len(t.Columns); j++ {
		given, ok := r.cells[j]
		if !ok && (t.Tab != "" || g.matched.lacks[t.Name] != nil) {
			continue // of a row in More, a line that is gone is an empty cell
		}
		if given.Text == ours[j] || sameText(given.Text, ours[j]) {
			continue
		}
		at, c := t.Cell(path, j)
		text := meant(given.Text, ours[j])
		if text == "" && g.o.Clear && c.Type != nil {
			if text = c.Format(c.Type.Default); text == ours[j] { // what a field says once it is taken away
				continue
			}
		}
		hash, known := was.Cells[t.Columns[j].Key]
		if c.Derived || t.Columns[j].Derived {
			if known && !exportedAs(given.Text, hash) {
				g.note(r.subject(j), "left out: the column follows from others", "")
			}
			continue
		}
		if new, faults := c.Parse(text); len(faults) == 0 {
			if old, _ := c.Parse(ours[j]); reflect.DeepEqual(old, new) {
				continue
			}
		}
		theirsSame, oursSame := known && exportedAs(given.Text, hash), known && hash == table.CellHash(ours[j])
		reason := "both sides changed it since the export"
		if !known {
			switch {
			case r.hash != "" && r.hash == t.RowHash(ours), g.o.NoBase:
				oursSame = true
			default:
				reason = "the sides differ, and what was exported is not known"
			}
		}
		if theirsSame && !oursSame {
			continue // the model moved on
		}
		e, ok := g.edit(r, j, c, text, ours[j], at)
		switch {
		case !ok:
		case oursSame && !theirsSame:
			g.plan.Edits = append(g.plan.Edits, e)
		default:
			g.conflict(Conflict{Subject: e.Subject, Theirs: e.New, Ours: e.Old, Reason: reason, edit: e}, at)
		}
	}
}

// edit reads a cell that differs from the model. ok is false where there is nothing to change, or a fault.
func (g *merger) edit(r *row, j int, c table.Column, text, ours string, path []string) (e Edit, ok bool) {
	e = Edit{Subject: r.subject(j), Old: ours, New: text, Change: source.Change{Path: path}}
	e.Change.Old, _ = c.Parse(ours)
	e.list = listOf(r.table, path, len(strings.Split(c.Key, ".")))
	if text == "" {
		switch {
		case c.Required:
			g.fault(r, j, "", "is empty; the field is required", "")
		case !g.o.Clear:
			g.note(e.Subject, "the cell is empty and the field stays as it is", "--clear removes it")
		default:
			return e, true
		}
		return e, false
	}
	e.Change.New, ok = g.value(r, j, c, text)
	e.New = c.Format(e.Change.New)
	return e, ok
}

// listOf returns how long the part of a path is that leads to the list that a row is an item of, or 0.
func listOf(t *table.Table, path []string, below int) int {
	if t.Columns[t.Keys-1].Key != "number" {
		return 0
	}
	return len(path) - below - 1
}

// value reads a cell, and reports what is wrong with it.
func (g *merger) value(r *row, j int, c table.Column, text string) (any, bool) {
	given := r.cells[j]
	switch given.Kind {
	case Formula:
		g.fault(r, j, given.Text, "is a formula; only its text would be taken", "write the value itself; a text that begins with = needs a cell in the format text")
		return nil, false
	case Broken:
		g.fault(r, j, given.Text, "is an error of the sheet's", "write the value")
		return nil, false
	case Number, Date, Bool:
		if !takes(c, given.Kind) {
			g.fault(r, j, given.Text, fmt.Sprintf("is a %s, and text is due", kindName(given.Kind)), "give the cell the format text, and write it again")
			return nil, false
		}
	}
	v, faults := c.Parse(text)
	for _, f := range faults {
		g.fault(r, j, f.Item, "must be "+f.Want, finding.DidYouMean(f.Item, f.Allowed))
	}
	return v, len(faults) == 0 && g.references(r, j, c, v)
}

// takes says that a column takes cells of a kind as they are.
func takes(c table.Column, k CellKind) bool {
	t := c.Type
	if t != nil && t.Kind == schema.List {
		t = t.Elem
	}
	switch {
	case t == nil:
		return k == Number
	case k == Number:
		return t.Kind == schema.Int || t.Kind == schema.Any
	case k == Date:
		return t.Name == "#Date"
	}
	return t.Kind == schema.Bool
}

func kindName(k CellKind) string {
	return map[CellKind]string{Number: "number", Date: "date", Bool: "truth value"}[k]
}

// references reports the ids in a value that lead nowhere, and says that there are none.
func (g *merger) references(r *row, j int, c table.Column, v any) bool {
	if len(c.Refs) == 0 {
		return true
	}
	var ids []string
	switch v := v.(type) {
	case string:
		ids = []string{v}
	case []any:
		for _, item := range v {
			if id, ok := item.(string); ok {
				ids = append(ids, id)
			}
		}
	case map[string]any:
		ids = model.Keys(v)
	}
	ok := true
	for _, id := range ids {
		if !g.leads(c.Refs, id) {
			ok = false
			g.fault(r, j, id, "there is no such "+kindsInWords(c.Refs), finding.DidYouMean(id, g.ids(c.Refs)))
		}
	}
	return ok
}

// leads says that an id is one of the collections', and stays.
func (g *merger) leads(collections []string, id string) bool {
	if collections[0] == "catalogs" {
		return g.to.Model.Catalogs[id] != nil
	}
	k := g.kinds[id]
	return k != "" && (collections[0] == "any" || slices.Contains(collections, k) || !known(collections))
}

// known says that names are of collections; a reference may also be to a node of the same tree.
func known(collections []string) bool {
	return slices.Contains(model.Kinds(), model.Kind(collections[0]))
}

// kindsInWords names what collections hold, such as "component or flow".
func kindsInWords(collections []string) string {
	var out []string
	for _, c := range collections {
		switch {
		case c == "catalogs":
			c = "catalogue"
		case known([]string{c}):
			c = model.Kind(c).Singular()
		case c == "any":
			c = "entry"
		}
		out = append(out, c)
	}
	return strings.Join(out, " or ")
}

func (g *merger) ids(collections []string) []string {
	if collections[0] == "catalogs" {
		return model.Keys(g.to.Model.Catalogs)
	}
	var out []string
	for id, k := range g.kinds {
		if collections[0] == "any" || slices.Contains(collections, k) {
			out = append(out, id)
		}
	}
	return out
}

// add makes a new entry, or a new relation, of a row.
func (g *merger) add(r *row) {
	if e, ok := g.entryOf(r); ok {
		g.plan.Edits = append(g.plan.Edits, e)
	}
}

// entryOf reads a row as a whole.
func (g *merger) entryOf(r *row) (Edit, bool) {
	t := r.table
	path, err := t.Path(r.keys, g.kindOf)
	if err != nil {
		g.fault(r, g.faultyKey(r), r.keys[g.faultyKey(r)], err.Error(), g.nearKey(r))
		return Edit{}, false
	}
	if !g.keysLead(r) {
		return Edit{}, false
	}
	e := Edit{Subject: r.subject(-1), Change: source.Change{Path: path}, list: listOf(t, path, 0)}
	fields := map[string]any{}
	var whole any = fields
	ok := true
	var said []string
	for j := t.Keys; j < len(t.Columns); j++ {
		at, c := t.Cell(path, j)
		given := r.cells[j]
		text := tidy(given.Text)
		if c.Derived || t.Columns[j].Derived {
			continue
		}
		if text == "" {
			if c.Required && (len(g.matched.lacks[t.Name]) == 0 || !g.matched.lacks[t.Name][j]) {
				g.fault(r, j, "", "is empty; a new row needs it", wants(c))
				ok = false
			}
			continue
		}
		v, fine := g.value(r, j, c, text)
		if !fine {
			ok = false
			continue
		}
		said = append(said, c.Heading+": "+text)
		e.parts = append(e.parts, part{r.subject(j), text, at})
		if len(at) == len(path) {
			whole = v
			continue
		}
		in := fields
		for _, name := range at[len(path) : len(at)-1] {
			next, _ := in[name].(map[string]any)
			if next == nil {
				next = map[string]any{}
				in[name] = next
			}
			in = next
		}
		in[at[len(at)-1]] = v
	}
	e.New, e.Change.New = strings.Join(said, "\n"), whole
	return e, ok
}

// wants says what a column may hold, where that is short.
func wants(c table.Column) string {
	if len(c.Allowed) > 0 {
		return "use one of " + strings.Join(c.Allowed, ", ")
	}
	return ""
}

// faultyKey is the column of the key that keeps a row from having a place.
func (g *merger) faultyKey(r *row) int {
	has := func(o table.Origin) bool { return o.Collection == g.kinds[r.keys[0]] || o.Collection == r.keys[0] }
	if slices.ContainsFunc(r.table.Origins, has) {
		return r.table.Keys - 1
	}
	return 0
}

func (g *merger) nearKey(r *row) string {
	return finding.DidYouMean(r.keys[0], g.ids([]string{"any"}))
}

// keysLead reports keys of a new row that name nothing: an entry of a catalogue, a countermeasure.
func (g *merger) keysLead(r *row) bool {
	ok := true
	for i, c := range r.table.Columns[:r.table.Keys] {
		switch {
		case c.Key == "subject", c.Key == "id", c.Key == "number":
		case c.Key == "entry":
			cat := g.to.Model.Catalogs[r.keys[max(0, i-1)]]
			if cat != nil && cat.Entries[r.keys[i]] == nil && cat.Groups[r.keys[i]] == nil {
				g.fault(r, i, r.keys[i], "there is no such entry of "+r.keys[i-1], finding.DidYouMean(r.keys[i], model.Keys(cat.Entries)))
				ok = false
			}
		case len(c.Allowed) > 0 && !slices.Contains(c.Allowed, r.keys[i]):
			g.fault(r, i, r.keys[i], "must be one of "+strings.Join(c.Allowed, ", "), finding.DidYouMean(r.keys[i], c.Allowed))
			ok = false
		case len(c.Refs) > 0 && !g.leads(c.Refs, r.keys[i]):
			g.fault(r, i, r.keys[i], "there is no such "+kindsInWords(c.Refs), finding.DidYouMean(r.keys[i], g.ids(c.Refs)))
			ok = false
		}
	}
	return ok
}

// conflict decides a conflict, or keeps it.
func (g *merger) conflict(c Conflict, path []string) {
	side := g.o.Decisions[strings.Join([]string{c.Table, c.Row, c.Column}, "\x00")]
	if side == "" {
		side = g.o.Prefer
	}
	switch side {
	case Theirs:
		g.plan.Edits = append(g.plan.Edits, c.edit)
	case Ours:
	default:
		c.Position = g.to.Position(path)
		g.plan.Conflicts = append(g.plan.Conflicts, c)
	}
}

// told is what a row says, a line for each cell.
func told(t *table.Table, row []string) string {
	var out []string
	for j, cell := range row {
		if j >= t.Keys && cell != "" && !t.Columns[j].Derived {
			out = append(out, t.Columns[j].Heading+": "+cell)
		}
	}
	return strings.Join(out, "\n")
}
