package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// listed is how long a list of indices is believed. What is written about now is found
// without it.
const listed = 5 * time.Second

// indices knows which indices a range of time lies in.
type indices struct {
	opensearch Searcher
	now        func() time.Time

	mu    sync.Mutex
	lists map[string]list
}

type list struct {
	at           time.Time
	open, closed []string
	shards       map[string]int // primaries of each open index
}

// targets are what a search names, and what it would have to name but cannot.
type targets struct {
	names  []string
	closed []string
}

func newIndices(opensearch Searcher, now func() time.Time) *indices {
	return &indices{opensearch: opensearch, now: now, lists: map[string]list{}}
}

// covering names the indices that can hold documents of the range.
func (x *indices) covering(ctx context.Context, p rotation.Policy, from, to time.Time) (targets, error) {
	read := p.ReadTargets(from, to)
	if len(read.Names)+len(read.Patterns) == 0 {
		return targets{}, nil
	}
	patterns := p.ReadTargets(time.Time{}, time.Time{}).Patterns
	if patterns == nil { // one alias or data stream
		l, err := x.list(ctx, read.Names)
		return targets{read.Names, l.closed}, err
	}
	l, err := x.list(ctx, patterns)
	if err != nil {
		return targets{}, err
	}
	t := targets{names: read.Names, closed: rotation.Existing(p, read, l.closed)}
	if len(read.Patterns) > 0 {
		t.names = append(rotation.Existing(p, read, l.open), x.current(p, from, to)...)
	}
	slices.Sort(t.names)
	t.names = slices.DeleteFunc(slices.Compact(t.names), func(name string) bool { return slices.Contains(t.closed, name) })
	return t, nil
}

// current names the range's indices of these days, which may be younger than the list.
func (x *indices) current(p rotation.Policy, from, to time.Time) []string {
	first, last := x.now().Add(-25*time.Hour), x.now().Add(25*time.Hour)
	if from.After(first) {
		first = from
	}
	if !to.IsZero() && to.Before(last) {
		last = to
	}
	if !first.Before(last) {
		return nil
	}
	return p.ReadTargets(first, last).Names
}

// concrete names the existing indices themselves of a range, and counts their primaries.
// fresh asks for what is new since the last list.
func (x *indices) concrete(ctx context.Context, p rotation.Policy, from, to time.Time, fresh bool) (targets, map[string]int, error) {
	any := p.ReadTargets(time.Time{}, time.Time{})
	patterns := any.Patterns
	if patterns == nil {
		patterns = any.Names
	}
	if fresh {
		x.mu.Lock()
		delete(x.lists, strings.Join(patterns, ","))
		x.mu.Unlock()
	}
	t, err := x.covering(ctx, p, from, to)
	if err != nil || len(t.names) == 0 {
		return t, nil, err
	}
	l, err := x.list(ctx, patterns)
	if any.Patterns == nil {
		t.names = slices.Clone(l.open)
		return t, l.shards, err
	}
	young := x.current(p, from, to)
	t.names = slices.DeleteFunc(t.names, func(name string) bool { return l.shards[name] == 0 && !slices.Contains(young, name) })
	return t, l.shards, err
}

// list asks which indices there are, open and closed; a search skips closed ones silently.
func (x *indices) list(ctx context.Context, patterns []string) (list, error) {
	key := strings.Join(patterns, ",")
	x.mu.Lock()
	l, ok := x.lists[key]
	x.mu.Unlock()
	if ok && x.now().Sub(l.at) < listed {
		return l, nil
	}
	reply, err := x.opensearch.Do(ctx, client.Call{
		Operation: "index.list", Method: http.MethodGet, Path: []string{"_cat", "indices", key}, Accept: []int{http.StatusNotFound},
		Query: url.Values{"format": {"json"}, "h": {"index,status,pri"}, "expand_wildcards": {"all"}},
	})
	if err != nil {
		return list{}, err
	}
	l = list{at: x.now()}
	if reply.Status == http.StatusOK {
		if err := l.read(reply.Body); err != nil {
			return list{}, err
		}
	}
	x.mu.Lock()
	x.lists[key] = l
	x.mu.Unlock()
	return l, nil
}

func (l *list) read(body []byte) error {
	var rows []struct{ Index, Status, Pri string }
	if err := json.Unmarshal(body, &rows); err != nil {
		return unreadable(err)
	}
	l.shards = map[string]int{}
	for _, r := range rows {
		if r.Status == "close" {
			l.closed = append(l.closed, r.Index)
		} else {
			l.open = append(l.open, r.Index)
			l.shards[r.Index], _ = strconv.Atoi(r.Pri)
		}
	}
	return nil
}
