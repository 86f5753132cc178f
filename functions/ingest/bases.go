package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/fault"
)

// Bounds of reading documents that rows are completed from. The first question is for
// few: how large they are is not known before some have come.
const (
	basesFirst = 50
	basesMost  = 1000
	basesBytes = 8 << 20  // of one answer, by the size of those before
	basesTotal = 64 << 20 // of all, beyond which the rest comes again
)

// latest asks for the documents that rows are to be completed from.
func (d *delivery) latest(ctx context.Context) map[documentKey]stored {
	latest := map[documentKey]stored{}
	ids := map[string][]string{}
	for i, item := range d.items {
		key := documentKey{item.Target.Name, item.ID}
		if _, asked := latest[key]; len(d.parts[i].missing) > 0 && !asked {
			latest[key] = stored{version: change.NoVersion, unread: true}
			ids[key.target] = append(ids[key.target], key.id)
		}
	}
	total := 0
	for target, all := range ids {
		if err := d.read(ctx, latest, target, all, &total); err != nil {
			d.problem.fail(err)
		}
	}
	return latest
}

var errMemory = fault.New(fault.Throttled, "the documents that the batch's rows are completed from are larger than memory allows: the rest comes again")

// read asks in portions as large as the documents allow.
func (d *delivery) read(ctx context.Context, latest map[documentKey]stored, target string, ids []string, total *int) error {
	for size := basesFirst; len(ids) > 0; {
		if *total >= basesTotal {
			return errMemory
		}
		some := ids[:min(size, len(ids))]
		documents, err := d.base.Documents(ctx, target, some)
		if fault.KindOf(err) == fault.TooLarge && len(some) > 1 {
			size = len(some) / 2
			continue
		}
		if err == nil && len(documents) != len(some) {
			err = fault.Wrap(fault.Unavailable, "OpenSearch's answer on "+strconv.Itoa(len(some))+" documents is not whole", errors.New("short"))
		}
		if err != nil {
			return err
		}
		bytes := 0
		for n, id := range some {
			latest[documentKey{target, id}] = documents[n]
			bytes += len(documents[n].source)
		}
		*total += bytes
		size = min(max(basesBytes*len(some)/(bytes+1), 1), 2*len(some), basesMost)
		ids = ids[len(some):]
	}
	return nil
}
