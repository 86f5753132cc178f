package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
)

// ask sends a search of the point in time, or of the indices where there is none.
func (p *pages) ask(ctx context.Context, body func(time.Duration) ([]byte, error)) (found, error) {
	limit := p.limit
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, deadline.Sub(p.now())-grace)
	}
	if limit < 50*time.Millisecond {
		return found{}, fault.New(fault.Timeout, "no time is left for this export")
	}
	text, err := body(limit * 3 / 4)
	if err != nil {
		return found{}, err
	}
	release, err := p.bulkhead.enter(as(ctx, exporting))
	if err != nil {
		return found{}, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, limit+grace)
	defer cancel()
	params := url.Values{"allow_partial_search_results": {"false"}, "cancel_after_time_interval": {fmt.Sprintf("%dms", limit.Milliseconds())}}
	var reply client.Reply
	if p.pit == "" {
		params.Set("ignore_unavailable", "true")
		reply, err = p.opensearch.Search(ctx, p.where.names, text, params)
	} else {
		reply, err = p.opensearch.Do(ctx, client.Call{
			Operation: "export", Method: http.MethodPost, Path: []string{"_search"}, Query: params, Body: text, Index: p.view.Name, Idempotent: true,
		})
	}
	if err != nil {
		return found{}, err
	}
	f, err := p.whole(reply)
	if err == nil && p.pit == "" && p.indices.lacks(p.view.Policy, p.where, f) {
		err = fault.New(fault.Unavailable, "an index was closed or deleted while it was exported")
	}
	return f, err
}

// whole refuses an answer that lacks anything.
func (p *pages) whole(reply client.Reply) (found, error) {
	var f struct {
		found
		PIT string `json:"pit_id"`
	}
	if err := json.Unmarshal(reply.Body, &f); err != nil {
		return found{}, unreadable(err)
	}
	if f.Hits == nil {
		return found{}, unreadable(fmt.Errorf("no hits in the reply"))
	}
	if c := judge(f.found, targets{}); !c.Complete {
		kind, cause := fault.Unavailable, fmt.Errorf("%d of %d shards failed", c.Shards.Failed, c.Shards.Total)
		if c.TimedOut {
			kind = fault.Timeout
		}
		for _, one := range f.Shards.Failures {
			if one.Reason.Type == missingContext {
				cause = errLost
			}
		}
		return found{}, fault.Wrap(kind, strings.Join(c.Reasons, "; "), cause)
	}
	if f.PIT != "" && p.pit != "" {
		p.pit = f.PIT // the newest is the one that lives
	}
	return f.found, nil
}
