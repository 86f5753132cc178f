package main

import (
	"errors"
	"strconv"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// open cuts a record into documents, each with its index. What can never be one
// condemns the record; its other documents are stored all the same.
func (d *delivery) open(r *record) {
	if r.empty {
		d.counts.empty++
		return
	}
	c, ok := d.collections.Resolve(r.Record)
	if !ok && (!d.tables || r.Attribute != "") {
		r.condemn(unclaimed(r))
		return
	}
	body, err := unpack(r.body)
	if err != nil {
		r.condemn(letter{kind: "not_gzip", cause: "gzip: " + err.Error(), collection: nameOf(c)})
		return
	}
	d.bytes += len(body)
	d.pieces = envelope.Plain(d.pieces[:0], body)
	switch n := len(d.pieces); {
	case n == 0:
		r.condemn(letter{kind: "empty_body", cause: "the body is empty", collection: nameOf(c)})
	case n > envelope.Most:
		r.condemn(letter{kind: "too_many_documents", cause: "more than " + strconv.Itoa(envelope.Most) + " documents", collection: nameOf(c)})
		return
	}
	for i, document := range d.pieces {
		p := part{record: r, place: i}
		if len(d.pieces) == 1 {
			p.place = collection.Sole
		}
		switch {
		case d.unwrap(c, p, document):
		case !ok:
			r.condemn(unclaimed(r))
		default:
			d.add(c, p, document)
		}
	}
}

func unclaimed(r *record) letter {
	return letter{kind: "unknown_collection", cause: unknown(r), collection: r.Attribute}
}

func nameOf(c *collection.Collection) string {
	if c == nil {
		return ""
	}
	return c.Name
}

func unknown(r *record) string {
	if r.Attribute != "" {
		return "there is no collection " + strconv.Quote(r.Attribute)
	}
	return "no collection takes records of " + r.ARN
}

func (d *delivery) add(c *collection.Collection, p part, document []byte) {
	wanted, err := d.documents[c].Change(p.record.Record, p.place, document)
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
	d.items = append(d.items, bulk.Item{Change: wanted, Target: target})
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
