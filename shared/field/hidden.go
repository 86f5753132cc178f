package field

import (
	"bytes"
	"iter"
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
	bare := Bare(path)
	if within(h.names, bare) {
		return true
	}
	if !within(h.plain, Plain(path)) {
		return false
	}
	for name := range h.shown {
		if name == bare || inside(name, bare) || inside(bare, name) {
			return false
		}
	}
	return true
}

// Cut is a document without what is hidden; what cannot be read is shown as nothing.
func (h Hidden) Cut(document []byte) []byte {
	if h.Free(document) {
		return document
	}
	out, err := h.object(make([]byte, 0, len(document)), document, "")
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
func contains(text []byte, word string) bool {
	if len(word) > len(text) || word == "" {
		return word == ""
	}
	first, last := word[0]|0x20, len(word)-1
	for i, b := range text[:len(text)-last] {
		if b|0x20 == first && text[i+last]|0x20 == word[last]|0x20 && strings.EqualFold(string(text[i:i+last+1]), word) {
			return true
		}
	}
	return false
}

func (h Hidden) object(dst, value []byte, prefix string) ([]byte, error) {
	var r raw.Reader
	r.Lenient(value)
	dst = append(dst, '{')
	first := true
	err := r.Object(func(name []byte) error {
		path := prefix + string(name)
		inner, err := r.Value()
		if err != nil || h.Hides(path) {
			return err
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, _ = jsontext.AppendQuote(dst, name) // what is not UTF-8 becomes U+FFFD
		dst, err = h.value(append(dst, ':'), inner, path)
		return err
	})
	return append(dst, '}'), err
}

func (h Hidden) value(dst, value []byte, path string) ([]byte, error) {
	switch jsontext.Value(value).Kind() {
	case raw.Object:
		return h.object(dst, value, path+".")
	case raw.Array:
		return h.array(dst, value, path)
	}
	return append(dst, value...), nil
}

func (h Hidden) array(dst, value []byte, path string) ([]byte, error) {
	var r raw.Reader
	r.Lenient(value)
	dst = append(dst, '[')
	first := true
	err := r.Array(func() error {
		inner, err := r.Value()
		if err != nil {
			return err
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, err = h.value(dst, inner, path)
		return err
	})
	return append(dst, ']'), err
}
