package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/raw"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// lookup is history in OpenSearch.
type lookup struct{ client *client.Client }

func (l lookup) Generations(ctx context.Context, name string) ([]rotation.Index, error) {
	reply, err := l.client.Do(ctx, client.Call{
		Operation: "generations", Method: http.MethodGet, Path: []string{name, "_settings", "index.creation_date"},
		Query: url.Values{"flat_settings": {"true"}}, Accept: []int{http.StatusNotFound},
	})
	if err != nil || reply.Status == http.StatusNotFound {
		return nil, err
	}
	return readGenerations(reply.Body)
}

// readGenerations reads {index: {"settings": {"index.creation_date": "millis"}}}.
func readGenerations(text []byte) (all []rotation.Index, err error) {
	var r raw.Reader
	r.Lenient(text)
	err = r.Object(func(index []byte) error {
		one := rotation.Index{Name: string(index)}
		err := r.Object(func([]byte) error {
			return r.Object(func([]byte) error {
				date, err := textOf(&r)
				one.Created = millis([]byte(date))
				return err
			})
		})
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "OpenSearch's answer on generations is unreadable", err)
	}
	slices.SortFunc(all, func(a, b rotation.Index) int { return a.Created.Compare(b.Created) })
	return all, nil
}

// Stored and Versions are read as documents are, without their sources.
func (l lookup) Stored(ctx context.Context, index string, ids []string) ([]bool, error) {
	reply, err := l.mget(ctx, index, ids, bare, http.StatusNotFound)
	if err != nil {
		return nil, err
	}
	if reply.Status == http.StatusNotFound { // deleted since: its documents are not looked for any more
		return make([]bool, len(ids)), nil
	}
	documents, err := readDocuments(reply.Body, len(ids))
	all := make([]bool, len(documents))
	for i, d := range documents {
		all[i] = d.found
	}
	return all, err
}

// bare documents come without what is in them.
var bare = url.Values{"_source": {"false"}}

func (l lookup) mget(ctx context.Context, index string, ids []string, query url.Values, accept ...int) (client.Reply, error) {
	return l.client.Do(ctx, client.Call{
		Operation: "mget", Method: http.MethodPost, Path: []string{index, "_mget"}, Idempotent: true,
		Query: query, Body: idsBody(ids), Accept: accept,
	})
}

func idsBody(ids []string) []byte {
	body := []byte(`{"ids":[`)
	for i, id := range ids {
		if i > 0 {
			body = append(body, ',')
		}
		body, _ = jsontext.AppendQuote(body, id)
	}
	return append(body, "]}"...)
}
