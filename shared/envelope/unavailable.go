package envelope

import (
	"bytes"
	"encoding/base64"
	"strconv"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Debezium's placeholder for a value that PostgreSQL keeps out of line and that the
// update did not change, in each form that a column's type gives it.
const (
	placeholder     = "__debezium_unavailable_value"
	placeholderUUID = "b68a35a7-17ad-35b3-af2a-ae46edb4545a" // name UUID of the placeholder
)

var (
	placeholderBase64 = base64.StdEncoding.EncodeToString([]byte(placeholder))
	placeholderMap    = []byte(`"` + placeholder + `"`)
)

// unavailable says that a value is the placeholder and no value.
func unavailable(value []byte) bool {
	switch kind(value) {
	case raw.String:
		return unavailableText(raw.Text(value))
	case raw.Array:
		return unavailableList(value)
	case raw.Object:
		return bytes.Contains(value, placeholderMap) && unavailableMap(value)
	}
	return false
}

func unavailableText(text []byte) bool {
	switch string(text) {
	case placeholder, placeholderBase64, placeholderUUID:
		return true
	}
	// hstore as JSON text
	return len(text) > 2*len(placeholder) && text[0] == '{' && bytes.Contains(text, placeholderMap) && unavailableMap(text)
}

// unavailableList is a list of the placeholder alone, or of its character codes.
func unavailableList(value []byte) bool {
	n, codes, texts := 0, true, true
	err := eachElement(value, func(e []byte) error {
		if n < len(placeholder) {
			x, err := strconv.ParseFloat(string(e), 64)
			codes = codes && err == nil && x == float64(placeholder[n])
		}
		texts = texts && kind(e) == raw.String && unavailableText(raw.Text(e))
		n++
		return nil
	})
	return err == nil && (n == len(placeholder) && codes || n == 1 && texts)
}

func unavailableMap(value []byte) bool {
	n, same := 0, true
	err := members(value, func(name, v []byte) error {
		n++
		same = same && string(name) == placeholder && kind(v) == raw.String && string(raw.Text(v)) == placeholder
		return nil
	})
	return err == nil && n == 1 && same
}
