// Package journal changes several files of a module, all or none, even when the process that does it is killed.
//
// The new texts are staged in a folder of the module, and a plan is renamed into place beside them. From then on the
// change is decided: the files are replaced one by one, and whoever finds a plan finishes it. Without a plan nothing has
// been changed yet, and the folder is dropped.
package journal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const (
	// Dir is the folder of the module that a change under way is kept in. CUE reads no folder whose name begins so.
	Dir      = ".tmkit-journal"
	planFile = Dir + "/plan.json"
	// maxPlan is far beyond what any change needs: a plan is a file that anybody can put into a repository.
	maxPlan = 16 << 20
)

// Change is the text of a file before and after. A nil Old means that the file must not exist, a nil New that it is
// removed.
type Change struct{ Old, New []byte }

// Write makes the changes of files of the module at root, all or none, and waits for others that do. It writes nothing
// when a file no longer has its old text. Links are followed, to .cue files of the module only; folders are not made.
func Write(root string, files map[string]Change) error {
	return write(root, files, func() {})
}

// Recover finishes or drops what a killed process left in the module at root, and says what it did. It waits for a living
// one, and does nothing at all where there is no journal. The error leaves everything as it is: to remove Dir keeps the
// files as they are.
func Recover(root string) (what string, err error) {
	return recoverModule(root, func() {})
}

// plan is what is written down of a change.
type plan struct {
	// Undo says that the plan takes back one that failed.
	Undo  bool   `json:"undo,omitempty"`
	Files []file `json:"files"`
}

// file is the digests of a file, empty for one that is not there. Its new text is staged under its place in the plan.
type file struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// sealed is a plan with the digest of its JSON.
type sealed struct {
	Plan   json.RawMessage `json:"plan"`
	SHA256 string          `json:"sha256"`
}

// change is a change of the file at a path of the module.
type change struct {
	Change
	path string
	// mode is the file's, 0 for one that is not there.
	mode fs.FileMode
}

// journal is the journal of a module that this process has locked.
type journal struct {
	root *os.Root
	lock io.Closer
	// step comes before each change of the disk. Tests stop there.
	step func()
}

func open(root string, step func()) (*journal, error) {
	// Every module has this file, so that nothing is left of the lock.
	lock, err := lockedfile.OpenFile(filepath.Join(root, "cue.mod", "module.cue"), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &journal{root: dir, lock: lock, step: step}, nil
}

func (j *journal) close() error { return errors.Join(j.root.Close(), j.lock.Close()) }

func write(root string, files map[string]Change, step func()) (err error) {
	j, err := open(root, step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	if _, err := j.recover(); err != nil {
		return err
	}
	changes, err := j.changes(root, files)
	if err != nil || len(changes) == 0 {
		return err
	}
	j.step()
	if err := j.root.Mkdir(Dir, 0o755); err != nil {
		return err
	}
	p, err := j.commit(changes, false)
	if err != nil {
		return errors.Join(err, j.clean())
	}
	if done, err := j.place(p, p.all()); err != nil {
		return errors.Join(err, j.undo(changes[:done]))
	}
	return j.clean()
}

// changes returns what is to be changed, in the order of names, when every file is as the changes say.
func (j *journal) changes(root string, files map[string]Change) ([]change, error) {
	root, err := resolve(root)
	if err != nil {
		return nil, err
	}
	var out []change
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		c := change{Change: files[name]}
		if digest(c.Old) == digest(c.New) {
			continue
		}
		if c.path, err = within(root, name); err != nil {
			return nil, err
		}
		if other := names[c.path]; other != "" {
			return nil, fmt.Errorf("%s and %s are one file; nothing was written", other, name)
		}
		names[c.path] = name
		have, mode, err := j.state(c.path)
		switch {
		case err != nil:
			return nil, err
		case have != "" && c.Old == nil:
			return nil, fmt.Errorf("%s exists already; nothing was written", c.path)
		case have != digest(c.Old):
			return nil, fmt.Errorf("%s has changed since it was read; nothing was written", c.path)
		}
		c.mode = mode
		out = append(out, c)
	}
	return out, nil
}

// within returns the path in the module at root of the file that a name leads to.
func within(root, name string) (string, error) {
	to, err := resolve(name)
	if errors.Is(err, fs.ErrNotExist) {
		to, err = resolve(filepath.Dir(name))
		to = filepath.Join(to, filepath.Base(name))
	}
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, to)
	if err != nil {
		return "", err
	}
	rel = filepath.ToSlash(rel)
	return rel, check(rel)
}

// resolve returns the absolute name of a file, without links.
func resolve(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// check holds that a path is one that may be written. Paths of plans are not trusted, and os.Root holds them to the
// module too.
func check(name string) error {
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) || path.Ext(name) != ".cue" {
		return fmt.Errorf("%q is no .cue file of the module; no other is written", name)
	}
	return nil
}

// recoverModule is Recover with a step before each change of the disk.
func recoverModule(root string, step func()) (what string, err error) {
	// A module without a journal may be one that cannot be written.
	if _, err := os.Lstat(filepath.Join(root, Dir)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		return "", err
	}
	j, err := open(root, step)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	return j.recover()
}

func (j *journal) recover() (string, error) {
	info, err := j.root.Lstat(Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", Dir)
	}
	if err != nil {
		return "", err
	}
	p, err := j.plan()
	if errors.Is(err, fs.ErrNotExist) {
		return j.drop()
	}
	if err != nil {
		return "", err
	}
	todo, err := j.pending(p)
	if err != nil {
		return "", err
	}
	if _, err := j.place(p, todo); err != nil {
		return "", err
	}
	did := "finished an import that was interrupted"
	if p.Undo {
		did = "took back an import that failed"
	}
	files := "files"
	if len(p.Files) == 1 {
		files = "file"
	}
	return fmt.Sprintf("%s: %d %s", did, len(p.Files), files), j.clean()
}

// drop removes a journal that has no plan. An empty one is what remains of a change that was finished.
func (j *journal) drop() (string, error) {
	staged, err := fs.ReadDir(j.root.FS(), Dir)
	if err != nil {
		return "", err
	}
	what := "dropped an import that was interrupted before it changed a file"
	if len(staged) == 0 {
		what = ""
	}
	return what, j.clean()
}

// plan reads the plan.
func (j *journal) plan() (plan, error) {
	var p plan
	f, _, err := j.regular(planFile)
	if err != nil {
		return p, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPlan))
	if err != nil {
		return p, err
	}
	var s sealed
	if json.Unmarshal(data, &s) != nil || digest(s.Plan) != s.SHA256 || json.Unmarshal(s.Plan, &p) != nil {
		return p, fmt.Errorf("%s is damaged", planFile)
	}
	for _, f := range p.Files {
		if err := check(f.Path); err != nil {
			return p, fmt.Errorf("%s: %w", planFile, err)
		}
	}
	return p, nil
}

// pending returns the places of the files that are still as they were before. All others must be as they shall be.
func (j *journal) pending(p plan) ([]int, error) {
	var todo []int
	edited := ""
	for i, f := range p.Files {
		have, _, err := j.state(f.Path)
		if err != nil {
			return nil, err
		}
		switch {
		case have == f.After:
		case have != f.Before:
			edited = cmp.Or(edited, f.Path)
		default:
			todo = append(todo, i)
			if f.After == "" {
				continue
			}
			if text, _, err := j.state(staged(i)); err != nil {
				return nil, err
			} else if text != f.After {
				return nil, fmt.Errorf("the new text of %s is not in %s", f.Path, staged(i))
			}
		}
	}
	if edited != "" {
		return nil, fmt.Errorf("%s was edited since and holds neither the old text nor the new; %d of %d files hold the old text",
			edited, len(todo), len(p.Files))
	}
	return todo, nil
}

// state returns the digest and the mode of a file.
func (j *journal) state(name string) (sum string, mode fs.FileMode, err error) {
	f, mode, err := j.regular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), mode, err
}

// regular opens a file that must be none of the other kinds, which could lead elsewhere or never end.
func (j *journal) regular(name string) (*os.File, fs.FileMode, error) {
	info, err := j.root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no regular file", name)
	}
	f, err := j.root.Open(name)
	return f, info.Mode().Perm(), err
}

// digest returns the SHA-256 of a text, empty for one that is not there.
func digest(text []byte) string {
	if text == nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// staged is the path of the new text of the file at a place of the plan.
func staged(i int) string { return Dir + "/" + strconv.Itoa(i) }

func (p plan) all() []int {
	todo := make([]int, len(p.Files))
	for i := range todo {
		todo[i] = i
	}
	return todo
}

// commit stages the new texts and puts the plan in its place, which decides the change.
func (j *journal) commit(changes []change, undo bool) (plan, error) {
	p := plan{Undo: undo, Files: []file{}}
	for i, c := range changes {
		p.Files = append(p.Files, file{Path: c.path, Before: digest(c.Old), After: digest(c.New)})
		if c.New == nil {
			continue
		}
		if err := j.stage(staged(i), c.New, c.mode); err != nil {
			return p, err
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	text, err = json.Marshal(sealed{text, digest(text)})
	if err != nil {
		return p, err
	}
	if err := j.stage(planFile+".new", text, 0); err != nil {
		return p, err
	}
	j.step()
	if err := j.root.Rename(planFile+".new", planFile); err != nil {
		return p, err
	}
	return p, j.sync(Dir, ".")
}

// stage writes a file, with the mode of the one that it is to replace.
func (j *journal) stage(name string, text []byte, mode fs.FileMode) (err error) {
	j.step()
	f, err := j.root.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	j.step()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	return f.Sync()
}

// sync makes sure that what was renamed in folders stays so after a power cut.
func (j *journal) sync(dirs ...string) error {
	if runtime.GOOS == "windows" {
		return nil // it syncs no folders
	}
	for _, dir := range dirs {
		f, err := j.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// place replaces the files at some places of the plan, and returns how many it did.
func (j *journal) place(p plan, todo []int) (done int, err error) {
	dirs := map[string]bool{}
	for _, i := range todo {
		f := p.Files[i]
		j.step()
		if f.After == "" {
			err = j.root.Remove(f.Path)
		} else {
			err = j.root.Rename(staged(i), f.Path)
		}
		if err != nil {
			return done, err
		}
		done++
		dirs[path.Dir(f.Path)] = true
	}
	return done, j.sync(slices.Sorted(maps.Keys(dirs))...)
}

// undo takes back the first changes of a plan, whose others failed. Their places are free for the old texts, since the
// new ones were renamed, and the plan stays as good as it was until that of the undoing replaces it.
func (j *journal) undo(done []change) error {
	back := make([]change, len(done))
	for i, c := range done {
		back[i] = change{Change{Old: c.New, New: c.Old}, c.path, c.mode}
	}
	p, err := j.commit(back, true)
	if err != nil {
		return err
	}
	if _, err := j.place(p, p.all()); err != nil {
		return err
	}
	return j.clean()
}

// clean removes the journal: the plan first, since it must not outlive what it needs.
func (j *journal) clean() error {
	j.step()
	if err := j.root.Remove(planFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.step()
	return j.root.RemoveAll(Dir)
}
