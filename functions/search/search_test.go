package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// answering is an OpenSearch that gives every search the same reply, and keeps the last one.
type answering struct {
	reply   string
	indices string
	path    string
	body    string
}

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(r.URL.Path, "/_cat/") {
		_, _ = io.WriteString(w, a.indices)
		return
	}
	body, _ := io.ReadAll(r.Body)
	a.path, a.body = r.URL.Path, string(body)
	_, _ = io.WriteString(w, a.reply)
}

func hits(documents ...string) string {
	list := make([]string, len(documents))
	for i, d := range documents {
		list[i] = fmt.Sprintf(`{"_index":"logs-2026-05-17","_id":"d%d","_source":%s,"sort":[1,"logs-2026-05-17",%d]}`, i, d, i)
	}
	return fmt.Sprintf(`{"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":%d,"relation":"eq"},"hits":[%s]}}`,
		len(documents), strings.Join(list, ","))
}

func TestSearchCutsAPageThatLambdaCouldNotCarryAndSaysSo(t *testing.T) {
	quotes := `{"m":"` + strings.Repeat(`\"`, 400_000) + `"}` // 800 kB, 1.6 MB inside an event's answer
	opensearch := &answering{reply: hits(quotes, quotes, quotes, quotes, quotes), indices: "[]"}
	s := newTestServer(t, opensearch)
	out, err := newHandler(s.engine, s.server.log).Invoke(t.Context(), []byte(get("/v1/logs/search", "size=100&from=2026-05-17", "")))
	if err != nil || len(out) > lambdatest.MaxPayload {
		t.Fatal(len(out), err)
	}
	for _, want := range []string{`\"page_cut\":{\"documents\":3,\"of\":5}`, `\"next\":\"`, `\"id\":\"d2\"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s", want)
		}
	}
	opensearch.reply = hits(`{"m":"` + strings.Repeat("x", maxAnswer) + `"}`)
	if w := request(s, "/v1/logs/search?from=2026-05-17"); w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "fields=") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}

func TestSearchCarriedIsWhatTheEventTakes(t *testing.T) {
	for _, raw := range []string{`{"a":"b\\c"}`, "{\n\t\"a\": 1}", "\"\u2028é€\"", `{"<>&":"日本"}`} {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(raw); err != nil {
			t.Fatal(err)
		}
		if got, least := carried([]byte(raw)), b.Len()-3; got < least {
			t.Errorf("%q: %d, takes %d", raw, got, least)
		}
	}
}

func request(s testServer, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func TestSearchNamesNoWildcardAndNoEndlessPath(t *testing.T) {
	var rows []string
	for day := range 1000 {
		rows = append(rows, fmt.Sprintf(`{"index":"logs-%s","status":"open"}`, noon.AddDate(0, 0, -day).Format("2006-01-02")))
	}
	rows = append(rows, `{"index":"logs-old","status":"open"}`, `{"index":"logs-2026-02-30","status":"open"}`)
	opensearch := &answering{indices: "[" + strings.Join(rows, ",") + "]"}
	opensearch.reply = `{"responses":[` + strings.Replace(hits(), "{", `{"status":200,`, 1) + `]}`
	s := newTestServer(t, opensearch)
	if w := request(s, "/v1/logs/search"); w.Code != 200 || opensearch.path != "/_msearch" {
		t.Fatalf("%d %s %s", w.Code, opensearch.path, w.Body)
	}
	header, _, _ := strings.Cut(opensearch.body, "\n")
	if n := strings.Count(header, `"logs-`); n != 1001 || strings.ContainsAny(header, "*") || strings.Contains(header, "old") || strings.Contains(header, "02-30") {
		t.Errorf("%d names: %s", n, header)
	}
}

func TestSearchOfHiddenFieldsReachesNothing(t *testing.T) {
	opensearch := &answering{reply: hits(), indices: "[]"}
	s := newTestServer(t, opensearch)
	for _, q := range []string{"q=secret:x*", "q=secret:*", "filter=secret:x", "sort=secret", "fields=secret", "q=_exists_:secret", "q=a+OR+(b+AND+secret:[a+TO+b])"} {
		if w := request(s, "/v1/logs/search?from=2026-05-17&"+q); w.Code != 400 || opensearch.path != "" {
			t.Errorf("%s: %d, asked %s", q, w.Code, opensearch.path)
		}
	}
	request(s, "/v1/logs/search?from=2026-05-17&fields=a")
	if !strings.Contains(opensearch.body, `"_source":{"excludes":["secret"],"includes":["a"]}`) {
		t.Error(opensearch.body)
	}
}

// No search outlives the one who asked: OpenSearch is told to stop before the invocation
// ends, and is not asked at all when there is no time left.
func TestSearchIsBoundedByTheInvocationsDeadline(t *testing.T) {
	opensearch := &answering{reply: hits(), indices: "[]"}
	s := newTestServer(t, opensearch)
	h := newHandler(s.engine, s.server.log)
	for remaining, want := range map[time.Duration]string{
		time.Minute: `"timeout":"3750ms"`, 2750 * time.Millisecond: `"timeout":"1500ms"`,
	} {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(remaining))
		s.server.now = func() time.Time { d, _ := ctx.Deadline(); return d.Add(-remaining) }
		if got := invoke(ctx, t, h, get("/v1/logs/search", "from=2026-05-17", "")); got.StatusCode != 200 || !strings.Contains(opensearch.body, want) {
			t.Errorf("%s: %d %s", remaining, got.StatusCode, opensearch.body)
		}
		cancel()
	}
	opensearch.body = ""
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(700*time.Millisecond))
	defer cancel()
	s.server.now = time.Now
	if got := invoke(ctx, t, h, get("/v1/logs/search", "from=2026-05-17", "")); got.StatusCode != 504 || opensearch.body != "" {
		t.Errorf("%d %s", got.StatusCode, got.Body)
	}
}
