package lambda

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	longPoll    = time.Second           // AWS: 20 s; ours also bounds how long a stop takes
	shortPoll   = 50 * time.Millisecond // between looks when less than a long poll is left of a window
	receiveMost = 10                    // SQS: messages in one receive, entries in one delete
)

// poller has one batch in flight at a time. Order in a message group needs no more: the
// queue gives out nothing of a group of which a message is in flight.
type poller struct {
	*Queue
	carry []types.Message // received, and cut from the last batch by its size
}

// messages is a batch.
type messages struct {
	event
	list []types.Message
	ids  []string
}

func (p *poller) run(ctx context.Context) {
	pause := backoff{base: 200 * time.Millisecond, most: 5 * time.Second}
	for ctx.Err() == nil {
		batch, err := p.gather(ctx)
		if len(batch.list) > 0 {
			p.process(ctx, batch)
		}
		if err == nil {
			pause.next = 0
			continue
		}
		p.Log.Warn("receive failed", "queue", p.arn, "error", err)
		pause.sleep(ctx)
	}
	p.release(ctx, p.carry)
}

// gather makes a batch: full, or its window over, or at the payload limit. A batch
// begun before an error or ctx's end is returned with it.
func (p *poller) gather(ctx context.Context) (*messages, error) {
	b := &messages{}
	var end time.Time
	for {
		for len(p.carry) > 0 {
			if len(b.list) == p.BatchSize || !b.add(encodeMessage(p.carry[0], p.arn)) {
				return b, nil
			}
			b.list = append(b.list, p.carry[0])
			b.ids = append(b.ids, deref(p.carry[0].MessageId))
			p.carry = p.carry[1:]
		}
		if len(b.list) > 0 && end.IsZero() {
			end = time.Now().Add(p.Window)
		}
		open := len(b.list) < p.BatchSize && (end.IsZero() || time.Now().Before(end))
		if !open || ctx.Err() != nil {
			return b, nil
		}
		received, err := p.receive(ctx, p.BatchSize-len(b.list), end)
		if err != nil {
			return b, err
		}
		p.carry = received
	}
}

// receive outlives ctx: a cancelled receive may leave messages in flight that nobody has.
func (p *poller) receive(ctx context.Context, want int, end time.Time) ([]types.Message, error) {
	wait := longPoll
	if !end.IsZero() && time.Until(end) < longPoll {
		wait = 0
	}
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), longPoll+10*time.Second)
	defer cancel()
	out, err := p.Client.ReceiveMessage(long, &sqs.ReceiveMessageInput{
		QueueUrl: &p.URL, MaxNumberOfMessages: int32(min(want, receiveMost)), WaitTimeSeconds: int32(wait / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	if wait == 0 && len(out.Messages) == 0 {
		(&backoff{base: shortPoll, most: shortPoll}).sleep(ctx)
	}
	return out.Messages, nil
}

// process invokes the function and deletes what it stored.
func (p *poller) process(ctx context.Context, b *messages) {
	if ctx.Err() != nil {
		p.release(ctx, b.list)
		return
	}
	long, cancel := lasting(ctx, p.Drain)
	defer cancel()
	d := Delivery{Event: b.payload()}
	d.Result, d.Err = invoke(long, p.Function, d.Event, p.visibility/2)
	if d.Err == nil && p.ReportBatchItemFailures {
		d.Failed, d.Err = itemFailures(d.Result.Payload, b.ids)
	}
	if d.Err != nil {
		d.Failed = b.ids
		p.Log.Warn("batch failed", "queue", p.arn, "messages", len(b.list), "error", d.Err)
	} else {
		p.delete(long, b.without(d.Failed))
	}
	if p.Observe != nil {
		p.Observe(d)
	}
}

// delete acknowledges; what cannot be deleted is delivered again, as on AWS.
func (p *poller) delete(ctx context.Context, list []types.Message) {
	for ten := range slices.Chunk(list, receiveMost) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(ten))
		for i, m := range ten {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle}
		}
		out, err := p.Client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &p.URL, Entries: entries})
		if err != nil {
			p.Log.Warn("delete failed", "queue", p.arn, "messages", len(ten), "error", err)
		} else if len(out.Failed) > 0 {
			p.Log.Warn("delete failed", "queue", p.arn, "messages", len(out.Failed), "error", deref(out.Failed[0].Message))
		}
	}
}

// release gives back what was received too late to be run.
func (p *poller) release(ctx context.Context, list []types.Message) {
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, m := range list {
		_, err := p.Client.ChangeMessageVisibility(long, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &p.URL, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0,
		})
		if err != nil {
			p.Log.Warn("release failed", "queue", p.arn, "error", err)
			return
		}
	}
}

// without is the batch less the failed ones.
func (b *messages) without(failed []string) []types.Message {
	gone := set(failed)
	return slices.DeleteFunc(slices.Clone(b.list), func(m types.Message) bool { return gone[deref(m.MessageId)] })
}
