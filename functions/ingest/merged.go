package main

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// merged is body with the members of source that columns name, in the place of its own.
func merged(body, source []byte, columns []string) (out []byte, found int, err error) {
	out = append(make([]byte, 0, len(body)+len(source)), '{')
	add := func(from []byte, taken bool) error {
		var r raw.Reader
		r.Lenient(from)
		return r.Object(func(name []byte) error {
			value, err := r.Value()
			if err != nil || slices.Contains(columns, string(name)) != taken {
				return err
			}
			if taken {
				found++
			}
			out = member(out, name, value)
			return nil
		})
	}
	if err = add(body, false); err == nil {
		err = add(source, true)
	}
	return append(out, '}'), found, err
}

func member(out, name, value []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	out, _ = jsontext.AppendQuote(out, name)
	return append(append(out, ':'), raw.Compact(value)...)
}
