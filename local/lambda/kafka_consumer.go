package lambda

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// consumer delivers a topic's records, one batch at a time.
type consumer struct {
	*Topic
	client *kgo.Client
	buffer []*kgo.Record // polled and not yet in a batch
}

func (c *consumer) run(ctx context.Context) {
	for ctx.Err() == nil {
		if batch := c.gather(ctx); len(batch) > 0 && !c.deliver(ctx, batch) {
			return
		}
	}
}

// gather makes a batch: full, or its window over, or at the payload limit.
func (c *consumer) gather(ctx context.Context) []*kgo.Record {
	var end time.Time
	for {
		if len(c.buffer) > 0 && end.IsZero() {
			end = time.Now().Add(c.Window)
		}
		if len(c.buffer) >= c.BatchSize || !end.IsZero() && !time.Now().Before(end) || ctx.Err() != nil {
			return c.cut()
		}
		wait := time.Second
		if !end.IsZero() {
			wait = time.Until(end)
		}
		c.poll(ctx, wait)
	}
}

func (c *consumer) poll(ctx context.Context, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	fetches := c.client.PollRecords(ctx, c.BatchSize-len(c.buffer))
	c.buffer = append(c.buffer, fetches.Records()...)
	if ctx.Err() == nil {
		fetches.EachError(func(_ string, partition int32, err error) {
			c.Log.Warn("read failed", "topic", c.Name, "partition", partition, "error", err)
		})
	}
}

// cut takes as much of the buffer as one event carries.
func (c *consumer) cut() []*kgo.Record {
	e := c.event()
	n := 0
	for n < len(c.buffer) && n < c.BatchSize && e.add(groupOf(c.buffer[n]), encodeKafka(c.buffer[n])) {
		n++
	}
	batch := c.buffer[:n:n]
	c.buffer = c.buffer[n:]
	return batch
}

// deliver hands batch over until all of it is done; false if ctx ended before. Offsets are
// committed as far as they are done, partition by partition.
func (c *consumer) deliver(ctx context.Context, batch []*kgo.Record) bool {
	wait := backoff{base: c.Backoff, most: c.MaxBackoff}
	for ctx.Err() == nil {
		rest := c.attempt(ctx, batch)
		c.commit(ctx, done(batch, rest))
		if batch = rest; len(batch) == 0 {
			return true
		}
		wait.sleep(ctx)
	}
	return false
}

// attempt invokes the function and returns what has to come again.
func (c *consumer) attempt(ctx context.Context, batch []*kgo.Record) (rest []*kgo.Record) {
	long, cancel := lasting(ctx, c.Drain)
	defer cancel()
	e := c.event()
	for _, r := range batch {
		e.add(groupOf(r), encodeKafka(r))
	}
	d := Delivery{Event: e.payload()}
	d.Result, d.Err = invoke(long, c.Function, d.Event, time.Minute)
	if d.Err == nil && c.ReportBatchItemFailures {
		var first map[string]int64
		if first, d.Err = offsetFailures(d.Result.Payload, batch); d.Err == nil {
			rest = from(batch, func(r *kgo.Record) (string, int64) { return groupOf(r), r.Offset }, first)
		}
	}
	if d.Err != nil {
		rest = batch
		c.Log.Warn("batch failed", "topic", c.Name, "records", len(batch), "error", d.Err)
	}
	for _, r := range rest {
		d.Failed = append(d.Failed, position(r))
	}
	if c.Observe != nil {
		c.Observe(d)
	}
	return rest
}

// done is batch without rest.
func done(batch, rest []*kgo.Record) (all []*kgo.Record) {
	again := make(map[*kgo.Record]bool, len(rest))
	for _, r := range rest {
		again[r] = true
	}
	for _, r := range batch {
		if !again[r] {
			all = append(all, r)
		}
	}
	return all
}

func (c *consumer) commit(ctx context.Context, records []*kgo.Record) {
	if len(records) == 0 {
		return
	}
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := c.client.CommitRecords(long, records...); err != nil { // they come again
		c.Log.Warn("commit failed", "topic", c.Name, "error", err)
	}
}
