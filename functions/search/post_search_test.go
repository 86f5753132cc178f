package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/query"
)

func postBody(s testServer, target, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	s.engine.ServeHTTP(w, r)
	return w
}

func TestOpenAPIAndPostedSearchesAgree(t *testing.T) {
	api := loadAPI(t)
	parameters := namesInQuery(api.Paths.Value("/v1/{collection}/search").Post)
	properties := func(schema string) []string {
		return slices.Collect(maps.Keys(api.Components.Schemas[schema].Value.Properties))
	}
	for name, c := range map[string][2][]string{
		"parameters":   {parameters, query.BodyParameters()},
		"keys":         {properties("SearchBody"), query.BodyKeys()},
		"queries":      {properties("Query"), query.QueryKinds()},
		"aggregations": {properties("Aggregation"), append(query.AggregationKinds(), "aggs", "aggregations")},
	} {
		slices.Sort(c[0])
		slices.Sort(c[1])
		if !slices.Equal(c[0], c[1]) {
			t.Errorf("%s: document %v\ncode %v", name, c[0], c[1])
		}
	}
}

// What works of OpenSearch's documentation fits the document, and what does not fit it is
// refused.
func TestOpenAPIIsTrueOfPostedBodies(t *testing.T) {
	schema := loadAPI(t).Components.Schemas["SearchBody"].Value
	text, err := os.ReadFile("../../shared/query/testdata/documented/works.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var shape struct {
			Shape string
			Body  any
		}
		if err := json.Unmarshal([]byte(line), &shape); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(shape.Body); err != nil {
			t.Errorf("%s: %v", shape.Shape, err)
		}
	}
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	for _, body := range []string{
		`{"size":"10"}`, `{"size":-1}`, `{"from":"0"}`, `{"query":1}`, `{"query":{}}`, `{"query":{"bool":{"x":1}}}`, `{"query":{"term":{"level":{"value":[1]}}}}`,
		`{"aggs":[]}`, `{"aggs":{"a":1}}`, `{"aggs":{"a":{"terms":{"field":1}}}}`, `{"aggs":{"a":{"terms":{"field":"level","size":0}}}}`, `{"sort":1}`, `{"sort":{"level":1}}`,
		`{"_source":1}`, `{"fields":{}}`, `{"highlight":{}}`, `{"highlight":{"fields":{"message":{"fragment_size":-1}}}}`, `{"track_total_hits":0}`, `{"time":1}`, `{"q":[]}`, `null`, `"x"`,
		`{"query":{"bool":{"boost":"2"}}}`, `{"query":{"nested":{"path":1,"query":{"match_all":{}}}}}`, `{"query":{"match_all":[]}}`, `{"query":{"ids":{}}}`,
		`{"query":{"bool":{"minimum_should_match":10000}}}`, `{"query":{"bool":{"minimum_should_match":-10000}}}`, `{"query":{"bool":{"minimum_should_match":"most"}}}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatal(err)
		}
		if schema.VisitJSON(v) == nil {
			t.Errorf("the document allows %s", body)
		}
		if w := postBody(s, "/v1/logs/search", body); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestSearchAnswersACountWhereThereIsNoIndex(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: `[{"index":"logs-2026-05-17","status":"close"}]`})
	w := postBody(s, "/v1/logs/search?from=2020-01-01&to=2020-01-02", `{"aggs":{"n":{"terms":{"field":"level"}}}}`)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"aggregations":{}`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSearchRefusesABodyThatIsTooLarge(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	w := postBody(s, "/v1/logs/search", `{"q":"`+strings.Repeat("a", query.MaxBody)+`"}`)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Aggregations leave less room for documents; those that no answer can carry are told so.
func TestSearchCutsThePageBesideLargeAggregations(t *testing.T) {
	large := `,"aggregations":{"n":{"buckets":["` + strings.Repeat("x", 4_000_000) + `"]}}}`
	opensearch := &answering{indices: "[]", reply: strings.TrimSuffix(hits(`{"m":"`+strings.Repeat("y", 1_000_000)+`"}`, `{"m":"`+strings.Repeat("y", 1_000_000)+`"}`), "}") + large}
	s := newTestServer(t, opensearch)
	body := `{"aggs":{"n":{"value_count":{"field":"level"}}}}`
	if w := postBody(s, "/v1/logs/search?from=2026-05-17", body); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"page_cut":{"documents":1,"of":2}`) {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
	opensearch.reply = strings.Replace(opensearch.reply, `["x`, `["`+strings.Repeat("x", 2_000_000), 1)
	if w := postBody(s, "/v1/logs/search?from=2026-05-17", body); w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "fewer buckets") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}

// The largest bodies there can be are refused before OpenSearch hears of them.
func BenchmarkRefusals(b *testing.B) {
	s := newTestServer(b, &answering{reply: hits(), indices: "[]"})
	for name, body := range map[string]string{
		"nested":    strings.Repeat(`{"query":`, 20_000) + "1" + strings.Repeat("}", 20_000),
		"values":    `{"query":{"terms":{"level":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 60_000), ",") + `]}}}`,
		"names":     `{"query":{"bool":{` + names(12_000) + `}}}`,
		"long name": `{"` + strings.Repeat("a", 250_000) + `":1}`,
		"escapes":   `{"q":"` + strings.Repeat(`\u0041`, 43_000) + `"}`,
		"clauses":   `{"query":{"bool":{"must":[` + strings.TrimSuffix(strings.Repeat(`{"match_all":{}},`, 5_000), ",") + `]}}}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if w := postBody(s, "/v1/logs/search", body); w.Code != http.StatusBadRequest {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

func names(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = `"must` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + `":[]`
	}
	return strings.Join(list, ",")
}
