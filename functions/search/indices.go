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
			n, _ := strconv.Atoi(r.Pri)
			l.shards[r.Index] = max(n, 1)
		}
	}
	return nil
}

// shards counts those of the names that covering gave, as far as they are listed, and those
// that hold one moment: of one period, or all where the names are not of periods.
func (x *indices) shards(p rotation.Policy, names []string) (all, moment int) {
	patterns := p.ReadTargets(time.Time{}, time.Time{}).Patterns
	periods := patterns != nil
	if !periods {
		patterns = names
	}
	x.mu.Lock()
	l := x.lists[strings.Join(patterns, ",")]
	x.mu.Unlock()
	for name, n := range l.shards {
		if !periods || slices.Contains(names, name) {
			all, moment = all+n, max(moment, n)
		}
	}
	if !periods {
		moment = all
	}
	return all, moment
}
