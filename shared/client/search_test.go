package client

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
)

func indices(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("logs-2026-%03d", i))
	}
	return names
}

func TestASearchNamesItsIndicesInThePath(t *testing.T) {
	s := serve(t, ok)
	_, err := ours(t, s.URL).Search(t.Context(), indices(2), []byte(`{"size":1}`), url.Values{"preference": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.seen()[0].uri; got != "/logs-2026-000%2Clogs-2026-001/_search?preference=x" {
		t.Fatal(got)
	}
}

func TestASearchOfManyIndicesGoesThroughMsearch(t *testing.T) {
	s := serve(t, status(200, `{"took":1,"responses":[{"took":1,"hits":{"total":9007199254740993},"status":200}]}`))
	reply, err := ours(t, s.URL).Search(t.Context(), indices(400), []byte("{\n \"size\": 1\n}"),
		url.Values{"ignore_unavailable": {"true"}, "typed_keys": {"true"}, "filter_path": {"hits.hits,took"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(reply.Body); got != `{"took":1,"hits":{"total":9007199254740993},"status":200}` || reply.Status != 200 {
		t.Fatalf("%d %s", reply.Status, got)
	}
	request := s.seen()[0]
	if want := "/_msearch?filter_path=responses.status%2Cresponses.error%2Cresponses.hits.hits%2Cresponses.took&typed_keys=true"; request.uri != want {
		t.Fatal(request.uri)
	}
	header, rest, _ := strings.Cut(string(request.body), "\n")
	if !strings.HasPrefix(header, `{"ignore_unavailable":"true","index":["logs-2026-000",`) || rest != "{\"size\":1}\n" {
		t.Fatalf("%.80s | %s", header, rest)
	}
	if got := request.header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Fatal(got)
	}
}

func TestAFailureInsideMsearchIsTheSearchs(t *testing.T) {
	for body, want := range map[string]fault.Kind{
		`{"responses":[{"error":{"type":"parsing_exception"},"status":400}]}`: fault.Invalid,
		`{"responses":[]}`:                            fault.Unavailable,
		`{"responses":[{}]}`:                          fault.Unavailable,
		`{"responses":[{"status":200},{"status":1}]}`: fault.Unavailable,
	} {
		_, err := ours(t, serve(t, status(200, body)).URL).Search(t.Context(), indices(400), nil, nil)
		wantKind(t, err, want)
	}
	s := serve(t, status(200, `{"responses":[{"error":{"type":"rejected_execution_exception"},"status":429}]}`), status(200, `{"responses":[{"hits":{},"status":200}]}`))
	if _, err := ours(t, s.URL).Search(t.Context(), indices(400), nil, nil); err != nil {
		t.Fatalf("a throttled search is tried again: %v", err)
	}
	wantRequests(t, s, 2)
}

func TestASearchThatCannotBeMeantIsRefused(t *testing.T) {
	s := serve(t, ok)
	c := ours(t, s.URL)
	for name, search := range map[string]func() (Reply, error){
		"no index":             func() (Reply, error) { return c.Search(t.Context(), nil, nil, nil) },
		"an empty name":        func() (Reply, error) { return c.Search(t.Context(), []string{""}, nil, nil) },
		"a wildcard":           func() (Reply, error) { return c.Search(t.Context(), []string{"logs-*"}, nil, nil) },
		"a list in a name":     func() (Reply, error) { return c.Search(t.Context(), []string{"a,b"}, nil, nil) },
		"a parameter too many": func() (Reply, error) { return c.Search(t.Context(), indices(400), nil, url.Values{"q": {"x"}}) },
		"a body not JSON":      func() (Reply, error) { return c.Search(t.Context(), indices(400), []byte("{"), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := search()
			wantKind(t, err, fault.Invalid)
		})
	}
	wantRequests(t, s, 0)
}

func TestPingKnowsServerlessHasNoRoot(t *testing.T) {
	s := serve(t, status(404, ``))
	c := made(t, s.URL, signing((&journal{}).deps(), staticKeys), func(c *Config) { c.Auth = AuthAOSS })
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantKind(t, ours(t, s.URL).Ping(t.Context()), fault.NotFound)
}
