package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/redrive"
)

// hidden is how long letters that are looked at stay so if we are killed.
const hidden = 5 * time.Minute

// session is a queue of dead letters, and what was chosen of it.
type session struct {
	choice
	from   redrive.Queue
	region string
	at     *Endpoints // of `make run`; nil on AWS
}

func (c choice) connect(ctx context.Context) (*session, error) {
	s := &session{choice: c, from: redrive.Queue{URL: c.queue, Most: c.most, Hidden: hidden, Filter: c.filter}}
	if c.queue == "" {
		e, err := readEndpoints()
		if err != nil {
			return nil, fmt.Errorf("%w, or name a queue on AWS: -queue https://sqs...", err)
		}
		s.at, s.region, s.from.Client, s.from.URL = &e, e.Region, e.sqs(), e.Queues.DeadLetter
		if c.parking {
			s.from.URL = e.Queues.Parking
		}
		if s.to == "" {
			s.to = e.Queues.Ingest
		}
		return s, nil
	}
	if c.parking {
		return nil, errors.New("-parking is for `make run`: on AWS give the parking queue's URL to -queue")
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS: %w", err)
	}
	if cloud.Region == "" {
		return nil, errors.New("AWS_REGION is missing: set it to the queue's region")
	}
	s.region, s.from.Client = cloud.Region, sqs.NewFromConfig(cloud)
	return s, nil
}

// destination is where letters go: the queue named, or the one queue that this is the
// dead-letter queue of.
func (s *session) destination(ctx context.Context) (string, error) {
	if s.to != "" {
		return s.to, nil
	}
	out, err := s.from.Client.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &s.from.URL})
	if err != nil {
		return "", fmt.Errorf("find the queue that %s is the dead-letter queue of: %w; or name it: -to URL", s.from.URL, err)
	}
	if len(out.QueueUrls) != 1 {
		return "", fmt.Errorf("%s is the dead-letter queue of %d queues: name the one to send to with -to URL", s.from.URL, len(out.QueueUrls))
	}
	return out.QueueUrls[0], nil
}

func (s *session) arnOf(ctx context.Context, url string) (string, error) {
	name := types.QueueAttributeNameQueueArn
	out, err := s.from.Client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	return out.Attributes[string(name)], nil
}

func (s *session) move(ctx context.Context) (m redrive.Move, err error) {
	m = redrive.Move{From: s.from, Rate: s.rate}
	m.To, err = s.destination(ctx)
	if err == nil && m.To == s.from.URL {
		err = errors.New("-to is the queue itself: name the queue that ingest reads")
	}
	return m, err
}
