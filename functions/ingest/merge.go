package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/mapping"
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
	found   bool // in the index, if only as a tombstone
	unread  bool // not known yet
}

type documentKey struct{ target, id string }

// complete gives rows that came without some value (an unchanged one that PostgreSQL
// keeps out of line) the value that their document has: as it is stored, or as an
// older change of this batch will have it. docs/adr/092 says what that promises.
func (d *delivery) complete(ctx context.Context) {
	if !d.incomplete() {
		return
	}
	latest := d.latest(ctx)
	for _, i := range d.byVersion(latest) {
		item, p := &d.items[i], &d.parts[i]
		key := documentKey{item.Target.Name, item.ID}
		if latest[key].unread {
			continue
		}
		if len(p.missing) > 0 {
			d.merge(item, p.missing, latest[key])
			p.missing = nil
		}
		if replaces(item.Change, latest[key]) {
			latest[key] = stored{version: item.Version, source: item.Body}
		}
	}
	d.setBack()
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

// setBack takes out the rows that could not be completed, and the later changes to the
// same documents: they come again.
func (d *delivery) setBack() {
	back := map[documentKey]bool{}
	items, parts := d.items[:0], d.parts[:0]
	for i, p := range d.parts {
		key := documentKey{d.items[i].Target.Name, d.items[i].ID}
		if back[key] = back[key] || len(p.missing) > 0; back[key] {
			p.record.failed = true
			d.counts.outcomes[bulk.Retry]++
			continue
		}
		items, parts = append(items, d.items[i]), append(parts, p)
	}
	d.items, d.parts = items, parts
}

// replaces says whether a change will stand in the place of what is known.
func replaces(c change.Change, known stored) bool {
	return c.Version == change.NoVersion || c.Version > known.version || c.Ties && c.Version == known.version
}

// merge gives item the fields that it lacks, from what is known of its document. What
// is known to be newer is no base: the item is stale, and the server will say so.
func (d *delivery) merge(item *bulk.Item, missing [][]string, known stored) {
	if known.source != nil && replaces(item.Change, known) {
		body, found, err := mapping.Complete(item.Body, known.source, slices.Concat(missing...))
		if err == nil {
			item.Body = body
			missing = slices.DeleteFunc(missing, func(fields []string) bool {
				return slices.ContainsFunc(fields, func(field string) bool { return slices.Contains(found, field) })
			})
		}
	}
	if len(missing) > 0 {
		d.counts.lacking++
		return
	}
	d.counts.merged++
}
