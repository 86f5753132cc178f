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

	"github.com/sluice-dev/sluice/shared/message"
)

// queue sends to SQS.
type queue interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// letters is where dead letters go: the queue; the parking queue, for those that came
// back and died too often; the bucket, for bodies that no queue takes.
type letters struct {
	queue   queue
	store   store
	url     string
	parking string
	bucket  string
	most    int // deaths, before a letter is parked
}

// SQS's limits, of a message and of a batch.
const (
	maxMessage = message.Max
	maxEntries = 10
	maxSends   = 3
)

var (
	errTooLarge = errors.New("the record with its cause is larger than the dead-letter queue takes")
	errNoPlace  = errors.New("the dead letter has died too often, and there is no PARKING_QUEUE_URL")
)

// bury sends condemned records to the dead-letter queue. One that is not known to be
// stored there comes again.
func (d *delivery) bury(ctx context.Context, records []*record) {
	entries := map[string][]entry{}
	for _, r := range records {
		url, err := d.letters.queueOf(r)
		var e entry
		if err == nil {
			e, err = d.entry(ctx, r, url)
		}
		if err != nil {
			d.unburied(ctx, r, err)
			continue
		}
		e.Id = aws.String(strconv.Itoa(len(entries[url])))
		entries[url] = append(entries[url], e)
	}
	for url, all := range entries {
		for len(all) > 0 {
			n := fits(all)
			d.send(ctx, url, all[:n])
			all = all[n:]
		}
	}
}

// queueOf is the dead-letter queue, until a letter has died too often: whatever brings
// it back each time, it does not go round for ever.
func (l letters) queueOf(r *record) (string, error) {
	switch {
	case r.note == nil || r.note.Attempts < l.most:
		return l.url, nil
	case l.parking == "":
		return "", errNoPlace
	}
	return l.parking, nil
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
func (d *delivery) send(ctx context.Context, url string, entries []entry) {
	for try := 1; ; try++ {
		stored, err := d.letters.send(ctx, url, entries)
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

func (l letters) send(ctx context.Context, url string, entries []entry) (stored []bool, err error) {
	stored = make([]bool, len(entries))
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(url)}
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
		slog.String("collection", r.dead.collection), slog.String("index", r.dead.index), slog.Int("bytes", len(r.original)), slog.Int("attempts", attempts(r)))
}

func (d *delivery) unburied(ctx context.Context, r *record, err error) {
	r.failed = true
	d.problem.note(unburied)
	d.log.LogAttrs(ctx, slog.LevelError, "dead letter not stored", slog.String("record", r.Position), slog.String("type", r.dead.kind),
		slog.String("collection", r.dead.collection), slog.Any("error", err))
}
