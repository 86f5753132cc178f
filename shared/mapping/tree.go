package mapping

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// name is a place among the names as they come in.
type name struct {
	inner    map[string]*name
	drop     bool
	verbatim bool
	to       *field // renamed
	flat     bool
	join     string // flattened: between the names; empty: none
}

// field is a place among the names as they result.
type field struct {
	path   string // dotted
	quoted []byte // the last part, as JSON
	parent *field
	inner  map[string]*field

	copies []*field // made of it
	split  *splitter
	steps  []step
	preset int   // position in presets, or -1
	fills  []int // presets of its own members
	slot   int   // position in pass.ends if something may be placed into it, else -1
}

// at is the place of a dotted path, made if need be.
func (n *name) at(path string) *name {
	for part := range strings.SplitSeq(path, ".") {
		if n.inner == nil {
			n.inner = map[string]*name{}
		}
		if n.inner[part] == nil {
			n.inner[part] = &name{}
		}
		n = n.inner[part]
	}
	return n
}

// find is the place of text below n, nil if no rule speaks of it. OpenSearch sees no
// difference between {"a.b":1} and {"a":{"b":1}}, and neither do rules.
func (n *name) find(text []byte) *name {
	for n != nil {
		if found := n.inner[string(text)]; found != nil || bytes.IndexByte(text, '.') < 0 {
			return found
		}
		part, rest, _ := bytes.Cut(text, []byte("."))
		n, text = n.inner[string(part)], rest
	}
	return nil
}

func newField(path string, parent *field) *field {
	last := path[strings.LastIndexByte(path, '.')+1:]
	quoted, _ := jsontext.AppendQuote(nil, last)
	return &field{path: path, quoted: quoted, parent: parent, preset: -1, slot: -1}
}

func (f *field) at(path string) *field {
	for part := range strings.SplitSeq(path, ".") {
		if f.inner == nil {
			f.inner = map[string]*field{}
		}
		next := f.inner[part]
		if next == nil {
			full := part
			if f.path != "" {
				full = f.path + "." + part
			}
			next = newField(full, f)
			f.inner[part] = next
		}
		f = next
	}
	return f
}

func (f *field) find(text []byte) *field {
	for f != nil {
		if found := f.inner[string(text)]; found != nil || bytes.IndexByte(text, '.') < 0 {
			return found
		}
		part, rest, _ := bytes.Cut(text, []byte("."))
		f, text = f.inner[string(part)], rest
	}
	return nil
}
