package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Whatever is posted, the answer is mistakes, or a body that is JSON, asks for nothing but
// what is documented, and for no field but the schema's.
func FuzzBody(f *testing.F) {
	for _, file := range []string{"works.jsonl", "refused.jsonl"} {
		for _, d := range documentedShapes(f, file) {
			f.Add([]byte(d.Body))
		}
	}
	for _, seed := range []string{
		``, `{`, `[]`, `{"a":{"a":1,"a":2}}`, `{"query":{"term":{"secret":"x"}}}`, `{"query":{"bool":{"must":[[]]}}}`, `{"size":1e400}`, "{\"q\":\"\xff\"}",
		`{"aggs":{"secret":{"terms":{"field":"level","order":{"secret":"asc"}}}}}`, `{"_source":["*","sec*"]}`, `{"time":{"from":1,"to":"2026"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadBody(shop, nil, text, noon)
		if err != nil {
			if len(err.Error()) > 64<<10 {
				t.Fatalf("a refusal of %d bytes for a body of %d", len(err.Error()), len(text))
			}
			return
		}
		out, err := r.Body(time.Second)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var asked map[string]any
		if err := json.Unmarshal(out, &asked); err != nil {
			t.Fatalf("%s: %v %s", text, err, out)
		}
		if err := onlyAllowed(asked); err != nil {
			t.Fatalf("%s: %v in %s", text, err, out)
		}
	})
}

// onlyAllowed reads what OpenSearch is asked, by rules of its own.
func onlyAllowed(asked map[string]any) error {
	for name, v := range asked {
		var err error
		switch name {
		case "query", "post_filter":
			err = allowedQuery(v)
		case "aggs":
			err = allowedAggs(v)
		case "sort":
			err = allowedSort(v)
		case "highlight":
			for _, one := range v.(map[string]any)["fields"].([]any) {
				for field := range one.(map[string]any) {
					err = allowedField(field)
				}
			}
		case "_source":
			err = allowedSource(v)
		case "size", "from", "timeout", "track_total_hits":
		default:
			err = fmt.Errorf("%s is asked", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func allowedField(name string) error {
	if _, ok := shop.field(name); !ok && !slices.Contains([]string{"_score", "_index", "_seq_no"}, name) {
		return fmt.Errorf("field %s is asked for", name)
	}
	return nil
}

func allowedSource(v any) error {
	if m, ok := v.(map[string]any); ok {
		for _, hidden := range shop.Hidden {
			if list, _ := m["excludes"].([]any); !slices.Contains(list, any(hidden)) {
				return fmt.Errorf("%s is returned", hidden)
			}
		}
		return nil
	}
	if v != false {
		return fmt.Errorf("all is returned")
	}
	return nil
}

func allowedSort(v any) error {
	for _, one := range v.([]any) {
		for field := range one.(map[string]any) {
			if err := allowedField(field); err != nil {
				return err
			}
		}
	}
	return nil
}

func allowedQuery(v any) error {
	q, ok := v.(map[string]any)
	if !ok || len(q) != 1 {
		return fmt.Errorf("%v is no query", v)
	}
	for kind, v := range q {
		inner := v.(map[string]any)
		switch kind {
		case "bool", "constant_score", "dis_max", "nested":
			return allowedInside(inner)
		case "match_all", "match_none", "ids":
			return nil
		case "exists":
			return allowedField(inner["field"].(string))
		case "multi_match":
			for _, f := range inner["fields"].([]any) {
				name, _, _ := strings.Cut(f.(string), "^")
				if err := allowedField(name); err != nil {
					return err
				}
			}
			return nil
		case "term", "terms", "range", "prefix", "wildcard", "match", "match_phrase", "match_phrase_prefix", "match_bool_prefix":
			for field := range inner {
				if err := allowedField(field); err != nil && field != "boost" {
					return err
				}
			}
			return nil
		}
		return fmt.Errorf("%s is asked", kind)
	}
	return nil
}

func allowedInside(inner map[string]any) error {
	for key, v := range inner {
		switch key {
		case "must", "filter", "should", "must_not", "queries", "query":
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, one := range list {
				if err := allowedQuery(one); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func allowedAggs(v any) error {
	for _, one := range v.(map[string]any) {
		for kind, v := range one.(map[string]any) {
			inner := v.(map[string]any)
			var err error
			switch kind {
			case "aggs":
				err = allowedAggs(v)
			case "filter":
				err = allowedQuery(v)
			case "filters":
				err = allowedFilters(inner["filters"])
			case "top_hits":
				err = allowedSource(inner["_source"])
			case "nested", "reverse_nested":
			case "global", "scripted_metric", "significant_terms":
				err = fmt.Errorf("%s is asked", kind)
			default:
				name, _ := inner["field"].(string)
				err = allowedField(name)
				if inner["script"] != nil || inner["min_doc_count"] == 0.0 && kind == "terms" {
					err = fmt.Errorf("%v is asked", inner)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func allowedFilters(v any) error {
	if list, ok := v.([]any); ok {
		return allowedInside(map[string]any{"queries": list})
	}
	for _, one := range v.(map[string]any) {
		if err := allowedQuery(one); err != nil {
			return err
		}
	}
	return nil
}
