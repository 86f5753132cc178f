package main

import (
	"context"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/fault"
)

// shelf reads documents from the cluster in memory.
type shelf struct{ cluster *bulktest.Cluster }

func (s shelf) Documents(_ context.Context, index string, ids []string) ([]stored, error) {
	all := make([]stored, len(ids))
	for i, id := range ids {
		all[i].version = change.NoVersion
		if d, ok := s.cluster.Get(index, id); ok {
			all[i] = stored{version: d.Version, source: []byte(d.Body)}
		}
	}
	return all, nil
}

// unreadable is a cluster that does not answer.
type unreadable struct{}

func (unreadable) Documents(context.Context, string, []string) ([]stored, error) {
	return nil, fault.New(fault.Unavailable, "no answer")
}
