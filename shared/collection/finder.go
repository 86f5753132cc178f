package collection

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Flaws of a document as such.
const (
	notJSON   = "not_json"
	duplicate = "duplicate_field"
	tooDeep   = "too_deep"
)

// maxDepth is far beyond what people write. Some hundred levels in a flat_object, or dots in
// the name of a dynamic field, exhaust the stack of OpenSearch's thread, which then never
// answers: the whole bulk request hangs, and its memory is not given back.
const maxDepth = 100

// finder reads a document once, checks it whole, and remembers where the wanted
// fields' values are. A path is found nested ({"a":{"b":1}}) and flat ({"a.b":1}):
// OpenSearch sees no difference.
type finder struct {
	reader   raw.Reader
	paths    []string
	nested   bool // some path has a dot
	document []byte
	path     []byte
	found    []spot
	members  int // of the document itself
}

type spot struct {
	kind       jsontext.Kind // zero: not there
	start, end int
}

func newFinder(paths []string) *finder {
	f := &finder{paths: paths, found: make([]spot, len(paths))}
	for _, p := range paths {
		f.nested = f.nested || strings.Contains(p, ".")
	}
	return f
}

func (f *finder) find(document []byte) *Flaw {
	clear(f.found)
	f.members = 0
	f.document = document
	f.reader.Strict(document)
	if f.reader.Kind() != raw.Object {
		return &Flaw{notJSON, "not a JSON object"}
	}
	err := f.object(0)
	if err == nil {
		err = f.reader.End()
	}
	switch {
	case err != nil:
		return flawOf(err)
	case f.reader.Deeper(document, maxDepth):
		return &Flaw{tooDeep, "nested deeper than " + strconv.Itoa(maxDepth) + " levels"}
	}
	return nil
}

func flawOf(err error) *Flaw {
	if flaw, ok := errors.AsType[*Flaw](err); ok {
		return flaw
	}
	if path, ok := raw.Duplicate(err); ok {
		return &Flaw{duplicate, "duplicate field " + strconv.Quote(path)}
	}
	return &Flaw{notJSON, "not JSON: " + raw.Explain(err)}
}

func (f *finder) object(prefix int) error {
	return f.reader.Object(func(name []byte) error {
		path := name
		if prefix == 0 {
			f.members++
		} else {
			f.path = append(f.path[:prefix], name...)
			path = f.path
		}
		for i, wanted := range f.paths {
			if string(path) == wanted {
				return f.take(i)
			}
		}
		if f.nested && f.reader.Kind() == raw.Object && f.leads(path) {
			f.path = append(append(f.path[:prefix], name...), '.')
			return f.object(len(f.path))
		}
		return f.reader.Skip()
	})
}

// leads says that a wanted path is below path.
func (f *finder) leads(path []byte) bool {
	for _, wanted := range f.paths {
		if len(wanted) > len(path) && wanted[len(path)] == '.' && wanted[:len(path)] == string(path) {
			return true
		}
	}
	return false
}

func (f *finder) take(i int) error {
	if f.found[i].kind != 0 { // once nested, once flat
		return &Flaw{duplicate, "duplicate field " + strconv.Quote(f.paths[i])}
	}
	kind := f.reader.Kind()
	value, err := f.reader.Value()
	end := f.reader.Offset()
	f.found[i] = spot{kind, end - len(value), end}
	return err
}

// scalar is a string's text, a number's literal, true or false; not ok if the field
// is missing, null, or has parts.
func (f *finder) scalar(i int) ([]byte, bool) {
	s := f.found[i]
	value := f.document[s.start:s.end]
	switch s.kind {
	case raw.String:
		return raw.Text(value), true
	case raw.Number, 't', 'f':
		return value, true
	}
	return nil, false
}
