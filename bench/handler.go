package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// race is one table of handlers: the same payloads, one after the other, to each.
type race struct {
	size, batch int
	gzip        bool
}

var races = []race{{size: 353, batch: 1000}, {size: 1024, batch: 1000}, {size: 4096, batch: 1000}, {size: 353, batch: 10}, {size: 353, batch: 1000, gzip: true}}

// handlers measures CPU a document, from the raw payload to the answer.
func (b *bench) handlers(ctx context.Context, s *sink) error {
	for _, r := range races {
		if err := b.handle(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) handle(ctx context.Context, s *sink, r race) error {
	payload := event(documents(b.lines, r.batch, r.size), rand.New(rand.NewPCG(1, uint64(r.size))))
	env := map[string]string{"OPENSEARCH_COMPRESS_ABOVE": "-1"}
	if r.gzip {
		env = map[string]string{"OPENSEARCH_COMPRESS_ABOVE": "8192", "BENCH_GZIP": "1"}
	}
	running := make([]*lambdatest.Function, len(contenders))
	results := make([]sample, len(contenders))
	for i, c := range contenders {
		fn, err := c.start(ctx, s.url, 1, env)
		if err != nil {
			return err
		}
		defer fn.Close()
		running[i] = fn
		if _, err := b.invocations(ctx, fn, payload, max(5000/r.batch, 5)); err != nil {
			return err
		}
	}
	n := max(min(b.docs/r.batch, 500), 1)
	for range b.repetitions {
		for i, fn := range running {
			s.stored()
			used, err := b.invocations(ctx, fn, payload, n)
			if err != nil {
				return err
			}
			if got := s.stored(); got != n*r.batch && contenders[i].name != floor && contenders[i].name != bare {
				return fmt.Errorf("%s sent %d documents of %d", contenders[i].name, got, n*r.batch)
			}
			results[i] = append(results[i], float64(used.Nanoseconds())/1000/float64(n*r.batch))
		}
	}
	r.print(results, len(payload))
	return nil
}

// invocations is the CPU time of n of them.
func (b *bench) invocations(ctx context.Context, fn *lambdatest.Function, payload []byte, n int) (time.Duration, error) {
	var before time.Duration
	var err error
	if pids := fn.PIDs(); len(pids) == 1 {
		if before, err = cpu(pids[0]); err != nil {
			return 0, err
		}
	}
	for range n {
		if _, err := invoke(ctx, fn, payload); err != nil {
			return 0, err
		}
	}
	after, err := cpu(fn.PIDs()[0])
	return after - before, err
}

func (r race) print(results []sample, bytes int) {
	title := fmt.Sprintf("CPU of the handler, %d documents of %d B a batch (payload of %d B)", r.batch, r.size, bytes)
	if r.gzip {
		title += ", requests gzipped"
	}
	head(title, "handler", "CPU µs/document, min / **median** / max", "against Sluice")
	for i, c := range contenders {
		row(c.name, results[i].spread("%.2f"), fmt.Sprintf("%.1f", results[i].median()/results[0].median()))
	}
}
