package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

const (
	pageTries = 3
	firstPage = 50   // documents, whose size is not known yet
	mostPage  = 1000 // however small: the next ones may be larger, and OpenSearch has all of a page in memory
	pageBytes = 4 << 20
)

// pages reads what an export matches, page by page, of one point in time where there
// can be one. A page that is not whole is asked for again, and never handed out.
type pages struct {
	*server
	view    view
	request query.Request // for the next page
	where   targets
	limit   time.Duration // for one page
	keep    time.Duration // how long a point in time outlives its last page

	pit  string
	read bool // documents of the point in time, which no other may repeat or leave out
	none bool // there can be no point in time
	went bool // no snapshot, or no longer
	size int  // documents of the next page
}

// pages refuses what would cost too much.
func (s *server) pages(ctx context.Context, v view, request query.Request, limit, keep time.Duration) (*pages, error) {
	where, err := s.indices.afresh(ctx, v.Policy, request.From, request.To)
	if err == nil && len(where.names) > 0 {
		err = s.fits(v, where, request) // before a point in time is taken
	}
	return &pages{server: s, view: v, request: request, where: where, limit: limit, keep: keep, size: firstPage}, err
}

// next is the next page; nothing is the end. The documents are still next until behind.
func (p *pages) next(ctx context.Context) ([]hit, error) {
	if len(p.where.names) == 0 {
		return nil, nil
	}
	f, err := p.again(ctx, func(limit time.Duration) ([]byte, error) { return p.request.Page(p.size, p.pit, p.keep, limit) })
	if err != nil {
		return nil, err
	}
	if p.none && len(f.Hits.Hits) > 0 && !p.view.schema.Stable() {
		return nil, fault.New(fault.Conflict, "there can be no snapshot of so much, and this collection's documents may change their place: narrow the time range")
	}
	hide(p.request, f.Hits.Hits)
	return f.Hits.Hits, nil
}

// count is how many documents all pages of the point in time hold.
func (p *pages) count(ctx context.Context) (int64, error) {
	f, err := p.again(ctx, func(limit time.Duration) ([]byte, error) { return p.request.Count(p.pit, p.keep, limit) })
	if err != nil {
		return 0, err
	}
	return f.Hits.Total.Value, nil
}

// all says whether so many rows are as many as the point in time holds.
func (p *pages) all(ctx context.Context, rows int) error {
	if p.pit == "" || p.went {
		return nil
	}
	total, err := p.count(ctx)
	if err == nil && total > int64(rows) && !p.went {
		err = lacking(total, rows)
	}
	return err
}

func lacking(total int64, rows int) error {
	return fault.New(fault.Unavailable, fmt.Sprintf("OpenSearch counts %d documents and gave %d", total, rows))
}

// again asks up to three times; for less where the answer would be too large.
func (p *pages) again(ctx context.Context, body func(time.Duration) ([]byte, error)) (found, error) {
	for n := 1; ; n++ {
		f, err := p.try(ctx, body)
		if err == nil {
			return f, nil
		}
		if fault.KindOf(err) == fault.TooLarge && p.size > 1 {
			p.size, n = max(p.size/4, 1), n-1
			continue
		}
		if n == pageTries || fault.KindOf(err) == fault.Conflict || !wait(ctx, time.Duration(n)*200*time.Millisecond) {
			return found{}, err
		}
	}
}

// wait is false if so long is not left.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (p *pages) try(ctx context.Context, body func(time.Duration) ([]byte, error)) (found, error) {
	if err := p.open(ctx); err != nil {
		return found{}, err
	}
	f, err := p.ask(ctx, body)
	if err != nil {
		return found{}, p.lost(err)
	}
	return f, nil
}

// behind goes on behind these documents, as many as p.next gave or fewer.
func (p *pages) behind(hits []hit) (err error) {
	shown, bytes := make([]query.Hit, len(hits)), 1
	for i, d := range hits {
		shown[i] = query.Hit{ID: d.ID, Sort: d.Sort}
		bytes += len(d.Source) + 200
	}
	if p.request, err = p.request.Behind(shown); err != nil {
		return unreadable(err)
	}
	p.read = true
	p.size = max(1, min(p.size*4, mostPage, pageBytes*len(hits)/bytes))
	return nil
}

// cursor is where the next page begins.
func (p *pages) cursor() (string, error) { return p.request.Cursor() }
