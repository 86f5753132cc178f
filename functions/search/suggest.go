package main

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// suggestions are what a q can go on with, and what they stand in for.
type suggestions struct {
	query.Spot
	Suggestions  []query.Suggestion `json:"suggestions"`
	Completeness completeness       `json:"completeness"`
}

func (s *server) getSuggest(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	request, err := query.ReadSuggest(v.schema, values, s.now())
	if err != nil {
		return err
	}
	n, err := s.sample(c.Request.Context(), v, request)
	if err != nil {
		return err
	}
	list, err := request.Answer(n.aggregations)
	if err != nil {
		return unreadable(err)
	}
	for i, one := range list {
		if doc := v.Fields[one.Field].Doc; one.Kind == "field" && doc != "" {
			list[i].Doc = doc
		}
	}
	return give(c, suggestions{request.Spot, list, n.completeness})
}

// sample asks for values where the text is at one.
func (s *server) sample(ctx context.Context, v view, request query.Suggest) (counted, error) {
	if !request.Asks() {
		return counted{completeness: judge(found{}, targets{})}, nil
	}
	n, err := s.count(ctx, v, request.Request, request.Body)
	n.completeness.TotalIsExact = n.completeness.Complete
	return n, err
}
