package envelope

import (
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// appendDecimal writes a decimal as text: its unscaled value comes as base64, or the
// text or number itself.
func appendDecimal(dst, value []byte, scale int) ([]byte, verdict) {
	switch kind(value) {
	case raw.Number:
		return append(append(append(dst, '"'), value...), '"'), exact
	case raw.String:
		digits := raw.Text(value)
		if special(string(digits)) {
			return dst, formless
		}
		if unscaled, err := base64.StdEncoding.DecodeString(string(digits)); err == nil && len(unscaled) > 0 && len(unscaled) <= maxDecimal {
			return append(point(append(dst, '"'), twosComplement(unscaled), scale), '"'), exact
		}
		if decimalText(digits) {
			return append(dst, value...), exact
		}
	}
	return dst, unfit
}

// maxDecimal bounds the work on one value: PostgreSQL's numeric ends far below.
const maxDecimal = 64 << 10

// appendVariable reads {"scale": 5, "value": "base64"}.
func appendVariable(dst, value []byte) ([]byte, verdict) {
	if kind(value) != raw.Object {
		return appendDecimal(dst, value, 0)
	}
	scale, digits, ok := variable(value)
	if !ok {
		return dst, unfit
	}
	return appendDecimal(dst, digits, scale)
}

func variable(value []byte) (scale int, digits []byte, ok bool) {
	n, hasScale := 0, false
	err := members(value, func(name, v []byte) error {
		n++
		switch string(name) {
		case "scale":
			x, isInt := integer(v)
			scale, hasScale = int(x), isInt && x >= 0 && x <= 1<<14
		case "value":
			digits = v
		}
		return nil
	})
	return scale, digits, err == nil && n == 2 && hasScale && kind(digits) == raw.String
}

func twosComplement(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return n
}

// point appends an unscaled integer with its decimal point.
func point(dst []byte, n *big.Int, scale int) []byte {
	digits := n.String()
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if lacking := scale + 1 - len(digits); lacking > 0 {
		digits = strings.Repeat("0", lacking) + digits
	}
	whole := len(digits) - scale
	dst = append(dst, digits[:whole]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[whole:]...)
	}
	return dst
}

func decimalText(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	digits, dots := 0, 0
	for _, b := range text {
		switch {
		case b >= '0' && b <= '9':
			digits++
		case b == '.':
			dots++
		default:
			return false
		}
	}
	return digits > 0 && dots <= 1
}
