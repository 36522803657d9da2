package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var updateReadme = flag.Bool("update-readme", false, "write the exported diagram into README.md")

// testCommand is the one command of the README that its test cannot run, since it runs this test. CI runs it.
const testCommand = "go tool -modfile=tools/go.mod task test"

// TestReadmeCommands runs every command that the README shows, block by block, in a copy of the repository.
func TestReadmeCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	ci, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	require.Contains(t, string(ci), testCommand)

	copied := copyTree(t, root)
	bin := t.TempDir()
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.GreaterOrEqual(t, len(blocks), 4)
	seen := false
	for _, b := range blocks {
		script := strings.ReplaceAll(b[1], testCommand, "true")
		seen = seen || script != b[1]
		cmd := exec.Command("sh", "-euc", script)
		cmd.Dir = copied
		cmd.Env = append(os.Environ(), "GOBIN="+bin, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-buildvcs=false")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", b[1], out)
	}
	require.True(t, seen, "the README does not show %s", testCommand)
}

// TestReadmeFault holds that the message that the README shows is the one that its fault gives.
func TestReadmeFault(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	message := regexp.MustCompile("(?s)```text\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, message)
	dir := t.TempDir()
	t.Chdir(dir)
	require.Equal(t, exitClean, run([]string{"tmkit", "init", "--name", "my-service"}, os.Stderr, os.Stderr))
	model, err := os.ReadFile("model.cue")
	require.NoError(t, err)
	broken := strings.Replace(string(model), `likelihood: {level: "high"`, `likelihood: {level: "hihg"`, 1)
	require.NotEqual(t, string(model), broken)
	require.NoError(t, os.WriteFile("model.cue", []byte(broken), 0o644))
	var out strings.Builder
	require.Equal(t, exitFindings, run([]string{"tmkit", "vet"}, &out, os.Stderr))
	require.Equal(t, out.String(), string(message[1]))
}

// TestReadmeDiagram holds that the README's picture is the exported one.
func TestReadmeDiagram(t *testing.T) {
	const name = "../../README.md"
	readme, err := os.ReadFile(name)
	require.NoError(t, err)
	place := regexp.MustCompile(`(?s)<!-- diagram: ([a-z-]+) -->\n(.*?)<!-- end of diagram -->`)
	m := place.FindSubmatch(readme)
	require.NotNil(t, m)
	diagram, err := os.ReadFile("../../exports/kubernetes/diagrams/" + string(m[1]) + ".mmd")
	require.NoError(t, err)
	want := "\n```mermaid\n" + string(diagram) + "```\n\n"
	if *updateReadme {
		fresh := strings.Replace(string(readme), string(m[2]), want, 1)
		if len(m[2]) == 0 {
			fresh = strings.Replace(string(readme), "<!-- end of diagram -->", want+"<!-- end of diagram -->", 1)
		}
		require.NoError(t, os.WriteFile(name, []byte(fresh), 0o644))
		return
	}
	require.Equal(t, want, string(m[2]), "run go test ./cmd/tmkit -run TestReadmeDiagram -update-readme")
}

// copyTree copies what git tracks, or would track, to a temporary folder.
func copyTree(t *testing.T, root string) string {
	t.Helper()
	to := t.TempDir()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	names, err := cmd.Output()
	require.NoError(t, err)
	for _, name := range strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o644))
	}
	return to
}
