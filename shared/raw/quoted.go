package raw

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Strings are read eight bytes at a time.
const (
	each = 0x0101010101010101
	high = 0x8080808080808080
)

// stops has the high bit of the first byte (the lowest) of eight that is a quote, a
// backslash or a control character; behind the first, its bits say nothing.
func stops(eight uint64) uint64 {
	quote, backslash := eight^each*'"', eight^each*'\\'
	return ((quote-each)&^quote | (backslash-each)&^backslash | (eight-each*' ')&^eight) & high
}

// quoted finds the end of the string that begins here. It checks control characters and
// escapes and, if strict, that all is UTF-8.
func (r *Reader) quoted() (end int, escaped, ok bool) {
	text, start, wide := r.text, r.at, uint64(0)
	i := start + 1
	for {
		for ; i+8 <= len(text); i += 8 {
			eight := binary.LittleEndian.Uint64(text[i:])
			wide |= eight
			if stop := stops(eight); stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
		}
		for ; i < len(text) && text[i] != '"' && text[i] != '\\' && text[i] >= ' '; i++ {
			wide |= uint64(text[i])
		}
		switch {
		case i >= len(text) || text[i] < ' ':
			return i, escaped, false
		case text[i] == '"':
			return i + 1, escaped, !r.strict || wide&high == 0 || utf8.Valid(text[start+1:i])
		}
		n := r.escape(text[i:])
		if n == 0 {
			return i, escaped, false
		}
		i, escaped = i+n, true
	}
}

// escape is the length of the escape sequence that text begins with; zero if it is none.
func (r *Reader) escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, n := rune16(text); n > 0 || r.strict {
			return n
		}
		if _, ok := unit16(text); ok { // half of a pair
			return 6
		}
	}
	return 0
}
