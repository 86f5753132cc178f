package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Queue takes documents to be indexed.
type Queue interface {
	// Send gives each message's fate at its place: nil, Invalid (never send it again as it
	// is) or Unavailable.
	Send(ctx context.Context, messages []message) []error
	Ping(ctx context.Context) error
}

// message is one document on its way.
type message struct {
	body       string
	collection string
	id         string // empty: the document's own fields say it
}

const (
	maxBatch   = 10      // messages in a SendMessageBatch
	maxMessage = 1 << 20 // bytes of a message, and of a batch
	maxRounds  = 3       // times that what was not taken is sent
)

// sqsAPI is what of SQS is used.
type sqsAPI interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

type sqsQueue struct {
	api sqsAPI
	url string
}

func noQueue() error {
	return fault.New(fault.Unavailable, "this deployment takes no documents: INGEST_QUEUE_URL is not set")
}

// size is what SQS counts of m.
func (m message) size() int {
	n := len(m.body) + len("collection") + len("String") + len(m.collection)
	if m.id != "" {
		n += len("id") + len("String") + len(m.id)
	}
	return n
}

func (q sqsQueue) Send(ctx context.Context, messages []message) []error {
	fates := make([]error, len(messages))
	for start := 0; start < len(messages); {
		end, size := start, 0
		for end < len(messages) && end-start < maxBatch {
			if size += messages[end].size(); size > maxMessage && end > start {
				break
			}
			end++
		}
		q.sendBatch(ctx, messages[start:end], fates[start:end])
		start = end
	}
	return fates
}

func (q sqsQueue) Ping(ctx context.Context) error {
	_, err := q.api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, "the queue cannot be reached", err)
	}
	return nil
}
