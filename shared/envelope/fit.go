package envelope

import (
	"encoding/base64"
	"fmt"
	"regexp"

	"github.com/sluice-dev/sluice/shared/raw"
)

// fit appends a value of unknown form for the field that takes it, and refuses one
// that could be two things: a date field would take microseconds for milliseconds,
// and store the year 55969 without complaint.
func (c Column) fit(dst []byte, name string, value []byte) (out []byte, blank bool, err error) {
	text := ""
	if kind(value) == raw.String {
		text = string(raw.Text(value))
	}
	if special(text) {
		return append(dst, "null"...), true, nil
	}
	switch c.Form {
	case ForDate:
		if kind(value) == raw.Number {
			return nil, false, &Flaw{"column_unit_unknown", fmt.Sprintf("column %q: a number in a date field, and nothing says of which unit: give the field column: days, millis, micros or nanos", name)}
		}
		if spaced.MatchString(text) {
			return quote(dst, text[:10]+"T"+text[11:]+"Z"), false, nil
		}
	case ForNumber, ForUnsigned:
		if kind(value) == raw.Object {
			if scale, digits, ok := variable(value); ok {
				out, _ := appendDecimal(dst, digits, scale)
				return out, false, nil
			}
		}
		if base64ed(text) {
			return nil, false, &Flaw{"column_scale_unknown", fmt.Sprintf("column %q: a base64 text in a numeric field, and nothing says of which scale: give the field column: decimal(scale), or column: plain if it is a number's digits", name)}
		}
		if c.Form == ForUnsigned {
			out, _ := appendUnsigned(dst, value)
			return out, false, nil
		}
	}
	return append(dst, value...), false, nil
}

// spaced is MySQL's date and time: taken as UTC, as OpenSearch and Debezium take it.
var spaced = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$`)

func base64ed(text string) bool {
	if text == "" {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}
