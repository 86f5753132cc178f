package chaos

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// outbox gathers messages into batches that SQS takes.
type outbox struct {
	*stage
	entries []types.SendMessageBatchRequestEntry
	bytes   int
}

func (o *outbox) add(ctx context.Context, collection, id, body string) {
	o.entry(ctx, map[string]string{"collection": collection, "id": id}, body)
}

func (o *outbox) entry(ctx context.Context, attributes map[string]string, body string) {
	if len(o.entries) == 10 || o.bytes+len(body) > 900_000 {
		o.flush(ctx)
	}
	e := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(len(o.entries))), MessageBody: aws.String(body)}
	e.MessageAttributes = map[string]types.MessageAttributeValue{}
	for name, value := range attributes {
		if value != "" {
			e.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	o.entries, o.bytes = append(o.entries, e), o.bytes+len(body)
}

func (o *outbox) flush(ctx context.Context) {
	if len(o.entries) == 0 {
		return
	}
	o.insist(ctx, "send", func() error {
		out, err := o.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &o.queue, Entries: o.entries})
		if err == nil && len(out.Failed) > 0 {
			err = fmt.Errorf("%s", aws.ToString(out.Failed[0].Message))
		}
		return err
	})
	o.entries, o.bytes = o.entries[:0:0], 0
}

// insist is a producer that does not give up: what it could not send was never sent.
func (s *stage) insist(ctx context.Context, what string, try func() error) {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		err := try()
		if err == nil {
			return
		}
		if attempt == 20 {
			s.Errorf("%s: %v", what, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *stage) left(ctx context.Context, url string) (waiting, hidden int, err error) {
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}
	out, err := s.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return 0, 0, err
	}
	waiting, err = strconv.Atoi(out.Attributes[string(names[0])])
	if err == nil {
		hidden, err = strconv.Atoi(out.Attributes[string(names[1])])
	}
	return waiting, hidden, err
}

// watchQueue keeps the depth known and tells of the progress.
func (s *stage) watchQueue(ctx context.Context) error {
	began := time.Now()
	for last := time.Now(); ctx.Err() == nil; time.Sleep(250 * time.Millisecond) {
		if waiting, hidden, err := s.left(ctx, s.queue); err == nil {
			s.depth.Store(int64(waiting + hidden))
		}
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			fmt.Fprintf(os.Stderr, "%4.0f s  %d of %d documents sent, %d messages wait, %d faults injected\n",
				time.Since(began).Seconds(), s.sent.Load(), s.docs, s.depth.Load(), s.injections())
		}
	}
	return nil
}

// idle waits until the queue holds nothing, seen or unseen.
func (s *stage) idle(ctx context.Context) {
	limit := 5*time.Minute + time.Duration(s.docs)*time.Millisecond
	for empty, end := 0, time.Now().Add(limit); empty < 5 && ctx.Err() == nil; time.Sleep(300 * time.Millisecond) {
		if time.Now().After(end) {
			s.Errorf("after %s %d messages wait", limit, s.depth.Load())
			return
		}
		if waiting, hidden, err := s.left(ctx, s.queue); err != nil || waiting+hidden > 0 {
			empty = 0
		} else {
			empty++
		}
	}
}
