package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// narrowIndices are ten days of three shards each.
func narrowIndices() string {
	var rows []string
	for day := range 10 {
		rows = append(rows, fmt.Sprintf(`{"index":"narrow-%s","status":"open","pri":"3"}`, noon.AddDate(0, 0, -day).Format("2006-01-02")))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

func TestASearchOverALimitIsRefusedAndNotRun(t *testing.T) {
	for query, says := range map[string]string{
		"since=5d":               "shards: 18, the limit is 10 (search.limits.shards): take a shorter time",
		"since=1d&q=a+b+c+d+e+f": "clauses: 7, the limit is 6",
		"since=1d&q=a*+b*":       "wildcards: 2, the limit is 1",
		"since=1d&q=a+OR+(b+AND+(c+OR+(d+AND+e)))": "nesting: ",
	} {
		opensearch := &answering{reply: hits(), indices: narrowIndices()}
		s := testServerOf(t, opensearch, "testdata/limits")
		for _, more := range []string{"", "&size=0", "&explain=cost"} {
			w := request(s, "/v1/narrow/search?"+query+more)
			var answer struct {
				Type, Verdict string
				Reasons       []string
				Cost          json.RawMessage
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			explained := strings.Contains(more, "explain")
			if want := map[bool]int{true: 200, false: 400}[explained]; w.Code != want || opensearch.path != "" || !strings.Contains(w.Body.String(), says) {
				t.Errorf("%s: %d, asked %q: %s", query+more, w.Code, opensearch.path, w.Body)
			}
			if explained && answer.Verdict != "refused" || !explained && (answer.Type != "urn:sluice:problem:too_costly" || !strings.Contains(string(answer.Cost), `"verdict":"refused"`)) {
				t.Errorf("%s: %s", query+more, w.Body)
			}
		}
	}
}

func TestACostNamesIndicesShardsAndDays(t *testing.T) {
	opensearch := &answering{reply: hits(), indices: narrowIndices()}
	s := testServerOf(t, opensearch, "testdata/limits")
	w := request(s, "/v1/narrow/search?since=2d&q=a&explain=cost")
	for _, want := range []string{
		`"verdict":"allowed","reasons":[]`, `{"name":"shards","value":9,"limit":10,"over":false}`, `{"name":"clauses","value":2,"limit":6,"over":false}`,
		`"indices":["narrow-2026-05-15","narrow-2026-05-16","narrow-2026-05-17"`, `"days":2`, `"max_days":31`, `"from":"2026-05-15T12:34:00Z"`,
	} {
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in %d %s", want, w.Code, w.Body)
		}
	}
	if opensearch.path != "" {
		t.Error("asked", opensearch.path)
	}
	if w := request(s, "/v1/narrow/search?since=2d&q=a"); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
}

// A posted body is weighed as it would be sent.
func TestAPostedSearchTellsItsCostAndIsHeldToIt(t *testing.T) {
	const body = `{"query":{"terms":{"level":["a","b","c"]}},"aggs":{"a":{"terms":{"field":"level","size":100}}}}`
	for explain, want := range map[string]int{"&explain=cost": 200, "": 400} {
		opensearch := &answering{reply: hits(), indices: narrowIndices()}
		s := testServerOf(t, opensearch, "testdata/limits")
		w := httptest.NewRecorder()
		s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/narrow/search?since=1d"+explain, strings.NewReader(body)))
		says := []string{`"verdict":"refused"`, "array: 3, the limit is 2 (search.limits.array)", "the limit is 100 (search.limits.buckets): ask for fewer values (size)"}
		if explain != "" { // six shards, which hand in 160 each
			says = append(says, `{"name":"buckets","value":960,"limit":100,"over":true}`)
		}
		for _, part := range says {
			if w.Code != want || !strings.Contains(w.Body.String(), part) || opensearch.path != "" {
				t.Errorf("no %s in %d %s, asked %s", part, w.Code, w.Body, opensearch.path)
			}
		}
	}
}

// What a highlight looks for costs as much as what a search does, unless it is the same.
func TestAHighlightsQueryIsHeldToTheLimits(t *testing.T) {
	for body, says := range map[string]string{
		`{"highlight":{"fields":{"message":{}},"highlight_query":{"bool":{"should":[{"prefix":{"message":"a"}},{"prefix":{"message":"b"}}]}}}}`:                      "wildcards: 2, the limit is 1",
		`{"query":{"prefix":{"message":"a"}},"highlight":{"fields":{"message":{"highlight_query":{"prefix":{"message":"b"}}}}}}`:                                     "wildcards: 2, the limit is 1",
		`{"highlight":{"fields":{"message":{"highlight_query":{"bool":{"must":{"bool":{"must":{"bool":{"must":{"bool":{"must":{"match":{"message":"a"}}}}}}}}}}}}}}`: "nesting: 4, the limit is 3",
		`{"highlight":{"fields":{"message":{"highlight_query":{"terms":{"level":["a","b","c"]}}}}}}`:                                                                 "array: 3, the limit is 2",
		`{"query":{"prefix":{"message":"a"}},"highlight":{"fields":{"message":{}},"highlight_query":{"prefix":{"message":"a"}}}}`:                                    "",
	} {
		opensearch := &answering{reply: hits(), indices: narrowIndices()}
		s := testServerOf(t, opensearch, "testdata/limits")
		w := httptest.NewRecorder()
		s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/narrow/search?since=1d", strings.NewReader(body)))
		if says == "" && w.Code != 200 || says != "" && (w.Code != 400 || opensearch.path != "" || !strings.Contains(w.Body.String(), says)) {
			t.Errorf("%s: %d, asked %q: %s", body, w.Code, opensearch.path, w.Body)
		}
	}
}

// What is not one search, but many of one kind, is weighed as that.
func TestTailsAndExportsOverALimitAreRefusedAndNotRun(t *testing.T) {
	for target, says := range map[string]string{
		"tail?wait=0&q=a+b+c+d+e+f+g": "clauses: 7, the limit is 6", "tail?wait=0&q=a*+b*": "wildcards: 2, the limit is 1",
		"export?since=1d&q=a*+b*": "wildcards: 2, the limit is 1", "export?since=5d": "shards: 18, the limit is 10",
	} {
		opensearch := &answering{reply: hits(), indices: narrowIndices()}
		s := testServerOf(t, opensearch, "testdata/limits")
		if w := request(s, "/v1/narrow/"+target); w.Code != 400 || opensearch.path != "" || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d, asked %q: %s", target, w.Code, opensearch.path, w.Body)
		}
	}
}

// A document by its id is one cheap condition, however many indices there are.
func TestADocumentByIDIsNeverTooCostly(t *testing.T) {
	s := testServerOf(t, &answering{reply: hits(`{"a":1}`), indices: narrowIndices()}, "testdata/limits")
	if w := request(s, "/v1/narrow/documents/"+url.PathEscape("d0")); w.Code != http.StatusOK {
		t.Error(w.Code, w.Body)
	}
}

// What asks OpenSearch has been weighed: only a document by its id has not to be.
func TestEveryAskIsWithinItsLimits(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	asks := regexp.MustCompile(`s\.(ask|asked|recall)\([^)]*[^\n]*`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "ask.go" || file == "recall.go" { // they send what they are given
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range asks.FindAllString(string(text), -1) {
			if found++; !strings.Contains(line, "s.within(") && !strings.Contains(line, "request.Document(id, limit)") && !strings.Contains(line, "request.Anchor") {
				t.Errorf("%s: %s: write s.within(v, where, request, body) around the body", file, line)
			}
		}
	}
	if found == 0 {
		t.Error("nothing asks")
	}
}
