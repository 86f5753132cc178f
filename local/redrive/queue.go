package redrive

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithymiddleware "github.com/aws/smithy-go/middleware"
)

// Queue is a dead-letter queue, or the parking queue.
type Queue struct {
	Client *sqs.Client
	URL    string
	// Most letters that are held at once: looked at, and neither moved nor given back yet.
	// SQS allows 120,000, in a FIFO queue 20,000.
	Most int
	// Hidden is how long a letter stays hidden from others if nothing gives it back.
	Hidden time.Duration
	Filter Filter
}

const (
	perReceive = 10
	patience   = 2  // receives in a row that bring nothing
	stale      = 20 // or nothing new
	giveBack   = time.Minute
)

// Rest is what a pass over a queue may not have seen.
type Rest struct {
	Full bool // it ended before the queue did: Most were held
	Lost int  // letters, at most, whose answer was lost on its way: they stay hidden for Hidden
}

// look is one pass over a queue.
type look struct {
	Queue
	held map[string]string // message ids to receipt handles
	lost int
}

// each shows what is in the queue, a few letters at a time; visit returns those that are
// in the queue no longer. What is still held is given back, whatever happened.
func (q Queue) each(ctx context.Context, visit func([]Letter) (gone []Letter, err error)) (rest Rest, err error) {
	l := &look{Queue: q, held: map[string]string{}}
	full, err := l.pass(ctx, visit)
	return Rest{full, l.lost}, errors.Join(err, l.release(ctx))
}

func (l *look) pass(ctx context.Context, visit func([]Letter) (gone []Letter, err error)) (full bool, err error) {
	for nothing, known := 0, 0; nothing < patience && known < stale; {
		if len(l.held) >= l.Most {
			return true, nil
		}
		some, received, err := l.receive(ctx)
		if tooMany(err) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		nothing, known = streak(nothing, received == 0), streak(known, received > 0 && len(some) == 0)
		gone, err := visit(some)
		for _, g := range gone {
			delete(l.held, aws.ToString(g.Message.MessageId))
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

func streak(n int, goesOn bool) int {
	if goesOn {
		return n + 1
	}
	return 0
}

// receive returns the letters that it has not shown before and that the filter takes.
func (l *look) receive(ctx context.Context) (some []Letter, received int, err error) {
	out, err := l.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &l.URL, MaxNumberOfMessages: perReceive, VisibilityTimeout: int32(l.Hidden / time.Second), WaitTimeSeconds: 1,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", l.URL, err)
	}
	l.lost += perReceive * unanswered(out.ResultMetadata)
	for _, m := range out.Messages {
		id := aws.ToString(m.MessageId)
		_, shown := l.held[id]
		l.held[id] = aws.ToString(m.ReceiptHandle)
		letter := read(m)
		if !shown && l.Filter.takes(letter) {
			some = append(some, letter)
		}
		received++
	}
	return some, received, nil
}

// unanswered counts the attempts whose answer did not come: the queue may have acted.
func unanswered(answer smithymiddleware.Metadata) (n int) {
	attempts, _ := retry.GetAttemptResults(answer)
	for _, a := range attempts.Results {
		if _, refused := errors.AsType[smithy.APIError](a.Err); a.Err != nil && !refused {
			n++
		}
	}
	return n
}

// clock is the queue's time, to the second or two that it tells.
func (q Queue) clock(ctx context.Context) (time.Time, error) {
	out, err := q.Client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		return time.Time{}, fmt.Errorf("read %s: %w", q.URL, err)
	}
	now, ok := middleware.GetServerTime(out.ResultMetadata)
	if !ok {
		now = time.Now()
	}
	return now, nil
}

func tooMany(err error) bool {
	_, ok := errors.AsType[*types.OverLimit](err)
	return ok
}

// release makes what is held visible again, also after ctx has ended.
func (l *look) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBack)
	defer cancel()
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	flush := func() error {
		if len(entries) == 0 {
			return nil
		}
		_, err := l.Client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &l.URL, Entries: entries})
		entries = nil
		if err != nil {
			return fmt.Errorf("give letters back to %s: %w; they are visible again after %s", l.URL, err, l.Hidden)
		}
		return nil
	}
	for _, handle := range l.held {
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(len(entries))), ReceiptHandle: aws.String(handle)})
		if len(entries) == perReceive {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
