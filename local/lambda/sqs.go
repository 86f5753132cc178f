package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

// Queue is an SQS event source mapping. A message that the function did not report
// is deleted; one that it did, or all when the batch failed as a whole, stay and become
// visible again after the queue's visibility timeout. Redrive is the queue's own.
type Queue struct {
	Client   *sqs.Client
	URL      string
	Function Function
	// BatchSize: messages at most. Default 10; over 10 needs a Window, up to 10,000. FIFO: 10 at most.
	BatchSize int
	// Window: how long to gather a batch from its first message on. Zero: one receive. FIFO has none.
	Window time.Duration
	// MaximumConcurrency: batches in flight at most. Default 5, as many as AWS starts with.
	MaximumConcurrency int
	// ReportBatchItemFailures: without it the answer is ignored and only an error fails a batch.
	ReportBatchItemFailures bool
	Drain                   time.Duration  // bounds what runs when the context ends; default 30 s
	Observe                 func(Delivery) // called after each batch, concurrently; may be nil
	Log                     *slog.Logger   // default: none

	arn        string
	visibility time.Duration
}

// Run polls until ctx ends and returns nil then; an error is a mistake in q or a missing queue.
func (q Queue) Run(ctx context.Context) error {
	if err := q.prepare(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("event source mapping of %s: %w", q.URL, err)
	}
	var pollers errgroup.Group
	for range q.MaximumConcurrency {
		pollers.Go(func() error {
			(&poller{Queue: &q}).run(ctx)
			return nil
		})
	}
	return pollers.Wait()
}

func (q *Queue) prepare(ctx context.Context) error {
	out, err := q.Client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       &q.URL,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return err
	}
	seconds, err := strconv.Atoi(out.Attributes["VisibilityTimeout"])
	if err != nil {
		return fmt.Errorf("queue's VisibilityTimeout: %w", err)
	}
	q.arn, q.visibility = out.Attributes["QueueArn"], time.Duration(seconds)*time.Second
	if q.BatchSize == 0 {
		q.BatchSize = 10
	}
	if q.MaximumConcurrency == 0 {
		q.MaximumConcurrency = 5
	}
	if q.Drain == 0 {
		q.Drain = defaultDrain
	}
	q.Log = logger(q.Log)
	return q.validate(out.Attributes["FifoQueue"] == "true")
}

// validate refuses what AWS's CreateEventSourceMapping does.
func (q *Queue) validate(fifo bool) error {
	var mistakes []error
	if q.BatchSize < 1 || q.BatchSize > 10_000 {
		mistakes = append(mistakes, fmt.Errorf("batch size %d is not between 1 and 10000", q.BatchSize))
	}
	if fifo && q.BatchSize > 10 {
		mistakes = append(mistakes, errors.New("batch size of a FIFO queue is at most 10"))
	}
	if fifo && q.Window > 0 {
		mistakes = append(mistakes, errors.New("a FIFO queue has no batching window"))
	}
	if !fifo && q.BatchSize > 10 && q.Window < time.Second {
		mistakes = append(mistakes, errors.New("batch size over 10 needs a batching window of at least 1 s"))
	}
	if q.Window < 0 || q.Window > 300*time.Second {
		mistakes = append(mistakes, fmt.Errorf("batching window %v is not between 0 and 300 s", q.Window))
	}
	if q.MaximumConcurrency < 0 || q.MaximumConcurrency > 1000 {
		mistakes = append(mistakes, fmt.Errorf("maximum concurrency %d is not between 1 and 1000", q.MaximumConcurrency))
	}
	return errors.Join(mistakes...)
}
