package part_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

func TestOneEndpointServesQueuesAndStreams(t *testing.T) {
	stack := parttest.Start(t, part.Options{Streams: true})
	url := queue(t, stack.AWS.URL)
	if !strings.HasPrefix(url, stack.AWS.URL+"/000000000000/") {
		t.Errorf("queue URL %s does not lead to the endpoint %s", url, stack.AWS.URL)
	}
	if got := echo(t, stack.AWS.URL, url); got != "hello" {
		t.Errorf("the queue gave %q, want hello", got)
	}
	if got := record(t, stack.AWS.URL); got != "hello" {
		t.Errorf("the stream gave %q, want hello", got)
	}
}

func TestStreamCallWithoutStreamServerSaysHowToStartIt(t *testing.T) {
	stack := parttest.Start(t, part.Options{Queues: true})
	queue(t, stack.AWS.URL)
	_, err := streams(stack.AWS.URL).ListStreams(t.Context(), &kinesis.ListStreamsInput{})
	answer, ok := errors.AsType[smithy.APIError](err)
	if !ok || !strings.Contains(answer.ErrorMessage(), "SOURCES=sqs,kinesis") {
		t.Fatalf("%v does not say how to start it", err)
	}
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}

func queues(endpoint string) *sqs.Client {
	return sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: aws.CredentialsProviderFunc(credentials)})
}

func streams(endpoint string) *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: aws.CredentialsProviderFunc(credentials)})
}

func queue(t *testing.T, endpoint string) string {
	t.Helper()
	made, err := queues(endpoint).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("ingest")})
	if err != nil {
		t.Fatal(err)
	}
	return *made.QueueUrl
}

func echo(t *testing.T, endpoint, url string) string {
	t.Helper()
	client := queues(endpoint)
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 5})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("%d messages: %v", len(got.Messages), err)
	}
	return *got.Messages[0].Body
}

func record(t *testing.T, endpoint string) string {
	t.Helper()
	client, name, ctx := streams(endpoint), aws.String("ingest"), t.Context()
	_, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	put, err := client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: []byte("hello")})
	if err != nil {
		t.Fatal(err)
	}
	from, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamName: name, ShardId: put.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: from.ShardIterator})
	if err != nil || len(got.Records) != 1 {
		t.Fatalf("%+v: %v", got, err)
	}
	return string(got.Records[0].Data)
}
