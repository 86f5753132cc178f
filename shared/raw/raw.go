// Package raw reads JSON that is passed on as it came: it walks objects and arrays
// without building values, hands out the bytes of what it is asked for, and keeps
// number literals as they were written. In its strict form it refuses what
// OpenSearch would refuse: a name twice in one object, text that is not UTF-8,
// anything after the value. Used by the event scanners, by collections and by bulk.
package raw

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Kinds of JSON values, by their first byte.
const (
	Null   = jsontext.Kind('n')
	String = jsontext.Kind('"')
	Number = jsontext.Kind('0')
	Object = jsontext.Kind('{')
	Array  = jsontext.Kind('[')
)

var lenient = jsontext.AllowDuplicateNames(true)
var anyBytes = jsontext.AllowInvalidUTF8(true)

// Reader reads one JSON text. The zero value is ready for Strict or Lenient, and may
// be used again; what it hands out are parts of the text itself.
type Reader struct {
	dec    jsontext.Decoder
	buffer bytes.Buffer
}

// Strict starts reading text that people wrote.
func (r *Reader) Strict(text []byte) {
	r.buffer = *bytes.NewBuffer(text)
	r.dec.Reset(&r.buffer)
}

// Lenient starts reading text that a trusted service wrote: duplicate names and
// broken UTF-8 are let through, which saves looking for them.
func (r *Reader) Lenient(text []byte) {
	r.buffer = *bytes.NewBuffer(text)
	r.dec.Reset(&r.buffer, lenient, anyBytes)
}

// Kind is the next value's kind; zero at the end and before what is not JSON.
func (r *Reader) Kind() jsontext.Kind { return r.dec.PeekKind() }

// Value reads the next value whole.
func (r *Reader) Value() ([]byte, error) { return r.dec.ReadValue() }

// Skip passes over the next value.
func (r *Reader) Skip() error { return r.dec.SkipValue() }

// Offset is where the last read value ended.
func (r *Reader) Offset() int { return int(r.dec.InputOffset()) }

// End is an error if anything but white space follows.
func (r *Reader) End() error {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		if err == nil {
			err = &jsontext.SyntacticError{ByteOffset: r.dec.InputOffset(), Err: errAfterValue}
		}
		return err
	}
	return nil
}

// Object reads the next value, an object; visit must read or skip each member's value.
func (r *Reader) Object(visit func(name []byte) error) error {
	if err := r.open(Object); err != nil {
		return err
	}
	for r.dec.PeekKind() != '}' {
		quoted, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := visit(Text(quoted)); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// Array reads the next value, an array; visit must read or skip each element.
func (r *Reader) Array(visit func() error) error {
	if err := r.open(Array); err != nil {
		return err
	}
	for r.dec.PeekKind() != ']' {
		if r.dec.PeekKind() == 0 {
			_, err := r.dec.ReadToken()
			return orUnexpected(err)
		}
		if err := visit(); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

func (r *Reader) open(kind jsontext.Kind) error {
	token, err := r.dec.ReadToken()
	if err != nil {
		return orUnexpected(err)
	}
	if token.Kind() != kind {
		return &jsontext.SyntacticError{ByteOffset: r.dec.InputOffset(), Err: wrongKind(kind)}
	}
	return nil
}

func orUnexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Text is a quoted string's content: a part of quoted unless it holds escapes.
func Text(quoted []byte) []byte {
	if len(quoted) < 2 {
		return nil
	}
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return text
}

// Compact is text, which is JSON, without white space between tokens; strings and
// number literals stay as they are.
func Compact(text []byte) []byte {
	value := jsontext.Value(bytes.Clone(text))
	if err := value.Compact(); err != nil {
		return text
	}
	return value
}
