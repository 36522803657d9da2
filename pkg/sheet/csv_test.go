package sheet

import (
	"bytes"
	"encoding/csv"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	exportcsv "github.com/tmkit/tmkit/pkg/export/csv"
)

// inUTF16 is a text in UTF-16 behind a byte order mark.
func inUTF16(text string, bigEndian bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		high, low := byte(unit>>8), byte(unit)
		if bigEndian {
			out = append(out, high, low)
		} else {
			out = append(out, low, high)
		}
	}
	return string(out)
}

func TestCSV(t *testing.T) {
	plain := []Row{{1, []Cell{{Text: "Id"}, {Text: "Title"}}}, {2, []Cell{{Text: "T-1"}, {Text: "a, b; \U0001f512"}}}}
	for name, tt := range map[string]struct {
		data string
		want []Row
	}{
		"plain":          {"Id,Title\nT-1,\"a, b; \U0001f512\"\n", plain},
		"no last line":   {"Id,Title\nT-1,\"a, b; \U0001f512\"", plain},
		"byte order":     {"\ufeffId,Title\nT-1,\"a, b; \U0001f512\"\n", plain},
		"CRLF":           {"Id,Title\r\nT-1,\"a, b; \U0001f512\"\r\n", plain},
		"CR":             {"Id,Title\rT-1,\"a, b; \U0001f512\"\r", plain},
		"semicolons":     {"Id;Title\nT-1;\"a, b; \U0001f512\"\n", plain},
		"tabs":           {"Id\tTitle\nT-1\ta, b; \U0001f512\n", plain},
		"UTF-16":         {inUTF16("Id\tTitle\r\nT-1\ta, b; \U0001f512\r\n", false), plain},
		"UTF-16, big":    {inUTF16("Id\tTitle\r\nT-1\ta, b; \U0001f512\r\n", true), plain},
		"quoted heading": {"\"a;b;c\nd;e\",f\n1,2\n", []Row{{1, []Cell{{Text: "a;b;c\nd;e"}, {Text: "f"}}}, {2, []Cell{{Text: "1"}, {Text: "2"}}}}},
		"line ends":      {"a,b\r\n\"1\r\n2\",\"3\r4\"\r\n", []Row{{1, []Cell{{Text: "a"}, {Text: "b"}}}, {2, []Cell{{Text: "1\n2"}, {Text: "3\n4"}}}}},
		"ragged":         {"a,b\n1\n1,2,3\n", []Row{{1, []Cell{{Text: "a"}, {Text: "b"}}}, {2, []Cell{{Text: "1"}, {}}}, {3, []Cell{{Text: "1"}, {Text: "2"}, {Text: "3"}}}}},
		"empty rows":     {"\n\na,b\n,\n\n\"1\n\",2\n\n,,,\n3,\n,\n", []Row{{3, []Cell{{Text: "a"}, {Text: "b"}}}, {6, []Cell{{Text: "1\n"}, {Text: "2"}}}, {9, []Cell{{Text: "3"}, {}}}}},
		"guarded":        {"'a,b\n'=1,''c\n=2,'\n", []Row{{1, []Cell{{Text: "'a"}, {Text: "b"}}}, {2, []Cell{{Text: "=1"}, {Text: "'c"}}}, {3, []Cell{{Text: "=2"}, {}}}}},
		"most commas":    {"a;b,c,d\n1,2,3\n", []Row{{1, []Cell{{Text: "a;b"}, {Text: "c"}, {Text: "d"}}}, {2, []Cell{{Text: "1"}, {Text: "2"}, {Text: "3"}}}}},
		"nothing":        {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			tab, err := readCSV(&builder{}, "x", []byte(tt.data))
			require.NoError(t, err)
			require.Equal(t, "x", tab.Name)
			got := tab.Rows
			if tab.HeaderRow > 0 {
				got = append([]Row{{tab.HeaderRow, tab.Header}}, got...)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2\n", "\ufeff\ufeff", "\ufeffa;\"b\nc\"\r\n\r\n'=1;\r", "a\tb\r1\t\"\"\"\"", inUTF16("a\tb\r\n\U0001f512\t", false), inUTF16("a,b\n", true)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tab, err := readCSV(&builder{}, "x", data)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		checkBook(t, &Book{Tabs: []*Tab{tab}})

		// What is written again in our dialect reads back.
		b := bytes.NewBufferString("\ufeff")
		w := csv.NewWriter(b)
		for i, r := range append([]Row{{tab.HeaderRow, tab.Header}}, tab.Rows...) {
			// More commas than a heading can hold of other separators, and never a line without any sign.
			record := make([]string, len(r.Cells), len(r.Cells)+len(data)+1)
			for j, c := range r.Cells {
				if record[j] = c.Text; i > 0 {
					record[j] = exportcsv.Guard(c.Text)
				}
			}
			require.NoError(t, w.Write(record[:cap(record)]))
		}
		w.Flush()
		require.NoError(t, w.Error())
		again, err := readCSV(&builder{}, "x", b.Bytes())
		require.NoError(t, err)
		require.Equal(t, tab.Header, again.Header)
		require.Len(t, again.Rows, len(tab.Rows))
		for i, r := range again.Rows {
			require.Equal(t, tab.Rows[i].Cells, r.Cells)
		}
	})
}
