package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sluice-dev/sluice/shared/query"
)

// clipped says of an aggregation that its buckets are not all there are, or that their
// counts may be too low. The documents are as complete as ever.
type clipped struct {
	Aggregation string `json:"aggregation"`     // names from the outside in: by_host>by_status
	Others      int64  `json:"other_documents"` // in buckets that are not told, of all its parents'
	ErrorBound  int64  `json:"error_bound"`     // so much a count may be too low
	Reason      string `json:"reason"`
}

// clip tells which buckets were left out, and takes out of the aggregations what was asked
// only to know it.
func (r *result) clip(request query.Request) error {
	rest, ahead, err := request.Ahead(r.aggregations)
	if err != nil {
		return err
	}
	r.aggregations = rest
	if r.completeness.ClippedBuckets, err = clippings(request.Aggregations(), rest); err != nil {
		return err
	}
	for _, one := range ahead {
		end := one.End.UTC().Format(time.RFC3339)
		r.completeness.ClippedBuckets = append(r.completeness.ClippedBuckets, clipped{
			Aggregation: one.Aggregation, Others: one.Documents,
			Reason: fmt.Sprintf("%s: the range has no end, so that buckets are made up to %s: %d documents that were found are later; give time.to", one.Aggregation, end, one.Documents),
		})
	}
	return nil
}

// clippings looks through an answer's aggregations for the buckets that were left out.
func clippings(list []query.Aggregation, answer json.RawMessage) ([]clipped, error) {
	if len(answer) == 0 {
		return nil, nil
	}
	x := clipper{found: map[string]*clipped{}}
	if err := x.look(list, answer, ""); err != nil {
		return nil, err
	}
	out := make([]clipped, 0, len(x.paths))
	for _, path := range x.paths {
		out = append(out, x.found[path].explained())
	}
	return out, nil
}

type clipper struct {
	found map[string]*clipped
	paths []string
}

// bucketed is what an aggregation that makes buckets answers.
type bucketed struct {
	Others     int64           `json:"sum_other_doc_count"`
	ErrorBound int64           `json:"doc_count_error_upper_bound"`
	Buckets    json.RawMessage `json:"buckets"` // a list, or an object by key
}

func (x *clipper) look(list []query.Aggregation, answer json.RawMessage, above string) error {
	var named map[string]json.RawMessage
	if err := json.Unmarshal(answer, &named); err != nil {
		return err
	}
	for _, a := range list {
		raw, ok := named[a.Name]
		if !ok || a.Kind != "terms" && len(a.Inside) == 0 {
			continue
		}
		var one bucketed
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		path := above + a.Name
		if one.Others > 0 || one.ErrorBound > 0 {
			x.note(path, one)
		}
		if err := x.inside(a, raw, one.Buckets, path+">"); err != nil {
			return err
		}
	}
	return nil
}

// inside looks into each bucket; filter, missing and nested are a bucket themselves.
func (x *clipper) inside(a query.Aggregation, raw, buckets json.RawMessage, path string) error {
	if len(a.Inside) == 0 {
		return nil
	}
	each := []json.RawMessage{raw}
	if len(buckets) > 0 && buckets[0] == '[' {
		each = nil
		if err := json.Unmarshal(buckets, &each); err != nil {
			return err
		}
	} else if len(buckets) > 0 {
		keyed := map[string]json.RawMessage{}
		if err := json.Unmarshal(buckets, &keyed); err != nil {
			return err
		}
		each = nil
		for _, one := range keyed {
			each = append(each, one)
		}
	}
	for _, one := range each {
		if err := x.look(a.Inside, one, path); err != nil {
			return err
		}
	}
	return nil
}

func (x *clipper) note(path string, one bucketed) {
	c, ok := x.found[path]
	if !ok {
		c = &clipped{Aggregation: path}
		x.found[path] = c
		x.paths = append(x.paths, path)
	}
	c.Others += one.Others
	c.ErrorBound = max(c.ErrorBound, one.ErrorBound)
}

func (c *clipped) explained() clipped {
	c.Reason = fmt.Sprintf("%s: %d documents are in buckets that are not shown: ask for a larger size, or narrow the search", c.Aggregation, c.Others)
	if c.ErrorBound > 0 {
		c.Reason += fmt.Sprintf("; counts may be up to %d too low: ask for a larger shard_size", c.ErrorBound)
	}
	return *c
}
