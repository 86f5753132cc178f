package main

import (
	"context"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// fieldStats is what a field's values are as a whole.
type fieldStats struct {
	query.Summary
	Documents    int64        `json:"documents"`
	Took         int64        `json:"took_ms"`
	Completeness completeness `json:"completeness"`
}

func (s *server) getStats(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	answer, err := s.stats(c.Request.Context(), v, values)
	if err != nil {
		return err
	}
	return give(c, answer)
}

func (s *server) stats(ctx context.Context, v view, values url.Values) (fieldStats, error) {
	request, err := query.ReadStats(v.schema, values, s.now())
	if err != nil {
		return fieldStats{}, err
	}
	n, err := s.count(ctx, v, request.Request, request.Body)
	if err != nil {
		return fieldStats{}, err
	}
	summary, err := request.Answer(n.aggregations)
	if err != nil {
		return fieldStats{}, unreadable(err)
	}
	return fieldStats{summary, n.documents, n.took, n.completeness}, nil
}
