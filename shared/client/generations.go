package client

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Generations lists the indices of an alias, or the backing indices of a data stream,
// newest first; none if there is none. A record that is delivered again after a
// rollover may be stored in an older one.
func (c *Client) Generations(ctx context.Context, alias string) ([]rotation.Index, error) {
	indices, err := c.look(ctx, alias)
	slices.SortFunc(indices, func(a, b rotation.Index) int { return b.Created.Compare(a.Created) })
	return indices, err
}

// Stored says which of the ids the index holds.
func (c *Client) Stored(ctx context.Context, index string, ids []string) (map[string]bool, error) {
	body, err := json.Marshal(map[string][]string{"ids": ids})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the ids cannot be written", err)
	}
	reply, err := c.Do(ctx, Call{Operation: "mget", Method: http.MethodPost, Path: []string{index, "_mget"},
		Query: query("_source", "false", "filter_path", "docs._id,docs.found,docs.error.type"), Body: body, Idempotent: true})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Docs []struct {
			ID    string `json:"_id"`
			Found bool
			Error *struct{ Type string }
		}
	}
	if err := decode(reply, &answer); err != nil {
		return nil, err
	}
	if len(answer.Docs) != len(ids) {
		return nil, fault.New(fault.Unavailable, "OpenSearch did not answer for every document")
	}
	stored := map[string]bool{}
	for _, doc := range answer.Docs {
		if doc.Error != nil {
			return nil, fault.New(fault.Unavailable, "OpenSearch could not look for a document: "+doc.Error.Type)
		}
		stored[doc.ID] = doc.Found
	}
	return stored, nil
}
