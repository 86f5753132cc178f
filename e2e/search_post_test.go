package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Searches whose query is posted, before a real OpenSearch.

// shop has the fields that shared/query/testdata/documented asks for.
const shop = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
search: {default: [title, body], hidden: [secret, owner.email], wildcards: true}
fields:
  "@timestamp": {type: date}
  title: {type: text, mapping: {fields: {keyword: {type: keyword}}}}
  body: {type: text}
  level: {type: keyword}
  host.name: {type: keyword}
  tags: {type: keyword}
  status: {type: short}
  bytes: {type: long}
  serial: {type: unsigned_long}
  price: {type: double}
  in_stock: {type: boolean}
  client.ip: {type: ip}
  sold_at: {type: date}
  attributes: {type: flat_object}
  place: {type: geo_point}
  owner.name: {type: keyword}
  owner.email: {type: keyword}
  secret: {type: keyword}
  reviews: {type: nested}
  reviews.author: {type: keyword}
  reviews.text: {type: text}
  reviews.stars: {type: byte}
`

var shopDocuments = []string{
	`{"_id":"d1","@timestamp":"2026-02-10T08:00:00Z","title":"The Wind Rises","body":"Over the old river the wind rises, slowly.","level":"INFO","host.name":"web-1","tags":["film","book"],"status":200,"bytes":512,"serial":18446744073709551615,"price":12.5,"in_stock":true,"client":{"ip":"10.0.0.5"},"sold_at":"2026-01-15T10:00:00Z","attributes":{"room":"blue"},"secret":"hush-1","owner":{"name":"kim","email":"hush-k@example.com"},"reviews":[{"author":"kim","text":"a lovely film","stars":5},{"author":"lee","text":"too slow","stars":2}]}`,
	`{"_id":"d2","@timestamp":"2026-02-10T20:00:00Z","title":"Old River","body":"An old river crossing slowly fills. River, river!","level":"INFO","host.name":"web-2","tags":"book","status":200,"bytes":1500,"serial":1,"price":9.99,"in_stock":true,"client":{"ip":"10.0.0.200"},"sold_at":"2026-03-02","secret":"hush-2","reviews":[{"author":"lee","text":"lovely","stars":4}]}`,
	`{"_id":"d3","@timestamp":"2026-02-11T01:00:00Z","title":"Mountain","body":"No water here.","level":"ERROR","host.name":"db-1","status":500,"bytes":2500,"price":0,"in_stock":false,"client":{"ip":"192.168.0.1"},"sold_at":"2026-03-03T02:30:00Z","attributes":{"room":"red"}}`,
	`{"_id":"d4","@timestamp":"2026-02-11T12:00:00Z","title":"wind river mountain","body":"All of it","level":"WARN","host.name":"webb-9","tags":["film"],"status":404,"bytes":1999,"serial":9007199254740993,"price":19.5,"client":{"ip":"10.1.2.3"},"sold_at":"2025-12-31T23:59:59Z","reviews":[{"author":"kim","text":"fine","stars":4}]}`,
	`{"_id":"d5","@timestamp":"2026-02-12T09:30:00Z","title":"Nothing","body":"<b>river</b> & wind","level":"DEBUG","host.name":"web-1","status":404,"bytes":0,"in_stock":true,"sold_at":"2026-02-20T12:00:00Z"}`,
	`{"_id":"d6","@timestamp":"2026-02-12T10:00:00Z","title":"The Windmill","body":"The wind over the river","level":"FATAL","host.name":"db-2","tags":["toy","film"],"status":200,"bytes":100,"price":30,"in_stock":false,"client":{"ip":"2001:db8::1"},"secret":"hush-6"}`,
	`{"_id":"d7","@timestamp":"2026-02-12T23:59:59.999Z","level":"ERROR","host.name":"web-1","status":499,"bytes":1000}`,
}

func shopScene(t *testing.T, more ...string) searched {
	t.Helper()
	s := searched{scene: newScene(t, shop)}
	for _, d := range append(slices.Clone(shopDocuments), more...) {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

// post asks the search function with a body.
func (s searched) post(values url.Values, body string) (int, string) {
	s.Helper()
	path := "/v1/" + s.collection + "/search"
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": values.Encode(), "body": body,
		"headers":        map[string]string{"content-type": "application/json"},
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": "POST", "path": path}},
	})
	if err != nil {
		s.Fatal(err)
	}
	return s.send(event)
}

// told is what a search answers, by us or by OpenSearch itself.
type told struct {
	ids          []string
	total        int
	highlights   map[string]json.RawMessage
	aggregations any
}

func (s searched) ours(body string) (a told) {
	s.Helper()
	status, text := s.post(nil, body)
	var answer struct {
		Total     struct{ Value int }
		Documents []struct {
			ID        string
			Highlight json.RawMessage
		}
		Completeness struct{ Complete bool }
		Aggregations json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK || !answer.Completeness.Complete {
		s.Errorf("%s: %d %s", body, status, text)
	}
	a = told{total: answer.Total.Value, aggregations: exactly(s.T, answer.Aggregations), highlights: map[string]json.RawMessage{}}
	for _, d := range answer.Documents {
		a.ids = append(a.ids, d.ID)
		a.highlights[d.ID] = d.Highlight
	}
	return a
}

func (s searched) theirs(body string) (a told) {
	s.Helper()
	status, text := send(s, s.node, "POST", "/"+s.collection+"-*/_search", body)
	var answer struct {
		Hits struct {
			Total struct{ Value int }
			Hits  []struct {
				ID        string `json:"_id"`
				Highlight json.RawMessage
			}
		}
		Aggregations json.RawMessage
	}
	if err := json.Unmarshal(text, &answer); err != nil || status != http.StatusOK {
		s.Errorf("OpenSearch: %s: %d %s", body, status, text)
	}
	a = told{total: answer.Hits.Total.Value, aggregations: exactly(s.T, answer.Aggregations), highlights: map[string]json.RawMessage{}}
	for _, d := range answer.Hits.Hits {
		a.ids = append(a.ids, d.ID)
		a.highlights[d.ID] = d.Highlight
	}
	return a
}

// exactly is JSON with each number's digits.
func exactly(t *testing.T, text []byte) (out any) {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSearchAnswersWhatOpenSearchDocumentsAsOpenSearchDoes(t *testing.T) {
	s := shopScene(t)
	for lines := bufio.NewScanner(bytes.NewReader(mustRead(t, "../shared/query/testdata/documented/works.jsonl"))); lines.Scan(); {
		var shape struct {
			Shape, Unlike string
			Body          json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &shape); err != nil {
			t.Fatal(err)
		}
		ours, theirs := s.ours(string(shape.Body)), s.theirs(string(shape.Body))
		if !strings.Contains(string(shape.Body), `"sort"`) {
			slices.Sort(ours.ids)
			slices.Sort(theirs.ids)
		}
		if shape.Unlike != "" { // is said in the documentation
			theirs = ours
		}
		if !slices.Equal(ours.ids, theirs.ids) || ours.total != theirs.total {
			t.Errorf("%s: we find %v (%d), OpenSearch %v (%d)", shape.Shape, ours.ids, ours.total, theirs.ids, theirs.total)
		}
		if diff := cmp.Diff(theirs.aggregations, ours.aggregations); diff != "" {
			t.Errorf("%s: -OpenSearch +we: %s", shape.Shape, diff)
		}
		for id, h := range ours.highlights {
			if want := string(theirs.highlights[id]); id != "d5" && string(h) != want { // d5 is escaped
				t.Errorf("%s: %s: %s, OpenSearch %s", shape.Shape, id, h, want)
			}
		}
		if len(ours.ids) == 0 && ours.aggregations == nil && !strings.Contains(shape.Shape, "none") {
			t.Errorf("%s finds nothing, which proves nothing", shape.Shape)
		}
	}
}

func TestSearchFindsInNestedFields(t *testing.T) {
	s := shopScene(t)
	s.finds("d1 d4", url.Values{"q": {"reviews.author:kim"}})
	s.finds("d1 d2 d4", url.Values{"q": {"reviews:*"}})
	s.finds("d1 d2", url.Values{"q": {"reviews.author:lee AND reviews.stars:[1 TO 4]"}})
	s.finds("d4", url.Values{"filter": {"reviews.author:kim"}, "q": {"NOT reviews.text:lovely"}})
	s.refuses(url.Values{"sort": {"reviews.stars"}}, "cannot be sorted by")
}

// What is hidden is in no answer, however it is asked for.
func TestSearchPostedShowsNothingHidden(t *testing.T) {
	s := shopScene(t)
	for _, body := range []string{
		`{}`, `{"_source":["*"]}`, `{"_source":{"includes":["sec*","own*","owner.*"]}}`, `{"_source":"*cret"}`, `{"fields":["*"],"_source":false}`,
		`{"size":0,"aggs":{"t":{"top_hits":{"size":10}}}}`, `{"size":0,"aggs":{"t":{"top_hits":{"size":10,"_source":["*","secret*","owner*"]}}}}`,
		`{"size":0,"aggs":{"l":{"terms":{"field":"level"},"aggs":{"t":{"top_hits":{"_source":{"includes":"s*"}}}}}}}`,
		`{"query":{"multi_match":{"query":"hush-1","fields":["*"]}},"highlight":{"require_field_match":false,"fields":{"*":{}}}}`,
		`{"query":{"match":{"body":"river"}},"highlight":{"fields":{"*":{"no_match_size":100}}}}`,
	} {
		status, text := s.post(nil, body)
		if status != http.StatusOK || strings.Contains(text, "hush") {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	for _, body := range []string{
		`{"query":{"term":{"secret":"hush-1"}}}`, `{"query":{"exists":{"field":"secret"}}}`, `{"query":{"exists":{"field":"owner"}}}`, `{"sort":["secret"]}`,
		`{"sort":[{"owner.email":{"order":"asc"}}]}`, `{"aggs":{"a":{"terms":{"field":"secret"}}}}`, `{"aggs":{"a":{"cardinality":{"field":"owner.email"}}}}`,
		`{"aggs":{"a":{"filters":{"filters":[{"prefix":{"secret":"h"}}]}}}}`, `{"highlight":{"fields":{"secret":{}}}}`, `{"query":{"multi_match":{"query":"hush-1","fields":["secret"]}}}`,
		`{"highlight":{"fields":{"body":{"highlight_query":{"term":{"secret":"hush-1"}}}}}}`, `{"sort":[{"reviews.stars":{"nested":{"path":"reviews","filter":{"term":{"secret":"x"}}}}}]}`,
		`{"q":"secret:hush-1"}`, `{"post_filter":{"term":{"secret":"hush-1"}}}`, `{"_source":["secret"]}`, `{"aggs":{"a":{"missing":{"field":"secret"}}}}`,
	} {
		if status, text := s.post(nil, body); status != http.StatusBadRequest || !strings.Contains(text, "there is no field") {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

// Buckets that are left out are told, by the path of their aggregation.
func TestSearchSaysWhichBucketsAreClipped(t *testing.T) {
	s := shopScene(t)
	status, text := s.post(nil, `{"size":0,"aggs":{"hosts":{"terms":{"field":"host.name","size":1}},"levels":{"terms":{"field":"level"},"aggs":{"near":{"filter":{"match_all":{}},"aggs":{"tags":{"terms":{"field":"tags","size":1}}}}}}}}`)
	var answer struct {
		Completeness struct {
			Complete bool
			Reasons  []string
			Clipped  []struct {
				Aggregation string
				Others      int `json:"other_documents"`
				Reason      string
			} `json:"clipped_buckets"`
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	c := answer.Completeness
	if !c.Complete || len(c.Reasons) > 0 || len(c.Clipped) != 2 || c.Clipped[0].Aggregation != "hosts" || c.Clipped[0].Others != 4 ||
		c.Clipped[1].Aggregation != "levels>near>tags" || !strings.Contains(c.Clipped[1].Reason, "larger size") {
		t.Errorf("%+v", c)
	}
}

// The documents come page by page, each once; what is counted is the same on each page.
func TestSearchPostedPagesSkipAndRepeatNothing(t *testing.T) {
	s := shopScene(t)
	for _, sort := range []string{
		`[{"status":"desc"}]`, `[{"price":"asc"}]`, `[{"price":{"order":"desc","missing":"_first"}}]`, `[{"sold_at":{"order":"asc","missing":"2026-02-01"}}]`,
		`[{"tags":{"order":"asc","mode":"max","missing":"_first"}}]`, `[{"serial":"desc"}]`, `["_score"]`, `["in_stock","client.ip"]`,
		`[{"reviews.stars":{"order":"desc","mode":"avg","nested":{"path":"reviews"}}}]`, `[{"bytes":{"mode":"median","order":"asc"}}]`,
	} {
		s.pages(sort)
	}
}

func (s searched) pages(sort string) {
	s.Helper()
	var seen []string
	body := `{"size":2,"sort":` + sort + `,"query":{"bool":{"should":[{"match":{"body":"river"}},{"match_all":{}}]}},"aggs":{"n":{"value_count":{"field":"level"}}}%s}`
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		more := ""
		if cursor != "" {
			more = fmt.Sprintf(`,"cursor":%q`, cursor)
		}
		status, text := s.post(nil, fmt.Sprintf(body, more))
		var answer struct {
			Total     struct{ Value int }
			Documents []struct{ ID string }
			Next      string
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK || answer.Total.Value != 7 || !strings.Contains(text, `"aggregations":{"n":{"value":7}}`) || pages > 5 {
			s.Fatalf("%s: %d %s", sort, status, text)
		}
		for _, d := range answer.Documents {
			seen = append(seen, d.ID)
		}
		cursor = answer.Next
	}
	sorted := slices.Sorted(slices.Values(seen))
	if len(sorted) != 7 || len(slices.Compact(sorted)) != 7 {
		s.Errorf("%s: %v", sort, seen)
	}
}

// OpenSearch answers 503 to a search that makes too many buckets, as if it were down.
func TestSearchOfTooManyBucketsIsTheCallersFault(t *testing.T) {
	s := shopScene(t)
	limit := func(n string) {
		if status, text := send(s, s.node, "PUT", "/_cluster/settings", `{"transient":{"search.max_buckets":`+n+`}}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	limit("2")
	defer limit("null")
	for range 12 { // more often than the breaker bears
		status, text := s.post(nil, `{"size":0,"aggs":{"b":{"histogram":{"field":"bytes","interval":1}}}}`)
		if status != http.StatusBadRequest || !strings.Contains(text, "too many buckets") {
			t.Fatalf("%d %s", status, text)
		}
	}
	if status, text := s.post(nil, `{}`); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
}

// OpenSearch makes empty buckets between two values until its memory is used up.
func TestSearchAsksForNoMoreEmptyBucketsThanItKnows(t *testing.T) {
	s := shopScene(t, `{"_id":"far","@timestamp":"2026-02-12T10:00:00Z","bytes":4000000000000000000,"price":1e300,"sold_at":["0001-01-01","2026-02-01","9999-12-31"]}`)
	for _, body := range []string{
		`{"size":0,"aggs":{"b":{"histogram":{"field":"bytes","interval":1}}}}`, `{"size":0,"aggs":{"b":{"histogram":{"field":"price","interval":1e-9}}}}`,
		`{"size":0,"aggs":{"d":{"date_histogram":{"field":"sold_at","fixed_interval":"1h"}}}}`,
		`{"size":0,"query":{"range":{"sold_at":{"gte":"2026-01-01","lt":"2026-03-01"}}},"aggs":{"d":{"date_histogram":{"field":"sold_at","fixed_interval":"1h"}}}}`,
		`{"size":0,"query":{"range":{"sold_at":{"gte":"2026-01-01"}}},"aggs":{"d":{"date_histogram":{"field":"sold_at","calendar_interval":"week"}}}}`,
		`{"size":0,"aggs":{"d":{"date_histogram":{"field":"sold_at","calendar_interval":"quarter"}}}}`,
		`{"size":0,"aggs":{"b":{"histogram":{"field":"bytes","interval":1,"hard_bounds":{"min":0,"max":3000}}}}}`,
	} {
		status, text := s.post(nil, body)
		if status != http.StatusOK || !strings.Contains(text, `"complete":true`) {
			t.Errorf("%s: %d %.500s", body, status, text)
		}
	}
}

// A text that is longer than OpenSearch marks by default fails no search.
func TestSearchHighlightsInAVeryLongText(t *testing.T) {
	s := shopScene(t, `{"_id":"long","@timestamp":"2026-02-12T10:00:00Z","title":"long","body":"a waterfall `+strings.Repeat("word ", 300_000)+`"}`)
	status, text := s.post(nil, `{"_source":["title"],"query":{"match":{"body":"waterfall"}},"highlight":{"fields":{"body":{"fragment_size":30}}}}`)
	if status != http.StatusOK || !strings.Contains(text, `<em>waterfall</em>`) {
		t.Errorf("%d %.500s", status, text)
	}
	status, text = s.post(nil, `{"query":{"match":{"body":"wind"}},"highlight":{"number_of_fragments":0,"fields":{"body":{}}}}`)
	if status != http.StatusOK || !strings.Contains(text, `&lt;b&gt;river&lt;&#x2F;b&gt; &amp; <em>wind</em>`) {
		t.Errorf("what is marked is not escaped: %d %s", status, text)
	}
}

// A range need not end where an interval does.
func TestPostedHistogramsHaveTheBucketThatTheRangeEndsIn(t *testing.T) {
	s := timed(t, strings.Replace(byDay, "policy: periodic, period: day,", "policy: single,", 1), "2026-02-01T09:30:00Z", "2026-03-02T09:59:59Z", "2026-03-02T10:10:00Z", "2026-03-02T10:30:00Z")
	for _, interval := range []string{`"fixed_interval":"1h"`, `"fixed_interval":"7d"`, `"calendar_interval":"day"`, `"calendar_interval":"hour"`, `"calendar_interval":"week"`,
		`"calendar_interval":"month"`, `"calendar_interval":"quarter"`, `"calendar_interval":"year"`,
		`"calendar_interval":"day","time_zone":"America/New_York"`, `"calendar_interval":"month","time_zone":"Europe/Berlin"`, `"fixed_interval":"1h","offset":"20m"`} {
		for _, end := range []string{"2026-03-02T10:30:00Z", "2026-03-02T10:10:01Z"} {
			status, text := s.post(url.Values{"from": {"2026-02-01T09:00:00Z"}, "to": {end}}, `{"size":0,"aggs":{"d":{"date_histogram":{"field":"@timestamp",`+interval+`}}}}`)
			var answer struct {
				Aggregations struct {
					D struct {
						Buckets []struct {
							Count int `json:"doc_count"`
						}
					}
				}
			}
			sum := 0
			_ = json.Unmarshal([]byte(text), &answer)
			for _, b := range answer.Aggregations.D.Buckets {
				sum += b.Count
			}
			if status != http.StatusOK || sum != 3 {
				t.Errorf("%s to %s: %d, %d of 3 documents are in the buckets", interval, end, status, sum)
			}
		}
	}
}
