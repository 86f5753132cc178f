package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// An index that is closed a moment after the function has heard of it is named by every
// answer that lacks it, and no such answer is kept.
func TestAnIndexClosedAMomentAgoIsNamed(t *testing.T) {
	for name, definition := range map[string]string{
		"by day":   byDay,
		"cached":   byDay + "search: {cache: {fresh: 1m, settled: 1h, stale: 1h}}\n",
		"by alias": strings.Replace(byDay, "policy: periodic, period: day", "policy: rollover, rollover: {max_docs: 1}", 1),
	} {
		t.Run(name, func(t *testing.T) { closedAMomentAgo(t, definition, name == "by alias") })
	}
}

func closedAMomentAgo(t *testing.T, definition string, alias bool) {
	s := searched{scene: newScene(t, definition)}
	ingest := s.function("ingest", nil)
	for i, day := range []string{"08", "09", "10"} {
		one := s.event(message{ID: "d" + day, Body: `{"@timestamp":"2026-02-` + day + `T10:00:00Z","message":"a"}`})
		s.same("not stored", s.invoke(ingest, one), none)
		if alias && i < 2 {
			call(s, s.node, http.MethodPost, "/"+s.collection+"/_rollover", "")
		}
	}
	s.documents()
	from := func() url.Values { return url.Values{"from": {"2026-02-08"}, "to": {"2026-02-10"}} }
	asks := map[string]func() (string, url.Values){
		"search":    func() (string, url.Values) { return "/search", from() },
		"facets":    func() (string, url.Values) { v := from(); v.Set("q", "message:a"); return "/search", v },
		"histogram": func() (string, url.Values) { return "/histogram", from() },
		"context":   func() (string, url.Values) { return "/context", url.Values{"id": {"d10"}, "before": {"5"}} },
	}
	if alias { // whose ids are the messages', too
		delete(asks, "context")
	}
	if strings.Contains(definition, "cache:") {
		delete(asks, "search") // it may give the answer of before, which was whole
		delete(asks, "histogram")
	}
	for name, ask := range asks {
		closed := s.indices()[1]
		s.fn = s.function("search", nil) // which has heard of nothing
		if status, body := s.get("/search", from()); status != http.StatusOK || !strings.Contains(body, `"value":3`) || !strings.Contains(body, `"complete":true`) {
			t.Fatalf("%s: %d %s", name, status, body)
		}
		heard := time.Now()
		call(s, s.node, http.MethodPost, "/"+closed+"/_close", "")
		path, values := ask()
		status, body := s.get(path, values)
		var answer struct {
			Completeness struct {
				Complete bool
				Closed   []string `json:"closed_indices"`
			}
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, body)
		}
		if answer.Completeness.Complete || len(answer.Completeness.Closed) != 1 || answer.Completeness.Closed[0] != closed {
			t.Errorf("%s, %s after it has heard of %s: %s", name, time.Since(heard), closed, body)
		}
		_, exported := s.get("/export", from())
		if !strings.Contains(exported, `"complete":false`) || !strings.Contains(exported, closed) {
			t.Errorf("%s: the export says %s", name, exported)
		}
		call(s, s.node, http.MethodPost, "/"+closed+"/_open", "")
		call(s, s.node, http.MethodGet, "/_cluster/health/"+closed+"?wait_for_status=yellow", "")
		s.until(20*time.Second, "the index is open again", func() bool {
			status, body := s.get(path, values)
			return status == http.StatusOK && strings.Contains(body, `"closed_indices":[]`) && strings.Contains(body, `"complete":true`)
		})
	}
}
