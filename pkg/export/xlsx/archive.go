package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// archive is a ZIP archive with its parts in the order of their names. excelize hands over the sheets in the random
// order of a map, so two writes of the same workbook would differ. Parts are kept compressed.
type archive struct {
	out   io.Writer
	flate *flate.Writer
	parts []*part
}

type part struct {
	header zip.FileHeader
	data   bytes.Buffer
	flate  *flate.Writer
}

func newArchive(out io.Writer) excelize.ZipWriter { return &archive{out: out} }

// Create begins a part and ends the one before.
func (a *archive) Create(name string) (io.Writer, error) {
	if err := a.end(); err != nil {
		return nil, err
	}
	p := &part{header: zip.FileHeader{Name: name, Method: zip.Deflate}}
	if a.flate == nil {
		var err error
		if a.flate, err = flate.NewWriter(&p.data, flate.BestSpeed); err != nil {
			return nil, err
		}
	} else {
		a.flate.Reset(&p.data)
	}
	p.flate = a.flate
	a.parts = append(a.parts, p)
	return p, nil
}

// Write adds to the part.
func (p *part) Write(b []byte) (int, error) {
	p.header.CRC32 = crc32.Update(p.header.CRC32, crc32.IEEETable, b)
	p.header.UncompressedSize64 += uint64(len(b))
	return p.flate.Write(b)
}

func (a *archive) end() error {
	if len(a.parts) == 0 {
		return nil
	}
	p := a.parts[len(a.parts)-1]
	err := a.flate.Close()
	p.header.CompressedSize64 = uint64(p.data.Len())
	return err
}

// AddFS is what excelize asks for and never uses.
func (a *archive) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive.
func (a *archive) Close() error {
	if err := a.end(); err != nil {
		return err
	}
	slices.SortFunc(a.parts, func(x, y *part) int { return strings.Compare(x.header.Name, y.header.Name) })
	z := zip.NewWriter(a.out)
	for _, p := range a.parts {
		w, err := z.CreateRaw(&p.header)
		if err != nil {
			return err
		}
		if _, err := p.data.WriteTo(w); err != nil {
			return err
		}
	}
	return z.Close()
}
