package main

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// around is a document between those before and after it, all in the order of time.
type around struct {
	before, after []hit
	document      hit
	completeness  completeness
}

func (s *server) getContext(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	request, err := query.ReadContext(v.schema, values, s.now())
	if err != nil {
		return err
	}
	a, err := s.around(c.Request.Context(), v, request)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json", a.json())
	return nil
}

func (s *server) around(ctx context.Context, v view, request query.Context) (around, error) {
	a := around{completeness: judge(found{}, targets{})}
	var err error
	if a.document, err = s.anchor(ctx, v, request); err != nil {
		return a, err
	}
	before, after, err := request.Around(query.Hit{ID: a.document.ID, Sort: a.document.Sort})
	if err != nil {
		return a, err
	}
	if a.before, err = s.side(ctx, v, before, &a); err != nil {
		return a, err
	}
	if a.after, err = s.side(ctx, v, after, &a); err != nil {
		return a, err
	}
	return a, a.fit(s.limit)
}

// anchor finds the document that others are around.
func (s *server) anchor(ctx context.Context, v view, request query.Context) (hit, error) {
	if request.ID == "" || len(request.ID) > maxID {
		return hit{}, noDocument(v, request.ID)
	}
	where, err := s.indices.covering(ctx, v.Policy, time.Time{}, time.Time{})
	if err != nil || len(where.names) == 0 {
		return hit{}, cmp.Or(err, noDocument(v, request.ID))
	}
	f, err := s.ask(ctx, where.names, request.Anchor)
	if err != nil {
		return hit{}, err
	}
	hide(request.Request, f.Hits.Hits)
	return f.only(v, request.ID, s.indices.since(ctx, v.Policy, time.Time{}, time.Time{}, where, f))
}

// side finds the documents on one side, nearest first, and adds to a how complete they are.
func (s *server) side(ctx context.Context, v view, side query.Side, a *around) ([]hit, error) {
	if side.Size == 0 {
		return nil, nil
	}
	where, err := s.indices.covering(ctx, v.Policy, side.From, side.To)
	if err != nil {
		return nil, err
	}
	for {
		if len(where.names) == 0 {
			a.completeness = a.completeness.and(judge(found{}, where))
			return nil, nil
		}
		f, err := s.ask(ctx, where.names, s.within(v, where, side.Request, side.Body))
		if err != nil {
			return nil, err
		}
		hide(side.Request, f.Hits.Hits)
		places, wider := side.Take(shown(f.Hits.Hits))
		if wider == nil {
			where = s.indices.since(ctx, v.Policy, side.From, side.To, where, f)
			a.completeness = a.completeness.and(judge(f, where))
			return pick(f.Hits.Hits, places), nil
		}
		side = *wider
	}
}

func pick(list []hit, places []int) []hit {
	out := make([]hit, len(places))
	for i, place := range places {
		out[i] = list[place]
	}
	return out
}

// fit drops the farthest documents that an answer could not carry.
func (a *around) fit(limit int) error {
	limit -= weight(a.document)
	if limit < 0 {
		return fault.New(fault.TooLarge, "the document is larger than an answer may be: ask for parts of it with fields=")
	}
	all := 1 + len(a.before) + len(a.after)
	a.before, a.after = nearest(a.before, limit/2), nearest(a.after, limit/2)
	if kept := 1 + len(a.before) + len(a.after); kept < all {
		a.completeness.PageCut = &cut{kept, all}
	}
	return nil
}

func nearest(list []hit, limit int) []hit {
	for i, d := range list {
		if limit -= weight(d); limit < 0 {
			return list[:i]
		}
	}
	return list
}

func (a *around) json() []byte {
	a.completeness.TotalIsExact = a.completeness.Complete
	slices.Reverse(a.before) // nearest last
	var out bytes.Buffer
	out.WriteString(`{"before":`)
	writeHits(&out, a.before)
	out.WriteString(`,"document":`)
	a.document.write(&out)
	out.WriteString(`,"after":`)
	writeHits(&out, a.after)
	out.WriteString(`,"completeness":`)
	out.Write(jsonOf(a.completeness))
	out.WriteByte('}')
	return out.Bytes()
}
