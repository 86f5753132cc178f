package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/golden"
)

func readPosted(t testing.TB, schema Schema, params, text string) Request {
	t.Helper()
	values, err := url.ParseQuery(params)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadBody(schema, values, []byte(text), noon)
	if err != nil {
		t.Fatalf("%s %s: %v", params, text, err)
	}
	return r
}

// Each testdata/dsl/*.txt holds a posted body and, behind a line ---, what is asked.
func TestPostedBodiesAreTheGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/dsl/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		posted, _, _ := strings.Cut(string(raw), "\n---\n")
		r, err := ReadBody(shop, nil, []byte(posted), noon)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		golden.Check(t, file, posted+"\n---\n"+indented(t, r))
	}
}

func TestPostedBodiesAreRefusedWithTheirPath(t *testing.T) {
	plain, dated := shop, shop
	plain.Wildcards = false
	dated.MaxRange = 31 * 24 * time.Hour
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	for _, c := range []struct {
		schema           Schema
		text, path, says string
	}{
		{shop, `{"query":{"bool":{"must":[{"match_all":{}},{"matchh":{"title":"x"}}]}}}`, "query.bool.must[1].matchh", "unknown; did you mean match?"},
		{shop, `{"querry":{}}`, "querry", "did you mean query?"},
		{shop, `{"query":{"term":{"levl":"x"}}}`, "query.term.levl", "did you mean level?"},
		{shop, `{"query":{"term":{"secret":"x"}}}`, "query.term.secret", `there is no field "secret"`},
		{shop, `{"query":{"exists":{"field":"owner"}}}`, "query.exists.field", "there is no field"},
		{shop, `{"query":{"prefix":{"owner.email":"a"}}}`, "query.prefix.owner.email", "there is no field"},
		{shop, `{"query":{"term":{"_index":"other"}}}`, "query.term._index", "there is no field"},
		{shop, `{"query":{"term":{"_id":"x"}}}`, "query.term._id", `{"ids":`},
		{shop, `{"sort":["secret"]}`, "sort[0]", "there is no field"},
		{shop, `{"aggs":{"a":{"terms":{"field":"secret"}}}}`, "aggs.a.terms.field", "there is no field"},
		{shop, `{"aggs":{"a":{"top_hits":{"_source":["secret"]}}}}`, "aggs.a.top_hits._source[0]", "there is no field"},
		{shop, `{"highlight":{"fields":{"secret":{}}}}`, "highlight.fields.secret", "there is no field"},
		{shop, `{"_source":["secret.x"]}`, "_source[0]", "there is no field"},
		{shop, `{"fields":["owner.email"]}`, "fields[0]", "there is no field"},
		{shop, `{"query":{"multi_match":{"query":"x","fields":["sec*"]}}}`, "query.multi_match.fields[0]", "no text field"},
		{shop, `{"highlight":{"fields":{"sec*":{}}}}`, "highlight.fields.sec*", "no text field"},
		{shop, `{"query":{"term":{"bytes":9223372036854775808}}}`, "query.term.bytes", "outside the range of bytes (long)"},
		{shop, `{"query":{"term":{"bytes":1.5}}}`, "query.term.bytes", "not a whole number"},
		{shop, `{"query":{"term":{"in_stock":"yes"}}}`, "query.term.in_stock", "neither true nor false"},
		{shop, `{"query":{"terms":{"status":[404,"x"]}}}`, "query.terms.status[1]", "not a whole number"},
		{shop, `{"query":{"term":{"level":null}}}`, "query.term.level", "is null"},
		{shop, `{"query":{"term":{"level":["a"]}}}`, "query.term.level", "is a list"},
		{shop, `{"query":{"range":{"title":{"gte":"a"}}}}`, "query.range.title", "has no order"},
		{shop, `{"query":{"range":{"client.ip":{"gte":"10.0.0.0/8"}}}}`, "query.range.client.ip.gte", "one address"},
		{shop, `{"query":{"range":{"status":{"gte":1,"gt":2}}}}`, "query.range.status.gt", "beside gte"},
		{shop, `{"query":{"range":{"status":{"gte":1,"lt":null}}}}`, "query.range.status.lt", "is null"},
		{shop, `{"query":{"range":{"sold_at":{"gte":"yesterday"}}}}`, "query.range.sold_at.gte", "is not a time"},
		{shop, `{"query":{"range":{"sold_at":{"gte":"now+999999y"}}}}`, "query.range.sold_at.gte", "outside the years"},
		{shop, `{"query":{"term":{"stored_only":"x"}}}`, "query.term.stored_only", "not indexed"},
		{shop, `{"query":{"term":{"place":"x"}}}`, "query.term.place", "cannot be searched by value"},
		{shop, `{"query":[]}`, "query", "is a list"},
		{shop, `{"query":{}}`, "query", "is empty: write an object with one name"},
		{shop, `{"query":{"match_all":{},"term":{"level":"x"}}}`, "query", "several names"},
		{shop, `{"query":{"bool":{"minimum_should_match":"all"}}}`, "query.bool.minimum_should_match", "is none"},
		{shop, `{"query":{"wildcard":{"level":"a*b*c*d*e*f*"}}}`, "query.wildcard.level", "more than 5"},
		{plain, `{"query":{"wildcard":{"level":"a*"}}}`, "query.wildcard", "not allowed in this collection"},
		{plain, `{"query":{"match_phrase_prefix":{"title":"a"}}}`, "query.match_phrase_prefix", "not allowed in this collection"},
		{plain, `{"query":{"multi_match":{"query":"a","fields":["title"],"type":"bool_prefix"}}}`, "query.multi_match.type", "not allowed in this collection"},
		{shop, `{"query":{"nested":{"path":"owner","query":{"match_all":{}}}}}`, "query.nested.path", "is not of type nested"},
		{shop, `{"query":{"nested":{"path":"reviews","query":{"term":{"level":"x"}}}}}`, "query.nested.query.term.level", "does not lie in the nested field reviews"},
		{shop, `{"query":{"bool":{"must":[` + many(200, `{"match_all":{}}`) + `]}}}`, "query.bool.must[127].match_all", "more than 128 queries"},
		{shop, `{"query":{"terms":{"level":[` + many(1025, `"x"`) + `]}}}`, "query.terms.level", "has 1025 values, the most are 1024"},
		{shop, `{"query":{"match":{"title":"` + strings.Repeat("a", 1001) + `"}}}`, "query.match.title", "longer than 1000"},
		{shop, `{"query":{"bool":{"must":[` + many(4, `{"match":{"title":"`+strings.Repeat("ab ", 300)+`"}}`) + `]}}}`, "query.bool.must[3].match.title", "fewer words"},
		{shop, `{"query":` + strings.Repeat(`{"bool":{"must":`, 25) + `{"match_all":{}}` + strings.Repeat(`}}`, 25) + `}`, "query", "nested deeper than 20"},
		{shop, strings.Repeat(`{"query":`, 200) + `1` + strings.Repeat(`}`, 200), "body", "nested deeper than 100"},
		{shop, `{"a":[` + many(20001, "1") + `]}`, "body", "more than 20000 values"},
		{shop, `{"size":1,"size":2}`, "size", "is given twice"},
		{shop, `{"query":{"term":{"level":"a","level":"b"}}}`, "query.term.level", "is given twice"},
		{shop, `{"query":{"term":{"level":"a\u0000b"}}}`, "query.term.level", "control character"},
		{shop, `{"query"`, "body", "is not JSON"},
		{shop, `{} {}`, "body", "is not JSON"},
		{shop, `[]`, "body", "must be an object"},
		{shop, "{\"q\":\"\xff\"}", "body", "is not JSON"},
		{shop, `{"size":"10"}`, "size", "not a whole number"},
		{shop, `{"size":501}`, "size", "from 0 to 500"},
		{shop, `{"from":"2026-02-10"}`, "from", "a time goes into time.from"},
		{shop, `{"from":9990,"size":20}`, "from", "over 10000"},
		{shop, `{"q":"levl:x"}`, "q", "did you mean level?"},
		{shop, `{"time":{"since":"15"}}`, "time.since", "no unit"},
		{shop, `{"time":{"form":"now"}}`, "time.form", "did you mean from?"},
		{dated, `{}`, "from", "at most 31d at a time"},
		{dated, `{"query":{"bool":{"should":[{"range":{"@timestamp":{"gte":"now-1d"}}}]}}}`, "from", "at most 31d at a time"},
		{dated, `{"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":"now-40d"}}}]}}}`, "from", "longer than 31d"},
		{shop, `{"cursor":"zzz"}`, "cursor", "is not a cursor"},
		{shop, `{"track_total_hits":"yes"}`, "track_total_hits", "is not a whole number"},
		{shop, `{"aggs":{"a":{}}}`, "aggs.a", "names no kind"},
		{shop, `{"aggs":{"a":{"min":{"field":"bytes"},"max":{"field":"bytes"}}}}`, "aggs.a.max", "given beside min"},
		{shop, `{"aggs":{"a":{"min":{"field":"bytes"},"aggs":{"b":{"max":{"field":"bytes"}}}}}}`, "aggs.a.aggs", "min holds no other"},
		{shop, `{"aggs":{"a":{"avg":{"field":"level"}}}}`, "aggs.a.avg.field", "is of type keyword"},
		{shop, `{"aggs":{"a":{"date_histogram":{"field":"bytes","interval":"1d"}}}}`, "aggs.a.date_histogram.field", "histogram is for numbers"},
		{shop, `{"aggs":{"a":{"terms":{"field":"attributes.x"}}}}`, "aggs.a.terms.field", "cannot be aggregated"},
		{shop, `{"aggs":{"a":{"terms":{"field":"level","size":1001}}}}`, "aggs.a.terms.size", "from 1 to 1000"},
		{shop, `{"aggs":{"a":{"terms":{"field":"level","size":500},"aggs":{"b":{"terms":{"field":"tags","size":500}}}}}}`, "aggs", "up to 250500 buckets"},
		{shop, `{"aggs":{"a":{"terms":{"field":"level","size":100},"aggs":{"b":{"top_hits":{"size":100}}}}}}`, "aggs.a.aggs.b.top_hits", "up to 10000 documents"},
		{shop, `{"aggs":{"a":{"histogram":{"field":"bytes","interval":1,"extended_bounds":{"min":0,"max":1e300}}}}}`, "aggs.a.histogram", "give hard_bounds"},
		{shop, `{"aggs":{"a":{"histogram":{"field":"price","interval":1,"min_doc_count":0,"hard_bounds":{"min":1e18,"max":1e18}}}}}`, "aggs.a.histogram", "give hard_bounds"},
		{shop, `{"aggs":{"a":{"histogram":{"field":"status","interval":1,"offset":9}}}}`, "aggs.a.histogram.offset", "more than the interval"},
		{shop, `{"aggs":{"a":{"histogram":{"field":"status","interval":1,"min_doc_count":0}}}}`, "aggs.a.histogram", "give hard_bounds"},
		{shop, `{"aggs":{"a":{"histogram":{"field":"bytes","interval":0}}}}`, "aggs.a.histogram.interval", "more than 0"},
		{shop, `{"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1s","extended_bounds":{"min":"1970","max":"2026"}}}}}`, "aggs.a.date_histogram", "empty buckets"},
		{shop, `{"time":{"from":"2026-01-01"},"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","extended_bounds":{"min":"1970","max":"2026"}}}}}`, "aggs.a.date_histogram", "would make up to 20593 buckets"},
		{shop, `{"query":{"range":{"@timestamp":{"gte":"now-30d"}}},"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1m"}}}}`, "aggs.a.date_histogram", "shorter range of @timestamp"},
		{shop, `{"aggs":{"a":{"nested":{"path":"reviews"},"aggs":{"t":{"top_hits":{}}}}}}`, "aggs.a.aggs.t.top_hits", "not possible in a nested"},
		{shop, `{"aggs":{"a":{"terms":{"field":"level","order":{"b":"asc"}}}}}`, "aggs.a.terms.order.b", "nothing to sort by"},
		{shop, `{"aggs":{"a>b":{"min":{"field":"bytes"}}}}`, "aggs.a>b", "name has"},
		{shop, `{"aggs":{` + aggregationsOf(33) + `}}`, "aggs.a32", "more than 32 aggregations"},
		{shop, `{"sort":["level","tags","status","bytes","price","sold_at"]}`, "sort", "more than 5 keys"},
	} {
		_, err := ReadBody(c.schema, nil, []byte(c.text), noon)
		all, _ := errors.AsType[Mistakes](err)
		if len(all) == 0 || !strings.HasPrefix(all[0].Parameter, c.path) || !strings.Contains(all[0].Text, c.says) {
			t.Errorf("%.150s: %.300v, want %s: %s", c.text, err, c.path, c.says)
		}
	}
}

func aggregationsOf(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"a%d":{"min":{"field":"bytes"}}`, i)
	}
	return strings.Join(list, ",")
}

// So many mistakes as a body can hold are told in short.
func TestOnlyTheFirstMistakesOfABodyAreTold(t *testing.T) {
	_, err := ReadBody(shop, nil, []byte(`{"query":{"terms":{"status":[`+strings.TrimSuffix(strings.Repeat(`"x",`, 1000), ",")+`]}}}`), noon)
	if all, _ := errors.AsType[Mistakes](err); len(all) != maxMistakes {
		t.Errorf("%d mistakes", len(all))
	}
}

func TestPostedLargeIntegersKeepTheirDigits(t *testing.T) {
	r := readPosted(t, shop, "", `{"query":{"bool":{"filter":[{"term":{"bytes":9007199254740993}},{"range":{"serial":{"lte":18446744073709551615}}}]}}}`)
	for _, digits := range []string{`"value":9007199254740993`, `"lte":18446744073709551615`} {
		if !strings.Contains(string(body(t, r)), digits) {
			t.Errorf("no %s in %s", digits, body(t, r))
		}
	}
}

func TestParametersBesideABodyNarrowIt(t *testing.T) {
	r := readPosted(t, shop, "q=title:wind&filter=level:INFO&from=2026-02-10&to=2026-02-11", `{"query":{"term":{"status":200}}}`)
	for _, want := range []string{`{"term":{"status":{"value":200}}},{"match_phrase":{"title":"wind"}},{"term":{"level":{"value":"INFO"}}}`, `"gte":"2026-02-10T00:00:00.000Z","lt":"2026-02-12T00:00:00.000Z"`} {
		if !strings.Contains(string(body(t, r)), want) {
			t.Errorf("no %s in %s", want, body(t, r))
		}
	}
	for params, text := range map[string]string{
		"q=a": `{"q":"b"}`, "from=2026-01-01": `{"time":{"from":"2026-01-01"}}`, "size=3": `{}`, "sort=level": `{}`, "fields=title": `{}`,
	} {
		values, _ := url.ParseQuery(params)
		if _, err := ReadBody(shop, values, []byte(text), noon); err == nil {
			t.Errorf("%s %s is taken", params, text)
		}
	}
}

// A range of time that every document must lie in decides which indices are searched.
func TestARangeInTheQueryNarrowsTheTimeRange(t *testing.T) {
	for text, want := range map[string]string{
		`{"query":{"range":{"@timestamp":{"gte":"2026-02-10","lt":"2026-02-12"}}}}`:                                            "2026-02-10 2026-02-12",
		`{"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":"2026-02-10"}}}]}},"time":{"to":"2026-02-11"}}`:             "2026-02-10 2026-02-12",
		`{"query":{"constant_score":{"filter":{"bool":{"must":{"range":{"@timestamp":{"gte":"2026-02-10","lte":"2026"}}}}}}}}`: "2026-02-10 2027-01-01",
		`{"query":{"bool":{"should":[{"range":{"@timestamp":{"gte":"2026-02-10"}}}]}}}`:                                        "0001-01-01 0001-01-01",
		`{"query":{"bool":{"must_not":[{"range":{"@timestamp":{"gte":"2026-02-10"}}}]}}}`:                                      "0001-01-01 0001-01-01",
		`{"query":{"range":{"sold_at":{"gte":"2026-02-10"}}}}`:                                                                 "0001-01-01 0001-01-01",
		`{"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":"2026-03-10","lt":"2026-02-01"}}}]}}}`:                      "0001-01-01 0001-01-01",
	} {
		r := readPosted(t, shop, "", text)
		if got := r.From.Format(time.DateOnly) + " " + r.To.Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestPostedDatesAreReadAsOpenSearchReadsThem(t *testing.T) {
	for text, want := range map[string][2]string{
		`"now"`:                      {"2026-05-17T12:34:00", "2026-05-17T12:35:00"},
		`"now-1d"`:                   {"2026-05-16T12:34:00", "2026-05-16T12:35:00"},
		`"now/d"`:                    {"2026-05-17T00:00:00", "2026-05-18T00:00:00"},
		`"now-1M/M"`:                 {"2026-04-01T00:00:00", "2026-05-01T00:00:00"},
		`"now/w"`:                    {"2026-05-11T00:00:00", "2026-05-18T00:00:00"},
		`"now/s"`:                    {"2026-05-17T12:34:00", "2026-05-17T12:35:00"},
		`"now/y+1M"`:                 {"2026-02-01T00:00:00", "2027-02-01T00:00:00"},
		`"2026-01-31||+1M"`:          {"2026-02-28T00:00:00", "2026-03-01T00:00:00"},
		`"2026-01-31T10:00:00||/d"`:  {"2026-01-31T00:00:00", "2026-02-01T00:00:00"},
		`"2026-02-10T08:30||-90m/h"`: {"2026-02-10T07:00:00", "2026-02-10T08:00:00"},
		`"2026"`:                     {"2026-01-01T00:00:00", "2027-01-01T00:00:00"},
		`"2024-02-29||+1y"`:          {"2025-02-28T00:00:00", "2025-03-01T00:00:00"},
		`1770710400123`:              {"2026-02-10T08:00:00", "2026-02-10T08:00:00"},
		`0`:                          {"1970-01-01T00:00:00", "1970-01-01T00:00:00"},
		`-86400000`:                  {"1969-12-31T00:00:00", "1969-12-31T00:00:00"},
	} {
		v, m := readValue([]byte(`{"a":` + text + `}`))
		if m != nil {
			t.Fatal(m)
		}
		b := &bodyReader{reader: newReader(shop, nil, noon)}
		got, ok := b.moment(v.members[0], dateStyle{})
		const layout = "2006-01-02T15:04:05"
		if pair := [2]string{got.start.Format(layout), got.end.Format(layout)}; !ok || pair != want {
			t.Errorf("%s is %v, want %v %v", text, pair, want, b.mistakes)
		}
	}
}

// Dates are rounded, so that the same question within a minute is the same request.
func TestTheSamePostedQuestionIsTheSameRequest(t *testing.T) {
	text := `{"query":{"range":{"@timestamp":{"gte":"now-15m","lt":"now"}}},"aggs":{"d":{"date_range":{"field":"sold_at","ranges":[{"from":"now-1d"}]}}}}`
	one := readPosted(t, shop, "", text)
	later, err := ReadBody(shop, nil, []byte(text), noon.Add(3*time.Second))
	if err != nil || !bytes.Equal(body(t, one), body(t, later)) {
		t.Errorf("%v\n%s\n%s", err, body(t, one), body(t, later))
	}
}

func TestACursorIsBoundToThePostedSearch(t *testing.T) {
	text := `{"query":{"term":{"level":"INFO"}},"sort":["status"],"size":1%s}`
	first := readPosted(t, shop, "since=1h", fmt.Sprintf(text, ""))
	next, err := first.Next([]Hit{{"d1", []byte(`[200,5,"shop-1",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	second := readPosted(t, shop, "since=1h", fmt.Sprintf(text, `,"cursor":"`+next+`"`))
	if out := string(body(t, second)); !strings.Contains(out, `"search_after":[200,5,"shop-1",6]`) || !strings.Contains(out, `{"ids":{"values":["d1"]}}`) {
		t.Error(out)
	}
	readPosted(t, shop, "since=1h&cursor="+next, fmt.Sprintf(strings.Replace(text, `"level"`, `"level" `, 1), `,"_source":false`)) // space, and what is returned, may differ
	for _, other := range []string{`{"query":{"term":{"level":"WARN"}},"sort":["status"],"cursor":"%s"}`, `{"query":{"term":{"level":"INFO"}},"sort":["bytes"],"cursor":"%s"}`, `{"cursor":"%s"}`} {
		values := url.Values{"since": {"1h"}}
		if _, err := ReadBody(shop, values, fmt.Appendf(nil, other, next), noon); err == nil || !strings.Contains(err.Error(), "another search") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// The documents of the page before are left out of the page, and not of what is counted.
func TestAggregationsOfALaterPageCountAllDocuments(t *testing.T) {
	text := `{"post_filter":{"term":{"level":"INFO"}},"aggs":{"n":{"terms":{"field":"level"}}}%s}`
	next, err := readPosted(t, shop, "", fmt.Sprintf(text, "")).Next([]Hit{{"d1", []byte(`[5,"shop-1",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Query, Post json.RawMessage
	}
	text = string(body(t, readPosted(t, shop, "", fmt.Sprintf(text, `,"cursor":"`+next+`"`))))
	text = strings.Replace(text, `"post_filter"`, `"post"`, 1)
	if err := json.Unmarshal([]byte(text), &out); err != nil || strings.Contains(string(out.Query), "d1") || !strings.Contains(string(out.Post), `["d1"]`) || !strings.Contains(string(out.Post), "INFO") {
		t.Errorf("%v %s", err, text)
	}
}

// What a search asks for can be told from its tree, for its cost.
func TestATreeTellsWhatASearchAsksFor(t *testing.T) {
	r := readPosted(t, shop, "", `{"query":{"bool":{"filter":[{"terms":{"level":["a","b","c"]}},{"wildcard":{"host.name":"w*"}}],"must_not":{"nested":{"path":"reviews","query":{"term":{"reviews.author":"x"}}}}}},
		"post_filter":{"term":{"status":1}},
		"aggs":{"l":{"terms":{"field":"level","size":50},"aggs":{"d":{"date_histogram":{"field":"@timestamp","calendar_interval":"month"}},"f":{"filter":{"prefix":{"level":"E"}}}}}}}`)
	var seen []string
	for _, c := range r.Clauses() {
		c.Walk(func(c Clause, depth int) {
			seen = append(seen, fmt.Sprint(depth, " ", c.Kind, " ", c.Fields, " ", c.Values, " ", c.Text))
		})
	}
	for _, a := range r.Aggregations() {
		a.Walk(func(a Aggregation, depth int) {
			seen = append(seen, fmt.Sprint(depth, " ", a.Name, " ", a.Kind, " ", a.Field, " ", a.Buckets, " ", len(a.Filters)))
		})
	}
	want := []string{
		"0 bool [] 0 ", "1 terms [level] 3 ", "1 wildcard [host.name] 1 w*", "1 nested [] 0 ", "2 term [reviews.author] 1 ", "0 term [status] 1 ",
		"0 l terms level 50 0", "1 d date_histogram @timestamp 15 0", "1 f filter  1 1",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// q finds in nested fields too, which OpenSearch would not without the nested query.
func TestQFindsInNestedFields(t *testing.T) {
	values := url.Values{"q": {"reviews.author:kim AND reviews.stars:>3 AND reviews.text:* AND reviews:*"}}
	r, err := Read(shop, values, noon)
	if err != nil {
		t.Fatal(err)
	}
	if out := string(body(t, r)); strings.Count(out, `"nested":{"ignore_unmapped":true,"path":"reviews","query":`) != 4 {
		t.Error(out)
	}
}

func BenchmarkReadBody(b *testing.B) {
	text := []byte(`{"query":{"bool":{"must":[{"match":{"body":"river"}}],"filter":[{"term":{"in_stock":true}},{"range":{"@timestamp":{"gte":"now-1d/d"}}}]}},"aggs":{"l":{"terms":{"field":"level"},"aggs":{"m":{"avg":{"field":"bytes"}}}}},"size":20,"sort":[{"@timestamp":"desc"}]}`)
	b.ReportAllocs()
	for b.Loop() {
		r, err := ReadBody(shop, nil, text, noon)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Body(4 * time.Second); err != nil {
			b.Fatal(err)
		}
	}
}
