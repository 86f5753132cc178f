package e2e

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/feed"
	"github.com/sluice-dev/sluice/local/lambda"
)

// pipeline is a real queue whose event source mapping runs the scene's ingest function.
type pipeline struct {
	*scene
	url string
}

// pipe makes the queue and starts the mapping; it ends with the test.
func (s *scene) pipe(visibility, batch int, fn lambda.Function) *pipeline {
	s.Helper()
	url, _ := queue(s, s.collection, map[string]string{"VisibilityTimeout": strconv.Itoa(visibility)})
	s.until(lambda.Queue{
		Client: world.sqs, URL: url, Function: fn, BatchSize: batch, Window: time.Second,
		MaximumConcurrency: 4, ReportBatchItemFailures: true, Drain: 10 * time.Second,
	}.Run)
	return &pipeline{scene: s, url: url}
}

// pipeFIFO is pipe for a FIFO queue.
func (s *scene) pipeFIFO(fn lambda.Function) (url string) {
	s.Helper()
	url, _ = queue(s, s.collection+".fifo", map[string]string{"VisibilityTimeout": "30", "FifoQueue": "true"})
	s.until(lambda.Queue{
		Client: world.sqs, URL: url, Function: fn, BatchSize: 10, MaximumConcurrency: 2, ReportBatchItemFailures: true, Drain: 10 * time.Second,
	}.Run)
	return url
}

// until runs a mapping until the test ends.
func (s *scene) until(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	s.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	})
}

func (p *pipeline) feed(text string) feed.Sent {
	p.Helper()
	q := feed.NewQueue(world.sqs, p.url, p.collection)
	sent, err := feed.Lines(p.Context(), q, strings.NewReader(text), "/"+p.collection+".log")
	if err != nil || len(sent.Refused) > 0 {
		p.Fatal(err, sent.Refused)
	}
	return sent
}

// drained waits until the queue holds nothing, seen or unseen.
func (p *pipeline) drained(limit time.Duration) {
	p.Helper()
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	eventually(p, limit, func() string {
		out, err := world.sqs.GetQueueAttributes(p.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(p.url), AttributeNames: names})
		if err != nil {
			return err.Error()
		}
		a, b := out.Attributes[string(names[0])], out.Attributes[string(names[1])]
		if a == "0" && b == "0" {
			return ""
		}
		return a + " messages wait and " + b + " are under way"
	})
}
