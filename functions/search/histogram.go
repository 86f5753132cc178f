package main

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// histogram counts what matches by intervals of time.
type histogram struct {
	Interval     string         `json:"interval"`
	Documents    int64          `json:"documents"`
	Took         int64          `json:"took_ms"`
	Buckets      []query.Bucket `json:"buckets"`
	Completeness completeness   `json:"completeness"`
}

func (s *server) getHistogram(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	h, err := query.ReadHistogram(v.schema, values, s.now())
	if err != nil {
		return err
	}
	answer, err := s.histogram(c.Request.Context(), v, h)
	if err != nil {
		return err
	}
	return give(c, answer)
}

// histogram asks once more where an open range turns out to be wider than it was taken for.
func (s *server) histogram(ctx context.Context, v view, h query.Histogram) (histogram, error) {
	n, err := s.count(ctx, v, h.Request, h.Body)
	if err != nil {
		return histogram{}, err
	}
	buckets, wider, err := h.Answer(n.aggregations)
	switch {
	case wider != nil && err == nil:
		answer, err := s.histogram(ctx, v, *wider)
		answer.Completeness = n.completeness.and(answer.Completeness)
		if wider.Beyond() {
			answer.Completeness.reason("documents of years before 0 or after 9999 are not counted")
		}
		return answer, err
	case wider == nil && err != nil:
		return histogram{}, unreadable(err)
	case err != nil:
		return histogram{}, err
	}
	return histogram{h.Interval(), n.documents, n.took, buckets, n.completeness}, nil
}
