package query

import (
	"fmt"
	"net/url"
	"time"
)

// Histogram is a request for how many documents match in each interval of time. An open
// end of its range is that of the documents, and not before now where there is a begin.
type Histogram struct {
	Request
	asked      int64 // milliseconds; zero: the interval is chosen
	step       int64 // the interval; zero: not known yet
	start, end int64 // what the buckets cover; equal: not known yet
	beyond     bool  // there are documents of years that cannot be written
}

// Bucket counts the documents with From <= time < To.
type Bucket struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int64  `json:"count"`
}

// ReadHistogram checks the parameters of a histogram: interval, and those of a search that
// say what matches.
func ReadHistogram(schema Schema, values url.Values, now time.Time) (Histogram, error) {
	r := newReader(schema, values, now)
	var h Histogram
	r.readAll(matching(parameter{"interval", 1, func(r *reader, text string) { h.asked = r.interval(text) }}))
	if r.checkTime(); schema.Time == "" && len(r.mistakes) == 0 {
		r.name = "interval"
		r.wrong(-1, "collection %s has no event time to count by", schema.Collection)
	}
	var err error
	if h.Request, err = r.result(); err != nil {
		return h, err
	}
	end := h.To
	if end.IsZero() {
		end = now.Truncate(time.Minute).Add(time.Minute)
	}
	if !h.From.IsZero() && h.From.Before(end) {
		h.start, h.end = h.From.UnixMilli(), end.UnixMilli()
	}
	return h, h.settle()
}

// Body is the search for the buckets, and for where the documents begin and end where the
// range is open.
func (h Histogram) Body(timeout time.Duration) ([]byte, error) {
	aggs := object{}
	if h.start != h.end {
		aggs["time"] = object{"date_histogram": object{
			"field": h.schema.Time, "fixed_interval": fmt.Sprintf("%dms", h.step), "offset": fmt.Sprintf("%dms", offset(h.step)), "min_doc_count": 1,
			"hard_bounds": object{"min": floor(h.start, h.step), "max": floor(h.end-1, h.step) + h.step}, // what is outside of an open range makes no buckets; max is behind them
		}}
	}
	if h.open() {
		aggs["first"] = object{"min": object{"field": h.schema.Time}}
		aggs["last"] = object{"max": object{"field": h.schema.Time}}
	}
	return h.count(aggs, timeout)
}

func (h Histogram) open() bool { return h.From.IsZero() || h.To.IsZero() }

// Interval is the buckets' length; empty: there is none, as no document matches.
func (h Histogram) Interval() string {
	if h.step == 0 {
		return ""
	}
	return spell(h.step)
}

// Answer reads the aggregations of Body's answer: the buckets, the empty ones too. If
// documents of an open range lie outside of them, wider is what to ask for instead.
func (h Histogram) Answer(aggs []byte) (buckets []Bucket, wider *Histogram, err error) {
	var a struct {
		Time struct {
			Buckets []struct {
				Key   int64 `json:"key"`
				Count int64 `json:"doc_count"`
			} `json:"buckets"`
		} `json:"time"`
		First, Last struct{ Value *float64 }
	}
	if err := readAggs(aggs, &a); err != nil {
		return nil, nil, err
	}
	if h.open() && a.First.Value != nil && a.Last.Value != nil {
		first, last := max(*a.First.Value, earliest), min(*a.Last.Value, latest)
		if wide := h.around(int64(first), int64(last)); wide != h.stretch() {
			w := h.over(wide)
			w.beyond = first != *a.First.Value || last != *a.Last.Value
			return nil, &w, w.settle()
		}
	}
	counts := map[int64]int64{}
	for _, b := range a.Time.Buckets {
		counts[b.Key] = b.Count
	}
	return h.fill(counts), nil, nil
}

// The first and nearly the last millisecond of the years that can be written, 0 and 9999.
const earliest, latest = -62167219200000, 253402300799998

// Beyond says that documents of other years than 0 to 9999 are not counted.
func (h Histogram) Beyond() bool { return h.beyond }

type stretch struct{ start, end int64 }

func (h Histogram) stretch() stretch { return stretch{h.start, h.end} }

// around is the stretch with documents from first to last.
func (h Histogram) around(first, last int64) stretch {
	s := h.stretch()
	if h.From.IsZero() || s.start == s.end {
		s.start = first
	}
	if h.To.IsZero() {
		s.end = max(s.end, last+1)
	} else {
		s.end = h.To.UnixMilli()
	}
	return s
}

// over is the histogram of exactly this stretch.
func (h Histogram) over(s stretch) Histogram {
	h.start, h.end = s.start, s.end
	h.From, h.To = time.UnixMilli(s.start).UTC(), time.UnixMilli(s.end).UTC()
	return h
}

// fill puts the empty buckets between the others; the outer ones end with the range.
func (h Histogram) fill(counts map[int64]int64) []Bucket {
	list := []Bucket{}
	if h.start == h.end {
		return list
	}
	for at := floor(h.start, h.step); at < h.end; at += h.step {
		from, to := time.UnixMilli(max(at, h.start)).UTC(), time.UnixMilli(min(at+h.step, h.end)).UTC()
		list = append(list, Bucket{stamp(from), stamp(to), counts[at]})
	}
	return list
}
