package main

import (
	"fmt"
	"slices"
	"strings"
)

// completeness says whether an answer is all that there is, and if not, why.
type completeness struct {
	Complete      bool     `json:"complete"`
	Reasons       []string `json:"reasons"` // sentences; empty if complete
	TimedOut      bool     `json:"timed_out"`
	Shards        shards   `json:"shards"`
	FailedIndices []string `json:"failed_indices"`
	ClosedIndices []string `json:"closed_indices"`
	TotalIsExact  bool     `json:"total_is_exact"` // false: there are more
	PageCut       *cut     `json:"page_cut,omitempty"`

	ClippedBuckets []clipped   `json:"clipped_buckets,omitempty"`
	ValuesClipped  int         `json:"values_clipped,omitempty"` // values of which only the beginning is shown
	Cache          *remembered `json:"cache,omitempty"`          // where the answer is from; without it, from OpenSearch just now
	Drift          *drift      `json:"drift,omitempty"`          // of collections with rows
}

type shards struct {
	Total      int `json:"total"`
	Successful int `json:"successful"`
	Skipped    int `json:"skipped"` // could hold nothing that matches
	Failed     int `json:"failed"`
}

// cut says that a page holds fewer documents than it was asked for; next goes on there.
type cut struct {
	Documents int `json:"documents"`
	Of        int `json:"of"`
}

func judge(f found, t targets) completeness {
	c := completeness{
		Reasons: []string{}, TimedOut: f.TimedOut, FailedIndices: []string{}, ClosedIndices: append([]string{}, t.closed...),
		Shards:       shards{f.Shards.Total, f.Shards.Successful, f.Shards.Skipped, missed(f)},
		TotalIsExact: f.Hits == nil || f.Hits.Total.Relation == "eq", Cache: f.cache,
	}
	if f.cache != nil && f.cache.why != "" {
		c.Reasons = append(c.Reasons, f.cache.why)
	}
	if t.outdated != "" {
		c.Reasons = append(c.Reasons, t.outdated)
	}
	for _, one := range f.Shards.Failures {
		if one.Index != "" && !slices.Contains(c.FailedIndices, one.Index) {
			c.FailedIndices = append(c.FailedIndices, one.Index)
		}
	}
	if c.TimedOut {
		c.Reasons = append(c.Reasons, "OpenSearch ran out of time: documents are missing; narrow the range or try again")
	}
	if c.Shards.Failed > 0 {
		c.Reasons = append(c.Reasons, fmt.Sprintf("%d of %d shards failed (%s): their documents are missing",
			c.Shards.Failed, c.Shards.Total, strings.Join(causes(f, c.FailedIndices), ", ")))
	}
	if len(c.ClosedIndices) > 0 {
		c.Reasons = append(c.Reasons, "closed indices were not searched: "+strings.Join(c.ClosedIndices, ", "))
	}
	c.Complete = len(c.Reasons) == 0
	if !c.Complete {
		c.TotalIsExact = false
	}
	return c
}

// and is what an answer made of two searches lacks.
func (c completeness) and(other completeness) completeness {
	c.Complete = c.Complete && other.Complete
	c.TimedOut = c.TimedOut || other.TimedOut
	c.TotalIsExact = c.TotalIsExact && other.TotalIsExact
	c.Shards.Total += other.Shards.Total
	c.Shards.Successful += other.Shards.Successful
	c.Shards.Skipped += other.Shards.Skipped
	c.Shards.Failed += other.Shards.Failed
	c.Reasons = union(c.Reasons, other.Reasons)
	c.FailedIndices = union(c.FailedIndices, other.FailedIndices)
	c.ClosedIndices = union(c.ClosedIndices, other.ClosedIndices)
	if c.Cache == nil || other.Cache != nil && other.Cache.Age > c.Cache.Age {
		c.Cache = other.Cache
	}
	return c
}

func union(list, more []string) []string {
	for _, one := range more {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// reason adds a sentence that says why the answer is not all.
func (c *completeness) reason(format string, args ...any) {
	c.Complete = false
	c.Reasons = append(c.Reasons, fmt.Sprintf(format, args...))
}

// missed counts the shards without an answer. OpenSearch counts those that no node has at
// present neither as successful nor as failed.
func missed(f found) int { return max(f.Shards.Failed, f.Shards.Total-f.Shards.Successful) }

func causes(f found, indices []string) []string {
	list := slices.Clone(indices)
	for _, one := range f.Shards.Failures {
		if one.Reason.Type != "" && !slices.Contains(list, one.Reason.Type) {
			list = append(list, one.Reason.Type)
		}
	}
	if missed(f) > f.Shards.Failed {
		list = append(list, "not assigned to a node")
	}
	return list
}
