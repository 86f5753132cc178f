package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func page200(t *testing.T, s testServer, target string) string {
	t.Helper()
	w := request(s, target)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %.3000s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, body string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
}

// inert fails where a text became an element, an attribute or an address that the page has not.
func inert(t *testing.T, body string) {
	t.Helper()
	elements := strings.Fields(`html head meta title link script body a header div form input label span select option details summary b fieldset legend button
		ul li ol nav p main h1 h2 table thead tbody tr th td time i bdi mark section footer code kbd pre svg g rect output meter wbr small dl dt dd`)
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.CommentToken:
			t.Errorf("a comment: %.200s", z.Raw())
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !slices.Contains(elements, token.Data) {
				t.Errorf("an element %s", token.Data)
			}
			for _, a := range token.Attr {
				address := a.Key == "href" || a.Key == "src" || a.Key == "action"
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || address && !ownAddress(a.Val) {
					t.Errorf("%s: %s=%.200s", token.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func ownAddress(address string) bool {
	return slices.ContainsFunc([]string{"?", "v1/", "page.css?", "page.js?", "openapi.json", "data:,", "#main", "#fields"}, func(p string) bool { return strings.HasPrefix(address, p) })
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
		value := url.QueryEscape(a)
		inert(t, request(s, "/?collection=logs&since=1h&q=%22"+value+"&filter=level:"+value).Body.String())
		inert(t, request(s, "/?collection=logs&columns="+value+",level&tz="+value+"&refresh="+value+"&values="+value+"&open="+value).Body.String())
		inert(t, request(s, "/?collection="+value).Body.String())
		body := page200(t, s, "/?collection=logs&since=1h&open=d0&filter=level:"+value)
		inert(t, body)
		has(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;")
		inert(t, request(s, "/?collection=logs&part=document&id=d0&q="+value).Body.String())
	}
	csp := request(s, "/").Header().Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") || !strings.Contains(csp, "trusted-types 'none'") {
		t.Error(csp)
	}
}

func TestPageOffersNoTimeThatItsCollectionRefuses(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	i := slices.IndexFunc(s.server.collections, func(v view) bool { return v.Name == "audit" })
	c := *s.server.collections[i].Collection
	c.Search.MaxRange = "24h"
	s.server.collections[i].Collection = &c
	s.server.collections[i].schema.MaxRange = 24 * 3600e9
	body := page200(t, s, "/?collection=audit")
	has(t, body, `value="24h" aria-pressed="true">`, ">hour</button>")
	if strings.Contains(body, "7 days") || strings.Contains(body, "any time") {
		t.Error(body)
	}
}

func TestPageCutsWhatMatchedInAVeryLongValue(t *testing.T) {
	reply := strings.Replace(hits(`{"message":"m"}`), `"_source"`, `"highlight":{"message":["`+strings.Repeat("<", 30_000)+`"]},"_source"`, 1)
	s := newTestServer(t, &answering{reply: reply, indices: "[]"})
	for _, columns := range []string{"", "&columns=message"} {
		body := page200(t, s, "/?collection=logs&q=m"+columns)
		if n := strings.Count(body, "&lt;"); n < 100 || n > 2*maxText || !strings.Contains(body, "&lt;…") {
			t.Errorf("%d characters of one value", n)
		}
	}
}

// A document that writes from right to left turns round its own value, not the row.
func TestPageIsolatesTheDirectionOfEveryValue(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits("{\"message\":\"\u202em\",\"\u05d0\":12,\"level\":\"\u202el\"}"), indices: "[]"})
	has(t, page200(t, s, "/?collection=logs&open=d0"), "<span class=\"text\"><bdi>\u202em</bdi></span>", "<i><bdi>\u05d0</bdi></i> 12 <i>level</i> <bdi>\u202el</bdi>", "<span class=\"value string\"><bdi>\u202el</bdi>")
}

func TestPageShowsWhereAMistakeIsAndKeepsWhatWasTyped(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	w := request(s, "/?collection=logs&q=level:x+AND+levl:y&filter=level:z")
	if w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	has(t, w.Body.String(), `level:x AND <mark>l</mark>evl:y`, "did you mean level?", `value="level:x AND levl:y"`, `name="filter" value="level:z"`, `aria-invalid="true" aria-describedby="mistake-q"`, `id="mistake-q"`)
}

func TestPageKeepsTheDigitsOfLargeIntegers(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(`{"number":9007199254740993,"serial":18446744073709551615,"x":1e400}`), indices: "[]"})
	has(t, page200(t, s, "/?collection=orders&open=d0"), `<span class="value number"><bdi>9007199254740993</bdi>`, "filter=number%3A9007199254740993", "18446744073709551615", "1e400")
}

func TestPageReadsAFormAsTheAddressThatItStandsFor(t *testing.T) {
	for given, want := range map[string]string{
		"q=x&since=&from=&to=":                                  "q=x",
		"since=15m&since=1h&from=2026-05-17&for=a&collection=a": "collection=a&since=1h",
		"since=15m&since=between&from=2026-05-17":               "from=2026-05-17",
		"since=15m&from=2026-05-17&for=a&collection=a":          "collection=a&from=2026-05-17",
		"since=15m&from=2026-05-17":                             "from=2026-05-17&since=15m", // an address, which is refused
		"since=15m&since=any&to=2026-05-17":                     "",
		"for=a&collection=b&filter=x:y&sort=x&columns=x&q=z":    "collection=b&q=z",
	} {
		values, _ := url.ParseQuery(given)
		if got := normal(values).Encode(); got != want {
			t.Errorf("%s is %s, want %s", given, got, want)
		}
	}
}

func TestPageWritesClausesThatAreReadAsTheyAreMeant(t *testing.T) {
	for _, c := range []struct{ q, name, value, want string }{
		{"", "level", `a"b\c`, `NOT level:"a\"b\\c"`},
		{"x y", "level", "z", `x y NOT level:"z"`},
		{"x OR y", "level", "z", `(x OR y) AND NOT level:"z"`},
		{"", "a b:c", "z", `NOT a\ b\:c:"z"`},
	} {
		v := state{given: url.Values{"q": {c.q}, "cursor": {"x"}, "open": {"y"}}}
		address, _ := url.ParseQuery(strings.TrimPrefix(v.except(c.name, c.value), "?"))
		if address.Get("q") != c.want || address.Has("cursor") || address.Has("open") {
			t.Errorf("%v: %v", c, address)
		}
	}
}

func TestPageChoosesAThemeWithoutAScript(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	w := request(s, "/?collection=logs&q=x&theme=dark")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "?collection=logs&q=x" || !strings.HasPrefix(w.Header().Get("Set-Cookie"), "theme=dark;") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := request(s, `/?theme=%22%3E%3Cscript%3E`); !strings.HasPrefix(w.Header().Get("Set-Cookie"), "theme=;") {
		t.Error(w.Header())
	}
}

func TestPagesAssetsAreKeptForEverAtTheAddressOfTheirContent(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	for path, a := range map[string]asset{"/page.js": script(), "/page.css": style()} {
		for address, want := range map[string]string{path + "?v=" + a.version: "public, max-age=31536000, immutable", path: "max-age=300", path + "?v=old": "max-age=300"} {
			if w := request(s, address); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != want || w.Body.Len() != len(a.content) {
				t.Errorf("%s: %d %v", address, w.Code, w.Header())
			}
		}
	}
}

func TestPageLeadsOnFromWhatFailed(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	has(t, request(s, "/?collection=logs&since=1h&q=x").Body.String(), `<a href="?collection=logs&amp;q=x&amp;since=1h">Try again</a>`)
	s = newTestServer(t, &answering{reply: hits(), indices: "[]"})
	has(t, request(s, "/?collection=logs&q=x&context=nothing").Body.String(), `<a href="?collection=logs&amp;q=x">Back to the search</a>`)
}

// The documents are there without the chart.
func TestPageSaysThatItsChartCouldNotBeCounted(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/_cat/"):
			_, _ = io.WriteString(w, "[]")
		case strings.Contains(string(body), "date_histogram"):
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, hits(`{"message":"here"}`))
		}
	}))
	has(t, page200(t, s, "/?collection=logs&since=1h"), "There is no chart:", ">here<")
}

func TestPageShowsTopValuesWithoutTheirStatistics(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/_cat/"):
			_, _ = io.WriteString(w, "[]")
		case strings.Contains(string(body), "cardinality"):
			w.WriteHeader(http.StatusServiceUnavailable)
		case strings.Contains(string(body), `"aggs"`):
			_, _ = io.WriteString(w, `{"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":5,"relation":"eq"},"hits":[]},`+
				`"aggregations":{"values":{"buckets":[{"key":"error","doc_count":3}],"sum_other_doc_count":0,"doc_count_error_upper_bound":0},"missing":{"doc_count":2}}}`)
		default:
			_, _ = io.WriteString(w, hits(`{"level":"error"}`))
		}
	}))
	body := request(s, "/?collection=logs&part=values&values=level").Body.String()
	has(t, body, "<bdi title=\"error\">error</bdi>", "2 without it")
	if strings.Contains(body, `class="stats"`) {
		t.Error(body)
	}
}

// A document takes more than its size as HTML, deep nesting even more.
func TestPageIsCutWhereLambdaCouldNotCarryIt(t *testing.T) {
	quotes := `{"m":"` + strings.Repeat(`\"`, 100_000) + `"}`
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	for name, documents := range map[string][]string{"quotes": slices.Repeat([]string{quotes}, 20), "nesting": slices.Repeat([]string{deep}, 10)} {
		s := newTestServer(t, &answering{reply: hits(documents...), indices: "[]"})
		out, err := newHandler(s.engine, s.server.log).Invoke(t.Context(), []byte(get("/", "collection=logs&from=2026-05-17&open=d0", "")))
		if err != nil || len(out) > lambdatest.MaxPayload {
			t.Errorf("%s: %d %v", name, len(out), err)
		}
		if !strings.Contains(string(out), `v1/logs/documents/d0\"`) || !strings.Contains(string(out), "…") {
			t.Errorf("%s: %.300s", name, out)
		}
	}
}

// A collection of a thousand fields, and a search as long as it may be, whose every link
// holds all of it.
func TestPageOfAThousandFieldsIsOneThatLambdaCarries(t *testing.T) {
	dir := t.TempDir()
	text := "name: wide\nappend_only: true\ntime: {field: \"@timestamp\"}\nindex: {policy: periodic, period: day}\nsearch: {default: [message]}\nfields:\n  \"@timestamp\": {type: date}\n  message: {type: text}\n"
	for i := range 1000 {
		text += fmt.Sprintf("  field.number_%d.of_very_many: {type: keyword}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "wide.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := testServerOf(t, &answering{reply: hits(slices.Repeat([]string{`{"message":"` + strings.Repeat(`\"`, 100_000) + `"}`}, 20)...), indices: "[]"}, dir)
	for _, q := range []string{"", strings.Repeat("日", 900)} {
		out, err := newHandler(s.engine, s.server.log).Invoke(t.Context(), []byte(get("/", "collection=wide&from=2026-05-17&size=20&open=d0&q="+url.QueryEscape(q), "")))
		if err != nil || len(out) > lambdatest.MaxPayload {
			t.Errorf("%.10s: %d %v", q, len(out), err)
		}
		if !strings.Contains(string(out), "field.<wbr>number_0") {
			t.Errorf("%.10s: no fields", q)
		}
	}
}

// A browser's address bar sends no token.
func TestPageOfTenantsSaysHowItIsOpened(t *testing.T) {
	s := testServerOf(t, &answering{reply: hits(), indices: "[]"}, tenants)
	status, body, _ := asked(t, s, "GET", "/", "collection=notes", "", "")
	if status != http.StatusUnauthorized {
		t.Error(status)
	}
	has(t, body, "Authorization: Bearer", "A browser sends none by itself")
	inert(t, body)
	if status, _, _ := asked(t, s, "GET", "/", "collection=notes", "", acme); status != http.StatusOK {
		t.Error(status)
	}
}
