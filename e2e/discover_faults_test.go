package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// discovering are a request to each way of looking into a collection, before one document
// of 2026-05-02.
func discovering() map[string]url.Values {
	days := func(values url.Values) url.Values {
		values.Set("from", "2026-05-01")
		values.Set("to", "2026-05-03")
		return values
	}
	return map[string]url.Values{
		"/histogram": days(url.Values{}),
		"/values":    days(url.Values{"field": {"level"}}),
		"/stats":     days(url.Values{"field": {"level"}}),
		"/suggest":   days(url.Values{"text": {"level:"}}),
		"/search":    days(url.Values{"facets": {"level"}, "highlight": {"true"}, "q": {"level:*"}}),
		"/context":   {"id": {"b"}},
	}
}

func discovered(t *testing.T) searched {
	s := searched{scene: newScene(t, byDay+"  level: {type: keyword}\n")}
	for _, d := range []string{`{"_id":"a","@timestamp":"2026-05-01T10:00:00Z","level":"x"}`, `{"_id":"b","@timestamp":"2026-05-02T10:00:00Z","level":"y"}`} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

type judged struct {
	Completeness struct {
		Complete     bool
		TimedOut     bool `json:"timed_out"`
		TotalIsExact bool `json:"total_is_exact"`
		Reasons      []string
		Shards       struct{ Failed int }
		Closed       []string `json:"closed_indices"`
	}
}

func TestDiscoverySaysThatAShardIsOnNoNode(t *testing.T) {
	s := discovered(t)
	s.homeless(s.collection + "-2026-05-03")
	for path, values := range discovering() {
		var j judged
		if s.ask(path, values, &j); j.Completeness.Complete || j.Completeness.TotalIsExact || j.Completeness.Shards.Failed != 1 || len(j.Completeness.Reasons) != 1 {
			t.Errorf("%s: %+v", path, j)
		}
	}
}

func TestDiscoverySaysThatAClosedIndexWasLeftOut(t *testing.T) {
	s := discovered(t)
	closed := s.collection + "-2026-05-01"
	if status, text := send(s, s.node, "POST", "/"+closed+"/_close", ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	open := discovering()
	open["/histogram"] = url.Values{}
	for path, values := range open {
		var j judged
		if s.ask(path, values, &j); j.Completeness.Complete || !slices.Equal(j.Completeness.Closed, []string{closed}) {
			t.Errorf("%s: %+v", path, j)
		}
	}
}

// What OpenSearch found until its time was up is told as that.
func TestDiscoverySaysThatOpenSearchRanOutOfTime(t *testing.T) {
	s := discovered(t)
	searches := func(r faultproxy.Request) bool { return r.Is(http.MethodPost, "/_search") }
	late := func(x *faultproxy.Exchange) {
		status, header, reply, err := x.Forward(x.Body)
		if err != nil {
			faultproxy.ResetBefore(x)
			return
		}
		x.Answer(status, header.Get("Content-Type"), bytes.Replace(reply, []byte(`"timed_out":false`), []byte(`"timed_out":true`), 1))
	}
	for path, values := range discovering() {
		s.proxy.Heal()
		s.proxy.Inject(searches, 1, faultproxy.Pass) // context's first finds the document itself
		if path != "/context" {
			s.proxy.Heal()
		}
		s.proxy.Inject(searches, -1, late)
		var j judged
		if s.ask(path, values, &j); j.Completeness.Complete || !j.Completeness.TimedOut || j.Completeness.TotalIsExact {
			t.Errorf("%s: %+v", path, j)
		}
	}
	for name, fault := range map[string]faultproxy.Fault{
		"503": faultproxy.Status(503, "search_phase_execution_exception", "all shards failed"), "half": faultproxy.Truncate, "page": faultproxy.HTML,
		"hang": faultproxy.HangBefore(30 * time.Second), "429": faultproxy.Status(429, "rejected_execution_exception", "full"),
	} {
		s.fn = s.function("search", map[string]string{"SEARCH_TIMEOUT": "400ms", "OPENSEARCH_BREAKER_FAILURES": "1000"})
		s.proxy.Heal()
		s.proxy.Inject(searches, -1, fault)
		for path, values := range discovering() {
			status, body := s.get(path, values)
			if status != http.StatusServiceUnavailable && status != http.StatusGatewayTimeout && status != http.StatusTooManyRequests || !strings.Contains(body, `"type":"urn:sluice:problem:`) {
				t.Errorf("%s, %s: %d %s", name, path, status, body)
			}
		}
	}
}
