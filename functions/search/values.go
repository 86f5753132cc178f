package main

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// fieldValues are a field's most frequent values.
type fieldValues struct {
	query.Counted
	Documents    int64        `json:"documents"`
	Took         int64        `json:"took_ms"`
	Completeness completeness `json:"completeness"`
}

func (s *server) getValues(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	request, err := query.ReadValues(v.schema, values, s.now())
	if err != nil {
		return err
	}
	answer, err := s.values(c.Request.Context(), v, request)
	if err != nil {
		return err
	}
	return give(c, answer)
}

func (s *server) values(ctx context.Context, v view, request query.Values) (fieldValues, error) {
	n, err := s.count(ctx, v, request.Request, request.Body)
	if err != nil {
		return fieldValues{}, err
	}
	list, err := request.Answer(n.aggregations)
	if err != nil {
		return fieldValues{}, unreadable(err)
	}
	n.completeness.ValuesClipped = list.Clipped()
	return fieldValues{list, n.documents, n.took, n.completeness}, nil
}
