package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
)

// memory measures the most that a process held after payloads of Lambda's limit, 6 MB.
func (b *bench) memory(ctx context.Context, s *sink) error {
	const limit = 6 << 20
	one := len(event(documents(b.lines, 100, 353), rand.New(rand.NewPCG(1, 3)))) / 100
	payload := event(documents(b.lines, limit/one-10, 353), rand.New(rand.NewPCG(1, 4)))
	head(fmt.Sprintf("Memory: most resident after payloads of %d B (%d documents of 353 B), MB", len(payload), limit/one-10),
		"handler", "after the first, min / **median** / max", "after ten, min / **median** / max")
	for _, c := range contenders {
		var first, tenth sample
		for range b.repetitions {
			fn, err := c.start(ctx, s.url, 1, nil)
			if err != nil {
				return err
			}
			for i := range 10 {
				if _, err := invoke(ctx, fn, payload); err != nil {
					return err
				}
				if i == 0 || i == 9 {
					n, err := peak(fn.PIDs()[0])
					if err != nil {
						return err
					}
					if i == 0 {
						first = append(first, float64(n)/1e6)
					} else {
						tenth = append(tenth, float64(n)/1e6)
					}
				}
			}
			fn.Close()
		}
		row(c.name, first.spread("%.1f"), tenth.spread("%.1f"))
	}
	return nil
}

// cold measures exec to the first /next: the process's share of Lambda's Init Duration.
func (b *bench) cold(ctx context.Context, s *sink) error {
	both := []*contender{find(ours), find(bare)}
	wall, work := make([]sample, len(both)), make([]sample, len(both))
	for range b.repetitions * 8 {
		for i, c := range both {
			fn, err := c.start(ctx, s.url, 1, nil)
			if err != nil {
				return err
			}
			res, err := fn.Invoke(ctx, []byte(`{"Records":[]}`))
			if err != nil {
				return err
			}
			used, err := cpu(fn.PIDs()[0])
			if err != nil {
				return err
			}
			fn.Close()
			wall[i] = append(wall[i], float64(res.ColdStart.Microseconds())/1000)
			work[i] = append(work[i], float64(used.Microseconds())/1000)
		}
	}
	head("Cold start: exec to the first `/next`, and CPU until an empty batch is answered", "handler", "ms, min / **median** / max", "CPU ms, min / **median** / max", "MB of binary", "against bare")
	for i, c := range both {
		info, err := os.Stat(c.bootstrap)
		if err != nil {
			return err
		}
		row(c.name, wall[i].spread("%.1f"), work[i].spread("%.1f"), fmt.Sprintf("%.1f", float64(info.Size())/1e6),
			fmt.Sprintf("%.2f (CPU %.2f)", wall[i].median()/wall[1].median(), work[i].median()/work[1].median()))
	}
	return nil
}
