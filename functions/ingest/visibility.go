package main

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

// visibility decides when failed messages come again: soon at first, ever later while
// they go on failing. Without it each would come after the queue's visibility timeout,
// soon or late, and use up its receives at an even pace.
type visibility struct {
	hider     hider
	addresses *addresses
	first     time.Duration // zero: the queue's own timeout
	most      time.Duration
}

func newVisibility(c Config, queues hider, addresses *addresses) visibility {
	return visibility{hider: queues, addresses: addresses, first: c.RetryDelay, most: c.RetryDelayMax}
}

// hider hides messages. Errors are the SDK's.
type hider interface {
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// delay is how long a message waits that was received so often: doubled each time.
func (v visibility) delay(received int) time.Duration {
	d := v.first
	for ; received > 1 && d < v.most; received-- {
		d *= 2
	}
	return min(d, v.most)
}

// jitter takes up to a quarter off, so that what failed together does not come together.
func jitter(d time.Duration) time.Duration { return d - rand.N(d/4+1) }

// hidden is a message and for how long.
type hidden struct {
	receipt string
	time    time.Duration
}

// hide says of each failed message how long. Those of a FIFO queue's group come together:
// the one hidden longest holds up the others anyway.
func (v visibility) hide(failed []*record) []hidden {
	groups := map[string]time.Duration{}
	all := make([]hidden, 0, len(failed))
	for _, r := range failed {
		d := jitter(v.delay(r.received))
		groups[r.group] = max(groups[r.group], d)
		all = append(all, hidden{string(r.receipt), d})
	}
	for i, r := range failed {
		if isFIFO(r.queue) {
			all[i].time = groups[r.group]
		}
	}
	return all
}

// SQS takes ten changes in a call; a thousand messages are a hundred calls.
const (
	maxChanges = 10
	maxCalls   = 16 // at once
)

// set changes the messages' visibility, as many as it can until ctx ends. What it cannot
// comes again after the queue's own timeout.
func (v visibility) set(ctx context.Context, queue string, messages []hidden) error {
	url, err := v.addresses.of(ctx, queue)
	if err != nil {
		return err
	}
	calls, ctx := errgroup.WithContext(ctx)
	calls.SetLimit(maxCalls)
	for len(messages) > 0 {
		n := min(maxChanges, len(messages))
		some := messages[:n]
		calls.Go(func() error { return v.call(ctx, url, some) })
		messages = messages[n:]
	}
	return calls.Wait()
}

func (v visibility) call(ctx context.Context, url string, messages []hidden) error {
	in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url}
	for i, m := range messages {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.receipt, VisibilityTimeout: int32(m.time.Round(time.Second) / time.Second),
		})
	}
	out, err := v.hider.ChangeMessageVisibilityBatch(ctx, in)
	if err != nil {
		return err
	}
	return refusal(out.Failed)
}

// postponeMessages hides the failed messages. That it cannot is no failure of the batch.
func postponeMessages(ctx context.Context, d *delivery, failed []*record) {
	if d.visibility.first == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxPostpone)
	defer cancel()
	if err := d.visibility.set(ctx, failed[0].queue, d.visibility.hide(failed)); err != nil {
		d.log.WarnContext(ctx, "visibility not changed: failed messages come again when the queue's own timeout ends", "error", err)
	}
}

const maxPostpone = 5 * time.Second
