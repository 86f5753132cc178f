package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/expr-lang/expr"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Number is a number's literal: what an expression has of a number that is not whole,
// or is larger than 64 bits. It passes through unharmed; to compute with it an
// expression says how: minor(total, 2) is its whole number of hundredths, major the way
// back, float(total) the nearest float.
type Number string

// MarshalJSON is the literal.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func exprNumber(literal string) any {
	if n, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return int(n)
	}
	return Number(literal)
}

var errNoNumber = errors.New("not a number")

// functions are ours beside expr's own.
func functions() []expr.Option {
	return []expr.Option{
		expr.Function("minor", func(args ...any) (any, error) { return minor(args[0], args[1]) }, new(func(any, int) int)),
		expr.Function("major", func(args ...any) (any, error) { return major(args[0], args[1]) }, new(func(int, int) Number)),
		expr.Function("float", func(args ...any) (any, error) {
			if literal, ok := literalOf(args[0]); ok {
				return strconv.ParseFloat(literal, 64)
			}
			return nil, errNoNumber
		}, new(func(any) float64)),
	}
}

func literalOf(v any) (string, bool) {
	switch v := v.(type) {
	case Number:
		return string(v), true
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}

// minor is a decimal as a whole number of its smallest unit, if it is one.
func minor(v, places any) (any, error) {
	literal, ok := literalOf(v)
	n, isInt := places.(int)
	d, valid := parseDecimal([]byte(literal))
	if !ok || !isInt || !valid || n < 0 || n > 18 {
		return nil, errNoNumber
	}
	whole, exact := d.shift(n).integer()
	if !exact {
		return nil, fmt.Errorf("more than %d decimals", n)
	}
	return strconv.Atoi(string(whole.append(nil)))
}

func major(v, places any) (any, error) {
	whole, isInt := v.(int)
	n, valid := places.(int)
	if !isInt || !valid || n < 0 || n > 18 {
		return nil, errNoNumber
	}
	d, _ := parseDecimal([]byte(strconv.Itoa(whole)))
	return Number(d.shift(-n).append(nil)), nil
}

// decode reads the next value into maps, lists, strings, booleans, nil, and what number
// makes of a literal.
func decode(r *raw.Reader, number func(string) any) (any, error) {
	switch r.Kind() {
	case raw.Object:
		object := map[string]any{}
		err := r.Object(func(name []byte) (err error) {
			key := string(name)
			object[key], err = decode(r, number)
			return err
		})
		return object, err
	case raw.Array:
		list := []any{}
		err := r.Array(func() error {
			v, err := decode(r, number)
			list = append(list, v)
			return err
		})
		return list, err
	}
	value, err := r.Value()
	if err != nil {
		return nil, err
	}
	switch value[0] {
	case '"':
		return string(raw.Text(value)), nil
	case 'n':
		return nil, nil
	case 't', 'f':
		return value[0] == 't', nil
	}
	return number(string(value)), nil
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
