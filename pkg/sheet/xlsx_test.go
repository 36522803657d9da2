package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// parts are the parts of a workbook, by name.
type parts map[string]string

const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

// rels are the relations of a part, each of an id, a type and a target.
func rels(of ...[3]string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range of {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s%s" Target="%s"/>`, r[0], office, r[1], r[2])
	}
	return b.String() + `</Relationships>`
}

// oneSheet is a workbook of one sheet, and other parts.
func oneSheet(rows string, more parts) parts {
	p := parts{
		"_rels/.rels":                rels([3]string{"rId1", "officeDocument", "xl/workbook.xml"}),
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": rels([3]string{"rId1", "worksheet", "worksheets/sheet1.xml"}, [3]string{"rId2", "sharedStrings", "sharedStrings.xml"}),
		"xl/sharedStrings.xml":       `<sst><si><t>shared</t></si><si><t>base</t><rPh sb="0" eb="1"><t>spoken</t></rPh></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
	maps.Copy(p, more)
	return p
}

func (p parts) zip(t testing.TB) []byte { return p.archive(t, zip.Deflate) }

func (p parts) archive(t testing.TB, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write([]byte(p[name]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// claims is an archive with a part that claims to have so many bytes, n times.
func claims(t testing.TB, size uint64, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		_, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("xl/media/%d.xml", i), Method: zip.Deflate, UncompressedSize64: size})
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// TestForms reads what other programs write and excelize does not.
func TestForms(t *testing.T) {
	inline := func(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }
	for name, tt := range map[string]struct {
		sheet string
		want  [][]Cell
	}{
		"no names":        {`<row>` + inline("a") + `<c/>` + inline("b") + `</row>`, [][]Cell{{{"a", Text}, {}, {"b", Text}}}},
		"prefixes":        {`<x:row r="1" xmlns:x="x"><x:c r="B1" t="s"><x:v>0</x:v></x:c></x:row>`, [][]Cell{{{}, {"shared", Text}}}},
		"how to say it":   {`<row><c t="s"><v>1</v></c></row>`, [][]Cell{{{"base", Text}}}},
		"values":          {`<row><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c t="str"><v>a_x000D_b</v></c><c t="d"><v>2026-11-23T00:00:00Z</v></c></row>`, [][]Cell{{{"TRUE", Bool}, {"#REF!", Broken}, {"a\nb", Text}, {"2026-11-23", Date}}}},
		"a time":          {`<row><c t="d"><v>2026-11-23T10:00:00</v></c></row>`, [][]Cell{{{"2026-11-23T10:00:00", Text}}}},
		"formulas":        {`<row><c><f>A1</f><v>1</v></c><c t="e"><v>#N/A</v><f>B1</f></c><c t="str"><f t="shared" si="0"/><v>x</v></c></row>`, [][]Cell{{{"=A1", Formula}, {"=B1", Formula}, {"=", Formula}}}},
		"exponents":       {`<row><c><v>1E+3</v></c><c><v>12345678901234567890</v></c><c><v>1.1000000000000001</v></c></row>`, [][]Cell{{{"1000", Number}, {"12345678901234567000", Number}, {"1.1", Number}}}},
		"escapes":         {`<row>` + inline("_x005F_x000D_ _xD83D_ _x41_ &lt;&#10;<![CDATA[<b>]]>") + `</row>`, [][]Cell{{{"_x000D_ _xD83D_ _x41_ <\n<b>", Text}}}},
		"rows apart":      {`<row r="3">` + inline("a") + `</row><row r="9"/><row r="1048576"><c r="A1048576" t="s"><v>0</v></c></row>`, [][]Cell{{{"a", Text}}, {{"shared", Text}}}},
		"merged":          {`<row>` + inline("h") + `</row><row>` + inline("a") + inline("b") + inline("c") + `</row><row>` + inline("d") + `</row></sheetData><mergeCells><mergeCell ref="A2:B3"/></mergeCells><sheetData>`, [][]Cell{{{"h", Text}}, {{"a", Text}, {}, {"c", Text}}}},
		"merged headings": {`<row>` + inline("h") + inline("i") + `</row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><sheetData>`, [][]Cell{{{"h", Text}, {}}}},
		"claims":          {`</sheetData><dimension ref="A1:XFD1048576"/><cols><col min="1" max="999999999"/></cols><sheetData><row spans="1:999999999">` + inline("a") + `</row>`, [][]Cell{{{"a", Text}}}},
		"padded":          {`<row>` + inline("a") + inline("b") + `</row><row>` + inline("c") + `<c/><c/></row>`, [][]Cell{{{"a", Text}, {"b", Text}}, {{"c", Text}, {}}}},
		"nothing":         {``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			data := oneSheet(tt.sheet, nil).zip(t)
			book, err := readXLSX(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			require.Len(t, book.Tabs, 1)
			var got [][]Cell
			if book.Tabs[0].HeaderRow > 0 {
				got = append(got, book.Tabs[0].Header)
			}
			for _, r := range book.Tabs[0].Rows {
				got = append(got, r.Cells)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestThreads(t *testing.T) {
	data := oneSheet(``, parts{
		"xl/_rels/workbook.xml.rels":               rels([3]string{"rId1", "worksheet", "/xl/worksheets/sheet1.xml"}, [3]string{"rId2", "person", "persons/person.xml"}),
		"xl/persons/person.xml":                    `<personList><person displayName="Reviewer" id="{1}"/></personList>`,
		"xl/worksheets/_rels/sheet1.xml.rels":      rels([3]string{"a", "comments", "../comments1.xml"}, [3]string{"b", "threadedComment", "../threadedComments/threadedComment1.xml"}),
		"xl/threadedComments/threadedComment1.xml": `<ThreadedComments><threadedComment ref="B2" personId="{1}" id="{2}"><text>So?</text></threadedComment><threadedComment ref="B2" personId="{9}" parentId="{2}"><text>Yes.</text></threadedComment></ThreadedComments>`,
		"xl/comments1.xml":                         `<comments><authors><author>tc={2}</author></authors><commentList><comment ref="B2" authorId="0"><text><t>[Threaded comment]</t></text></comment><comment ref="A2" authorId="-7"><text><r><t>a</t></r><r><t>b</t></r></text></comment></commentList></comments>`,
	}).zip(t)
	book, err := readXLSX(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.Equal(t, []Remark{{"S", 2, 1, "", "ab"}, {"S", 2, 2, "Reviewer", "So?"}, {"S", 2, 2, "", "Yes."}}, book.Remarks)
}

// TestLost holds that hidden tabs which are gone or damaged are lost and no error, unless they contradict themselves.
func TestLost(t *testing.T) {
	hash, cell := strings.Repeat("a", 16), strings.Repeat("b", 8)
	head := []string{"tab", "table", "rows", "sha256", "columns"}
	threats := []string{"Threats", "threats", "1", "", "id\ntitle\ntheme"}
	row := []string{"threats", "T-1", hash, cell + " -"}
	base := map[string]map[string]BaseRow{"threats": {"T-1": {hash, map[string]string{"title": cell, "theme": "-"}}}}
	for name, tt := range map[string]struct {
		meta, base [][]string
		want       map[string]map[string]BaseRow
		err        string
	}{
		"whole":           {[][]string{{"model", "m"}, head, threats}, [][]string{row}, base, ""},
		"unknown":         {[][]string{{"model", "m"}, {"mood", "fine"}, {"model", "m"}, head, threats}, [][]string{row, {"note"}, {"other", "X", hash, cell}, {"threats", "T-2", "?", cell}, {"threats", "T-3", hash, "x"}}, base, ""},
		"no base":         {[][]string{{"model", "m"}, head, threats}, nil, nil, ""},
		"no meta":         {nil, [][]string{row}, nil, ""},
		"two models":      {[][]string{{"model", "m"}, {"model", "n"}}, nil, nil, `_meta!B2: two values of "model", "m" and "n"; export the model again`},
		"a table twice":   {[][]string{head, threats, threats}, nil, nil, `_meta!B3: the table "threats" is there twice; export the model again`},
		"a row twice":     {[][]string{head, threats}, [][]string{row, row}, nil, `_base!B3: the row "T-1" of "threats" is there twice; export the model again`},
		"too many hashes": {[][]string{head, threats}, [][]string{{"threats", "T-1", hash, cell + " - -"}}, nil, `_base!D2: 3 hashes do not go with the 3 columns of "threats"; export the model again`},
		"unlike others":   {[][]string{head, threats}, [][]string{row, {"threats", "T-2", hash, cell}}, nil, `_base!D3: 1 hashes do not go with the 3 columns of "threats"; export the model again`},
	} {
		t.Run(name, func(t *testing.T) {
			tab := func(name string, rows [][]string) *Tab {
				if rows == nil {
					return nil
				}
				b, tab := &builder{}, &Tab{Name: name}
				for i, r := range rows {
					var cells []Cell
					for _, c := range r {
						cells = append(cells, Cell{Text: c})
					}
					require.NoError(t, b.add(tab, i+1, cells))
				}
				return tab
			}
			book := &Book{}
			err := book.readMeta(tab(metaTab, tt.meta))
			if err == nil {
				if tt.base != nil {
					tt.base = append([][]string{{"table", "row", "_row", "cells"}}, tt.base...)
				}
				err = book.readBase(tab(baseTab, tt.base))
			}
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, book.Base)
			if tt.meta != nil {
				require.Equal(t, "m", book.Meta.Model)
				require.Equal(t, []MetaTable{{"Threats", "threats", []string{"id", "title", "theme"}}}, book.Meta.Tables)
			}
		})
	}
}

// hostile are files that are no sheets, or that would do harm, with what is said of them.
func hostile(t testing.TB) map[string]struct {
	data []byte
	want string
} {
	t.Helper()
	type file = struct {
		data []byte
		want string
	}
	sheet := func(rows, want string) file { return file{oneSheet(rows, nil).zip(t), want} }
	with := func(name, part, want string) file { return file{oneSheet("", parts{name: part}).zip(t), want} }
	const noWorkbook = "is no workbook, whatever its name; open it in a sheet program and save it as .xlsx"
	const missing = ` is missing or is used twice; save it as .xlsx again`
	inline := func(s string) string { return `<row><c t="inlineStr"><is>` + s + `</is></c></row>` }
	wide := strings.Repeat(`<row><c r="XFD%d" t="b"><v>1</v></c></row>`, 300)
	for i := range 300 {
		wide = strings.Replace(wide, "%d", fmt.Sprint(i+1), 1)
	}
	whole := oneSheet("", nil).zip(t)
	lies := func() []byte {
		data := oneSheet("", parts{"xl/worksheets/sheet1.xml": strings.Repeat(" ", 1<<20)}).zip(t)
		return bytes.ReplaceAll(data, []byte{0, 0, 0x10, 0}, []byte{10, 0, 0, 0})
	}()
	const book = "xl/workbook.xml"
	const bookRels = "xl/_rels/workbook.xml.rels"
	worksheet := [3]string{"rId1", "worksheet", "worksheets/sheet1.xml"}
	return map[string]file{
		"empty.xlsx":      {nil, noWorkbook},
		"ole.xlsx":        {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), "has a password or is an .xls; a workbook without a password is read back: save it as .xlsx"},
		"html.xlsx":       {[]byte("<html><table></table></html>"), noWorkbook},
		"text.xlsx":       {[]byte("Id,Title\nT-1,x\n"), noWorkbook},
		"archive.xlsx":    {parts{"a.txt": "a"}.zip(t), noWorkbook},
		"document.xlsx":   {parts{"_rels/.rels": rels([3]string{"rId1", "officeDocument", "word/document.xml"}), "word/document.xml": `<document/>`}.zip(t), noWorkbook},
		"binary.xlsx":     {parts{"_rels/.rels": rels([3]string{"rId1", "officeDocument", "xl/workbook.bin"})}.zip(t), noWorkbook},
		"ods.xlsx":        {parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}.zip(t), "is an .ods; save it as .xlsx"},
		"cut.xlsx":        {whole[:len(whole)-30], "is a damaged workbook (zip: not a valid zip file); save it as .xlsx again"},
		"out.xlsx":        with("../evil.xml", "", `has the part "../evil.xml", which leads out of the workbook; save it as .xlsx again`),
		"root.xlsx":       with("/etc/evil.xml", "", `has the part "/etc/evil.xml", which leads out of the workbook; save it as .xlsx again`),
		"windows.xlsx":    with(`xl\..\..\evil.xml`, "", `has the part "xl\\..\\..\\evil.xml", which leads out of the workbook; save it as .xlsx again`),
		"twice.xlsx":      with("xl/Workbook.xml", "", `has the part "xl/workbook.xml" twice; save it as .xlsx again`),
		"macros.xlsx":     with("xl/vbaProject.bin", "", "has macros; a workbook without is read back: save it as .xlsx"),
		"macros2.xlsx":    with(bookRels, rels(worksheet, [3]string{"rId9", "vbaProject", "other.bin"}), "has macros; a workbook without is read back: save it as .xlsx"),
		"macros3.xlsx":    with("xl/macrosheets/sheet1.xml", "", "has macros; a workbook without is read back: save it as .xlsx"),
		"links.xlsx":      with(bookRels, rels(worksheet, [3]string{"rId9", "externalLink", "externalLinks/externalLink1.xml"}), "has links to other files; a workbook without is read back: replace the formulas that look there by their values"),
		"picture.xlsx":    with("xl/worksheets/_rels/sheet1.xml.rels", strings.Replace(rels([3]string{"rId9", "image", "https://example.com/x.png"}), "/></", ` TargetMode="External"/></`, 1), "has links to other files; a workbook without is read back: replace the formulas that look there by their values"),
		"gibibyte.xlsx":   {claims(t, 1<<30, 1), `has the part "xl/media/0.xml" of 1073741824 bytes; a part may have 67108864`},
		"five.xlsx":       {claims(t, 60<<20, 5), "unzips to 314572800 bytes; a workbook may have 268435456"},
		"lies.xlsx":       {lies, `sheet "S": zip: not a valid zip file; save it as .xlsx again`},
		"spaces.xlsx":     sheet(inline("<t>"+strings.Repeat(" ", 20<<20)+"</t>"), `sheet "S", cell A1: more than 1048576 bytes without an element`),
		"shared.xlsx":     with("xl/sharedStrings.xml", "<sst><si><t/></si><si><t>"+strings.Repeat(" ", 20<<20)+"</t></si></sst>", `the part "xl/sharedStrings.xml" cannot be read: text 1: more than 1048576 bytes without an element`),
		"runs.xlsx":       sheet(inline(strings.Repeat("<r><t>"+strings.Repeat(" ", 1000)+"</t></r>", 2000)), `sheet "S", cell A1: a text of more than 1048576 bytes`),
		"long.xlsx":       sheet("<row/>"+inline("<t>"+strings.Repeat("\U0001f512", 16384)+"</t>"), `sheet "S", cell A2: a text of 32768 UTF-16 units; a cell holds 32767`),
		"attribute.xlsx":  sheet(`<row x="`+strings.Repeat("x", 2<<20)+`"/>`, `sheet "S": more than 1048576 bytes without an element`),
		"nested.xlsx":     sheet(strings.Repeat("<a>", 100), `sheet "S": more than 64 elements within each other`),
		"styles.xlsx":     with(bookRels, rels(worksheet, [3]string{"rId9", "styles", "styles.xml"}), `the part "xl/styles.xml"`+missing),
		"manysheets.xlsx": with(book, "<workbook>"+strings.Repeat(" ", 5<<20), `has the part "xl/workbook.xml" of 5242890 bytes; it may have 4194304`),
		"unclosed.xlsx":   sheet(`<row><c>`, `sheet "S", cell A1: the element "sheetData" ends where it has not begun; save it as .xlsx again`),
		"malformed.xlsx":  sheet(`<row <c>`, `sheet "S": XML syntax error on line 1: expected attribute name in element; save it as .xlsx again`),
		"ends.xlsx":       with("xl/worksheets/sheet1.xml", `<worksheet><sheetData>`, `sheet "S": unexpected EOF; save it as .xlsx again`),
		"workbook.xlsx":   with(book, `<workbook><sheets>`, `the part "xl/workbook.xml" cannot be read: unexpected EOF; save it as .xlsx again`),
		"entities.xlsx":   with("xl/worksheets/sheet1.xml", `<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>`, `sheet "S": XML syntax error on line 1: invalid character entity &b;; save it as .xlsx again`),
		"row.xlsx":        sheet(`<row r="1048577"/>`, `sheet "S": there is a row 1048577; a sheet has 1048576`),
		"rows.xlsx":       sheet(`<row r="99999999999999999999"/>`, `sheet "S": "99999999999999999999" is no number of the next row; save it as .xlsx again`),
		"back.xlsx":       sheet(`<row r="5"/><row r="5"/>`, `sheet "S", row 5: "5" is no number of the next row; save it as .xlsx again`),
		"column.xlsx":     sheet(`<row><c r="XFE1"/></row>`, `sheet "S", cell A1: "XFE1" is no cell; a sheet has the cells A1 to XFD1048576`),
		"columns.xlsx":    sheet(`<row>`+strings.Repeat("<c/>", 1_000_000)+`</row>`, `sheet "S", cell XFE1: a sheet has 16384 columns`),
		"other.xlsx":      sheet(`<row><c r="B7"/></row>`, `sheet "S", cell A1: B7 is not the next cell; save it as .xlsx again`),
		"cells.xlsx":      sheet(wide, `sheet "S", row 153: there are more than 2500000 cells`),
		"merges.xlsx":     sheet(strings.Repeat(inline("<t>a</t>"), 10_000)+"</sheetData><mergeCells>"+strings.Repeat(`<mergeCell ref="A1:B1048576"/>`, 10_000)+"</mergeCells><sheetData>", `sheet "S", row 10000: merged cells overlap; save it as .xlsx again`),
		"index.xlsx":      sheet(`<row><c t="s"><v>2</v></c></row>`, `sheet "S", cell A1: there is no text "2", there are 2; save it as .xlsx again`),
		"negative.xlsx":   sheet(`<row><c t="s"><v>-1</v></c></row>`, `sheet "S", cell A1: there is no text "-1", there are 2; save it as .xlsx again`),
		"number.xlsx":     sheet(`<row><c><v>NaN</v></c></row>`, `sheet "S", cell A1: "NaN" is no number; save it as .xlsx again`),
		"type.xlsx":       sheet(`<row><c t="x"><v>1</v></c></row>`, `sheet "S", cell A1: "x" is no type of cells; save it as .xlsx again`),
		"noparts.xlsx":    with(book, `<workbook><sheets><sheet name="T" id="rId7"/></sheets></workbook>`, `the sheet "T" has no part; save it as .xlsx again`),
		"samepart.xlsx":   with(book, `<workbook><sheets><sheet name="S" id="rId1"/><sheet name="T" id="rId1"/></sheets></workbook>`, `the part "xl/worksheets/sheet1.xml"`+missing),
		"samename.xlsx":   with(book, `<workbook><sheets><sheet name="S" id="rId1"/><sheet name="s" id="rId1"/></sheets></workbook>`, `has two sheets with the name "s"; give each its own`),
		"comment.xlsx": {oneSheet("", parts{
			"xl/worksheets/_rels/sheet1.xml.rels": rels([3]string{"a", "comments", "../comments1.xml"}),
			"xl/comments1.xml":                    `<comments><commentList><comment ref="A0"/></commentList></comments>`,
		}).zip(t), `sheet "S": a comment: "A0" is no cell; a sheet has the cells A1 to XFD1048576`},

		"book.xls":    {nil, "is not read back; an .xlsx, a .csv and a folder of .csv files are: save it as .xlsx"},
		"book.xlsm":   {nil, "is not read back; an .xlsx, a .csv and a folder of .csv files are: save it as .xlsx"},
		"latin.csv":   {[]byte("Id,Title\nT-1,caf\xe9\n"), "byte 16 (0xe9) is not UTF-8; save it as CSV in UTF-8"},
		"odd.csv":     {[]byte("\xff\xfea\x00b"), "byte 4: no character of UTF-16; save it as CSV in UTF-8"},
		"half.csv":    {[]byte("\xfe\xff\xd8\x00\x00a"), "byte 2: no character of UTF-16; save it as CSV in UTF-8"},
		"zero.csv":    {[]byte("a\n\x00"), "line 2: the character U+0000, which no text has; save it as CSV in UTF-8"},
		"quote.csv":   {[]byte("a,b\nc,d\"e\n"), "line 2, byte 4: a quote within a cell; a cell that has one stands in quotes, with each of its own written twice"},
		"open.csv":    {[]byte("a,\"b\nc"), "line 2, byte 2: a quote that is not closed, or text behind a closed one; a cell stands in quotes as a whole"},
		"long.csv":    {[]byte("a,b\n\"1\n2\"," + strings.Repeat("x", 32768)), "line 3, long!B2: a text of 32768 UTF-16 units; a cell holds 32767"},
		"spaces.csv":  {bytes.Repeat([]byte(" "), 20<<20), "line 1, spaces!A1: a text of 20971520 UTF-16 units; a cell holds 32767"},
		"rows.csv":    {bytes.Repeat([]byte("a\n"), 1_048_577), "line 1048577: a sheet has 1048576 rows and 16384 columns at most"},
		"columns.csv": {bytes.Repeat([]byte("a,"), 1_000_000), "line 1: a sheet has 1048576 rows and 16384 columns at most"},
		"cells.csv":   {append(bytes.Repeat([]byte("a,"), 10_000), bytes.Repeat([]byte("\na"), 500)...), "there are more than 2500000 cells"},
	}
}

// TestHostile holds that each hostile file is refused in one line, with little memory and soon.
func TestHostile(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, tt := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(name, tt.data, 0o666))
			start := time.Now()
			most := peak(func() {
				_, err := Read(name)
				require.EqualError(t, err, name+": "+tt.want)
			})
			assert.Less(t, most, 200<<20)
			assert.Less(t, time.Since(start), 10*time.Second)
		})
	}
}

func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("empty", 0o777))
	require.NoError(t, os.Mkdir("bad", 0o777))
	require.NoError(t, os.WriteFile(filepath.Join("bad", "x.csv"), []byte("\xff"), 0o666))
	require.NoError(t, os.Symlink("loop.csv", "loop.csv"))
	require.NoError(t, os.Symlink(os.DevNull, "device.csv"))
	// The file has no blocks: nobody writes a gibibyte.
	require.NoError(t, os.WriteFile("spaces.csv", nil, 0o666))
	require.NoError(t, os.Truncate("spaces.csv", 1<<30))
	for path, want := range map[string]string{
		"none.xlsx":  "no such file or directory",
		"loop.csv":   "too many levels of symbolic links",
		"device.csv": "is no file; an .xlsx, a .csv and a folder of .csv files are read back",
		"spaces.csv": "has 1073741824 bytes; a file may have 33554432",
		"empty":      "the folder has no .csv file; those that tmkit export writes are read back",
	} {
		_, err := Read(path)
		require.EqualError(t, err, path+": "+want)
	}
	_, err := Read("bad")
	require.EqualError(t, err, filepath.Join("bad", "x.csv")+": byte 0 (0xff) is not UTF-8; save it as CSV in UTF-8")
}

// peak returns how much more memory the heap held at most while a function ran.
func peak(do func()) int {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	held := func() int {
		metrics.Read(sample)
		return int(sample[0].Value.Uint64())
	}
	runtime.GC()
	before, most := held(), 0
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			most = max(most, held()-before)
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-stopped
	return most
}

// checkBook holds what is true of every book, whatever it was read from.
func checkBook(t *testing.T, book *Book) {
	t.Helper()
	for _, tab := range book.Tabs {
		last := tab.HeaderRow
		require.Equal(t, len(tab.Header) > 0, last > 0)
		for _, r := range tab.Rows {
			require.Greater(t, r.Number, last)
			last = r.Number
			require.GreaterOrEqual(t, len(r.Cells), len(tab.Header))
			require.True(t, slices.ContainsFunc(r.Cells, func(c Cell) bool { return c != Cell{} }))
			for _, c := range r.Cells {
				require.True(t, utf8.ValidString(c.Text))
				require.NotContains(t, c.Text, "\r")
				require.NoError(t, checkLength(c.Text))
			}
		}
	}
}

// FuzzXLSX changes the parts of workbooks and not their archives, behind whose sums no change gets.
func FuzzXLSX(f *testing.F) {
	names := []string{"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels", "xl/comments1.xml"}
	seed := func(p parts) {
		f.Add(p[names[0]], p[names[1]], p[names[2]], p[names[3]], p[names[4]], p[names[5]], p[names[6]])
	}
	seed(oneSheet(`<row r="2"><c r="B2" t="s"><v>1</v></c><c t="inlineStr"><is><r><t>a_x000D_</t></r></is></c><c t="e"><v>#N/A</v></c><c t="d"><v>2026-11-23</v></c></row>`, nil))
	seed(oneSheet(`<row><c t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells><sheetData>`, nil))
	for _, write := range []func(*excelize.File) error{
		func(b *excelize.File) error {
			return b.SetSheetRow("Sheet1", "A1", &[]any{"Id", 1.5, true, nil, "a\nb"})
		},
		func(b *excelize.File) error {
			return b.SetCellValue("Sheet1", "B3", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		},
		func(b *excelize.File) error { return b.SetCellFormula("Sheet1", "A2", "SUM(A1:B1)") },
		func(b *excelize.File) error {
			return b.AddComment("Sheet1", excelize.Comment{Cell: "B2", Author: "a", Text: "b"})
		},
		func(b *excelize.File) error { return b.SetSheetName("Sheet1", "_base") },
	} {
		book := excelize.NewFile()
		var b bytes.Buffer
		require.NoError(f, write(book))
		require.NoError(f, book.Write(&b))
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		require.NoError(f, err)
		p := parts{}
		for _, name := range names {
			if data, err := fs.ReadFile(z, name); err == nil {
				p[name] = string(data)
			}
		}
		seed(p)
	}
	f.Fuzz(func(t *testing.T, workbook, links, texts, styles, sheet, sheetLinks, comments string) {
		p := parts{"_rels/.rels": rels([3]string{"rId1", "officeDocument", names[0]})}
		for i, part := range []string{workbook, links, texts, styles, sheet, sheetLinks, comments} {
			if part != "" {
				p[names[i]] = part
			}
		}
		data := p.archive(t, zip.Store)
		book, err := readXLSX(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		checkBook(t, book)
	})
}
