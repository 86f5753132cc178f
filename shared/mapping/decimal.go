package mapping

import "bytes"

// decimal is a number as digits: sign, whole.part e exponent.
type decimal struct {
	negative    bool
	whole, part []byte
	exponent    int
	power       []byte // the exponent as written
}

// maxExponent bounds what 1e9 in five bytes may grow to.
const maxExponent = 400

// parseDecimal reads digits with an optional sign, point and exponent, more freely than
// JSON: +1, .5, 1., 007.
func parseDecimal(text []byte) (d decimal, ok bool) {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.negative, text = text[0] == '-', text[1:]
	}
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		d.power, text = text[i+1:], text[:i]
		if d.exponent, ok = small(d.power); !ok {
			return d, false
		}
	}
	d.whole, d.part, _ = bytes.Cut(text, []byte{'.'})
	if len(d.whole)+len(d.part) == 0 || !digits(d.whole) || !digits(d.part) {
		return d, false
	}
	d.whole = bytes.TrimLeft(d.whole, "0")
	return d, true
}

func digits(text []byte) bool {
	for _, b := range text {
		if !digit(b) {
			return false
		}
	}
	return true
}

// small is an exponent of at most maxExponent.
func small(text []byte) (n int, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if len(text) == 0 || !digits(text) {
		return 0, false
	}
	for _, b := range text {
		if n = n*10 + int(b-'0'); n > maxExponent {
			return 0, false
		}
	}
	if negative {
		return -n, true
	}
	return n, true
}

// append writes d as JSON, every digit of it.
func (d decimal) append(dst []byte) []byte {
	if d.negative {
		dst = append(dst, '-')
	}
	if len(d.whole) == 0 {
		dst = append(dst, '0')
	}
	dst = append(dst, d.whole...)
	if len(d.part) > 0 {
		dst = append(append(dst, '.'), d.part...)
	}
	if d.power != nil {
		dst = append(append(dst, 'e'), d.power...)
	}
	return dst
}

// shift is d times ten to the power of n, without exponent.
func (d decimal) shift(n int) decimal {
	point := len(d.whole) + d.exponent + n
	all := append(bytes.Clone(d.whole), d.part...)
	if point < 0 {
		all, point = append(bytes.Repeat([]byte{'0'}, -point), all...), 0
	}
	if point > len(all) {
		all = append(all, bytes.Repeat([]byte{'0'}, point-len(all))...)
	}
	return decimal{negative: d.negative, whole: bytes.TrimLeft(all[:point], "0"), part: all[point:]}
}

// integer is d without its part, if that is zero.
func (d decimal) integer() (decimal, bool) {
	if d.exponent != 0 {
		d = d.shift(0)
	}
	d.power = nil
	zero := len(bytes.Trim(d.part, "0")) == 0
	d.part = nil
	d.negative = d.negative && len(d.whole) > 0
	return d, zero
}

func toDecimal(dst, value []byte) ([]byte, bool) {
	if value[0] != '"' {
		return append(dst, value...), value[0] != 't' && value[0] != 'f'
	}
	d, ok := parseDecimal(text(value))
	return d.append(dst), ok
}

func toInteger(dst, value []byte) ([]byte, bool) {
	d, ok := parseDecimal(text(value))
	if !ok {
		return dst, false
	}
	d, ok = d.integer()
	return d.append(dst), ok
}
