package row

import "strings"

// array reads PostgreSQL's way to write an array: {1,"a, b",NULL,{...}}.
type array struct {
	text string
	at   int
	kind string // of the elements
}

func appendArray(dst []byte, kind, text string) ([]byte, bool) {
	a := array{text: text, kind: kind}
	out, ok := a.list(dst)
	return out, ok && a.at == len(text)
}

func (a *array) peek() byte {
	if a.at < len(a.text) {
		return a.text[a.at]
	}
	return 0
}

func (a *array) list(dst []byte) ([]byte, bool) {
	dst = append(dst, '[')
	for a.at++; a.peek() != '}'; {
		var ok bool
		if dst, ok = a.element(dst); !ok {
			return dst, false
		}
		switch a.peek() {
		case ',':
			a.at++
			dst = append(dst, ',')
		case '}':
		default:
			return dst, false
		}
	}
	a.at++
	return append(dst, ']'), true
}

func (a *array) element(dst []byte) ([]byte, bool) {
	switch a.peek() {
	case 0:
		return dst, false
	case '{':
		return a.list(dst)
	case '"':
		return a.quoted(dst)
	}
	end := strings.IndexAny(a.text[a.at:], ",}")
	if end < 0 {
		return dst, false
	}
	word := a.text[a.at : a.at+end]
	a.at += end
	return appendElement(dst, a.kind, word), true
}

func (a *array) quoted(dst []byte) ([]byte, bool) {
	var b strings.Builder
	for a.at++; a.peek() != '"'; a.at++ {
		if a.peek() == '\\' {
			a.at++
		}
		if a.at >= len(a.text) {
			return dst, false
		}
		b.WriteByte(a.text[a.at])
	}
	a.at++
	return appendText(dst, a.kind, b.String()), true
}

// appendElement writes a bare word by the elements' type.
func appendElement(dst []byte, kind, word string) []byte {
	switch {
	case word == "NULL":
		return append(dst, "null"...)
	case kind == "BOOL":
		if word == "t" {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case kind == "INT2" || kind == "INT4" || kind == "INT8":
		return append(dst, word...)
	}
	return appendText(dst, kind, word)
}
