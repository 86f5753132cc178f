package main

import (
	"context"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/client"
)

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
