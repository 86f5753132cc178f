package main

import (
	"context"

	"github.com/sluice-dev/sluice/shared/fault"
)

// work is a kind of work that must not starve searches.
type work string

// The kinds beside searching itself, and how many questions of each an environment has
// under way at once. On Lambda an environment answers one request at a time; there
// reserved concurrency does the same (docs/cache.md). All connections are 32.
const (
	exporting work = "export"
	tailing   work = "tail"
)

var berths = map[work]int{exporting: 4, tailing: 8}

type workKey struct{}

// as is ctx for questions of this kind.
func as(ctx context.Context, w work) context.Context { return context.WithValue(ctx, workKey{}, w) }

// bulkhead has so many places for each kind of work; searches need none.
type bulkhead struct{ places map[work]chan struct{} }

func newBulkhead() *bulkhead {
	b := &bulkhead{map[work]chan struct{}{}}
	for w, n := range berths {
		b.places[w] = make(chan struct{}, n)
	}
	return b
}

// enter waits for a place of ctx's kind; release gives it back.
func (b *bulkhead) enter(ctx context.Context) (release func(), err error) {
	w, _ := ctx.Value(workKey{}).(work)
	places, ok := b.places[w]
	if !ok {
		return func() {}, nil
	}
	ctx, cancel := answerable(ctx)
	defer cancel()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Throttled, "too many requests of this kind ("+string(w)+") are under way: try again later", ctx.Err())
	}
}
