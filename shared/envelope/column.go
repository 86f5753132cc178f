package envelope

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Columns are what is known of a table's columns by their names.
type Columns map[string]Column

// Column says how a column's values are written, or what they have to fit.
type Column struct {
	Form  Form
	Scale int     // of Decimal
	JSON  bool    // text that is JSON becomes JSON: its field holds objects
	each  *Column // of an array's elements
}

// Form is how a value is written.
type Form uint8

// Forms. The first group is what a schema or a collection says; the second is the
// field that a value of unknown form is for, and refuses what could be two things.
const (
	AsItIs Form = iota
	Decimal
	VariableDecimal
	Days
	Millis
	Micros
	Nanos
	TimeMillis
	TimeMicros
	TimeNanos
	Unsigned
	Bits
	Float

	ForDate
	ForNumber
	ForUnsigned
)

var decimalRule = regexp.MustCompile(`^decimal\((\d{1,2})\)$`)

// ParseColumn reads what a collection says of a column.
func ParseColumn(said string) (Column, bool) {
	if m := decimalRule.FindStringSubmatch(said); m != nil {
		scale, _ := strconv.Atoi(m[1])
		return Column{Form: Decimal, Scale: scale}, true
	}
	form, ok := map[string]Form{
		"plain": AsItIs, "days": Days, "millis": Millis, "micros": Micros, "nanos": Nanos,
		"time_millis": TimeMillis, "time_micros": TimeMicros, "time_nanos": TimeNanos,
		"unsigned": Unsigned, "bits": Bits,
	}[said]
	return Column{Form: form}, ok
}

// append appends a column's value as a document holds it. blank is true if there is no
// such form of it, and null stands for it.
func (c Column) append(dst []byte, name string, value []byte) (out []byte, blank bool, err error) {
	if isNull(value) {
		return append(dst, "null"...), false, nil
	}
	if c.JSON {
		if inner, ok := embedded(value); ok {
			return append(dst, inner...), false, nil
		}
	}
	if c.each != nil && kind(value) == raw.Array {
		return c.appendEach(dst, name, value)
	}
	switch c.Form {
	case AsItIs:
		return append(dst, value...), false, nil
	case ForDate, ForNumber, ForUnsigned:
		return c.fit(dst, name, value)
	}
	out, verdict := c.convert(dst, value)
	switch verdict {
	case exact:
		return out, false, nil
	case formless:
		return append(dst, "null"...), true, nil
	}
	return nil, false, &Flaw{"column_unreadable", fmt.Sprintf("column %q: %s does not fit its type", name, describe(value))}
}

func (c Column) appendEach(dst []byte, name string, value []byte) (out []byte, blank bool, err error) {
	dst = append(dst, '[')
	first := true
	err = eachElement(value, func(e []byte) error {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var lost bool
		dst, lost, err = c.each.append(dst, name, e)
		blank = blank || lost
		return err
	})
	return append(dst, ']'), blank, err
}

// embedded is the JSON that a string holds.
func embedded(value []byte) ([]byte, bool) {
	if kind(value) != raw.String {
		return nil, false
	}
	inner := raw.Text(value)
	if len(inner) == 0 || inner[0] != '{' && inner[0] != '[' {
		return nil, false
	}
	var r raw.Reader
	r.Strict(inner)
	if r.Skip() != nil || r.End() != nil {
		return nil, false
	}
	return raw.Compact(inner), true
}

func describe(value []byte) string {
	switch kind(value) {
	case raw.String:
		return "a text"
	case raw.Number:
		return "a number"
	case raw.Object:
		return "an object"
	case raw.Array:
		return "a list"
	}
	return "a boolean"
}
