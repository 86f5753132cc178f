package feed

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	perBatch = 10 // SendMessageBatch's limit
	senders  = 4
	attempts = 8
)

// Queue sends to one SQS queue for one collection.
type Queue struct {
	Client     *sqs.Client
	URL        string
	Collection string
	Group      string // FIFO queues: the message group; "" for a standard queue
}

// batches groups what is there already, up to ten messages and the limit of a
// request in bytes; it waits for the first of a batch only.
func batches(lines <-chan Line) iter.Seq[[]Line] {
	return func(yield func([]Line) bool) {
		var held *Line
		for {
			batch, next, ok := fill(lines, held)
			if len(batch) > 0 && !yield(batch) || !ok {
				return
			}
			held = next
		}
	}
}

func fill(lines <-chan Line, held *Line) (batch []Line, next *Line, ok bool) {
	size := 0
	if held != nil {
		batch, size = append(batch, *held), held.size()
	}
	for len(batch) < perBatch {
		l, ok := <-lines
		if !ok {
			return batch, nil, false
		}
		if size += l.size(); size > MaxLine && len(batch) > 0 {
			return batch, &l, true
		}
		batch = append(batch, l)
	}
	return batch, nil, true
}

func (l Line) size() int { return len(l.Body) + len(l.ID) + 128 } // attributes count too

// Send sends a batch of at most ten; entries that the queue failed are sent again.
func (q *Queue) Send(ctx context.Context, batch []Line) error {
	for attempt := 1; ; attempt++ {
		failed, err := q.send(ctx, batch)
		if err == nil && len(failed) == 0 {
			return nil
		}
		if attempt == attempts {
			return fmt.Errorf("send %d messages to %s: %w", len(batch), q.URL, cause(err))
		}
		if err == nil {
			batch = failed
		}
		select {
		case <-time.After(time.Duration(attempt*attempt) * 50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func cause(err error) error {
	if err == nil {
		return fmt.Errorf("the queue failed the same entries %d times", attempts)
	}
	return err
}

func (q *Queue) send(ctx context.Context, batch []Line) (failed []Line, err error) {
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.URL}
	for i, l := range batch {
		in.Entries = append(in.Entries, q.entry(strconv.Itoa(i), l))
	}
	out, err := q.Client.SendMessageBatch(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, f := range out.Failed {
		i, _ := strconv.Atoi(aws.ToString(f.Id))
		failed = append(failed, batch[i])
	}
	return failed, nil
}

func (q *Queue) entry(id string, l Line) types.SendMessageBatchRequestEntry {
	e := types.SendMessageBatchRequestEntry{
		Id: &id, MessageBody: aws.String(l.Body),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"collection": {DataType: aws.String("String"), StringValue: aws.String(q.Collection)},
			"id":         {DataType: aws.String("String"), StringValue: aws.String(l.ID)},
		},
	}
	if q.Group != "" {
		e.MessageGroupId, e.MessageDeduplicationId = aws.String(q.Group), aws.String(l.ID)
	}
	return e
}
