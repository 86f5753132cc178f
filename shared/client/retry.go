package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// retry sends a call again while that can help, is safe and fits before the deadline.
// A call that is not idempotent is sent again only when certain that nothing was done.
func retry(limit budget, again *allowance, next sender) sender {
	return func(ctx context.Context, x *exchange) (Reply, error) {
		again.called()
		for n := 1; ; n++ {
			reply, err := next(ctx, x)
			if n >= limit.cfg.MaxAttempts || ctx.Err() != nil || !mayRepeat(x, reply, err) {
				return reply, err
			}
			wait := max(limit.backoff(n), retryAfter(reply.Header, limit.now()))
			if wait >= limit.left(ctx) || !again.take() || sleep(ctx, wait) != nil {
				return reply, err
			}
		}
	}
}

// mayRepeat says whether another attempt can help and is safe.
func mayRepeat(x *exchange, reply Reply, err error) bool {
	if err != nil {
		return transient(err) && (x.repeatable() || !x.connects)
	}
	switch reply.Status {
	case http.StatusTooManyRequests: // refused before it was begun, but for a breaker that trips half-way
		if x.anyStatus {
			return false // its caller sends less instead of the same again
		}
		return x.repeatable() || failureOf(reply).Type != "circuit_breaking_exception"
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return x.repeatable()
	}
	return false
}

// backoff is exponential with full jitter.
func (b budget) backoff(n int) time.Duration {
	ceiling := b.cfg.BackoffMax
	if n < 32 {
		ceiling = min(ceiling, b.cfg.BackoffBase<<(n-1))
	}
	return rand.N(max(ceiling, 1))
}

// retryAfter reads seconds or an HTTP date; zero if there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 86400)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err())
	case <-timer.C:
		return nil
	}
}
