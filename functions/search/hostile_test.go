package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// recorder is an OpenSearch that finds nothing and remembers what it was asked.
type recorder struct {
	mu    sync.Mutex
	asked []string // method, path and body
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	r.asked = append(r.asked, q.Method+" "+q.URL.Path+" "+string(body))
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(q.URL.Path, "/_cat/") {
		_, _ = io.WriteString(w, `[{"index":"logs-2026-05-17","status":"open","pri":"1"}]`)
		return
	}
	_, _ = io.WriteString(w, hits())
}

func corpus(t testing.TB, file string, least int) []lambdatest.Request {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	list, err := lambdatest.Requests(string(text))
	if err != nil || len(list) < least {
		t.Fatal(len(list), err)
	}
	return list
}

// Every hostile request is refused by the function alone.
func TestHostileRequestsAreRefusedAndReachNothing(t *testing.T) {
	for _, r := range corpus(t, "hostile.txt", 150) {
		opensearch := &recorder{}
		s := testServerOf(t, opensearch, "testdata/hostile")
		got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), string(r.Event))
		var p struct {
			Type   string
			Status int
			Detail string
		}
		switch err := json.Unmarshal([]byte(got.Body), &p); {
		case got.StatusCode != r.Status || got.StatusCode/100 != 4:
			t.Errorf("%s: %d %.300s, want %d", r.Name, got.StatusCode, got.Body, r.Status)
		case err != nil || got.Headers["Content-Type"] != problemType || p.Status != got.StatusCode || p.Detail == "" || p.Type == "":
			t.Errorf("%s: %v %.300s", r.Name, got.Headers, got.Body)
		case len(got.Body) > 64<<10:
			t.Errorf("%s: the refusal has %d bytes", r.Name, len(got.Body))
		case len(opensearch.asked)+len(s.queue.sent) > 0:
			t.Errorf("%s: reached %v", r.Name, opensearch.asked)
		}
	}
}

// asQuery is all that may be said to OpenSearch: the names of its query language, and the
// collection's fields.
var asQuery = regexp.MustCompile(`^(query|bool|must|must_not|should|filter|minimum_should_match|term|terms|match|match_phrase|range|exists|ids|value|values|prefix|gte|lt|format|field|size|sort|order|unmapped_type|timeout|_source|includes|excludes|` +
	`_index|_seq_no|@timestamp|message|level|operator|max_expansions|lenient|fuzzy_transpositions)$`)

// What only looks hostile arrives as a value, whatever it holds.
func TestHarmlessRequestsReachOpenSearchAsTextAlone(t *testing.T) {
	for _, r := range corpus(t, "harmless.txt", 30) {
		opensearch := &recorder{}
		s := testServerOf(t, opensearch, "testdata/hostile")
		got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), string(r.Event))
		if got.StatusCode != r.Status {
			t.Errorf("%s: %d %.300s, want %d", r.Name, got.StatusCode, got.Body, r.Status)
		}
		for _, asked := range opensearch.asked {
			call, body, _ := strings.Cut(asked, " {")
			if !slices.Contains([]string{"GET /_cat/indices/logs-* ", "POST /logs-2026-05-17,logs-2026-05-18/_search"}, call) && !strings.HasPrefix(call, "POST /logs-") {
				t.Errorf("%s: asked %s", r.Name, asked)
			}
			if body == "" {
				continue
			}
			d := json.NewDecoder(strings.NewReader("{" + body))
			for key := range keysOf(t, d) {
				if !asQuery.MatchString(key) {
					t.Errorf("%s: says %q to OpenSearch: %s", r.Name, key, body)
				}
			}
		}
	}
}

// keysOf are all names in a JSON document.
func keysOf(t *testing.T, d *json.Decoder) map[string]bool {
	t.Helper()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		t.Fatal("no JSON by itself", err)
	}
	keys := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				keys[key] = true
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(v)
	return keys
}

// BenchmarkHostile is the time that each hostile request takes until it is refused; the
// slowest is reported.
func BenchmarkHostile(b *testing.B) {
	s := testServerOf(b, &recorder{}, "testdata/hostile")
	s.server.log = slog.New(slog.DiscardHandler)
	h := newHandler(s.engine, s.server.log)
	for _, r := range corpus(b, "hostile.txt", 150) {
		b.Run(r.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Invoke(context.Background(), r.Event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
