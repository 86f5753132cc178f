package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// result is a page of a search.
type result struct {
	total        total
	took         int64
	documents    []hit
	next         string // cursor; empty: no more documents
	completeness completeness
	facets       map[string]query.Counted // nil: not asked for
}

func (s *server) getSearch(c *gin.Context) error {
	v, err := s.view(c.Param("collection"))
	if err != nil {
		return err
	}
	values, err := parameters(c)
	if err != nil {
		return err
	}
	r, err := s.search(c.Request.Context(), v, values, weight)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json", r.json())
	return nil
}

// search is a page of what matches, as long as an answer can carry.
func (s *server) search(ctx context.Context, v view, values url.Values, weigh func(hit) int) (result, error) {
	request, err := query.Read(v.schema, values, s.now())
	if err != nil {
		return result{}, err
	}
	where, err := s.indices.covering(ctx, v.Policy, request.From, request.To)
	if err != nil {
		return result{}, err
	}
	r := result{total: total{Relation: "eq"}, completeness: judge(found{}, where)}
	if len(where.names) == 0 { // a search without names would search everything
		return r, r.discover(request, nil)
	}
	f, err := s.ask(ctx, where.names, request.Body)
	if err != nil {
		return result{}, err
	}
	r = result{f.Hits.Total, f.Took, f.Hits.Hits, "", judge(f, where), nil}
	if err := r.discover(request, f.Aggregations); err != nil {
		return result{}, unreadable(err)
	}
	if request.Shifts() {
		r.completeness.reason("by relevance, pages shift when documents are written: some may be missing or come twice; sort by a field for pages that do not")
	}
	if r.total.Relation == "eq" {
		r.total.Value += int64(request.Shown())
	}
	full := len(r.documents) == request.Size && request.Size > 0
	if err := r.fit(s.limit, weigh); err != nil {
		return result{}, err
	}
	if full || r.completeness.PageCut != nil {
		if r.next, err = request.Next(shown(r.documents)); err != nil {
			return result{}, unreadable(err)
		}
	}
	return r, nil
}
