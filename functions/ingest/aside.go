package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/message"
)

// A dead letter that is too large for its queue leaves its body in the bucket; what is
// sent is a pointer, whose note has the object's key.

// putAside stores a record's body and returns the pointer's text.
func (l letters) putAside(ctx context.Context, r *record) (pointer, key string, err error) {
	key = objectKey(r)
	if err := l.store.Put(ctx, l.bucket, key, r.original); err != nil {
		return "", "", err
	}
	return pointerTo(l.bucket, key, len(r.original)), key, nil
}

func pointerTo(bucket, key string, bytes int) string {
	text, _ := json.Marshal(struct { // strings and a number only
		Body  string `json:"body"`
		Bytes int    `json:"bytes"`
	}{"s3://" + bucket + "/" + key, bytes})
	return string(text)
}

var plainName = regexp.MustCompile(`^[a-z0-9-]{1,100}$`)

// objectKey is collection/date/hash of the position: the same for a record however
// often it dies, so that an object is replaced and not added. A producer's id would not
// do: several records may be about one thing.
func objectKey(r *record) string {
	if r.note != nil && r.note.Object != "" {
		return r.note.Object
	}
	folder, day := "unclaimed", "undated"
	if plainName.MatchString(r.dead.collection) {
		folder = r.dead.collection
	}
	if !r.Arrived.IsZero() {
		day = r.Arrived.Format("2006-01-02")
	}
	sum := sha256.Sum256([]byte(r.ARN + "\n" + r.Position))
	return folder + "/" + day + "/" + hex.EncodeToString(sum[:16])
}

// fetch brings the body of a redriven pointer. Without its object the letter stays one;
// what may be reached later makes the record come again.
func (d *delivery) fetch(ctx context.Context, r *record) (here bool) {
	err := error(fault.New(fault.Conflict, "the body of a dead letter is in a bucket, and DEAD_LETTER_BUCKET is missing: give its name"))
	if d.letters.bucket != "" {
		var body []byte
		if body, err = d.letters.store.Get(ctx, d.letters.bucket, r.note.Object, message.MaxUnpacked); err == nil {
			r.original, r.body, r.elsewhere = body, body, false
			r.decode()
			return true
		}
	}
	d.claim(r)
	switch fault.KindOf(err) {
	case fault.NotFound:
		r.condemn(letter{kind: "object_missing", cause: "its body is gone from the bucket: " + r.note.Object, collection: r.claimed})
	case fault.TooLarge:
		r.condemn(letter{kind: "object_too_large", cause: "its body in the bucket has more than " + strconv.Itoa(message.MaxUnpacked) + " bytes", collection: r.claimed})
	default:
		r.failed = true
		d.problem.fail(err)
	}
	return false
}

// release lets go of bodies that were fetched: a batch of pointers may be a hundred
// times its payload. A notification may still die.
func release(records []*record) {
	for _, r := range records {
		if r.note != nil && r.note.Object != "" && len(r.notices) == 0 {
			r.original, r.body, r.elsewhere = nil, nil, true
		}
	}
}
