package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// listed is how long a list of indices is believed. What is written about now is found
// without it.
const listed = 5 * time.Second

// outdated is how long one may be used, and told of, when OpenSearch gives no other.
const outdated = 10 * time.Minute

// indices knows which indices a range of time lies in.
type indices struct {
	opensearch Searcher
	now        func() time.Time
	cache      *cache.Cache

	mu    sync.Mutex
	lists map[string]list
}

type list struct {
	at           time.Time
	open, closed []string
	shards       map[string]int    // primaries of each open index
	writes       map[string]string // what changes when an index is made anew or written to
	outdated     string            // why it is older than listed
}

// targets are what a search names, and what it would have to name but cannot.
type targets struct {
	names      []string
	closed     []string
	generation uint64 // of the names; changes when one of them is made anew or written to
	outdated   string // a sentence, where OpenSearch gave no list of these days
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
		return targets{names: read.Names, closed: l.closed, generation: l.generation(slices.Sorted(maps.Keys(l.writes))), outdated: l.outdated}, err
	}
	l, err := x.list(ctx, patterns)
	if err != nil {
		return targets{}, err
	}
	t := targets{names: read.Names, closed: rotation.Existing(p, read, l.closed), outdated: l.outdated}
	if len(read.Patterns) > 0 {
		t.names = append(rotation.Existing(p, read, l.open), x.current(p, from, to)...)
	}
	slices.Sort(t.names)
	t.names = slices.DeleteFunc(slices.Compact(t.names), func(name string) bool { return slices.Contains(t.closed, name) })
	t.generation = l.generation(t.names)
	return t, nil
}

// afresh is covering by a list of this moment.
func (x *indices) afresh(ctx context.Context, p rotation.Policy, from, to time.Time) (targets, error) {
	if _, err := x.fetch(ctx, strings.Join(listedBy(p), ","), cache.Windows{Stale: outdated}); err != nil {
		return targets{}, err
	}
	return x.covering(ctx, p, from, to)
}

// lacks says that an answer came of fewer shards than are listed: an index may have been
// closed or deleted since.
func (x *indices) lacks(p rotation.Policy, t targets, f found) bool {
	all, _ := x.shards(p, t.names)
	return f.Hits != nil && f.cache == nil && f.Shards.Total < all
}

// since is t with the indices that were closed before the answer came. Where the list of now
// does not say which shards were missing, the answer is not whole all the same: an index may
// have been opened again.
func (x *indices) since(ctx context.Context, p rotation.Policy, from, to time.Time, t targets, f found) targets {
	if !x.lacks(p, t, f) {
		return t
	}
	now, err := x.afresh(ctx, p, from, to)
	if err == nil {
		t.closed, t.outdated = now.closed, now.outdated
	}
	if t.outdated == "" && x.lacks(p, t, f) {
		t.outdated = "fewer shards answered than there are: documents may be missing"
	}
	return t
}

// listedBy are the patterns of a policy's list.
func listedBy(p rotation.Policy) []string {
	all := p.ReadTargets(time.Time{}, time.Time{})
	if all.Patterns == nil {
		return all.Names
	}
	return all.Patterns
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
	cover := x.covering
	if fresh {
		cover = x.afresh
	}
	t, err := cover(ctx, p, from, to)
	if err != nil || len(t.names) == 0 {
		return t, nil, err
	}
	l, err := x.list(ctx, listedBy(p))
	if p.ReadTargets(time.Time{}, time.Time{}).Patterns == nil {
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
	return x.fetch(ctx, key, cache.Windows{Fresh: listed, Stale: outdated})
}

// fetch is a list from the cache, as far as its windows allow, or from OpenSearch.
func (x *indices) fetch(ctx context.Context, key string, w cache.Windows) (list, error) {
	q := cache.Question{Key: cache.KeyOf("indices", key), Windows: w}
	answer, err := x.cache.Find(ctx, q, func() ([]byte, bool, error) { return x.ask(ctx, key) })
	if err != nil {
		return list{}, err
	}
	l := list{at: answer.Stored}
	if answer.Cause != nil {
		l.outdated = fmt.Sprintf("OpenSearch did not say which indices there are: newer ones than %s ago may be missing", answer.Age.Round(time.Second))
	}
	if err := l.read(answer.Body); err != nil {
		return list{}, err
	}
	x.mu.Lock()
	x.lists[key] = l
	x.mu.Unlock()
	return l, nil
}

// ask is a list from OpenSearch, empty where nothing is.
func (x *indices) ask(ctx context.Context, patterns string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := x.opensearch.Do(ctx, client.Call{
		Operation: "index.list", Method: http.MethodGet, Path: []string{"_cat", "indices", patterns}, Accept: []int{http.StatusNotFound},
		Query: url.Values{"format": {"json"}, "h": {"index,status,pri,uuid,docs.count,docs.deleted,pri.indexing.index_total,pri.indexing.delete_total,refresh.external_total"}, "expand_wildcards": {"all"}},
	})
	if reply.Status == http.StatusNotFound {
		return []byte("[]"), true, err
	}
	return reply.Body, true, err
}

func (l *list) read(body []byte) error {
	var rows []struct {
		Index, Status, UUID, Pri string
		Documents                string `json:"docs.count"`
		Deleted                  string `json:"docs.deleted"`
		Written                  string `json:"pri.indexing.index_total"`
		Removed                  string `json:"pri.indexing.delete_total"`
		Refreshed                string `json:"refresh.external_total"` // of all copies: what was written before can be found
	}
	if err := json.Unmarshal(body, &rows); err != nil {
		return unreadable(err)
	}
	l.shards = map[string]int{}
	l.writes = map[string]string{}
	for _, r := range rows {
		if r.Status == "close" {
			l.closed = append(l.closed, r.Index)
		} else {
			l.open = append(l.open, r.Index)
			l.shards[r.Index], _ = strconv.Atoi(r.Pri)
		}
		l.writes[r.Index] = strings.Join([]string{r.UUID, r.Documents, r.Deleted, r.Written, r.Removed, r.Refreshed}, "/")
	}
	return nil
}

// generation is a digest of what was written to the indices named.
func (l *list) generation(names []string) uint64 {
	h := fnv.New64a()
	for _, name := range names {
		_, _ = fmt.Fprintf(h, "%s=%s,", name, l.writes[name])
	}
	return h.Sum64()
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
		if n = max(n, 1); !periods || slices.Contains(names, name) {
			all, moment = all+n, max(moment, n)
		}
	}
	if !periods {
		moment = all
	}
	return all, moment
}
