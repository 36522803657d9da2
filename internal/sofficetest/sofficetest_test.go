package sofficetest_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/internal/sofficetest"
)

func TestBook(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetName("Sheet1", "At risk"))
	_, err := f.NewSheet("_hidden")
	require.NoError(t, err)
	require.NoError(t, f.SetSheetVisible("_hidden", false))
	require.NoError(t, f.SetSheetRow("At risk", "A1", &[]string{`=1+1`, "two\nlines", `"quoted", 00123`}))
	require.NoError(t, f.SetSheetRow("_hidden", "A2", &[]string{"a", "b"}))
	var data bytes.Buffer
	require.NoError(t, f.Write(&data))

	want := map[string][][]string{
		"At risk": {{`=1+1`, "two\nlines", `"quoted", 00123`}},
		"_hidden": {{"", ""}, {"a", "b"}},
	}
	assert.Equal(t, want, sofficetest.Read(t, data.Bytes()))
	assert.Equal(t, ",\na,b\n", string(sofficetest.CSV(t, data.Bytes())["_hidden"]))

	again := sofficetest.Resave(t, data.Bytes())
	assert.NotEqual(t, data.Bytes(), again)
	assert.Equal(t, want, sofficetest.Read(t, again))
}

// fake stands for a test whose end is looked at.
type fake struct {
	testing.TB
	fatal string
}

func (f *fake) Helper()                   {}
func (f *fake) Fatalf(s string, _ ...any) { f.fatal = s; panic(f) }

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := exec.LookPath("soffice")
	require.Error(t, err)

	f := &fake{TB: t}
	assert.PanicsWithValue(t, f, func() { sofficetest.Read(f, nil) })
	assert.Contains(t, f.fatal, "task setup")
	assert.NotContains(t, strings.TrimSpace(f.fatal), "\n")
}
