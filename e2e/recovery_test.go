package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// node starts an OpenSearch of the test's own.
func node(t testing.TB, settings map[string]any) *part.OpenSearch {
	t.Helper()
	n, err := part.StartOpenSearch(t.Context(), part.Home{Cache: world.cache, Data: t.TempDir()}, part.OpenSearchOptions{Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, n) })
	return n
}

func stop(t testing.TB, n stopper) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"@timestamp":"2026-03-0%dT10:00:00Z","message":"line %d","n":%d}`+"\n", 1+i%3, i, i)
	}
	return b.String()
}

// whole checks that each of the n lines is stored exactly once.
func (s *scene) whole(n int) {
	s.Helper()
	seen := make([]bool, n)
	docs := s.documents()
	for _, source := range docs {
		var doc struct{ N int }
		if err := json.Unmarshal(source, &doc); err != nil {
			s.Fatal(err)
		}
		seen[doc.N] = true
	}
	lost := 0
	for _, ok := range seen {
		if !ok {
			lost++
		}
	}
	if lost > 0 || len(docs) != n {
		s.Errorf("%d documents of %d lines, %d lost", len(docs), n, lost)
	}
	if letters := s.deadLetters(); len(letters) > 0 {
		s.Errorf("%d dead letters, the first: %s", len(letters), attribute(letters[0], "cause"))
	}
}

func TestKillOfOpenSearchInTheMiddleLosesNothing(t *testing.T) {
	n := node(t, nil)
	s := sceneOn(t, n.URL, appendOnly)
	p := s.pipe(4, 200, s.function("ingest", map[string]string{"OPENSEARCH_BREAKER_OPEN": "1s", "OPENSEARCH_MAX_ATTEMPTS": "2"}))
	const messages = 20_000
	sent := make(chan struct{})
	go func() { defer close(sent); p.feed(lines(messages)) }()
	time.Sleep(2 * time.Second) // some are stored, the rest are under way or still to come
	n.Kill()
	time.Sleep(2 * time.Second)
	if err := n.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-sent
	p.drained(3 * time.Minute)
	s.whole(messages)
}

func TestKillOfIngestEnvironmentsInTheMiddleLosesNothing(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", nil)
	p := s.pipe(3, 200, fn)
	const messages = 20_000
	sent := make(chan struct{})
	go func() { defer close(sent); p.feed(lines(messages)) }()
	for range 5 {
		time.Sleep(700 * time.Millisecond)
		fn.Kill()
	}
	<-sent
	p.drained(3 * time.Minute)
	s.whole(messages)
}

func TestSIGTERMReportsWhatIsUnprocessedInTime(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", nil)
	s.same("warm-up", s.invoke(fn, s.event(message{ID: "w", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.HangBefore(20*time.Second))
	answer := make(chan lambdatest.Result, 1)
	go func() {
		res, err := fn.Invoke(t.Context(), three(s))
		if err != nil {
			res.FunctionError = err.Error()
		}
		answer <- res
	}()
	time.Sleep(time.Second)
	fn.Shutdown()
	res := <-answer
	if text := string(res.Payload); res.FunctionError != "" || strings.Count(text, "itemIdentifier") != 3 {
		t.Errorf("answer %s %s, want all three reported", res.FunctionError, text)
	}
}

func TestNearTheDeadlineItReportsInsteadOfTimingOut(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", map[string]string{"DEADLINE_RESERVE": "27s"})
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Hang(25*time.Second))
	began := time.Now()
	s.same("batchItemFailures", s.invoke(fn, three(s)), abc)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("answered after %s, the deadline less the reserve was 3 s", took)
	}
	s.proxy.Heal()
	s.same("second delivery", s.invoke(fn, three(s)), none)
	s.same("documents", keys(s.documents()), abc)
}

func TestConnectionThatDiedWhileFrozenIsNoFailure(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", map[string]string{"OPENSEARCH_MAX_ATTEMPTS": "1"})
	fn.Freeze()
	for i := range 3 {
		failed := s.invoke(fn, s.event(message{ID: fmt.Sprint(i), Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`}))
		s.same("batchItemFailures", failed, none)
		s.proxy.CutIdle()
		time.Sleep(100 * time.Millisecond)
	}
	if n := len(s.documents()); n != 3 {
		t.Errorf("%d documents, want 3", n)
	}
}
