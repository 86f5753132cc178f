package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// cached is a server whose collection logs is cached, before an OpenSearch that counts.
type cached struct {
	testServer
	asked   atomic.Int64 // searches
	listed  atomic.Int64 // lists of indices
	down    atomic.Bool
	reply   atomic.Value // func(asked int64, body string) string
	indices atomic.Value // string
	at      atomic.Int64
}

func newCached(t *testing.T, k collection.Cache) *cached {
	t.Helper()
	c := &cached{}
	c.reply.Store(func(n int64, _ string) string { return hits(fmt.Sprintf(`{"n":%d}`, n)) })
	c.indices.Store(`[{"index":"logs-2026-05-16","status":"open","uuid":"u","docs.count":"1"}]`)
	c.testServer = newTestServer(t, c)
	c.at.Store(noon.UnixNano())
	now := func() time.Time { return time.Unix(0, c.at.Load()).UTC() }
	c.server.now, c.server.indices.now = now, now
	c.remember(cache.New(now, cache.NewMemory(1<<20)))
	for i, v := range c.server.collections {
		if v.Name == "logs" {
			changed := *v.Collection
			changed.Search.Cache = &k
			c.server.collections[i].Collection = &changed
		}
	}
	return c
}

func (c *cached) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if c.down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_cat/") {
		c.listed.Add(1)
		_, _ = io.WriteString(w, c.indices.Load().(string))
		return
	}
	body, _ := io.ReadAll(r.Body)
	_, _ = io.WriteString(w, c.reply.Load().(func(int64, string) string)(c.asked.Add(1), string(body)))
}

func (c *cached) pass(d time.Duration) { c.at.Add(int64(d)) }

// wants asks and says whether the answer is n's, how many were asked by then, and has the words.
func (c *cached) wants(t *testing.T, target string, n, asked int64, words ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := request(c.testServer, target)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), fmt.Sprintf(`{"n":%d}`, n)) || c.asked.Load() != asked {
		t.Errorf("%d, asked %d times, want answer %d of %d: %s", w.Code, c.asked.Load(), n, asked, w.Body)
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("no %s in %s", word, w.Body)
		}
	}
	return w
}

var briefly = collection.Cache{Fresh: "10s", Settled: "1h", Stale: "10m"}

const anySearch = "/v1/logs/search?from=2026-05-17"

func TestSearchIsAnsweredFromTheCacheAndSaysSo(t *testing.T) {
	c := newCached(t, briefly)
	if w := c.wants(t, anySearch, 1, 1); strings.Contains(w.Body.String(), `"cache"`) {
		t.Error("an answer of now claims to be from the cache:", w.Body)
	}
	c.pass(4 * time.Second)
	c.wants(t, anySearch, 1, 1, `"complete":true`, `"cache":{"age_s":4,"state":"fresh"}`)
	c.pass(7 * time.Second)
	c.wants(t, anySearch, 2, 2)
	for range 3 { // a collection without search.cache
		request(c.testServer, "/v1/audit/search?from=2026-05-17")
	}
	if c.asked.Load() != 5 {
		t.Error(c.asked.Load())
	}
}

// Whoever says so is not answered from memory, but better so than with an error.
func TestSearchIsAskedAnewWhereItsCallerWantsThat(t *testing.T) {
	c := newCached(t, briefly)
	c.wants(t, anySearch, 1, 1)
	anew := func(value string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, anySearch, nil)
		r.Header.Set("Cache-Control", value)
		c.engine.ServeHTTP(w, r)
		return w
	}
	for value, n := range map[string]int{"max-age=0": 1, "no-cache-please": 1, "no-store": 1} {
		if w := anew(value); !strings.Contains(w.Body.String(), fmt.Sprintf(`{"n":%d}`, n)) || c.asked.Load() != 1 {
			t.Errorf("%s: %s", value, w.Body)
		}
	}
	if w := anew("max-age=0, No-Cache"); !strings.Contains(w.Body.String(), `{"n":2}`) || strings.Contains(w.Body.String(), `"cache"`) {
		t.Error(w.Body)
	}
	c.wants(t, anySearch, 2, 2, `"state":"fresh"`) // it is remembered for all
	c.down.Store(true)
	if w := anew("no-cache"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"state":"stale"`) {
		t.Error(w.Code, w.Body)
	}
}

func TestWhereAnswersCameFromIsCounted(t *testing.T) {
	c := newCached(t, briefly)
	var out bytes.Buffer
	c.server.metrics = telemetry.New(&out, telemetry.Config{Namespace: "Sluice"}, "search", c.server.now)
	request(c.testServer, anySearch)
	request(c.testServer, anySearch)
	c.pass(time.Minute)
	c.down.Store(true)
	request(c.testServer, anySearch)
	request(c.testServer, anySearch+"&q=other")
	for range 2 { // a collection without search.cache has neither hits nor misses
		request(c.testServer, "/v1/audit/search?from=2026-05-17")
	}
	line := func(hits, misses, stale int) string {
		return fmt.Sprintf(`{"CacheHits":%d,"CacheMisses":%d,"CacheStale":%d,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["function"]],"Metrics":`+
			`[{"Name":"CacheHits","Unit":"Count"},{"Name":"CacheMisses","Unit":"Count"},{"Name":"CacheStale","Unit":"Count"}],"Namespace":"Sluice"}],"Timestamp":`, hits, misses, stale)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{line(0, 1, 0), line(1, 0, 0), line(0, 0, 1), line(0, 1, 0)} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) || !strings.HasSuffix(lines[i], `},"collection":"logs","function":"search"}`) {
			t.Fatalf("line %d of\n%s\nwant %s", i, out.String(), want)
		}
	}
	if len(lines) != 4 {
		t.Error(out.String())
	}
}

func TestDifferentSearchesNeverShareAnAnswer(t *testing.T) {
	c := newCached(t, briefly)
	seen := map[string]string{}
	for round := range 2 {
		for _, q := range []string{
			"from=2026-05-17", "from=2026-05-16", "from=2026-05-16&to=2026-05-16", "from=2026-05-17&size=1", "from=2026-05-17&q=a", "from=2026-05-17&q=a+b", "from=2026-05-17&q=%22a+b%22",
			"from=2026-05-17&filter=level:a", "from=2026-05-17&filter=level:b", "from=2026-05-17&fields=a", "from=2026-05-17&offset=1", "from=2026-05-17&sort=level:asc", "since=5m", "since=6m",
		} {
			body := request(c.testServer, "/v1/logs/search?"+q).Body.String()
			_, document, _ := strings.Cut(body, `"source":`)
			document, _, _ = strings.Cut(document, "}")
			if other, taken := seen[document]; taken && (other != q || round == 0) {
				t.Errorf("%s and %s have one answer: %s", q, other, document)
			}
			seen[document] = q
		}
	}
	if len(seen) != 14 || c.asked.Load() != 14 {
		t.Errorf("%d answers, asked %d times, of 14 searches", len(seen), c.asked.Load())
	}
}

// The tenant's condition is part of the body, as every mandatory one is.
func TestTenantsNeverShareAnAnswer(t *testing.T) {
	c := newCached(t, briefly)
	c.reply.Store(func(_ int64, body string) string {
		_, tenant, _ := strings.Cut(body, `"tenant":"`)
		tenant, _, _ = strings.Cut(tenant, `"`)
		return hits(`{"of":"` + tenant + `"}`)
	})
	v := c.collections[slices.IndexFunc(c.collections, func(v view) bool { return v.Name == "logs" })]
	wave := func() {
		var all sync.WaitGroup
		for n := range 100 {
			all.Go(func() {
				tenant := fmt.Sprintf("t%d", n%20)
				f, err := c.recall(context.Background(), v, targets{names: []string{"logs-2026-05-17"}}, time.Time{}, func(time.Duration) ([]byte, error) {
					return []byte(`{"query":{"bool":{"filter":[{"term":{"tenant":"` + tenant + `"}}]}}}`), nil
				})
				if err != nil || string(f.Hits.Hits[0].Source) != `{"of":"`+tenant+`"}` {
					t.Errorf("%s: %v %+v", tenant, err, f)
				}
			})
		}
		all.Wait()
	}
	wave()
	asked := c.asked.Load()
	if wave(); c.asked.Load() != asked || asked < 20 {
		t.Errorf("asked %d times, then %d", asked, c.asked.Load())
	}
}

func TestAStaleAnswerSaysThatOpenSearchFailed(t *testing.T) {
	c := newCached(t, briefly)
	c.wants(t, anySearch, 1, 1)
	c.pass(5 * time.Minute)
	c.down.Store(true)
	w := c.wants(t, anySearch, 1, 1, `"complete":false`, `"cache":{"age_s":300,"state":"stale"}`,
		`OpenSearch is unavailable: try again later; this is what was found 5m0s ago`, `OpenSearch did not say which indices there are`, `"total_is_exact":false`)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Error(got)
	}
	if w := request(c.testServer, "/v1/logs/search?from=2026-05-17&q=new"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	c.pass(6 * time.Minute)
	if w := request(c.testServer, anySearch); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d: older than its window: %s", w.Code, w.Body)
	}
	c.down.Store(false)
	c.wants(t, anySearch, 2, 2, `"complete":true`)
}

func TestWhatIsNotWholeIsAskedForAgain(t *testing.T) {
	for name, reply := range map[string]string{
		"timed out":         strings.Replace(hits(`{"n":0}`), `"timed_out":false`, `"timed_out":true`, 1),
		"a shard failed":    strings.Replace(hits(`{"n":0}`), `"failed":0`, `"failed":1`, 1),
		"a shard is nobody": strings.Replace(hits(`{"n":0}`), `"total":1,`, `"total":2,`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCached(t, briefly)
			c.reply.Store(func(int64, string) string { return reply })
			c.wants(t, anySearch, 0, 1, `"complete":false`)
			c.wants(t, anySearch, 0, 2, `"complete":false`)
		})
	}
}

func TestASettledRangeIsKeptUntilItsIndexIsWrittenTo(t *testing.T) {
	const yesterday = "/v1/logs/search?from=2026-05-16&to=2026-05-16"
	c := newCached(t, briefly)
	c.wants(t, yesterday, 1, 1)
	c.pass(30 * time.Minute)
	c.wants(t, yesterday, 1, 1, `"age_s":1800,"state":"fresh"`)
	c.indices.Store(`[{"index":"logs-2026-05-16","status":"open","uuid":"u","docs.count":"2"}]`)
	c.pass(listed)
	c.wants(t, yesterday, 2, 2)
	c.indices.Store(`[{"index":"logs-2026-05-16","status":"open","uuid":"made anew","docs.count":"2"}]`)
	c.pass(10*time.Second + listed)
	c.wants(t, yesterday, 3, 3)
	c.wants(t, anySearch, 4, 4)
	c.pass(30 * time.Second)
	c.wants(t, anySearch, 5, 5) // its range is open
	c.wants(t, yesterday, 3, 5)
}

// A document that was changed is counted as before, once what it was is merged away: only
// the refresh tells that it can be found.
func TestASettledAnswerFromBeforeARefreshIsNotGivenAfterIt(t *testing.T) {
	const yesterday = "/v1/logs/search?from=2026-05-16&to=2026-05-16"
	c := newCached(t, briefly)
	state := `[{"index":"logs-2026-05-16","status":"open","uuid":"u","docs.count":"1","docs.deleted":"0","pri.indexing.index_total":"2","refresh.external_total":"%d"}]`
	c.indices.Store(fmt.Sprintf(state, 7))
	c.wants(t, yesterday, 1, 1)
	c.indices.Store(fmt.Sprintf(state, 8))
	c.pass(10*time.Second + listed)
	c.wants(t, yesterday, 2, 2)
}

// With the cursors' old key gone, who has the page must not go on having its cursor.
func TestAnswersOfAnotherKeysCursorsAreNotTheSame(t *testing.T) {
	tags := map[string]bool{}
	for _, key := range []string{"", "a key of thirty-two bytes or more", "another key of thirty-two or more"} {
		s := newTestServer(t, &answering{reply: hits(`{"n":1}`), indices: "[]"})
		for i, v := range s.collections {
			s.collections[i] = newView(v.Collection, [][]byte{[]byte(key)})
		}
		w := request(s, "/v1/logs/search?from=2026-05-17&size=1")
		if !strings.Contains(w.Body.String(), `"next":"`) {
			t.Fatal(w.Body)
		}
		tags[w.Header().Get("ETag")] = true
	}
	if len(tags) != 3 {
		t.Error(tags)
	}
}

func TestWhoHasTheAnswerGets304(t *testing.T) {
	c := newCached(t, collection.Cache{Fresh: "0s", Settled: "0s", Stale: "0s"})
	c.reply.Store(func(n int64, _ string) string {
		return strings.Replace(hits(`{"n":7}`), `"took":1`, fmt.Sprintf(`"took":%d`, n), 1)
	})
	conditional := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, anySearch, nil)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		c.engine.ServeHTTP(w, r)
		return w
	}
	first := request(c.testServer, anySearch)
	tag := first.Header().Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || first.Header().Get("Cache-Control") != "private, no-cache" || first.Header().Get("Vary") != "Authorization" {
		t.Fatal(first.Header())
	}
	for _, known := range []string{tag, `"x", ` + tag, strings.TrimPrefix(tag, "W/"), "*"} {
		if w := conditional(known); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %s", known, w.Code, w.Body)
		}
	}
	c.reply.Store(func(int64, string) string { return hits(`{"n":8}`) })
	if w := conditional(tag); w.Code != http.StatusOK || w.Header().Get("ETag") == tag {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := conditional(`W/"other"`); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}

func TestCacheControlLetsNobodyKeepAnAnswerLongerThanWeDo(t *testing.T) {
	public := briefly
	public.Public = true
	for name, k := range map[string]collection.Cache{"private": briefly, "public": public} {
		c := newCached(t, k)
		control := func(who string) string {
			r := httptest.NewRequest(http.MethodGet, anySearch, nil)
			if who != "" {
				r.Header.Set("Authorization", who)
			}
			w := httptest.NewRecorder()
			c.engine.ServeHTTP(w, r)
			return w.Header().Get("Cache-Control")
		}
		if got := control(""); got != name+", max-age=10, stale-if-error=600" {
			t.Error(got)
		}
		c.pass(3 * time.Second)
		if got := control(""); got != name+", max-age=7, stale-if-error=600" {
			t.Error(got)
		}
		if got := control("Bearer x"); got != "private, max-age=7, stale-if-error=600" {
			t.Errorf("%s: who is known has answers of his own: %s", name, got)
		}
	}
}

func TestACacheIsSharedByConcurrentRequests(t *testing.T) {
	c := newCached(t, briefly)
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			if n%50 == 0 {
				c.pass(3 * time.Second)
			}
			if w := request(c.testServer, fmt.Sprintf("/v1/logs/search?from=2026-05-17&size=%d", 1+n%5)); w.Code != http.StatusOK {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
}

func TestExportsWaitForTheirPlaceAndSearchesDoNot(t *testing.T) {
	b := newBulkhead()
	export := as(t.Context(), exporting)
	var releases []func()
	for range berths[exporting] {
		release, err := b.enter(export)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	briefly, cancel := context.WithTimeout(export, reserve+50*time.Millisecond)
	defer cancel()
	if _, err := b.enter(briefly); err == nil || problemOf(err).Status != http.StatusTooManyRequests {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := b.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.enter(as(t.Context(), tailing)); err != nil {
		t.Fatal("tails have places of their own:", err)
	}
	entered := make(chan error)
	go func() {
		_, err := b.enter(export)
		entered <- err
	}()
	releases[0]()
	if err := <-entered; err != nil {
		t.Error(err)
	}
}

// Whoever closes an index opens it again, for another analyzer or a snapshot: that all is open
// when the list is asked for does not make an answer whole that came in between.
func TestAnAnswerFromWhileAnIndexWasClosedIsNotWholeThoughItIsOpenAgain(t *testing.T) {
	c := newCached(t, collection.Cache{Fresh: "5m", Stale: "0s"})
	both := `[{"index":"logs-2026-05-16","status":"open","uuid":"u","pri":"1"},{"index":"logs-2026-05-17","status":"open","uuid":"v","pri":"1"}]`
	c.indices.Store(both)
	shards := "1"
	c.reply.Store(func(n int64, _ string) string {
		return strings.Replace(hits(fmt.Sprintf(`{"n":%d}`, n)), `"total":1,"successful":1`, `"total":`+shards+`,"successful":`+shards, 1)
	})
	c.wants(t, "/v1/logs/search?from=2026-05-16", 1, 1, `"complete":false`, "fewer shards answered")
	if n := c.listed.Load(); n != 2 {
		t.Errorf("asked %d times which indices there are", n)
	}
	shards = "2"
	c.wants(t, "/v1/logs/search?from=2026-05-16", 2, 2, `"complete":true`) // the answer before was not kept
}
