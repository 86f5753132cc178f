package main

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// finder finds a queue. Errors are the SDK's.
type finder interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

// addresses are the URLs of queues by their ARNs, each asked for once; safe for
// concurrent use.
type addresses struct {
	finder finder
	known  sync.Map
}

func newAddresses(queues finder) *addresses { return &addresses{finder: queues} }

func (a *addresses) of(ctx context.Context, queue string) (string, error) {
	if known, ok := a.known.Load(queue); ok {
		return known.(string), nil
	}
	name, err := arn.Parse(queue)
	if err != nil {
		return "", err
	}
	out, err := a.finder.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name.Resource, QueueOwnerAWSAccountId: &name.AccountID})
	if err != nil {
		return "", err
	}
	a.known.Store(queue, aws.ToString(out.QueueUrl))
	return aws.ToString(out.QueueUrl), nil
}
