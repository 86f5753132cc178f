package bulk

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// pressure is the window of one environment. Invocations that run in it at the same time
// share it, and under pressure they send one request at a time between them.
type pressure struct {
	mu     sync.Mutex
	window window
	turn   chan struct{} // holds a token while somebody has it
}

func newPressure() *pressure {
	return &pressure{window: openWindow(), turn: make(chan struct{}, 1)}
}

func (p *pressure) now() window {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.window
}

func (p *pressure) learn(next func(window) window) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window = next(p.window)
}

// begin waits until a request may be sent; false if ctx ends before.
func (p *pressure) begin(ctx context.Context) (done func(), ok bool) {
	if p.now().pause == 0 {
		return func() {}, true
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, false
	}
	done = func() { <-p.turn }
	pause := p.now().pause // which may have changed
	if pause > 0 && !wait(ctx, pause/2+rand.N(pause/2+1)) {
		done()
		return nil, false
	}
	return done, true
}

// load is what an answer tells of OpenSearch's load.
type load uint8

const (
	silent      load = iota // nothing: the connection failed, or the request did
	easy                    // it was taken
	refused                 // 429, on the whole or on all items
	refusedMany             // 429 on many items, but something was stored
	refusedSome             // 429 on a few items: one shard's, or one document's, trouble
	tooMuch                 // 413
	tooSlow                 // taken, but late, or not in time
)

func loadOf(status int, err error, patient bool) load {
	switch kind := fault.KindOf(err); {
	case err != nil && kind == fault.Throttled, err == nil && status == http.StatusTooManyRequests:
		return refused
	case err != nil && kind == fault.Timeout && patient:
		return tooSlow
	case err == nil && status == http.StatusRequestEntityTooLarge:
		return tooMuch
	}
	return silent
}

// patient says that a request which is not answered in time was slow: it was the
// invocation's end otherwise, of which OpenSearch knows nothing.
func (c Config) patient(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > c.MaxTook
}

// loadOf is what the reply to a request that was taken tells.
func (c Config) loadOf(reply []byte) load {
	if c.MaxTook > 0 && took(reply) > c.MaxTook {
		return tooSlow
	}
	return easy
}

// few refused items do not slow down all others: they have their own waits.
const few = 8

// learn keeps count and moves the window.
func (r *run) learn(l load, share float64) {
	if l == refused || l == refusedMany || l == refusedSome {
		r.stats.Throttled++
	}
	if r.refusals++; l != refused {
		r.refusals = 0
	}
	r.pressure.learn(func(w window) window {
		switch l {
		case easy:
			return w.stored()
		case refused, tooSlow:
			return w.pressed(share)
		case tooMuch:
			return w.tooLarge(share)
		case refusedMany:
			return w.tooLarge(share).inPart()
		case refusedSome:
			return w.inPart()
		}
		return w
	})
}

// maxRest is the longest wait that a server may ask of an invocation, which is paid for.
const maxRest = 5 * time.Second

// rest waits as long as the server asked for; false if that is too long.
func (r *run) rest(ctx context.Context, d time.Duration) bool {
	return d <= maxRest && (d == 0 || wait(ctx, d))
}
