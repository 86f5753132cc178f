package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Every way to search a collection is held to its limits before OpenSearch is given work:
// not even a point in time is taken, nor are shards asked for.
func TestWhatCostsTooMuchIsRefusedHoweverItIsAskedFor(t *testing.T) {
	const wild, wide = "since=1d&q=a*+b*", "since=5d"
	for _, one := range []struct{ path, says string }{
		{"search?" + wild, "wildcards: 2"}, {"search?facets=level&" + wild, "wildcards: 2"}, {"search?highlight=true&" + wild, "wildcards: 2"},
		{"histogram?" + wild, "wildcards: 2"}, {"values?field=level&" + wild, "wildcards: 2"}, {"stats?field=level&" + wild, "wildcards: 2"},
		{"values?field=level&size=500&since=1d", "buckets: "}, {"search?facets=level&" + wide, "shards: 18"}, {"suggest?text=level:a&" + wide, "shards: 18"},
		{"tail?" + wild, "wildcards: 2"}, {"tail?q=a+b+c+d+e+f&since=1d", "clauses: "},
		{"export?" + wild, "wildcards: 2"}, {"export?" + wide, "shards: 18"}, {"export?format=csv&" + wide, "shards: 18"},
	} {
		opensearch := &answering{reply: hits(`{"a":1}`), indices: narrowIndices()}
		s := testServerOf(t, opensearch, "testdata/limits")
		w := request(s, "/v1/narrow/"+one.path)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "too_costly") || !strings.Contains(w.Body.String(), one.says) || opensearch.path != "" {
			t.Errorf("%s: asked %q: %d %s", one.path, opensearch.path, w.Code, w.Body)
		}
	}
	opensearch := &answering{reply: hits(`{"a":1}`), indices: narrowIndices()}
	s := testServerOf(t, opensearch, "testdata/limits")
	w := request(s, "/?"+url.Values{"collection": {"narrow"}, "part": {"tail"}, "q": {"a* b*"}}.Encode())
	if w.Code != 400 || !strings.Contains(w.Body.String(), "wildcards: 2") || opensearch.path != "" {
		t.Errorf("the page's tail: asked %q: %d %s", opensearch.path, w.Code, w.Body)
	}
}

// memoryJobs is a bucket.
type memoryJobs struct{ jobs map[string]*job }

func (m memoryJobs) Load(_ context.Context, key string) (*job, error) {
	if j := m.jobs[key]; j != nil {
		one := *j
		return &one, nil
	}
	return nowhere{}.Load(context.Background(), key)
}

func (m memoryJobs) Save(_ context.Context, j *job) error {
	if m.jobs[j.key()] != nil && j.version == "" {
		return fault.New(fault.Conflict, "there is one")
	}
	j.version = "1"
	one := *j
	m.jobs[j.key()] = &one
	return nil
}

func (memoryJobs) Put(context.Context, string, string, []byte) error { return nil }

func (memoryJobs) Link(_ context.Context, key string, _ time.Duration) (string, error) {
	return "https://bucket/" + key, nil
}

type memoryTasks chan task

func (m memoryTasks) Send(_ context.Context, t task, _ time.Duration) error { m <- t; return nil }

// A job is refused where it is asked for; what only its indices tell, it says at its end.
func TestAJobThatCostsTooMuchIsRefusedOrSaysSo(t *testing.T) {
	opensearch := &answering{reply: hits(`{"a":1}`), indices: narrowIndices()}
	s := testServerOf(t, opensearch, "testdata/limits")
	jobs, tasks := memoryJobs{jobs: map[string]*job{}}, make(memoryTasks, 9)
	s.server.jobs, s.server.tasks = jobs, tasks
	post := func(body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/narrow/exports", strings.NewReader(body)))
		return w
	}
	if w := post(`{"q":"a* b*","since":"1d"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "wildcards: 2") || len(jobs.jobs) > 0 || len(tasks) > 0 {
		t.Error(w.Code, w.Body)
	}
	if w := post(`{"since":"5d"}`); w.Code != 202 || len(tasks) != 1 {
		t.Fatal(w.Code, w.Body)
	}
	if err := (worker{s.server}).work(t.Context(), <-tasks); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs.jobs {
		if j.State != incomplete || !strings.Contains(strings.Join(j.Reasons, " "), "shards: 18, the limit is 10") || opensearch.path != "" {
			t.Errorf("asked %q: %s %v", opensearch.path, j.State, j.Reasons)
		}
	}
}
