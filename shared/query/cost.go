package query

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Limits are what one search may cost; zero: no limit.
type Limits struct{ Shards, Clauses, Wildcards, Nesting, Array, Buckets int }

// Reach is what a search touches, as far as it is known before it runs.
type Reach struct {
	Shards   int // all that are searched
	Moment   int // of them those that hold documents of one moment
	From, To time.Time
}

// Cost is what a search asks of the cluster, told from its body before it is sent.
type Cost struct {
	Shards, Clauses, Wildcards, Leading, Nesting, Array, Buckets int
}

// Measure is one part of a cost beside its limit.
type Measure struct {
	Name   string `json:"name"`
	Value  int    `json:"value"`
	Limit  int    `json:"limit"`
	Over   bool   `json:"over"`
	narrow string
}

// Weigh tells the cost of a body for _search, whoever has written it.
func Weigh(body []byte, reach Reach) (Cost, error) {
	var search struct {
		Query      map[string]any `json:"query"`
		PostFilter map[string]any `json:"post_filter"`
		Sort       []any          `json:"sort"`
		Aggs       map[string]any `json:"aggs"`
		Long       map[string]any `json:"aggregations"`
		Highlight  map[string]any `json:"highlight"`
	}
	if err := json.Unmarshal(body, &search); err != nil {
		return Cost{}, fmt.Errorf("weigh a search: %w", err)
	}
	w := weigher{reach: reach, Cost: Cost{Shards: reach.Shards}}
	w.query(search.Query, 0)
	w.query(search.PostFilter, 0)
	w.highlight(search.Highlight, search.Query)
	w.sorts(search.Sort)
	w.aggregations(search.Aggs, 1, max(reach.Shards, 1))
	w.aggregations(search.Long, 1, max(reach.Shards, 1))
	return w.Cost, nil
}

// Against puts a cost beside its limits, in the order in which people can do something
// about it.
func (c Cost) Against(l Limits) []Measure {
	list := []Measure{
		{Name: "shards", Value: c.Shards, Limit: l.Shards, narrow: "take a shorter time, with from, to or since"},
		{Name: "clauses", Value: c.Clauses, Limit: l.Clauses, narrow: "look for fewer words, or name the field of each"},
		{Name: "wildcards", Value: c.Wildcards, Limit: l.Wildcards, narrow: "write whole words instead of * and ?"},
		{Name: "leading_wildcards", Value: c.Leading, narrow: "put a letter before the wildcard"},
		{Name: "nesting", Value: c.Nesting, Limit: l.Nesting, narrow: "write the same conditions side by side"},
		{Name: "array", Value: c.Array, Limit: l.Array, narrow: "ask for the values in several searches"},
		{Name: "buckets", Value: c.Buckets, Limit: l.Buckets, narrow: "ask for fewer values (size), a longer interval, or a shorter time"},
	}
	for i := range list {
		m := &list[i]
		m.Over = m.Value > m.Limit && (m.Limit > 0 || m.Name == "leading_wildcards")
	}
	return list
}

// Excess says of each measure that is over its limit which one it is, and how to narrow
// the search.
func Excess(list []Measure) (reasons []string) {
	for _, m := range list {
		if m.Over {
			key := ""
			if m.Limit > 0 {
				key = " (search.limits." + m.Name + ")"
			}
			reasons = append(reasons, fmt.Sprintf("%s: %d, the limit is %d%s: %s", m.Name, m.Value, m.Limit, key, m.narrow))
		}
	}
	return reasons
}

// Explains says whether the request asks what it would cost instead of being run.
func (r Request) Explains() bool { return r.explains }

func (r *reader) readExplain(text string) {
	if text != "cost" {
		r.wrong(-1, "%q cannot be explained: write explain=cost", text)
	}
	r.explains = true
}

// weigher adds up what it meets in a body.
type weigher struct {
	Cost
	reach Reach
}

// query weighs a query, which has one name: its kind.
func (w *weigher) query(q map[string]any, depth int) {
	for kind, inner := range q {
		if of, ok := leafQueries[kind]; ok {
			w.leaf(kind, of, inner)
			continue
		}
		w.Nesting = max(w.Nesting, depth+1)
		w.inside(inner, depth+1)
	}
}

// highlight weighs the queries whose matches are marked, of all fields or of one, that are
// none of the search's own: those have been weighed.
func (w *weigher) highlight(how, search map[string]any) {
	if q, ok := how["highlight_query"].(map[string]any); ok && !weighed(search, q) {
		w.query(q, 0)
	}
	list, ok := how["fields"].([]any)
	if !ok {
		list = []any{how["fields"]}
	}
	for _, fields := range list {
		fields, _ := fields.(map[string]any)
		for _, one := range fields {
			if one, ok := one.(map[string]any); ok {
				w.highlight(map[string]any{"highlight_query": one["highlight_query"]}, search)
			}
		}
	}
}

// weighed says that a query is v or somewhere inside it.
func weighed(v any, q map[string]any) bool {
	switch v := v.(type) {
	case map[string]any:
		if reflect.DeepEqual(v, q) {
			return true
		}
		for _, inner := range v {
			if weighed(inner, q) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return weighed(inner, q) })
	}
	return false
}

// sorts weighs the queries that say which of a nested field's objects decide.
func (w *weigher) sorts(list []any) {
	for _, one := range list {
		keys, _ := one.(map[string]any)
		for _, how := range keys {
			if m, ok := how.(map[string]any); ok {
				w.inside(m["nested"], 1)
			}
		}
	}
}

// inside weighs the queries that a compound one holds, under whatever names.
func (w *weigher) inside(v any, depth int) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			switch list, isList := inner.([]any); {
			case isList:
				for _, one := range list {
					w.one(one, depth)
				}
			case name == "query" || name == "filter" || name == "must" || name == "should" || name == "must_not":
				w.one(inner, depth)
			}
		}
	case []any:
		for _, one := range v {
			w.one(one, depth)
		}
	}
}

func (w *weigher) one(v any, depth int) {
	if q, ok := v.(map[string]any); ok {
		w.query(q, depth)
	}
}

// leafQueries are the queries that hold no others, and the key of what they look for: empty, it
// is the field's own value.
var leafQueries = map[string]string{
	"term": "value", "range": "", "exists": "", "match": "query", "match_phrase": "query", "match_phrase_prefix": "query", "match_bool_prefix": "query",
	"multi_match": "query", "prefix": "value", "wildcard": "value", "terms": "", "ids": "", "match_all": "", "match_none": "",
}

func (w *weigher) leaf(kind, of string, inner any) {
	clauses := 1
	fields, _ := inner.(map[string]any)
	if list, ok := fields["fields"].([]any); ok && kind == "multi_match" {
		clauses = max(len(list), 1)
	}
	w.Clauses += clauses
	for _, value := range fields {
		if list, ok := value.([]any); ok && kind != "multi_match" {
			w.Array = max(w.Array, len(list))
		}
		pattern, _ := value.(string)
		if long, ok := value.(map[string]any); ok && of != "" {
			if pattern, ok = long[of].(string); !ok {
				pattern, _ = long["wildcard"].(string)
			}
		}
		if kind == "wildcard" && strings.IndexAny(pattern, "*?") == 0 {
			w.Leading++
		}
	}
	if kind == "wildcard" || strings.HasSuffix(kind, "prefix") {
		w.Wildcards += clauses
	}
}

const unbounded = 1<<31 - 1 // more than any limit; what is more is all the same

func product(a, b int) int { return min(a*b, unbounded) }
