package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// quick makes a function give up on a fault that lasts within seconds.
var quick = map[string]string{
	"OPENSEARCH_HEADER_TIMEOUT": "2s", "OPENSEARCH_MAX_ATTEMPTS": "2",
	"OPENSEARCH_BACKOFF_MAX": "100ms", "OPENSEARCH_BREAKER_FAILURES": "1000", "DEADLINE_RESERVE": "20s",
}

// atOnce has a failed batch of a stream answered without a delay (of which
// TestFailingStreamIsNoHotLoop is the test), so that many failures take little time.
var atOnce = map[string]string{"RETRY_DELAY": "0s"}

func three(s *scene) []byte {
	return s.event(
		message{ID: "a", Body: `{"@timestamp":"2026-03-01T10:00:00Z","message":"one"}`},
		message{ID: "b", Body: `{"@timestamp":"2026-03-01T10:00:01Z","message":"two"}`},
		message{ID: "c", Body: `{"@timestamp":"2026-03-02T10:00:02Z","message":"three"}`},
	)
}

func refuse(word string, status int, errorType string) func(faultproxy.Item) *faultproxy.ItemError {
	return func(it faultproxy.Item) *faultproxy.ItemError {
		if strings.Contains(string(it.Doc), word) {
			return &faultproxy.ItemError{Status: status, Type: errorType, Reason: "made by the test"}
		}
		return nil
	}
}

var (
	none = []string{}
	abc  = []string{"a", "b", "c"}
	b    = []string{"b"}
)

// Each transport fault, once and for as long as the invocation lasts; then the server is
// well again and what was reported is delivered a second time.
func TestCoreEachTransportFaultLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault faultproxy.Fault
		once  []string // reported when the fault comes once
		ever  []string // reported when it stays
		dead  int
	}{
		{"connection reset before the bytes arrived", faultproxy.ResetBefore, none, abc, 0},
		{"connection reset after the bytes arrived", faultproxy.ResetAfter, none, abc, 0},
		{"no answer, bytes not arrived", faultproxy.HangBefore(time.Minute), none, abc, 0},
		{"no answer, bytes arrived", faultproxy.Hang(time.Minute), none, abc, 0},
		{"truncated reply", faultproxy.Truncate, none, abc, 0},
		{"429 on the request", faultproxy.Status(429, "rejected_execution_exception", "full"), none, abc, 0},
		{"503 on the request", faultproxy.Status(503, "unavailable", "no master"), none, abc, 0},
		{"504 after the bytes arrived", faultproxy.StatusAfter(504), none, abc, 0},
		{"429 on one item", faultproxy.Items(refuse("two", 429, "rejected_execution_exception")), none, b, 0},
		{"503 on one item", faultproxy.Items(refuse("two", 503, "unavailable_shards_exception")), none, b, 0},
		{"one item missing from the reply", faultproxy.Short, none, abc, 0},
		{"HTML instead of JSON", faultproxy.HTML, none, abc, 0},
		{"413 on the whole request", faultproxy.Empty(413), none, none, 3},
		{"400 on the whole request", faultproxy.Status(400, "illegal_argument_exception", "made by the test"), none, none, 3},
		{"401 on the request", faultproxy.Status(401, "security_exception", "no"), abc, abc, 0},
		{"403 on the request", faultproxy.Status(403, "security_exception", "no"), abc, abc, 0},
		{"cluster block on one item", faultproxy.Items(refuse("two", 403, "cluster_block_exception")), none, b, 0},
	} {
		t.Run(c.name+", once", func(t *testing.T) {
			t.Parallel()
			s, fn := warm(t)
			s.proxy.Inject(faultproxy.Bulk, 1, c.fault)
			s.same("batchItemFailures", s.invoke(fn, three(s)), c.once)
			s.settle(fn, 0)
		})
		t.Run(c.name+", to the end", func(t *testing.T) {
			t.Parallel()
			s, fn := warm(t)
			s.proxy.Inject(faultproxy.Bulk, -1, c.fault)
			s.same("batchItemFailures", s.invoke(fn, three(s)), c.ever)
			s.settle(fn, c.dead)
		})
	}
}

// warm is a scene whose indices exist, so that the fault alone takes the function's time.
func warm(t *testing.T) (*scene, *lambdatest.Function) {
	s := newScene(t, appendOnly)
	s.same("warm-up", s.invoke(s.function("ingest", nil), s.event(
		message{ID: "warm 1", Body: `{"@timestamp":"2026-03-01T00:00:00Z"}`},
		message{ID: "warm 2", Body: `{"@timestamp":"2026-03-02T00:00:00Z"}`},
	)), none)
	return s, s.function("ingest", quick)
}

// settle heals the proxy, delivers the three again, and counts.
func (s *scene) settle(fn interface{ Kill() }, dead int) {
	s.Helper()
	s.proxy.Heal()
	fn.Kill()
	letters := s.deadLetters()
	if len(letters) != dead {
		s.Errorf("%d dead letters, want %d", len(letters), dead)
	}
	if dead > 0 {
		return
	}
	s.same("second delivery", s.invoke(s.function("ingest", nil), three(s)), none)
	s.same("documents", keys(s.documents()), append(abc[:3:3], "warm 1", "warm 2"))
	s.same("indices", s.indices(), []string{s.collection + "-2026-03-01", s.collection + "-2026-03-02"})
}

func TestCoreOnePoisonNeverFailsAnother(t *testing.T) {
	s := newScene(t, appendOnly+"dynamic: strict\n")
	s.define(s.collection+"j", strings.Replace(appendOnly, "lines: [combined, text]\n", "", 1))
	fn := s.function("ingest", nil)
	failed := s.invoke(fn, s.event(
		message{ID: "good", Body: `{"@timestamp":"2026-03-01T10:00:00Z","message":"fine","n":9007199254740993}`},
		message{ID: "json", Body: `{"broken`, Collection: s.collection + "j"},
		message{ID: "mapping", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":"not a number"}`},
		message{ID: "strict", Body: `{"@timestamp":"2026-03-01T10:00:00Z","unknown":1}`},
		message{ID: "collection", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`, Collection: "nobody"},
		message{ID: "future", Body: `{"@timestamp":"2099-01-01T00:00:00Z","message":"clock"}`},
		message{ID: "time", Body: `{"message":"no time"}`},
		message{ID: "array", Body: `{"@timestamp":["2026-03-01T10:00:00Z"]}`},
		message{ID: "also good", Body: `{"@timestamp":"2026-03-01T10:00:01Z","message":"fine too"}`},
	))
	s.same("batchItemFailures", failed, none)
	docs := s.documents()
	s.same("documents", keys(docs), []string{"also good", "good"})
	if !strings.Contains(string(docs["good"]), "9007199254740993") {
		s.Errorf("a large integer changed: %s", docs["good"])
	}
	s.same("indices", s.indices(), []string{s.collection + "-2026-03-01"})
	for _, m := range s.deadLetters() {
		s.Logf("dead letter: %s: %s", *m.Body, attribute(m, "cause"))
		if attribute(m, "cause") == "" || attribute(m, "type") == "" || noteOf(t, m).Source == "" {
			s.Errorf("a dead letter without cause, type or source: %s: %v", *m.Body, m.MessageAttributes)
		}
	}
}

// OpenSearch never answers a request that holds one of these.
func TestDocumentNestedTooDeepHangsNoBatch(t *testing.T) {
	s := newScene(t, strings.Replace(appendOnly, "  n:", "  attributes: {type: flat_object}\n  n:", 1)+"dynamic: true\n")
	const start = `{"@timestamp":"2026-03-01T10:00:00Z",`
	failed := s.invoke(s.function("ingest", nil), s.event(
		message{ID: "levels", Body: start + `"attributes":` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5001)},
		message{ID: "dots", Body: start + `"` + strings.Repeat("a.", 5000) + `a":1}`},
		message{ID: "good", Body: start + `"attributes":` + strings.Repeat(`{"a":`, 98) + "1" + strings.Repeat("}", 99)},
	))
	s.same("batchItemFailures", failed, none)
	s.same("documents", keys(s.documents()), []string{"good"})
	var kinds []string
	for _, m := range s.deadLetters() {
		kinds = append(kinds, attribute(m, "type"))
	}
	s.same("dead letters", kinds, []string{"too_deep", "too_deep"})
}

func TestDeadLetterQueueDownReportsTheRecord(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", map[string]string{"DEAD_LETTER_QUEUE_URL": s.dead + "-gone"})
	failed := s.invoke(fn, s.event(
		message{ID: "bad", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":"x"}`},
		message{ID: "good", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":1}`},
	))
	s.same("batchItemFailures", failed, []string{"bad"})
	s.same("documents", keys(s.documents()), []string{"good"})
}

func TestFIFOFailureFailsTheRestOfItsGroupOnly(t *testing.T) {
	s := newScene(t, entity)
	fn := s.function("ingest", quick)
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(refuse("two", 429, "rejected_execution_exception")))
	body := func(id, word string) string { return fmt.Sprintf(`{"id":%q,"version":1,"s":%q}`, id, word) }
	failed := s.invoke(fn, s.event(
		message{ID: "g1-1", Group: "g1", Body: body("1", "one")},
		message{ID: "g2-1", Group: "g2", Body: body("2", "one")},
		message{ID: "g1-2", Group: "g1", Body: body("3", "two")},
		message{ID: "g1-3", Group: "g1", Body: body("4", "three")},
		message{ID: "g2-2", Group: "g2", Body: body("5", "four")},
	))
	s.same("batchItemFailures", failed, []string{"g1-2", "g1-3"})
}

func TestEntityKeepsTheHighestVersionHoweverOftenDelivered(t *testing.T) {
	s := newScene(t, entity)
	fn := s.function("ingest", nil)
	body := func(v int, op string) string {
		return fmt.Sprintf(`{"id":"7","version":%d,"op":%q,"s":"v%d"}`, v, op, v)
	}
	all := s.event(
		message{ID: "1", Body: body(1, "")}, message{ID: "3", Body: body(3, "")}, message{ID: "2", Body: body(2, "")},
	)
	for range 2 {
		s.same("batchItemFailures", s.invoke(fn, all), none)
	}
	if got := string(s.documents()["7"]); !strings.Contains(got, `"v3"`) {
		s.Errorf("stored %s, want version 3", got)
	}
	s.invoke(fn, s.event(message{ID: "4", Body: body(4, "delete")}, message{ID: "2", Body: body(2, "")}))
	s.same("documents after the delete", keys(s.documents()), []string{})
	s.same("dead letters", bodies(s.deadLetters()), none)
}

func TestCoreFiftyColdEnvironmentsMakeNoIndexWithoutItsTemplate(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", nil)
	done := make(chan []string, 50)
	fn.Concurrency = 50
	for i := range 50 {
		payload := s.event(message{ID: fmt.Sprint(i), Body: `{"@timestamp":"2026-03-01T10:00:00Z","message":"x","n":1}`})
		go func() { done <- s.deliver(fn, payload) }()
	}
	for range 50 {
		s.same("batchItemFailures", <-done, none)
	}
	if n := len(s.documents()); n != 50 {
		s.Errorf("%d documents, want 50", n)
	}
	s.same("indices", s.indices(), []string{s.collection + "-2026-03-01"})
	_, answer := call(s, s.node, http.MethodGet, "/"+s.collection+"-2026-03-01/_mapping", "")
	if text := fmt.Sprint(answer); !strings.Contains(text, "sluice") || !strings.Contains(text, "n:map[type:long]") {
		s.Errorf("mapping %s is not the collection's", text)
	}
}
