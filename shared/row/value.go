package row

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	binaries = []string{"BINARY", "VARBINARY", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BYTEA", "GEOMETRY"}
	singles  = []string{"FLOAT", "FLOAT4", "UNSIGNED FLOAT"}
	// What MySQL's text protocol gives as text though it is a number.
	numbers = []string{"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR", "FLOAT", "DOUBLE", "FLOAT4", "FLOAT8"}
	moments = []string{"DATETIME", "TIMESTAMP", "TIMESTAMPTZ"}
)

func binary(kind string) bool { return slices.Contains(binaries, kind) || kind == "BIT" }

// appendValue appends a column's value as JSON.
func appendValue(dst []byte, kind string, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case float32:
		return appendFloat(dst, float64(v), 32)
	case float64:
		if slices.Contains(singles, kind) {
			return appendFloat(dst, v, 32)
		}
		return appendFloat(dst, v, 64)
	case time.Time:
		return appendTime(dst, kind, v)
	case []byte:
		if kind == "BIT" {
			return appendBits(dst, v)
		}
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v), '"')
	case string:
		return appendText(dst, kind, v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, text...)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// appendTime: MySQL's zero date is a zero time.
func appendTime(dst []byte, kind string, t time.Time) []byte {
	switch {
	case t.IsZero() || t.Year() < 0:
		return append(dst, "null"...)
	case kind == "DATE" && t.Year() <= 9999:
		return t.AppendFormat(dst, `"2006-01-02"`)
	}
	if t = t.UTC(); t.Year() > 9999 || t.Year() < 0 {
		return append(dst, "null"...)
	}
	return t.AppendFormat(dst, `"2006-01-02T15:04:05.999999999Z"`)
}

func appendBits(dst []byte, bits []byte) []byte {
	var n uint64
	for _, b := range bits {
		n = n<<8 | uint64(b)
	}
	return strconv.AppendUint(dst, n, 10)
}

func appendText(dst []byte, kind, text string) []byte {
	name := strings.TrimPrefix(kind, "UNSIGNED ")
	switch {
	case slices.Contains(numbers, name) && jsontext.Value(text).Kind() == '0' && jsontext.Value(text).IsValid():
		return append(dst, text...)
	case slices.Contains(numbers, name), (name == "NUMERIC" || name == "DECIMAL") && !finite(text):
		return append(dst, "null"...)
	case name == "DATE" && !dated(text):
		return append(dst, "null"...)
	case slices.Contains(moments, name):
		if !dated(text) || len(text) < 19 {
			return append(dst, "null"...)
		}
		return append(append(append(append(append(dst, '"'), text[:10]...), 'T'), strings.TrimSuffix(text[11:], "Z")...), `Z"`...)
	case strings.HasPrefix(name, "_") && strings.HasPrefix(text, "{"):
		if out, ok := appendArray(dst, name[1:], text); ok {
			return out
		}
	}
	return appendQuoted(dst, text)
}

// finite says that a decimal is one: PostgreSQL's may be NaN or Infinity.
func finite(text string) bool { return text != "" && !strings.ContainsAny(text, "NnIi") }

// dated says that a text is a date: not MySQL's zero date, infinity, or before Christ.
func dated(text string) bool {
	_, err := time.Parse(time.DateOnly, text[:min(len(text), 10)])
	return err == nil && !strings.HasSuffix(text, "BC")
}
