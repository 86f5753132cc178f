package main

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// primary is a shard as far as a tail sees it: writers are given numbers in order and
// finish in any, a refresh takes time, and shows what was finished when it began.
type primary struct {
	node      int
	next      int64
	writing   []int64
	finished  map[int64]bool
	begun     []int64 // what the refresh under way will show; nil: none is
	visible   map[int64]bool
	refreshes int64
	clock     time.Time
	dirty     time.Time // since when something is not searchable
	quiet     bool      // nobody writes any more
}

func newPrimary() *primary {
	return &primary{finished: map[int64]bool{}, visible: map[int64]bool{}, clock: noon}
}

// step does one of the things that a shard does by itself.
func (p *primary) step(r *rand.Rand) {
	p.clock = p.clock.Add(time.Duration(r.IntN(500)) * time.Millisecond)
	switch n := r.IntN(100); {
	case n < 40 && len(p.writing) < 4 && !p.quiet:
		p.writing = append(p.writing, p.next)
		p.next++
	case n < 80:
		p.finish(r)
	case n < 90 && p.begun == nil:
		p.begin()
	case n < 98 && p.begun != nil:
		p.end()
	case n == 99 && r.IntN(8) == 0:
		p.move()
	}
	if p.clock.Sub(p.dirty) > 10*time.Second && p.stale() { // the schedule of refreshes
		if p.begun != nil {
			p.end()
		}
		p.begin()
		p.end()
	}
}

func (p *primary) finish(r *rand.Rand) {
	if len(p.writing) == 0 {
		return
	}
	if !p.stale() {
		p.dirty = p.clock
	}
	i := r.IntN(len(p.writing))
	p.finished[p.writing[i]] = true
	p.writing = slices.Delete(p.writing, i, i+1)
}

func (p *primary) begin() {
	p.begun = []int64{}
	for n := range p.finished {
		if !p.visible[n] {
			p.begun = append(p.begun, n)
		}
	}
}

func (p *primary) end() {
	changed := len(p.begun) > 0
	for _, n := range p.begun {
		p.visible[n] = true
	}
	if p.begun, p.dirty = nil, p.clock; changed {
		p.refreshes++ // OpenSearch counts only those that showed something
	}
}

func (p *primary) stale() bool { return len(p.visible) < len(p.finished) }

// move makes a copy on another node the primary. Its searches have been refreshed at
// other times: some of what was searchable is not yet.
func (p *primary) move() {
	p.node++
	p.refreshes, p.begun, p.dirty = int64(p.node%3), nil, p.clock
	for n := range p.visible {
		if n%3 == 0 {
			delete(p.visible, n)
		}
	}
}

func (p *primary) says() shard {
	last := int64(-1)
	for p.finished[last+1] {
		last++
	}
	name := fmt.Sprint("node", p.node)
	return shard{"i", "uuid0000", 0, name, short(name), last, p.next - 1, p.refreshes}
}

// finds is what a search on that node finds of every match-th document.
func (p *primary) finds(f followed, size int, match int64) reply {
	if f.name != fmt.Sprint("node", p.node) {
		return reply{followed: f, failure: "no data nodes"}
	}
	out := reply{followed: f}
	for n := f.next; n <= f.last && len(out.hits) < size; n++ {
		seen := slices.ContainsFunc(f.seen, func(r query.Run) bool { return n >= r.From && n < r.From+r.Length })
		if p.visible[n] && !seen && n%match == 0 {
			out.hits = append(out.hits, stored{hit: hit{ID: fmt.Sprint(n)}, number: n})
		}
	}
	out.more = len(out.hits) == size
	return out
}

// watch follows the shard as a tail does, by requests of a few looks each.
type watch struct {
	f     follower
	match int64
	shown map[int64]int
}

func (w *watch) look(p *primary, r *rand.Rand) {
	w.f.asked = map[shardKey]sight{}
	for range 1 + r.IntN(3) {
		says := p.says()
		for range r.IntN(6) { // things go on between a shard's word and its search
			p.step(r)
		}
		all := w.f.place.follow([]shard{says}, false, true, false)
		if !all[0].look(says, p.clock, settledOf(rotation.Config{})) {
			panic("lost")
		}
		if all[0].next > says.last || w.f.asked[all[0].key()] == all[0].sight() {
			continue
		}
		var n news
		for _, d := range w.f.take([]reply{p.finds(all[0], w.f.tail.Size, w.match)}, &n) {
			w.shown[d.number]++
		}
	}
	var err error
	if w.f.place, err = readPlace(w.f.place.bytes()); err != nil {
		panic(err)
	}
}

// However writers, refreshes, moves of the primary and looks interleave, every document
// that matches is shown exactly once.
func TestTailMissesAndRepeatsNothingHoweverWritesAndRefreshesInterleave(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's choices
		p := newPrimary()
		w := &watch{match: 1 + int64(seed%3), shown: map[int64]int{}}
		w.f = follower{server: &server{limit: maxAnswer, log: slog.New(slog.NewTextHandler(io.Discard, nil))}, tail: query.Tail{}}
		w.f.tail.Size = 1 + r.IntN(8)
		for range 300 {
			p.step(r)
			if r.IntN(4) == 0 {
				w.look(p, r)
			}
		}
		for p.quiet = true; len(p.writing) > 0; {
			p.finish(r)
		}
		for range 800 {
			p.step(r)
			w.look(p, r)
		}
		for n := int64(0); n < p.next; n++ {
			want := 1
			if n%w.match != 0 {
				want = 0
			}
			if w.shown[n] != want {
				t.Fatalf("seed %d: document %d of %d was shown %d times; place %+v", seed, n, p.next, w.shown[n], w.f.place.Shards["uuid0000"][0])
			}
		}
	}
}

func TestTailCursorFitsIntoARequestHoweverMuchItFollows(t *testing.T) {
	p := place{Floor: "a-collection-of-quite-a-long-name-2026-05-17", Shards: map[string][]*spot{}}
	for i := range maxFollowed {
		s := &spot{next: 1e11, mark: &mark{last: 1e11 + 1e7, refreshes: 1e7, node: 1<<32 - 1, at: 1e10}}
		for j := range maxRuns / maxFollowed {
			s.seen = append(s.seen, query.Run{From: s.next + int64(j)*1000, Length: 200})
		}
		p.Shards[fmt.Sprintf("k%07d", i)] = []*spot{s}
	}
	tail, err := query.ReadTail(query.Schema{Collection: "c"}, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	if next := tail.Next(p.bytes()); len(next) > 7500 {
		t.Errorf("%d bytes", len(next))
	}
}
