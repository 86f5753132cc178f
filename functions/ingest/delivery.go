package main

import (
	"context"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/client"
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

// write sends the items, and some of them once more, by way of admit: what found its
// index gone, which is made again, and what may have been stored before its index was
// rolled over, which is looked for.
func (d *delivery) write(ctx context.Context) {
	for second := false; len(d.items) > 0; second = true {
		verdicts := d.store(ctx)
		d.aftermath(ctx, verdicts)
		items, parts := d.items[:0], d.parts[:0]
		for i, v := range verdicts {
			item := d.items[i]
			if v.IndexMissing() {
				d.forget(item.Target)
			}
			if !second && (v.IndexMissing() || v.Unknown() && item.Target.Rolls() || len(items) > 0 && v.Held()) {
				items, parts = append(items, item), append(parts, d.parts[i])
				continue
			}
			d.settle(d.parts[i], item, v)
		}
		if d.items, d.parts = items, parts; len(items) > 0 {
			d.admit(ctx)
		}
	}
}

// store writes the items, those of indices that roll in requests of their own, which
// nobody repeats.
func (d *delivery) store(ctx context.Context) []bulk.Verdict {
	roll := 0
	for i := range d.items {
		if d.items[i].Target.Rolls() {
			roll++
		}
	}
	switch roll {
	case 0:
		return d.request(ctx, d.items)
	case len(d.items):
		return d.request(client.Once(ctx), d.items)
	}
	return d.storeApart(ctx)
}

func (d *delivery) storeApart(ctx context.Context) []bulk.Verdict {
	var items [2][]bulk.Item
	var at [2][]int
	for i, item := range d.items {
		kind := 0
		if item.Target.Rolls() {
			kind = 1
		}
		items[kind], at[kind] = append(items[kind], item), append(at[kind], i)
	}
	verdicts := make([]bulk.Verdict, len(d.items))
	for kind, ctx := range [...]context.Context{ctx, client.Once(ctx)} {
		for n, v := range d.request(ctx, items[kind]) {
			verdicts[at[kind][n]] = v
		}
	}
	return verdicts
}

func (d *delivery) request(ctx context.Context, items []bulk.Item) []bulk.Verdict {
	verdicts, stats := d.writer.Write(ctx, items)
	d.counts.bulk = d.counts.bulk.Add(stats)
	return verdicts
}

// settle brings an item's verdict back to its record.
func (d *delivery) settle(p part, item bulk.Item, v bulk.Verdict) {
	d.counts.outcomes[v.Outcome]++
	switch v.Outcome {
	case bulk.Retry:
		p.record.failed = true
		d.problem.note(v)
	case bulk.Rejected:
		l := p.letter(v.Type, cause(v), item.Collection, indexOf(item.Target))
		l.document, l.version = item.ID, item.Version
		p.record.condemn(l)
	}
}
