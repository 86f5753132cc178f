package main

import (
	"context"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/object"
)

// noticed keeps the objects that a notification of S3 tells of: they are read once the
// batch's other records are written. What brings no object is counted, and that is all.
func (d *delivery) noticed(r *record, from collection.Record, body []byte) bool {
	if r.of != nil || r.plain {
		return false // neither an object's line nor a posted document brings an object
	}
	n, ok := object.Notified(body)
	if !ok {
		return false
	}
	d.counts.skipped += n.Others
	r.Record = from
	for _, o := range n.Created {
		if o.Size == 0 {
			d.counts.empty++
			continue
		}
		r.notices = append(r.notices, o)
	}
	if len(r.notices) > 0 && !r.returnable() {
		r.notices = nil
		r.condemn(letter{kind: "notification_misplaced", cause: "objects are read for notifications in a standard queue alone, to which a long one can go back: move this message to the ingest queue"})
	}
	return true
}

// returnable says that the record's queue takes what is left of it as another message.
func (r *record) returnable() bool { return r.queue != "" && !isFIFO(r.queue) }

// readObjects reads the objects of a batch, one after the other. A notification of
// several is taken apart into messages of one each. What the time does not suffice for
// goes back to the queue as well, if the invocation has brought anything forward.
func (d *delivery) readObjects(ctx context.Context) {
	if d.objects == nil {
		d.leaveObjects()
		return
	}
	reading, cancel := until(ctx, d.reserve) // the rest is for what comes after
	defer cancel()
	var back []successor
	for i := range d.records {
		r := &d.records[i]
		switch {
		case r.failed || len(r.notices) == 0:
		case len(r.notices) > 1:
			for _, n := range r.notices {
				back = append(back, successor{record: r, notice: n})
			}
		case reading.Err() == nil:
			d.readObject(ctx, reading, r)
		case ctx.Err() == nil && d.advanced():
			back = append(back, successor{record: r, notice: r.notices[0], extent: r.extent})
		default:
			d.leave([]*record{r})
		}
	}
	d.handOver(ctx, back)
}

// leaveObjects is a preview's: what a notification would bring is not looked at.
func (d *delivery) leaveObjects() {
	for i := range d.records {
		if r := &d.records[i]; len(r.notices) > 0 {
			r.failed = true
			d.problem.note(bulk.Verdict{Type: "objects_not_previewed"})
		}
	}
}

// advanced says that something of the batch is done.
func (d *delivery) advanced() bool {
	o := d.counts.outcomes
	return o[bulk.Stored]+o[bulk.Duplicate]+o[bulk.Stale]+o[bulk.Gone]+d.counts.letters+d.counts.objects > 0
}
