package envelope

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// members visits an object's members; values are parts of text.
func members(text []byte, visit func(name, value []byte) error) error {
	var r raw.Reader
	r.Lenient(text)
	err := r.Object(func(name []byte) error {
		value, err := r.Value()
		if err != nil {
			return err
		}
		return visit(name, value)
	})
	if err != nil {
		return err
	}
	return r.End()
}

// elements visits an array's elements.
func eachElement(text []byte, visit func(value []byte) error) error {
	var r raw.Reader
	r.Lenient(text)
	return r.Array(func() error {
		value, err := r.Value()
		if err != nil {
			return err
		}
		return visit(value)
	})
}

func kind(value []byte) jsontext.Kind { return jsontext.Value(value).Kind() }

func isNull(value []byte) bool { return len(value) == 0 || kind(value) == raw.Null }

// text is a string's content or a number's literal; else empty.
func text(value []byte) string {
	switch kind(value) {
	case raw.String:
		return string(raw.Text(value))
	case raw.Number:
		return string(value)
	}
	return ""
}

func integer(value []byte) (int64, bool) {
	n, err := strconv.ParseInt(text(value), 10, 64)
	return n, err == nil
}

// object writes a JSON object member by member.
type object struct {
	out     []byte
	started bool
}

// name begins a member; its value is appended to o.out.
func (o *object) name(name []byte) {
	if !o.started {
		o.out, o.started = append(o.out, '{'), true
	} else {
		o.out = append(o.out, ',')
	}
	o.out, _ = jsontext.AppendQuote(o.out, name)
	o.out = append(o.out, ':')
}

func (o *object) end() []byte {
	if !o.started {
		o.out = append(o.out, '{')
	}
	return append(o.out, '}')
}

func quote(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // what is not UTF-8 becomes U+FFFD
	return dst
}

// number appends a literal as a JSON number if it is one, else as a string.
func number(dst []byte, literal string) []byte {
	if value := jsontext.Value(literal); kind(value) == raw.Number && value.IsValid() {
		return append(dst, literal...)
	}
	return quote(dst, literal)
}
