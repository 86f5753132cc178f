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
	out, n := dst[:cap(dst)], len(dst) // written so far: out[:n]
	for i+8 <= len(text) {
		if n+8 > len(out) {
			out = slices.Grow(out, 64)
			out = out[:cap(out)]
		}
		eight := binary.LittleEndian.Uint64(text[i:])
		binary.LittleEndian.PutUint64(out[n:], eight)
		wide |= eight
		stop := stops(eight)
		if stop == 0 {
			i, n = i+8, n+8
			continue
		}
		plain := bits.TrailingZeros64(stop) / 8
		i, n = i+plain, n+plain
		switch {
		case text[i] == '"':
			if wide&high != 0 && !utf8.Valid(out[len(dst):n]) {
				return dst, false
			}
			r.at = i + 1
			return out[:n], true
		case text[i] != '\\' || i+1 == len(text):
			return dst, false
		case unescaped[text[i+1]] != 0:
			out[n] = unescaped[text[i+1]]
			i, n = i+2, n+1
		default:
			char, length := rune16(text[i:])
			if length == 0 {
				return dst, false
			}
			out = utf8.AppendRune(out[:n], char)
			n, out = len(out), out[:cap(out)]
			i += length
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
