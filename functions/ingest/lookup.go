package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

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

func (l lookup) Stored(ctx context.Context, index string, ids []string) ([]bool, error) {
	reply, err := l.mget(ctx, index, ids, bare, http.StatusNotFound)
	if err != nil {
		return nil, err
	}
	if reply.Status == http.StatusNotFound { // deleted since: its documents are not looked for any more
		return make([]bool, len(ids)), nil
	}
	return readFound(reply.Body, len(ids))
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

// readFound reads {"docs": [{"found": true}, ...]}. A document that could not be looked
// for, or an answer that is not whole, is an error: it may be stored.
func readFound(text []byte, want int) ([]bool, error) {
	found := make([]bool, 0, want)
	var r raw.Reader
	r.Lenient(text)
	err := r.Object(func(name []byte) error {
		if string(name) != "docs" {
			return r.Skip()
		}
		return r.Array(func() error {
			return r.Object(func(name []byte) error {
				if string(name) != "found" {
					return r.Skip()
				}
				value, err := r.Value()
				found = append(found, bytes.Equal(value, []byte("true")))
				return err
			})
		})
	})
	if err != nil || len(found) != want {
		return nil, fault.Wrap(fault.Unavailable, "OpenSearch's answer on "+strconv.Itoa(want)+" documents is not whole", err)
	}
	return found, nil
}
