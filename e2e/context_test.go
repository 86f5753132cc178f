package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

type neighbour struct{ ID, Index string }

func (n neighbour) name() string { return n.ID + " in " + n.Index[len(n.Index)-2:] }

type around struct {
	Before, After []neighbour
	Document      neighbour
	Completeness  struct {
		Complete bool
		Closed   []string `json:"closed_indices"`
	}
}

func (s searched) around(n neighbour, values url.Values) around {
	s.Helper()
	values.Set("id", n.ID)
	values.Set("index", n.Index)
	var a around
	s.ask("/context", values, &a)
	return a
}

// Most of the documents are equal in all they are sorted by and lie on several shards,
// and every id is in three indices.
func TestContextIsOneOrderWithoutSkipsOrRepeatsUnderTies(t *testing.T) {
	s := searched{scene: newScene(t, strings.Replace(byDay, "replicas: 0", "replicas: 0, shards: 3", 1))}
	for i := range 90 {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(`{"_id":"m%03d","@timestamp":"2026-05-0%dT10:00:00Z","message":"x"}`, i/3, i%3+1)))
	}
	s.store()
	s.fn = s.function("search", nil)
	at := neighbour{"m000", s.collection + "-2026-05-02"}
	walk := func(step string, next func(around) []neighbour) (chain []neighbour) {
		for here := at; len(chain) < 100; {
			list := next(s.around(here, url.Values{"before": {"0"}, "after": {"0"}, step: {"1"}}))
			if len(list) == 0 {
				break
			}
			here = list[0]
			chain = append(chain, here)
		}
		return chain
	}
	before := walk("before", func(a around) []neighbour { return a.Before })
	slices.Reverse(before)
	chain := slices.Concat(before, []neighbour{at}, walk("after", func(a around) []neighbour { return a.After }))
	seen := map[neighbour]bool{}
	for i, n := range chain {
		if seen[n] = true; i > 0 && n.Index < chain[i-1].Index {
			t.Errorf("%s behind %s", n.name(), chain[i-1].name())
		}
	}
	if len(seen) != 90 || len(chain) != 90 {
		t.Fatalf("%d steps to %d documents", len(chain), len(seen))
	}
	for i := 0; i < 90; i += 7 {
		a := s.around(chain[i], url.Values{"before": {"8"}, "after": {"3"}})
		if !slices.Equal(a.Before, chain[max(0, i-8):i]) || a.Document != chain[i] || !slices.Equal(a.After, chain[i+1:min(90, i+4)]) || !a.Completeness.Complete {
			t.Errorf("around %s: %v", chain[i].name(), a)
		}
	}
}

func TestContextHoldsWhatTheFilterLetsThroughAroundAnyDocument(t *testing.T) {
	s := searched{scene: newScene(t, byDay+"  level: {type: keyword}\n  secret: {type: keyword}\nsearch: {hidden: [secret]}\n")}
	for i, level := range []string{"E", "I", "E", "I", "I", "E"} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(`{"_id":"d%d","@timestamp":"2026-05-0%dT10:00:00Z","level":%q,"message":"m","secret":"x"}`, i, i+1, level)))
	}
	s.store()
	s.fn = s.function("search", nil)
	status, body := s.get("/context", url.Values{"id": {"d3"}, "filter": {"level:E"}, "fields": {"level,message"}, "before": {"1"}})
	if status != http.StatusOK || strings.Contains(body, "secret") || !strings.HasPrefix(body, `{"before":[{"id":"d2",`) ||
		!strings.Contains(body, `"document":{"id":"d3"`) || !strings.Contains(body, `"after":[{"id":"d5","index":"`+s.collection+`-2026-05-06","source":{"level":"E","message":"m"}}]`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := s.get("/context", url.Values{"id": {"d9"}}); status != http.StatusNotFound {
		t.Errorf("%d %s", status, body)
	}
	if status, body := s.get("/context", url.Values{"id": {"d3"}, "index": {"other"}}); status != http.StatusNotFound {
		t.Errorf("%d %s", status, body)
	}
	if status, text := send(s, s.node, "POST", "/"+s.collection+"-2026-05-03/_close", ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	s.fn = s.function("search", nil) // the list of indices is believed for seconds
	var a around
	s.ask("/context", url.Values{"id": {"d3"}, "before": {"1"}}, &a)
	if a.Before[0].ID != "d1" || a.Completeness.Complete || !slices.Equal(a.Completeness.Closed, []string{s.collection + "-2026-05-03"}) {
		t.Error(a)
	}
	if status, body := s.get("/context", url.Values{"id": {"d2"}}); status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", status, body)
	}
}
