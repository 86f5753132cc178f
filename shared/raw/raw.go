// Package raw reads JSON that is passed on as it came: it walks objects and arrays
// without building values, hands out the bytes of what it is asked for, and keeps
// number literals as they were written. In its strict form it refuses what
// OpenSearch would refuse: a name twice in one object, text that is not UTF-8,
// anything after the value. What it accepts is what jsontext accepts, and jsontext
// words its refusals. Used by the event scanners, by collections and by bulk.
package raw

import (
	"bytes"

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

// Reader reads one JSON text. The zero value is ready for Strict or Lenient, and may
// be used again; what it hands out are parts of the text itself.
type Reader struct {
	text   []byte
	at     int // of the next byte
	depth  int // of open objects and arrays
	strict bool
	names  names // of the open objects, if strict
}

// Strict starts reading text that people wrote.
func (r *Reader) Strict(text []byte) {
	r.Lenient(text)
	r.strict = true
}

// Lenient starts reading text that a trusted service wrote: duplicate names and
// broken UTF-8 are let through, which saves looking for them.
func (r *Reader) Lenient(text []byte) {
	r.text, r.at, r.depth, r.strict = text, 0, 0, false
	r.names.reset()
}

// Kind is the next value's kind; zero at the end and before what is not JSON.
func (r *Reader) Kind() jsontext.Kind {
	switch c := r.peek(); c {
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	case 'n', 't', 'f', '"', '{', '[':
		return jsontext.Kind(c)
	}
	return 0
}

// Value reads the next value whole.
func (r *Reader) Value() ([]byte, error) {
	r.space()
	start := r.at
	if !r.pass() {
		return nil, r.refuse()
	}
	return r.text[start:r.at:r.at], nil
}

// Skip passes over the next value.
func (r *Reader) Skip() error {
	if !r.pass() {
		return r.refuse()
	}
	return nil
}

// AppendText reads the next value and, if it is a string, appends its text to dst, whose
// spare memory it may write to further than that.
func (r *Reader) AppendText(dst []byte) ([]byte, error) {
	if r.peek() == '"' {
		if out, ok := r.unquote(dst); ok {
			return out, nil
		}
	}
	value, err := r.Value()
	if err == nil && value[0] == '"' {
		dst, _ = jsontext.AppendUnquote(dst, value) // what is not UTF-8 becomes U+FFFD
	}
	return dst, err
}

// Offset is where the last read value ended, or a byte or more of white space and
// punctuation behind that.
func (r *Reader) Offset() int { return r.at }

// End is an error if anything but white space follows.
func (r *Reader) End() error {
	if r.space(); r.at == len(r.text) {
		return nil
	}
	return r.refuseMore()
}

// Object reads the next value, an object; visit must read or skip each member's value.
func (r *Reader) Object(visit func(name []byte) error) error {
	if err := r.open(Object); err != nil {
		return err
	}
	for more := !r.take('}'); more; more = !r.take('}') {
		name, ok := r.name()
		if !ok {
			return r.refuse()
		}
		if err := visit(name); err != nil {
			return err
		}
		if !r.separated('}') {
			return r.refuse()
		}
	}
	r.shut(true)
	return nil
}

// Array reads the next value, an array; visit must read or skip each element.
func (r *Reader) Array(visit func() error) error {
	if err := r.open(Array); err != nil {
		return err
	}
	for more := !r.take(']'); more; more = !r.take(']') {
		if r.Kind() == 0 {
			return r.refuse()
		}
		if err := visit(); err != nil {
			return err
		}
		if !r.separated(']') {
			return r.refuse()
		}
	}
	r.shut(false)
	return nil
}

func (r *Reader) open(kind jsontext.Kind) error {
	switch next := r.Kind(); {
	case next == kind && r.enter(kind == Object):
		return nil
	case next == kind || next != Object && next != Array && !r.pass():
		return r.refuse()
	case next != kind && (next == Object || next == Array):
		r.at++
	}
	return &jsontext.SyntacticError{ByteOffset: int64(r.at), Err: wrongKind(kind)}
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
