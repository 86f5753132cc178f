package mapping

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/expr-lang/expr"
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
