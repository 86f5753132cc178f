package raw

import (
	"bytes"
	"errors"
)

var errDeep = errors.New("nested too deep")

// Deeper says whether text, which is JSON, nests deeper than limit: objects, arrays, and
// the dots of names, which OpenSearch reads as objects.
func (r *Reader) Deeper(text []byte, limit int) bool {
	levels := 0
	for _, sign := range [...]string{"{", "[", ".", `\u002`} {
		levels += bytes.Count(text, []byte(sign))
	}
	if levels <= limit { // of nearly every document
		return false
	}
	r.Lenient(text)
	return errors.Is(r.within(limit), errDeep)
}

func (r *Reader) within(limit int) error {
	switch kind := r.Kind(); {
	case limit < 0, limit == 0 && (kind == Object || kind == Array):
		return errDeep
	case kind == Object:
		return r.Object(func(name []byte) error { return r.within(limit - 1 - bytes.Count(name, []byte("."))) })
	case kind == Array:
		return r.Array(func() error { return r.within(limit - 1) })
	}
	return r.Skip()
}
