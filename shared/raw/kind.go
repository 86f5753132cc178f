package raw

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

var kinds = map[jsontext.Kind]string{
	Null: "null", String: "a string", Number: "a whole number", Object: "an object", Array: "a list",
	't': "a boolean", 'f': "a boolean",
}

// Describe is a value's type in words, without the value.
func Describe(value []byte) string {
	kind := jsontext.Value(value).Kind()
	if kind == Number && bytes.ContainsAny(value, ".eE") {
		return "a number with a fraction or exponent"
	}
	return kinds[kind]
}
