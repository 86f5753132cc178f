package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/local/feed"
)

func (p *product) makeQueues(ctx context.Context) (err error) {
	if p.at.Queues.DeadLetter, err = p.makeQueue(ctx, "dead-letter", nil); err != nil {
		return err
	}
	if p.at.Queues.Parking, err = p.makeQueue(ctx, "parking", nil); err != nil {
		return err
	}
	attributes := map[string]string{
		"VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arnPrefix+"dead-letter", receives),
	}
	if p.at.Queues.Ingest, err = p.makeQueue(ctx, "ingest", attributes); err != nil {
		return err
	}
	if p.at.Queues.Export, err = p.makeQueue(ctx, "export", map[string]string{"VisibilityTimeout": strconv.Itoa(2 * visibility)}); err != nil {
		return err
	}
	if _, err = p.makeQueue(ctx, "dead-letter.fifo", map[string]string{"FifoQueue": "true"}); err != nil {
		return err
	}
	p.at.Queues.FIFO, err = p.makeQueue(ctx, "ingest.fifo", map[string]string{
		"FifoQueue": "true", "VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arnPrefix+"dead-letter.fifo", receives),
	})
	return err
}

func (p *product) makeQueue(ctx context.Context, name string, attributes map[string]string) (string, error) {
	out, err := p.at.sqs().CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return "", fmt.Errorf("make the queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}

func (p *product) makeStream(ctx context.Context) error {
	// The server counts from 1 in each run: a name of the run's own keeps its positions apart
	// from those of documents that are there already.
	name := "ingest-" + strconv.FormatInt(time.Now().Unix(), 10)
	_, err := p.at.kinesis().CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(2)})
	if err != nil {
		return fmt.Errorf("make the stream %s: %w", name, err)
	}
	p.at.Streams["ingest"] = name
	return nil
}

func (p *product) queue() *feed.Queue {
	return feed.NewQueue(p.at.sqs(), p.at.Queues.Ingest, "logs")
}
