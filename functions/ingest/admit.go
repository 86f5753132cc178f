package main

import (
	"context"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// admit keeps the items that may be written: their index exists, made from their
// collection's template, and no earlier generation of it holds them. The rest of a
// target that cannot be ensured comes again; nothing is written to it.
func (d *delivery) admit(ctx context.Context) {
	items, parts := d.items[:0], d.parts[:0]
	for i := range d.items {
		if err := d.ensure(ctx, d.items[i].Target, d.parts[i].policy); err != nil {
			d.parts[i].record.failed = true
			d.counts.outcomes[bulk.Retry]++
			continue
		}
		items, parts = append(items, d.items[i]), append(parts, d.parts[i])
	}
	d.items, d.parts = items, parts
	d.skipStored(ctx)
	d.complete(ctx)
}

// ensure asks once an invocation; the client remembers what it has seen exist.
func (d *delivery) ensure(ctx context.Context, target rotation.Target, policy rotation.Policy) error {
	if target == d.last {
		return nil
	}
	err, asked := d.ensured[target]
	if !asked {
		if err = d.indices.Ensure(ctx, target, policy.Template()); err != nil {
			d.problem.fail(err)
		}
		d.ensured[target] = err
	}
	if err == nil {
		d.last = target
	}
	return err
}

func (d *delivery) forget(target rotation.Target) {
	if _, asked := d.ensured[target]; asked {
		d.indices.Forget(target)
		delete(d.ensured, target)
		d.last = rotation.Target{}
	}
}

// skipStored drops the documents that an earlier delivery of their record has put
// into an earlier generation of a rolled-over index or data stream.
func (d *delivery) skipStored(ctx context.Context) {
	var rolled []int
	for i, item := range d.items {
		if item.Target.Rolls() {
			rolled = append(rolled, i)
		}
	}
	if len(rolled) == 0 {
		return
	}
	stored, err := d.inEarlierGenerations(ctx, rolled)
	items, parts := d.items[:0], d.parts[:0]
	for i, item := range d.items {
		rolls := item.Target.Rolls()
		switch {
		case rolls && err != nil:
			d.parts[i].record.failed = true
			d.counts.outcomes[bulk.Retry]++
		case rolls && stored[i]:
			d.counts.outcomes[bulk.Duplicate]++
		default:
			items, parts = append(items, item), append(parts, d.parts[i])
		}
	}
	if err != nil {
		d.problem.fail(err)
	}
	d.items, d.parts = items, parts
}
