package main

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
)

// source is what SOURCES may name beside sqs: the server that it needs, what is made on it,
// and its event source mapping, which ends with its context.
type source struct {
	name  string
	needs func(*part.Options)
	make  func(*product, context.Context) error
	read  func(*product, context.Context) error
}

// sources are all there are.
var sources = [...]source{
	{"kinesis", func(o *part.Options) { o.Streams = true }, (*product).makeStream, (*product).readStream},
	{"dynamodb", func(o *part.Options) { o.Streams = true }, (*product).makeTable, (*product).readTable},
	{"kafka", func(o *part.Options) { o.Kafka = &part.KafkaOptions{Port: kafkaPort} }, (*product).makeTopic, (*product).readTopic},
	{"rabbitmq", func(o *part.Options) { o.RabbitMQ = &part.RabbitMQOptions{Port: rabbitMQPort} }, (*product).makeBrokerQueue, (*product).readBrokerQueue},
}

const (
	kafkaPort    = 9092
	rabbitMQPort = 5672
	brokerARN    = "arn:aws:mq:" + region + ":000000000000:broker:local:b-local"
	ingestName   = "ingest" // of the topic and of the broker's queue
)

func sourceNames() []string {
	names := []string{"sqs"}
	for _, s := range sources {
		names = append(names, s.name)
	}
	return names
}

// chosen are the sources that run, each once.
func (c Config) chosen() (all []source) {
	named := map[string]bool{}
	for _, name := range c.Sources {
		named[name] = true
	}
	for _, s := range sources {
		if named[s.name] {
			all = append(all, s)
		}
	}
	return all
}

func (p *product) makeSources(ctx context.Context) error {
	for _, s := range p.cfg.chosen() {
		if err := s.make(p, ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *product) readStream(ctx context.Context) error {
	return lambda.Stream{
		Client: p.at.kinesis(), ARN: streamARN + p.at.Streams["ingest"], Function: p.stream, BatchSize: 1000,
		Window: time.Second, ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, MaximumRetryAttempts: -1,
	}.Run(ctx)
}

func (p *product) makeTopic(ctx context.Context) error {
	p.at.Kafka = &Topic{Bootstrap: p.stack.Kafka.Bootstrap, Topic: ingestName}
	client, err := kgo.NewClient(kgo.SeedBrokers(p.at.Kafka.Bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(ctx, 2, 1, nil, ingestName); err != nil {
		return fmt.Errorf("make the topic %s: %w", ingestName, err)
	}
	return nil
}

func (p *product) readTopic(ctx context.Context) error {
	return lambda.Topic{
		Bootstrap: []string{p.at.Kafka.Bootstrap}, Name: ingestName, Group: ingestName, Function: p.stream, BatchSize: 1000, Window: time.Second,
	}.Run(ctx)
}

func (p *product) makeBrokerQueue(context.Context) error {
	p.at.RabbitMQ = &Broker{URL: p.stack.RabbitMQ.URL, Queue: ingestName}
	connection, err := amqp.Dial(p.at.RabbitMQ.URL)
	if err != nil {
		return err
	}
	defer connection.Close() //nolint:errcheck // its work is done
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if _, err := channel.QueueDeclare(ingestName, true, false, false, false, nil); err != nil {
		return fmt.Errorf("make the queue %s: %w", ingestName, err)
	}
	return nil
}

func (p *product) readBrokerQueue(ctx context.Context) error {
	return lambda.Broker{
		URL: p.at.RabbitMQ.URL, Queue: ingestName, ARN: brokerARN, Function: p.stream, BatchSize: 1000, Window: time.Second,
	}.Run(ctx)
}
