package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const cachedByDay = byDay + "search: {cache: {fresh: 30s, settled: 1h, stale: 10m}}\n"

// searching takes the searches, not the lists of indices.
func searching(r faultproxy.Request) bool { return r.Is(http.MethodPost, "/_search") }

func redisServer(t *testing.T) *part.Redis {
	t.Helper()
	return parttest.Redis(t, part.RedisOptions{Password: "s3cret"})
}

// stored is a scene with two documents of one day, before this OpenSearch.
func stored(t *testing.T, node, definition string) searched {
	t.Helper()
	s := searched{scene: sceneOn(t, node, definition)}
	for _, d := range []string{`{"_id":"a","@timestamp":"2026-05-01T10:00:00Z","message":"first"}`, `{"_id":"b","@timestamp":"2026-05-01T11:00:00Z","message":"second"}`} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	return s
}

// answer is a search's, as far as these tests read it.
type answer struct {
	Documents    []struct{ ID string }
	Completeness struct {
		Complete bool
		Reasons  []string
		Cache    *struct {
			Age   float64 `json:"age_s"`
			State string
		}
	}
}

func (s searched) asks(fn *lambdatest.Function, values url.Values) (int, answer) {
	s.Helper()
	s.fn = fn
	status, body := s.get("/search", values)
	var a answer
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		s.Fatalf("%d %s", status, body)
	}
	return status, a
}

func (a answer) state() string {
	if a.Completeness.Cache == nil {
		return "asked"
	}
	return a.Completeness.Cache.State
}

func TestEnvironmentsShareTheirAnswersThroughRedis(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := stored(t, world.stack.OpenSearch.URL, cachedByDay)
	env := map[string]string{"CACHE_REDIS_URL": redis.URL, "CACHE_KEY": "k", "CACHE_REDIS_TIMEOUT": "2s"}
	first, second, foreign := s.function("search", env), s.function("search", env), s.function("search", merged(env, map[string]string{"CACHE_KEY": "another"}))
	day := url.Values{"from": {"2026-05-01"}, "to": {"2026-05-01"}}
	for n, c := range []struct {
		fn    *lambdatest.Function
		state string
		asked int
	}{{first, "asked", 1}, {first, "fresh", 1}, {second, "fresh", 1}, {foreign, "asked", 2}, {foreign, "fresh", 2}} {
		status, a := s.asks(c.fn, day)
		if asked := len(s.proxy.Seen(searching)); status != http.StatusOK || a.state() != c.state || len(a.Documents) != 2 || !a.Completeness.Complete || asked != c.asked {
			t.Errorf("%d: %d %s, %d searches: %+v", n+1, status, a.state(), asked, a)
		}
	}

	// What is hung, then dead, costs time and no answer.
	if err := syscall.Kill(-redis.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for n, q := range []string{"first", "second", "first", "third"} {
		status, a := s.asks(second, url.Values{"q": {q}, "from": {"2026-05-01"}})
		if status != http.StatusOK || !a.Completeness.Complete {
			t.Errorf("%d, Redis hung: %d %+v", n, status, a)
		}
	}
	redis.Kill()
	for n, q := range []string{"first", "fifth", "sixth"} {
		status, a := s.asks(first, url.Values{"q": {q}, "from": {"2026-05-01"}})
		if status != http.StatusOK || !a.Completeness.Complete {
			t.Errorf("%d, Redis dead: %d %+v", n, status, a)
		}
	}
}

// Two stages may have one Redis: what one cluster has found is no answer of another's.
func TestWhatOneClusterAnsweredIsNoAnswerOfAnothers(t *testing.T) {
	redis := redisServer(t)
	s := stored(t, world.stack.OpenSearch.URL, cachedByDay)
	env := map[string]string{"CACHE_REDIS_URL": redis.URL, "CACHE_REDIS_TIMEOUT": "2s"}
	one, other := s.function("search", env), s.function("search", merged(env, map[string]string{"OPENSEARCH_URL": world.stack.OpenSearch.URL}))
	day := url.Values{"from": {"2026-05-01"}, "to": {"2026-05-01"}}
	for n, c := range []struct {
		fn    *lambdatest.Function
		state string
	}{{one, "asked"}, {other, "asked"}, {one, "fresh"}, {other, "fresh"}} {
		if status, a := s.asks(c.fn, day); status != http.StatusOK || a.state() != c.state {
			t.Errorf("%d: %d %s", n+1, status, a.state())
		}
	}
}

func TestSearchAnswersAsBeforeWhileOpenSearchIsDown(t *testing.T) {
	n := node(t, nil)
	redis := redisServer(t)
	s := stored(t, n.URL, strings.Replace(cachedByDay, "fresh: 30s, settled: 1h", "fresh: 1s, settled: 0s", 1))
	env := map[string]string{"CACHE_REDIS_URL": redis.URL, "CACHE_REDIS_TIMEOUT": "2s", "OPENSEARCH_MAX_ATTEMPTS": "1", "SEARCH_TIMEOUT": "2s"}
	warm, cold := s.function("search", env), s.function("search", env)
	day := url.Values{"from": {"2026-05-01"}, "to": {"2026-05-01"}}
	if status, a := s.asks(warm, day); status != http.StatusOK || a.state() != "asked" {
		t.Fatalf("%d %+v", status, a)
	}
	n.Kill()
	time.Sleep(1100 * time.Millisecond) // its freshness is over
	for name, fn := range map[string]*lambdatest.Function{"the same environment": warm, "a new one": cold} {
		status, a := s.asks(fn, day)
		reasons := strings.Join(a.Completeness.Reasons, "\n")
		if status != http.StatusOK || a.state() != "stale" || len(a.Documents) != 2 || a.Completeness.Complete || a.Completeness.Cache.Age < 1 || !strings.Contains(reasons, "this is what was found") {
			t.Errorf("%s: %d %+v", name, status, a)
		}
		s.fn = fn
		if status, body := s.get("/search", url.Values{"q": {"never asked"}}); status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if err := n.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		status, a := s.asks(warm, day)
		if status == http.StatusOK && a.state() == "asked" && a.Completeness.Complete {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not recover: %d %+v", status, a)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// A search that takes long, under way when its asker is killed: OpenSearch ends it by
// itself when the asker's time would be over. The connection to it stays open here, so
// that nothing but the limit that was sent can end it.
func TestNoSearchOutlivesItsAsker(t *testing.T) {
	s := searched{scene: newScene(t, entity)}
	s.bulkDirectly(20_000)
	s.proxy.Inject(searching, -1, func(x *faultproxy.Exchange) {
		body := bytes.Replace(x.Body, []byte(`"query":`), []byte(`"query":{"bool":{"filter":{"script":{"script":"long x = 0; for (int i = 0; i < 900000; i++) { x += i % 7 } return x > 0"}},"must":`), 1)
		body = bytes.Replace(body, []byte(`,"size"`), []byte(`}},"size"`), 1)
		at := bytes.Index(body, []byte(`"timeout":"`))
		body = append(body[:at:at], []byte(`"timeout":"10m"}`)...) // what is left is the limit in the query
		status, header, reply, err := x.Forward(body)
		t.Logf("OpenSearch: %d %.200s %v", status, reply, err)
		if err == nil {
			x.Answer(status, header.Get("Content-Type"), reply)
		}
	})
	fn := s.function("search", map[string]string{"SEARCH_TIMEOUT": "6s"})
	event, _ := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": "/v1/" + s.collection + "/search", "rawQueryString": "",
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": "GET"}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() { defer close(gone); _, _ = fn.Invoke(ctx, event) }()
	s.until(time.Minute, "the search is under way", func() bool { return s.tasks() > 0 })
	began := time.Now()
	fn.Kill()
	cancel()
	<-gone
	time.Sleep(time.Second)
	if s.tasks() == 0 {
		t.Fatal("the search ended with its connection, or was too short to show anything")
	}
	s.until(90*time.Second, "the search is cancelled", func() bool { return s.tasks() == 0 })
	t.Logf("killed, the search was ended after %s", time.Since(began).Round(100*time.Millisecond))
}

// tasks are the searches of the scene's indices that are under way.
func (s searched) tasks() int {
	s.Helper()
	_, text := send(s, s.node, http.MethodGet, "/_tasks?actions=indices:data/read/search*&detailed=true", "")
	return strings.Count(string(text), s.collection)
}

func (s searched) until(limit time.Duration, what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(limit); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// bulkDirectly makes the collection's index with n documents in one shard.
func (s searched) bulkDirectly(n int) {
	s.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"index":{"_id":"%d"}}`+"\n"+`{"id":"%d","s":"x"}`+"\n", i, i)
	}
	index := s.collection
	if status, text := send(s, s.node, http.MethodPut, "/"+index, `{"settings":{"number_of_shards":1,"number_of_replicas":0},"mappings":{"properties":{"id":{"type":"keyword"}}}}`); status != http.StatusOK {
		s.Fatalf("%d %s", status, text)
	}
	if status, text := send(s, s.node, http.MethodPost, "/"+index+"/_bulk?refresh=true", b.String()); status != http.StatusOK || strings.Contains(string(text), `"errors":true`) {
		s.Fatalf("%d %.300s", status, text)
	}
}

// OpenSearch leaves out columns that it does not know: these decide when a kept answer ends.
func TestOpenSearchTellsAllThatAnIndexsGenerationIsMadeOf(t *testing.T) {
	s := stored(t, world.stack.OpenSearch.URL, cachedByDay)
	const columns = "uuid,docs.count,docs.deleted,pri.indexing.index_total,pri.indexing.delete_total,refresh.external_total"
	_, text := send(s, s.node, "GET", "/_cat/indices/"+s.collection+"-*?format=json&h="+columns, "")
	var rows []map[string]string
	if err := json.Unmarshal(text, &rows); err != nil || len(rows) != 1 {
		t.Fatal(err, text)
	}
	for name := range strings.SplitSeq(columns, ",") {
		if rows[0][name] == "" {
			t.Errorf("no %s in %s", name, text)
		}
	}
}
