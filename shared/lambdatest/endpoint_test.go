package lambdatest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// post calls the endpoint as `aws lambda invoke` does.
func post(t *testing.T, base, name, kind, payload string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/2015-03-31/functions/"+name+"/invocations", strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("X-Amz-Invocation-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
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

func TestInvokeEndpointAnswersAsAWS(t *testing.T) {
	f, book := start(t, Config{})
	server := httptest.NewServer(Endpoint(f))
	defer server.Close()
	for _, c := range []struct {
		name, function, kind, payload string
		status                        int
		errorType, functionError      string
		body                          string
	}{
		{"request and response", "probe", "RequestResponse", `{"a":1}`, 200, "", "", `{"a":1}`},
		{"no type is request and response", "probe", "", `{"a":1}`, 200, "", "", `{"a":1}`},
		{"empty payload is an empty object", "probe", "", ``, 200, "", "", `{}`},
		{"full ARN with qualifier", "arn:aws:lambda:us-east-1:000000000000:function:probe:$LATEST", "", `1`, 200, "", "", `1`},
		{"failing function is 200 with the error's header", "probe", "", `{"do":"fail"}`, 200, "", "Unhandled", `"errorMessage":"told to fail"`},
		{"event is accepted", "probe", "Event", `{"event":"later"}`, 202, "", "", ``},
		{"dry run does not run", "probe", "DryRun", `{"dry":1}`, 204, "", "", ``},
		{"unknown function", "nobody", "", `{}`, 404, "ResourceNotFoundException", "", `Function not found`},
		{"payload that is not JSON", "probe", "", `{`, 400, "InvalidRequestContentException", "", `Could not parse`},
		{"payload over 6 MB", "probe", "", strings.Repeat("1", MaxPayload+1), 413, "RequestTooLargeException", "", `must be smaller`},
	} {
		t.Run(c.name, func(t *testing.T) {
			eventually(t, "an idle environment", f.ready) // the event before it may be running
			res, body := post(t, server.URL, c.function, c.kind, c.payload)
			h := res.Header
			if res.StatusCode != c.status || h.Get("X-Amzn-Errortype") != c.errorType || h.Get("X-Amz-Function-Error") != c.functionError || !strings.Contains(body, c.body) {
				t.Errorf("status %d, error type %q, function error %q, body %s", res.StatusCode, h.Get("X-Amzn-Errortype"), h.Get("X-Amz-Function-Error"), body)
			}
		})
	}
	eventually(t, "the event ran", func() bool { return book.has(`{"event":"later"}`) })
	if book.has(`{"dry":1}`) {
		t.Error("the dry run ran")
	}
}

// ready says whether an invocation would find an environment.
func (f *Function) ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.idle) > 0 || f.taken < f.Concurrency
}

func TestInvokeEndpointThrottlesBeyondTheConcurrency(t *testing.T) {
	f, book := start(t, Config{})
	server := httptest.NewServer(Endpoint(f))
	defer server.Close()
	var all sync.WaitGroup
	all.Go(func() { post(t, server.URL, "probe", "", `{"sleep":1000}`) })
	eventually(t, "the first began", func() bool { return book.has("sleep") })
	res, body := post(t, server.URL, "probe", "", `{}`)
	if res.StatusCode != 429 || res.Header.Get("X-Amzn-Errortype") != "TooManyRequestsException" {
		t.Errorf("status %d, %s", res.StatusCode, body)
	}
	all.Wait()
}
