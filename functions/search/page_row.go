package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// row is a document on the page.
type row struct {
	ID, Index, Time string
	Text            string // what bare words are looked for in
	Pairs, Rest     []pair // all values, and those that neither Time nor Text shows
	JSON            string
}

// pair is a value in a document; Only is the page with just the documents that have it.
type pair struct{ Name, Value, Only string }

const (
	maxPairs = 300 // values of a document on the page; its JSON has all
	maxText  = 400 // characters of a value outside the JSON
	maxJSON  = 100_000
)

func (p page) row(d hit) row {
	r := row{ID: d.ID, Index: d.Index, JSON: clip(indented(d.Source), maxJSON)}
	for _, v := range flatten(d.Source) {
		only := p.only(v)
		v.Value, v.Only = clip(v.Value, maxText), only
		r.Pairs = append(r.Pairs, v)
		switch {
		case v.Name == p.Now.schema.Time && r.Time == "":
			r.Time = v.Value
		case r.Text == "" && slices.Contains(p.Now.schema.Default, v.Name):
			r.Text = v.Value
		default:
			r.Rest = append(r.Rest, v)
		}
	}
	return r
}

// weight is what a document takes on the page.
func (p page) weight(d hit) int { return carried([]byte(p.line(p.row(d)))) }

// only is the link that adds the filter name:value, empty where the filter would not be
// exact.
func (p page) only(v pair) string {
	f, ok := p.Now.schema.Fields[v.Name]
	if !ok || f.Unsearchable || f.Type == "text" || f.Type == "object" || f.Type == "geo_point" || f.Type == "binary" || len([]rune(v.Value)) > 1000 {
		return ""
	}
	return p.with("filter", v.Name+":"+v.Value)
}

// flatten lists a document's values with their dotted names, in its order; numbers keep
// the digits they have.
func flatten(raw []byte) []pair {
	var pairs []pair
	var walk func(d *jsontext.Decoder, name string) error
	walk = func(d *jsontext.Decoder, name string) error {
		if len(pairs) >= maxPairs {
			return d.SkipValue()
		}
		switch kind := d.PeekKind(); kind {
		case '{', '[':
			_, err := d.ReadToken()
			for err == nil && d.PeekKind() != '}' && d.PeekKind() != ']' {
				inner := name
				if kind == '{' {
					var key jsontext.Token
					if key, err = d.ReadToken(); err != nil {
						return err
					}
					inner = strings.TrimPrefix(name+"."+key.String(), ".")
				}
				err = walk(d, inner)
			}
			if err == nil {
				_, err = d.ReadToken()
			}
			return err
		default:
			t, err := d.ReadToken()
			if err == nil && kind != 'n' {
				pairs = append(pairs, pair{Name: name, Value: t.String()})
			}
			return err
		}
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw), tolerant...)
	if err := walk(d, ""); err != nil && !errors.Is(err, io.EOF) {
		return append(pairs, pair{Name: "(unreadable)", Value: fmt.Sprint(err)})
	}
	return pairs
}

func indented(raw []byte) string {
	v := jsontext.Value(bytes.Clone(raw))
	if v.Indent(append(tolerant, jsontext.WithIndent("  "))...) != nil {
		return string(raw)
	}
	return string(v)
}

func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
