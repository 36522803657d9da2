package sheet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// What a file may be at most. A workbook of 5,000 threats has 10 MB, unzips to 93 MB, or 120 MB when Gnumeric has saved
// it, 31 MB of them in one part, and has 1.1 million cells. Whatever is in a file within these limits, to read it takes
// less than 400 MB of memory and half a minute of one core.
const (
	maxFile  = 32 << 20
	maxZip   = 256 << 20
	maxPart  = 64 << 20
	maxCells = 2_500_000
)

// Read reads a workbook, a CSV file or a folder of CSV files. It takes files that nobody has vouched for: what is no
// sheet, too large or a risk, such as macros, is an error in one line.
func Read(path string) (*Book, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, at(path, err)
	}
	kind := strings.ToLower(filepath.Ext(path))
	var b *Book
	switch {
	case info.IsDir():
		b, err = readFolder(path)
	case kind == ".xlsx":
		err = withFile(path, func(f *os.File, size int64) error {
			b, err = readXLSX(f, size)
			return err
		})
	case slices.Contains(csvKinds, kind):
		b = &Book{}
		err = addCSV(b, &builder{}, path)
	default:
		err = at(path, errors.New("is not read back; an .xlsx, a .csv and a folder of .csv files are: save it as .xlsx"))
	}
	if err != nil {
		return nil, err
	}
	b.File = path
	if info.IsDir() || kind != ".xlsx" {
		b.beside(path)
	}
	return b, nil
}

// at says in which file something went wrong. What the system says names the file already, and what it did with it.
func at(path string, err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// withFile calls a function with an open file, where it is one and not too large.
func withFile(path string, do func(f *os.File, size int64) error) error {
	// Opening a pipe would wait for somebody to write.
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is no file; an .xlsx, a .csv and a folder of .csv files are read back")
	}
	if err != nil {
		return at(path, err)
	}
	if info.Size() > maxFile {
		return at(path, fmt.Errorf("has %d bytes; a file may have %d", info.Size(), maxFile))
	}
	f, err := os.Open(path)
	if err != nil {
		return at(path, err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	if err := do(f, info.Size()); err != nil {
		return at(path, err)
	}
	return nil
}

// readFolder reads the CSV files of a folder in the order of their names.
func readFolder(dir string) (*Book, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, at(dir, err)
	}
	book, b := &Book{}, &builder{}
	for _, e := range entries {
		if e.IsDir() || !strings.EqualFold(filepath.Ext(e.Name()), ".csv") {
			continue
		}
		if err := addCSV(book, b, filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	if len(book.Tabs) == 0 {
		return nil, at(dir, errors.New("the folder has no .csv file; those that tmkit export writes are read back"))
	}
	return book, nil
}

// addCSV adds a CSV file to a book.
func addCSV(book *Book, b *builder, path string) error {
	return withFile(path, func(f *os.File, size int64) error {
		data, err := io.ReadAll(io.LimitReader(f, size))
		if err != nil {
			return err
		}
		tab, err := readCSV(b, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), data)
		book.Tabs = append(book.Tabs, tab)
		return err
	})
}

// builder makes tabs of rows and counts the cells of all of them.
type builder struct{ cells atomic.Int64 }

// add puts a row into a tab, the first with text as its header, and drops rows without text. The cells are copied.
func (b *builder) add(t *Tab, number int, cells []Cell) error {
	last := len(cells)
	for last > 0 && cells[last-1] == (Cell{}) {
		last--
	}
	if last == 0 {
		return nil
	}
	width := max(last, len(t.Header))
	if b.cells.Add(int64(width)) > maxCells {
		return fmt.Errorf("there are more than %d cells", maxCells)
	}
	row := make([]Cell, width)
	copy(row, cells[:last])
	if t.HeaderRow == 0 {
		t.Header, t.HeaderRow = row, number
		return nil
	}
	t.Rows = append(t.Rows, Row{number, row})
	return nil
}

// newlines are the ends of lines that are no newline in sheets of other systems.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// checkLength finds texts that no cell holds.
func checkLength(text string) error {
	// No character has more UTF-16 units than bytes.
	if len(text) <= excelize.TotalCellChars {
		return nil
	}
	units := utf8.RuneCountInString(text)
	for _, r := range text {
		if r > 0xffff {
			units++
		}
	}
	if units > excelize.TotalCellChars {
		return fmt.Errorf("a text of %d UTF-16 units; a cell holds %d", units, excelize.TotalCellChars)
	}
	return nil
}
