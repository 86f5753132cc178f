package collection

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LoadDir is Load of a folder.
func LoadDir(dir string) (*Set, error) { return Load(os.DirFS(dir)) }

// Load reads every *.yaml file at the root of fsys. The error is Mistakes. Even then
// the Set holds each collection whose own file is right: rotate goes on with those,
// while ingest and search refuse to start.
func Load(fsys fs.FS) (*Set, error) {
	names, mistakes := list(fsys)
	doubted := map[string]bool{} // of two files, logs.yaml may be the one that is not meant
	for _, m := range mistakes {
		doubted[m.Collection()] = true
	}
	var good []loaded
	for _, name := range names {
		f := newFile(name)
		c := f.load(fsys)
		if len(f.mistakes) == 0 {
			good = append(good, loaded{f, c})
		}
		mistakes = append(mistakes, f.mistakes...)
	}
	mistakes = append(mistakes, compare(good)...)
	var all []*Collection
	for _, one := range good {
		if len(one.mistakes) == 0 && !doubted[one.Name] {
			all = append(all, one.Collection)
		}
	}
	if len(mistakes) > 0 {
		return newSet(all), mistakes.sorted()
	}
	return newSet(all), nil
}

// loaded is a collection and the file it is from.
type loaded struct {
	*file
	*Collection
}

func list(fsys fs.FS) (names []string, wrong Mistakes) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, Mistakes{{File: "collections", Text: "the folder cannot be read: " + err.Error()}}
	}
	for _, e := range entries {
		switch name, ext := e.Name(), path.Ext(e.Name()); {
		case e.IsDir():
			wrong = append(wrong, passedOver(fsys, name)...)
		case ext == ".yaml":
			names = append(names, name)
		case isYAML(name):
			wrong = append(wrong, Mistake{name, 0, "is not read: rename it to " + strings.TrimSuffix(name, ext) + ".yaml"})
		}
	}
	if len(names) == 0 && wrong == nil {
		wrong = Mistakes{{File: "collections", Text: "no *.yaml file is there: add one for each collection"}}
	}
	return names, wrong
}

func isYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// passedOver are the files in a folder that somebody may think are read.
func passedOver(fsys fs.FS, dir string) (wrong Mistakes) {
	if isYAML(dir) {
		return Mistakes{{dir, 0, "is a folder: put a file in its place"}}
	}
	_ = fs.WalkDir(fsys, dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && isYAML(name) {
			wrong = append(wrong, Mistake{name, 0, "is not read: move it out of the folder " + path.Dir(name)})
		}
		return nil // a folder that cannot be read holds no collection either
	})
	return wrong
}

func (f *file) load(fsys fs.FS) *Collection {
	raw, err := fs.ReadFile(fsys, f.name)
	if err != nil {
		f.at(0, "cannot be read: %v", err)
		return nil
	}
	root := f.parse(raw)
	if root == nil {
		return nil
	}
	c := &Collection{}
	f.block(root, reflect.ValueOf(c).Elem(), "")
	if root.Kind == yaml.MappingNode {
		f.check(c)
	}
	return c
}

// parse gives the file's one document, nil if there is none.
func (f *file) parse(raw []byte) *yaml.Node {
	var doc, next yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && doc.Content[0].Tag == "!!null":
		f.at(1, "the file is empty: describe the collection or remove the file")
		return nil
	case err != nil:
		f.syntax(err)
		return nil
	}
	switch err := dec.Decode(&next); {
	case err == nil:
		f.at(next.Line, "a second document begins (---): a file holds one collection, give the other its own file")
	case !errors.Is(err, io.EOF):
		f.syntax(err)
	}
	return doc.Content[0]
}
