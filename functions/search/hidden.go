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
	var r raw.Reader
	r.Lenient(aggregations)
	out, err := cutSources(hidden, nil, &r)
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

// cutSources copies the next value of r with its documents cut.
func cutSources(hidden field.Hidden, dst []byte, r *raw.Reader) ([]byte, error) {
	first := true
	next := func(name []byte) (err error) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if name != nil {
			dst, _ = jsontext.AppendQuote(dst, name)
			dst = append(dst, ':')
		}
		if string(name) != "_source" {
			dst, err = cutSources(hidden, dst, r)
			return err
		}
		source, err := r.Value()
		if err != nil {
			return err
		}
		var inner raw.Reader // it may be an aggregation of this name, with others inside
		inner.Lenient(hidden.Cut(source))
		dst, err = cutSources(hidden, dst, &inner)
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
	value, err := r.Value()
	return append(dst, value...), err
}
