package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/gin-gonic/gin"
)

// probe answers what a request is once the adapter has made it, at every path.
func probe(t *testing.T, tell func(*gin.Context) any) func(event string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	s := newTestServer(t, http.NotFoundHandler())
	s.engine.NoRoute(func(c *gin.Context) { c.String(http.StatusOK, "%v", tell(c)) })
	h := newHandler(s.engine, s.server.log)
	return func(event string) events.APIGatewayV2HTTPResponse {
		t.Helper()
		return invoke(t.Context(), t, h, event)
	}
}

func invoke(ctx context.Context, t *testing.T, h handler, event string) (answer events.APIGatewayV2HTTPResponse) {
	t.Helper()
	out, err := h.Invoke(ctx, []byte(event))
	if err != nil {
		t.Fatalf("an invocation never fails: %v", err)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return answer
}

func get(path, query, more string) string {
	p, _ := json.Marshal(path)
	q, _ := json.Marshal(query)
	return fmt.Sprintf(`{"version":"2.0","rawPath":%s,"rawQueryString":%s,"requestContext":{"stage":"$default","http":{"method":"GET","path":%[1]s,"sourceIp":"203.0.113.7"}}%[3]s}`, p, q, more)
}

func TestHandlerTakesThePathAsItIsAndNotAsURL(t *testing.T) {
	do := probe(t, func(c *gin.Context) any {
		return c.Request.URL.Path + " " + c.Request.URL.RawQuery + c.Request.URL.Fragment
	})
	for _, path := range []string{"/docs/100%", "/docs/a%2Fb", "/docs/a?b", "/docs/a#b", "/docs/wéß+1", "/docs/a b", "//docs", "/docs/a//b/", "/docs/..", "/docs/%zz", "/\u0001"} {
		if got := do(get(path, "x=1", "")); got.StatusCode != 200 || got.Body != path+" x=1" {
			t.Errorf("%q: %d %q", path, got.StatusCode, got.Body)
		}
	}
}

func TestHandlerKeepsWhatTheQueryHoldsBehindAHash(t *testing.T) {
	do := probe(t, func(c *gin.Context) any { return c.Query("q") })
	if got := do(get("/x", "q=a#b\r\n é", "")); got.Body != "a#b\r\n é" {
		t.Errorf("%q", got.Body)
	}
}

func TestHandlerLeavesTheStageOutOfThePath(t *testing.T) {
	do := probe(t, func(c *gin.Context) any { return c.Request.URL.Path })
	for path, want := range map[string]string{"/prod/x": "/x", "/prod": "/", "/production/x": "/production/x", "/x": "/x"} {
		event := strings.Replace(get(path, "", ""), "$default", "prod", 1)
		if got := do(event); want != "/" && got.Body != want {
			t.Errorf("%s is %s, want %s", path, got.Body, want)
		}
	}
}

func TestHandlerKnowsTheClientsAddress(t *testing.T) {
	do := probe(t, func(c *gin.Context) any { return c.ClientIP() })
	if got := do(get("/x", "", `,"headers":{"x-forwarded-for":"198.51.100.9"}`)); got.Body != "203.0.113.7" {
		t.Errorf("%q: a header was believed", got.Body)
	}
	event := strings.Replace(get("/x", "", ""), "203.0.113.7", "2001:db8::7", 1)
	if got := do(event); got.Body != "2001:db8::7" {
		t.Errorf("%q", got.Body)
	}
}

func TestHandlerBelievesNoHeaderOfTheAdapter(t *testing.T) {
	do := probe(t, func(c *gin.Context) any {
		_, err := new(core.RequestAccessorV2).GetAPIGatewayContextV2(c.Request)
		real, ok := core.GetAPIGatewayV2ContextFromContext(c.Request.Context())
		return fmt.Sprint(err != nil, ok, real.Stage, c.GetHeader(core.APIGwStageVarsHeader))
	})
	got := do(get("/x", "", `,"headers":{"X-GoLambdaProxy-ApiGw-Context":"{\"accountId\":\"1\"}","x-golambdaproxy-apigw-stagevars":"{}"}`))
	if got.Body != "true true$default" {
		t.Errorf("%q", got.Body)
	}
}

func TestHandlerPassesOnTheInvocationsDeadline(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	s.engine.NoRoute(func(c *gin.Context) {
		own, ok := c.Deadline()
		inner, _ := c.Request.Context().Deadline()
		c.String(200, "%v %v", ok, own.Equal(inner))
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if got := invoke(ctx, t, newHandler(s.engine, s.server.log), get("/x", "", "")); got.Body != "true true" {
		t.Error(got.Body)
	}
}

func TestHandlerAnswers400ToWhatCannotBeConverted(t *testing.T) {
	do := probe(t, func(*gin.Context) any { return "reached" })
	for name, event := range map[string]string{
		"not JSON":         `{`,
		"another payload":  `[]`,
		"no method":        `{"version":"2.0","rawPath":"/"}`,
		"a method of ours": `{"rawPath":"/","requestContext":{"http":{"method":"GET /x"}}}`,
		"not base64":       strings.Replace(get("/x", "", ""), `"version"`, `"isBase64Encoded":true,"body":"%%","version"`, 1),
		"a number as path": `{"rawPath":1}`,
		"payload format 1": `{"version":"1.0","httpMethod":"GET","path":"/healthz","requestContext":{"httpMethod":"GET"}}`,
	} {
		got := do(event)
		if got.StatusCode != 400 || got.Headers["Content-Type"] != problemType || !strings.Contains(got.Body, `"urn:sluice:problem:invalid"`) ||
			name == "payload format 1" && !strings.Contains(got.Body, "payload format 2.0") {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.Body)
		}
	}
}

func TestHandlerTurnsAPanicIntoAProblem(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	s.engine.NoRoute(func(*gin.Context) { panic("secret detail") })
	h := newHandler(s.engine, s.server.log)
	got := invoke(t.Context(), t, h, get("/x", "", ""))
	if got.StatusCode != 500 || strings.Contains(got.Body, "secret") || !strings.Contains(s.log.String(), "secret detail") {
		t.Errorf("%d %s\n%s", got.StatusCode, got.Body, s.log)
	}
	h.proxy = nil // a panic before Gin
	if got := invoke(t.Context(), t, h, get("/x", "", "")); got.StatusCode != 500 {
		t.Errorf("%d %s", got.StatusCode, got.Body)
	}
}

func TestHandlerCarriesBinaryBodiesBothWays(t *testing.T) {
	binary := "\xff\xfe\x00binary"
	do := probe(t, func(c *gin.Context) any {
		body, _ := io.ReadAll(c.Request.Body)
		return string(body)
	})
	encoded := base64.StdEncoding.EncodeToString([]byte(binary))
	got := do(strings.Replace(get("/x", "", ""), `"version"`, `"isBase64Encoded":true,"body":"`+encoded+`","version"`, 1))
	if !got.IsBase64Encoded || got.Body != encoded {
		t.Errorf("%v %q", got.IsBase64Encoded, got.Body)
	}
}

// HTTP wants HEAD wherever there is GET, and a monitor asks so.
func TestHandlerAnswersHEADAsGETWithoutABody(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	h := newHandler(s.engine, s.server.log)
	for path, want := range map[string]int{"/healthz": 200, "/openapi.json": 200, "/v1/nope/search": 404, "/v1/logs/documents": 405} {
		got := invoke(t.Context(), t, h, strings.Replace(get(path, "", ""), "GET", "HEAD", 1))
		if got.StatusCode != want || got.Body != "" || got.Headers["Content-Length"] == "0" {
			t.Errorf("%s: %d %v %s", path, got.StatusCode, got.Headers, got.Body)
		}
	}
}

// Case 01 from the field: the ids of its events reach OpenSearch exactly.
func TestHandlerDocumentIDsReachOpenSearchAsTheCallerWroteThem(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases/01-percent-id.json")
	if err != nil {
		t.Fatal(err)
	}
	var field struct {
		Input struct{ Events []json.RawMessage }
	}
	if err := json.Unmarshal(raw, &field); err != nil {
		t.Fatal(err)
	}
	var asked []string
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.URL.Query().Get("_source_includes"))
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"found":false}`)
	}))
	h := newHandler(s.engine, s.server.log)
	want := []string{"rate 50%", "a%2Fb", "a/b", "x#y", "wéß+1"}
	for i, event := range field.Input.Events {
		got := invoke(t.Context(), t, h, string(event))
		if got.StatusCode != 404 || !strings.Contains(got.Body, "orders has no document "+want[i]+`"`) {
			t.Errorf("%s: %d %s", want[i], got.StatusCode, got.Body)
		}
		if fields := map[bool]string{true: "note,_sluice_deleted"}[i == 3]; asked[i] != "/orders/_doc/"+want[i]+" "+fields {
			t.Errorf("asked %q", asked[i])
		}
	}
}

// The adapter cuts a header at its commas: two keys that begin alike must not become one.
func TestHandlerTakesNoIdempotencyKeyApart(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	event := strings.NewReplacer("GET", "POST", `"version"`, `"body":"{}","headers":{"idempotency-key":"a,b"},"version"`).Replace(get("/v1/logs/documents", "", ""))
	if got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), event); got.StatusCode != 400 || len(s.queue.sent) > 0 {
		t.Errorf("%d %s", got.StatusCode, got.Body)
	}
}
