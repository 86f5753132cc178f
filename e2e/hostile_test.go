package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// corpus is a scene with a document, and a table of requests for its collection.
func corpus(t *testing.T, file string) (searched, []lambdatest.Request) {
	t.Helper()
	definition := string(mustRead(t, "../functions/search/testdata/hostile/logs.yaml"))
	s := searched{scene: newScene(t, strings.TrimPrefix(definition, "name: logs\n"))}
	s.Input.Documents = []json.RawMessage{json.RawMessage(`{"_id":"1","@timestamp":"2026-05-17T10:00:00Z","message":"nothing else","level":"error","secret":"` + canary + `","vault":{"key":"` + canary + `"},"user":{"name":"n","email":"` + canary + `"}}`)}
	s.store()
	s.fn = s.function("search", nil)
	requests, err := lambdatest.Requests(string(mustRead(t, "../functions/search/testdata/"+file)))
	if err != nil || len(requests) < 30 {
		t.Fatal(len(requests), err)
	}
	return s, requests
}

// The compiled function before a real OpenSearch refuses every hostile request by itself.
func TestHostileRequestsReachNoOpenSearch(t *testing.T) {
	s, requests := corpus(t, "hostile.txt")
	before := len(s.proxy.Seen(faultproxy.Always))
	tooLarge := 0
	for _, r := range requests {
		result, err := s.fn.Invoke(s.Context(), []byte(strings.ReplaceAll(string(r.Event), "/v1/logs/", "/v1/"+s.collection+"/")))
		if errors.Is(err, lambdatest.ErrTooLarge) { // API Gateway answers 413
			tooLarge++
			continue
		}
		var answer struct {
			StatusCode int
			Body       string
			Headers    map[string]string
		}
		if err != nil || json.Unmarshal(result.Payload, &answer) != nil || answer.StatusCode != r.Status || answer.Headers["Content-Type"] != "application/problem+json" || strings.Contains(answer.Body, canary) {
			t.Errorf("%s: %v %.300s", r.Name, err, result.Payload)
		}
	}
	if after := len(s.proxy.Seen(faultproxy.Always)); after != before || tooLarge > 3 {
		t.Errorf("OpenSearch was asked %d times; %d requests were too large for Lambda", after-before, tooLarge)
	}
	s.same("queued documents", bodies(s.deadLetters()), none)
}

// What only looks hostile finds nothing in a real OpenSearch, and does it no harm.
func TestHarmlessRequestsFindNothing(t *testing.T) {
	s, requests := corpus(t, "harmless.txt")
	for _, r := range requests {
		status, body := s.send(r.Event)
		var page struct {
			Total     struct{ Value int }
			Documents []json.RawMessage
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != r.Status || page.Total.Value > 0 && r.Name != "the last time that can be written" || strings.Contains(body, canary) {
			t.Errorf("%s: %d %.300s", r.Name, status, body)
		}
	}
	s.finds("1", url.Values{"q": {"level:error"}})
}

// Counts of ranges that end now are answered from OpenSearch's request cache: within a
// minute, the same search is the same bytes.
func TestCountsOfTheLastMinutesHitOpenSearchsRequestCache(t *testing.T) {
	s := searched{scene: newScene(t, byDay)}
	s.Input.Documents = []json.RawMessage{json.RawMessage(`{"_id":"1","@timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `","message":"a"}`)}
	s.store()
	s.fn = s.function("search", nil)
	hits := func() int {
		_, text := send(s, s.node, "GET", "/"+s.collection+"-*/_stats/request_cache", "")
		var stats struct {
			All struct {
				Total struct {
					Cache struct {
						Hits int `json:"hit_count"`
					} `json:"request_cache"`
				}
			} `json:"_all"`
		}
		if err := json.Unmarshal(text, &stats); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return stats.All.Total.Cache.Hits
	}
	for _, values := range []url.Values{
		{"since": {"1h"}}, {"from": {"now-1h"}, "to": {"now"}}, {"q": {"@timestamp:[now-2h TO now]"}}, {"q": {"@timestamp:>now-3h message:a"}},
	} {
		values.Set("size", "0")
		before := hits()
		for range 4 { // a minute ends between two of them at most
			if status, body := s.get("/search", values); status != http.StatusOK || !strings.Contains(body, `"value":1`) {
				t.Fatalf("%v: %d %s", values, status, body)
			}
		}
		if got := hits() - before; got < 2 {
			t.Errorf("%v: %d hits by four equal searches", values, got)
		}
	}
	before := hits()
	for range 3 {
		s.finds("1", url.Values{"since": {"1h"}, "size": {"5"}})
	}
	if got := hits() - before; got != 0 {
		t.Errorf("pages of documents hit the cache %d times: docs/search-safety.md says that OpenSearch keeps counts only", got)
	}
}

// More indices than an address can name are searched all the same, and no others.
func TestARangeOverMoreIndicesThanAnAddressHoldsIsSearchedWhole(t *testing.T) {
	s := searched{scene: newScene(t, byDay)}
	s.collection += strings.Repeat("-long", 18)
	s.define(s.collection, byDay)
	s.fn = s.function("search", nil)
	const days = 80 // names of more than 100 bytes: twice what OpenSearch reads of a request line
	first := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	name := func(day int) string { return s.collection + "-" + first.AddDate(0, 0, -day).Format("2006-01-02") }
	foreign := name(0) + "-copy"
	var documents strings.Builder
	store := func(index, id string, at time.Time) {
		settings := `{"settings":{"number_of_shards":1,"number_of_replicas":0},"mappings":{"properties":{"@timestamp":{"type":"date"},"message":{"type":"text"}}}}`
		if status, text := send(s, s.node, "PUT", "/"+index+"?wait_for_active_shards=0", settings); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		fmt.Fprintf(&documents, `{"create":{"_index":%q,"_id":%q}}`+"\n"+`{"@timestamp":%q,"message":"a"}`+"\n", index, id, at.Format(time.RFC3339))
	}
	for i := range days {
		store(name(i), fmt.Sprintf("d%d", i), first.AddDate(0, 0, -i))
	}
	store(foreign, "foreign", first)
	if _, answer := call(s, s.node, "POST", "/_bulk?refresh=true", documents.String()); answer["errors"] != false {
		t.Fatal(answer)
	}
	status, body := s.get("/search", url.Values{"q": {"message:a"}, "size": {"0"}})
	if status != http.StatusOK || !strings.Contains(body, fmt.Sprintf(`"total":{"value":%d,`, days)) || !strings.Contains(body, `"complete":true`) {
		t.Errorf("%d %s", status, body)
	}
	status, body = s.get("/search", url.Values{"from": {name(59)[len(s.collection)+1:]}, "to": {"2026-04-30"}, "size": {"0"}})
	if status != http.StatusOK || !strings.Contains(body, `"total":{"value":59,`) {
		t.Errorf("%d %s", status, body)
	}
	status, body = s.get("/search", url.Values{"explain": {"cost"}})
	if status != http.StatusOK || !strings.Contains(body, fmt.Sprintf(`{"name":"shards","value":%d,`, days)) || strings.Contains(body, foreign) {
		t.Errorf("%d %.400s", status, body)
	}
	if status, body := s.get("/documents/d79", nil); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if status, body := s.get("/documents/foreign", nil); status != http.StatusNotFound {
		t.Errorf("%d %s", status, body)
	}
	if status, text := send(s, s.node, "DELETE", "/"+s.collection+"-2026-*", ""); status != http.StatusOK { // room for the other tests
		t.Errorf("%d %s", status, text)
	}
}
