package main

import (
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
	request, err := query.ReadStats(v.schema, values, s.now())
	if err != nil {
		return err
	}
	n, err := s.count(c.Request.Context(), v, request.Request, request.Body)
	if err != nil {
		return err
	}
	summary, err := request.Answer(n.aggregations)
	if err != nil {
		return unreadable(err)
	}
	return give(c, fieldStats{summary, n.documents, n.took, n.completeness})
}
