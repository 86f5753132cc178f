package main

import (
	"errors"
	"time"
)

// Config is ingest's own part of the environment.
type Config struct {
	// URL of the SQS queue that takes what can never be indexed. Required: without it a
	// bad record could only be lost or come for ever.
	DeadLetterQueueURL string `env:"DEAD_LETTER_QUEUE_URL"`
	// How long before the invocation's deadline it stops sending and reports what is
	// unprocessed. Default 2s; zero: at the deadline itself, which is too late.
	DeadlineReserve time.Duration `env:"DEADLINE_RESERVE" envDefault:"2s"`
	// Whether Kafka's event source mapping has ReportBatchItemFailures (provisioned mode):
	// each partition then goes on from its first failed offset. Default false: a failed
	// record fails its batch with an error, and all of it comes again.
	KafkaItemFailures bool `env:"KAFKA_ITEM_FAILURES"`
}

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if c.DeadLetterQueueURL == "" {
		mistakes = append(mistakes, errors.New("DEAD_LETTER_QUEUE_URL is missing: give the URL of the SQS queue for records that can never be indexed"))
	}
	if c.DeadlineReserve < 0 {
		mistakes = append(mistakes, errors.New("DEADLINE_RESERVE is negative: give a duration such as 2s"))
	}
	return errors.Join(mistakes...)
}
