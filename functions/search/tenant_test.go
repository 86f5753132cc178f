package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// asked is a request of whom API Gateway says authorizer.
func asked(t *testing.T, s testServer, method, path, query, body, authorizer string) (int, string, map[string]string) {
	t.Helper()
	event := strings.Replace(get(path, query, fmt.Sprintf(`,"headers":{"idempotency-key":"k"},"body":%q`, body)), "GET", method, 1)
	if authorizer != "" {
		event = strings.Replace(event, `"requestContext":{`, `"requestContext":{"authorizer":`+authorizer+`,`, 1)
	}
	got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), event)
	return got.StatusCode, got.Body, got.Headers
}

const tenants = "testdata/tenants"

const acme = `{"jwt":{"claims":{"tenant_id":"acme","custom:tenant":"acme"}}}`

func TestTenantsAreReadFromWhatAPIGatewaySaysOfTheCaller(t *testing.T) {
	for name, c := range map[string]struct {
		authorizer, says string
		status           int
	}{
		"a token":                           {acme, `"terms":{"tenant.id":["acme"]}`, 200},
		"a name with spaces and quotes":     {`{"jwt":{"claims":{"tenant_id":"a \"b\" ]}"}}}`, `"terms":{"tenant.id":["a \"b\" ]}"]}`, 200},
		"a Lambda authorizer's text":        {`{"lambda":{"tenant_id":"acme"}}`, `"terms":{"tenant.id":["acme"]}`, 200},
		"a Lambda authorizer's list":        {`{"lambda":{"tenant_id":["a","b"]}}`, `"terms":{"tenant.id":["a","b"]}`, 200},
		"no authorizer":                     {``, "Authorization: Bearer", 401},
		"no one known":                      {`null`, "Authorization: Bearer", 401},
		"an empty authorizer":               {`{}`, "Authorization: Bearer", 401},
		"IAM":                               {`{"iam":{"accountId":"1"}}`, "Authorization: Bearer", 401},
		"a token without the claim":         {`{"jwt":{"claims":{"sub":"x"}}}`, "no claim tenant_id", 403},
		"a claim of another case":           {`{"jwt":{"claims":{"Tenant_ID":"x"}}}`, "no claim tenant_id", 403},
		"an empty claim":                    {`{"jwt":{"claims":{"tenant_id":""}}}`, "no claim tenant_id", 403},
		"no claims":                         {`{"jwt":{}}`, "no claim tenant_id", 403},
		"null":                              {`{"lambda":{"tenant_id":null}}`, "no claim tenant_id", 403},
		"a list in a token":                 {`{"jwt":{"claims":{"tenant_id":"[a b]"}}}`, "not one text", 403},
		"a list of one in a token":          {`{"jwt":{"claims":{"tenant_id":"[a]"}}}`, "not one text", 403},
		"an empty list":                     {`{"lambda":{"tenant_id":[]}}`, "no claim tenant_id", 403},
		"a list with an empty one":          {`{"lambda":{"tenant_id":["a",""]}}`, "no claim tenant_id", 403},
		"a number":                          {`{"lambda":{"tenant_id":7}}`, "not one text", 403},
		"an object":                         {`{"lambda":{"tenant_id":{"a":"b"}}}`, "not one text", 403},
		"a list with a number":              {`{"lambda":{"tenant_id":["a",7]}}`, "not one text", 403},
		"a token that a Lambda has as well": {`{"jwt":{"claims":{}},"lambda":{"tenant_id":"acme"}}`, "no claim tenant_id", 403},
	} {
		for _, path := range []string{"/v1/notes/search", "/v1/notes/documents/a", "/"} {
			opensearch := &answering{reply: hits(`{"note":"x"}`), indices: "[]"}
			s := testServerOf(t, opensearch, tenants)
			status, body, headers := asked(t, s, "GET", path, map[bool]string{true: "collection=notes"}[path == "/"], "", c.authorizer)
			if c.status != 200 {
				if status != c.status || !strings.Contains(body, c.says) || opensearch.path != "" || (status == 401) != (headers["Www-Authenticate"] == "Bearer") {
					t.Errorf("%s, %s: %d %s %v, asked %s", name, path, status, body, headers, opensearch.path)
				}
			} else if status != 200 || !strings.Contains(opensearch.body, c.says) || opensearch.path != "/notes/_search" {
				t.Errorf("%s, %s: %d %s, asked %s %s", name, path, status, body, opensearch.path, opensearch.body)
			}
		}
	}
}

// Nothing but the event's own authorizer says who is asking.
func TestNoHeaderOrParameterNamesATenant(t *testing.T) {
	opensearch := &answering{reply: hits(), indices: "[]"}
	s := testServerOf(t, opensearch, tenants)
	for _, header := range []string{"authorization", "x-tenant-id", "tenant_id", "x-golambdaproxy-apigw-context", "x-amzn-request-context", "x-apigateway-event"} {
		event := get("/v1/notes/search", "", `,"headers":{"`+header+`":"{\"authorizer\":{\"jwt\":{\"claims\":{\"tenant_id\":\"acme\"}}}}"},"authorizer":`+acme)
		if got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), event); got.StatusCode != 401 || opensearch.path != "" {
			t.Errorf("%s: %d %s", header, got.StatusCode, got.Body)
		}
	}
	if status, body, _ := asked(t, s, "GET", "/v1/notes/search", "tenant_id=acme", "", acme); status != 400 || opensearch.path != "" {
		t.Error(status, body)
	}
}

func TestATenantPostsItsOwnDocumentsOnly(t *testing.T) {
	s := testServerOf(t, http.NotFoundHandler(), tenants)
	status, body, _ := asked(t, s, "POST", "/v1/notes/documents", "",
		`[{"id":"1","tenant":{"id":"acme"}},{"id":"2","tenant":{"id":"umbrella"}},{"id":"3"},{"id":"4","tenant.id":"acme"},{"id":"5","tenant":{"id":["acme"]}}]`, acme)
	if want := "+ notes (its own id) {\"id\":\"1\",\"tenant\":{\"id\":\"acme\"}}\n+ notes (its own id) {\"id\":\"4\",\"tenant.id\":\"acme\"}\n"; status != 202 || s.queue.drain() != want {
		t.Fatal(status, body)
	}
	for _, want := range []string{
		`{"position":1,"status":"rejected","reason":"its tenant.id is not yours"}`, `{"position":2,"status":"rejected","reason":"field \"tenant.id\" is missing, or not one text`,
		`{"position":4,"status":"rejected","reason":"field \"tenant.id\" is missing, or not one text`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if status, body, _ := asked(t, s, "POST", "/v1/notes/documents", "", `{"tenant":{"id":"umbrella"}}`, acme); status != 400 || !strings.Contains(body, "is not yours") || len(s.queue.sent) > 0 {
		t.Error(status, body)
	}
	if status, body, _ := asked(t, s, "POST", "/v1/notes/documents", "", `{"tenant":{"id":"acme"}}`, ""); status != 401 || len(s.queue.sent) > 0 {
		t.Error(status, body)
	}
	if status, body, _ := asked(t, s, "POST", "/v1/shared/documents", "", `{"id":"1","tenant":{"id":"acme"}}`, acme); status != 403 || !strings.Contains(body, "could replace another's") || len(s.queue.sent) > 0 {
		t.Error(status, body)
	}
}

// One tenant's Idempotency-Key takes no place that another's document would have had.
func TestAnIdempotencyKeyIsItsTenantsOwn(t *testing.T) {
	s := testServerOf(t, http.NotFoundHandler(), tenants)
	sent := func(tenant string) string {
		status, body, _ := asked(t, s, "POST", "/v1/visits/documents", "", `{"tenant":{"id":"`+tenant+`"}}`, strings.ReplaceAll(acme, "acme", tenant))
		if status != 202 {
			t.Fatal(status, body)
		}
		return strings.Fields(s.queue.drain())[2]
	}
	if a, again, b := sent("acme"), sent("acme"), sent("umbrella"); a != again || a == b || strings.Contains(a+b, "k-0") {
		t.Error(a, again, b)
	}
}
