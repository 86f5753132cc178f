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
		for g := 0; g+1 < len(generations); g++ {
			ended := generations[g+1].Created.Add(margin)
			late := slices.DeleteFunc(slices.Clone(members), func(i int) bool {
				return stored[i] || d.parts[i].record.Arrived.After(ended)
			})
			for some := range slices.Chunk(late, idsAtOnce) {
				if err := d.mark(ctx, stored, generations[g].Name, some); err != nil {
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

func (d *delivery) mark(ctx context.Context, stored map[int]bool, index string, positions []int) error {
	ids := make([]string, len(positions))
	for n, i := range positions {
		ids[n] = d.items[i].ID
	}
	found, err := d.history.Stored(ctx, index, ids)
	if err != nil {
		return err
	}
	for n, i := range positions {
		stored[i] = found[n]
	}
	return nil
}
