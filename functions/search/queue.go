package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/producer"
)

// Queue takes documents to be indexed.
type Queue interface {
	// Send gives each message's fate at its place: nil, Invalid (never send it again as it
	// is) or another fault.
	Send(ctx context.Context, messages []producer.Message) []error
	Ping(ctx context.Context) error
}

// tries of a document: someone is waiting.
const tries = 3

// sqsAPI is what of SQS is used.
type sqsAPI interface {
	producer.QueueAPI
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

type sqsQueue struct {
	*producer.Producer
	api sqsAPI
	url string
}

func newQueue(api sqsAPI, url string) sqsQueue {
	return sqsQueue{producer.NewQueue(api, url, producer.Config{Tries: tries}), api, url}
}

func noQueue() error {
	return fault.New(fault.Unavailable, "this deployment takes no documents: INGEST_QUEUE_URL is not set")
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
