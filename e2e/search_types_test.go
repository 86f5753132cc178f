package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const everyType = `fields:
  k: {type: keyword}
  t: {type: text, mapping: {fields: {raw: {type: keyword}}}}
  w: {type: wildcard}
  d: {type: date}
  l: {type: long}
  i: {type: integer}
  s: {type: short}
  y: {type: byte}
  u: {type: unsigned_long}
  f: {type: float}
  g: {type: double}
  c: {type: scaled_float, mapping: {scaling_factor: 100}}
  b: {type: boolean}
  a: {type: ip}
  o: {type: flat_object}
  p: {type: geo_point}
  hidden.x: {type: keyword}
search: {wildcards: true, hidden: [hidden]}
index: {policy: single, replicas: 0, shards: 2}
`

// typed is a scene of three documents: one with each value low, one high, one with none.
func typed(t *testing.T) searched {
	s := searched{scene: newScene(t, everyType)}
	for _, d := range []string{
		`{"_id":"low","k":"a b","t":"Foo-bar baz Привет","w":"/x/1","d":"2026-05-01T10:00:00Z","l":-9223372036854775807,"i":1,"s":-5,"y":1,"u":1,"f":0.5,"g":-0.0,"c":1.25,"b":false,"a":"10.1.2.3","o":{"env":"prod","n":{"m":"x"}},"p":{"lat":1,"lon":2},"hidden":{"x":"1"}}`,
		`{"_id":"high","k":"z","t":"other","w":"/y/2","d":"2026-05-02T10:00:00.123Z","l":9223372036854775807,"i":2147483647,"s":7,"y":127,"u":18446744073709551615,"f":3.25,"g":1e300,"c":99.99,"b":true,"a":"2001:db8::1","o":{"env":"test"},"p":"3,4","hidden":{"x":"2"}}`,
		`{"_id":"none"}`,
	} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(d))
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

func TestSearchEveryFieldTypeFindsItsValues(t *testing.T) {
	s := typed(t)
	for q, want := range map[string]string{
		`k:"a b"`: "low", `k:a*`: "low", `k:[y TO *]`: "high", `k:*`: "high low", `NOT k:*`: "none",
		`t:foo-bar`: "low", `t:"bar baz"`: "low", `baz`: "low", `ba*`: "low", `t:FO?`: "low", `При*`: "low", `t.raw:other`: "high", `t.raw:Other`: "",
		`w:/x/*`: "low", `w:/y/2`: "high",
		`d:2026-05-01`: "low", `d:"2026-05-02T10:00:00.123Z"`: "high", `d:>2026-05-01`: "high", `d:<=2026-05-02`: "high low", `d:<=9999-12-31`: "high low",
		`l:9223372036854775807`: "high", `l:-9223372036854775807`: "low", `l:<0`: "low", `i:2147483647`: "high", `s:-5`: "low", `y:127`: "high",
		`u:18446744073709551615`: "high", `u:>18446744073709551614`: "high", `u:[0 TO 5]`: "low",
		`f:0.5`: "low", `g:>1e299`: "high", `g:0`: "low", `g:-0`: "low", `g:>=0`: "high low", `g:<0`: "", `c:99.99`: "high", `c:[1.25 TO 1.26}`: "low",
		`b:true`: "high", `b:false`: "low", `a:10.0.0.0/8`: "low", `a:2001:db8::1`: "high", `a:[10.0.0.0 TO 10.255.255.255]`: "low",
		`o.env:prod`: "low", `o.n.m:x`: "low", `o.env:te*`: "high", `o:*`: "high low", `p:*`: "high low",
		`-k:z AND l:*`: "low", `(k:z OR NOT k:*)`: "high none",
	} {
		s.finds(want, url.Values{"q": {q}})
	}
	for filter, want := range map[string]string{"k:a b": "low", "u:18446744073709551615": "high", "d:2026-05-01": "low", "o.env:test": "high", "a:10.1.2.3": "low"} {
		s.finds(want, url.Values{"filter": {filter}})
	}
}

func TestSearchPagesThroughEveryOrderWithMissingValues(t *testing.T) {
	s := typed(t)
	for _, field := range []string{"k", "t.raw", "d", "l", "i", "s", "y", "u", "f", "g", "c", "b", "a"} {
		for _, direction := range []string{"asc", "desc"} {
			var got []string
			for cursor := ""; ; {
				values := url.Values{"sort": {field + ":" + direction}, "size": {"1"}}
				if cursor != "" {
					values.Set("cursor", cursor)
				}
				status, body := s.get("/search", values)
				var page struct {
					Documents []struct{ ID string }
					Next      string
				}
				if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
					t.Fatalf("%s %s behind %v: %d %s", field, direction, got, status, body)
				}
				for _, d := range page.Documents {
					got = append(got, d.ID)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
				if len(got) > 3 {
					break
				}
			}
			want := []string{"low", "high", "none"}
			if direction == "desc" {
				want = []string{"high", "low", "none"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: %v", field, direction, got)
			}
		}
	}
}

// Pages of any size hold every document once, though most are equal in all they are
// sorted by and lie on several shards, and every id is in three indices. The total stays.
func TestSearchPagesHoldEachDocumentOnceUnderTies(t *testing.T) {
	s := searched{scene: newScene(t, strings.Replace(byDay, "replicas: 0", "replicas: 0, shards: 3", 1))}
	for i := range 300 {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(`{"_id":"m%03d","@timestamp":"2026-05-0%dT10:00:00Z","message":"x"}`, i/3, i%3+1)))
	}
	s.store()
	s.fn = s.function("search", nil)
	for _, size := range []string{"1", "7", "50"} {
		seen := map[string]int{}
		for cursor, pages := "", 0; pages < 400; pages++ {
			values := url.Values{"size": {size}}
			if cursor != "" {
				values.Set("cursor", cursor)
			}
			_, body := s.get("/search", values)
			var page struct {
				Total     struct{ Value int }
				Documents []struct{ ID, Index string }
				Next      string
			}
			if err := json.Unmarshal([]byte(body), &page); err != nil || page.Total.Value != 300 {
				t.Fatal(body)
			}
			for _, d := range page.Documents {
				seen[d.Index+" "+d.ID]++
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if len(seen) != 300 {
			t.Errorf("size %s: %d of 300 documents", size, len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("size %s: %s came %d times", size, id, n)
			}
		}
	}
}
