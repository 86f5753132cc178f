package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// most is how many values of a document are looked at.
const most = 1000

// flatten lists a document's values with their dotted names, in its order; numbers keep
// the digits they have.
func flatten(raw []byte) []pair {
	var pairs []pair
	d := jsontext.NewDecoder(bytes.NewReader(raw), tolerant...)
	if err := walk(d, "", &pairs); err != nil && !errors.Is(err, io.EOF) {
		return append(pairs, pair{Name: "(unreadable)", Value: fmt.Sprint(err)})
	}
	return pairs
}

func walk(d *jsontext.Decoder, name string, pairs *[]pair) error {
	if len(*pairs) >= most {
		return d.SkipValue()
	}
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		t, err := d.ReadToken()
		if err == nil && kind != 'n' {
			*pairs = append(*pairs, pair{name, t.String(), kindOf(kind)})
		}
		return err
	}
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' && d.PeekKind() != ']' {
		inner := name
		if kind == '{' {
			key, err := d.ReadToken()
			if err != nil {
				return err
			}
			inner = strings.TrimPrefix(name+"."+key.String(), ".")
		}
		err = walk(d, inner, pairs)
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return err
}

func kindOf(k jsontext.Kind) string {
	switch k {
	case '"':
		return "string"
	case '0':
		return "number"
	case 'n':
		return "null"
	}
	return "bool"
}

func indented(raw []byte) string {
	v := jsontext.Value(bytes.Clone(raw))
	if v.Indent(append(tolerant, jsontext.WithIndent("  "))...) != nil {
		return string(raw)
	}
	return string(v)
}

func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
