package raw

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped is what the letter behind a backslash stands for.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unquote appends the text of the string that begins here, checked and unescaped in one
// pass. It is not ok, and has passed over nothing, where the string is none, is not
// UTF-8, or ends with the text.
func (r *Reader) unquote(dst []byte) (out []byte, ok bool) {
	text, i, wide := r.text, r.at+1, uint64(0)
	out = dst
	for i+8 <= len(text) {
		if cap(out)-len(out) < 8 {
			out = slices.Grow(out, 64)
		}
		eight := binary.LittleEndian.Uint64(text[i:])
		binary.LittleEndian.PutUint64(out[len(out):len(out)+8], eight)
		wide |= eight
		stop := stops(eight)
		n := bits.TrailingZeros64(stop) / 8 // 8 without one
		out, i = out[:len(out)+n], i+n
		switch {
		case stop == 0:
		case text[i] == '"':
			if wide&high != 0 && !utf8.Valid(out[len(dst):]) {
				return dst, false
			}
			r.at = i + 1
			return out, true
		case text[i] != '\\' || i+1 == len(text):
			return dst, false
		case unescaped[text[i+1]] != 0:
			out, i = append(out, unescaped[text[i+1]]), i+2
		default:
			char, n := rune16(text[i:])
			if n == 0 {
				return dst, false
			}
			out, i = utf8.AppendRune(out, char), i+n
		}
	}
	return dst, false
}

// rune16 reads \u00e9, or \ud83d\ude00, at the beginning of text; n is zero if it is neither.
func rune16(text []byte) (char rune, n int) {
	char, ok := unit16(text)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(char):
		return char, 6
	}
	low, ok := unit16(text[6:])
	if char = utf16.DecodeRune(char, low); !ok || char == utf8.RuneError {
		return 0, 0
	}
	return char, 12
}

// unit16 reads \u00e9 at the beginning of text.
func unit16(text []byte) (unit rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
			c = c&^('a'-'A') - 'A' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}
