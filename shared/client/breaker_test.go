package client

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

func trips(c *Config) { c.MaxAttempts, c.BreakerFailures, c.BreakerOpen = 1, 3, 300*time.Millisecond }

func TestTheBreakerOpensFailsFastAndClosesAgain(t *testing.T) {
	j := &journal{}
	s := serve(t, status(503, `{}`), status(502, `<html>`), status(504, ``), ok)
	c := made(t, s.URL, j.deps(), trips)
	for range 3 {
		_, err := c.Do(t.Context(), searchCall)
		if !fault.KindOf(err).Temporary() {
			t.Fatal(err)
		}
	}
	_, err := c.Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
	if fault.RetryAfter(err) <= 0 {
		t.Fatal("no retry-after is stated")
	}
	wantRequests(t, s, 3)
	time.Sleep(350 * time.Millisecond)
	for range 2 {
		if _, err := c.Do(t.Context(), searchCall); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		`"from":"closed","to":"open"`, `"from":"open","to":"half-open"`, `"from":"half-open","to":"closed"`,
		`"breaker":"open"`, `"OpenSearchBreakerOpened":1`, `"OpenSearchBreakerOpened":0`,
	} {
		if !strings.Contains(j.String(), want) {
			t.Errorf("no %s in\n%s", want, j)
		}
	}
}

func TestALostConnectionCountsForTheBreaker(t *testing.T) {
	s := serve(t, reset)
	c := ours(t, s.URL, trips)
	for range 10 {
		_, err := c.Do(t.Context(), rolloverCall)
		wantKind(t, err, fault.Unavailable)
	}
	wantRequests(t, s, 3)
}

func TestAHalfOpenBreakerLetsOneCallTry(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, status(503, `{}`), status(503, `{}`), status(503, `{}`), hang)
	c := made(t, s.URL, (&journal{}).deps(), trips)
	for range 3 {
		_, _ = c.Do(t.Context(), searchCall)
	}
	time.Sleep(350 * time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	var probe sync.WaitGroup
	probe.Go(func() { close(release); _, _ = c.Do(ctx, searchCall) })
	<-release
	for s.count() < 4 {
		time.Sleep(time.Millisecond)
	}
	_, err := c.Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
	wantRequests(t, s, 4)
	cancel()
	probe.Wait()
}

func TestABreakerThatOpensEndsTheRetries(t *testing.T) {
	s := serve(t, status(503, `{}`))
	_, err := ours(t, s.URL, trips, func(c *Config) { c.MaxAttempts = 10 }).Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
	wantRequests(t, s, 3)
}

func TestTheBreakerIgnoresWhatIsNotAnOutage(t *testing.T) {
	for name, answer := range map[string]step{
		"throttled": status(429, `{}`), "a bad query": status(400, `{}`), "forbidden": status(403, `{}`),
		"missing": status(404, `{}`), "failed on this request": status(500, `{}`), "too large": status(413, ``),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer)
			c := ours(t, s.URL, trips)
			for range 10 {
				_, _ = c.Do(t.Context(), searchCall)
			}
			wantRequests(t, s, 10)
		})
	}
	t.Run("given up by the caller", func(t *testing.T) {
		s := serve(t, hang)
		c := ours(t, s.URL, trips)
		for i := range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for len(s.seen()) <= i && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				cancel()
			}()
			_, _ = c.Do(ctx, searchCall)
			cancel()
			wantRequests(t, s, i+1)
		}
	})
}
