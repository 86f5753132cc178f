package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
)

const tailed = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0, shards: 3, refresh_interval: 1s}
fields:
  "@timestamp": {type: date}
  level: {type: keyword}
  n: {type: long}
`

// tail is somebody who follows a collection, and how often each document was shown.
type tail struct {
	*scene
	of     string // collection
	api    string
	ask    url.Values
	shown  map[string]int
	last   []string // of the newest answer
	failed int
	partly int  // answers that say they are not complete
	timed  bool // its documents have a time
}

func (s *scene) tail(api string, ask url.Values) *tail {
	return &tail{scene: s, of: s.collection, api: api, ask: maps.Clone(ask), shown: map[string]int{}, timed: true}
}

// next asks once. An error leaves the cursor as it is.
func (l *tail) next(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.api+"/v1/"+l.of+"/tail?"+l.ask.Encode(), nil)
	if err != nil {
		l.Error(err)
		return
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		l.failed++
		return
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	l.last = nil
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
		l.failed++
		return
	}
	var answer struct {
		Documents []struct{ ID string }
		Next      string
		Lag       *int64                  `json:"lag_ms"`
		Complete  struct{ Complete bool } `json:"completeness"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || res.StatusCode != http.StatusOK || answer.Next == "" {
		l.Errorf("%d %s: %v", res.StatusCode, text, err)
		return
	}
	for _, d := range answer.Documents {
		l.shown[d.ID]++
		l.last = append(l.last, d.ID)
	}
	if answer.Lag == nil && len(answer.Documents) > 0 && l.timed {
		l.Errorf("lag of %d documents: %v", len(answer.Documents), answer.Lag)
	}
	if !answer.Complete.Complete {
		l.partly++
	}
	l.ask.Set("cursor", answer.Next)
}

// follow asks until as many documents as wanted have been shown, or too long nothing came,
// and then for two seconds more, in which nothing is to come again.
func (l *tail) follow(wanted func() int) {
	for quiet := time.Now(); time.Since(quiet) < 2*time.Second || len(l.shown) < wanted() && time.Since(quiet) < 45*time.Second; {
		if l.next(l.Context()); l.Failed() {
			return
		}
		if len(l.last) > 0 {
			quiet = time.Now()
		}
	}
}

// writers store documents by the ingest function, many at once, and send again what it
// reports; each document's event is of one of the days.
func (s *scene) writers(ctx context.Context, prefix string, n, batches int, days func() []time.Time) map[string]string {
	fn := s.function("ingest", nil)
	var mu sync.Mutex
	all := map[string]string{} // id to level
	var work sync.WaitGroup
	for w := range n {
		work.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 7)) //nolint:gosec // a test's choices
			for b := range batches {
				var batch []message
				for i := range 1 + r.IntN(25) {
					id, level := fmt.Sprintf("%s%d-%d-%d", prefix, w, b, i), []string{"info", "info", "info", "warn", "error"}[r.IntN(5)]
					of := days()
					at := of[r.IntN(len(of))].Add(-time.Duration(r.IntN(3600)) * time.Second)
					batch = append(batch, message{ID: id, Body: fmt.Sprintf(`{"@timestamp":%q,"level":%q,"n":%d}`, at.UTC().Format(time.RFC3339), level, i), Attributes: map[string]string{"id": id}})
					mu.Lock()
					all[id] = level
					mu.Unlock()
				}
				for len(batch) > 0 && ctx.Err() == nil {
					failed := s.deliver(fn, s.event(batch...))
					batch = slices.DeleteFunc(batch, func(m message) bool { return !slices.Contains(failed, m.ID) })
					time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
				}
			}
		})
	}
	work.Wait()
	return all
}

// breakOne makes one shard's search of a tail fail while the others answer.
func breakOne(x *faultproxy.Exchange) {
	status, _, reply, err := x.Forward(x.Body)
	var answer struct {
		Responses []json.RawMessage `json:"responses"`
	}
	if err == nil && json.Unmarshal(reply, &answer) == nil && len(answer.Responses) > 0 {
		answer.Responses[0] = json.RawMessage(`{"status":503,"error":{"type":"no_shard_available_action_exception"}}`)
		reply, _ = json.Marshal(answer)
	}
	x.Answer(status, "application/json", reply)
}

// Writers write at once to several days and shards, a new day begins in the middle, the
// connection breaks in every way: each tail shows each document that matches exactly once.
func TestTailShowsEachDocumentOnceWhateverHappens(t *testing.T) {
	s := newScene(t, tailed)
	now := time.Now()
	old, late, fresh := now.AddDate(0, 0, -1), now.AddDate(0, 0, -6), now
	api := httptest.NewServer(lambda.Front{Function: s.function("search", map[string]string{"OPENSEARCH_BREAKER_FAILURES": "1000"})})
	t.Cleanup(api.Close)
	before := s.writers(t.Context(), "early", 2, 3, func() []time.Time { return []time.Time{old} })

	tails := []*tail{
		s.tail(api.URL, url.Values{}),
		s.tail(api.URL, url.Values{"size": {"7"}}),
		s.tail(api.URL, url.Values{"filter": {"level:error"}, "wait": {"1s"}}),
		s.tail(api.URL, url.Values{"q": {"n:>=3 AND NOT level:info"}, "wait": {"0"}}),
		s.tail(api.URL, url.Values{"since": {"30d"}, "size": {"500"}}),
		s.tail(api.URL, url.Values{"since": {"30d"}, "filter": {"level:warn"}, "size": {"5"}, "wait": {"2s"}}),
	}
	for _, l := range tails {
		l.next(t.Context()) // begins
	}
	for _, rule := range []struct {
		suffix string
		fault  faultproxy.Fault
	}{
		{"/_bulk", faultproxy.ResetAfter}, {"/_bulk", faultproxy.StatusAfter(503)}, {"/_bulk", faultproxy.Truncate},
		{"/_msearch", faultproxy.ResetAfter}, {"/_msearch", breakOne}, {"/_msearch", faultproxy.Truncate}, {"/_msearch", faultproxy.Hang(700 * time.Millisecond)},
		{"/_msearch", faultproxy.Status(503, "cluster_block_exception", "x")}, {"/refresh", faultproxy.ResetBefore}, {"/refresh", faultproxy.Status(503, "x", "y")},
	} {
		r := rand.New(rand.NewPCG(3, uint64(len(rule.suffix)))) //nolint:gosec // a test's choices
		var mu sync.Mutex
		s.proxy.Inject(func(q faultproxy.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.HasSuffix(q.Path, rule.suffix) && r.IntN(12) == 0
		}, -1, rule.fault)
	}
	var following sync.WaitGroup
	wants := func(i int, id, text string) bool {
		var d struct {
			Level string
			N     int
		}
		_ = json.Unmarshal([]byte(text), &d)
		_, early := before[id]
		return (i >= 4 || !early) && (i != 2 || d.Level == "error") && (i != 3 || d.N >= 3 && d.Level != "info") && (i != 5 || d.Level == "warn")
	}
	var wanted [6]atomic.Int64
	for i, l := range tails {
		wanted[i].Store(1 << 40)
		following.Go(func() { l.follow(func() int { return int(wanted[i].Load()) }) })
	}
	var written atomic.Int64
	during := s.writers(t.Context(), "w", 6, 30, func() []time.Time {
		if written.Add(1) < 1000 {
			return []time.Time{old}
		}
		return []time.Time{old, fresh, late}
	})
	s.proxy.Heal()
	stored := s.documents()
	for i := range wanted {
		n := 0
		for id, text := range stored {
			if wants(i, id, string(text)) {
				n++
			}
		}
		wanted[i].Store(int64(n))
	}
	following.Wait()

	for id := range during {
		if stored[id] == nil {
			t.Fatalf("%s was not stored", id)
		}
	}
	if indices := s.indices(); len(indices) != 3 {
		t.Errorf("indices %v", indices)
	}
	for i, l := range tails {
		wrong := 0
		for id, text := range stored {
			want := 0
			if wants(i, id, string(text)) {
				want = 1
			}
			if l.shown[id] != want {
				if wrong++; wrong < 5 {
					t.Errorf("tail %d showed %s (%s) %d times, want %d", i, id, text, l.shown[id], want)
				}
			}
		}
		t.Logf("tail %d: %d documents shown, %d wrong, %d requests failed, %d answers were in part", i, len(l.shown), wrong, l.failed, l.partly)
	}
}
