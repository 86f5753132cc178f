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
func (d *delivery) inside(r *record, from *collection.Record, body []byte, depth int) {
	c, _ := d.collections.Resolve(*from)
	if from == &r.Record {
		r.claimed = nameOf(c)
	}
	part := r.extent != (extent{}) // of an object: a notification, whatever its lines are
	if depth < maxWrappings && (part || c.Unwraps()) {
		if d.noticed(r, *from, body) {
			return
		}
		if contents, wrapped := envelope.Unwrap(body); wrapped {
			if len(contents) > envelope.Most {
				r.condemn(tooMany(c))
				return
			}
			for _, content := range contents {
				d.content(r, from, content, depth)
			}
			return
		}
	}
	d.cut(r, from, c, body)
}

func (d *delivery) content(r *record, from *collection.Record, content envelope.Content, depth int) {
	inner := enclosed(*from, content)
	switch {
	case content.Skip != "":
		d.skipWrapped(content)
	case content.Sole:
		d.sole(r, &inner, content)
	default:
		r.Record = inner // a dead letter's id, collection and time are those of what is inside
		if content.Wraps {
			d.inside(r, &r.Record, content.Body, depth+1)
			return
		}
		d.sole(r, &r.Record, content)
	}
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

// sole makes a content one document: of an event its detail, or all where the collection
// has fields for that.
func (d *delivery) sole(r *record, from *collection.Record, content envelope.Content) {
	c, _ := d.collections.Resolve(*from)
	if !d.mayBelong(from, c) {
		r.condemn(unclaimed(from))
		return
	}
	p := part{record: r, from: from, place: collection.Sole}
	switch {
	case c != nil && content.Event != nil && d.documents[c].TakesEvents():
		d.add(c, p, content.Event)
	case c != nil && content.Log != nil: // never a change message
		d.add(c, p, content.Body)
	default:
		d.document(c, p, content.Body)
	}
}

// skipWrapped counts what a transport says for itself.
func (d *delivery) skipWrapped(content envelope.Content) {
	d.counts.skipped++
	if content.Skip == "SubscriptionConfirmation" || content.Skip == "UnsubscribeConfirmation" {
		d.log.Warn("SNS asks the queue to confirm, which nobody does: subscribe the queue from the account that owns it",
			slog.String("asks", content.Skip), slog.String("topic", content.From))
	}
}
