package main

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/field"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/raw"
)

// hide leaves out of documents what OpenSearch shows although it is hidden: it leaves out
// user.email, and not what stands under "user." or "User".
func hide(request query.Request, documents []hit) {
	hidden := request.Hidden()
	for i := range documents {
		documents[i].Source = hidden.Cut(documents[i].Source)
	}
}

// hideInside is hide for the documents of top_hits.
func hideInside(request query.Request, aggregations []byte) []byte {
	hidden := request.Hidden()
	if !showsDocuments(request.Aggregations()) || hidden.Free(aggregations) {
		return aggregations
	}
	out, err := cutSources(hidden, nil, aggregations)
	if err != nil {
		return []byte("{}")
	}
	return out
}

func showsDocuments(list []query.Aggregation) bool {
	for _, a := range list {
		if a.Kind == "top_hits" || showsDocuments(a.Inside) {
			return true
		}
	}
	return false
}

func cutSources(hidden field.Hidden, dst, value []byte) ([]byte, error) {
	var r raw.Reader
	r.Lenient(value)
	first := true
	next := func(name []byte) error {
		inner, err := r.Value()
		if err != nil {
			return err
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if name != nil {
			dst, _ = jsontext.AppendQuote(dst, name)
			dst = append(dst, ':')
		}
		if string(name) == "_source" { // or an aggregation of this name, with others inside
			inner = hidden.Cut(inner)
		}
		dst, err = cutSources(hidden, dst, inner)
		return err
	}
	switch r.Kind() {
	case raw.Object:
		dst = append(dst, '{')
		err := r.Object(next)
		return append(dst, '}'), err
	case raw.Array:
		dst = append(dst, '[')
		err := r.Array(func() error { return next(nil) })
		return append(dst, ']'), err
	}
	return append(dst, value...), nil
}
