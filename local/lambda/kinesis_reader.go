package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// reader hands one shard over, in order, one batch at a time.
type reader struct {
	*Stream
	shard  string
	closed atomic.Bool // no record will be added: an empty read at the tip is the end

	iterator *string
	read     string         // the last sequence number read, which may be ahead of the checkpoint
	buffer   []types.Record // read and not yet in a batch
}

func (s *Stream) reader(shard types.Shard) *reader {
	r := &reader{Stream: s, shard: *shard.ShardId, read: s.Checkpoints.get(*shard.ShardId)}
	r.closed.Store(closed(shard))
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
func (r *reader) gather(ctx context.Context) (batch []types.Record, end bool, err error) {
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

// size is what records come to in an event, roughly; cut is exact.
func size(records []types.Record) (n int) {
	for _, r := range records {
		n += base64.StdEncoding.EncodedLen(len(r.Data)) + 400
	}
	return n
}

// cut takes as much of the buffer as one event carries.
func (r *reader) cut() []types.Record {
	var e event
	n := 0
	for n < len(r.buffer) && n < r.BatchSize && e.add(encodeRecord(r.buffer[n], r.shard, r.ARN)) {
		n++
	}
	batch := r.buffer[:n:n]
	r.buffer = r.buffer[n:]
	return batch
}

// fetch reads once into the buffer; end is the shard's.
func (r *reader) fetch(ctx context.Context) (end bool, err error) {
	if r.iterator == nil {
		if err := r.seek(ctx); err != nil {
			return false, err
		}
	}
	closed := r.closed.Load() // before the read: what it does not bring will never come
	out, err := r.Client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: r.iterator, Limit: aws.Int32(int32(r.BatchSize))})
	if err != nil {
		if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
			r.iterator = nil
			return false, nil
		}
		return false, err
	}
	r.iterator = out.NextShardIterator
	if n := len(out.Records); n > 0 {
		r.buffer = append(r.buffer, out.Records...)
		r.read = deref(out.Records[n-1].SequenceNumber)
		return r.iterator == nil, nil
	}
	tip := out.MillisBehindLatest == nil || *out.MillisBehindLatest == 0
	if r.iterator == nil || closed && tip {
		return true, nil
	}
	(&backoff{base: r.Poll, most: r.Poll}).sleep(ctx)
	return false, nil
}

// seek makes an iterator after what was read, else at the starting position. Latest is
// the time at which the mapping began, which also holds for a child shard and after an error.
func (r *reader) seek(ctx context.Context) error {
	name := r.streamName()
	in := &kinesis.GetShardIteratorInput{StreamName: &name, ShardId: &r.shard}
	switch {
	case r.read != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &r.read
	case r.StartingPosition == Latest:
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &r.began
	default:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	}
	out, err := r.Client.GetShardIterator(ctx, in)
	if err != nil {
		return err
	}
	r.iterator = out.ShardIterator
	return nil
}
