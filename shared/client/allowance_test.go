package client

import (
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// A cluster in trouble is asked a tenth more than without retries, not twice as much.
func TestRetriesAreATenthOfTheCalls(t *testing.T) {
	s := serve(t, status(503, `{}`))
	c := ours(t, s.URL, func(c *Config) { c.MaxAttempts, c.RetryBudget = 2, 10 })
	for range 100 {
		_, err := c.Do(t.Context(), searchCall)
		wantKind(t, err, fault.Unavailable)
	}
	if n := s.count(); n < 110 || n > 113 {
		t.Errorf("%d requests of 100 calls, want 100, a tenth, and the three of the start", n)
	}
}

func TestAnEnvironmentSavesUpAFewRetries(t *testing.T) {
	a := newAllowance(10)
	for range 1000 {
		a.called()
	}
	taken := 0
	for a.take() {
		taken++
	}
	if taken != mostSaved {
		t.Errorf("%d retries were saved up", taken)
	}
	for _, all := range []int{0, 100, 250} {
		a := newAllowance(all)
		for range 1000 {
			if !a.take() {
				t.Fatalf("%d: bounded", all)
			}
		}
	}
}

func TestTheRetryBudgetIsRaceFree(t *testing.T) {
	s := serve(t, status(429, `{}`))
	c := ours(t, s.URL, func(c *Config) { c.MaxAttempts, c.RetryBudget = 2, 10 })
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 10 {
				_, _ = c.Do(t.Context(), searchCall)
			}
		}()
	}
	for range 8 {
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("stuck")
		}
	}
	if n := s.count(); n > 80+8+saved {
		t.Errorf("%d requests of 80 calls", n)
	}
}
