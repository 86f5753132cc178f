package mapping

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// comma precedes whatever is not the first in its object or list.
func comma(dst []byte) []byte {
	if last := dst[len(dst)-1]; last == '{' || last == '[' {
		return dst
	}
	return append(dst, ',')
}

func key(dst, text []byte) []byte { return append(quote(comma(dst), text), ':') }

// quote appends text as a JSON string.
func quote(dst, text []byte) []byte {
	if plain(text) {
		return append(append(append(dst, '"'), text...), '"')
	}
	dst, _ = jsontext.AppendQuote(dst, bytes.ToValidUTF8(text, []byte("\uFFFD")))
	return dst
}

// plain text needs no escapes.
func plain(text []byte) bool {
	for _, b := range text {
		if b < ' ' || b == '"' || b == '\\' || b >= 0x7f {
			return false
		}
	}
	return true
}

// appendValue writes an expression's result; not ok if JSON has nothing for it.
func appendValue(dst []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), true
	case string:
		return quote(dst, []byte(v)), true
	case bool:
		return strconv.AppendBool(dst, v), true
	case int:
		return strconv.AppendInt(dst, int64(v), 10), true
	case Number:
		return append(dst, v...), true
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return dst, false
		}
		literal, err := json.Marshal(v)
		return append(dst, literal...), err == nil
	case time.Time:
		return AppendTime(dst, v), v.Year() >= 0 && v.Year() <= 9999
	case []any:
		return appendList(dst, v)
	case map[string]any:
		return appendObject(dst, v)
	}
	return dst, false
}

func appendList(dst []byte, list []any) ([]byte, bool) {
	dst = append(dst, '[')
	for _, v := range list {
		var ok bool
		if dst, ok = appendValue(comma(dst), v); !ok {
			return dst, false
		}
	}
	return append(dst, ']'), true
}

func appendObject(dst []byte, object map[string]any) ([]byte, bool) {
	dst = append(dst, '{')
	for _, name := range slices.Sorted(maps.Keys(object)) {
		var ok bool
		if dst, ok = appendValue(key(dst, []byte(name)), object[name]); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}
