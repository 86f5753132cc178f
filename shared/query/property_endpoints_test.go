package query

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"
)

// writer makes a body for _search.
type writer = func(time.Duration) ([]byte, error)

// endpoints are what else asks OpenSearch: parameters of its own, and all the bodies that a
// request becomes.
var endpoints = map[string]struct {
	own  func(generator, url.Values)
	read func(url.Values) ([]writer, error)
}{
	"search with facets and highlights": {
		func(g generator, v url.Values) {
			v.Set("highlight", g.one("true", "false"))
			v.Set("facets", g.field()+g.one("", ","+g.field()))
		},
		func(v url.Values) ([]writer, error) {
			r, err := Read(guarded, v, noon)
			return []writer{r.Body}, err
		},
	},
	"histogram": {
		func(g generator, v url.Values) { v.Set("interval", g.one("auto", "1h", "1d")) },
		func(v url.Values) ([]writer, error) {
			h, err := ReadHistogram(guarded, v, noon)
			return []writer{h.Body}, err
		},
	},
	"values": {
		func(g generator, v url.Values) {
			v.Set("field", g.field())
			v.Set("prefix", g.one("", "x", ".*", "umbrella|"))
		},
		func(v url.Values) ([]writer, error) {
			values, err := ReadValues(guarded, v, noon)
			return []writer{values.Body}, err
		},
	},
	"stats": {
		func(g generator, v url.Values) { v.Set("field", g.one("number", g.field())) },
		func(v url.Values) ([]writer, error) {
			s, err := ReadStats(guarded, v, noon)
			return []writer{s.Body}, err
		},
	},
	"context": {
		func(g generator, v url.Values) {
			v.Set("id", g.one("umbrella-1", "acme-1", "*"))
			v.Set("index", g.one("x", "*", "other"))
			for _, name := range []string{"from", "to", "since"} {
				v.Del(name)
			}
		},
		func(v url.Values) ([]writer, error) {
			c, err := ReadContext(guarded, v, noon)
			if err != nil {
				return nil, err
			}
			before, after, err := c.Around(Hit{"acme-1", []byte(`[1778000000000,"i",7]`)})
			return []writer{c.Anchor, before.Body, after.Body}, err
		},
	},
	"suggest": {
		func(g generator, v url.Values) {
			v.Set("text", g.one("", "x AND ", "NOT ")+g.field()+g.one(":", ":u", ":\"x", ""))
			for _, name := range []string{"q", "filter"} {
				v.Del(name)
			}
		},
		func(v url.Values) ([]writer, error) {
			s, err := ReadSuggest(guarded, v, noon)
			if err == nil && !s.Asks() {
				return nil, nil
			}
			return []writer{s.Body}, err
		},
	},
	"tail": {
		func(g generator, v url.Values) { v.Set("highlight", g.one("true", "false")) },
		func(v url.Values) ([]writer, error) {
			tail, err := ReadTail(guarded, v, noon)
			return []writer{tail.Body, func(d time.Duration) ([]byte, error) {
				return innermost(tail.Stored(3, 900, []Run{{4, 1}, {7, 9}}, 50, d))
			}}, err
		},
	},
	"export": {
		func(g generator, v url.Values) { v.Set("format", g.one("csv", "ndjson")) },
		func(v url.Values) ([]writer, error) {
			r, err := ReadExport(guarded, v, noon)
			if err != nil {
				return nil, err
			}
			next, err := r.Behind([]Hit{{"acme-1", []byte(`[1778000000000,"i",7]`)}})
			page := func(r Request) writer {
				return func(d time.Duration) ([]byte, error) { return r.Page(50, "", time.Minute, d) }
			}
			return []writer{page(r), page(next), func(d time.Duration) ([]byte, error) {
				body, err := next.Count("p", time.Minute, d)
				return bytes.Replace(body, []byte(`"pit"`), []byte(`"snapshot"`), 1), err // which is ours
			}}, err
		},
	},
}

// innermost is a body with what all its conditions stand around in the place of its query.
func innermost(body []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	around := all["query"].(map[string]any)["bool"].(map[string]any)
	all["query"] = around["filter"].([]any)[0]
	return json.Marshal(all)
}

// Whatever a request asks for, it is asked of its tenant's documents and its shown fields.
func TestNoEndpointReachesAnotherTenantOrAHiddenField(t *testing.T) {
	for name, e := range endpoints {
		t.Run(name, func(t *testing.T) {
			g, written := generator{rand.New(rand.NewPCG(3, 8))}, 0 //nolint:gosec // a test's own numbers
			for range 3_000 {
				v := url.Values{}
				for _, one := range []string{"q", "filter", "from", "since"} {
					if list := g.values("")[one]; list != nil && (one != "since" || !v.Has("from")) {
						v[one] = list
					}
				}
				e.own(g, v)
				writers, err := e.read(v)
				if err != nil {
					continue
				}
				for _, write := range writers {
					body, err := write(time.Second)
					if err != nil {
						t.Fatalf("%v: %v", v, err)
					}
					if why := escapes(body, guarded); why != "" {
						t.Fatalf("%v: %s: %s", v, why, body)
					}
					written++
				}
			}
			if written < 300 {
				t.Fatalf("%d bodies: too few to prove anything", written)
			}
			t.Logf("%d bodies", written)
		})
	}
}

// A place in one kind of answer is none in another, and none of another tenant's.
func TestACursorOfOneEndpointIsNoneOfAnother(t *testing.T) {
	hit := []Hit{{"acme-1", []byte(`[1778000000000,"i",7]`)}}
	search, err := read(t, guarded, "q=level:a").Next(hit)
	if err != nil {
		t.Fatal(err)
	}
	exported, err := ReadExport(guarded, url.Values{"q": {"level:a"}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if exported, err = exported.Behind(hit); err != nil {
		t.Fatal(err)
	}
	export, err := exported.Cursor()
	if err != nil {
		t.Fatal(err)
	}
	tail, err := ReadTail(guarded, url.Values{"q": {"level:a"}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	posted, err := readPosted(t, guarded, "q=level:a", `{}`).Next(hit)
	if err != nil {
		t.Fatal(err)
	}
	cursors := map[string]string{"search": search, "export": export, "tail": tail.Next([]byte{1, 0, 0}), "posted": posted}
	other := guarded
	other.Tenants = []string{"umbrella"}
	for from, cursor := range cursors {
		for _, schema := range []Schema{guarded, other} {
			v := url.Values{"q": {"level:a"}, "cursor": {cursor}}
			for to, err := range map[string]error{
				"search": second(Read(schema, v, noon)), "export": second(ReadExport(schema, v, noon)),
				"tail": second(ReadTail(schema, v, noon)), "posted": second(ReadBody(schema, v, []byte(`{}`), noon)),
			} {
				if own := from == to && schema.Tenants[0] == "acme"; (err == nil) != own {
					t.Errorf("a cursor of %s at %s, for %s: %v", from, to, schema.Tenants[0], err)
				}
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }
