package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

func TestRetryByWhatFailedAndWhetherTheCallMayRunTwice(t *testing.T) {
	const breaker = `{"error":{"type":"circuit_breaking_exception"},"status":429}`
	const rejected = `{"error":{"type":"rejected_execution_exception"},"status":429}`
	for name, c := range map[string]struct {
		failure  step
		search   int // requests of an idempotent call
		rollover int // requests of one that is not
	}{
		"429 refused before it began":      {status(429, rejected), 2, 2},
		"429 without a word":               {status(429, ""), 2, 2},
		"429 of a breaker inside":          {status(429, breaker), 2, 1},
		"502":                              {status(502, "<html>"), 2, 1},
		"503":                              {status(503, `{}`), 2, 1},
		"504":                              {status(504, ""), 2, 1},
		"reset after the request":          {reset, 2, 1},
		"closed without a reply":           {hangup, 2, 1},
		"a cut reply":                      {raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), 2, 1},
		"a page instead of JSON":           {status(200, "<html>"), 2, 1},
		"400: the call is wrong":           {status(400, `{}`), 1, 1},
		"401: it stays unknown":            {status(401, "Unauthorized"), 1, 1},
		"403":                              {status(403, `{}`), 1, 1},
		"404":                              {status(404, `{}`), 1, 1},
		"409":                              {status(409, `{}`), 1, 1},
		"413":                              {status(413, ""), 1, 1},
		"500: failed on this very request": {status(500, `{}`), 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for call, want := range map[*Call]int{&searchCall: c.search, &rolloverCall: c.rollover} {
				s := serve(t, c.failure, ok)
				_, err := ours(t, s.URL).Do(t.Context(), *call)
				wantRequests(t, s, want)
				if (err == nil) != (want == 2) {
					t.Fatalf("%s: %v", call.Operation, err)
				}
			}
		})
	}
}

func TestARefusedConnectionIsTriedAgainEvenWhenTheCallMayNotRunTwice(t *testing.T) {
	j := &journal{}
	_, err := made(t, refused(t), j.deps()).Do(t.Context(), rolloverCall)
	wantKind(t, err, fault.Unavailable)
	if !strings.Contains(j.String(), `"attempts":4`) {
		t.Fatal(j)
	}
}

func TestABulkOnceIsSentOnceOnAConnectionOfThePool(t *testing.T) {
	s := serve(t, ok, ok, reset, ok)
	c := ours(t, s.URL)
	for n, failed := range []bool{false, false, true, false} {
		if _, _, err := c.Bulk(Once(t.Context()), []byte("{}\n")); (err != nil) != failed {
			t.Fatalf("request %d: %v", n+1, err)
		}
	}
	wantRequests(t, s, 4)
	if first, second := s.seen()[0].from, s.seen()[1].from; first != second {
		t.Errorf("the second came on a connection of its own, %s after %s", second, first)
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	s := serve(t, status(503, `{}`))
	status, _, err := ours(t, s.URL).Bulk(t.Context(), []byte("{}\n"))
	if status != 503 || err != nil {
		t.Fatalf("%d, %v: the writer judges the status", status, err)
	}
	wantRequests(t, s, 4)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	s := serve(t, status(429, `{}`, "Retry-After", "1"), ok)
	start := time.Now()
	if _, err := ours(t, s.URL).Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < time.Second {
		t.Fatalf("sent again after %s", took)
	}
}

// The writer would send the halves of a request that is only too large, at once.
func TestABulkThatIsToldWhenToComeBackIsAFault(t *testing.T) {
	s := serve(t, status(429, `{}`, "Retry-After", "3600"), status(429, `{}`))
	c := ours(t, s.URL)
	code, _, err := c.Bulk(t.Context(), []byte("{}\n"))
	if wantKind(t, err, fault.Throttled); code != 429 || fault.RetryAfter(err) != time.Hour {
		t.Error(code, err)
	}
	wantRequests(t, s, 1)
	if code, _, err := c.Bulk(t.Context(), []byte("{}\n")); code != 429 || err != nil {
		t.Error(code, err)
	}
	wantRequests(t, s, 2) // the writer sends less instead of the same again
}

func TestRetryAfterReadsSecondsAndDates(t *testing.T) {
	now := time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"3":                             3 * time.Second,
		"-3":                            0,
		"soon":                          0,
		"99999999999":                   24 * time.Hour,
		"Wed, 21 Oct 2099 07:28:00 GMT": 24 * time.Hour,
		"Sun, 17 May 2026 09:00:07 GMT": 7 * time.Second,
		"Sun, 17 May 2026 08:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestAWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	for name, limit := range map[string]func(*Config){
		"of the invocation": func(c *Config) {},
		"of ourselves":      func(c *Config) { c.RequestTimeout = time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, status(429, `{}`, "Retry-After", "30"))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			start := time.Now()
			_, err := ours(t, s.URL, limit).Do(ctx, searchCall)
			wantKind(t, err, fault.Throttled)
			if fault.RetryAfter(err) != 30*time.Second {
				t.Fatalf("retry after %s is stated", fault.RetryAfter(err))
			}
			if time.Since(start) > 5*time.Second {
				t.Fatal("it waited")
			}
			wantRequests(t, s, 1)
		})
	}
}

func TestAnAttemptEndsBeforeTheReserve(t *testing.T) {
	s := serve(t, hang)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := ours(t, s.URL, func(c *Config) { c.Reserve = 900 * time.Millisecond }).Do(ctx, searchCall)
	wantKind(t, err, fault.Timeout)
	if ctx.Err() != nil {
		t.Fatal("the reserve is used up")
	}
	wantRequests(t, s, 1)
}

func TestNothingIsSentInTheReserve(t *testing.T) {
	s := serve(t, ok)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := ours(t, s.URL, func(c *Config) { c.Reserve = 2 * time.Second }).Do(ctx, searchCall)
	wantKind(t, err, fault.Timeout)
	wantRequests(t, s, 0)
}

func TestACancelledCallIsNotSent(t *testing.T) {
	s := serve(t, ok)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ours(t, s.URL).Do(ctx, searchCall)
	wantKind(t, err, fault.Timeout)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	wantRequests(t, s, 0)
}

func TestBackoffGrowsWithFullJitter(t *testing.T) {
	b := budget{cfg: Config{BackoffBase: 100 * time.Millisecond, BackoffMax: time.Second}}
	for n, ceiling := range map[int]time.Duration{1: 100 * time.Millisecond, 3: 400 * time.Millisecond, 9: time.Second, 60: time.Second} {
		var least, most time.Duration = time.Hour, 0
		for range 2000 {
			wait := b.backoff(n)
			least, most = min(least, wait), max(most, wait)
		}
		if most >= ceiling || most < ceiling*9/10 || least > ceiling/10 {
			t.Errorf("wait %d: between %s and %s, want all of 0 to %s", n, least, most, ceiling)
		}
	}
}
