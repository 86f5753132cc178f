package main

import (
	"context"
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
	counts  counts

	// One wave's documents, and for each the record that it came from.
	items   []bulk.Item
	parts   []part
	pieces  [][]byte // documents of one record
	problem problem
}

// part says where an item came from.
type part struct {
	record   *record
	place    int // in the record, or collection.Sole
	template rotation.Template
	missing  []string // columns whose value the change did not send
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

// deliver takes records all the way: documents, indices, bulk, dead letters.
func (d *delivery) deliver(ctx context.Context, records []*record) {
	d.items, d.parts = d.items[:0], d.parts[:0]
	for _, r := range records {
		d.open(r)
	}
	d.admit(ctx)
	d.write(ctx)
	var dead []*record
	for _, r := range records {
		if r.dead != nil && !r.failed {
			dead = append(dead, r)
		}
	}
	d.bury(ctx, dead)
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
