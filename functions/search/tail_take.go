package main

import (
	"cmp"
	"slices"
)

// taking is a shard's reply while its documents are taken one by one.
type taking struct {
	*reply
	shown []int64
	full  bool // the cursor can name no more of its documents
}

// take chooses what is shown, at most a page and what an answer can carry: of each shard
// its documents in their order, among shards the older event first. It moves the places.
func (f *follower) take(replies []reply, n *news) []stored {
	all := make([]taking, len(replies))
	for i := range replies {
		all[i].reply = &replies[i]
	}
	var out []stored
	runs, room := f.place.runs(), f.limit
	for len(out) < f.tail.Size {
		t := oldest(all)
		if t == nil {
			break
		}
		one := t.hits[len(t.shown)]
		if t.starts(one.number) {
			if runs >= maxRuns {
				t.full = true
				continue
			}
			runs++
		}
		if weight(one.hit) > f.limit {
			n.reason("document %q is larger than an answer may be, its source was left out: ask for parts of it with fields=", one.ID)
			one.Source, one.Highlight = nil, nil
		}
		if room -= weight(one.hit); room < 0 {
			break
		}
		out, t.shown = append(out, one), append(t.shown, one.number)
	}
	held := false
	for _, t := range all {
		held = held || t.full
		f.settle(t)
	}
	if held {
		n.reason("more became searchable at once than a cursor can name: the rest comes when it is certain that nothing is missing before it, in %s at most", f.settled)
	}
	slices.SortStableFunc(out, func(a, b stored) int { return cmp.Compare(eventTime(a), eventTime(b)) })
	return out
}

// oldest is the shard whose next document's event is the oldest.
func oldest(all []taking) (best *taking) {
	for i := range all {
		t := &all[i]
		if t.full || len(t.shown) == len(t.hits) {
			continue
		}
		if best == nil || eventTime(t.hits[len(t.shown)]) < eventTime(best.hits[len(best.shown)]) {
			best = t
		}
	}
	return best
}

func eventTime(d stored) int64 {
	if d.time == nil {
		return 0
	}
	return *d.time
}

// starts says whether the cursor needs another run for the number.
func (t *taking) starts(number int64) bool {
	if number <= t.certain() {
		return false
	}
	if k := len(t.shown); k > 0 && t.shown[k-1] == number-1 {
		return false
	}
	k := len(t.seen)
	return k == 0 || t.seen[k-1].From+t.seen[k-1].Length != number
}

// settle moves a shard's place behind what was shown of it.
func (f *follower) settle(t taking) {
	if t.failure != "" {
		return
	}
	whole := len(t.shown) == len(t.hits) && !t.more
	if whole || t.full { // until something changes, another search would find no more to show
		f.asked[t.key()] = t.sight()
	} else {
		delete(f.asked, t.key())
	}
	covered := t.last
	if !whole {
		covered = t.next - 1
		if k := len(t.shown); k > 0 {
			covered = t.shown[k-1]
		}
	}
	t.advance(t.shown, covered)
}
