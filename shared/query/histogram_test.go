package query

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"
)

func histogram(t *testing.T, raw string) Histogram {
	t.Helper()
	values, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHistogram(logs, values, noon)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return h
}

func TestHistogramChoosesAnIntervalOfTheLadder(t *testing.T) {
	for raw, want := range map[string]string{
		"since=1m": "5s 24", "since=15m": "10s 96", "since=1h": "1m 61", "since=6h": "5m 73", "since=1d": "30m 49", "since=7d": "3h 57",
		"since=30d": "12h 61", "since=90d": "1d 91", "since=1000d": "30d 34", "from=2026-05-01&to=2026-05-01": "30m 48",
		"from=2026-05-01T10:00:00Z&to=2026-05-01T10:00:01Z": "1s 1", "from=1970-01-01&to=9999-12-31": "30720d 96",
		"from=1000-01-01&to=1969-12-31": "3840d 93", "from=2026-05-01&to=2026-05-31&interval=7d": "7d 5", "since=1h&interval=90s": "90s 42",
		"interval=1h": " 0", "to=2026-05-01": " 0", "from=2027-01-01": " 0",
	} {
		h := histogram(t, raw)
		buckets, wider, err := h.Answer(nil)
		if got := fmt.Sprintf("%s %d", h.Interval(), len(buckets)); got != want || wider != nil || err != nil {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// Every document is in the bucket of its time, every bucket begins where the one before
// ended, and there are at most 100 if we choose, whatever the range is.
func TestHistogramsBucketsPartitionTheirRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 160))
	for range 2000 {
		start := random.Int64N(4e12) - 2e12
		end := start + 1 + random.Int64N(int64(1)<<random.IntN(42))
		h := Histogram{Request: Request{schema: logs}, start: start, end: end}
		if err := h.settle(); err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		var found []map[string]int64
		for range 20 {
			at := start + random.Int64N(end-start)
			found = append(found, map[string]int64{"key": floor(at, h.step), "doc_count": 1})
			counts[stamp(time.UnixMilli(max(floor(at, h.step), start)).UTC())] = 1
		}
		aggs, _ := json.Marshal(map[string]any{"time": map[string]any{"buckets": found}})
		h.From, h.To = time.UnixMilli(start), time.UnixMilli(end)
		buckets, _, err := h.Answer(aggs)
		if err != nil || len(buckets) > goodBuckets || len(buckets) == 0 || int64(len(buckets)) != h.buckets(h.step) {
			t.Fatalf("%d..%d: %d buckets %v", start, end, len(buckets), err)
		}
		for i, b := range buckets {
			if i > 0 && b.From != buckets[i-1].To || int64(counts[b.From]) != b.Count || b.From >= b.To && b.From[0] != '-' {
				t.Fatalf("%d..%d: %v behind %v, want %d", start, end, b, buckets[max(0, i-1)], counts[b.From])
			}
		}
		if buckets[0].From != stamp(time.UnixMilli(start).UTC()) || buckets[len(buckets)-1].To != stamp(time.UnixMilli(end).UTC()) {
			t.Fatalf("%d..%d: %v %v", start, end, buckets[0], buckets[len(buckets)-1])
		}
	}
}

func TestHistogramOfAnOpenRangeIsAskedForOnceMore(t *testing.T) {
	day := func(text string) float64 {
		at, err := time.Parse("2006-01-02", text)
		if err != nil {
			t.Fatal(err)
		}
		return float64(at.UnixMilli())
	}
	for _, c := range []struct{ raw, first, last, want string }{
		{"", "2026-05-01", "2026-05-03", "2026-05-01T00:00:00.000Z 2026-05-03T00:00:00.001Z 30m"},
		{"to=2026-05-04", "2026-05-01", "2026-05-03", "2026-05-01T00:00:00.000Z 2026-05-05T00:00:00.000Z 1h"},
		{"from=2026-05-17", "2026-05-17", "2026-05-20", "2026-05-17T00:00:00.000Z 2026-05-20T00:00:00.001Z 1h"},
		{"from=2026-06-01", "2026-06-02", "2026-06-03", "2026-06-02T00:00:00.000Z 2026-06-03T00:00:00.001Z 30m"},
		{"from=2026-05-17", "2026-05-17", "2026-05-17", "none"},
		{"from=2026-05-16&to=2026-05-17", "2026-05-17", "2026-05-17", "none"},
	} {
		aggs, _ := json.Marshal(map[string]any{"first": map[string]any{"value": day(c.first)}, "last": map[string]any{"value": day(c.last)}})
		_, wider, err := histogram(t, c.raw).Answer(aggs)
		got := "none"
		if wider != nil {
			got = stamp(wider.From) + " " + stamp(wider.To) + " " + wider.Interval()
			body, _ := wider.Body(time.Second)
			if strings.Contains(string(body), "last") || !strings.Contains(string(body), `"lt"`) {
				t.Errorf("%s: %s", c.raw, body)
			}
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.raw, got, c.want, err)
		}
	}
	aggs := []byte(`{"first":{"value":0},"last":{"value":1779000000000}}`)
	if _, _, err := histogram(t, "interval=1h").Answer(aggs); err == nil || !strings.Contains(err.Error(), "1000 are the most") {
		t.Error(err)
	}
}

// A date may be any number of milliseconds: of years that nobody can write, the buckets end.
func TestHistogramEndsWithTheYearsThatCanBeWritten(t *testing.T) {
	aggs := []byte(`{"first":{"value":-9.223372036854776E18},"last":{"value":9.223372036854776E18}}`)
	_, wider, err := histogram(t, "").Answer(aggs)
	if err != nil || wider == nil {
		t.Fatal(wider, err)
	}
	buckets, _, err := wider.Answer(nil)
	if err != nil || len(buckets) > goodBuckets || buckets[0].From != "0000-01-01T00:00:00.000Z" || buckets[len(buckets)-1].To != "9999-12-31T23:59:59.999Z" {
		t.Error(len(buckets), err)
	}
}

func TestHistogramRefuses(t *testing.T) {
	plain := logs
	plain.Time = ""
	for raw, says := range map[string]string{
		"interval=": "write a number", "interval=1": "no unit", "interval=0s": "not more than zero", "interval=1y": "unit", "interval=-1h": "number",
		"interval=99999999999d": "interval", "since=1d&interval=1s": "86460 buckets", "interval=1h&interval=2h": "given 2 times", "field=x": "is not a parameter",
		"size=0": "is not a parameter", "from=2026-05-02&to=2026-05-01": "is not before to", "q=secret:x": "no field",
	} {
		values, _ := url.ParseQuery(raw)
		if _, err := ReadHistogram(logs, values, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if _, err := ReadHistogram(plain, url.Values{}, noon); err == nil || !strings.Contains(err.Error(), "no event time") {
		t.Error(err)
	}
}
