package query

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// week is seven indices of three shards each.
var week = Reach{Shards: 21, Moment: 3, From: noon.AddDate(0, 0, -7), To: noon}

func TestACostIsToldFromTheBodyThatIsSent(t *testing.T) {
	for body, want := range map[string]Cost{
		`{}`:                         {},
		`{"query":{"match_all":{}}}`: {Clauses: 1},
		`{"query":{"term":{"bool":{"value":"x"}}}}`: {Clauses: 1},
		`{"query":{"bool":{"filter":[{"terms":{"a":["x","y","z"]}},{"bool":{"should":[{"wildcard":{"a":{"value":"x*"}}},{"prefix":{"a":{"value":"x"}}}]}}]}}}`:                                                 {Clauses: 3, Wildcards: 2, Nesting: 2, Array: 3},
		`{"query":{"bool":{"must":{"wildcard":{"a":"*x"}},"must_not":[{"wildcard":{"a":{"wildcard":"?x"}}}]}}}`:                                                                                                {Clauses: 2, Wildcards: 2, Leading: 2, Nesting: 1},
		`{"query":{"multi_match":{"query":"x y","fields":["a","b","c"]}},"post_filter":{"ids":{"values":["1","2"]}}}`:                                                                                          {Clauses: 4, Array: 2},
		`{"query":{"nested":{"path":"p","query":{"constant_score":{"filter":{"dis_max":{"queries":[{"match":{"a":"x"}},{"match_phrase_prefix":{"a":{"query":"*"}}}]}}}}}}}`:                                    {Clauses: 2, Wildcards: 1, Nesting: 3},
		`{"sort":[{"p.n":{"order":"asc","nested":{"path":"p","filter":{"bool":{"should":[{"wildcard":{"p.a":{"value":"x*"}}},{"terms":{"p.a":["x","y"]}}]}}}}},{"_score":{"order":"desc"}},{"_index":"asc"}]}`: {Clauses: 2, Wildcards: 1, Nesting: 2, Array: 2},
		`{"aggs":{"a":{"top_hits":{"sort":[{"p.n":{"nested":{"path":"p","filter":{"prefix":{"p.a":"x"}}}}}]}}}}`:                                                                                               {Clauses: 1, Wildcards: 1},
		`{"query":{"match":{"a":"x"}},"highlight":{"highlight_query":{"bool":{"should":[{"wildcard":{"a":"*x"}},{"terms":{"a":["x","y"]}}]}},"fields":{"a":{}}}}`:                                              {Clauses: 3, Wildcards: 1, Leading: 1, Nesting: 1, Array: 2},
		`{"highlight":{"fields":[{"a":{"highlight_query":{"prefix":{"a":"x"}}}},{"b":{"highlight_query":{"prefix":{"b":"x"}}}}]}}`:                                                                             {Clauses: 2, Wildcards: 2},
		`{"query":{"bool":{"must":[{"prefix":{"a":"x"}}]}},"highlight":{"highlight_query":{"prefix":{"a":"x"}},"fields":{"a":{"highlight_query":{"prefix":{"a":"x"}}}}}}`:                                      {Clauses: 1, Wildcards: 1, Nesting: 1},
		`{"aggs":{"a":{"terms":{"field":"f"}}}}`:                                                                                     {Buckets: 21 * 25},
		`{"aggs":{"a":{"terms":{"field":"f","size":100}}}}`:                                                                          {Buckets: 21 * 160},
		`{"aggs":{"a":{"terms":{"field":"f","size":100,"shard_size":1000}}}}`:                                                        {Buckets: 21 * 1000},
		`{"aggs":{"a":{"terms":{"field":"f"},"aggs":{"b":{"terms":{"field":"g"}},"c":{"avg":{"field":"n"}}}}}}`:                      {Buckets: 21*25 + 21*25*25},
		`{"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h"}}}}`:                                             {Buckets: 7*24 + 1},
		`{"aggs":{"a":{"date_histogram":{"field":"@timestamp","calendar_interval":"day"},"aggs":{"b":{"terms":{"field":"f"}}}}}}`:    {Buckets: 8 + 8*3*25},
		`{"aggregations":{"a":{"date_histogram":{"field":"t","fixed_interval":"1d","extended_bounds":{"min":0,"max":8640000000}}}}}`: {Buckets: 101},
		`{"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"nonsense"}}}}`:                                                {Buckets: 7*24*3600*1000 + 1},
		`{"aggs":{"a":{"range":{"ranges":[{"to":1},{"from":1}]}},"b":{"filters":{"filters":{"x":{"term":{"a":"b"}},"y":{"exists":{"field":"a"}}}}},"c":{"filter":{"wildcard":{"a":"*x"}},"aggregations":{"d":{"missing":{"field":"f"}}}}}}`: {Clauses: 3, Wildcards: 1, Leading: 1, Buckets: 2 + 3 + 1 + 1},
		`{"aggs":{"a":{"histogram":{"field":"n","interval":1,"extended_bounds":{"min":0,"max":1e300}}}}}`:                                                                                                                                   {Buckets: unbounded},
		`{"aggs":{"a":{"who_knows":{}},"m":{"meta":{},"max":{"field":"x"}}}}`:                                                                                                                                                               {Buckets: 100},
	} {
		want.Shards = week.Shards
		if got, err := Weigh([]byte(body), week); err != nil || got != want {
			t.Errorf("%s\n%+v %v, want\n%+v", body, got, err, want)
		}
	}
	if _, err := Weigh([]byte(`[]`), week); err == nil {
		t.Error("a list is no search")
	}
}

func TestWhatIsOverALimitSaysWhichAndHowToNarrow(t *testing.T) {
	limits := Limits{Shards: 20, Clauses: 2, Wildcards: 1, Nesting: 1, Array: 2, Buckets: 500}
	c, err := Weigh([]byte(`{"query":{"bool":{"filter":[{"terms":{"a":["x","y","z"]}},{"bool":{"should":[{"wildcard":{"a":{"value":"*x"}}},{"prefix":{"a":{"value":"x"}}}]}}]}},"aggs":{"a":{"terms":{"field":"f"}}}}`), week)
	if err != nil {
		t.Fatal(err)
	}
	reasons := Excess(c.Against(limits))
	for i, name := range []string{"shards: 21, the limit is 20 (search.limits.shards): take a shorter time", "clauses: 3, the limit is 2", "wildcards: 2,", "leading_wildcards: 1, the limit is 0", "nesting: 2,", "array: 3,", "buckets: 525, the limit is 500"} {
		if i >= len(reasons) || !strings.HasPrefix(reasons[i], name) || strings.HasSuffix(reasons[i], ": ") {
			t.Errorf("%d is no %q: %v", i, name, reasons)
		}
	}
	if over := Excess(Cost{Shards: 1 << 20}.Against(Limits{})); len(over) > 0 {
		t.Error("zero is no limit", over)
	}
	if !slices.Equal(Excess(Cost{}.Against(limits)), nil) {
		t.Error("nothing costs nothing")
	}
}

// What q can hold at its most stays within what collections allow by default.
func TestTheWidestQIsWithinTheDefaultLimits(t *testing.T) {
	deep := strings.Repeat("(a OR b ", 20) + strings.Repeat(")", 20)
	for _, q := range []string{deep, strings.Repeat("a ", 128), strings.Repeat("NOT ", 20) + "a"} {
		text := body(t, read(t, logs, "q="+strings.ReplaceAll(q, " ", "+")))
		c, err := Weigh(text, Reach{Shards: 1, To: time.Now()})
		if reasons := Excess(c.Against(Limits{2000, 1024, 64, 50, 1024, 65535})); err != nil || len(reasons) > 0 {
			t.Errorf("%.40s: %v %v", q, reasons, err)
		}
	}
}

func BenchmarkWeigh(b *testing.B) {
	text := []byte(`{"_source":true,"query":{"bool":{"filter":[{"term":{"level":{"value":"error"}}},{"bool":{"minimum_should_match":1,"should":[{"match_phrase":{"message":"x"}},{"match_phrase":{"exception.message":"x"}}]}},{"range":{"@timestamp":{"format":"strict_date_optional_time","gte":"2026-05-17T12:19:00.000Z"}}}]}},"size":50,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"date"}},{"_index":{"order":"desc"}},{"_seq_no":{"order":"desc"}}],"timeout":"4000ms"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Weigh(text, week); err != nil {
			b.Fatal(err)
		}
	}
}

// More milliseconds than a duration holds are still many.
func TestBoundsOfManyYearsAreNotTakenForFew(t *testing.T) {
	for _, most := range []string{"253402300800000", "18446744073710", "1e15", "1e300"} {
		body := `{"aggs":{"d":{"date_histogram":{"field":"t","fixed_interval":"1m","extended_bounds":{"min":0,"max":` + most + `}}}}}`
		if c, err := Weigh([]byte(body), Reach{Shards: 1, Moment: 1}); err != nil || c.Buckets < 100_000_000 {
			t.Errorf("%s: %d buckets, %v", most, c.Buckets, err)
		}
	}
}
