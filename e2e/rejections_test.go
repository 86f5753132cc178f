package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
)

// messages makes n of them, each with a body of about the size given.
func messages(n, size int) (all []message) {
	for i := range n {
		body := fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","n":%d,"message":"%s"}`, i, strings.Repeat("x", size))
		all = append(all, message{ID: fmt.Sprintf("m%05d", i), Body: body})
	}
	return all
}

// redeliver delivers what was reported until nothing is, as the queue would.
func (s *scene) redeliver(deliver func(...message) []string, all []message) {
	s.Helper()
	by := map[string]message{}
	for _, m := range all {
		by[m.ID] = m
	}
	for end := time.Now().Add(time.Minute); len(all) > 0; {
		if time.Now().After(end) {
			s.Fatalf("%d messages are still reported after a minute", len(all))
		}
		failed := deliver(all...)
		all = all[:0:0]
		for _, id := range failed {
			all = append(all, by[id])
		}
	}
	if letters := s.deadLetters(); len(letters) > 0 {
		s.Errorf("%d dead letters, the first: %s", len(letters), attribute(letters[0], "cause"))
	}
}

func TestFullWriteQueueIsNeverADeadLetter(t *testing.T) {
	n := node(t, map[string]any{"thread_pool.write.size": 1, "thread_pool.write.queue_size": 1})
	s := sceneOn(t, n.URL, strings.Replace(appendOnly, "replicas: 0", "replicas: 0, shards: 8", 1))
	fn := s.function("ingest", map[string]string{"BULK_MAX_DOCS": "200"})
	all := messages(1600, 200)
	done := make(chan []string, 8)
	for i := range 8 {
		part := all[i*200 : (i+1)*200]
		go func() { done <- s.deliver(fn, s.event(part...)) }()
	}
	failed := map[string]bool{}
	for range 8 {
		for _, id := range <-done {
			failed[id] = true
		}
	}
	var again []message
	for _, m := range all {
		if failed[m.ID] {
			again = append(again, m)
		}
	}
	t.Logf("%d of %d reported after the first round", len(again), len(all))
	s.redeliver(func(m ...message) []string { return s.invoke(fn, s.event(m...)) }, again)
	if got := len(s.documents()); got != len(all) {
		t.Errorf("%d documents, want %d", got, len(all))
	}
	_, stats := call(t, n.URL, http.MethodGet, "/_nodes/stats/thread_pool?filter_path=nodes.*.thread_pool.write.rejected", "")
	if text := fmt.Sprint(stats); strings.Contains(text, "rejected:0]") {
		t.Errorf("the node rejected nothing, so nothing was tested: %s", text)
	}
}

func TestIndexingPressureIsReportedOrSplitButNeverADeadLetter(t *testing.T) {
	n := node(t, map[string]any{"indexing_pressure.memory.limit": "200kb"})
	s := sceneOn(t, n.URL, appendOnly)
	fn := s.function("ingest", map[string]string{"OPENSEARCH_BACKOFF_MAX": "200ms"})
	all := messages(1000, 1000)
	s.redeliver(func(m ...message) []string {
		failed := s.invoke(fn, s.event(m...))
		t.Logf("%d of %d reported", len(failed), len(m))
		return failed
	}, all)
	if got := len(s.documents()); got != len(all) {
		t.Errorf("%d documents, want %d", got, len(all))
	}
}

func TestBodyOverTheServersLimitIsSplitUntilItFits(t *testing.T) {
	n := node(t, map[string]any{"http.max_content_length": "100kb"})
	s := sceneOn(t, n.URL, appendOnly)
	all := append(messages(500, 1000), message{ID: "huge", Body: `{"@timestamp":"2026-03-01T10:00:00Z","n":-1,"message":"` + strings.Repeat("y", 200_000) + `"}`})
	s.same("batchItemFailures", s.invoke(s.function("ingest", nil), s.event(all...)), none)
	if got := len(s.documents()); got != 500 {
		t.Errorf("%d documents, want 500", got)
	}
	if letters := s.deadLetters(); len(letters) != 1 || *letters[0].Body != all[500].Body {
		t.Errorf("%d dead letters, want the one message over the limit, unchanged", len(letters))
	}
}

func TestFloodStageIsReportedAndNeverADeadLetter(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", quick)
	s.same("first", s.invoke(fn, s.event(message{ID: "first", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
	block := func(on string) {
		call(t, s.node, http.MethodPut, "/"+s.collection+"-2026-03-01/_settings", `{"index.blocks.read_only_allow_delete":`+on+`}`)
	}
	block("true")
	s.same("under the block", s.invoke(fn, s.event(
		message{ID: "blocked", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`},
		message{ID: "free", Body: `{"@timestamp":"2026-03-02T10:00:00Z"}`},
	)), []string{"blocked"})
	block("null")
	s.same("after it", s.invoke(fn, s.event(message{ID: "blocked", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
	s.same("documents", keys(s.documents()), []string{"blocked", "first", "free"})
	s.same("dead letters", bodies(s.deadLetters()), none)
}

func TestRefusedCredentialsFailTheWholeBatchAndNeverDeadLetter(t *testing.T) {
	n, as := secured(t)
	reader := part.Login{Name: "onlooker", Password: "Kq7-tulip-Harbour"}
	may := part.Role{
		Cluster: []string{"cluster_monitor", "cluster_composite_ops", "cluster_manage_index_templates"},
		Indices: []string{"*"}, Actions: []string{"read", "create_index", "manage"},
	}
	if err := n.Grant(t.Context(), reader, may); err != nil {
		t.Fatal(err)
	}
	s := sceneOn(t, as(*n.Admin), appendOnly)
	for name, url := range map[string]string{"401": as(part.Login{Name: "nobody", Password: "wrong"}), "403 of the items": as(reader)} {
		fn := s.function("ingest", map[string]string{"OPENSEARCH_URL": url, "OPENSEARCH_AUTH": "basic", "OPENSEARCH_MAX_ATTEMPTS": "2", "DEADLINE_RESERVE": "25s"})
		s.same(name, s.invoke(fn, three(s)), abc)
	}
	s.same("dead letters", bodies(s.deadLetters()), none)
	fn := s.function("ingest", map[string]string{"OPENSEARCH_URL": as(*n.Admin), "OPENSEARCH_AUTH": "basic"})
	s.same("with the right ones", s.invoke(fn, three(s)), none)
	s.same("documents", keys(s.documents()), abc)
}
