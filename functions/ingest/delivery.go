package main

import (
	"context"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// delivery is one invocation under way.
type delivery struct {
	*handler
	event
	again   again
	began   time.Time
	ensured map[rotation.Target]error
	newest  map[string]string // the generation that was written to when an alias or stream was asked
	last    rotation.Target   // found ensured: what comes next has mostly the same
	counts  counts

	// A portion's documents, and for each the record that it came from.
	*memory
	bytes   int // of the bodies that they are parts of
	problem problem

	lines []record // of an object, a portion of them
	text  []byte   // their bodies
}

// part says where an item came from.
type part struct {
	record  *record
	from    *collection.Record // the record's own, or what its wrapping says instead
	place   int                // in the record, or collection.Sole
	policy  rotation.Policy
	missing [][]string // fields of columns whose value the change did not send
}

// inOrder delivers the next record of every group at a time; what comes after a
// failed one of its group is not written.
func (d *delivery) inOrder(ctx context.Context) {
	groups := make([]string, len(d.records))
	for i, r := range d.records {
		groups[i] = r.group
	}
	broken := make(map[string]bool)
	for _, wave := range batch.Waves(groups) {
		var next []*record
		for _, i := range wave {
			r := &d.records[i]
			if r.failed = broken[r.group]; !r.failed {
				next = append(next, r)
			}
		}
		d.deliver(ctx, next)
		for _, r := range next {
			broken[r.group] = broken[r.group] || r.failed
		}
	}
}

// deliver takes records all the way, in portions that fit into memory. What the time does
// not suffice for, and what comes again anyway, is left. Of a batch that comes again as a
// whole nothing is dead-lettered before all of it is stored.
func (d *delivery) deliver(ctx context.Context, records []*record) {
	rest, broken := records, false
	for len(rest) > 0 {
		if ctx.Err() != nil || broken {
			d.leave(rest)
			return
		}
		n := d.openSome(ctx, rest)
		d.admit(ctx)
		d.write(ctx)
		if d.again != whole {
			d.bury(ctx, d.condemned(rest[:n]))
		}
		broken = d.again != alone && slices.ContainsFunc(rest[:n], func(r *record) bool { return r.failed })
		release(rest[:n])
		rest = rest[n:]
	}
	if d.again == whole && !broken {
		d.bury(ctx, d.condemned(records))
	}
}

func (d *delivery) leave(records []*record) {
	d.problem.note(bulk.Verdict{Type: "unsent"})
	for _, r := range records {
		r.failed = true
	}
}

// A portion is full at either: a compressed batch may be a hundred times its size.
const (
	portionBytes = 8 << 20
	portionItems = 20_000
)

// openSome opens the next records, and returns how many. Those that were one keep together:
// if one of them fails, the others are not dead-lettered, for they come again.
func (d *delivery) openSome(ctx context.Context, records []*record) int {
	d.items, d.parts, d.bytes = d.items[:0], d.parts[:0], 0
	for n, r := range records {
		full := d.bytes >= portionBytes || len(d.items) >= portionItems
		if full && (records[n-1].item != r.item || records[n-1].group != r.group || d.bytes >= 4*portionBytes) {
			return n
		}
		d.open(ctx, r)
	}
	return len(records)
}

// condemned are the records to be dead-lettered now. Those that come again with a failed
// one of their source, or behind one of their group, would be dead-lettered each time.
func (d *delivery) condemned(records []*record) (dead []*record) {
	if d.again == behind {
		leaveBehind(records)
	}
	for _, r := range records {
		if r.dead != nil && !r.failed {
			dead = append(dead, r)
		}
	}
	return dead
}

func leaveBehind(records []*record) {
	type item struct{ group, id string }
	items, groups := make(map[item]bool), make(map[string]bool)
	for _, r := range records {
		if r.failed {
			items[item{r.group, r.item}] = true
		}
	}
	for _, r := range records {
		if r.dead != nil && (items[item{r.group, r.item}] || groups[r.group]) {
			r.failed = true
		}
		groups[r.group] = groups[r.group] || r.failed
	}
}
