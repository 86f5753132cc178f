package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/shared/fault"
)

// task is the message that has a worker go on with a job.
type task struct {
	Collection string `json:"collection"`
	Export     string `json:"export"`
}

// taskQueue takes tasks. Errors are of the kind Unavailable.
type taskQueue interface {
	Send(ctx context.Context, t task, delay time.Duration) error
}

type sqsTasks struct {
	api interface {
		SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	}
	url string
}

func (q sqsTasks) Send(ctx context.Context, t task, delay time.Duration) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	body, whole := string(text), int32(delay/time.Second)
	if _, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body, DelaySeconds: whole}); err != nil {
		return fault.Wrap(fault.Unavailable, "the queue of exports cannot be reached", err)
	}
	return nil
}
