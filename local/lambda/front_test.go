package lambda

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// front serves the probe, which without a script answers with the event itself.
func front(t *testing.T, cfg lambdatest.Config, script string, timeout time.Duration) (*lambdatest.Function, string) {
	t.Helper()
	f, _ := function(t, cfg, script)
	server := httptest.NewServer(Front{Function: f, Timeout: timeout})
	t.Cleanup(server.Close)
	return f, server.URL
}

func ask(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req) // no redirects, no cookies, nothing changed
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func request(t *testing.T, method, url, contentType string, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// echoed is the event that the function saw.
func echoed(t *testing.T, req *http.Request) httpEvent {
	t.Helper()
	_, body := ask(t, req)
	var e httpEvent
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return e
}

func TestFunctionSeesThePathDecodedAndTheQueryAsSent(t *testing.T) {
	t.Parallel()
	_, url := front(t, lambdatest.Config{}, "echo", 0)
	for sent, want := range map[string]string{
		"/v1/orders/documents/rate%2050%25":    "/v1/orders/documents/rate 50%",
		"/v1/orders/documents/a%252Fb":         "/v1/orders/documents/a%2Fb",
		"/v1/orders/documents/a%2Fb":           "/v1/orders/documents/a/b",
		"/v1/orders/documents/x%23y":           "/v1/orders/documents/x#y",
		"/v1/orders/documents/w%C3%A9%C3%9F+1": "/v1/orders/documents/wéß+1",
		"/a/../b//c":                           "/a/../b//c",
	} {
		e := echoed(t, request(t, "GET", url+sent+"?q=a%20b&x=1&x=2&since=%2B15m", "", nil))
		if e.RawPath != want || e.RequestContext.HTTP.Path != want {
			t.Errorf("%s: rawPath %q, path %q", sent, e.RawPath, e.RequestContext.HTTP.Path)
		}
		if e.RawQueryString != "q=a%20b&x=1&x=2&since=%2B15m" {
			t.Errorf("rawQueryString %q", e.RawQueryString)
		}
		if !reflect.DeepEqual(e.QueryStringParameters, map[string]string{"q": "a b", "x": "1,2", "since": "+15m"}) {
			t.Errorf("queryStringParameters %v", e.QueryStringParameters)
		}
	}
}

func TestFunctionSeesHeadersCookiesAndContextOfFormat2(t *testing.T) {
	t.Parallel()
	_, url := front(t, lambdatest.Config{}, "echo", 0)
	req := request(t, "DELETE", url+"/x", "", nil)
	req.Header["X-Twice"] = []string{"a", "b, c"}
	req.Header["Cookie"] = []string{"one=1; two=2", "three=3"}
	req.Header.Set("User-Agent", "test/1")
	e := echoed(t, req)
	if e.Version != "2.0" || e.RouteKey != "$default" || e.RequestContext.Stage != "$default" || e.RequestContext.RouteKey != "$default" {
		t.Errorf("%+v", e)
	}
	if e.Headers["x-twice"] != "a,b, c" || e.Headers["host"] != strings.TrimPrefix(url, "http://") || e.Headers["x-forwarded-for"] != "127.0.0.1" {
		t.Errorf("headers %v", e.Headers)
	}
	if _, ok := e.Headers["cookie"]; ok || !reflect.DeepEqual(e.Cookies, []string{"one=1", "two=2", "three=3"}) {
		t.Errorf("cookies %q, headers %v", e.Cookies, e.Headers)
	}
	c := e.RequestContext
	if c.HTTP != (httpDescription{"DELETE", "/x", "HTTP/1.1", "127.0.0.1", "test/1"}) || c.DomainName != "127.0.0.1" || c.RequestID == "" {
		t.Errorf("context %+v", c)
	}
	at, err := time.Parse("02/Jan/2006:15:04:05 -0700", c.Time)
	if err != nil || at.Unix() != c.TimeEpoch/1000 || time.Since(at).Abs() > time.Minute {
		t.Errorf("time %q, epoch %d", c.Time, c.TimeEpoch)
	}
}

func TestBodyIsTextOrBase64ByItsContentTypeAsOnAWS(t *testing.T) {
	t.Parallel()
	_, url := front(t, lambdatest.Config{}, "echo", 0)
	for _, c := range []struct {
		contentType, body, want string
		base64                  bool
	}{
		{"application/json", `{"a":"<é>"}`, `{"a":"<é>"}`, false},
		{"application/json; charset=utf-8", `1`, `1`, false},
		{"text/plain", "a\nb", "a\nb", false},
		{"application/x-ndjson", "{}\n{}", "e30Ke30=", true},
		{"application/x-www-form-urlencoded", "a=1", "YT0x", true},
		{"application/octet-stream", "\x00\xff", "AP8=", true},
		{"text/plain", "\xff", "/w==", true},
		{"", "a", "YQ==", true},
		{"application/json", "", "", false},
	} {
		e := echoed(t, request(t, "POST", url, c.contentType, []byte(c.body)))
		if e.Body != c.want || e.IsBase64Encoded != c.base64 {
			t.Errorf("%q %q: body %q, base64 %v", c.contentType, c.body, e.Body, e.IsBase64Encoded)
		}
	}
}

func TestAnswerBecomesTheResponseThatAPIGatewayMakesOfIt(t *testing.T) {
	for _, c := range []struct {
		name, answer      string
		status            int
		contentType, body string
	}{
		{"status, header and body", `{"statusCode":404,"headers":{"Content-Type":"application/problem+json"},"body":"{}"}`, 404, "application/problem+json", `{}`},
		{"no content type is plain text", `{"statusCode":200,"body":"hi"}`, 200, "text/plain;charset=UTF-8", `hi`},
		{"base64 body", `{"statusCode":200,"headers":{"content-type":"x/y"},"body":"AP8=","isBase64Encoded":true}`, 200, "x/y", "\x00\xff"},
		{"number as header", `{"statusCode":200,"headers":{"content-type":7},"body":""}`, 200, "7", ``},
		{"bare object is its own body", `{"hits":[1]}`, 200, "application/json", `{"hits":[1]}`},
		{"bare string is its text", `"hello"`, 200, "application/json", `hello`},
		{"null", `null`, 200, "application/json", `null`},
		{"status out of range", `{"statusCode":42}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"status of a wrong type", `{"statusCode":"ok"}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"body of a wrong type", `{"statusCode":200,"body":{}}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"broken base64", `{"statusCode":200,"body":"%","isBase64Encoded":true}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"not JSON", `ok`, 500, "application/json", `{"message":"Internal Server Error"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, url := front(t, lambdatest.Config{}, "answer "+c.answer, 0)
			res, body := ask(t, request(t, "GET", url, "", nil))
			if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.contentType || body != c.body {
				t.Errorf("status %d, content type %q, body %q", res.StatusCode, res.Header.Get("Content-Type"), body)
			}
		})
	}
}

func TestEachCookieIsASetCookieHeaderAndMultiValueHeadersAreNotOfThisFormat(t *testing.T) {
	t.Parallel()
	_, url := front(t, lambdatest.Config{}, `answer {"statusCode":204,"cookies":["a=1; Path=/","b=2"],"multiValueHeaders":{"x-multi":["1","2"]}}`, 0)
	res, _ := ask(t, request(t, "GET", url, "", nil))
	if got := res.Header["Set-Cookie"]; res.StatusCode != 204 || !reflect.DeepEqual(got, []string{"a=1; Path=/", "b=2"}) || res.Header.Get("X-Multi") != "" {
		t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
	}
}

func TestFrontAnswersForAFunctionThatFailsOrHangs(t *testing.T) {
	for _, c := range []struct {
		name, script     string
		function, itself time.Duration // timeouts
		status           int
		message          string
	}{
		{"function error", "fail", 0, 0, 500, "Internal Server Error"},
		{"function's own timeout", "hang", 200 * time.Millisecond, 0, 500, "Internal Server Error"},
		{"integration timeout", "sleep 1s", 0, 200 * time.Millisecond, 503, "Service Unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, url := front(t, lambdatest.Config{Timeout: c.function}, c.script, c.itself)
			res, body := ask(t, request(t, "GET", url, "", nil))
			if res.StatusCode != c.status || body != `{"message":"`+c.message+`"}` {
				t.Errorf("status %d, %s", res.StatusCode, body)
			}
		})
	}
}

func TestFrontThrottlesBeyondTheFunctionsConcurrency(t *testing.T) {
	t.Parallel()
	f, url := front(t, lambdatest.Config{}, "sleep 700ms", 0)
	var all sync.WaitGroup
	all.Go(func() { ask(t, request(t, "GET", url, "", nil)) })
	eventually(t, "the first runs", func() bool { return len(f.PIDs()) == 1 })
	res, body := ask(t, request(t, "GET", url, "", nil))
	if res.StatusCode != 429 || body != `{"message":"Too Many Requests"}` {
		t.Errorf("status %d, %s", res.StatusCode, body)
	}
	all.Wait()
}

func TestFrontRefusesARequestOver10MBOrWhoseEventIsOver6MB(t *testing.T) {
	t.Parallel()
	_, url := front(t, lambdatest.Config{}, "echo", 0)
	for _, size := range []int{10<<20 + 1, 5 << 20} { // 5 MB of bytes are 6.7 MB of base64
		res, body := ask(t, request(t, "POST", url, "application/octet-stream", make([]byte, size)))
		if res.StatusCode != 413 || body != `{"message":"Request Entity Too Large"}` {
			t.Errorf("%d bytes: status %d, %s", size, res.StatusCode, body)
		}
	}
}
