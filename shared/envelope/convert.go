package envelope

import (
	"encoding/base64"
	"strconv"

	"github.com/sluice-dev/sluice/shared/raw"
)

// verdict is what became of a value.
type verdict uint8

const (
	exact    verdict = iota
	formless         // NaN, an infinity, a year that no index holds
	unfit            // not of the column's type
)

// convert appends a value of a known form.
func (c Column) convert(dst []byte, value []byte) ([]byte, verdict) {
	switch c.Form {
	case Decimal:
		return appendDecimal(dst, value, c.Scale)
	case VariableDecimal:
		return appendVariable(dst, value)
	case Days, Millis, Micros, Nanos:
		return appendDate(dst, value, c.Form)
	case TimeMillis, TimeMicros, TimeNanos:
		return appendTime(dst, value, c.Form)
	case Unsigned:
		return appendUnsigned(dst, value)
	case Bits:
		return appendBits(dst, value)
	case Float:
		return appendFloat(dst, value)
	}
	return append(dst, value...), exact
}

func special(text string) bool {
	switch text {
	case "NaN", "NAN", "nan", "Infinity", "-Infinity", "infinity", "-infinity", "+Infinity",
		"POSITIVE_INFINITY", "NEGATIVE_INFINITY":
		return true
	}
	return false
}

func appendFloat(dst, value []byte) ([]byte, verdict) {
	if kind(value) == raw.String && special(string(raw.Text(value))) {
		return dst, formless
	}
	return append(dst, value...), exact
}

// appendUnsigned undoes what Java's signed long made of an unsigned one.
func appendUnsigned(dst, value []byte) ([]byte, verdict) {
	if n, ok := integer(value); ok && kind(value) == raw.Number && n < 0 {
		return strconv.AppendUint(dst, uint64(n), 10), exact
	}
	return append(dst, value...), exact
}

// appendBits writes a bit string, which comes as little-endian base64, as a number.
func appendBits(dst, value []byte) ([]byte, verdict) {
	if kind(value) != raw.String {
		return append(dst, value...), exact
	}
	b, err := base64.StdEncoding.DecodeString(string(raw.Text(value)))
	if err != nil {
		return dst, unfit
	}
	for len(b) > 8 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	if len(b) > 8 {
		return append(dst, value...), exact
	}
	n := uint64(0)
	for i, x := range b {
		n |= uint64(x) << (8 * i)
	}
	return strconv.AppendUint(dst, n, 10), exact
}
