package main

import (
	"log/slog"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
)

// maxWrappings is one more than AWS nests: S3 or EventBridge in SNS in SQS.
const maxWrappings = 3

// inside takes the wrappings of transports off a body, one after the other, unless the
// body's collection takes all as it comes.
func (d *delivery) inside(r *record, from collection.Record, body []byte, depth int) {
	if c, _ := d.collections.Resolve(from); depth < maxWrappings && c.Unwraps() {
		if d.noticed(r, from, body) {
			return
		}
		if contents, wrapped := envelope.Unwrap(body); wrapped {
			for _, content := range contents {
				d.content(r, from, content, depth)
			}
			return
		}
	}
	d.cut(r, from, body)
}

func (d *delivery) content(r *record, from collection.Record, content envelope.Content, depth int) {
	switch from = enclosed(from, content); {
	case content.Skip != "":
		d.skipWrapped(content)
	case content.Sole:
		d.sole(r, from, content.Body)
	default:
		r.Record = from // a dead letter's id, collection and time are those of what is inside
		if content.Wraps {
			d.inside(r, from, content.Body, depth+1)
			return
		}
		d.sole(r, from, d.eventOrDetail(from, content))
	}
}

// eventOrDetail is what the collection has fields for.
func (d *delivery) eventOrDetail(from collection.Record, content envelope.Content) []byte {
	if c, ok := d.collections.Resolve(from); ok && d.documents[c].TakesEvents() {
		return content.Event
	}
	return content.Body
}

// enclosed is what is known of a wrapping's content. What the outermost message says of
// itself goes first: it may be a dead letter of ours. Its id is not that of one of several.
func enclosed(from collection.Record, content envelope.Content) collection.Record {
	if from.Attribute == "" {
		from.Attribute = content.Collection
	}
	if from.ID == "" || content.Sole {
		from.ID = content.ID
	}
	if content.Position != "" {
		from.Position = content.Position
	}
	from.Log = content.Log
	if t := content.Taken; !t.IsZero() && (from.Arrived.IsZero() || t.Before(from.Arrived)) {
		from.Arrived = t.UTC()
	}
	return from
}

// sole makes a content one document.
func (d *delivery) sole(r *record, from collection.Record, body []byte) {
	c, ok := d.collections.Resolve(from)
	if !ok && (!d.tables || from.Attribute != "") {
		r.condemn(unclaimed(from))
		return
	}
	p := part{record: r, from: from, place: collection.Sole}
	if c != nil && from.Log != nil { // never a change message
		d.add(c, p, body)
		return
	}
	d.document(c, p, body)
}

// skipWrapped counts what a transport says for itself.
func (d *delivery) skipWrapped(content envelope.Content) {
	d.counts.skipped++
	if content.Skip == "SubscriptionConfirmation" || content.Skip == "UnsubscribeConfirmation" {
		d.log.Warn("SNS asks the queue to confirm, which nobody does: subscribe the queue from the account that owns it",
			slog.String("asks", content.Skip), slog.String("topic", content.From))
	}
}
