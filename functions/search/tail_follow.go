package main

import (
	"context"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// A tail asks again after a wait that grows from first to most.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = 2 * time.Second
)

// follower is one request for the next documents of a tail.
type follower struct {
	*server
	v      view
	tail   query.Tail
	place  place
	begins bool
	asked  map[shardKey]sight
	size   int // documents of one shard's reply at most; less where replies were too large
	// settled is after how long what was stored is certainly searchable; zero: never.
	settled time.Duration
}

type shardKey struct {
	index  string
	number int
}

// sight is all that decides what a search of a shard finds.
type sight struct {
	node          uint32
	refreshes     int64
	last, certain int64
}

// news is what one look at the shards found.
type news struct {
	documents []stored
	completeness
}

// await looks until there are documents or the wait is over. What fails meanwhile is tried
// again: the cursor that the caller has stays good. Who has none yet gets one at once.
func (f *follower) await(ctx context.Context) (news, error) {
	over := time.NewTimer(f.within(ctx))
	defer over.Stop()
	for pause := firstPause; ; pause = min(pause*3/2, mostPause) {
		n, err := f.look(ctx)
		if err == nil && (len(n.documents) > 0 || f.tail.Place == nil) || err != nil && !fault.KindOf(err).Temporary() {
			return n, err
		}
		if f.tail.Wait == 0 {
			return n, err
		}
		next := time.NewTimer(pause)
		select {
		case <-next.C:
		case <-over.C:
			next.Stop()
			return n, err
		case <-ctx.Done():
			next.Stop()
			return n, fault.Wrap(fault.Timeout, "no time is left for this tail", ctx.Err())
		}
	}
}

// within is how long the tail may wait: a last look has to fit into the invocation.
func (f *follower) within(ctx context.Context) time.Duration {
	wait := f.tail.Wait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, deadline.Sub(f.now())-f.cfg.timeout()-reserve-grace)
	}
	return max(wait, 0)
}

// look finds what the followed shards have to show since the last time.
func (f *follower) look(ctx context.Context) (news, error) {
	shards, n, err := f.shards(ctx)
	if err != nil {
		return news{}, err
	}
	var pending []followed
	for _, s := range shards {
		if !s.look(s.shard, f.now(), f.settled) {
			n.reason("shard %d of %s has lost its newest documents: of those stored since, some may have been passed over", s.number, s.index)
		}
		if s.next <= s.last && f.asked[s.key()] != s.sight() {
			pending = append(pending, s)
		}
	}
	if len(pending) == 0 {
		return n, nil
	}
	replies, err := f.search(ctx, pending)
	if err != nil {
		return news{}, err
	}
	n.failed(replies)
	n.documents = f.take(replies, &n)
	return n, nil
}

// shards are those that are followed, with a place in each.
func (f *follower) shards(ctx context.Context) ([]followed, news, error) {
	n := news{completeness: judge(found{}, targets{})}
	p, err := f.positions(ctx, f.begins)
	if err == nil && f.place.lacks(p.shards) { // of a list that may be older than the cursor
		p, err = f.positions(ctx, true)
	}
	if err != nil {
		return nil, n, err
	}
	if len(p.away) > 0 && f.begins {
		return nil, n, fault.New(fault.Unavailable, "a tail cannot begin while shards have no primary: "+strings.Join(p.away, ", "))
	}
	n.completeness = judge(found{}, p.where)
	n.Shards.Total, n.Shards.Successful = len(p.shards)+len(p.away), len(p.shards)
	n.Shards.Failed = len(p.away)
	if len(p.away) > 0 {
		n.reason("shards without a primary were not looked into, their documents come when it is back: %s", strings.Join(p.away, ", "))
	}
	if p.left > 0 {
		n.reason("of this many indices only the newest are followed: %d before %s are not; since= or from= says which are meant", p.left, f.place.Floor)
	}
	begins := f.begins
	f.begins = false
	unsure := len(p.away)+len(p.where.closed) > 0 || p.where.outdated != ""
	return f.place.follow(p.shards, begins, !f.tail.From.IsZero(), unsure), n, nil
}

// positions are the shards that the list of indices knows, and what it lacks.
type positions struct {
	where  targets
	shards []shard
	away   []string // shards without a primary
	left   int      // indices that are not followed
}

// positions asks the shards; fresh: by a list of indices of this moment.
func (f *follower) positions(ctx context.Context, fresh bool) (p positions, err error) {
	where, primaries, err := f.indices.concrete(ctx, f.v.Policy, f.tail.From, f.tail.To, fresh)
	if err != nil {
		return p, err
	}
	names, left := f.place.choose(where.names, primaries)
	shards, err := f.primaries(ctx, names)
	return positions{where, shards, missing(names, primaries, shards), left}, err
}

func (f followed) key() shardKey { return shardKey{f.uuid, f.shard.number} }

func (f followed) sight() sight { return sight{f.node, f.refreshes, f.last, f.certain()} }
