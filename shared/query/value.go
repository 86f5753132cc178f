package query

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
)

// integers are the whole-number types and their ranges.
var integers = map[string]struct{ min, max string }{
	"byte":          {"-128", "127"},
	"short":         {"-32768", "32767"},
	"integer":       {"-2147483648", "2147483647"},
	"long":          {"-9223372036854775808", "9223372036854775807"},
	"unsigned_long": {"0", "18446744073709551615"},
}

var (
	floatTypes  = []string{"double", "float", "half_float", "scaled_float"}
	stringTypes = []string{"keyword", "wildcard", "flat_object", "constant_keyword"}
	decimal     = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$`)
	whole       = regexp.MustCompile(`^-?\d{1,40}$`)
)

// literal is text as the JSON value that a field of type kind is compared with: digits
// stay the digits that were written.
func literal(field, kind, text string) (any, *Mistake) {
	if limits, ok := integers[kind]; ok {
		return integer(field, kind, text, limits.min, limits.max)
	}
	switch {
	case slices.Contains(stringTypes, kind) || kind == "text":
		return text, nil
	case slices.Contains(floatTypes, kind):
		return float(field, kind, text)
	case kind == "boolean":
		if text != "true" && text != "false" {
			return nil, wrong(-1, "%q is neither true nor false, which %s (boolean) holds", text, field)
		}
		return json.RawMessage(text), nil
	case kind == "ip":
		return address(field, text)
	}
	return nil, wrong(-1, "%s (%s) cannot be searched by value; %s:* finds the documents that have it", field, kind, field)
}

func float(field, kind, text string) (any, *Mistake) {
	if !decimal.MatchString(text) {
		return nil, wrong(-1, "%q is not a number, which %s (%s) holds", text, field, kind)
	}
	bits := 64
	if kind == "float" {
		bits = 32
	}
	if _, err := strconv.ParseFloat(text, bits); err != nil {
		return nil, wrong(-1, "%s is outside the range of %s (%s)", text, field, kind)
	}
	return json.RawMessage(text), nil
}

// zeros are what 0 is in a bound: OpenSearch puts -0.0 before 0.0, and neither finds the
// other.
var zeros = map[string]json.RawMessage{
	"gte": json.RawMessage("-0.0"), "gt": json.RawMessage("0.0"), "lt": json.RawMessage("-0.0"), "lte": json.RawMessage("0.0"),
}

// zero says whether text is 0 in a type that knows two of them.
func zero(kind, text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return slices.Contains(floatTypes, kind) && err == nil && f == 0
}

func integer(field, kind, text, lowest, highest string) (any, *Mistake) {
	if !whole.MatchString(text) {
		return nil, wrong(-1, "%q is not a whole number, which %s (%s) holds", text, field, kind)
	}
	n, _ := new(big.Int).SetString(text, 10)
	min, _ := new(big.Int).SetString(lowest, 10)
	max, _ := new(big.Int).SetString(highest, 10)
	if n.Cmp(min) < 0 || n.Cmp(max) > 0 {
		return nil, wrong(-1, "%s is outside the range of %s (%s): %s to %s", text, field, kind, lowest, highest)
	}
	return json.RawMessage(n.String()), nil
}

func address(field, text string) (any, *Mistake) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return a.String(), nil
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.String(), nil
	}
	return nil, wrong(-1, "%q is no IP address and no block such as 10.0.0.0/8, which %s (ip) holds", text, field)
}
