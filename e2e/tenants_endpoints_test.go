package e2e

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Every way to read a collection, asked by two tenants in turn, with answers that are kept:
// no answer has a word of another tenant's documents or of a hidden field.
func TestNoEndpointShowsAnotherTenantsDocumentsOrAHiddenField(t *testing.T) {
	for name, definition := range map[string]string{
		"asked each time": ofTenants,
		"cached":          strings.Replace(ofTenants, "search:\n", "search:\n  cache: {fresh: 10m, settled: 1h, stale: 1h}\n", 1),
	} {
		t.Run(name, func(t *testing.T) { tenantsInTurn(t, tenantsSceneOf(t, definition)) })
	}
}

func tenantsInTurn(t *testing.T, s searched) {
	base := "/v1/" + s.collection
	g := rand.New(rand.NewPCG(9, 4)) //nolint:gosec // a test's own numbers
	one := func(list ...string) string { return list[g.IntN(len(list))] }
	field := func() string {
		if g.IntN(3) > 0 {
			return one("message", "level", "tenant.id", "user.name", "attributes.a", "@timestamp")
		}
		return one("secret", "user", "user.email", "user.email.text", "attributes", "_id", "*")
	}
	clause := func() string {
		return one("", "NOT ") + field() + ":" + one("*", "a*", "word", "c*", "u*", "info", "b", "n", "[a TO z]")
	}
	ways := map[string]func(v url.Values) string{
		"search": func(v url.Values) string {
			v.Set("facets", one("level", "tenant.id", field()))
			v.Set("highlight", "true")
			v.Set("size", "100")
			return base + "/search"
		},
		"histogram": func(v url.Values) string { v.Set("interval", one("auto", "1d")); return base + "/histogram" },
		"values":    func(v url.Values) string { v.Set("field", field()); v.Set("size", "100"); return base + "/values" },
		"prefix": func(v url.Values) string {
			v.Set("field", field())
			v.Set("prefix", one("", "u", "c", "a", ".*"))
			return base + "/values"
		},
		"stats": func(v url.Values) string { v.Set("field", field()); return base + "/stats" },
		"tail": func(v url.Values) string {
			v.Set("from", "2026-05-01")
			v.Set("wait", "0s")
			v.Set("size", "100")
			return base + "/tail"
		},
		"export": func(v url.Values) string { v.Set("format", one("csv", "ndjson")); return base + "/export" },
		"suggest": func(v url.Values) string {
			v.Del("q")
			v.Set("text", one("", "a AND ", "NOT ")+field()+one(":", ":u", ":c", ":a", ":\""))
			v.Set("from", "2026-05-01")
			return base + "/suggest"
		},
		"context": func(v url.Values) string {
			v.Set("id", one("acme-0", "acme-3", "umbrella-1", "umbrella-4", "umbrella-2-2"))
			v.Set("before", "50")
			v.Set("after", "50")
			return base + "/context"
		},
		"page": func(v url.Values) string {
			v.Set("collection", s.collection)
			v.Set("values", field())
			v.Set("columns", field()+","+field())
			return "/"
		},
		"part": func(v url.Values) string {
			v.Set("collection", s.collection)
			v.Set("part", one("values", "tail", "document"))
			v.Set("values", field())
			v.Set("id", one("acme-0", "umbrella-1"))
			return "/"
		},
	}
	callers := map[string][]string{"acme": {canary, foreign}, foreign: {canary, foreign + "-2-", `"` + foreign + `-2"`, "mine", "acme"}}
	for name, way := range ways {
		answered := 0
		for range 40 {
			v := url.Values{}
			v.Set("q", one("", "*", "a", "word", clause(), clause()+" OR *", "NOT ("+clause()+" AND "+clause()+")"))
			path := way(v)
			for _, caller := range []string{"acme", foreign, "acme"} {
				status, body := s.as(map[string]string{"tenant_id": caller}, http.MethodGet, path, v.Encode(), "")
				if status != http.StatusOK && status != http.StatusBadRequest && status != http.StatusNotFound {
					t.Fatalf("%s of %s, %v: %d %s", name, caller, v, status, body)
				}
				if status == http.StatusOK {
					answered++
				}
				for _, word := range callers[caller] {
					if strings.Contains(body, word) && status != http.StatusNotFound { // which says what is not there
						t.Fatalf("%s of %s, %v shows %s: %d %s", name, caller, v, word, status, body)
					}
				}
			}
		}
		if answered < 20 {
			t.Errorf("%s: %d answers are too few to prove anything", name, answered)
		}
		t.Logf("%s: %d answers", name, answered)
	}
}
