package client

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
)

func lines(t *testing.T, j *journal) (calls, metrics []map[string]any) {
	t.Helper()
	for line := range strings.Lines(j.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if m["_aws"] != nil {
			metrics = append(metrics, m)
		} else {
			calls = append(calls, m)
		}
	}
	return calls, metrics
}

func TestEachCallIsOneLineAndOneMetric(t *testing.T) {
	j := &journal{}
	s := serve(t, status(503, `{}`), status(200, `{"hits":{}}`))
	c := made(t, s.URL, j.deps())
	if _, err := c.Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
	calls, metrics := lines(t, j)
	if len(calls) != 1 || len(metrics) != 1 {
		t.Fatalf("%d lines, %d metrics", len(calls), len(metrics))
	}
	for key, want := range map[string]any{
		"level": "INFO", "operation": "search", "index": "logs-2026-05-17", "attempts": 2.0, "status": 200.0,
		"bytes_out": float64(len(searchCall.Body)), "bytes_in": 13.0, "breaker": "closed",
	} {
		if calls[0][key] != want {
			t.Errorf("line: %s is %v, want %v", key, calls[0][key], want)
		}
	}
	for key, want := range map[string]any{
		"function": "ingest", "operation": "search", "index": "logs-2026-05-17", "status": 200.0,
		"OpenSearchAttempts": 2.0, "OpenSearchFailures": 0.0, "OpenSearchBytesOut": float64(len(searchCall.Body)), "OpenSearchBytesIn": 13.0,
	} {
		if metrics[0][key] != want {
			t.Errorf("metric: %s is %v, want %v", key, metrics[0][key], want)
		}
	}
	for _, m := range []any{calls[0]["duration_ms"], metrics[0]["OpenSearchDuration"]} {
		if d, isNumber := m.(float64); !isNumber || d <= 0 {
			t.Errorf("duration %v", m)
		}
	}
}

func TestAFailedCallIsAWarning(t *testing.T) {
	j := &journal{}
	c := made(t, serve(t, status(404, `{"error":{"type":"index_not_found_exception"}}`)).URL, j.deps())
	_, _ = c.Do(t.Context(), searchCall)
	calls, metrics := lines(t, j)
	if calls[0]["level"] != "WARN" || calls[0]["kind"] != "not_found" || calls[0]["type"] != "index_not_found_exception" {
		t.Fatal(calls)
	}
	if metrics[0]["OpenSearchFailures"] != 1.0 {
		t.Fatal(metrics)
	}
}

func TestLogsAndFaultsHoldNoBodyAndNoCredential(t *testing.T) {
	const secrets = "body-of-the-request body-of-the-reply p4ssw0rd wJalrXUtnFEMI the-session-token AKIDEXAMPLE"
	quoted := `{"error":{"type":"mapper_parsing_exception","reason":"failed to parse field [x]. Preview of field's value: 'body-of-the-reply'"}}`
	for name, answer := range map[string]step{
		"success": status(200, `{"a":"body-of-the-reply"}`), "rejected": status(400, quoted), "text": status(401, "body-of-the-reply"),
		"page": status(200, "<html>body-of-the-reply"), "reset": reset, "cut": raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"body-of-the-reply\""),
		"not HTTP": raw("body-of-the-reply"), "no header": raw("HTTP/1.1 200 OK\r\nbody-of-the-reply\r\n\r\n"), "no status": raw("HTTP/1.1 body-of-the-reply\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, answer).URL
			for _, auth := range []string{AuthBasic, AuthES} {
				j := &journal{}
				deps := signing(j.deps(), staticKeys)
				deps.Secrets = &vault{secret: secretOf("p4ssw0rd")}
				c := made(t, url, deps, func(c *Config) {
					c.Auth = auth
					if auth == AuthBasic {
						c.SecretARN = "arn:x"
					}
				})
				call := searchCall
				call.Body = []byte(`{"x":"body-of-the-request"}`)
				_, err := c.Do(t.Context(), call)
				text := j.String() + fault.Message(err)
				if err != nil {
					text += err.Error()
				}
				for _, secret := range strings.Fields(secrets) {
					if strings.Contains(text, secret) {
						t.Errorf("%s: %s in %s", auth, secret, text)
					}
				}
			}
		})
	}
}

func TestASecretThatIsNoSecretIsNotQuoted(t *testing.T) {
	v := &vault{secret: "p4ssw0rd", err: nil}
	_, err := basicAuth(t, refused(t), (&journal{}).deps(), v).Do(t.Context(), searchCall)
	if !errors.Is(err, errCredentials) || strings.Contains(err.Error(), "p4ssw0rd") {
		t.Fatal(err)
	}
}
