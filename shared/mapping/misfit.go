package mapping

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Misfit is a value that a rule cannot convert. It does not hold the value.
type Misfit struct {
	Field string // by the name that results
	Kind  string // the value's type: "a string", "an object"
	Rule  string // such as "type: integer"
}

func (m *Misfit) Error() string {
	return "rule " + m.Rule + " cannot convert field " + strconv.Quote(m.Field) + ", which is " + m.Kind
}

// Mistake is a rule that cannot be right, at a dotted key of its set.
type Mistake struct{ Path, Text string }

// KindOf is the type of a raw value in words.
func KindOf(value []byte) string {
	if len(value) == 0 {
		return "missing"
	}
	kind := jsontext.Value(value).Kind()
	if kind == raw.Number && bytes.ContainsAny(value, ".eE") {
		return "a number with a fraction or exponent"
	}
	return kindWords[kind]
}

var kindWords = map[jsontext.Kind]string{
	raw.Null: "null", raw.String: "a string", raw.Number: "a whole number", raw.Object: "an object", raw.Array: "a list",
	't': "a boolean", 'f': "a boolean",
}
