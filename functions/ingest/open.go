package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// open takes off what a transport has wrapped a record in, and cuts it into documents,
// each with its index. What can never be one condemns the record; its other documents are
// stored all the same.
func (d *delivery) open(ctx context.Context, r *record) {
	if r.empty {
		d.counts.empty++
		return
	}
	if r.elsewhere && !d.fetch(ctx, r) {
		return
	}
	body, err := unpack(r.body)
	if err != nil {
		d.claim(r)
		r.condemn(letter{kind: "not_gzip", cause: "gzip: " + err.Error(), collection: r.claimed})
		return
	}
	d.bytes += len(body)
	d.inside(r, &r.Record, body, 0)
}

// cut cuts a body without wrappings into documents; c is nil if none claims it.
func (d *delivery) cut(r *record, from *collection.Record, c *collection.Collection, body []byte) {
	if !d.mayBelong(from, c) {
		r.condemn(unclaimed(from))
		return
	}
	d.pieces = envelope.Plain(d.pieces[:0], body)
	switch n := len(d.pieces); {
	case n == 0:
		r.condemn(letter{kind: "empty_body", cause: "the body is empty", collection: nameOf(c)})
	case n > envelope.Most:
		r.condemn(tooMany(c))
		return
	}
	for i, document := range d.pieces {
		p := part{record: r, from: from, place: i}
		if len(d.pieces) == 1 {
			p.place = collection.Sole
		}
		d.document(c, p, document)
	}
}

// mayBelong is true of what a collection has claimed, or may by the table that it names.
func (d *delivery) mayBelong(from *collection.Record, c *collection.Collection) bool {
	return c != nil || d.tables && from.Attribute == ""
}

// document opens the change message that a document may be; c is nil if none claims it.
func (d *delivery) document(c *collection.Collection, p part, document []byte) {
	switch {
	case d.unwrap(c, p, document):
	case c == nil:
		p.record.condemn(unclaimed(p.from))
	default:
		d.add(c, p, document)
	}
}

// claim notes whose the record is as a whole.
func (d *delivery) claim(r *record) *collection.Collection {
	c, _ := d.collections.Resolve(r.Record)
	r.claimed = nameOf(c)
	return c
}

func unclaimed(from *collection.Record) letter {
	return letter{kind: "unknown_collection", cause: unknown(from), collection: from.Attribute}
}

func tooMany(c *collection.Collection) letter {
	return letter{kind: "too_many_documents", cause: "more than " + strconv.Itoa(envelope.Most) + " documents", collection: nameOf(c)}
}

func nameOf(c *collection.Collection) string {
	if c == nil {
		return ""
	}
	return c.Name
}

func unknown(from *collection.Record) string {
	if from.Attribute != "" {
		return "there is no collection " + strconv.Quote(from.Attribute)
	}
	if from.Bucket != "" {
		return "no collection takes objects of s3://" + from.Bucket + "/" + from.Key
	}
	return "no collection takes records of " + from.ARN
}

func (d *delivery) add(c *collection.Collection, p part, document []byte) {
	wanted, err := d.documents[c].Change(*p.from, p.place, document)
	if errors.Is(err, collection.ErrHeading) {
		d.counts.skipped++
		return
	}
	if flaw, ok := errors.AsType[*collection.Flaw](err); ok {
		p.record.condemn(p.letter(flaw.Type, flaw.Text, c.Name, ""))
		return
	}
	d.put(c, p, wanted)
}

// put gives a change its index.
func (d *delivery) put(c *collection.Collection, p part, wanted change.Change) {
	target, err := c.Policy.WriteTarget(wanted.Time, d.began)
	if refusal, ok := errors.AsType[*rotation.Refusal](err); ok {
		p.record.condemn(p.letter(refusal.Cause, refusal.Text, c.Name, ""))
		return
	}
	if err != nil {
		p.record.failed = true
		d.problem.fail(err)
		return
	}
	p.policy = c.Policy
	item := bulk.Item{Change: wanted, Target: target}
	if wanted.Op == change.Delete && wanted.Version != change.NoVersion && c.Policy.Template().Tombstones {
		item.Tombstone = rotation.Tombstone(d.began)
	}
	if v, ok := bulk.Check(&item); !ok { // before anything asks for it by its id
		d.settle(p, item, v)
		return
	}
	d.items = append(d.items, item)
	d.parts = append(d.parts, p)
}

func (p part) letter(kind, cause, collectionName, index string) letter {
	if p.place != collection.Sole {
		cause = "document " + strconv.Itoa(p.place) + ": " + cause
	}
	return letter{kind: kind, cause: cause, collection: collectionName, index: index}
}

// cause is a verdict in one line: ours speaks for itself, OpenSearch's has a class.
func cause(v bulk.Verdict) string {
	if v.Status == 0 || v.Type == "too_large" {
		return v.Reason
	}
	return v.Type + ": " + v.Reason
}

// indexOf is what people are told.
func indexOf(t rotation.Target) string {
	if t.Index == "" || t.WriteIndex {
		return t.Name
	}
	return t.Index
}
