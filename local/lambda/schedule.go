package lambda

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Schedule is an EventBridge Scheduler schedule: it hands Input to the function at
// once and then Every so often. One run at a time: a run that outlasts Every delays the next.
type Schedule struct {
	Function Function
	Every    time.Duration
	// Input is raw JSON. <aws.scheduler.scheduled-time> (RFC 3339, the same for each
	// attempt), <aws.scheduler.execution-id>, <aws.scheduler.attempt-number> (from 1) and
	// <aws.scheduler.schedule-arn> are replaced in it.
	Input      string
	ARN        string
	MaxRetries int            // after a failed attempt; 0: none
	Backoff    time.Duration  // before the first retry, doubling to a minute; default 1 s
	Drain      time.Duration  // bounds what runs when the context ends; default 30 s
	Observe    func(Delivery) // called after each attempt; may be nil
	Log        *slog.Logger   // default: none
}

// Run fires until ctx ends and returns nil then.
func (s Schedule) Run(ctx context.Context) error {
	if s.Every < time.Second {
		return errors.New("schedule: every must be at least 1 s")
	}
	s.Log, s.Drain, s.Backoff = logger(s.Log), cmp.Or(s.Drain, defaultDrain), cmp.Or(s.Backoff, time.Second)
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for at := time.Now(); ; {
		s.fire(ctx, at)
		select {
		case at = <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// fire is one execution and its retries.
func (s Schedule) fire(ctx context.Context, at time.Time) {
	wait := backoff{base: s.Backoff, most: time.Minute}
	for attempt := 1; ctx.Err() == nil && attempt <= 1+s.MaxRetries; attempt++ {
		d := s.attempt(ctx, at, attempt)
		if d.Err == nil {
			return
		}
		s.Log.Warn("scheduled run failed", "scheduled", at, "attempt", attempt, "error", d.Err)
		if attempt <= s.MaxRetries {
			wait.sleep(ctx)
		}
	}
}

func (s Schedule) attempt(ctx context.Context, at time.Time, attempt int) (d Delivery) {
	long, cancel := lasting(ctx, s.Drain)
	defer cancel()
	d.Event = []byte(strings.NewReplacer(
		"<aws.scheduler.scheduled-time>", at.UTC().Format(time.RFC3339),
		"<aws.scheduler.execution-id>", executionID(),
		"<aws.scheduler.attempt-number>", strconv.Itoa(attempt),
		"<aws.scheduler.schedule-arn>", s.ARN,
	).Replace(s.Input))
	d.Result, d.Err = invoke(long, s.Function, d.Event, time.Minute)
	if s.Observe != nil {
		s.Observe(d)
	}
	return d
}

// executionID has the form that Scheduler's have; it differs with each attempt.
func executionID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x", b)
}
