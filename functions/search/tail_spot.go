package main

import (
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/query"
)

// spot is how far a tail has come in one shard. Sequence numbers are given in the order of
// writing, but become searchable a little out of it: writers work at the same time, and a
// refresh can show the number n+1 without n. So a number is done with only when a refresh
// is known to have begun after everything up to it was stored. What is shown before that
// is in seen, and what turns up between is shown then.
type spot struct {
	next int64 // numbers below it are done with
	mark *mark
	seen []query.Run // shown, from next on
}

// mark is what the shard said of itself once: everything up to last was stored.
type mark struct {
	last      int64
	refreshes int64
	node      uint32
	at        int64 // Unix seconds
	proven    bool  // all of it is searchable on that node
}

// judge asks whether the mark's documents are certainly searchable by now: a second
// refresh since began after it, or so much time has passed (settle; zero: never) that
// there was nothing left to refresh.
func (m *mark) judge(s shard, now time.Time, settle time.Duration) {
	m.proven = m.proven || s.refreshes >= m.refreshes+2 || settle > 0 && now.Sub(time.Unix(m.at, 0)) >= settle
}

// look compares the spot with what its shard says now; false: the shard has lost documents.
func (p *spot) look(s shard, now time.Time, settle time.Duration) bool {
	if s.highest+1 < p.next {
		*p = spot{next: s.highest + 1}
		return false
	}
	if p.mark != nil && p.mark.node != s.node { // which is refreshed at times of its own
		p.mark = nil
	}
	if p.mark != nil {
		p.mark.judge(s, now, settle)
	}
	if p.mark == nil && p.next <= s.last {
		p.mark = &mark{last: s.last, refreshes: s.refreshes, node: s.node, at: now.Unix() + 1} // at is rounded up
	}
	return true
}

// certain is the last number up to which the search that follows finds everything.
func (p *spot) certain() int64 {
	if p.mark != nil && p.mark.proven {
		return p.mark.last
	}
	return p.next - 1
}

// advance takes in that of what a search found up to last the first ones were shown, up to
// the number covered (last, if it was all of them).
func (p *spot) advance(shown []int64, covered int64) {
	for _, n := range shown {
		p.seen = include(p.seen, n)
	}
	done := min(p.certain(), covered)
	if p.mark != nil && done >= p.mark.last {
		p.mark = nil
	}
	p.next = max(p.next, done+1)
	p.seen = after(p.seen, p.next)
}

// include puts n, which is not in it, into the runs.
func include(runs []query.Run, n int64) []query.Run {
	i, _ := slices.BinarySearchFunc(runs, n, func(r query.Run, n int64) int { return int(r.From - n) })
	switch {
	case i > 0 && runs[i-1].From+runs[i-1].Length == n:
		runs[i-1].Length++
		if i < len(runs) && runs[i].From == n+1 {
			runs[i-1].Length += runs[i].Length
			runs = slices.Delete(runs, i, i+1)
		}
	case i < len(runs) && runs[i].From == n+1:
		runs[i].From, runs[i].Length = n, runs[i].Length+1
	default:
		runs = slices.Insert(runs, i, query.Run{From: n, Length: 1})
	}
	return runs
}

// after cuts off what lies below next.
func after(runs []query.Run, next int64) []query.Run {
	for len(runs) > 0 && runs[0].From < next {
		if end := runs[0].From + runs[0].Length; end > next {
			runs[0] = query.Run{From: next, Length: end - next}
			break
		}
		runs = runs[1:]
	}
	return runs
}
