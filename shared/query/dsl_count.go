package query

import (
	"strconv"
	"time"
)

// checkBuckets refuses what would make too many buckets.
func (b *bodyReader) checkBuckets() {
	if len(b.mistakes) > 0 {
		return
	}
	spans := b.spans()
	if b.schema.Time != "" && !b.From.IsZero() {
		spans[b.schema.Time] = span{b.From, b.To}
	}
	total := b.count(b.aggregations, spans, 1)
	if total > maxBuckets && len(b.mistakes) == 0 {
		b.mistakes = append(b.mistakes, *in("aggs", "would make up to %d buckets, the most are %d: ask for smaller sizes, longer intervals, or in several searches", total, maxBuckets))
	}
}

// count is how many buckets a list of aggregations makes in each of so many.
func (b *bodyReader) count(list []Aggregation, spans map[string]span, in int) (total int) {
	for i := range list {
		a := &list[i]
		if a.interval > 0 {
			b.countDates(a, spans)
		}
		buckets := min(in*max(a.Buckets, 1), 1<<40)
		if a.Buckets > 0 {
			total += buckets
		}
		if a.hits*in > maxTopHits {
			b.wrong(a.at, "would give up to %d documents in all buckets, the most are %d", a.hits*in, maxTopHits)
		}
		if a.Kind == "cardinality" && in > 1 {
			a.inner["precision_threshold"] = min(a.precision(), maxPrecisionInBuckets)
		}
		total = min(total+b.count(a.Inside, spans, buckets), 1<<40)
	}
	return total
}

// OpenSearch makes all empty buckets between two values before it looks how many they
// are: two documents, years apart, and an interval of a second take the node's memory.
// So empty buckets are asked for only where it is known how many there can be.

const (
	assumedRange   = 366 * 24 * time.Hour
	assumedBuckets = 100 // of a histogram whose bounds are not told
	safeInterval   = 28 * 24 * time.Hour
	future         = 24 * time.Hour // that an open end reaches to
)

const needsBounds = "empty buckets are told only where the values' range is known: "

// countDates tells how many buckets a date_histogram makes, and keeps it from making more:
// a document may have other times beside the one that a range has found it by.
func (b *bodyReader) countDates(a *Aggregation, spans map[string]span) {
	s := spans[a.Field].within(a.hard)
	open := s.to.IsZero()
	if open {
		s.to = laterOf(b.clock, s.from).Add(future).Truncate(time.Minute)
	}
	length, assumed := assumedRange, "a year is assumed, as no range is given; "
	if !s.from.IsZero() {
		if a.hard == (span{}) {
			s = s.and(a.extended)
		}
		a.inner["hard_bounds"] = object{"min": s.from.UnixMilli(), "max": laterOf(a.behind(s.to), s.from).UnixMilli()} // OpenSearch takes no others
		length, assumed = s.to.Sub(s.from), ""
		if open {
			a.end = s.to
		}
	} else if a.interval < safeInterval {
		b.withoutEmpty(a, "give from, or a range of "+a.Field+", or hard_bounds")
	}
	length = max(length, a.extended.to.Sub(a.extended.from), 0)
	if a.Buckets = int(length/a.interval) + 2; a.Buckets > maxBuckets {
		b.wrong(a.at, "would make up to %d buckets, the most are %d (%sgive a shorter range of %s, or a longer interval)", a.Buckets, maxBuckets, assumed, a.Field)
	}
}

// behind is where to have hard_bounds end, so that the bucket that a range ends in is told:
// OpenSearch rounds their max down to a bucket's begin, and leaves that bucket out.
func (a *Aggregation) behind(end time.Time) time.Time {
	if end.Equal(a.hard.to) { // as it was asked for
		return end
	}
	return end.Add(a.longest() - time.Millisecond)
}

// longest is how long a bucket can be.
func (a *Aggregation) longest() time.Duration {
	if a.inner["calendar_interval"] != nil {
		return a.interval + a.interval/9 + time.Hour // months differ, and days where clocks are changed
	}
	return a.interval
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// and is the span that holds both.
func (s span) and(other span) span {
	if !other.from.IsZero() && other.from.Before(s.from) {
		s.from = other.from
	}
	if other.to.After(s.to) {
		s.to = other.to
	}
	return s
}

// within is the part of s that lies in other.
func (s span) within(other span) span {
	if other.from.After(s.from) {
		s.from = other.from
	}
	if s.to.IsZero() || !other.to.IsZero() && other.to.Before(s.to) {
		s.to = other.to
	}
	return s
}

// withoutEmpty leaves empty buckets out; if they were asked for, that is a mistake.
func (b *bodyReader) withoutEmpty(a *Aggregation, how string) {
	least, given := a.inner["min_doc_count"].(int)
	if given && least == 0 || a.inner["extended_bounds"] != nil {
		b.wrong(a.at, needsBounds+"%s", how)
	}
	if !given {
		a.inner["min_doc_count"] = 1
	}
}

// countNumbers is countDates for a histogram: its range is its hard_bounds, or all that
// the field's type can hold.
func (b *bodyReader) countNumbers(a *Aggregation, hard, extended [2]string, interval string) {
	f, _ := b.schema.field(a.Field)
	most, known := hard, hard[0] != "" && hard[1] != ""
	if limits, ok := integers[f.Type]; ok && !known {
		most, known = [2]string{limits.min, limits.max}, true
	}
	a.Buckets = assumedBuckets
	if !known || steps(most, interval) > maxBuckets || inexact(most, interval) {
		b.withoutEmpty(a, "give hard_bounds")
	} else if hard[0] != "" {
		a.Buckets = steps(hard, interval)
	}
	if extended[0] != "" && extended[1] != "" {
		a.Buckets = max(a.Buckets, steps(extended, interval))
	}
}

// steps is how many intervals lie between two numbers; never more than matters.
func steps(ends [2]string, interval string) int {
	from, to, step := approximately(ends[0]), approximately(ends[1]), approximately(interval)
	n := to/step - from/step
	if !(n <= 1<<30) { // not a number, too
		return 1 << 30
	}
	return int(max(n, 0)) + 2
}

// inexact says whether a number so large does not change when an interval is added.
func inexact(ends [2]string, interval string) bool {
	const exact = 1 << 50
	step := approximately(interval)
	return max(-approximately(ends[0]), approximately(ends[0]), -approximately(ends[1]), approximately(ends[1])) > exact*step
}

func approximately(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}
