package sheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"github.com/tmkit/tmkit/pkg/export"
	"github.com/tmkit/tmkit/pkg/export/csv"
	"github.com/tmkit/tmkit/pkg/table"
)

// beside takes what CSV files do not say of themselves from the manifest of their export, when it is in their folder or
// the one above. A manifest of something else does no harm: it only counts for a table that the model writes as it says.
func (b *Book) beside(path string) {
	dir := path
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		dir = filepath.Dir(path)
	}
	for _, dir := range []string{dir, filepath.Join(dir, "..")} {
		m, err := export.ReadManifest(dir)
		if err != nil || m.Model == "" {
			continue
		}
		b.Meta = Meta{Format: m.Format, Schema: m.Schema, Model: m.Model, Version: m.Version, Profile: m.Profile, Audience: m.Audience, Digest: m.Digest}
		b.sums = m.Files
		return
	}
}

// unmoved fills in what was exported of the tables that the model still writes as the manifest says.
func (b *Book) unmoved(set *table.Set) {
	for _, t := range set.Tables {
		sum := b.sums["csv/"+t.Name+".csv"]
		if sum == "" || len(t.Origins) == 0 {
			continue
		}
		for _, guarding := range []csv.Guarding{csv.Guarded, csv.Raw} {
			var text bytes.Buffer
			if csv.Write(&text, t, guarding) != nil {
				continue
			}
			if now := sha256.Sum256(text.Bytes()); hex.EncodeToString(now[:]) == sum {
				if b.Base == nil {
					b.Base = map[string]map[string]BaseRow{}
				}
				b.Base[t.Name] = base(t)
				break
			}
		}
	}
}

// base is what a table would be exported as.
func base(t *table.Table) map[string]BaseRow {
	out := make(map[string]BaseRow, len(t.Rows))
	hash := t.Hasher()
	for _, row := range t.Rows {
		was := BaseRow{Hash: hash.Row(row), Cells: make(map[string]string, len(t.Columns))}
		for j, c := range t.Columns[t.Keys:] {
			was.Cells[c.Key] = table.CellHash(row[t.Keys+j])
		}
		out[t.Key(row)] = was
	}
	return out
}
