package field

import (
	"bytes"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Hidden are fields that no answer has; the zero value hides none.
type Hidden struct {
	names []string
	plain []string // the same as people would read them
	last  []string // parts of plain: a document without any has nothing to hide
	shown iter.Seq[string]
}

// Hide hides names, with all inside them, and what looks like one of them; not what is
// shown under a name of its own.
func Hide(names []string, shown iter.Seq[string]) Hidden {
	h := Hidden{names: names, shown: shown}
	for _, name := range names {
		plain := Plain(name)
		h.plain = append(h.plain, plain)
		h.last = append(h.last, plain[strings.LastIndexByte(plain, '.')+1:])
	}
	return h
}

// Hides says whether a path, as a document writes it, is hidden.
func (h Hidden) Hides(path string) bool {
	if !slices.ContainsFunc(h.last, func(last string) bool { return contains(path, last) }) {
		return false
	}
	bare := Bare(path)
	if Within(h.names, bare) {
		return true
	}
	if !Within(h.plain, Plain(path)) {
		return false
	}
	for name := range h.shown {
		if name == bare || Inside(bare, name) || Inside(name, bare) && !h.in(name) {
			return false
		}
	}
	return true
}

// in says that something hidden is inside a field that is shown.
func (h Hidden) in(shown string) bool {
	return slices.ContainsFunc(h.names, func(name string) bool { return Inside(shown, name) })
}

// Cut is a document without what is hidden; what cannot be read is shown as nothing.
func (h Hidden) Cut(document []byte) []byte {
	if h.Free(document) {
		return document
	}
	var r raw.Reader
	r.Lenient(document)
	out, err := h.object(make([]byte, 0, len(document)), &r, "")
	if err != nil {
		return []byte("{}")
	}
	return out
}

// Free says quickly of most texts that they have nothing to hide.
func (h Hidden) Free(text []byte) bool {
	for _, last := range h.last {
		if contains(text, last) {
			return false
		}
	}
	return len(h.last) == 0 || len(text) == 0 || !bytes.Contains(text, []byte(`\u`))
}

// contains looks for a text in small letters, however it is written.
func contains[T string | []byte](text T, word string) bool {
	if len(word) > len(text) || word == "" {
		return word == ""
	}
	first, last := word[0]|0x20, len(word)-1
	for i := range len(text) - last {
		if b := text[i]; b|0x20 == first && text[i+last]|0x20 == word[last]|0x20 && strings.EqualFold(string(text[i:i+last+1]), word) {
			return true
		}
	}
	return false
}

// value copies the next value of r without what is hidden in it.
func (h Hidden) value(dst []byte, r *raw.Reader, prefix string) ([]byte, error) {
	switch r.Kind() {
	case raw.Object:
		return h.object(dst, r, prefix)
	case raw.Array:
		return h.array(dst, r, prefix)
	}
	value, err := r.Value()
	return append(dst, value...), err
}

func (h Hidden) object(dst []byte, r *raw.Reader, prefix string) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	err := r.Object(func(name []byte) (err error) {
		path := prefix + string(name)
		if h.Hides(path) {
			return r.Skip()
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, _ = jsontext.AppendQuote(dst, name) // what is not UTF-8 becomes U+FFFD
		dst, err = h.value(append(dst, ':'), r, path+".")
		return err
	})
	return append(dst, '}'), err
}

func (h Hidden) array(dst []byte, r *raw.Reader, prefix string) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	err := r.Array(func() (err error) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, err = h.value(dst, r, prefix)
		return err
	})
	return append(dst, ']'), err
}
