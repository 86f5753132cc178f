package main

import (
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
)

// record is one record of a batch: what its source says of it, and what becomes of it.
type record struct {
	collection.Record
	item       string // what the source's answer calls it: message id, sequence number, offset
	group      string // FIFO: message group; Kafka: topic-partition; RabbitMQ: queue::vhost
	whole      []byte // the event's own JSON of it
	original   []byte // as it came: what a dead letter keeps
	body       []byte // the same without base64
	attributes []byte // raw JSON of the message attributes: a dead letter keeps the producer's own
	source     string // eventSource
	eventID    string
	origin     string    // ARN of its source, says the dead letter it was
	dated      time.Time // when it first arrived, says the dead letter it was
	encoded    bool      // base64, says the dead letter it was
	empty      bool      // holds nothing: nothing to store, nothing to lose

	failed bool    // has to come again
	dead   *letter // can never be stored; set until the dead letter is
}

// letter is why a record, or a document of it, goes to the dead-letter queue.
type letter struct {
	kind       string // class: flaw, refusal, or OpenSearch's exception
	cause      string
	collection string
	index      string
	more       int // further documents of the record with causes of their own
}

// condemn keeps the first cause.
func (r *record) condemn(l letter) {
	if r.dead == nil {
		r.dead = &l
		return
	}
	r.dead.more++
}
