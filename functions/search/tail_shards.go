package main

import (
	"cmp"
	"context"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/client"
)

// shard is what the primary of a shard says of itself.
type shard struct {
	index, uuid string
	number      int
	name        string // of the node that it is on
	node        uint32 // the same, shorter
	last        int64  // everything up to this number is stored, on every copy
	highest     int64  // number given
	refreshes   int64  // of what searches see, since the node has it
}

// namesBytes is how many bytes of index names go into one request for statistics.
const namesBytes = 2000

// primaries asks each index for its shards: the primaries alone know what all copies have.
func (s *server) primaries(ctx context.Context, names []string) ([]shard, error) {
	var all []shard
	for len(names) > 0 {
		n, size := 0, 0
		for n < len(names) && (n == 0 || size+len(names[n]) < namesBytes) {
			size += len(names[n]) + 1
			n++
		}
		reply, err := s.opensearch.Do(ctx, client.Call{
			Operation: "tail.shards", Method: http.MethodGet, Accept: []int{http.StatusNotFound},
			Path: []string{strings.Join(names[:n], ","), "_stats", "refresh"}, Query: url.Values{
				"level": {"shards"}, "ignore_unavailable": {"true"},
				"filter_path": {"indices.*.uuid,indices.*.shards.*.routing,indices.*.shards.*.seq_no,indices.*.shards.*.refresh.external_total"},
			},
		})
		if err != nil {
			return nil, err
		}
		if reply.Status == http.StatusNotFound { // Serverless; missing indices are ignored
			return nil, refuse(http.StatusNotImplemented, "not_implemented",
				"this OpenSearch does not tell its shards' positions (_stats), which a tail needs: search by since= instead")
		}
		if all, err = readShards(all, reply.Body); err != nil {
			return nil, unreadable(err)
		}
		names = names[n:]
	}
	slices.SortFunc(all, func(a, b shard) int {
		return cmp.Or(strings.Compare(a.index, b.index), cmp.Compare(a.number, b.number))
	})
	return all, nil
}

func readShards(all []shard, body []byte) ([]shard, error) {
	var reply struct {
		Indices map[string]struct {
			UUID   string `json:"uuid"`
			Shards map[string][]struct {
				Routing struct {
					State   string `json:"state"`
					Primary bool   `json:"primary"`
					Node    string `json:"node"`
				} `json:"routing"`
				Refresh struct {
					External int64 `json:"external_total"`
				} `json:"refresh"`
				Numbers *struct {
					Highest int64 `json:"max_seq_no"`
					Global  int64 `json:"global_checkpoint"`
				} `json:"seq_no"`
			} `json:"shards"`
		} `json:"indices"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return nil, err
	}
	for name, index := range reply.Indices {
		for key, copies := range index.Shards {
			number, err := strconv.Atoi(key)
			if err != nil {
				return nil, err
			}
			for _, c := range copies {
				if r := c.Routing; r.Primary && c.Numbers != nil && (r.State == "STARTED" || r.State == "RELOCATING") {
					all = append(all, shard{name, index.UUID, number, r.Node, short(r.Node), c.Numbers.Global, c.Numbers.Highest, c.Refresh.External})
				}
			}
		}
	}
	return all, nil
}

func short(node string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(node))
	return h.Sum32()
}
