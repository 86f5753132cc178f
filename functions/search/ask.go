package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
)

const (
	reserve = 500 * time.Millisecond // of the invocation, to answer in
	grace   = 250 * time.Millisecond // for OpenSearch to say that it gave up
)

// found is what OpenSearch answers a search.
type found struct {
	Took     int64 `json:"took"`
	TimedOut bool  `json:"timed_out"`
	Shards   struct {
		Total      int `json:"total"`
		Successful int `json:"successful"`
		Skipped    int `json:"skipped"`
		Failed     int `json:"failed"`
		Failures   []struct {
			Index  string `json:"index"`
			Reason struct {
				Type string `json:"type"`
			} `json:"reason"`
		} `json:"failures"`
	} `json:"_shards"`
	Hits *struct {
		Total total `json:"total"`
		Hits  []hit `json:"hits"`
	} `json:"hits"`
	Aggregations json.RawMessage `json:"aggregations"`

	cache *remembered // nil: it is of this moment
}

// total is how many documents match; a search that asked not to have them counted has at
// least what it shows.
func (f found) total() total {
	if f.Hits.Total.Relation == "" {
		return total{int64(len(f.Hits.Hits)), "gte"}
	}
	return f.Hits.Total
}

type total struct {
	Value    int64  `json:"value"`
	Relation string `json:"relation"` // eq, or gte: a lower bound
}

// hit is a document; its parts stay the bytes that OpenSearch sent.
type hit struct {
	ID        string          `json:"_id"`
	Index     string          `json:"_index"`
	Source    json.RawMessage `json:"_source"`
	Sort      json.RawMessage `json:"sort"`
	Highlight json.RawMessage `json:"highlight"`

	Version int64 `json:"_version"` // where it was asked for

	gone  bool // it has no row any more
	stale bool // as it was indexed, because its row could not be read
}

// budget is how long OpenSearch may work on a search of this invocation.
func (s *server) budget(ctx context.Context) (time.Duration, error) {
	budget := s.cfg.timeout()
	if deadline, ok := ctx.Deadline(); ok {
		budget = min(budget, deadline.Sub(s.now())-reserve-grace)
	}
	if budget < 50*time.Millisecond {
		return 0, fault.New(fault.Timeout, "no time is left for this search")
	}
	return budget, nil
}

// answerable ends early enough to say what came of it.
func answerable(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// ask sends a search that neither side lets outlive the budget: OpenSearch answers with
// what it has at three quarters of it and stops at the whole; we wait a little longer.
func (s *server) ask(ctx context.Context, names []string, body func(time.Duration) ([]byte, error)) (found, error) {
	_, f, err := s.asked(ctx, names, body)
	return f, err
}

// asked is ask with the bytes that OpenSearch sent.
func (s *server) asked(ctx context.Context, names []string, body func(time.Duration) ([]byte, error)) ([]byte, found, error) {
	release, err := s.bulkhead.enter(ctx)
	if err != nil {
		return nil, found{}, err
	}
	defer release()
	budget, err := s.budget(ctx)
	if err != nil {
		return nil, found{}, err
	}
	text, err := body(budget * 3 / 4)
	if err != nil {
		return nil, found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, budget+grace)
	defer cancel()
	reply, err := s.opensearch.Search(ctx, names, text, url.Values{
		"ignore_unavailable":         {"true"},
		"allow_no_indices":           {"true"},
		"cancel_after_time_interval": {fmt.Sprintf("%dms", budget.Milliseconds())},
	})
	if fault.KindOf(err) == fault.Invalid && client.FailureType(err) != "" && client.FailureType(err) != "too_many_buckets_exception" {
		err = fault.Wrap(fault.Invalid, "OpenSearch refused the search: "+client.FailureType(err), err)
	}
	if err != nil {
		return nil, found{}, err
	}
	var f found
	err = f.read(reply.Body)
	return reply.Body, f, err
}

func unreadable(err error) error {
	return fault.Wrap(fault.Unavailable, "OpenSearch's answer cannot be read", err)
}
