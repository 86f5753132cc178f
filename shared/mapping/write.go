package mapping

import (
	"bytes"

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
