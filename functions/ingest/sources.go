package main

import "github.com/sluice-dev/sluice/shared/batch"

// source is one kind of event source: how its records are read, and how its partial
// batch answer is made.
type source struct {
	name string // eventSource
	// field reads one member of a record, if it is one of the source's own.
	field func(s *scanner, r *record, name []byte) (own bool, err error)
	// finish makes sense of what was read.
	finish func(s *scanner, r *record) error
	// answer is the order that the source keeps; waves if it must be kept while writing.
	answer func(arn string) (answer batch.Answer, waves bool)
	// again is what comes again with a failed record.
	again again
}

// again is what a source delivers once more where a record has failed.
type again int

const (
	alone     again = iota // the records that the answer names
	behind                 // all from the first failed one of its group on; a shard is one group
	partition              // as behind, if the mapping is told so; else as whole
	whole                  // the batch
)

// sources are all there are. A new one is one file and one line.
var sources = [...]source{
	{"aws:sqs", sqsField, sqsFinish, sqsAnswer, alone},
	{"aws:kinesis", kinesisField, kinesisFinish, streamAnswer, behind},
	{"aws:dynamodb", dynamodbField, dynamodbFinish, streamAnswer, behind},
	{"aws:kafka", kafkaField, kafkaFinish, kafkaAnswer, partition},
	{"SelfManagedKafka", kafkaField, kafkaFinish, kafkaAnswer, partition},
	{"aws:rmq", rabbitmqField, rabbitmqFinish, rabbitmqAnswer, whole},
}

func sourceNamed(name string) (*source, bool) {
	for i := range sources {
		if sources[i].name == name {
			return &sources[i], true
		}
	}
	return nil, false
}
