package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/bulk"
)

// entry is one dead letter, ready to send: the record's body unchanged, and beside it
// what went wrong and what brings it back to the same document: collection, id and
// time of arrival.
type entry struct {
	types.SendMessageBatchRequestEntry
	record *record
	size   int
}

const base64Encoding = "base64"

// maxAttributes is SQS's limit; ours come first, then the producer's own.
const (
	maxAttributes = 10
	maxCause      = 1024
)

var unburied = bulk.Verdict{Outcome: bulk.Retry, Type: "dead_letter_not_stored"}

// entry holds the body as it came or, where that and its cause are over SQS's limit,
// gzipped: what comes back is unpacked like any body.
func (l letters) entry(r *record) (entry, error) {
	e := l.holding(r, r.original)
	if e.size > maxMessage && !r.encoded && !packed(r.original) {
		e = l.holding(r, pack(r.original))
	}
	if e.size > maxMessage {
		return e, fmt.Errorf("%w: %d bytes", errTooLarge, e.size)
	}
	return e, nil
}

func (l letters) holding(r *record, original []byte) entry {
	e := entry{record: r}
	body, encoding := sendable(original)
	if r.encoded {
		encoding = base64Encoding // the letter that it was is one still
	}
	attributes := ours(r, encoding)
	keep(attributes, r)
	e.MessageBody, e.MessageAttributes = aws.String(body), attributes
	if strings.HasSuffix(l.url, ".fifo") {
		e.MessageGroupId, e.MessageDeduplicationId = aws.String(groupOf(r)), aws.String(r.item)
	}
	e.size = len(body)
	for name, v := range attributes {
		e.size += len(name) + len(*v.DataType) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
	}
	return e
}

// sendable is a body as SQS takes it: text of the characters it allows, else base64.
func sendable(original []byte) (body, encoding string) {
	if utf8.Valid(original) && !slices.ContainsFunc([]rune(string(original)), forbidden) {
		return string(original), ""
	}
	return base64.StdEncoding.EncodeToString(original), base64Encoding
}

// forbidden characters: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func forbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func ours(r *record, encoding string) map[string]types.MessageAttributeValue {
	id := r.ID
	if id == "" {
		id = r.Position
	}
	cause := r.dead.cause
	if r.dead.more > 0 {
		cause = fmt.Sprintf("%s (and %d more)", cut(cause, maxCause-32), r.dead.more)
	}
	return attributesOf([][2]string{
		{"cause", cut(cause, maxCause)}, {"type", r.dead.kind}, {"collection", r.dead.collection},
		{"source", r.ARN}, {"index", r.dead.index}, {"id", id},
		{"arrived", arrived(r)}, {"encoding", encoding}, {"range", r.String()}, {"etag", r.etag},
	})
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

func arrived(r *record) string {
	if r.Arrived.IsZero() {
		return ""
	}
	return strconv.FormatInt(r.Arrived.UnixMilli(), 10)
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
		if forbidden(r) {
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

// groupOf keeps a FIFO queue's groups.
func groupOf(r *record) string {
	if r.group != "" {
		return r.group
	}
	return "dead"
}
