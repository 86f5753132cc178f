package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/local/part"
)

// Endpoints is where everything of a run is: .local/endpoints.json while it is up.
type Endpoints struct {
	OpenSearch string            `json:"opensearch"`
	AWS        string            `json:"aws"` // of the queue and stream server
	Region     string            `json:"region"`
	Queues     Queues            `json:"queues"`
	Streams    map[string]string `json:"streams"` // ingest: its name; empty without SOURCES=kinesis
	Tables     map[string]string `json:"tables"`  // orders: its stream's ARN; empty without SOURCES=dynamodb
	Buckets    string            `json:"buckets"` // the S3 server; empty without SOURCES=s3
	Kafka      *Topic            `json:"kafka,omitempty"`
	RabbitMQ   *Broker           `json:"rabbitmq,omitempty"`
	Search     string            `json:"search"`    // the HTTP API, and the page
	Functions  map[string]string `json:"functions"` // invoke URLs: post to them, or give them to `aws lambda invoke --endpoint-url`
}

// Queues are queue URLs.
type Queues struct {
	Ingest     string `json:"ingest"`
	FIFO       string `json:"fifo"`
	DeadLetter string `json:"dead_letter"`
	Parking    string `json:"parking"`
	Export     string `json:"export"`
}

// Topic is Kafka's, with SOURCES=kafka.
type Topic struct {
	Bootstrap string `json:"bootstrap"`
	Topic     string `json:"topic"`
}

// Broker is RabbitMQ's, with SOURCES=rabbitmq.
type Broker struct {
	URL   string `json:"url"`
	Queue string `json:"queue"`
}

func endpointsFile() (string, error) {
	cache, err := part.DefaultCache()
	return filepath.Join(cache, "endpoints.json"), err
}

func (e Endpoints) write(path string) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

func readEndpoints() (e Endpoints, err error) {
	path, err := endpointsFile()
	if err != nil {
		return e, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if err != nil {
		return e, fmt.Errorf("nothing is running: start it with `make run` first (%w)", err)
	}
	return e, json.Unmarshal(text, &e)
}

var anyone = credentials.NewStaticCredentialsProvider("local", "local", "")

func (e Endpoints) sqs() *sqs.Client {
	return sqs.New(sqs.Options{Region: e.Region, BaseEndpoint: &e.AWS, Credentials: anyone})
}

func (e Endpoints) s3() *s3.Client {
	return s3.New(s3.Options{Region: e.Region, BaseEndpoint: &e.Buckets, UsePathStyle: true, Credentials: anyone})
}

func (e Endpoints) kinesis() *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: e.Region, BaseEndpoint: &e.AWS, Credentials: anyone})
}

func (e Endpoints) dynamodb() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: e.Region, BaseEndpoint: &e.AWS, Credentials: anyone})
}

func (e Endpoints) tableStreams() *dynamodbstreams.Client {
	return dynamodbstreams.New(dynamodbstreams.Options{Region: e.Region, BaseEndpoint: &e.AWS, Credentials: anyone})
}
