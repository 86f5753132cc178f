package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/lambda"
)

const walked = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0, shards: 3, refresh_interval: 200ms}
search: {default: [text], max_size: 1000}
fields:
  "@timestamp": {type: date}
  text: {type: text}
  k: {type: keyword}
  l: {type: long}
  u: {type: unsigned_long}
  d: {type: double}
  f: {type: float}
  s: {type: scaled_float, mapping: {scaling_factor: 100}}
  b: {type: boolean}
  i: {type: ip}
  n: {type: date}
`

// tied is a document whose values are those of many others, or missing.
func tied(r *rand.Rand, at time.Time) string {
	fields := []string{fmt.Sprintf(`"@timestamp":%q`, at.Format(time.RFC3339))}
	some := func(format string, values ...any) {
		if i := r.IntN(len(values) + 1); i < len(values) {
			fields = append(fields, fmt.Sprintf(format, values[i]))
		}
	}
	some(`"text":%q`, "disk full", "disk disk", "full of a disk that is full", "disk")
	some(`"k":%q`, "a", "ä", "B", "", "\u65e5")
	some(`"l":%v`, "-9223372036854775808", "9223372036854775807", "0", "9007199254740993", "9007199254740992")
	some(`"u":%v`, "18446744073709551615", "18446744073709551614", "0", "9223372036854775808")
	some(`"d":%v`, "-1.5e300", "0.1", "-0.0", "1e-320", "0.30000000000000004")
	some(`"f":%v`, "1.5", "3.4e38", "-2", "0.1", "1e-45")
	some(`"s":%v`, "1.01", "1.02", "-3.5")
	some(`"b":%v`, "true", "false")
	some(`"i":%q`, "10.0.0.1", "::1", "2001:db8::1", "255.255.255.255")
	some(`"n":%q`, "2026-05-17T10:00:00.123Z", "2026-05-17T10:00:00.124Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z")
	return "{" + strings.Join(fields, ",") + "}"
}

// walk follows a search's cursors to their end and counts how often each document is shown.
func (s *scene) walk(api string, ask url.Values, r *rand.Rand, most int) map[string]int {
	s.Helper()
	shown := map[string]int{}
	for ask.Set("size", fmt.Sprint(1+r.IntN(most))); ; ask.Set("size", fmt.Sprint(1+r.IntN(most))) {
		status, text := send(s, api, http.MethodGet, "/v1/"+s.collection+"/search?"+ask.Encode(), "")
		var answer struct {
			Documents []struct{ ID string }
			Next      string
			Complete  struct{ Complete bool } `json:"completeness"`
		}
		if err := json.Unmarshal(text, &answer); err != nil || status != http.StatusOK {
			s.Fatalf("%v: %d %.1000s %v", ask, status, text, err)
		}
		for _, d := range answer.Documents {
			shown[d.ID]++
		}
		if answer.Next == "" {
			return shown
		}
		ask.Set("cursor", answer.Next)
	}
}

// bulk writes actions to OpenSearch itself.
func (s *scene) bulk(lines []string) {
	s.Helper()
	if status, answer := call(s, s.node, http.MethodPost, "/_bulk", strings.Join(lines, "\n")+"\n"); status != http.StatusOK || answer["errors"] != false {
		s.Errorf("%d %.500v", status, answer)
	}
}

// Documents equal in what they are sorted by, on shards and days side by side, while others
// come and go and segments are merged: each that is there all the time is shown once.
func TestCursorsSkipAndRepeatNothingUnderTiesAndConcurrentWrites(t *testing.T) {
	t.Parallel()
	s := newScene(t, walked)
	r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a test's choices
	start := time.Date(2026, 5, 16, 23, 59, 50, 0, time.UTC)
	stable := map[string]bool{}
	var messages []message
	add := func(id string) string {
		at := start.Add(time.Duration(r.IntN(4)) * 5 * time.Second) // two days, four times
		stable[id] = true
		return fmt.Sprintf(`{"create":{"_index":"%s-%s.write","_id":%q}}`, s.collection, at.Format(time.DateOnly), id) + "\n" + tied(r, at)
	}
	for i, at := range []time.Time{start, start.Add(time.Minute)} {
		messages = append(messages, message{ID: fmt.Sprint("first", i), Body: tied(r, at), Attributes: map[string]string{"id": fmt.Sprint("first", i)}})
		stable[fmt.Sprint("first", i)] = true
	}
	if failed := s.invoke(s.function("ingest", nil), s.event(messages...)); len(failed) > 0 {
		t.Fatal(failed)
	}
	for range 6 {
		var lines []string
		for range 500 {
			lines = append(lines, add(fmt.Sprint("s", len(stable))))
		}
		s.bulk(lines)
	}
	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
	api := httptest.NewServer(lambda.Front{Function: s.function("search", nil)})
	t.Cleanup(api.Close)

	stop := make(chan struct{})
	var writing sync.WaitGroup
	for w := range 3 {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 2)) //nolint:gosec // a test's choices
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				var lines []string
				for i := range 20 {
					at := start.Add(time.Duration(r.IntN(4)) * 5 * time.Second)
					index := s.collection + "-" + at.Format(time.DateOnly)
					lines = append(lines, fmt.Sprintf(`{"index":{"_index":%q,"_id":"v%d-%d"}}`, index, w, i+20*(n%5)), tied(r, at))
					lines = append(lines, fmt.Sprintf(`{"delete":{"_index":%q,"_id":"v%d-%d"}}`, index, w, r.IntN(100)))
				}
				status, _ := call(s, s.node, http.MethodPost, "/_bulk", strings.Join(lines, "\n")+"\n")
				if status != http.StatusOK {
					s.Error(status)
				}
				if n%25 == 24 {
					call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_forcemerge?max_num_segments=1", "")
				}
			}
		})
	}
	for _, sort := range []string{"", "@timestamp:asc", "k", "k:desc", "l", "l:desc", "u", "u:desc", "d", "d:desc", "f:desc", "s", "s:desc", "b", "b:desc", "i", "i:desc", "n", "n:desc", "b,k:desc,u", "d:desc,@timestamp:asc"} {
		ask := url.Values{}
		if sort != "" {
			ask.Set("sort", sort)
		}
		wrong := 0
		shown := s.walk(api.URL, ask, r, 400)
		for id := range stable {
			if shown[id] != 1 {
				if wrong++; wrong < 4 {
					t.Errorf("sort=%s: %s was shown %d times", sort, id, shown[id])
				}
			}
		}
		if wrong > 0 {
			t.Errorf("sort=%s: %d of %d documents wrong", sort, wrong, len(stable))
		}
	}
	close(stop)
	writing.Wait()

	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
	for _, ask := range []url.Values{{"q": {"disk OR full"}, "sort": {"_score"}}, {"q": {"full disk"}, "sort": {"_score:asc,k"}}} {
		matches := s.walk(api.URL, url.Values{"q": ask["q"]}, r, 400)
		shown := s.walk(api.URL, ask, r, 400)
		for id := range stable {
			if shown[id] != matches[id] || shown[id] > 1 {
				t.Errorf("%v: %s was shown %d times, want %d", ask, id, shown[id], matches[id])
			}
		}
	}
}

// Documents without a field that tells them apart, which change while they are read: one
// that stays as it is is shown once, one that changes at least once.
func TestCursorsPassOverNoDocumentThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, definition := range map[string]string{"with id fields": "id: {fields: [id]}\n", "without": ""} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, definition+`index: {policy: single, replicas: 0, shards: 2, refresh_interval: 100ms}
search: {max_size: 1000}
fields:
  id: {type: keyword}
  k: {type: keyword}
`)
			body := func(i int) string { return fmt.Sprintf(`{"id":"d%d","k":"%d"}`, i, i%3) }
			ingest := s.function("ingest", nil)
			var messages []message
			for i := range 600 {
				messages = append(messages, message{ID: fmt.Sprint(i), Body: body(i), Attributes: map[string]string{"id": fmt.Sprint("d", i)}})
			}
			if failed := s.invoke(ingest, s.event(messages...)); len(failed) > 0 {
				t.Fatal(failed)
			}
			call(s, s.node, http.MethodPost, "/"+s.collection+"/_refresh", "")
			api := httptest.NewServer(lambda.Front{Function: s.function("search", nil)})
			t.Cleanup(api.Close)
			stop := make(chan struct{})
			var writing sync.WaitGroup
			writing.Go(func() {
				r := rand.New(rand.NewPCG(5, 5)) //nolint:gosec // a test's choices
				for {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
					}
					var lines []string
					for range 20 {
						i := r.IntN(300) * 2 // the even ones change
						lines = append(lines, fmt.Sprintf(`{"index":{"_index":%q,"_id":"d%d","require_alias":true}}`, s.collection, i), body(i))
					}
					s.bulk(lines)
				}
			})
			r := rand.New(rand.NewPCG(6, 6)) //nolint:gosec // a test's choices
			for _, sort := range []string{"k", "k:desc"} {
				shown := s.walk(api.URL, url.Values{"sort": {sort}}, r, 40)
				for i := range 600 {
					n := shown[fmt.Sprint("d", i)]
					if n == 0 || n > 1 && (i%2 == 1 || name == "with id fields") {
						t.Errorf("sort=%s: d%d was shown %d times", sort, i, n)
					}
				}
			}
			close(stop)
			writing.Wait()
		})
	}
}
