package main

import (
	"context"
	"slices"

	"github.com/sluice-dev/sluice/shared/export"
)

// part reads until there is enough for an object, the end, or no time; stores it, and then
// the checkpoint behind it. What was read before a page failed is stored as well.
func (w worker) part(ctx, reading context.Context, j *job, p *pages, format export.Format, buffer *[]byte) (ended bool, err error) {
	content, rows := (*buffer)[:0], 0
	defer func() { *buffer = content }()
	if len(j.Parts) == 0 {
		content = append(content, format.Head()...)
	}
	for len(content) < w.cfg.partBytes() && !ended {
		var hits []hit
		if hits, err = p.next(reading); err != nil {
			break
		}
		for _, d := range hits {
			if content, err = format.Append(content, export.Row{ID: d.ID, Index: d.Index, Source: d.Source}); err != nil {
				return false, unreadable(err)
			}
		}
		if ended = len(hits) == 0; !ended {
			rows += len(hits)
			if err = p.behind(hits); err != nil {
				return false, err
			}
		}
	}
	if rows > 0 || ended && len(j.Parts) == 0 {
		if stored := w.store(ctx, j, p, format, content, rows); stored != nil {
			return false, stored
		}
	}
	return ended, err
}

func (w worker) store(ctx context.Context, j *job, p *pages, format export.Format, content []byte, rows int) error {
	cursor, err := p.cursor()
	if err != nil {
		return err
	}
	next := *j
	next.Parts = slices.Clone(j.Parts)
	one := next.add(content, rows, format.Name())
	if err := w.jobs.Put(ctx, j.folder()+one.Name, format.Type(), content); err != nil {
		return err
	}
	next.Cursor, next.PIT, next.Consistency, next.Attempts, next.Updated = cursor, p.pit, p.consistency(), 0, w.now().UTC()
	if err := w.jobs.Save(ctx, &next); err != nil {
		return err
	}
	*j = next
	return nil
}
