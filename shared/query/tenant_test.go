package query

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
)

// bodies are all that a request can become.
func bodies(t *testing.T, schema Schema, params string) []string {
	t.Helper()
	r := read(t, schema, params)
	var all []string
	for _, write := range []func(time.Duration) ([]byte, error){
		r.Body, func(d time.Duration) ([]byte, error) { return r.Document("7", d) },
	} {
		out, err := write(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(out))
	}
	return all
}

func TestEverySearchIsOfTheTenantsDocuments(t *testing.T) {
	acme := logs
	acme.Tenant, acme.Tenants = "tenant", []string{"acme"}
	nobody := logs
	nobody.Tenant = "tenant"
	for _, params := range []string{"", "q=x", "q=a+OR+NOT+b", "filter=level:a", "since=1h", "sort=_score&q=*", "q=level:a&offset=3&fields=level"} {
		for schema, filter := range map[*Schema]string{&acme: `{"bool":{"filter":[{"terms":{"tenant":["acme"]}}`, &nobody: `{"bool":{"filter":[{"terms":{"tenant":[]}}`} {
			for _, body := range bodies(t, *schema, params) {
				if !strings.Contains(body, `"query":`+filter) {
					t.Errorf("%s: %s", params, body)
				}
			}
		}
	}
}

func TestACursorIsItsTenantsOwn(t *testing.T) {
	of := func(tenants ...string) Schema {
		s := logs
		s.Tenant, s.Tenants, s.Keys = "tenant", tenants, [][]byte{[]byte("key")}
		return s
	}
	next, err := read(t, of("a"), "q=level:error").Next([]Hit{{"1", []byte(`[5,"i",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tenants := range [][]string{{"b"}, {"a", "b"}, {"a&=b"}, {}} {
		if _, err := Read(of(tenants...), url.Values{"q": {"level:error"}, "cursor": {next}}, noon); err == nil {
			t.Errorf("%v: accepted", tenants)
		}
	}
	if _, err := Read(of("a"), url.Values{"q": {"level:error"}, "cursor": {next}}, noon); err != nil {
		t.Error(err)
	}
}

// What a cursor holds of other documents, relevance and sequence numbers, is nobody's to read.
func TestACursorTellsNothing(t *testing.T) {
	s := logs
	s.Keys = [][]byte{[]byte("key")}
	next, err := read(t, s, "q=level:error").Next([]Hit{{"a-visible-id", []byte(`[5,"an-index",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(next)
	if err != nil || bytes.Contains(raw, []byte("an-index")) || bytes.Contains(raw, []byte("a-visible-id")) {
		t.Errorf("%q %v", raw, err)
	}
	if again, err := Read(s, url.Values{"q": {"level:error"}, "cursor": {next}}, noon); err != nil || again.Shown() != 1 {
		t.Error(err)
	}
}
