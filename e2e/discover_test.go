package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// ask is an answer of the search function, as into.
func (s searched) ask(path string, values url.Values, into any) {
	s.Helper()
	status, body := s.get(path, values)
	if status != http.StatusOK {
		s.Fatalf("%s %v: %d %s", path, values, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		s.Fatalf("%s: %v", body, err)
	}
}

// timed is a scene of documents at these times, by day.
func timed(t *testing.T, definition string, times ...string) searched {
	s := searched{scene: newScene(t, definition)}
	for i, at := range times {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(`{"_id":"d%02d","@timestamp":%q,"message":"event %d"}`, i, at, i)))
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

type histogram struct {
	Interval  string
	Documents int
	Buckets   []struct {
		From, To string
		Count    int
	}
	Completeness struct {
		Complete      bool
		Reasons       []string
		Shards        struct{ Total, Failed int }
		ClosedIndices []string `json:"closed_indices"`
	}
}

// filled writes the buckets that are not empty.
func (h histogram) filled() string {
	var list []string
	for _, b := range h.Buckets {
		if b.Count > 0 {
			list = append(list, fmt.Sprintf("%s..%s:%d", b.From[8:19], b.To[8:19], b.Count))
		}
	}
	return strings.Join(list, " ")
}

func TestHistogramCountsEveryDocumentInItsInterval(t *testing.T) {
	s := timed(t, byDay, "2026-05-01T09:59:59.999Z", "2026-05-01T10:00:00Z", "2026-05-01T10:59:59.999Z", "2026-05-01T11:00:00Z", "2026-05-02T23:59:59.999Z", "2026-05-03T00:00:00Z")
	for _, c := range []struct {
		values   string
		interval string
		buckets  int
		filled   string
	}{
		{"from=2026-05-01T10:00:00Z&to=2026-05-01T12:00:00Z&interval=1h", "1h", 2, "01T10:00:00..01T11:00:00:2 01T11:00:00..01T12:00:00:1"},
		{"from=2026-05-01T09:30:00Z&to=2026-05-01T10:30:00Z&interval=1h", "1h", 2, "01T09:30:00..01T10:00:00:1 01T10:00:00..01T10:30:00:1"},
		{"from=2026-05-01&to=2026-05-02&interval=1d", "1d", 2, "01T00:00:00..02T00:00:00:4 02T00:00:00..03T00:00:00:1"},
		{"interval=1d", "1d", 3, "01T09:59:59..02T00:00:00:4 02T00:00:00..03T00:00:00:1 03T00:00:00..03T00:00:00:1"},
		{"interval=7d", "7d", 1, "01T09:59:59..03T00:00:00:6"},
		{"to=2026-05-02&interval=12h", "12h", 4, "01T09:59:59..01T12:00:00:4 02T12:00:00..03T00:00:00:1"},
		{"from=2026-05-01&to=2026-05-03&q=%225%22", "1h", 72, "03T00:00:00..03T01:00:00:1"},
		{"from=2026-05-01&to=2026-05-03&q=nothing", "1h", 72, ""},
		{"q=nothing", "", 0, ""},
	} {
		values, _ := url.ParseQuery(c.values)
		var h histogram
		s.ask("/histogram", values, &h)
		sum := 0
		for i, b := range h.Buckets {
			if sum += b.Count; i > 0 && b.From != h.Buckets[i-1].To {
				t.Errorf("%s: a gap before %s", c.values, b.From)
			}
		}
		if h.Interval != c.interval || len(h.Buckets) != c.buckets || h.filled() != c.filled || sum != h.Documents || !h.Completeness.Complete {
			t.Errorf("%s: %s, %d buckets, %d of %d documents: %s", c.values, h.Interval, len(h.Buckets), sum, h.Documents, h.filled())
		}
	}
	if status, body := s.get("/histogram", url.Values{"interval": {"1s"}}); status != http.StatusBadRequest || !strings.Contains(body, "1000 are the most") {
		t.Errorf("%d %s", status, body)
	}
}

// A clock that runs ahead makes documents behind now: an open range shows them too.
func TestHistogramOfAnOpenRangeReachesTheLastDocument(t *testing.T) {
	soon := strings.Replace(byDay, "period: day,", "period: day, max_future: 3650d,", 1)
	s := timed(t, soon, "2026-05-01T10:00:00Z", "2031-01-01T00:00:00Z")
	var h histogram
	s.ask("/histogram", url.Values{"from": {"2026-05-01"}}, &h)
	first, last := h.Buckets[0], h.Buckets[len(h.Buckets)-1]
	if h.Documents != 2 || h.Interval != "30d" || first.From != "2026-05-01T00:00:00.000Z" || first.Count != 1 || last.To != "2031-01-01T00:00:00.001Z" || last.Count != 1 {
		t.Errorf("%s %d %v %v", h.Interval, h.Documents, first, last)
	}
}

// What lies behind the stretch that a histogram is first asked for makes no buckets of its
// small interval: there can be more than OpenSearch makes.
func TestHistogramOfAnOpenRangeIsNotRefusedForManyDocumentsInTheFuture(t *testing.T) {
	times := []string{"2026-05-01T10:00:00Z"}
	for i := range 30 {
		times = append(times, time.Date(2031, 1, 1+7*i, 0, 0, 0, 0, time.UTC).Format(time.RFC3339))
	}
	s := timed(t, strings.Replace(byDay, "policy: periodic, period: day,", "policy: single,", 1), times...)
	limit := func(n string) {
		if status, text := send(s, s.node, "PUT", "/_cluster/settings", `{"transient":{"search.max_buckets":`+n+`}}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	limit("15")
	defer limit("null")
	var h histogram
	s.ask("/histogram", url.Values{"from": {"2026-05-01"}}, &h)
	if sum := strings.Count(h.filled(), ":1 "); h.Documents != 31 || len(h.Buckets) > 100 || h.Buckets[0].Count != 1 || sum == 0 {
		t.Errorf("%s %d %s", h.Interval, h.Documents, h.filled())
	}
}

// Documents of 1970 and 2100 side by side: no interval may have all empty buckets made.
func TestHistogramOfDocumentsACenturyApart(t *testing.T) {
	s := timed(t, strings.Replace(byDay, "policy: periodic, period: day,", "policy: single,", 1), "1970-01-01T00:00:00Z", "2026-05-01T10:00:00Z", "2100-12-31T00:00:00Z")
	for _, values := range []url.Values{{}, {"from": {"2026-05-01"}}, {"from": {"1970-01-01"}}, {"to": {"2101-01-01"}}, {"since": {"1m"}}} {
		var h histogram
		if s.ask("/histogram", values, &h); len(h.Buckets) > 100 || h.Documents == 0 || !h.Completeness.Complete {
			t.Errorf("%v: %d buckets of %d documents", values, len(h.Buckets), h.Documents)
		}
	}
	for _, values := range []url.Values{{"interval": {"1s"}}, {"interval": {"1s"}, "since": {"1m"}}} {
		if status, body := s.get("/histogram", values); status != http.StatusBadRequest || !strings.Contains(body, "1000 are the most") {
			t.Errorf("%d %s", status, body)
		}
	}
}

type counted struct {
	Field  string
	Values []struct {
		Value json.RawMessage
		Count int
		Cut   bool
	}
	Other, Missing, Documents int
	ErrorBound                int `json:"error_bound"`
	Completeness              struct {
		Complete      bool
		ValuesClipped int `json:"values_clipped"`
	}
}

func (c counted) String() string {
	var list []string
	for _, v := range c.Values {
		list = append(list, fmt.Sprintf("%s:%d", v.Value, v.Count))
	}
	return fmt.Sprintf("%s %s other %d missing %d", c.Field, strings.Join(list, " "), c.Other, c.Missing)
}

// Each value finds its documents again when it is put into a filter.
func TestValuesOfEveryTypeAreExactAndFindTheirDocuments(t *testing.T) {
	s := typed(t)
	for field, want := range map[string]string{
		"k": `k "a b":1 "z":1 other 0 missing 1`,
		"t": `t.raw "Foo-bar baz Привет":1 "other":1 other 0 missing 1`,
		"l": `l -9223372036854775807:1 9223372036854775807:1 other 0 missing 1`,
		"u": `u 1:1 18446744073709551615:1 other 0 missing 1`,
		"s": `s -5:1 7:1 other 0 missing 1`,
		"f": `f 0.5:1 3.25:1 other 0 missing 1`,
		"g": `g -0.0:1 1.0E300:1 other 0 missing 1`,
		"c": `c 1.25:1 99.99:1 other 0 missing 1`,
		"b": `b false:1 true:1 other 0 missing 1`,
		"a": `a "10.1.2.3":1 "2001:db8::1":1 other 0 missing 1`,
		"d": `d "2026-05-01T10:00:00.000Z":1 "2026-05-02T10:00:00.123Z":1 other 0 missing 1`,
	} {
		var c counted
		s.ask("/values", url.Values{"field": {field}}, &c)
		if c.String() != want || c.Documents != 3 || !c.Completeness.Complete {
			t.Errorf("%s, want %s", c, want)
		}
		for i, v := range c.Values {
			text := string(v.Value)
			_ = json.Unmarshal(v.Value, &text) // a number stays as it is
			s.finds([]string{"low", "high"}[i], url.Values{"filter": {c.Field + ":" + text}})
		}
	}
	for field, why := range map[string]string{"o": "cannot be counted", "o.env": "cannot be counted", "w": "cannot be counted", "p": "cannot be counted", "hidden.x": "no field", "hidden": "no field"} {
		if status, body := s.get("/values", url.Values{"field": {field}}); status != http.StatusBadRequest || !strings.Contains(body, why) {
			t.Errorf("%s: %d %s", field, status, body)
		}
	}
	var c counted
	s.ask("/values", url.Values{"field": {"k"}, "size": {"1"}}, &c)
	if c.String() != `k "a b":1 other 1 missing 1` {
		t.Error(c)
	}
}

func TestValuesBeginWithThePrefixWhateverItsCharacters(t *testing.T) {
	s := searched{scene: newScene(t, "fields: {k: {type: keyword}}\nindex: {policy: single, replicas: 0}\n")}
	var all []string
	for r := ' '; r < 0x80; r++ {
		all = append(all, string(r)+"x", string(r))
	}
	all = append(all, `\d`, `\w+`, "[a-z]", "a.b", "aXb", "é", "ё.*", "日本", "😀!", "\u2028|", "<1-5>", `"q"`, "@any", "~x", "#", "&&", strings.Repeat("long ", 300), "two\nlines", "\u0130x")
	random := rand.New(rand.NewPCG(3, 160))
	alphabet := []rune("ab1.*+?|{}[]()\"\\#@&<>~^$-/ é日😀İß_")
	for range 150 {
		var b strings.Builder
		for range 1 + random.IntN(6) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		all = append(all, b.String())
	}
	for i, v := range all {
		text, _ := json.Marshal(map[string]string{"_id": fmt.Sprint(i), "k": v})
		s.Input.Documents = append(s.Input.Documents, text)
	}
	s.store()
	s.fn = s.function("search", nil)
	for _, prefix := range all {
		if len(prefix) > 200 || strings.ContainsRune(prefix, 0x7f) {
			continue
		}
		want := 0
		for _, v := range all {
			if strings.HasPrefix(v, prefix) {
				want++
			}
		}
		var c counted
		s.ask("/values", url.Values{"field": {"k"}, "prefix": {prefix}, "size": {"500"}}, &c)
		got := 0
		for _, v := range c.Values {
			var text string
			if err := json.Unmarshal(v.Value, &text); err != nil || !strings.HasPrefix(text, prefix) {
				t.Errorf("%q: %s", prefix, v.Value)
			}
			got += v.Count
		}
		if got != want {
			t.Errorf("%q: %d of %d: %s", prefix, got, want, c)
		}
	}
	var c counted
	s.ask("/values", url.Values{"field": {"k"}, "prefix": {"long "}}, &c)
	if len(c.Values) != 1 || !c.Values[0].Cut || len(c.Values[0].Value) != 1002 || c.Completeness.ValuesClipped != 1 {
		t.Error(c)
	}
}

func TestHighlightTellsMatchesFromWhatDocumentsHold(t *testing.T) {
	s := searched{scene: newScene(t, `fields:
  message: {type: text}
  note: {type: text}
  level: {type: keyword}
  secret: {type: text}
search: {default: [message], hidden: [secret], wildcards: true}
index: {policy: single, replicas: 0}
`)}
	for _, d := range []string{
		`{"_id":"a","message":"<em>timeout</em> & a timeout \ue000x\ue001","note":"timeout","level":"ERROR","secret":"timeout"}`,
		`{"_id":"b","message":"` + strings.Repeat("filler words here. ", 60000) + `timeout","level":"WARN"}`,
	} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	for q, want := range map[string]string{
		"timeout":               `{"message":[[{"text":"<em>"},{"text":"timeout","match":true},{"text":"</em> & a "},{"text":"timeout","match":true},{"text":" ` + "\ue000x\ue001" + `"}]]}`,
		"note:time*":            `{"note":[[{"text":"timeout","match":true}]]}`,
		"level:ERROR":           `{"level":[[{"text":"ERROR","match":true}]]}`,
		"-level:WARN":           `{}`,
		"NOT level:WARN note:*": `{}`,
		"":                      `{}`,
	} {
		status, body := s.get("/search", url.Values{"q": {q}, "filter": {"level:ERROR"}, "highlight": {"true"}, "fields": {"level"}})
		if status != http.StatusOK || !strings.Contains(body, `"source":{"level":"ERROR"},"highlight":`+want+`}`) {
			t.Errorf("%s: %d %s", q, status, body)
		}
	}
	if status, body := s.get("/search", url.Values{"q": {"filler"}, "highlight": {"true"}, "fields": {"level"}}); status != http.StatusOK || !strings.Contains(body, `{"text":"filler","match":true}`) {
		t.Errorf("%d %s", status, body)
	}
	if _, body := s.get("/search", url.Values{"q": {"timeout"}}); strings.Contains(body, "highlight") {
		t.Error(body)
	}
}

func TestFacetsComeBesideTheDocuments(t *testing.T) {
	s := typed(t)
	var page struct {
		Documents []struct{ ID string }
		Facets    map[string]counted
	}
	s.ask("/search", url.Values{"facets": {"k,t,b"}, "size": {"1"}, "q": {"l:*"}}, &page)
	if len(page.Documents) != 1 || len(page.Facets) != 3 {
		t.Fatal(page)
	}
	for name, want := range map[string]string{"k": `k "a b":1 "z":1 other 0 missing 0`, "t": `t.raw "Foo-bar baz Привет":1 "other":1 other 0 missing 0`, "b": "b false:1 true:1 other 0 missing 0"} {
		if got := page.Facets[name].String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, facets := range []string{"hidden.x", "o", "", "k,", "nope"} {
		if status, body := s.get("/search", url.Values{"facets": {facets}}); status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", facets, status, body)
		}
	}
}

type summary struct {
	Type                        string
	Count, Missing, Cardinality int
	Min, Max, Avg, Sum          json.RawMessage
	Percentiles                 map[string]json.RawMessage
	Approximate                 []string
	Completeness                struct{ Complete bool }
}

func TestStatsOfEveryTypeKeepTheirDigits(t *testing.T) {
	s := typed(t)
	for field, want := range map[string]string{
		"k": `"a b" "z"  `,
		"t": `"Foo-bar baz Привет" "other"  `,
		"l": `-9223372036854775807 9223372036854775807 0.0 0.0`,
		"u": `1 18446744073709551615 9.223372036854776E18 1.8446744073709552E19`,
		"s": `-5 7 1.0 2.0`,
		"f": `0.5 3.25 1.875 3.75`,
		"c": `1.25 99.99 50.62 101.24`,
		"b": `   `,
		"a": `"10.1.2.3" "2001:db8::1"  `,
		"d": `"2026-05-01T10:00:00.000Z" "2026-05-02T10:00:00.123Z" "2026-05-01T22:00:00.061Z" `,
	} {
		var c summary
		s.ask("/stats", url.Values{"field": {field}}, &c)
		if got := fmt.Sprintf("%s %s %s %s", c.Min, c.Max, c.Avg, c.Sum); got != want || c.Count != 2 || c.Missing != 1 || c.Cardinality != 2 || !c.Completeness.Complete {
			t.Errorf("%s: %s, want %s: %+v", field, got, want, c)
		}
		var none summary
		s.ask("/stats", url.Values{"field": {field}, "filter": {"k:nothing"}}, &none)
		if len(none.Min)+len(none.Max)+len(none.Avg)+len(none.Percentiles) > 0 || none.Count != 0 {
			t.Errorf("%s of nothing: %+v", field, none)
		}
	}
	var c summary
	s.ask("/stats", url.Values{"field": {"d"}}, &c)
	if string(c.Percentiles["99"]) != `"2026-05-02T10:00:00.123Z"` || len(c.Approximate) != 2 {
		t.Errorf("%s", c.Percentiles)
	}
	if status, body := s.get("/stats", url.Values{"field": {"hidden.x"}}); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, body)
	}
}

func TestDiscoveryUnderEveryIndexPolicy(t *testing.T) {
	t.Parallel()
	for policy, definition := range everyPolicy {
		t.Run(policy, func(t *testing.T) {
			s := timed(t, definition+`time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  message: {type: text, mapping: {fields: {whole: {type: keyword}}}}
`, "2026-05-01T10:00:00Z", "2026-05-02T10:00:00Z", "2026-05-03T10:00:00Z")
			var h histogram
			if s.ask("/histogram", url.Values{"interval": {"1d"}}, &h); h.Documents != 3 || len(h.Buckets) != 3 {
				t.Error(h)
			}
			var c counted
			if s.ask("/values", url.Values{"field": {"message"}, "from": {"2026-05-02"}}, &c); c.String() != `message.whole "event 1":1 "event 2":1 other 0 missing 0` {
				t.Error(c)
			}
			var a around
			if s.ask("/context", url.Values{"id": {"d01"}}, &a); len(a.Before) != 1 || a.Before[0].ID != "d00" || len(a.After) != 1 || a.After[0].ID != "d02" || !a.Completeness.Complete {
				t.Error(a)
			}
			var b around
			if s.ask("/context", url.Values{"id": {"d01"}, "index": {a.Document.Index}}, &b); b.Document != a.Document {
				t.Error(b)
			}
		})
	}
}

// What is left of deleted documents is in no count.
func TestDiscoveryCountsNoTombstones(t *testing.T) {
	s := searched{scene: newScene(t, entity)}
	fn := s.function("ingest", nil)
	for i, body := range []string{`{"id":"A","version":1,"op":"create","s":"x"}`, `{"id":"B","version":1,"op":"create","s":"y"}`, `{"id":"A","version":2,"op":"delete","s":"x"}`} {
		if failed := s.invoke(fn, s.event(message{ID: fmt.Sprint(i), Body: body})); len(failed) > 0 {
			t.Fatal(failed)
		}
	}
	send(s, s.node, "POST", "/"+s.collection+"*/_refresh", "")
	s.fn = s.function("search", nil)
	var c counted
	if s.ask("/values", url.Values{"field": {"s"}}, &c); c.String() != `s "y":1 other 0 missing 0` || c.Documents != 1 {
		t.Error(c)
	}
	var sum summary
	if s.ask("/stats", url.Values{"field": {"version"}}, &sum); sum.Count != 1 || sum.Missing != 0 || string(sum.Max) != "1" {
		t.Error(sum)
	}
	var got suggestions
	if s.ask("/suggest", url.Values{"text": {"s:"}}, &got); got.String() != "y" {
		t.Error(got)
	}
}

// A histogram that is asked for again is answered from OpenSearch's request cache.
func TestHistogramIsServedFromTheRequestCache(t *testing.T) {
	s := timed(t, byDay, "2026-05-01T10:00:00Z")
	for range 3 {
		var h histogram
		s.ask("/histogram", url.Values{"from": {"2026-05-01"}, "to": {"2026-05-01"}}, &h)
	}
	_, text := send(s, s.node, "GET", "/"+s.collection+"-2026-05-01/_stats/request_cache?filter_path=_all.total.request_cache.hit_count", "")
	if !strings.Contains(string(text), `"hit_count":2`) {
		t.Errorf("%s", text)
	}
}
