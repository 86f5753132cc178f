package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// everyPolicy is a collection's index policy, each there is.
var everyPolicy = map[string]string{
	"single":      "index: {policy: single, replicas: 0}\n",
	"hour":        "index: {policy: periodic, period: hour, replicas: 0}\nappend_only: true\n",
	"day":         "index: {policy: periodic, period: day, replicas: 0}\nappend_only: true\n",
	"month":       "index: {policy: periodic, period: month, replicas: 0}\nappend_only: true\n",
	"rollover":    "index: {policy: rollover, rollover: {max_docs: 1000}, replicas: 0}\nappend_only: true\n",
	"data_stream": "index: {policy: data_stream, rollover: {max_docs: 1000}, replicas: 0}\nappend_only: true\n",
}

// Whatever the index policy, a search and an id find what ingest stored.
func TestSearchFindsDocumentsUnderEveryIndexPolicy(t *testing.T) {
	t.Parallel()
	for policy, definition := range everyPolicy {
		t.Run(policy, func(t *testing.T) {
			s := searched{scene: newScene(t, definition+`time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  message: {type: text}
`)}
			for _, d := range []string{
				`{"_id":"a/1","@timestamp":"2026-05-01T10:00:00Z","message":"first"}`,
				`{"_id":"b%2","@timestamp":"2026-05-02T23:59:59.999Z","message":"second"}`,
			} {
				s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
			}
			s.store()
			s.fn = s.function("search", nil)
			s.finds("a/1 b%2", url.Values{})
			s.finds("b%2", url.Values{"from": {"2026-05-02"}, "to": {"2026-05-02"}})
			s.finds("a/1", url.Values{"to": {"2026-05-01T12:00:00Z"}, "q": {"first"}})
			s.finds("", url.Values{"since": {"15m"}})
			for id, message := range map[string]string{"a/1": "first", "b%2": "second"} {
				if status, body := s.get("/documents/"+id, nil); status != http.StatusOK || !strings.Contains(body, message) {
					t.Errorf("%s: %d %s", id, status, body)
				}
			}
			if status, body := s.get("/documents/c", nil); status != http.StatusNotFound {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

// OpenSearch leaves closed indices out without a word; the answer has it.
func TestSearchSaysThatAClosedIndexWasLeftOut(t *testing.T) {
	s := searched{scene: newScene(t, byDay)}
	for _, d := range []string{`{"_id":"a","@timestamp":"2026-05-01T10:00:00Z"}`, `{"_id":"b","@timestamp":"2026-05-02T10:00:00Z"}`} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	closed := s.collection + "-2026-05-01"
	if status, text := send(s, s.node, "POST", "/"+closed+"/_close", ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	for _, values := range []url.Values{{}, {"from": {"2026-05-01"}, "to": {"2026-05-02"}}} {
		status, body := s.get("/search", values)
		for _, want := range []string{`"complete":false`, `"closed_indices":["` + closed + `"]`, `"id":"b"`} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%v: %d %s", values, status, body)
			}
		}
	}
	if status, body := s.get("/documents/a", nil); status != http.StatusServiceUnavailable || !strings.Contains(body, closed) {
		t.Errorf("%d %s", status, body)
	}
	s.finds("b", url.Values{"from": {"2026-05-02"}})
}

// With one index, an id finds a document that no search shows yet.
func TestSearchByIDSeesWhatWasWrittenAMomentAgo(t *testing.T) {
	s := searched{scene: newScene(t, strings.Replace(entity, "replicas: 0", "replicas: 0, refresh_interval: 60s", 1))}
	s.fn = s.function("search", nil)
	if failed := s.invoke(s.function("ingest", nil), s.event(message{ID: "1", Body: `{"id":"A-1","version":1,"s":"new"}`})); len(failed) > 0 {
		t.Fatal(failed)
	}
	if status, body := s.get("/documents/A-1", nil); status != http.StatusOK || !strings.Contains(body, `"s":"new"`) {
		t.Errorf("%d %s", status, body)
	}
}

// homeless makes an index whose shard is on no node. One that a node has a copy of would go
// there, whatever the settings say.
func (s *scene) homeless(index string) {
	s.Helper()
	s.ok(http.MethodPut, "/"+index+"?wait_for_active_shards=0", `{"settings":{"number_of_replicas":0,"index.routing.allocation.require._name":"nobody"}}`)
}

// A shard that no node has is counted by OpenSearch neither as successful nor as failed.
func TestSearchSaysThatAShardIsOnNoNode(t *testing.T) {
	s := searched{scene: newScene(t, byDay)}
	for _, d := range []string{`{"_id":"a","@timestamp":"2026-05-01T10:00:00Z"}`, `{"_id":"b","@timestamp":"2026-05-02T10:00:00Z"}`} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	lost := s.collection + "-2026-05-01"
	s.ok(http.MethodDelete, "/"+lost, "")
	s.homeless(lost)
	status, body := s.get("/search", url.Values{})
	for _, want := range []string{`"complete":false`, `"failed":1`, "1 of 2 shards failed (not assigned to a node)", `"total_is_exact":false`, `"id":"b"`} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("no %s: %d %s", want, status, body)
		}
	}
	if status, body := s.get("/documents/a", nil); status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", status, body)
	}
}
