package main

import (
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/object"
)

// record is one record of a batch: what its source says of it, and what becomes of it.
type record struct {
	collection.Record
	item       string // what the source's answer calls it: message id, sequence number, offset
	group      string // FIFO: message group; Kafka: topic-partition; RabbitMQ: queue::vhost
	queue      string // SQS: ARN of the queue it came from, whatever its dead letter says
	receipt    []byte // SQS: by which it is hidden for longer
	received   int    // SQS: how often, this time included
	whole      []byte // the event's own JSON of it
	original   []byte // as it came: what a dead letter keeps
	body       []byte // the same without base64
	attributes []byte // raw JSON of the message attributes: a dead letter keeps the producer's own
	source     string // eventSource
	eventID    string
	note       *deadletter.Note // of the dead letter that it was
	origin     string           // ARN of its source, says a dead letter without a note
	dated      time.Time        // when it first arrived, says a dead letter without a note
	encoded    bool             // the body is base64, says the dead letter it was
	elsewhere  bool             // the body is in the bucket and has not come yet
	claimed    string           // the collection that took it as a whole
	plain      bool             // no notification, whatever it looks like
	extent                      // of its object, says the message that it succeeds
	notices    []object.Notice  // objects that it tells of
	of         *passage         // the object that it is a line of; else nil
	place      extent           // in that object
	empty      bool             // holds nothing: nothing to store, nothing to lose

	failed bool    // has to come again
	dead   *letter // can never be stored; set until the dead letter is
}

// letter is why a record, or a document of it, goes to the dead-letter queue.
type letter struct {
	kind       string // class: flaw, refusal, or OpenSearch's exception
	cause      string
	collection string
	index      string
	document   string // the refused document's id
	version    int64  // and version, or change.NoVersion
	more       int    // further documents of the record with causes of their own
}

// condemn keeps the first cause.
func (r *record) condemn(l letter) {
	if r.dead == nil {
		r.dead = &l
		return
	}
	r.dead.more++
}
