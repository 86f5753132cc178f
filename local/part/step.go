package part

import (
	"context"
	"time"
)

const patience = 10 * time.Second

// step tells that work has begun, every ten seconds that it still goes on, and how long it took.
func (h Home) step(doing, done string, work func() error) error {
	begun := time.Now()
	h.say("%s", doing)
	finished := make(chan error, 1)
	go func() { finished <- work() }()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for {
		select {
		case err := <-finished:
			if err == nil {
				h.say("%s (%.1f s)", done, time.Since(begun).Seconds())
			}
			return err
		case <-tick.C:
			h.say("%s, still (%.0f s)", doing, time.Since(begun).Seconds())
		}
	}
}

// run starts a part's server and tells where it answers.
func (h Home) run(ctx context.Context, c Command, at string) (p *Process, err error) {
	err = h.step("Starting "+c.Name, c.Name+" answers on "+at, func() (err error) {
		p, err = Run(ctx, c)
		return err
	})
	return p, err
}
