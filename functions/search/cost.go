package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/query"
)

// cost is what a search would ask of the cluster, and whether it may.
type cost struct {
	Verdict string          `json:"verdict"` // allowed, or refused
	Reasons []string        `json:"reasons"` // which limit, and how to narrow the search; empty if allowed
	Cost    []query.Measure `json:"cost"`
	Indices []string        `json:"indices"`
	Closed  []string        `json:"closed_indices"`
	Days    *float64        `json:"days,omitempty"`     // of the range of time; left out where it has no beginning
	MaxDays *float64        `json:"max_days,omitempty"` // search.max_range
	From    *time.Time      `json:"from,omitempty"`     // the range as it is searched
	To      *time.Time      `json:"to,omitempty"`
}

// assess weighs a search's body against its collection's limits.
func (s *server) assess(v view, where targets, r query.Request, body []byte) (cost, error) {
	shards, moment := s.indices.shards(v.Policy, where.names)
	end := r.To
	if end.IsZero() {
		end = s.now()
	}
	c, err := query.Weigh(body, query.Reach{Shards: shards, Moment: moment, From: r.From, To: end})
	if err != nil {
		return cost{}, err
	}
	out := cost{
		Verdict: "allowed", Reasons: []string{}, Cost: c.Against(limitsOf(v.Collection)),
		Indices: append([]string{}, where.names...), Closed: append([]string{}, where.closed...),
		MaxDays: inDays(v.schema.MaxRange), From: known(r.From), To: known(r.To),
	}
	if !r.From.IsZero() {
		out.Days = inDays(end.Sub(r.From))
	}
	if reasons := query.Excess(out.Cost); len(reasons) > 0 {
		out.Verdict, out.Reasons = "refused", reasons
	}
	return out, nil
}

// within is body for ask, which refuses what is over its collection's limits before it is
// sent.
func (s *server) within(v view, where targets, r query.Request, body func(time.Duration) ([]byte, error)) func(time.Duration) ([]byte, error) {
	return func(limit time.Duration) ([]byte, error) {
		text, err := body(limit)
		if err != nil {
			return nil, err
		}
		c, err := s.assess(v, where, r, text)
		if err == nil && c.Verdict != "allowed" {
			p := refuse(http.StatusBadRequest, "too_costly", "this search would cost more than "+v.Name+" allows: "+strings.Join(c.Reasons, "; "))
			p.Cost = &c
			return nil, p
		}
		return text, err
	}
}

// afford refuses what is too much wherever its documents are: OpenSearch is not even asked
// which indices there are.
func (s *server) afford(v view, r query.Request) error {
	_, err := s.within(v, targets{}, r, r.Body)(s.cfg.timeout())
	return err
}

// explain answers with the cost of a search that is not run.
func (s *server) explain(c *gin.Context, v view, r query.Request) error {
	out, err := s.costOf(c.Request.Context(), v, r, r.Body)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	writeJSON(c, http.StatusOK, "application/json", out)
	return nil
}

func (s *server) costOf(ctx context.Context, v view, r query.Request, body func(time.Duration) ([]byte, error)) (cost, error) {
	where, err := s.indices.covering(ctx, v.Policy, r.From, r.To)
	if err != nil {
		return cost{}, err
	}
	text, err := body(s.cfg.timeout())
	if err != nil {
		return cost{}, err
	}
	return s.assess(v, where, r, text)
}

func limitsOf(c *collection.Collection) query.Limits { return query.Limits(c.Search.Limits) }

func inDays(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	days := float64(d/time.Minute) / (24 * 60)
	return &days
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
