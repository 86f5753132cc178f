package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/lambda"
	"net/http/httptest"
)

// accessLog makes n lines of the combined format over four days; every 47th is a 404, and
// two neighbours are equal now and then.
func accessLog(n int) string {
	var b strings.Builder
	for i := range n {
		at := time.Date(2015, 5, 17+i*4/n, 10, 5, i/2%60, 0, time.UTC)
		status := 200
		if i%47 == 0 {
			status = 404
		}
		fmt.Fprintf(&b, `83.149.9.%d - - [%s] "GET /presentations/%d?x=1 HTTP/1.1" %d %d "http://example.com/" "Mozilla/5.0 (X11) \"odd\""`+"\n",
			i/2%250, at.Format("02/Jan/2006:15:04:05 -0700"), i/2%9, status, 1000+i/2%100)
	}
	return b.String()
}

const accessFields = `append_only: true
lines: [combined]
time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  message: {type: text}
  client.address: {type: keyword}
  http.request.method: {type: keyword}
  url.path: {type: keyword}
  url.query: {type: keyword}
  http.response.status_code: {type: short}
  http.response.body.size: {type: long}
  user_agent.original: {type: keyword}
  http.request.header.referer: {type: keyword}
  network.protocol.version: {type: keyword}
index: {policy: periodic, period: day, replicas: 0, refresh_interval: 200ms}
`

// From a file to the answer of the search function, twice.
func TestCoreAccessLogIsFoundOnceHoweverOftenItIsFed(t *testing.T) {
	s := newScene(t, accessFields)
	p := s.pipe(30, 500, s.function("ingest", nil))
	const n = 1000
	for range 2 {
		if sent := p.feed(accessLog(n)); sent.Lines != n {
			t.Fatalf("%d lines sent", sent.Lines)
		}
		p.drained(time.Minute)
		if got := len(s.documents()); got != n {
			t.Fatalf("%d documents, want %d", got, n)
		}
	}
	var want []string
	for day := 17; day <= 20; day++ {
		want = append(want, fmt.Sprintf("%s-2015-05-%d", s.collection, day))
	}
	s.same("indices", s.indices(), want)
	s.same("dead letters", bodies(s.deadLetters()), none)

	api := httptest.NewServer(lambda.Front{Function: s.function("search", nil)})
	t.Cleanup(api.Close)
	for query, total := range map[string]int{
		"":                              n,
		"http.response.status_code:404": 22,
		"url.path:\"/presentations/3\"": len(of(n, func(i int) bool { return i/2%9 == 3 })),
		"client.address:83.149.9.7":     len(of(n, func(i int) bool { return i/2%250 == 7 })),
		"http.request.method:POST":      0,
		"http.response.body.size:[1000 TO 1009] AND http.response.status_code:404": len(of(n, func(i int) bool { return i/2%100 < 10 && i%47 == 0 })),
	} {
		if got := s.search(api.URL, url.Values{"q": {query}}); got.Total.Value != total {
			t.Errorf("q=%s: total %d, want %d", query, got.Total.Value, total)
		}
	}
	got := s.search(api.URL, url.Values{"from": {"2015-05-18T00:00:00Z"}, "to": {"2015-05-19T00:00:00Z"}, "size": {"1"}})
	if got.Total.Value != n/4 || len(got.Documents) != 1 {
		t.Errorf("one day has %d, want %d", got.Total.Value, n/4)
	}
}

func of(n int, is func(int) bool) (out []int) {
	for i := range n {
		if is(i) {
			out = append(out, i)
		}
	}
	return out
}

// page is a search's answer, as far as the tests read it.
type page struct {
	Total struct {
		Value    int    `json:"value"`
		Relation string `json:"relation"`
	} `json:"total"`
	Documents []struct {
		ID     string          `json:"id"`
		Source json.RawMessage `json:"source"`
	} `json:"documents"`
}

func (s *scene) search(api string, q url.Values) (p page) {
	s.Helper()
	if q.Get("q") == "" {
		q.Del("q")
	}
	status, text := send(s, api, http.MethodGet, "/v1/"+s.collection+"/search?"+q.Encode(), "")
	if status != http.StatusOK {
		s.Fatalf("search %s: %d %s", q.Encode(), status, text)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	return p
}
