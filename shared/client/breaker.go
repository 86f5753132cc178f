package client

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// breaker fails fast while OpenSearch is down. It counts attempts without a usable
// answer and 502, 503, 504: not 429 (alive and busy), not 500 nor 4xx (about one request).
type breaker struct {
	circuit *gobreaker.CircuitBreaker[Reply]
	open    time.Duration
	until   atomic.Int64 // when the open state ends, Unix nanoseconds
	deps    Deps
	shared  *shared // nil: with nobody
}

var (
	errFailFast = errors.New("the circuit breaker is open")
	errDown     = errors.New("a status that says it is down") // to the breaker only
	errOurs     = errors.New("not OpenSearch's failure")      // to the breaker only
)

func newBreaker(cfg Config, deps Deps) *breaker {
	b := &breaker{open: cfg.BreakerOpen, deps: deps, shared: newShared(cfg, deps)}
	b.circuit = gobreaker.NewCircuitBreaker[Reply](gobreaker.Settings{
		Timeout:       cfg.BreakerOpen,
		ReadyToTrip:   func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= cfg.BreakerFailures },
		OnStateChange: b.changed,
		IsExcluded:    func(err error) bool { return errors.Is(err, errOurs) },
	})
	return b
}

func (b *breaker) around(next sender) sender {
	return func(ctx context.Context, x *exchange) (reply Reply, err error) {
		before := b.circuit.State()
		if before == gobreaker.StateOpen { // and the others need not be asked
			return Reply{}, b.refusal()
		}
		ok, elected, wait := b.shared.admits(ctx)
		if !ok {
			return Reply{}, refuseFor(wait)
		}
		blamed := errOurs // unless the circuit lets it through
		_, refused := b.circuit.Execute(func() (Reply, error) {
			reply, err = next(ctx, x)
			blamed = blame(ctx, reply, err)
			return reply, blamed
		})
		b.shared.tell(ctx, outcome{elected: elected, failure: blamed, opened: b.circuit.State() == gobreaker.StateOpen})
		if errors.Is(refused, gobreaker.ErrOpenState) || errors.Is(refused, gobreaker.ErrTooManyRequests) {
			return Reply{}, b.refusal()
		}
		return reply, err
	}
}

// blame says whose failure it was.
func blame(ctx context.Context, reply Reply, err error) error {
	switch {
	case err == nil:
		switch reply.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return errDown
		}
		return nil
	case errors.Is(ctx.Err(), context.Canceled), errors.Is(err, errNoTime), errors.Is(err, errCredentials), !fault.KindOf(err).Temporary():
		return errOurs
	}
	return err
}

func (b *breaker) refusal() error {
	return refuseFor(time.Unix(0, b.until.Load()).Sub(b.deps.Now()))
}

func refuseFor(wait time.Duration) error {
	f := fault.Wrap(fault.Unavailable, "OpenSearch is unavailable: try again later", errFailFast)
	f.RetryAfter = max(wait, time.Second)
	return f
}

// changed is called under the breaker's lock: it must not ask for its state.
func (b *breaker) changed(_ string, from, to gobreaker.State) {
	opened := 0.0
	if to == gobreaker.StateOpen {
		b.until.Store(b.deps.Now().Add(b.open).UnixNano())
		opened = 1
	}
	b.deps.Logger.Warn("opensearch circuit breaker",
		slog.String("from", from.String()), slog.String("to", to.String()))
	b.deps.Metrics.Emit(nil, []telemetry.Field{{Key: "breaker", Value: to.String()}},
		telemetry.Metric{Name: "OpenSearchBreakerOpened", Unit: telemetry.Count, Value: opened})
}
