package lambda

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// reader hands one shard over, in order, one batch at a time.
type reader struct {
	*Stream
	shard  string
	closed atomic.Bool // no record will be added: an empty read at the tip is the end

	iterator *string
	read     string // the last sequence number read, which may be ahead of the checkpoint
	buffer   []item // read and not yet in a batch
}

func (s *Stream) reader(shard shard) *reader {
	r := &reader{Stream: s, shard: shard.id, read: s.Checkpoints.get(shard.id)}
	r.closed.Store(shard.closed)
	return r
}

func (r *reader) run(ctx context.Context) {
	pause := backoff{base: 200 * time.Millisecond, most: 5 * time.Second}
	for ctx.Err() == nil {
		batch, end, err := r.gather(ctx)
		if len(batch) > 0 && !r.deliver(ctx, batch, 0) {
			return
		}
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.Warn("read failed", "shard", r.shard, "error", err)
			r.iterator = nil // it may have expired
			pause.sleep(ctx)
		case end && len(r.buffer) == 0:
			r.Checkpoints.set(r.shard, shardEnd)
			return
		default:
			pause.next = 0
		}
	}
}

// gather makes a batch: full, or its window over, or the shard at its end. end says the last.
func (r *reader) gather(ctx context.Context) (batch []item, end bool, err error) {
	var until time.Time
	for {
		if len(r.buffer) > 0 && until.IsZero() {
			until = time.Now().Add(r.Window)
		}
		full := len(r.buffer) >= r.BatchSize || size(r.buffer) >= lambdatest.MaxPayload
		over := !until.IsZero() && !time.Now().Before(until)
		if full || over || end || err != nil || ctx.Err() != nil {
			return r.cut(), end, err
		}
		end, err = r.fetch(ctx)
	}
}

// size is what items come to in an event.
func size(items []item) (n int) {
	for _, i := range items {
		n += len(i.event) + 1
	}
	return n
}

// cut takes as much of the buffer as one event carries.
func (r *reader) cut() []item {
	var e event
	n := 0
	for n < len(r.buffer) && n < r.BatchSize && e.add(r.buffer[n].event) {
		n++
	}
	batch := r.buffer[:n:n]
	r.buffer = r.buffer[n:]
	return batch
}

// fetch reads once into the buffer; end is the shard's.
func (r *reader) fetch(ctx context.Context) (end bool, err error) {
	if r.iterator == nil {
		if r.iterator, err = r.source.seek(ctx, r.shard, r.read, r.StartingPosition, r.began); err != nil {
			return false, err
		}
	}
	closed := r.closed.Load() // before the read: what it does not bring will never come
	got, err := r.source.read(ctx, r.shard, r.iterator, r.BatchSize)
	if err != nil {
		return false, err
	}
	if r.iterator = got.next; got.expired {
		return false, nil
	}
	if n := len(got.items); n > 0 {
		r.buffer = append(r.buffer, got.items...)
		r.read = got.items[n-1].sequence
		return r.iterator == nil, nil
	}
	if r.iterator == nil || closed && got.tip {
		return true, nil
	}
	(&backoff{base: r.Poll, most: r.Poll}).sleep(ctx)
	return false, nil
}
