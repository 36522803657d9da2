package verify

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/model"
)

// rounds is how often each format is changed.
const rounds = 200

// fileChange is what was done to a file.
type fileChange struct {
	file string
	data []byte
	// what says it in words, caught whether a difference tells of it at the right place.
	what   string
	caught func(Difference) bool
}

// TestEveryChangeIsCaught changes one thing at a time, and gives the file to the reader of its format alone: no hash and no
// comparison of bytes is there to help.
func TestEveryChangeIsCaught(t *testing.T) {
	x := everyFieldExport(t)
	want := x.expected()
	for _, tt := range []struct {
		format string
		read   func(map[string][]byte, *Expected) Result
		change func(*testing.T, *rand.Rand, map[string][]byte) fileChange
	}{
		{"json", readJSON, changeJSON},
		{"csv", readCSV, changeCSV},
		{"xlsx", readXLSX, changeXLSX},
	} {
		t.Run(tt.format, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(4, 2026))
			kinds := map[string]int{}
			for range rounds {
				c := tt.change(t, random, x.outputs.Files)
				kind, _, _ := strings.Cut(c.what, ":")
				kinds[kind]++
				files := maps.Clone(x.outputs.Files)
				files[c.file] = c.data
				found := tt.read(files, want).Differences
				require.NotEmpty(t, found, c.what)
				require.True(t, slices.ContainsFunc(found, func(d Difference) bool { return d.File == c.file && c.caught(d) }), "%s: %v", c.what, found)
			}
			t.Log(kinds)
		})
	}
}

func everyFieldExport(t testing.TB) exportedModel {
	return exportOf(t, "../../schema/testdata", "./good/every-field", export.Options{CSV: csv.Guarded})
}

// changeJSON changes a leaf, takes a field away or adds one.
func changeJSON(t *testing.T, random *rand.Rand, files map[string][]byte) fileChange {
	var doc map[string]any
	require.NoError(t, json.Unmarshal(files[modelFile], &doc))
	place, at := "", any(doc)
	for {
		var next any
		var name string
		var put func(any)
		switch x := at.(type) {
		case map[string]any:
			names := model.Keys(x)
			name = names[random.IntN(len(names))]
			next, put = x[name], func(v any) { x[name] = v }
			if place != "" && random.IntN(8) == 0 {
				place := place + "." + name
				if random.IntN(2) == 0 {
					delete(x, name)
					return encoded(t, doc, "field taken away: "+place, place)
				}
				x[name+"x"] = "more"
				return encoded(t, doc, "field added: "+place+"x", place+"x")
			}
		case []any:
			i := random.IntN(len(x))
			name, next, put = strconv.Itoa(i), x[i], func(v any) { x[i] = v }
		}
		place = placeOf(place, []string{name})
		switch v := next.(type) {
		case string:
			put(v + "x")
		case bool:
			put(!v)
		case float64:
			put(v + 1)
		default:
			at = next
			continue
		}
		if random.IntN(6) == 0 {
			put(nil)
		}
		return encoded(t, doc, "leaf: "+place, place)
	}
}

// encoded is a changed document. A part is told of by its own place, by that of the cell that it is in, or by those of
// what it holds.
func encoded(t *testing.T, doc any, what, place string) fileChange {
	data, err := json.Marshal(doc)
	require.NoError(t, err)
	return fileChange{modelFile, data, what, func(d Difference) bool {
		inside := strings.HasPrefix(place, d.Place) && (strings.Count(d.Place, ".") > 1 || d.Place == place)
		return d.Place != "" && (inside || strings.HasPrefix(d.Place, place))
	}}
}

// changeCSV changes a cell or a byte, takes a row away, doubles one or lets two change places.
func changeCSV(t *testing.T, random *rand.Rand, files map[string][]byte) fileChange {
	for {
		names := slices.DeleteFunc(model.Keys(files), func(name string) bool { return !strings.HasPrefix(name, "csv/") })
		name := names[random.IntN(len(names))]
		rows := rowsOf(files[name])
		if len(rows) < 3 {
			continue
		}
		i := 1 + random.IntN(len(rows)-1)
		c := fileChange{file: name}
		switch random.IntN(5) {
		case 0:
			j := random.IntN(len(rows[i]))
			rows[i] = slices.Clone(rows[i])
			rows[i][j] += "x"
			c.what = fmt.Sprintf("cell: %s row %d column %d", name, i, j)
		case 1:
			rows = slices.Delete(rows, i, i+1)
			c.what = fmt.Sprintf("row taken away: %s row %d", name, i)
			c.caught = func(d Difference) bool { return d.Kind == Missing && d.Record != "" }
		case 2:
			rows = slices.Insert(rows, i, rows[i])
			c.what = fmt.Sprintf("row doubled: %s row %d", name, i)
			i++
		case 3:
			if i == 1 {
				continue
			}
			rows[i], rows[i-1] = rows[i-1], rows[i]
			c.what = fmt.Sprintf("rows change places: %s row %d", name, i)
		case 4:
			c.data = bytes.Clone(files[name])
			k := random.IntN(len(c.data))
			c.data[k] ^= 1
			if slices.EqualFunc(rowsOf(c.data), rows, slices.Equal) {
				continue // another way to quote or to guard the same text
			}
			c.what = fmt.Sprintf("byte: %s byte %d", name, k)
			line := 1 + bytes.Count(c.data[:k], []byte("\n"))
			c.caught = func(d Difference) bool { // a cell that is broken may take the lines below with it
				at, err := strconv.Atoi(d.Place)
				return err == nil && at <= line+1 || d.Kind == Missing && d.Record != ""
			}
		}
		if c.data == nil {
			var b bytes.Buffer
			w := stdcsv.NewWriter(&b)
			require.NoError(t, w.WriteAll(rows))
			c.data = b.Bytes()
		}
		if c.caught == nil {
			line := strconv.Itoa(lineOf(c.data, i))
			c.caught = func(d Difference) bool { return d.Place == line }
		}
		return c
	}
}

// rowsOf are the rows of a CSV file as they are meant; of a broken one, those before the fault.
func rowsOf(data []byte) [][]string {
	r := stdcsv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	var rows [][]string
	for row, err := r.Read(); err == nil; row, err = r.Read() {
		rows = append(rows, row)
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = csv.Unguard(cell)
		}
	}
	return rows
}

// lineOf is the line on which a row begins.
func lineOf(data []byte, row int) int {
	r := stdcsv.NewReader(bytes.NewReader(data))
	line := 0
	for range row + 1 {
		_, _ = r.Read()
		line, _ = r.FieldPos(0)
	}
	return line
}

// changeXLSX changes a cell, or what it is stored as, takes a row away or doubles one.
func changeXLSX(t *testing.T, random *rand.Rand, files map[string][]byte) fileChange {
	name := slices.DeleteFunc(model.Keys(files), func(name string) bool { return !strings.HasSuffix(name, ".xlsx") })[0]
	f, err := excelize.OpenReader(bytes.NewReader(files[name]))
	require.NoError(t, err)
	tabs := slices.DeleteFunc(f.GetSheetList(), func(tab string) bool { return tab == "Read me" || tab == "_lists" })
	for {
		tab := tabs[random.IntN(len(tabs))]
		rows, err := f.GetRows(tab, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		for len(rows) > 0 && strings.Join(rows[len(rows)-1], "") == "" {
			rows = rows[:len(rows)-1]
		}
		if len(rows) < 2 {
			continue
		}
		i := random.IntN(len(rows))
		if len(rows[i]) == 0 {
			continue
		}
		j := random.IntN(len(rows[i]))
		cell, err := excelize.CoordinatesToCellName(j+1, i+1)
		require.NoError(t, err)
		place := tab + "!" + cell
		c := fileChange{file: name, caught: func(d Difference) bool {
			return d.Place == place || d.Kind == Extra && d.Place == fmt.Sprintf("%s row %d", tab, i+1) // of a row with another key
		}}
		inRow := func(d Difference) bool {
			return strings.HasPrefix(d.Place, tab) && strings.HasSuffix(d.Place, strconv.Itoa(i+1))
		}
		blank := make([]string, len(rows[i]))
		number, notNumber := strconv.Atoi(rows[i][j])
		switch {
		case tab == "Heat map" && (j < 2 || j > 6 || notNumber != nil):
			continue // a heading, or a theme
		case tab == "Heat map":
			c.what = "count: " + place
			require.NoError(t, f.SetCellInt(tab, cell, 12345))
		case tab == metaTab && (i >= 8 && (j == 2 || j == 3) || i == 9 || j == 0 && i < 8):
			continue // counts and hashes of tables, and what facts are called
		case tab == metaTab || tab == baseTab:
			c.what = "hidden: " + place
			c.caught = func(d Difference) bool { return d.Place == tab || strings.HasPrefix(d.Got, tab+"!") }
			require.NoError(t, f.SetCellStr(tab, cell, rows[i][j]+"x"))
		case random.IntN(6) == 0 && i > 0:
			c.what = "row taken away: " + tab + " row " + strconv.Itoa(i+1)
			c.caught = func(d Difference) bool { return d.Kind == Missing || d.Kind == Different && d.Record != "" }
			require.NoError(t, f.SetSheetRow(tab, fmt.Sprintf("A%d", i+1), &blank))
		case random.IntN(6) == 0 && i > 0:
			c.what = "row doubled: " + tab + " row " + strconv.Itoa(i+1)
			require.NoError(t, f.SetSheetRow(tab, fmt.Sprintf("A%d", len(rows)+1), &rows[i]))
			i = len(rows)
			c.caught = inRow
		case notNumber == nil && random.IntN(2) == 0:
			c.what = "number for text: " + place
			require.NoError(t, f.SetCellInt(tab, cell, int64(number)))
		case random.IntN(6) == 0 && i > 0 && rows[i][j] != "":
			c.what = "formula: " + place
			require.NoError(t, f.SetCellFormula(tab, cell, "1+1"))
		default:
			c.what = "cell: " + place
			require.NoError(t, f.SetCellStr(tab, cell, rows[i][j]+"x"))
		}
		if (tab == moreTab || i == 0) && !strings.HasPrefix(c.what, "row taken") {
			c.caught = func(d Difference) bool {
				return inRow(d) || d.Kind == Missing && d.Record != "" || d.Place == moreTab+" row 1" // the cell is one of a row that is told of as a whole
			}
		}
		b, err := f.WriteToBuffer()
		require.NoError(t, err)
		c.data = b.Bytes()
		return c
	}
}
