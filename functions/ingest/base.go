package main

import (
	"bytes"
	"context"
	"strconv"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/raw"
	"github.com/sluice-dev/sluice/shared/rotation"
)

func (l lookup) Documents(ctx context.Context, index string, ids []string) ([]stored, error) {
	reply, err := l.mget(ctx, index, ids, nil)
	if client.FailureType(err) == "index_not_found_exception" { // nothing is stored yet
		all := make([]stored, len(ids))
		for i := range all {
			all[i].version = change.NoVersion
		}
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	return readDocuments(reply.Body, len(ids))
}

// deleted says that a source is a tombstone's: its row was deleted.
func deleted(source []byte) bool {
	found := false
	var r raw.Reader
	r.Lenient(source)
	_ = r.Object(func(name []byte) error { // what is no object is no tombstone
		found = found || string(name) == rotation.Deleted
		return r.Skip()
	})
	return found
}

// readDocuments reads {"docs": [{"_version": 7, "found": true, "_source": {...}}, ...]}. A
// document that could not be looked for, or an answer that is not whole, is an error: it
// may be stored.
func readDocuments(text []byte, want int) ([]stored, error) {
	all := make([]stored, 0, want)
	unsure := false
	var r raw.Reader
	r.Lenient(text)
	err := r.Object(func(name []byte) error {
		if string(name) != "docs" {
			return r.Skip()
		}
		return r.Array(func() error {
			one, told := stored{version: change.NoVersion}, false
			err := r.Object(func(name []byte) error {
				value, err := r.Value()
				switch string(name) {
				case "_version":
					one.version, _ = strconv.ParseInt(string(value), 10, 64)
				case "_source":
					one.source = bytes.Clone(value)
				case "found":
					one.found, told = bytes.Equal(value, []byte("true")), true
				}
				return err
			})
			if deleted(one.source) {
				one.source = nil
			}
			all, unsure = append(all, one), unsure || !told
			return err
		})
	})
	if err != nil || unsure || len(all) != want {
		return nil, fault.Wrap(fault.Unavailable, "OpenSearch's answer on "+strconv.Itoa(want)+" documents is not whole", err)
	}
	return all, nil
}

func (l lookup) Versions(ctx context.Context, index string, ids []string) ([]int64, error) {
	reply, err := l.mget(ctx, index, ids, bare)
	if err != nil {
		return nil, err
	}
	documents, err := readDocuments(reply.Body, len(ids))
	all := make([]int64, len(documents))
	for i, d := range documents {
		all[i] = d.version
	}
	return all, err
}
