package main

import (
	"context"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// delivery is one invocation under way.
type delivery struct {
	*handler
	event
	began   time.Time
	ensured map[rotation.Target]error
	last    rotation.Target // found ensured: what comes next has mostly the same
	counts  counts

	// A portion's documents, and for each the record that it came from.
	*memory
	bytes   int // of the bodies that they are parts of
	problem problem
}

// part says where an item came from.
type part struct {
	record  *record
	place   int // in the record, or collection.Sole
	policy  rotation.Policy
	missing []string // columns whose value the change did not send
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
// not suffice for, and what comes again anyway, is left.
func (d *delivery) deliver(ctx context.Context, records []*record) {
	for broken := false; len(records) > 0; {
		if ctx.Err() != nil || broken {
			d.leave(records)
			return
		}
		n := d.openSome(records)
		d.admit(ctx)
		d.write(ctx)
		d.bury(ctx, d.condemned(records[:n]))
		broken = d.resumes && slices.ContainsFunc(records[:n], func(r *record) bool { return r.failed })
		records = records[n:]
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

// openSome opens the next records, and returns how many.
func (d *delivery) openSome(records []*record) int {
	d.items, d.parts, d.bytes = d.items[:0], d.parts[:0], 0
	for n, r := range records {
		if d.bytes >= portionBytes || len(d.items) >= portionItems {
			return n
		}
		d.open(r)
	}
	return len(records)
}

// condemned are the records to be dead-lettered now. Those that come again behind a
// failed one would be dead-lettered each time.
func (d *delivery) condemned(records []*record) (dead []*record) {
	failed := false
	for _, r := range records {
		if r.dead != nil && d.resumes && failed {
			r.failed = true
		}
		failed = failed || r.failed
		if r.dead != nil && !r.failed {
			dead = append(dead, r)
		}
	}
	return dead
}

// write sends the items. An index that has gone since it was ensured is made again,
// once, and what found it missing is sent again.
func (d *delivery) write(ctx context.Context) {
	if len(d.items) == 0 {
		return
	}
	verdicts, stats := d.writer.Write(ctx, d.items)
	d.counts.bulk = d.counts.bulk.Add(stats)
	var items []bulk.Item
	var parts []part
	for i, v := range verdicts {
		if v.IndexMissing() {
			d.forget(d.items[i].Target)
		}
		if v.IndexMissing() || len(items) > 0 && v.Held() {
			items, parts = append(items, d.items[i]), append(parts, d.parts[i])
			continue
		}
		d.settle(d.parts[i], d.items[i], v)
	}
	if len(items) == 0 {
		return
	}
	d.items, d.parts = items, parts
	d.admit(ctx)
	verdicts, stats = d.writer.Write(ctx, d.items)
	d.counts.bulk = d.counts.bulk.Add(stats)
	for i, v := range verdicts {
		d.settle(d.parts[i], d.items[i], v)
	}
}

// settle brings an item's verdict back to its record.
func (d *delivery) settle(p part, item bulk.Item, v bulk.Verdict) {
	d.counts.outcomes[v.Outcome]++
	switch v.Outcome {
	case bulk.Retry:
		p.record.failed = true
		d.problem.note(v)
	case bulk.Rejected:
		p.record.condemn(p.letter(v.Type, cause(v), item.Collection, indexOf(item.Target)))
	}
}
