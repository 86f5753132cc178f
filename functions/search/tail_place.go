package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// What a cursor can hold: API Gateway takes 10 kB of request line and headers.
const (
	maxFollowed = 60  // shards
	maxRuns     = 800 // of numbers shown and not done with
)

// place is how far a tail has come: all of its cursor that is not the search's own.
type place struct {
	Floor  string             // indices whose names are lesser are not followed
	Shards map[string][]*spot // by the index's uuid, shortened
}

// followed is a shard and where the tail is in it.
type followed struct {
	shard
	*spot
}

// keyed is enough of an index's uuid to tell it from the collection's others.
func keyed(uuid string) string { return uuid[:min(len(uuid), 8)] }

// choose keeps the newest indices whose shards a cursor can hold, and tells how many it
// leaves out. primaries counts each index's.
func (p *place) choose(names []string, primaries map[string]int) (kept []string, left int) {
	names = slices.Sorted(slices.Values(names))
	room := maxFollowed
	for i, name := range slices.Backward(names) {
		room -= max(primaries[name], 1)
		if name < p.Floor || room < 0 && len(kept) > 0 {
			left = i + 1
			break
		}
		kept = append(kept, name)
	}
	if left > 0 && len(kept) > 0 {
		p.Floor = max(p.Floor, kept[len(kept)-1])
	}
	return kept, left
}

// follow finds the spot of each shard. At the beginning (of all: from the first document
// on; else from now on) every shard gets one; later an index without a spot is new, and
// followed from its first document on. What has gone is forgotten, unless it is only away.
func (p *place) follow(shards []shard, begins, all bool, away bool) []followed {
	spots := map[string][]*spot{}
	out := make([]followed, len(shards))
	for i, s := range shards {
		key := keyed(s.uuid)
		list, known := spots[key]
		if !known {
			list = p.Shards[key]
		}
		for len(list) <= s.number {
			list = append(list, &spot{})
		}
		if begins && !all {
			list[s.number].next = s.last + 1
		}
		spots[key], out[i] = list, followed{s, list[s.number]}
	}
	for key, list := range p.Shards {
		if _, there := spots[key]; !there && away {
			spots[key] = list
		}
	}
	p.Shards = spots
	return out
}

// lacks says whether an index that the tail has been in is not among the shards.
func (p *place) lacks(shards []shard) bool {
	there := map[string]bool{}
	for _, s := range shards {
		there[keyed(s.uuid)] = true
	}
	for key := range p.Shards {
		if !there[key] {
			return true
		}
	}
	return false
}

// runs counts what the cursor has to name one by one.
func (p *place) runs() (n int) {
	for _, list := range p.Shards {
		for _, s := range list {
			n += len(s.seen)
		}
	}
	return n
}

// settledOf is after how long what was stored is searchable even if no refresh was seen:
// three times what the collection's indices are refreshed by, and 30 s at least. Zero:
// never, as nothing refreshes them by itself.
func settledOf(c rotation.Config) time.Duration {
	intervals := []string{c.RefreshInterval}
	if c.Settled != nil {
		intervals = append(intervals, c.Settled.RefreshInterval)
	}
	longest := 10 * time.Second
	for _, text := range intervals {
		if text == "-1" {
			return 0
		}
		if d, err := time.ParseDuration(text); err == nil {
			longest = max(longest, d)
		}
	}
	return 3 * longest
}

// missing names the primaries that should be there and are not.
func missing(names []string, primaries map[string]int, shards []shard) (list []string) {
	have := map[string]int{}
	for _, s := range shards {
		have[s.index]++
	}
	for _, name := range names {
		if n := primaries[name] - have[name]; n > 0 {
			list = append(list, fmt.Sprintf("%s (%d)", name, n))
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return list
}
