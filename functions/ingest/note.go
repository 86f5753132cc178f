package main

import (
	"cmp"
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
)

// note tells of a record all that people do not ask first. One that was a dead letter
// before keeps what was known of it.
func (d *delivery) note(r *record) deadletter.Note {
	n := deadletter.Note{
		Source: clean(sourceOf(r)), Position: clean(r.Position), Group: clean(r.group), Arrived: millisOf(r.Arrived), Died: millisOf(d.began),
		Named: r.Attribute != "", Attempts: attempts(r), Index: r.dead.index, Document: cut(clean(r.dead.document), maxDocument),
	}
	if !n.Named {
		n.Default = r.claimed
	}
	if r.dead.version != change.NoVersion && r.dead.document != "" {
		n.Version = &r.dead.version
	}
	if r.encoded {
		n.Encoding = message.Base64
	}
	if was := r.note; was != nil {
		n.Position, n.Group, n.Died = was.Position, was.Group, was.Died
		if r.elsewhere {
			n.Object, n.Bytes = was.Object, was.Bytes
		}
	}
	return n
}

const objectARN = "arn:aws:s3:::"

// sourceOf is the ARN of where a record came from; of an object's line, the object's.
func sourceOf(r *record) string {
	if r.Bucket != "" {
		return objectARN + r.Bucket + "/" + r.Key
	}
	return r.ARN
}

const maxDocument = 512 // bytes of an id

// attempts counts how often a record has died, this time included.
func attempts(r *record) int {
	if r.note == nil {
		return 1
	}
	return r.note.Attempts + 1
}

// identity is what makes a record's documents' ids where they have none of their own.
func identity(r *record) string { return cmp.Or(r.ID, r.Position) }

func millisOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
