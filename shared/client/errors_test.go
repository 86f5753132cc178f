package client

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

func TestRepliesBecomeFaults(t *testing.T) {
	for name, c := range map[string]struct {
		answer step
		kind   fault.Kind
		typ    string
	}{
		"an invalid query": {status(400, `{"error":{"root_cause":[{"type":"parsing_exception"}],"type":"parsing_exception","reason":"unknown query [matsch]"},"status":400}`), fault.Invalid, "parsing_exception"},
		"an invalid query on a shard": {status(400, `{"error":{"root_cause":[{"type":"query_shard_exception"}],"type":"search_phase_execution_exception"},"status":400}`),
			fault.Invalid, "query_shard_exception"},
		"the security plugin's 401":   {status(401, "Unauthorized", "Content-Type", "text/plain"), fault.Unauthorized, ""},
		"the security plugin's 403":   {status(403, `{"error":{"type":"security_exception","reason":"no permissions"},"status":403}`), fault.Forbidden, "security_exception"},
		"AWS's 403":                   {status(403, `{"Message":"User: anonymous is not authorized"}`), fault.Forbidden, ""},
		"a full disk of old servers":  {status(403, `{"error":{"type":"cluster_block_exception"},"status":403}`), fault.Unavailable, "cluster_block_exception"},
		"a full disk":                 {status(429, `{"error":{"type":"cluster_block_exception"},"status":429}`), fault.Throttled, "cluster_block_exception"},
		"an index not there":          {status(404, `{"error":{"type":"index_not_found_exception"},"status":404}`), fault.NotFound, "index_not_found_exception"},
		"a document not there":        {status(404, `{"_index":"logs","_id":"1","found":false}`), fault.NotFound, ""},
		"an error that is a string":   {status(404, `{"error":"alias [x] missing","status":404}`), fault.NotFound, ""},
		"a conflict":                  {status(409, `{"error":{"type":"version_conflict_engine_exception"}}`), fault.Conflict, "version_conflict_engine_exception"},
		"too large, an empty 413":     {status(413, ""), fault.TooLarge, ""},
		"throttled":                   {status(429, `{"error":{"type":"rejected_execution_exception"}}`), fault.Throttled, "rejected_execution_exception"},
		"cancelled: it took too long": {status(500, `{"error":{"root_cause":[{"type":"task_cancelled_exception"}],"type":"search_phase_execution_exception"}}`), fault.Timeout, "task_cancelled_exception"},
		"a failure inside":            {status(500, `{"error":{"type":"null_pointer_exception"}}`), fault.Internal, "null_pointer_exception"},
		"a proxy's page":              {status(502, "<html><body>Bad Gateway</body></html>"), fault.Unavailable, ""},
		"unavailable":                 {status(503, `{"error":{"type":"cluster_manager_not_discovered_exception"}}`), fault.Unavailable, "cluster_manager_not_discovered_exception"},
		"too many buckets, which it calls 503": {status(503, `{"error":{"root_cause":[],"type":"search_phase_execution_exception","caused_by":{"type":"too_many_buckets_exception"}},"status":503}`),
			fault.Invalid, "too_many_buckets_exception"},
		"a gateway's timeout":          {status(504, ``), fault.Timeout, ""},
		"a redirect":                   {status(302, ``, "Location", "https://login.invalid/"), fault.Unavailable, ""},
		"JSON cut in the error":        {status(400, `{"error":{"type":"pars`), fault.Invalid, ""},
		"JSON of another shape":        {status(400, `[[["error"]]]`), fault.Invalid, ""},
		"null":                         {status(400, `null`), fault.Invalid, ""},
		"nothing instead of JSON":      {status(200, ""), fault.Unavailable, ""},
		"a page instead of JSON":       {status(200, "<html>welcome</html>"), fault.Unavailable, ""},
		"half a JSON without a length": {raw("HTTP/1.0 200 OK\r\n\r\n{\"hits\":{"), fault.Unavailable, ""},
		"no HTTP at all":               {raw("SSH-2.0-OpenSSH_9.6\r\n"), fault.Unavailable, ""},
		"a header cut short":           {raw("HTTP/1.1 200 OK\r\nContent-"), fault.Unavailable, ""},
		"a broken chunk":               {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), fault.Unavailable, ""},
		"gzip that is none":            {raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), fault.Unavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.answer)
			_, err := ours(t, s.URL, func(c *Config) { c.MaxAttempts = 1 }).Do(t.Context(), searchCall)
			wantKind(t, err, c.kind)
			if got := FailureType(err); got != c.typ {
				t.Fatalf("type %q, want %q", got, c.typ)
			}
			if text := fault.Message(err); strings.Contains(text, "matsch") || strings.Contains(text, "html") {
				t.Fatalf("the message quotes the reply: %s", text)
			}
		})
	}
}

func TestUnreachableIsUnavailable(t *testing.T) {
	_, err := ours(t, refused(t)).Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
}

func TestAnAcceptedStatusIsAnAnswer(t *testing.T) {
	s := serve(t, status(404, `{"error":{"type":"index_not_found_exception"}}`))
	call := searchCall
	call.Accept = []int{404}
	reply, err := ours(t, s.URL).Do(t.Context(), call)
	if err != nil || reply.Status != 404 || len(reply.Body) == 0 {
		t.Fatalf("%+v %v", reply, err)
	}
}

func TestAFaultKeepsTheReply(t *testing.T) {
	s := serve(t, status(409, `{"error":{"type":"version_conflict_engine_exception"}}`, "X-Opaque-Id", "7"))
	reply, err := ours(t, s.URL).Do(t.Context(), searchCall)
	wantKind(t, err, fault.Conflict)
	if reply.Status != 409 || reply.Header.Get("X-Opaque-Id") != "7" {
		t.Fatalf("%+v", reply)
	}
}

func TestAReplyOverTheLimitIsNotRead(t *testing.T) {
	s := serve(t, status(200, `{"a":"`+strings.Repeat("x", 100)+`"}`))
	_, err := ours(t, s.URL, func(c *Config) { c.MaxReplyBytes = 50 }).Do(t.Context(), searchCall)
	wantKind(t, err, fault.TooLarge)
	wantRequests(t, s, 1)
}

func TestAWholeReplyWithoutALengthIsRead(t *testing.T) {
	s := serve(t, raw("HTTP/1.0 200 OK\r\n\r\n {\"ok\":true}\n"))
	if _, err := ours(t, s.URL).Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
}

// canned is a network that always reads the same bytes.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return http.ReadResponse(bufio.NewReader(bytes.NewReader(c)), r)
}

func FuzzReadReply(f *testing.F) {
	for _, body := range []string{"", "{}", "null", "[", `{"error":`, `{"error":{"type":1}}`, `{"error":{"root_cause":[null]}}`, "Unauthorized", "<html>",
		`{"responses":[{"status":200}]}`, `{"responses":[null]}`, tokenExpired, "\xff\x00"} {
		for _, line := range []string{"200 OK", "302 Found", "400 Bad Request", "403 Forbidden", "503 Service Unavailable"} {
			f.Add([]byte("HTTP/1.1 " + line + "\r\n\r\n" + body))
			f.Add([]byte("HTTP/1.1 " + line + "\r\nContent-Length: 5\r\n\r\n" + body))
			f.Add([]byte("HTTP/1.1 " + line + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n" + body))
		}
	}
	f.Fuzz(func(t *testing.T, reply []byte) {
		cfg := quick("http://opensearch.invalid")
		cfg.Auth, cfg.MaxAttempts, cfg.MaxReplyBytes = AuthES, 1, 1<<16
		c, err := build(cfg, signing(Deps{Now: time.Now}, staticKeys), canned(reply))
		if err != nil {
			t.Fatal(err)
		}
		for _, names := range [][]string{{"logs"}, indices(400)} {
			got, err := c.Search(t.Context(), names, nil, nil)
			if err == nil && (got.Status >= 300 || !looksJSON(got.Body)) {
				t.Fatalf("%d %q is no error", got.Status, got.Body)
			}
			if _, known := errors.AsType[*fault.Error](err); err != nil && !known {
				t.Fatalf("%T is no fault: %v", err, err)
			}
		}
	})
}
