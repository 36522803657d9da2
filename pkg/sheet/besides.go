package sheet

import (
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/load"
	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// snapshot is what a model's tables were before an import.
type snapshot struct {
	// hashes are the hashes of the rows, by table and key.
	hashes map[string]map[string]string
	// edited are the rows of which cells are edited, by Subject.row, with their tables.
	edited map[string]tableRow
}

type tableRow struct {
	table *table.Table
	cells []string
}

func newSnapshot(set *table.Set, edits []Edit) *snapshot {
	s := &snapshot{map[string]map[string]string{}, map[string]tableRow{}}
	for _, e := range edits {
		if e.Column != "" {
			s.edited[e.row()] = tableRow{}
		}
	}
	for _, t := range set.Tables {
		if len(t.Origins) == 0 {
			continue
		}
		hashes, hash := make(map[string]string, len(t.Rows)), t.Hasher()
		shape := *t
		shape.Rows = nil
		for _, row := range t.Rows {
			key := t.Key(row)
			hashes[key] = hash.Row(row)
			if _, ok := s.edited[t.Name+"\x00"+key]; ok {
				s.edited[t.Name+"\x00"+key] = tableRow{&shape, slices.Clone(row)}
			}
		}
		s.hashes[t.Name] = hashes
	}
	return s
}

// besides returns a fault for each row that is another than before, or gone, although no edit says so: a value that others
// refer to changes for them too, and nobody who edits a cell means that.
func (s *snapshot) besides(edits []Edit, is *table.Set, m *load.Loaded) []Fault {
	rows, lists, gone := map[string]bool{}, map[string]bool{}, map[string]bool{}
	expected := map[string][]string{}
	for _, e := range edits {
		switch {
		case e.Column != "":
			was := s.edited[e.row()]
			row := expected[e.row()]
			if row == nil {
				row = slices.Clone(was.cells)
				expected[e.row()] = row
			}
			if j := slices.IndexFunc(was.table.Columns, func(c table.Column) bool { return c.Heading == e.Column }); j >= 0 {
				row[j] = e.New
			}
		case e.list > 0:
			lists[listKey(e.Table, e.key)] = true
		default:
			rows[e.row()] = true
			gone[e.key] = gone[e.key] || e.Change.New == nil
		}
	}
	kinds := map[string]string{}
	for _, t := range is.Tables {
		if len(t.Origins) > 0 && collection(t) != "" {
			for _, row := range t.Rows {
				kinds[row[0]] = collection(t)
			}
		}
	}
	var faults []Fault
	for _, t := range is.Tables {
		was := s.hashes[t.Name]
		if was == nil {
			continue
		}
		hash, met := t.Hasher(), make(map[string]bool, len(t.Rows))
		for _, row := range t.Rows {
			key := t.Key(row)
			id := t.Name + "\x00" + key
			due := was[key]
			if cells := expected[id]; cells != nil {
				due = s.edited[id].table.RowHash(cells)
			}
			met[key] = true
			if due == hash.Row(row) || rows[id] || lists[listKey(t.Name, key)] {
				continue
			}
			f := Fault{Subject: Subject{Place: Place{Tab: t.Name}, Table: t.Name, Row: strings.Join(row[:t.Keys], " "), key: key},
				Message: "would change too, since it refers to what is edited", Hint: "edit the source, where it can be seen who else refers to it"}
			if path, err := t.Path(row[:t.Keys], func(id string) string { return kinds[id] }); err == nil {
				f.Position = m.Relative(m.Position(path))
			}
			faults = append(faults, f)
		}
		for _, key := range model.Keys(was) {
			cells, _ := t.SplitKey(key)
			if met[key] || rows[t.Name+"\x00"+key] || lists[listKey(t.Name, key)] || gone[cells[0]] {
				continue
			}
			faults = append(faults, Fault{Subject: Subject{Place: Place{Tab: t.Name}, Table: t.Name, Row: strings.Join(cells, " "), key: key},
				Message: "would go too, since it depends on what is edited", Hint: "edit the source, where it can be seen who else refers to it"})
		}
	}
	return faults
}

// listKey is the key of the list that a row is an item of.
func listKey(name, key string) string {
	if i := strings.LastIndex(key, "/"); i >= 0 {
		key = key[:i]
	}
	return name + "\x00" + key
}
