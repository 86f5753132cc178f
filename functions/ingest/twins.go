package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// aftermath looks whether an index was rolled over since it was asked. Another
// environment may have stored the same documents before, and this one after it: neither
// has seen the other's. Whoever looks later sees both copies, and removes the newer. What
// cannot be looked for has to come again.
func (d *delivery) aftermath(ctx context.Context, verdicts []bulk.Verdict) {
	byName := make(map[string][]int)
	for i, v := range verdicts {
		if item := d.items[i]; item.Target.Rolls() && (v.Outcome == bulk.Stored || v.Outcome == bulk.Duplicate) {
			byName[item.Target.Name] = append(byName[item.Target.Name], i)
		}
	}
	for name, members := range byName {
		generations, err := d.history.Generations(ctx, name)
		asked := slices.IndexFunc(generations, func(g rotation.Index) bool { return g.Name == d.newest[name] })
		if err == nil && asked == len(generations)-1 {
			continue
		}
		if err == nil {
			err = d.history.KeepFirst(ctx, names(generations[max(asked, 0):]), d.ids(members))
		}
		if err == nil {
			continue
		}
		d.problem.fail(err)
		for _, i := range members {
			verdicts[i] = bulk.Verdict{Outcome: bulk.Retry, Type: "rolled_over", Reason: "the index was rolled over meanwhile"}
		}
	}
}

func names(generations []rotation.Index) []string {
	all := make([]string, len(generations))
	for i, g := range generations {
		all[i] = g.Name
	}
	return all
}

func (d *delivery) ids(positions []int) []string {
	all := make([]string, len(positions))
	for n, i := range positions {
		all[n] = d.items[i].ID
	}
	return all
}

// copyOf is a document in one index, as a delete of exactly it names it.
type copyOf struct {
	Index string `json:"_index"`
	ID    string `json:"_id"`
	Seq   int64  `json:"if_seq_no"`
	Term  int64  `json:"if_primary_term"`
}

func (l lookup) KeepFirst(ctx context.Context, indices, ids []string) error {
	first := make(map[string]string, len(ids)) // an id may be asked for twice
	var twins []copyOf
	for _, index := range indices {
		for some := range slices.Chunk(ids, idsAtOnce) {
			found, err := l.copies(ctx, index, some)
			if err != nil {
				return err
			}
			for _, c := range found {
				if _, seen := first[c.ID]; !seen {
					first[c.ID] = index
				}
				if first[c.ID] != index {
					twins = append(twins, c)
				}
			}
		}
	}
	for some := range slices.Chunk(twins, idsAtOnce) {
		if err := l.remove(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (l lookup) copies(ctx context.Context, index string, ids []string) (all []copyOf, err error) {
	var answer struct {
		Docs []struct {
			ID    string `json:"_id"`
			Found *bool
			Seq   int64 `json:"_seq_no"`
			Term  int64 `json:"_primary_term"`
		}
	}
	reply, err := l.mget(ctx, index, ids, bare, http.StatusNotFound)
	if err != nil || reply.Status == http.StatusNotFound {
		return nil, err
	}
	if err := json.Unmarshal(reply.Body, &answer); err != nil || len(answer.Docs) != len(ids) {
		return nil, fault.Wrap(fault.Unavailable, "OpenSearch's answer on copies of documents is not whole", err)
	}
	for _, doc := range answer.Docs {
		switch {
		case doc.Found == nil:
			return nil, fault.New(fault.Unavailable, "OpenSearch could not look for a copy of a document")
		case *doc.Found:
			all = append(all, copyOf{index, doc.ID, doc.Seq, doc.Term})
		}
	}
	return all, nil
}

// remove deletes the copies as they were found; one that is gone by now is none.
func (l lookup) remove(ctx context.Context, twins []copyOf) error {
	var body []byte
	for _, twin := range twins {
		action, err := json.Marshal(map[string]copyOf{"delete": twin})
		if err != nil {
			return err
		}
		body = append(append(body, action...), '\n')
	}
	var answer struct {
		Items []struct{ Delete struct{ Status int } }
	}
	reply, err := l.client.Do(ctx, client.Call{Operation: "bulk", Method: http.MethodPost, Path: []string{"_bulk"}, Body: body, Idempotent: true})
	if err == nil {
		err = json.Unmarshal(reply.Body, &answer)
	}
	if err == nil && len(answer.Items) != len(twins) {
		err = fault.New(fault.Unavailable, "OpenSearch's answer on removed copies is not whole")
	}
	for _, item := range answer.Items {
		if s := item.Delete.Status; err == nil && s >= 300 && s != http.StatusNotFound && s != http.StatusConflict {
			err = fault.New(fault.Unavailable, fmt.Sprintf("a second copy of a document could not be removed (%d)", s))
		}
	}
	return err
}
