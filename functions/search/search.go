package main

import (
	"context"
	"encoding/json"
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
	aggregations json.RawMessage          // as OpenSearch wrote them; empty: none were asked for
	facets       map[string]query.Counted // nil: not asked for
}

func (s *server) getSearch(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	if values.Has("explain") {
		request, err := query.Read(v.schema, values, s.now())
		if err != nil {
			return err
		}
		return s.explain(c, v, request)
	}
	r, err := s.search(c.Request.Context(), v, values, weight)
	if err != nil {
		return err
	}
	body, documents := r.written()
	writeTagged(c, r.tag(documents, v.schema.Signer()), v.caching(c, r.completeness), body)
	return nil
}

// search is a page of what matches, as long as an answer can carry.
func (s *server) search(ctx context.Context, v view, values url.Values, weigh func(hit) int) (result, error) {
	request, err := query.Read(v.schema, values, s.now())
	if err != nil {
		return result{}, err
	}
	if s.tables[v.Name] != nil {
		if r, done, err := s.fromTable(ctx, v, request, weigh); done || err != nil {
			return r, err
		}
	}
	return s.page(ctx, v, request, weigh)
}

// page is what a request that has been checked finds.
func (s *server) page(ctx context.Context, v view, request query.Request, weigh func(hit) int) (result, error) {
	if len(request.Aggregations()) > 0 {
		if err := s.afford(v, request); err != nil {
			return result{}, err
		}
	}
	where, err := s.indices.covering(ctx, v.Policy, request.From, request.To)
	if err != nil {
		return result{}, err
	}
	r := result{total: total{Relation: "eq"}, completeness: judge(found{}, where)}
	if len(request.Aggregations()) > 0 {
		r.aggregations = json.RawMessage("{}") // OpenSearch leaves them out where there is no index
	}
	if len(where.names) == 0 { // a search without names would search everything
		return r, r.discover(request, nil)
	}
	f, err := s.recall(ctx, v, where, request.To, s.within(v, where, request, request.Body))
	if err != nil {
		return result{}, err
	}
	where = s.indices.since(ctx, v.Policy, request.From, request.To, where, f)
	r.total, r.took, r.documents, r.completeness = f.total(), f.Took, f.Hits.Hits, judge(f, where)
	hide(request, r.documents)
	if len(request.Aggregations()) > 0 && len(f.Aggregations) > 0 {
		r.aggregations = hideInside(request, f.Aggregations)
	}
	if err := r.clip(request); err != nil {
		return result{}, unreadable(err)
	}
	if err := r.discover(request, f.Aggregations); err != nil {
		return result{}, unreadable(err)
	}
	if request.Shifts() {
		r.completeness.reason("by relevance, pages shift when documents are written: some may be missing or come twice; sort by a field for pages that do not")
	}
	if s.tables[v.Name] != nil {
		if err := s.refresh(ctx, v, request, &r); err != nil {
			return result{}, err
		}
	}
	if r.total.Relation == "eq" {
		r.total.Value += int64(request.Shown())
	}
	full := len(r.documents) == request.Size && request.Size > 0
	if err := r.fit(s.limit-carried(r.aggregations), weigh); err != nil {
		return result{}, err
	}
	if full || r.completeness.PageCut != nil {
		if r.next, err = request.Next(shown(r.documents)); err != nil {
			return result{}, unreadable(err)
		}
	}
	r.dropGone()
	return r, nil
}
