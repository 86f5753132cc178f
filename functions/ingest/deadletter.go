package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue sends to SQS.
type queue interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// letters is the dead-letter queue.
type letters struct {
	queue queue
	url   string
}

// SQS's limits, of a message and of a batch.
const (
	maxMessage = 1 << 20
	maxEntries = 10
	maxSends   = 3
)

var errTooLarge = errors.New("the record with its cause is larger than the dead-letter queue takes")

// bury sends condemned records to the dead-letter queue. One that is not known to be
// stored there comes again.
func (d *delivery) bury(ctx context.Context, records []*record) {
	var entries []entry
	for _, r := range records {
		e, err := d.letters.entry(r)
		if errors.Is(err, errTooLarge) && r.of != nil {
			r.byPlace()
			e, err = d.letters.entry(r)
		}
		if err != nil {
			d.unburied(ctx, r, err)
			continue
		}
		e.Id = aws.String(strconv.Itoa(len(entries)))
		entries = append(entries, e)
	}
	for len(entries) > 0 {
		n := fits(entries)
		d.send(ctx, entries[:n])
		entries = entries[n:]
	}
}

// fits is how many entries one batch may hold.
func fits(entries []entry) int {
	size := 0
	for n, e := range entries {
		if size += e.size; n == maxEntries || size > maxMessage {
			return n
		}
	}
	return len(entries)
}

// send tries what fails again, entry by entry, and gives up with ctx.
func (d *delivery) send(ctx context.Context, entries []entry) {
	for try := 1; ; try++ {
		stored, err := d.letters.send(ctx, entries)
		var left []entry
		for i, e := range entries {
			if !stored[i] {
				left = append(left, e)
				continue
			}
			d.buried(ctx, e.record)
		}
		if len(left) == 0 {
			return
		}
		if try == maxSends || !pause(ctx, time.Duration(try)*100*time.Millisecond) {
			for _, e := range left {
				d.unburied(ctx, e.record, err)
			}
			return
		}
		entries = left
	}
}

func (l letters) send(ctx context.Context, entries []entry) (stored []bool, err error) {
	stored = make([]bool, len(entries))
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(l.url)}
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[*e.Id] = i
		in.Entries = append(in.Entries, e.SendMessageBatchRequestEntry)
	}
	out, err := l.queue.SendMessageBatch(ctx, in)
	if err != nil {
		return stored, err
	}
	for _, ok := range out.Successful {
		if i, known := at[aws.ToString(ok.Id)]; known {
			stored[i] = true
		}
	}
	return stored, refusal(out.Failed)
}

func refusal(failed []types.BatchResultErrorEntry) error {
	var all []error
	for _, f := range failed {
		all = append(all, errors.New(aws.ToString(f.Code)))
	}
	return errors.Join(all...)
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// buried logs one line, without the cause's text: OpenSearch's quotes the document.
func (d *delivery) buried(ctx context.Context, r *record) {
	d.counts.letters++
	d.log.LogAttrs(ctx, slog.LevelWarn, "dead letter", slog.String("record", r.Position), slog.String("type", r.dead.kind),
		slog.String("collection", r.dead.collection), slog.String("index", r.dead.index), slog.Int("bytes", len(r.original)))
}

func (d *delivery) unburied(ctx context.Context, r *record, err error) {
	r.failed = true
	d.problem.note(unburied)
	d.log.LogAttrs(ctx, slog.LevelError, "dead letter not stored", slog.String("record", r.Position), slog.String("type", r.dead.kind),
		slog.String("collection", r.dead.collection), slog.Any("error", err))
}
