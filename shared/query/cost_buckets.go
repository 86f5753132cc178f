package query

import (
	"strings"
	"time"
)

const (
	unknownBuckets = 100 // of a kind whose number nobody can tell before it has run
	unknownRange   = 366 * 24 * time.Hour
)

// aggregations weighs those of one level: in is how many buckets each is made in, shards
// how many of them hand in what they have for one such bucket.
func (w *weigher) aggregations(list map[string]any, in, shards int) {
	for _, a := range list {
		a, _ := a.(map[string]any)
		inside, _ := a["aggs"].(map[string]any)
		if long, ok := a["aggregations"].(map[string]any); ok {
			inside = long
		}
		for kind, inner := range a {
			if kind == "aggs" || kind == "aggregations" || kind == "meta" {
				continue
			}
			inner, _ := inner.(map[string]any)
			buckets, from := w.buckets(kind, inner, shards)
			if buckets > 0 {
				w.Buckets = min(w.Buckets+product(in, buckets), unbounded)
			}
			w.aggregations(inside, product(in, max(buckets, 1)), from)
		}
	}
}

// buckets is how many one aggregation makes, and how many shards then hand in those inside
// each: terms come from every shard, which sends more than are asked for so that the most
// frequent ones of all are among them; a moment's bucket from those that hold the moment.
func (w *weigher) buckets(kind string, a map[string]any, shards int) (n, from int) {
	switch kind {
	case "terms", "significant_terms", "rare_terms", "multi_terms":
		size := amount(a["size"], 10)
		return product(shards, max(amount(a["shard_size"], size*3/2+10), size)), 1
	case "composite":
		return product(shards, amount(a["size"], 10)), 1
	case "date_histogram":
		return w.moments(a), min(shards, max(w.reach.Moment, 1))
	case "range", "date_range", "ip_range":
		return entries(a["ranges"]), shards
	case "filters":
		w.filters(a["filters"])
		return entries(a["filters"]) + 1, shards
	case "filter":
		w.query(a, 0)
		return 1, shards
	case "missing", "nested", "reverse_nested", "global", "sampler":
		return 1, shards
	case "histogram":
		return numericSteps(a), shards
	case "min", "max", "avg", "sum", "value_count", "stats", "extended_stats", "cardinality", "percentiles":
		return 0, shards
	case "top_hits":
		list, _ := a["sort"].([]any)
		w.sorts(list)
		return 0, shards
	}
	return unknownBuckets, shards
}

func (w *weigher) filters(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			w.one(one, 0)
		}
	case map[string]any:
		for _, one := range v {
			w.one(one, 0)
		}
	}
}

// moments is how many intervals the range of time has, or the bounds that widen it.
func (w *weigher) moments(a map[string]any) int {
	text, _ := a["fixed_interval"].(string)
	if calendar, ok := a["calendar_interval"].(string); ok {
		text = calendar
	}
	interval := intervalLength(text)
	span := unknownRange
	if !w.reach.From.IsZero() {
		span = w.reach.To.Sub(w.reach.From)
	}
	for _, name := range []string{"extended_bounds", "hard_bounds"} {
		if bounds, ok := a[name].(map[string]any); ok {
			lo, isNumber := bounds["min"].(float64)
			hi, both := bounds["max"].(float64)
			if wide := time.Duration(min(hi-lo, 9e12)) * time.Millisecond; isNumber && both && (name == "extended_bounds" && wide > span || name == "hard_bounds" && wide < span) {
				span = wide
			}
		}
	}
	return int(min(max(span, 0)/interval+1, unbounded))
}

// unitLengths are the shortest that each unit of a calendar can be.
var unitLengths = map[string]time.Duration{
	"minute": time.Minute, "1m": time.Minute, "hour": time.Hour, "1h": time.Hour, "day": 24 * time.Hour, "1d": 24 * time.Hour, "week": 7 * 24 * time.Hour, "1w": 7 * 24 * time.Hour,
	"month": 28 * 24 * time.Hour, "1M": 28 * 24 * time.Hour, "quarter": 90 * 24 * time.Hour, "1q": 90 * 24 * time.Hour, "year": 365 * 24 * time.Hour, "1y": 365 * 24 * time.Hour,
}

// intervalLength is an interval's length; of what cannot be read, the shortest there is.
func intervalLength(text string) time.Duration {
	if d, ok := unitLengths[text]; ok {
		return d
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		d, _ := time.ParseDuration(days + "h")
		return max(24*d, time.Millisecond)
	}
	d, _ := time.ParseDuration(text)
	return max(d, time.Millisecond)
}

// numericSteps is how many intervals a numeric histogram has, where its bounds say it.
func numericSteps(a map[string]any) int {
	interval, _ := a["interval"].(float64)
	n := float64(unknownBuckets)
	for _, name := range []string{"extended_bounds", "hard_bounds"} {
		bounds, _ := a[name].(map[string]any)
		lo, isNumber := bounds["min"].(float64)
		hi, both := bounds["max"].(float64)
		if isNumber && both && interval > 0 {
			n = max(n, (hi-lo)/interval+1)
		}
	}
	return int(min(n, unbounded))
}

func amount(v any, otherwise int) int {
	if n, ok := v.(float64); ok {
		return int(min(max(n, 0), unbounded))
	}
	return otherwise
}

func entries(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}
