package query

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// guarded is a schema with a tenant and hidden fields of every kind: one, an object, inside
// an object, inside a flat_object.
var guarded = func() Schema {
	s := logs
	s.Tenant, s.Tenants = "tenant.id", []string{"acme"}
	s.Hidden = []string{"secret", "vault", "user.email", "attributes.password"}
	s.Fields = map[string]Field{"tenant.id": {Type: "keyword"}}
	for name, f := range logs.Fields {
		s.Fields[name] = f
	}
	return s
}()

// generator makes requests of what a schema has and hides, and of what other engines know.
type generator struct{ *rand.Rand }

func (g generator) one(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) field() string {
	if g.IntN(20) > 0 { // else nearly every request would be refused
		return g.one("level", "message", "tenant.id", "file.path", "attributes.a", "exception.message")
	}
	return g.one("secret", "secret.x", "secret.keyword", "vault.key", "vault", "user", "user.email", "user.email.raw", "user.*", "attributes.password", "attributes.password.x",
		"attributes.a", "attributes", "*", "sec*", "_all", "_source", "_id", "_index", "_routing", "_exists_", "_seq_no", "_score", "tenant.id", "tenant", "level", "message", "number",
		"@timestamp", "SECRET", " secret", "secret ", "sec\u200bret", "ѕecret", "s\\ecret", "secret^2", "doc['secret'].value", "place", "ok", "client.ip", "")
}

func (g generator) value() string {
	if g.IntN(20) > 0 {
		return g.one("x", "umbrella", `"umbrella"`, "x*", `"a\"b"`, "(a OR b)", "*", "secret", `"tenant.id:umbrella"`)
	}
	return g.one("x", "umbrella", `"umbrella"`, "*", "x*", "?", "[a TO b]", "[* TO *]", "{1 TO 5]", ">=1", "<now", "(a OR b)", `"a\"b"`, "/x/", "x~2", "x^3", "true", "10.0.0.0/8", "2026-05-17",
		"now-1d", "-1", "1e400", `x" OR tenant.id:"umbrella`, "{{x}}", "", ")", "((", "secret", "tenant.id:umbrella")
}

func (g generator) text(depth int) string {
	if depth == 0 || g.IntN(3) == 0 {
		return g.one(g.field()+":"+g.value(), g.value(), g.field())
	}
	return g.one("", "NOT ", "-", "!", "(") + g.text(depth-1) + g.one(" AND ", " OR ", " ", " && -", ") OR (") + g.text(depth-1) + g.one("", "", "", ")")
}

func (g generator) values(cursor string) url.Values {
	v := url.Values{}
	for _, name := range []string{"q", "filter", "sort", "fields", "from", "to", "since", "size", "offset", "cursor", "tenant.id", "index", "_source"} {
		rare := name == "tenant.id" || name == "index" || name == "_source"
		if g.IntN(map[bool]int{true: 40, false: 3}[rare]) == 0 {
			v.Add(name, map[string]func() string{
				"q": func() string { return g.text(2) }, "filter": func() string { return g.field() + ":" + g.value() },
				"sort": func() string {
					return g.one("level", "number", "tenant.id", "_score", g.field()) + g.one("", ":asc", ":desc", ":desc", ":asc,file.path")
				}, "fields": func() string { return g.field() + g.one("", ","+g.field()) },
				"from": func() string { return g.one("now-1d", "2026-05-01") }, "to": func() string { return g.one("now", "2026-05-17") }, "since": func() string { return g.one("1h", "7d") },
				"size": func() string { return g.one("0", "1", "500", "501") }, "offset": func() string { return g.one("0", "1", "99999999999") },
				"cursor": func() string { return cursor }, "tenant.id": func() string { return "umbrella" }, "index": func() string { return "other" }, "_source": func() string { return "true" },
			}[name]())
		}
	}
	return v
}

// forged is a cursor as someone could make it who knows how, where none are signed.
func (g generator) forged(v url.Values) string {
	r := newReader(guarded, v, noon)
	r.begin(parameters)
	r.binding = r.bind()
	payload := g.one(`{"t":0,"a":[1,"i",2],"s":["umbrella-1"]}`, `{"t":9e9,"a":["x",{"y":1},2]}`, `{"a":[1,"other-index",2],"s":["a","b"]}`, `{"t":0,"a":[null,null,null,null]}`)
	return r.seal([]byte(payload))
}

// No request, however it is made, becomes a search without its tenant's filter, or one that
// names a hidden field other than to leave it out.
func TestNoGeneratedRequestReachesAnotherTenantOrAHiddenField(t *testing.T) {
	g, accepted := generator{rand.New(rand.NewPCG(5, 17))}, 0 //nolint:gosec // a test's own numbers
	for range 10_000 {
		values := g.values("")
		if values.Has("cursor") {
			values.Set("cursor", g.forged(values))
		}
		r, err := Read(guarded, values, noon)
		if err != nil {
			continue
		}
		accepted++
		for _, write := range []func(time.Duration) ([]byte, error){r.Body, func(d time.Duration) ([]byte, error) { return r.Document(values.Get("q"), d) }} {
			body, err := write(time.Second)
			if err != nil {
				t.Fatalf("%v: %v", values, err)
			}
			if why := escapes(body, guarded); why != "" {
				t.Fatalf("%v: %s: %s", values, why, body)
			}
		}
	}
	if accepted < 1500 {
		t.Fatalf("%d of 10000 requests were taken: too few to prove anything", accepted)
	}
	t.Logf("%d requests were taken", accepted)
}

// escapes says how a body could reach what its caller must not see; empty if it cannot.
func escapes(body []byte, schema Schema) string {
	var search struct {
		Query struct {
			Bool struct {
				Filter []map[string]map[string]any
			}
		}
	}
	if err := json.Unmarshal(body, &search); err != nil {
		return err.Error()
	}
	if f := search.Query.Bool.Filter; len(f) == 0 || fmt.Sprint(f[0]["terms"][schema.Tenant]) != fmt.Sprint(schema.Tenants) {
		return "the tenant is not the first filter"
	}
	var all map[string]any
	_ = json.Unmarshal(body, &all)
	for _, key := range []string{"knn", "rescore", "suggest", "script_fields", "indices_boost", "pit", "ext", "stored_fields", "runtime_mappings", "derived"} {
		if _, has := all[key]; has {
			return key + " goes around the query"
		}
	}
	return named(all, "", schema)
}

// returned says which hidden field a projection would return.
func returned(projection any, schema Schema) string {
	source, _ := projection.(map[string]any)
	excluded, _ := source["excludes"].([]any)
	for _, h := range schema.Hidden {
		if projection != false && !slices.Contains(excluded, any(h)) {
			return "would return " + h
		}
	}
	return ""
}

// named finds hidden fields, and what could hold or run them, where a field's name stands.
func named(v any, under string, schema Schema) string {
	switch v := v.(type) {
	case map[string]any:
		if hits, ok := v["top_hits"].(map[string]any); ok && hits["_source"] == nil {
			return "top_hits return everything"
		}
		for key, inner := range v {
			switch {
			case key == "excludes" && under == "_source":
				continue
			case key == "_source" && returned(inner, schema) != "":
				return returned(inner, schema)
			case schema.hides(key), schema.hidesInside(key), strings.ContainsAny(key, "*?"):
				return "names " + key
			case slices.Contains([]string{"script", "global", "query_string", "simple_query_string", "regexp", "more_like_this", "has_child", "parent_id", "percolate", "script_score", "docvalue_fields"}, key):
				return "has " + key
			}
			if why := named(inner, key, schema); why != "" {
				return why
			}
		}
	case []any:
		for _, inner := range v {
			if why := named(inner, under, schema); why != "" {
				return why
			}
		}
	case string:
		if slices.Contains([]string{"field", "fields", "includes", "path", "default_field", "_source"}, under) && (schema.hides(v) || schema.hidesInside(v) && under != "includes" || under != "includes" && strings.ContainsAny(v, "*?")) {
			return "names " + v + " in " + under
		}
	}
	return ""
}

// clause is a query of the DSL, as people write it and as they should not.
func (g generator) clause(depth int) any {
	field, value := g.field(), any(g.one("x", "umbrella", "a b", "error", "secret", "x*"))
	if depth > 0 && g.IntN(2) == 0 {
		inner := []any{g.clause(depth - 1), g.clause(depth - 1)}
		return []any{
			object{"bool": object{g.one("must", "filter", "should", "must_not"): inner}}, object{"bool": object{"must": inner[0], "should": inner[1:]}},
			object{"dis_max": object{"queries": inner}}, object{"constant_score": object{"filter": inner[0]}}, object{"nested": object{"path": field, "query": inner[0]}},
		}[g.IntN(5)]
	}
	rare := []any{
		object{"script": object{"script": "doc['secret'].value"}}, object{"query_string": object{"query": "secret:x"}}, object{"regexp": object{field: ".*"}}, object{"terms": object{"tenant.id": object{"index": "other", "id": "1", "path": "x"}}},
		object{"more_like_this": object{"fields": []any{"secret"}, "like": "x"}}, object{"match": object{"_index": "other"}}, object{"wrapper": object{"query": "e30="}}, object{"function_score": object{"query": object{}}},
	}
	if g.IntN(30) == 0 {
		return rare[g.IntN(len(rare))]
	}
	return []any{
		object{"term": object{field: value}}, object{"terms": object{field: []any{value, "y"}}}, object{"match": object{field: object{"query": value, "operator": "and"}}}, object{"match_phrase": object{field: value}},
		object{"multi_match": object{"query": value, "fields": []any{field, g.field()}}}, object{"exists": object{"field": field}}, object{"prefix": object{field: value}}, object{"wildcard": object{field: object{"value": "x*"}}},
		object{"range": object{field: object{"gte": "a"}}}, object{"ids": object{"values": []any{"umbrella-1"}}}, object{"match_all": object{}},
	}[g.IntN(11)]
}

func (g generator) aggs(depth int) object {
	field := g.field()
	one := []object{
		{"terms": object{"field": field, "size": 5}}, {"cardinality": object{"field": field}}, {"date_histogram": object{"field": g.one("@timestamp", field), "fixed_interval": "1d"}},
		{"filter": g.clause(1)}, {"filters": object{"filters": object{"a": g.clause(1)}}}, {"missing": object{"field": field}}, {"top_hits": object{"size": 1, "_source": []any{field}}},
		{"global": object{}}, {"scripted_metric": object{"map_script": "x"}}, {"max": object{"field": g.one("number", field)}}, {"nested": object{"path": field}},
	}[g.IntN(11)]
	if depth > 0 && g.IntN(3) == 0 {
		one["aggs"] = g.aggs(depth - 1)
	}
	return object{"a": one}
}

func (g generator) posted() object {
	body := object{}
	some := func(name string, value any) {
		if g.IntN(4) == 0 {
			body[name] = value
		}
	}
	some("query", g.clause(3))
	some("post_filter", g.clause(1))
	some("aggs", g.aggs(2))
	some("sort", []any{object{g.one("level", "number", g.field()): g.one("asc", "desc")}})
	some("_source", []any{true, false, g.field(), []any{g.field(), "*"}, object{"includes": []any{g.field()}, "excludes": []any{"level"}}}[g.IntN(5)])
	some("fields", []any{g.field()})
	some("highlight", object{"fields": object{g.one("message", "*", g.field()): object{}}, "highlight_query": g.clause(0)})
	if g.IntN(40) == 0 {
		body[g.one("script_fields", "docvalue_fields", "stored_fields", "suggest", "runtime_mappings", "indices_boost", "pit", "collapse", "rescore", "knn", "ext", "index")] = object{"secret": object{}}
	}
	return body
}

func TestNoPostedBodyReachesAnotherTenantOrAHiddenField(t *testing.T) {
	g, accepted := generator{rand.New(rand.NewPCG(7, 3))}, 0 //nolint:gosec // a test's own numbers
	for range 5_000 {
		posted := g.posted()
		text, err := json.Marshal(posted)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ReadBody(guarded, url.Values{"q": {g.one("", "x", g.text(1))}}, text, noon)
		if err != nil {
			continue
		}
		accepted++
		body, err := r.Body(time.Second)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if why := escapes(body, guarded); why != "" {
			t.Fatalf("%s: %s: %s", text, why, body)
		}
	}
	if accepted < 1000 {
		t.Fatalf("%d of 5000 bodies were taken: too few to prove anything", accepted)
	}
	t.Logf("%d bodies were taken", accepted)
}
