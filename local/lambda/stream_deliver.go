package lambda

import (
	"context"
	"errors"
	"math/big"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// Why a batch is discarded.
const (
	retriesExhausted = "RetryAttemptsExhausted"
	recordAge        = "RecordAgeExpired"
)

// deliver hands batch over, again and again from its first failed record on, until all
// is stored or discarded; false if ctx ended before. failures are those it begins with.
func (r *reader) deliver(ctx context.Context, batch []item, failures int) bool {
	wait := backoff{base: r.Backoff, most: r.MaxBackoff}
	var last Delivery
	for ctx.Err() == nil {
		if batch = r.discardExpired(ctx, batch, failures, last); len(batch) == 0 {
			return true
		}
		var first int
		first, last = r.attempt(ctx, batch)
		if first > 0 {
			r.Checkpoints.set(r.shard, batch[first-1].sequence)
			batch = batch[first:]
		}
		switch {
		case len(batch) == 0:
			return true
		case unreached(last.Err):
			wait.sleep(ctx)
			continue
		case r.BisectBatchOnFunctionError && first > 0:
			continue // cut at the reported record: that is the bisection
		case r.BisectBatchOnFunctionError && last.Err != nil && len(batch) > 1:
			half := len(batch) / 2
			return r.deliver(ctx, batch[:half], failures) && r.deliver(ctx, batch[half:], failures)
		}
		if failures++; r.MaximumRetryAttempts >= 0 && failures > r.MaximumRetryAttempts {
			r.discard(ctx, batch, retriesExhausted, failures, last)
			return true
		}
		wait.sleep(ctx)
	}
	return false
}

// unreached: the function has not seen the batch, so no attempt is spent.
func unreached(err error) bool {
	return errors.Is(err, lambdatest.ErrThrottled) || errors.Is(err, lambdatest.ErrClosed) || errors.Is(err, context.Canceled)
}

// attempt invokes the function; first is the index of the first record to deliver again.
func (r *reader) attempt(ctx context.Context, batch []item) (first int, d Delivery) {
	long, cancel := lasting(ctx, r.Drain)
	defer cancel()
	var e event
	ids := make([]string, len(batch))
	for i, record := range batch {
		e.add(record.event)
		ids[i] = record.sequence
	}
	d.Event = e.payload()
	d.Result, d.Err = invoke(long, r.Function, d.Event, time.Minute)
	var reported []string
	if d.Err == nil && r.ReportBatchItemFailures {
		reported, d.Err = itemFailures(d.Result.Payload, ids)
	}
	first = lowest(ids, reported)
	if d.Err != nil {
		first = 0
		r.Log.Warn("batch failed", "shard", r.shard, "records", len(batch), "error", d.Err)
	}
	d.Failed = ids[first:]
	if r.Observe != nil {
		r.Observe(d)
	}
	return first, d
}

// lowest is the index in ids of the lowest reported sequence number, len(ids) if none is.
func lowest(ids, reported []string) int {
	if len(reported) == 0 {
		return len(ids)
	}
	low := reported[0]
	for _, id := range reported {
		if before(id, low) {
			low = id
		}
	}
	for i, id := range ids {
		if !before(id, low) {
			return i
		}
	}
	return len(ids)
}

// discardExpired is batch without the records that are too old, which go the way of the discarded.
func (r *reader) discardExpired(ctx context.Context, batch []item, failures int, last Delivery) []item {
	if r.MaximumRecordAge == 0 {
		return batch
	}
	n := 0
	for n < len(batch) && time.Since(batch[n].arrived) > r.MaximumRecordAge {
		n++
	}
	if n > 0 {
		r.discard(ctx, batch[:n], recordAge, failures, last)
	}
	return batch[n:]
}

// before compares sequence numbers, decimals of up to 56 digits: as strings "10" is less than "9".
func before(a, b string) bool {
	x, okX := new(big.Int).SetString(a, 10)
	y, okY := new(big.Int).SetString(b, 10)
	return okX && okY && x.Cmp(y) < 0
}
