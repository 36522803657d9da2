package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/tmkit/tmkit/pkg/model"
)

// insertion is a value that comes to a path where nothing is written.
type insertion struct {
	Change
	path  []string
	value any
}

// fields returns the names of a struct's fields in order, nil for a map.
func (p *plan) fields(path []string) []string {
	if p.Order == nil {
		return nil
	}
	return p.Order(path)
}

// before compares the names of two fields by the order of their struct, or naturally.
func before(order []string, a, b string) int {
	i, j := slices.Index(order, a), slices.Index(order, b)
	if i >= 0 && j >= 0 {
		return cmp.Compare(i, j)
	}
	return cmp.Or(cmp.Compare(j, i), model.Natural(a, b)) // what the order does not name comes last
}

// insertAll puts in what is pending. What leads to a value and is not there either is made on the way, once.
func (p *plan) insertAll() {
	made := map[string]*insertion{}
	var all []*insertion
	for _, in := range p.pending {
		there := 1
		for there < len(in.path) && p.written(in.path[:there]) {
			there++
		}
		for _, name := range slices.Backward(in.path[there:]) {
			in.value = map[string]any{name: in.value}
		}
		in.path = in.path[:there]
		if first := made[key(in.path)]; first == nil {
			made[key(in.path)] = in
			all = append(all, in)
		} else if !merge(first.value, in.value) && p.err == nil {
			p.err = fmt.Errorf("%s changes twice", strings.Join(in.Path, "."))
		}
	}
	slices.SortStableFunc(all, func(a, b *insertion) int {
		for i := range min(len(a.path), len(b.path)) {
			if c := before(p.fields(a.path[:i]), a.path[i], b.path[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(a.path), len(b.path))
	})
	for _, in := range all {
		p.insert(in)
	}
}

// written says that a path is written somewhere and stays.
func (p *plan) written(path []string) bool {
	n := p.Root.At(path...)
	return n != nil && slices.ContainsFunc(n.sites, func(s site) bool { return !p.removed[s.elt()] })
}

// merge adds the fields of a struct to another, all the way down.
func merge(into, from any) bool {
	a, ok := into.(map[string]any)
	b, both := from.(map[string]any)
	for name, v := range b {
		if ok && a[name] == nil {
			a[name] = v
		} else if !ok || !merge(a[name], v) {
			return false
		}
	}
	return ok && both
}

// insert puts a value in: an entry beside its siblings, a field in the order of its struct, an item at its place.
func (p *plan) insert(in *insertion) {
	last := len(in.path) - 1
	path, name := in.path[:last], in.path[last]
	n := p.Root.At(path...)
	n.expand()
	order := p.fields(path)
	switch {
	case n.list:
		p.insertItem(in, n)
	case order == nil:
		p.insertEntry(in, n)
	case last == 2 && p.fields(path[:1]) == nil && p.isApart(path[0], name):
		p.insertApart(in, fullest(n.sites))
	case last == 0 && p.fields(in.path) == nil && isMap(in.value):
		p.begin(in)
	default:
		p.insertField(in, n)
	}
}

func isMap(v any) bool { _, ok := v.(map[string]any); return ok }

// isUsable says that a place may be changed, and stays.
func (p *plan) isUsable(s site) bool { return !p.removed[s.elt()] && p.locked(Change{}, s) == nil }

// usable returns the places of a node that may be changed and stay.
func (p *plan) usable(n *Node) []site {
	return slices.DeleteFunc(slices.Clone(n.sites), func(s site) bool { return !p.isUsable(s) })
}

// insertItem puts an item into a list, at all places that write the list.
func (p *plan) insertItem(in *insertion, n *Node) {
	path, i := in.path[:len(in.path)-1], len(n.names)
	if at, err := strconv.Atoi(in.path[len(in.path)-1]); err == nil && at >= 0 {
		i = min(i, at)
	}
	type kept int // whatever stands there
	old := make([]any, len(n.names))
	for at := range old {
		old[at] = kept(at)
	}
	p.list(Change{path, old, in.value}, n, old, slices.Insert(slices.Clone(old), i, in.value))
}

// insertEntry puts an entry into a map: beside the entry that comes before it among those whose ids are most alike.
func (p *plan) insertEntry(in *insertion, n *Node) {
	path, id := in.path[:len(in.path)-1], in.path[len(in.path)-1]
	var siblings []string
	for _, name := range n.names {
		if slices.ContainsFunc(n.children[name].sites, p.isUsable) {
			siblings = append(siblings, name)
		}
	}
	if len(siblings) == 0 {
		if len(path) == 1 && len(p.usable(n)) == 0 {
			p.begin(&insertion{in.Change, path, map[string]any{id: in.value}})
		} else {
			p.insertField(in, n)
		}
		return
	}
	sibling, behind := neighbour(siblings, id)
	s := fullest(p.usable(n.children[sibling]))
	if fields, ok := in.value.(map[string]any); ok && len(path) == 1 {
		// What the other entries have elsewhere, as the risks that another package adds, this one has there too.
		rest := map[string]any{}
		for _, name := range p.sorted(in.path, fields) {
			if p.isApart(path[0], name) {
				p.insertApart(&insertion{in.Change, below(in.path, name), fields[name]}, s)
			} else {
				rest[name] = fields[name]
			}
		}
		in.value = rest
	}
	p.beside(s, behind, path, in.path, in.value)
}

// beside writes a value in the struct or file of a field that writes the path, next to it.
func (p *plan) beside(s site, behind bool, around, path []string, value any) {
	h := p.hold(s, s.holder, around)
	if h == nil {
		return
	}
	at := h.index(s)
	if !behind {
		at--
	}
	p.put(h, s, at, path, value)
}

// put writes a value into a struct, behind an element of it.
func (p *plan) put(h *holder, s site, after int, path []string, value any) {
	labels := []string{label(path[len(path)-1], p.fields(h.path) == nil && h.quoted(after))}
	f := h.file
	// A chain of labels that takes several lines, or stands at the top of a file, gets another chain beside it.
	top, around, at := h, s, after
	for top.chained() {
		around = p.around(top)
		labels = append([]string{string(f.old[f.start(around.field):f.end(fieldLabel(around.field))])}, labels...)
		below := at
		top = p.hold(around, around.holder, up(top.path))
		at = top.index(around)
		if below < 0 && at >= 0 {
			at--
		}
	}
	_, isFile := top.node.(*ast.File)
	if h.chained() && !p.removed[h.elts[0]] && (isFile || !f.sameLine(f.start(h.node), f.end(h.node))) {
		h, after = top, at
	} else {
		labels = labels[len(labels)-1:]
	}
	h.add(after, p.field(labels, path, value, h.columns()))
}

// quoted says that the field behind which one comes, or the first, has a name in quotes.
func (h *holder) quoted(after int) bool {
	if len(h.elts) == 0 {
		return false
	}
	f, isField := h.elts[max(after, 0)].(*ast.Field)
	if !isField {
		return false
	}
	_, quoted := fieldLabel(f).(*ast.BasicLit)
	return quoted
}

// neighbour returns the id beside which a new one goes, and whether it goes behind it: the one just before it in natural
// order, among those that have most parts in common with it.
func neighbour(ids []string, id string) (string, bool) {
	most, first, last := -1, "", ""
	for _, other := range ids {
		common := alike(other, id)
		if common < most {
			continue
		}
		if common > most {
			most, first, last = common, other, ""
		}
		if model.Natural(other, first) < 0 {
			first = other
		}
		if model.Natural(other, id) < 0 && (last == "" || model.Natural(other, last) > 0) {
			last = other
		}
	}
	if last != "" {
		return last, true
	}
	return first, false
}

// alike counts the characters that two ids have in common at their beginning, where a number is equal as a whole or not
// at all.
func alike(a, b string) int {
	isDigit := func(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	if isDigit(a, n) || isDigit(b, n) {
		for n > 0 && isDigit(a, n-1) {
			n--
		}
	}
	return n
}

// insertField puts a field into the fullest struct that writes its node, behind those that come before it in order.
func (p *plan) insertField(in *insertion, n *Node) {
	path, name := in.path[:len(in.path)-1], in.path[len(in.path)-1]
	var at *ast.StructLit
	var s site
	consider := func(lit *ast.StructLit, t site) {
		if at == nil || len(lit.Elts) > len(at.Elts) {
			at, s = lit, t
		}
	}
	for _, t := range p.usable(n) {
		for _, lit := range structs(t.value) {
			consider(lit, t)
		}
	}
	if n == p.Root { // which another package can write as a whole
		for _, t := range p.told() {
			if lit, ok := t.holder.(*ast.StructLit); ok {
				consider(lit, t)
			}
		}
	}
	if at == nil {
		r := Refusal{Change: in.Change, Reason: "is written nowhere"}
		if len(n.sites) > 0 {
			r = refusal(in.Change, n.sites[0].value, describe(n.sites[0].value))
			if locked := p.locked(in.Change, n.sites[0]); locked != nil {
				r = *locked
			}
		}
		p.refusals = append(p.refusals, r)
		return
	}
	h := p.hold(s, at, path)
	if h == nil {
		return
	}
	order := p.fields(path)
	after, nearest := -1, ""
	for i, e := range h.elts {
		f, ok := e.(*ast.Field)
		if !ok {
			continue
		}
		other, _, err := ast.LabelName(fieldLabel(f))
		if err != nil || f.Constraint != token.ILLEGAL || before(order, other, name) > 0 {
			continue
		}
		if nearest == "" || before(order, other, nearest) >= 0 {
			after, nearest = i, other
		}
	}
	p.put(h, s, after, in.path, in.value)
}

// structs returns the structs that an expression writes itself.
func structs(e ast.Expr) []*ast.StructLit {
	switch e := e.(type) {
	case *ast.StructLit:
		return []*ast.StructLit{e}
	case *ast.ParenExpr:
		return structs(e.X)
	case *ast.Alias:
		return structs(e.Expr)
	case *ast.BinaryExpr:
		if e.Op == token.AND {
			return append(structs(e.X), structs(e.Y)...)
		}
	}
	return nil
}

// told returns the fullest places of the model's own fields, of those that may be changed.
func (p *plan) told() []site {
	var out []site
	for _, name := range p.Root.Children() {
		if sites := p.usable(p.Root.Child(name)); len(sites) > 0 {
			out = append(out, fullest(sites))
		}
	}
	return out
}

// begin writes the first entries of a collection, at the end of the file where most of the model's fields are told.
func (p *plan) begin(in *insertion) {
	fields := map[*ast.File]int{}
	var most site
	for _, s := range p.told() {
		if fields[s.file]++; fields[s.file] > fields[most.file] {
			most = s
		}
	}
	if most.file == nil {
		p.insertField(in, p.Root)
		return
	}
	if h := p.hold(most, most.file, nil); h != nil {
		name, _, _ := ast.LabelName(fieldLabel(p.Root.sites[0].field))
		if most.via != nil {
			name = most.via.name
		}
		h.add(len(h.elts)-1, p.field([]string{label(name, false), label(in.path[0], false)}, in.path, in.value, 0))
	}
}

// isApart says that most entries of a collection have a field at another place than the rest of them.
func (p *plan) isApart(collection, field string) bool {
	return len(p.entriesApart(collection, field)) > 0
}

// entriesApart returns the entries that have the field at another place, if they are most of those that have it.
func (p *plan) entriesApart(collection, field string) []string {
	known, ok := p.apart[key([]string{collection, field})]
	if ok {
		return known
	}
	var apart []string
	together := 0
	if all := p.Root.At(collection); all != nil {
		for _, id := range all.Children() {
			entry := all.Child(id)
			n := entry.Child(field)
			if n == nil || len(p.usable(n)) == 0 {
				continue
			}
			if holds(fullest(entry.sites), p.usable(n)[0]) {
				together++
			} else {
				apart = append(apart, id)
			}
		}
	}
	if len(apart) <= together {
		apart = nil
	}
	p.apart[key([]string{collection, field})] = apart
	return apart
}

// holds says that a field stands directly in the value of a place.
func holds(outer, inner site) bool {
	return slices.ContainsFunc(structs(outer.value), func(s *ast.StructLit) bool { return s == inner.holder })
}

// insertApart writes a field of an entry where others have it apart from the rest: beside the most alike of those which
// are told in the same file, or of all.
func (p *plan) insertApart(in *insertion, told site) {
	collection, id, field := in.path[0], in.path[1], in.path[2]
	all := p.Root.At(collection)
	ids := p.entriesApart(collection, field)
	var near []string
	for _, other := range ids {
		if fullest(all.Child(other).sites).file == told.file {
			near = append(near, other)
		}
	}
	if len(near) > 0 {
		ids = near
	}
	sibling, behind := neighbour(ids, id)
	entry := all.Child(sibling)
	value := p.usable(entry.Child(field))[0]
	for _, s := range entry.sites {
		if holds(s, value) {
			p.beside(s, behind, in.path[:1], in.path[:2], map[string]any{field: in.value})
			return
		}
	}
}
