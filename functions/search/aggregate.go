package main

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// counted is what aggregations tell, and of how much.
type counted struct {
	aggregations []byte // nil: no index can hold what is asked for
	documents    int64
	took         int64
	completeness completeness
}

// count asks for aggregations over what matches the request.
func (s *server) count(ctx context.Context, v view, r query.Request, body func(time.Duration) ([]byte, error)) (counted, error) {
	where, err := s.indices.covering(ctx, v.Policy, r.From, r.To)
	if err != nil || len(where.names) == 0 { // a search without names would search everything
		return counted{completeness: judge(found{}, where)}, err
	}
	f, err := s.recall(ctx, v, where, r.To, s.within(v, where, r, body))
	if err != nil {
		return counted{}, err
	}
	where = s.indices.since(ctx, v.Policy, r.From, r.To, where, f)
	return counted{f.Aggregations, f.Hits.Total.Value, f.Took, judge(f, where)}, nil
}

// give answers with JSON that is not to be kept.
func give(c *gin.Context, answer any) error {
	c.Header("Cache-Control", "no-store")
	writeJSON(c, http.StatusOK, "application/json", answer)
	return nil
}
