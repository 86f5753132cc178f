package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
)

// reply is what a shard found.
type reply struct {
	followed
	hits    []stored
	more    bool   // it may have more
	failure string // why its answer cannot be used; its place stays
}

// stored is a document with its place in its shard.
type stored struct {
	hit
	number int64
	time   *int64 // of the event, Unix milliseconds
}

// search asks each shard by itself, on the very node whose word is believed.
func (f *follower) search(ctx context.Context, pending []followed) ([]reply, error) {
	each := max(1, (f.size+len(pending)-1)/len(pending))
	budget, err := f.budget(ctx)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	for _, s := range pending {
		text, err := f.tail.Stored(s.next, s.last, s.seen, each, budget*3/4)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&body, `{"index":%q,"preference":"_shards:%d|_only_nodes:%s","cancel_after_time_interval":"%dms"}`+"\n%s\n",
			s.index, s.number, s.name, budget.Milliseconds(), text)
	}
	release, err := f.bulkhead.enter(as(ctx, tailing))
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, budget+grace)
	answer, err := f.opensearch.Do(within, client.Call{
		Operation: "tail", Method: http.MethodPost, Path: []string{"_msearch"}, Body: body.Bytes(), Index: f.v.Name, Idempotent: true,
	})
	cancel()
	release()
	if fault.KindOf(err) == fault.TooLarge && each > 1 {
		f.size = each * len(pending) / 4
		return f.search(ctx, pending)
	}
	if err != nil {
		return nil, err
	}
	replies, err := readReplies(answer.Body, pending, each)
	if err != nil {
		return nil, err
	}
	for _, r := range replies {
		for i := range r.hits {
			d := &r.hits[i].hit
			d.Source = f.tail.Hidden().Cut(d.Source)
			if err := d.mark(f.tail.Request); err != nil {
				return nil, unreadable(err)
			}
		}
	}
	return replies, nil
}

func readReplies(body []byte, pending []followed, each int) ([]reply, error) {
	var answer struct {
		Responses []struct {
			found
			Status int `json:"status"`
			Error  struct {
				Type string `json:"type"`
			} `json:"error"`
		} `json:"responses"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, unreadable(err)
	}
	if len(answer.Responses) != len(pending) {
		return nil, unreadable(fmt.Errorf("%d responses to %d searches", len(answer.Responses), len(pending)))
	}
	replies := make([]reply, len(pending))
	for i, r := range answer.Responses {
		replies[i].followed = pending[i]
		switch {
		case r.Status != http.StatusOK:
			replies[i].failure = r.Error.Type
		case r.Hits == nil || r.TimedOut || r.Shards.Total != 1 || missed(r.found) > 0:
			replies[i].failure = "not answered in time"
		default:
			replies[i].more = len(r.Hits.Hits) == each
			for _, h := range r.Hits.Hits {
				one, err := numbered(h)
				if err != nil {
					return nil, unreadable(err)
				}
				replies[i].hits = append(replies[i].hits, one)
			}
		}
	}
	return replies, nil
}

// numbered reads a hit's sort values: its number, and the event's time.
func numbered(h hit) (stored, error) {
	var sort []int64
	if err := json.Unmarshal(h.Sort, &sort); err != nil {
		return stored{}, err
	}
	if len(sort) == 0 {
		return stored{}, fmt.Errorf("no sort values")
	}
	one := stored{hit: h, number: sort[0]}
	if len(sort) > 1 && sort[1] != 1<<63-1 { // which stands for none
		one.time = &sort[1]
	}
	return one, nil
}

// failed says which shards' answers cannot be used.
func (n *news) failed(replies []reply) {
	var failures []string
	for _, r := range replies {
		if r.failure == "" {
			continue
		}
		n.Shards.Failed++
		n.Shards.Successful--
		failures = append(failures, fmt.Sprintf("shard %d of %s (%s)", r.shard.number, r.index, r.failure))
		if !slices.Contains(n.FailedIndices, r.index) {
			n.FailedIndices = append(n.FailedIndices, r.index)
		}
	}
	if len(failures) > 0 {
		n.reason("their documents come later: %s", join(failures, 5))
	}
}

// join names the first ones.
func join(list []string, most int) string {
	var out bytes.Buffer
	for i, text := range list {
		if i == most {
			fmt.Fprintf(&out, " and %d more", len(list)-i)
			break
		}
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(text)
	}
	return out.String()
}
