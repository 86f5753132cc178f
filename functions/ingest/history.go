package main

import (
	"context"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// history looks into the generations of a write alias or data stream.
type history interface {
	// Generations are the indices behind name, oldest first; none if there is no such name.
	Generations(ctx context.Context, name string) ([]rotation.Index, error)
	// Stored says for each id whether index holds it.
	Stored(ctx context.Context, index string, ids []string) ([]bool, error)
	// KeepFirst leaves each document in the first of the indices that holds it.
	KeepFirst(ctx context.Context, indices, ids []string) error
}

// margin allows for clocks: between the source's, which dates the arrival, and the
// cluster's, which dates the index.
const margin = 5 * time.Minute

// idsAtOnce of at most 512 bytes stay below every server's limit of a request.
const idsAtOnce = 10_000

// inEarlierGenerations says for each position in d.items whether a generation that was
// written to since the record's arrival, and no longer is, holds it. A document that
// its source delivers for the first time after the last rollover costs one question
// for its whole batch; only an older one is looked for.
func (d *delivery) inEarlierGenerations(ctx context.Context, positions []int) (map[int]bool, error) {
	stored := make(map[int]bool)
	byName := make(map[string][]int)
	for _, i := range positions {
		byName[d.items[i].Target.Name] = append(byName[d.items[i].Target.Name], i)
	}
	for name, members := range byName {
		generations, err := d.history.Generations(ctx, name)
		if err == nil && len(generations) == 0 {
			err = d.remake(ctx, members[0])
		}
		if err != nil {
			return nil, err
		}
		if len(generations) > 0 {
			d.newest[name] = generations[len(generations)-1].Name
		}
		for g := 0; g+1 < len(generations); g++ {
			ended := generations[g+1].Created.Add(margin)
			late := slices.DeleteFunc(slices.Clone(members), func(i int) bool {
				return stored[i] || d.parts[i].from.Arrived.After(ended)
			})
			for some := range slices.Chunk(late, idsAtOnce) {
				if err := d.mark(ctx, stored, names(generations[g:]), some); err != nil {
					return nil, err
				}
			}
		}
	}
	return stored, nil
}

// remake ensures again what has gone since. Nothing makes the server insist on a data
// stream: without it, and without its template, a write would make an index of its name.
func (d *delivery) remake(ctx context.Context, i int) error {
	d.forget(d.items[i].Target)
	return d.ensure(ctx, d.items[i].Target, d.parts[i].policy)
}

// mark notes what the first of the generations holds. An earlier delivery of it may have
// been cut off before it could look for a copy in a later one.
func (d *delivery) mark(ctx context.Context, stored map[int]bool, generations []string, positions []int) error {
	found, err := d.history.Stored(ctx, generations[0], d.ids(positions))
	if err != nil {
		return err
	}
	var there []string
	for n, i := range positions {
		if stored[i] = found[n]; found[n] {
			there = append(there, d.items[i].ID)
		}
	}
	if len(there) == 0 {
		return nil
	}
	return d.history.KeepFirst(ctx, generations, there)
}
