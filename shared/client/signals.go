package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// Signals are marks that all environments see, each of which ends by itself. An error
// means that they cannot be seen or set now: everyone then does as if there were none.
type Signals interface {
	Left(ctx context.Context, signal string) (time.Duration, error)             // zero: it does not stand
	Raise(ctx context.Context, signal string, keep time.Duration) (bool, error) // false: it stood already
	Renew(ctx context.Context, signal string, keep time.Duration) error         // whether it stood or not
	Lower(ctx context.Context, signal string) error
}

// glance is how long what a look at the signals showed is believed.
const glance = time.Second

// shared is what breakers of one cluster tell each other through signals: that one has
// opened, for twice its open time. While the first half runs, nobody asks; then one is
// elected to try, and its success lowers the signal for all. Failures are counted by each
// breaker alone, and nothing is held while a request is under way.
type shared struct {
	signals Signals
	open    time.Duration
	down    string // names of the signals
	probe   string
	now     func() time.Time
	seen    glimpse
}

func newShared(cfg Config, deps Deps) *shared {
	if deps.Signals == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(cfg.URL)) // which may hold a password
	name := "breaker:" + hex.EncodeToString(sum[:8])
	return &shared{signals: deps.Signals, open: cfg.BreakerOpen, down: name, probe: name + ":probe", now: deps.Now}
}

// admits says whether a request may be sent, whether it is the elected one, and if not,
// how long to wait.
func (s *shared) admits(ctx context.Context) (ok, elected bool, wait time.Duration) {
	if s == nil {
		return true, false, 0
	}
	left, known := s.seen.left(s.now())
	if !known {
		var err error
		if left, err = s.signals.Left(ctx, s.down); err != nil {
			left = 0
		}
		s.seen.remember(s.now(), left)
	}
	switch {
	case left <= 0:
		return true, false, 0
	case left > s.open:
		return false, false, left - s.open
	}
	elected, err := s.signals.Raise(ctx, s.probe, s.open)
	return elected || err != nil, elected, time.Second
}

// outcome is what became of a request.
type outcome struct {
	elected bool  // it was sent to find out for all
	failure error // to the breaker; errOurs: it says nothing of OpenSearch
	opened  bool  // the breaker is open now
}

// tell passes on what the others should know.
func (s *shared) tell(ctx context.Context, o outcome) {
	if s == nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // the asker may be gone; each signal has a timeout of its own
	failed := o.failure != nil && !errors.Is(o.failure, errOurs)
	switch {
	case o.elected && o.failure == nil:
		_ = s.signals.Lower(ctx, s.down)
		s.seen.remember(s.now(), 0)
		_ = s.signals.Lower(ctx, s.probe)
	case o.elected && failed: // the election stands until the next one is due
		_ = s.signals.Renew(ctx, s.down, 2*s.open)
		s.seen.remember(s.now(), 2*s.open)
	case o.elected:
		_ = s.signals.Lower(ctx, s.probe)
	case failed && o.opened:
		_, _ = s.signals.Raise(ctx, s.down, 2*s.open)
		s.seen.remember(s.now(), 2*s.open)
	}
}
