package field

import (
	"bytes"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Guarded are fields that documents must not have under a name with dots too many.
type Guarded struct {
	names []string
	last  [][]byte // their last parts
}

// Guard makes a Guarded of names.
func Guard(names ...string) (g Guarded) {
	g.names = names
	for _, name := range names {
		g.last = append(g.last, []byte(name[strings.LastIndexByte(name, '.')+1:]))
	}
	return g
}

// Odd is the first path with dots too many by which a document writes a guarded field or
// something inside one, and which field it could be taken for; empty: there is none. The
// document has been read before.
func (g Guarded) Odd(document []byte) (path, name string) {
	if !g.may(document) {
		return "", ""
	}
	var r raw.Reader
	r.Lenient(document)
	var walk func(prefix string) error
	walk = func(prefix string) error {
		switch r.Kind() {
		case raw.Object:
			return r.Object(func(n []byte) error {
				here := prefix + string(n)
				if bare := Bare(here); bare != here && path == "" && Within(g.names, bare) {
					path, name = here, bare
				}
				return walk(here + ".")
			})
		case raw.Array:
			return r.Array(func() error { return walk(prefix) })
		}
		return r.Skip()
	}
	_ = walk("")
	return path, name
}

// may is quick: most documents have no dot at the end of a text, or no such field.
func (g Guarded) may(document []byte) bool {
	if bytes.Contains(document, []byte(`\u`)) {
		return len(g.names) > 0
	}
	odd := false
	for _, mark := range []string{`."`, `".`, `..`, `""`} {
		odd = odd || bytes.Contains(document, []byte(mark))
	}
	for _, last := range g.last {
		if odd && bytes.Contains(document, last) {
			return true
		}
	}
	return false
}
