package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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

func TestPageShowsDocumentsAsTextWhateverTheyHold(t *testing.T) {
	attacks := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</pre><script>x</script>`,
		`javascript:alert(1)`, `</title><svg/onload=alert(1)>`, `{{.}} %s %!s(MISSING)`, "\u2028<b>", `<!--`, `&lt;script&gt;`,
	}
	var documents []string
	for _, a := range attacks {
		text, _ := json.Marshal(a)
		documents = append(documents, fmt.Sprintf(`{"message":%s,"level":%s,%s:1}`, text, text, text))
	}
	s := newTestServer(t, &answering{reply: hits(documents...), indices: "[]"})
	for _, a := range append(attacks, "") {
		w := request(s, "/?collection=logs&since=1h&q="+url.QueryEscape(`"`+a)+"&filter="+url.QueryEscape("level:"+a))
		check(t, w)
		w = request(s, "/?collection=logs&since=1h&filter="+url.QueryEscape("level:"+a))
		check(t, w)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "&lt;script&gt;alert(1)&lt;/script&gt;") {
			t.Fatalf("%d %.3000s", w.Code, w.Body)
		}
	}
	if csp := request(s, "/").Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'") {
		t.Error(csp)
	}
}

func TestPageOffersNoTimeThatItsCollectionRefuses(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	i := slices.IndexFunc(s.server.collections, func(v view) bool { return v.Name == "audit" })
	audit := *s.server.collections[i].Collection
	audit.Search.MaxRange = "24h"
	s.server.collections[i] = newView(&audit, nil)
	body := request(s, "/?collection=audit").Body.String()
	if !strings.Contains(body, `<option value="" selected>last 24h</option>`) || strings.Contains(body, "7 days") || strings.Contains(body, "any time") || !strings.Contains(body, "last hour") {
		t.Error(body)
	}
}

// A document that writes from right to left turns round its own value, not the row.
func TestPageIsolatesTheDirectionOfEveryValue(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(`{"message":"\u202em","level":"\u202el"}`), indices: "[]"})
	body := request(s, "/?collection=logs").Body.String()
	for _, want := range []string{"<bdi class=\"text\">\u202em</bdi>", "<i>level</i> <bdi>\u202el</bdi>", "<dd><bdi>\u202el</bdi>"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
}

func check(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	text := strings.ToLower(w.Body.String())
	for _, bad := range []string{"<script", "<img", "<svg", " onmouseover='", "<!--", `href="javascript`} {
		if strings.Contains(text, bad) {
			t.Errorf("%s in %.4000s", bad, text)
		}
	}
}

func TestPageShowsWhereAMistakeIsAndKeepsWhatWasTyped(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	w := request(s, "/?collection=logs&q=level:x+AND+levl:y&filter=level:z")
	for _, want := range []string{`level:x AND <mark>l</mark>evl:y`, "did you mean level?", `value="level:x AND levl:y"`, `name="filter" value="level:z"`} {
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d no %s in %s", w.Code, want, w.Body)
		}
	}
}

func TestPageKeepsTheDigitsOfLargeIntegers(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(`{"number":9007199254740993,"serial":18446744073709551615,"x":1e400}`), indices: "[]"})
	body := request(s, "/?collection=orders").Body.String()
	for _, want := range []string{"<dd><bdi>9007199254740993</bdi>", "filter=number%3A9007199254740993", "18446744073709551615", "1e400"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
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

func TestPageKeepsTheRangeOfItsAddress(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(`{"message":"x"}`), indices: "[]"})
	body := request(s, "/?collection=logs&from=2026-05-17&to=2026-05-18").Body.String()
	if !strings.Contains(body, `name="from" value="2026-05-17"`) || !strings.Contains(body, `name="to" value="2026-05-18"`) || strings.Contains(body, `name="since"`) {
		t.Error(body)
	}
}

// A document takes several times its size as HTML, deep nesting even more.
func TestPageIsCutWhereLambdaCouldNotCarryIt(t *testing.T) {
	quotes := `{"m":"` + strings.Repeat(`\"`, 100_000) + `"}`
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	for name, documents := range map[string][]string{"quotes": slices.Repeat([]string{quotes}, 20), "nesting": slices.Repeat([]string{deep}, 10)} {
		s := newTestServer(t, &answering{reply: hits(documents...), indices: "[]"})
		out, err := newHandler(s.engine, s.server.log).Invoke(t.Context(), []byte(get("/", "collection=logs&from=2026-05-17", "")))
		if err != nil || len(out) > lambdatest.MaxPayload {
			t.Errorf("%s: %d %v", name, len(out), err)
		}
		if !strings.Contains(string(out), `v1/logs/documents/d0\"`) || !strings.Contains(string(out), "…") {
			t.Errorf("%s: %.300s", name, out)
		}
	}
}
