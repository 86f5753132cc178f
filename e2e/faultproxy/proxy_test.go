package faultproxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// behind counts what reaches the server and answers every item of a bulk with 201.
func behind(t *testing.T) (*Proxy, *atomic.Int64) {
	t.Helper()
	var items atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var answers []string
		for range split(body) {
			items.Add(1)
			answers = append(answers, `{"create":{"status":201}}`)
		}
		_, _ = io.WriteString(w, `{"took":1,"errors":false,"items":[`+strings.Join(answers, ",")+`]}`)
	}))
	t.Cleanup(server.Close)
	p, err := Start(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, &items
}

func post(p *Proxy) (int, string, error) {
	client := &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Post(p.URL+"/_bulk", "application/x-ndjson", strings.NewReader(
		`{"create":{"_id":"1"}}`+"\n{\"m\":\"one\"}\n"+`{"create":{"_id":"2"}}`+"\n{\"m\":\"two\"}\n"))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // read below
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func TestEachFaultBreaksTheExchangeAndSparesOrReachesTheServer(t *testing.T) {
	second := func(it Item) *ItemError {
		if strings.Contains(string(it.Doc), "two") {
			return &ItemError{429, "rejected_execution_exception", "rejected"}
		}
		return nil
	}
	for _, c := range []struct {
		name    string
		fault   Fault
		status  int // 0: an error instead of an answer
		reached int64
	}{
		{"pass", Pass, 200, 2},
		{"reset before", ResetBefore, 0, 0},
		{"reset after", ResetAfter, 0, 2},
		{"timeout after", Hang(time.Second), 0, 2},
		{"timeout before", HangBefore(time.Second), 0, 0},
		{"truncated", Truncate, 0, 2},
		{"status", Status(429, "rejected_execution_exception", "full"), 429, 0},
		{"status after", StatusAfter(504), 504, 2},
		{"html", HTML, 200, 0},
		{"empty", Empty(413), 413, 0},
		{"short", Short, 200, 2},
		{"items", Items(second), 200, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, items := behind(t)
			p.Inject(Bulk, 1, c.fault)
			status, body, err := post(p)
			if (c.status == 0) != (err != nil) || c.status != 0 && status != c.status {
				t.Errorf("status %d, error %v, body %s", status, err, body)
			}
			if items.Load() != c.reached {
				t.Errorf("%d items reached the server, want %d", items.Load(), c.reached)
			}
			if status, _, err := post(p); status != 200 || err != nil {
				t.Errorf("after the fault: status %d, error %v", status, err)
			}
			if n := len(p.Seen(Bulk)); n != 2 {
				t.Errorf("saw %d requests, want 2", n)
			}
		})
	}
}

func TestWatchIsToldWhatTheServerAnsweredAndNotWhatTheProxyDid(t *testing.T) {
	p, _ := behind(t)
	var answers []string
	p.Watch(func(r Request, status int, reply []byte) {
		answers = append(answers, r.Path+" "+http.StatusText(status)+" "+string(reply[:8]))
	})
	p.Inject(Bulk, 1, HTML)
	p.Inject(Bulk, 1, StatusAfter(http.StatusGatewayTimeout))
	for range 3 {
		if _, _, err := post(p); err != nil {
			t.Fatal(err)
		}
	}
	if len(answers) != 2 || answers[0] != `/_bulk OK {"took":` || len(p.Seen(Always)) > 0 {
		t.Errorf("%q, %d kept", answers, len(p.Seen(Always)))
	}
}
