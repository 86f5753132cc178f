package line

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// event is a document being written: members, and what goes into its attributes.
type event struct {
	out        []byte
	attributes []byte
}

// begin starts an event at the time it happened; zero: the line does not say.
func begin(dst []byte, at time.Time) event {
	e := event{out: append(dst, '{')}
	if !at.IsZero() {
		e.out = append(e.out, `"@timestamp":"`...)
		e.out = at.UTC().AppendFormat(e.out, time.RFC3339Nano)
		e.out = append(e.out, '"')
	}
	return e
}

var dash = []byte("-")

// absent is how logs say that there is no value.
func absent(value []byte) bool { return len(value) == 0 || bytes.Equal(value, dash) }

func (e *event) text(name string, value []byte) {
	if !absent(value) {
		e.out = quoted(named(e.out, name), value)
	}
}

// number takes the literal as it stands, where it is one of JSON.
func (e *event) number(name string, literal []byte) {
	if isNumber(literal) {
		e.out = append(named(e.out, name), literal...)
	}
}

// whole takes an unsigned number of digits, which may begin with zeros.
func (e *event) whole(name string, digits []byte) {
	if n, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
		e.out = strconv.AppendInt(named(e.out, name), n, 10)
	}
}

// attribute keeps what has no name of its own.
func (e *event) attribute(name string, value []byte) {
	if !absent(value) {
		e.attributes = quoted(named(e.attributes, name), value)
	}
}

// end closes the event with its message.
func (e *event) end(message []byte) []byte {
	e.out = quoted(named(e.out, "message"), message)
	if len(e.attributes) > 0 {
		e.out = append(append(append(named(e.out, "attributes"), '{'), e.attributes...), '}')
	}
	return append(e.out, '}')
}

func named(dst []byte, name string) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' {
		dst = append(dst, ',')
	}
	return append(quoted(dst, []byte(name)), ':')
}

func quoted(dst, value []byte) []byte {
	dst, _ = jsontext.AppendQuote(dst, value)
	return dst
}

func isNumber(literal []byte) bool {
	v := jsontext.Value(literal)
	return len(literal) > 0 && v.IsValid() && v.Kind() == '0'
}
