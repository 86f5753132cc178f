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
	return s.pipeTo(lambda.Queue{Function: fn, BatchSize: batch, Window: time.Second}, map[string]string{
		"VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy":     `{"deadLetterTargetArn":"` + s.deadARN() + `","maxReceiveCount":100}`,
	})
}

// pipeFIFO is pipe with a queue that keeps the order of each message group.
func (s *scene) pipeFIFO(visibility int, fn lambda.Function) *pipeline {
	s.Helper()
	return s.pipeTo(lambda.Queue{Function: fn, BatchSize: 10}, map[string]string{"VisibilityTimeout": strconv.Itoa(visibility), "FifoQueue": "true"})
}

// pipeTo is pipe with more of a mapping's and a queue's settings.
func (s *scene) pipeTo(q lambda.Queue, attributes map[string]string) *pipeline {
	s.Helper()
	name := s.collection
	if attributes["FifoQueue"] == "true" {
		name += ".fifo"
	}
	q.Client, q.MaximumConcurrency, q.ReportBatchItemFailures, q.Drain = world.sqs, 4, true, 10*time.Second
	q.URL, _ = queue(s, name, attributes)
	s.runs(q.Run)
	return &pipeline{scene: s, url: q.URL}
}

// runs a mapping until the test ends, or until the returned func is called.
func (s *scene) runs(run func(context.Context) error) (stop func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	}
	s.Cleanup(stop)
	return stop
}

// deadARN is the dead-letter queue's.
func (s *scene) deadARN() string {
	return "arn:aws:sqs:us-east-1:000000000000:" + s.collection + "-dead"
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
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}
	eventually(p, limit, func() string {
		out, err := world.sqs.GetQueueAttributes(p.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(p.url), AttributeNames: names})
		if err != nil {
			return err.Error()
		}
		a, b, c := out.Attributes[string(names[0])], out.Attributes[string(names[1])], out.Attributes[string(names[2])]
		if a == "0" && b == "0" && c == "0" {
			return ""
		}
		return a + " messages wait, " + b + " are under way and " + c + " are held back"
	})
}

// named says which collection a message is for.
func (p *pipeline) named() map[string]types.MessageAttributeValue {
	return map[string]types.MessageAttributeValue{"collection": {DataType: aws.String("String"), StringValue: &p.collection}}
}
