package query

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func contextOf(t *testing.T, raw string) Context {
	t.Helper()
	values, _ := url.ParseQuery(raw)
	c, err := ReadContext(logs, values, noon)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return c
}

// event is a document as OpenSearch sorts it: by time, index and number in its shard;
// shards give those that are equal in any order.
type event struct {
	time  int64
	index string
	seq   int64
	id    string
}

func (e event) hit() Hit {
	return Hit{ID: e.id, Sort: fmt.Appendf(nil, `[%d,%q,%d]`, e.time, e.index, e.seq)}
}

func (e event) compare(o event) int {
	return cmp.Or(cmp.Compare(e.time, o.time), strings.Compare(e.index, o.index), cmp.Compare(e.seq, o.seq))
}

// search answers a side's body as OpenSearch would.
func search(t *testing.T, side Side, all []event, random *rand.Rand) []Hit {
	t.Helper()
	raw, err := side.Body(time.Second)
	var body struct {
		Size  int
		After []json.RawMessage   `json:"search_after"`
		Sort  []map[string]object `json:"sort"`
	}
	if err != nil || json.Unmarshal(raw, &body) != nil {
		t.Fatal(err)
	}
	var begin event
	_ = json.Unmarshal(body.After[0], &begin.time)
	_ = json.Unmarshal(body.After[1], &begin.index)
	_ = json.Unmarshal(body.After[2], &begin.seq)
	sign := 1
	if body.Sort[0]["@timestamp"]["order"] == "desc" {
		sign = -1
	}
	list := slices.Clone(all)
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b event) int { return sign * a.compare(b) })
	var hits []Hit
	for _, e := range list {
		if sign*e.compare(begin) > 0 && len(hits) < body.Size {
			hits = append(hits, e.hit())
		}
	}
	return hits
}

// Whatever is equal, and however many: what is before and after a document is what stands
// beside it in one order.
func TestContextIsAWindowOfOneOrderHoweverManyAreEqual(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 160))
	for range 300 {
		var all []event
		shards, times := 1+random.IntN(40), 1+random.IntN(4)
		for i := range 1 + random.IntN(150) {
			all = append(all, event{int64(random.IntN(times)), fmt.Sprint("i", random.IntN(2)), int64(i / shards), fmt.Sprintf("%03d", random.IntN(1000)*1000+i)})
		}
		order := slices.Clone(all)
		slices.SortFunc(order, func(a, b event) int { return cmp.Or(a.compare(b), strings.Compare(a.id, b.id)) })
		at, n := random.IntN(len(order)), 1+random.IntN(12)
		c := contextOf(t, fmt.Sprintf("id=x&before=%d&after=%[1]d", n))
		before, after, err := c.Around(order[at].hit())
		if err != nil {
			t.Fatal(err)
		}
		want := order[max(0, at-n):at]
		slices.Reverse(want)
		for name, pair := range map[string]struct {
			side Side
			want []event
		}{"after": {after, order[at+1 : min(len(order), at+1+n)]}, "before": {before, slices.Clone(want)}} {
			var got []string
			for side := &pair.side; side != nil; {
				found := search(t, *side, all, random)
				places, wider := side.Take(found)
				for _, p := range places {
					got = append(got, found[p].ID)
				}
				side = wider
			}
			var ids []string
			for _, e := range pair.want {
				ids = append(ids, e.id)
			}
			if !slices.Equal(got, ids) {
				t.Fatalf("%s %v: %v, want %v", name, order[at], got, ids)
			}
		}
		slices.Reverse(want)
	}
}

func TestContextAsksForWhatIsBesideTheDocument(t *testing.T) {
	limited := logs
	limited.MaxRange, limited.Deleted = 24*time.Hour, "gone"
	c, err := ReadContext(limited, url.Values{"id": {"a"}, "index": {"i"}, "filter": {"level:x"}, "fields": {"level"}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := c.Anchor(time.Second)
	for _, want := range []string{`{"ids":{"values":["a"]}},{"term":{"_index":"i"}}`, `"must_not":[{"exists":{"field":"gone"}}]`, `"missing":"_first"`, `"size":1`, `"secret"`} {
		if err != nil || !strings.Contains(string(anchor), want) || strings.Contains(string(anchor), `"x"`) {
			t.Errorf("no %s: %s %v", want, anchor, err)
		}
	}
	before, after, err := c.Around(Hit{"a", []byte(`[1779000000000,"i",7]`)})
	if err != nil || after.To.Sub(after.From) != 24*time.Hour || before.To.Sub(before.From) != 24*time.Hour || before.To.Sub(after.From) != time.Millisecond {
		t.Error(before.From, before.To, after.From, after.To, err)
	}
	for side, wants := range map[*Side][]string{&before: {`"search_after":[1779000000000,"i",8]`, `"desc"`}, &after: {`"search_after":[1779000000000,"i",6]`, `"asc"`}} {
		body, err := side.Body(time.Second)
		for _, want := range append(wants, `{"term":{"level":{"value":"x"}}}`, `"must_not":[{"exists":{"field":"gone"}}]`, `"includes":["level"]`) {
			if err != nil || !strings.Contains(string(body), want) {
				t.Errorf("no %s: %s", want, body)
			}
		}
	}
	if _, _, err := c.Around(Hit{"a", []byte(`[9223372036854775807,"i",7]`)}); err == nil || !strings.Contains(err.Error(), "has no @timestamp") {
		t.Error(err)
	}
	plain := logs
	plain.Time = ""
	for raw, says := range map[string]string{"": "id: is needed", "id=a&before=101": "0 to 100", "id=a&after=-1": "0 to 100", "id=a&from=2026-01-01": "not a parameter", "id=a&fields=secret": "no field"} {
		values, _ := url.ParseQuery(raw)
		if _, err := ReadContext(logs, values, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if _, err := ReadContext(plain, url.Values{"id": {"a"}}, noon); err == nil || !strings.Contains(err.Error(), "no event time") {
		t.Error(err)
	}
}
