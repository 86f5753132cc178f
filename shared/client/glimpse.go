package client

import (
	"sync"
	"time"
)

// glimpse is what a look at a signal showed.
type glimpse struct {
	mu   sync.Mutex
	at   time.Time // of the look
	ends time.Time // of the signal
}

func (g *glimpse) remember(now time.Time, left time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.ends = now, now.Add(left)
}

// left is what the signal has left, if a look is young enough to say.
func (g *glimpse) left(now time.Time) (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ends.Sub(now), !g.at.IsZero() && now.Sub(g.at) < glance
}
