package main

import (
	"errors"
	"fmt"
	"time"
)

// Config is ingest's own part of the environment.
type Config struct {
	// URL of the SQS queue that takes what can never be indexed. Required: without it a
	// bad record could only be lost or come for ever.
	DeadLetterQueueURL string `env:"DEAD_LETTER_QUEUE_URL"`
	// URL of the SQS queue that takes a dead letter which was redriven and died
	// DeadLetterAttempts times. Default none: such a letter is handed back as failed instead.
	ParkingQueueURL string `env:"PARKING_QUEUE_URL"`
	// How often a record may become a dead letter before it is parked. Default 5.
	DeadLetterAttempts int `env:"DEAD_LETTER_ATTEMPTS" envDefault:"5"`
	// Name of the S3 bucket that takes the bodies of dead letters larger than SQS's 1 MiB,
	// even gzipped. Default none: such a record is handed back as failed instead.
	DeadLetterBucket string `env:"DEAD_LETTER_BUCKET"`
	// Preview: nothing is stored or dead-lettered, every record is handed back, and the answer
	// says what would become of it. For `local dead-letters preview`, which sets it. Default false.
	Preview bool `env:"INGEST_PREVIEW" envDefault:"false"`
	// How long before the invocation's deadline it stops sending and reports what is
	// unprocessed. Default 2s; zero: at the deadline itself, which is too late.
	DeadlineReserve time.Duration `env:"DEADLINE_RESERVE" envDefault:"2s"`
	// Whether Kafka's event source mapping has ReportBatchItemFailures (provisioned mode):
	// each partition then goes on from its first failed offset. Default false: a failed
	// record fails its batch with an error, and all of it comes again.
	KafkaItemFailures bool `env:"KAFKA_ITEM_FAILURES"`
	// How long a message that failed stays hidden when it failed for the first time,
	// doubled each further time, less up to a quarter at random. A failed batch of a stream,
	// topic or broker is answered no sooner than that after it came. Default 10s; zero: the queue's
	// visibility timeout decides, and Lambda.
	RetryDelay time.Duration `env:"RETRY_DELAY" envDefault:"10s"`
	// The longest a message that failed stays hidden, 11h at most. With the default, 1h, a
	// queue that gives a message up after 100 receives outlasts an outage of 69 hours.
	RetryDelayMax time.Duration `env:"RETRY_DELAY_MAX" envDefault:"1h"`
}

// SQS hides a message for 12 hours at most, counted from when it was received.
const maxRetryDelay = 11 * time.Hour

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if c.DeadLetterQueueURL == "" {
		mistakes = append(mistakes, errors.New("DEAD_LETTER_QUEUE_URL is missing: give the URL of the SQS queue for records that can never be indexed"))
	}
	if c.DeadLetterAttempts < 1 {
		mistakes = append(mistakes, errors.New("DEAD_LETTER_ATTEMPTS is below 1: give a number such as 5"))
	}
	if c.ParkingQueueURL != "" && c.ParkingQueueURL == c.DeadLetterQueueURL {
		mistakes = append(mistakes, errors.New("PARKING_QUEUE_URL is the dead-letter queue itself: give another queue"))
	}
	if c.DeadlineReserve < 0 {
		mistakes = append(mistakes, errors.New("DEADLINE_RESERVE is negative: give a duration such as 2s"))
	}
	if c.RetryDelay < 0 || c.RetryDelay > 0 && c.RetryDelay < time.Second || c.RetryDelay > maxRetryDelay {
		mistakes = append(mistakes, fmt.Errorf("RETRY_DELAY is %s: give 1s to 11h, or 0 for none", c.RetryDelay))
	}
	if c.RetryDelayMax < c.RetryDelay || c.RetryDelayMax > maxRetryDelay {
		mistakes = append(mistakes, fmt.Errorf("RETRY_DELAY_MAX is %s: give RETRY_DELAY (%s) to 11h", c.RetryDelayMax, c.RetryDelay))
	}
	return errors.Join(mistakes...)
}

func (c Config) letters(queue queue, store store) letters {
	return letters{queue, store, c.DeadLetterQueueURL, c.ParkingQueueURL, c.DeadLetterBucket, c.DeadLetterAttempts}
}
