package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/fault"
)

// base reads documents as they are stored now.
type base interface {
	// Documents are those of ids in index, in their order. Errors are fault kinds.
	Documents(ctx context.Context, index string, ids []string) ([]stored, error)
}

// stored is a document; a nil source means there is none.
type stored struct {
	version int64
	source  []byte
}

type documentKey struct{ target, id string }

// complete gives rows that came without some value (an unchanged one that PostgreSQL
// keeps out of line) the value that their document has: as it is stored, or as an
// older change of this batch will have it. docs/adr/092 says what that promises.
func (d *delivery) complete(ctx context.Context) {
	if !d.incomplete() {
		return
	}
	latest, failed := d.latest(ctx)
	for _, i := range d.byVersion(latest) {
		item, p := &d.items[i], &d.parts[i]
		key := documentKey{item.Target.Name, item.ID}
		if len(p.missing) > 0 && !failed[key.target] {
			d.merge(item, p.missing, latest[key])
			p.missing = nil
		}
		if replaces(item.Change, latest[key]) {
			latest[key] = stored{item.Version, item.Body}
		}
	}
	if len(failed) > 0 {
		d.setBack()
	}
}

func (d *delivery) incomplete() bool {
	for i := range d.parts {
		if len(d.parts[i].missing) > 0 {
			return true
		}
	}
	return false
}

// byVersion are the positions of the changes to these documents, older ones first: a
// batch of a standard queue may hold them in any order.
func (d *delivery) byVersion(documents map[documentKey]stored) (positions []int) {
	for i, item := range d.items {
		if _, ours := documents[documentKey{item.Target.Name, item.ID}]; ours {
			positions = append(positions, i)
		}
	}
	slices.SortStableFunc(positions, func(a, b int) int { return cmp.Compare(d.items[a].Version, d.items[b].Version) })
	return positions
}

// setBack takes out the rows that could not be completed: they come again.
func (d *delivery) setBack() {
	items, parts := d.items[:0], d.parts[:0]
	for i, p := range d.parts {
		if len(p.missing) > 0 {
			p.record.failed = true
			d.counts.outcomes[bulk.Retry]++
			continue
		}
		items, parts = append(items, d.items[i]), append(parts, p)
	}
	d.items, d.parts = items, parts
}

// latest asks each target once for the documents that rows are to be completed from.
func (d *delivery) latest(ctx context.Context) (latest map[documentKey]stored, failed map[string]bool) {
	latest, failed = map[documentKey]stored{}, map[string]bool{}
	ids := map[string][]string{}
	for i, item := range d.items {
		key := documentKey{item.Target.Name, item.ID}
		if _, asked := latest[key]; len(d.parts[i].missing) > 0 && !asked {
			latest[key] = stored{version: change.NoVersion}
			ids[key.target] = append(ids[key.target], key.id)
		}
	}
	for target, all := range ids {
		documents, err := d.base.Documents(ctx, target, all)
		if err == nil && len(documents) != len(all) {
			err = fault.Wrap(fault.Unavailable, "OpenSearch's answer on "+strconv.Itoa(len(all))+" documents is not whole", errors.New("short"))
		}
		if err != nil {
			failed[target] = true
			d.problem.fail(err)
			continue
		}
		for n, id := range all {
			latest[documentKey{target, id}] = documents[n]
		}
	}
	return latest, failed
}

// replaces says whether a change will stand in the place of what is known.
func replaces(c change.Change, known stored) bool {
	return c.Version == change.NoVersion || c.Version > known.version || c.Ties && c.Version == known.version
}

// merge gives item the columns that it lacks, from what is known of its document. What
// is known to be newer is no base: the item is stale, and the server will say so.
func (d *delivery) merge(item *bulk.Item, columns []string, known stored) {
	found := 0
	if known.source != nil && replaces(item.Change, known) {
		body, n, err := merged(item.Body, known.source, columns)
		if err == nil {
			item.Body, found = body, n
		}
	}
	if found < len(columns) {
		d.counts.lacking++
		return
	}
	d.counts.merged++
}
