package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
)

// entry is one dead letter, ready to send: the record's body unchanged, and beside it
// what went wrong and what brings it back to the same document.
type entry struct {
	types.SendMessageBatchRequestEntry
	record *record
	size   int
}

// maxAttributes is SQS's limit; ours come first, then the producer's own.
const (
	maxAttributes = 10
	maxCause      = 1024
)

var unburied = bulk.Verdict{Outcome: bulk.Retry, Type: "dead_letter_not_stored"}

// entry holds the body as it came or, where that and its cause are over SQS's limit,
// gzipped: what comes back is unpacked like any body. Larger even so, it is put aside.
func (d *delivery) entry(ctx context.Context, r *record, url string) (entry, error) {
	note := d.note(r)
	if r.elsewhere { // a pointer whose body could not be had: it stays one
		return fitting(holding(r, url, string(r.original), note))
	}
	body, encoding := sendable(r.original)
	note.Encoding = cmp.Or(note.Encoding, encoding)
	e := holding(r, url, body, note)
	if e.size > maxMessage && !r.encoded && !packed(r.original) {
		body, note.Encoding = sendable(message.Gzip(r.original))
		e = holding(r, url, body, note)
	}
	if e.size <= maxMessage {
		return e, nil
	}
	if r.of != nil && r.extent == (extent{}) { // an object's line
		r.byPlace()
		return d.entry(ctx, r, url)
	}
	if d.letters.bucket == "" {
		return e, fmt.Errorf("%w: %d bytes, and there is no DEAD_LETTER_BUCKET", errTooLarge, e.size)
	}
	pointer, key, err := d.letters.putAside(ctx, r)
	if err != nil {
		return e, err
	}
	note.Object, note.Bytes, note.Encoding = key, len(r.original), ""
	if r.encoded {
		note.Encoding = message.Base64
	}
	return fitting(holding(r, url, pointer, note))
}

// fitting refuses what no batch can hold: the producer's attributes may be as large as a
// message by themselves.
func fitting(e entry) (entry, error) {
	if e.size > maxMessage {
		return e, fmt.Errorf("%w: %d bytes, most of them in its attributes", errTooLarge, e.size)
	}
	return e, nil
}

// onceOf tells a letter sent again from that of another record: item ids are unique
// within their group only, and those that were one record share theirs.
func onceOf(r *record) string {
	sum := sha256.Sum256([]byte(r.group + "\n" + r.item + "\n" + r.Position))
	return hex.EncodeToString(sum[:])
}

func holding(r *record, url, body string, note deadletter.Note) entry {
	e := entry{record: r, size: len(body)}
	e.MessageBody, e.MessageAttributes = aws.String(body), ours(r, note)
	keep(e.MessageAttributes, r)
	if isFIFO(url) {
		e.MessageGroupId, e.MessageDeduplicationId = aws.String(cmp.Or(r.group, "dead")), aws.String(onceOf(r))
	}
	for name, v := range e.MessageAttributes {
		e.size += len(name) + len(*v.DataType) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
	}
	return e
}

// sendable is a body as SQS takes it: text of the characters it allows, else base64.
func sendable(original []byte) (body, encoding string) {
	if message.Sendable(original) {
		return string(original), ""
	}
	return base64.StdEncoding.EncodeToString(original), message.Base64
}

func ours(r *record, note deadletter.Note) map[string]types.MessageAttributeValue {
	cause := r.dead.cause
	if r.dead.more > 0 {
		cause = fmt.Sprintf("%s (and %d more)", cut(cause, maxCause-32), r.dead.more)
	}
	return attributesOf([][2]string{
		{deadletter.Cause, cut(cause, maxCause)}, {deadletter.Type, r.dead.kind}, {deadletter.Collection, cmp.Or(r.Attribute, r.dead.collection)},
		{deadletter.ID, identity(r)}, {deadletter.Attribute, note.String()}, {"range", r.String()}, {"etag", r.etag}, {"plain", plainly(r)},
	})
}

// plainly keeps an object's line from being taken for a notification when it comes back.
func plainly(r *record) string {
	if r.plain || r.of != nil && r.extent == (extent{}) {
		return "true"
	}
	return ""
}

func attributesOf(named [][2]string) map[string]types.MessageAttributeValue {
	all := make(map[string]types.MessageAttributeValue, maxAttributes)
	for _, a := range named {
		if value := clean(a[1]); value != "" {
			all[a[0]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	return all
}

// keep adds the producer's own attributes while there is room. An empty one, which
// other queues than SQS let in, would have the whole batch of letters refused.
func keep(all map[string]types.MessageAttributeValue, r *record) {
	_ = eachAttribute(r.attributes, func(a attribute) { // it was walked when it came
		if _, taken := all[a.name]; taken || len(all) == maxAttributes || a.kind == "" || a.text+a.binary == "" {
			return
		}
		value := types.MessageAttributeValue{DataType: aws.String(a.kind)}
		if strings.HasPrefix(a.kind, "Binary") {
			value.BinaryValue, _ = base64.StdEncoding.DecodeString(a.binary)
		} else {
			value.StringValue = aws.String(a.text)
		}
		all[a.name] = value
	})
}

// clean drops what SQS refuses in an attribute.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if !message.Allowed(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

func cut(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
