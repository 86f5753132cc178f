package producer

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/message"
)

// QueueAPI is the part of *sqs.Client that a producer needs.
type QueueAPI interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// NewQueue makes a producer for an SQS queue; one whose URL ends in .fifo keeps the
// order of messages with one key.
func NewQueue(api QueueAPI, url string, c Config) *Producer {
	return newProducer(queue{api, url}, c)
}

type queue struct {
	api QueueAPI
	url string
}

const queueBatch = 10 // messages, of 1 MiB together

func (q queue) limits() (messages, bytes int) { return queueBatch, maxRecord }

func (q queue) wrap(m Message) (parcel, error) {
	if len(m.Body) == 0 {
		return parcel{}, empty()
	}
	if len(m.Body) > message.MaxUnpacked {
		return parcel{}, tooLarge(len(m.Body))
	}
	p := parcel{Message: m, key: cmp.Or(m.Key, m.ID)}
	if q.fifo() {
		p.once = rand.Text() // what is sent twice is taken once; what comes twice, such as a log line, is two
	}
	for _, a := range m.attributes() {
		if a[1] != "" {
			p.size += len(a[0]) + len("String") + len(a[1])
		}
	}
	const marked = len("encoding") + len("String") + len(message.Base64)
	p.body, p.encoding = text(m.Body, maxRecord-p.size-marked)
	if p.encoding != "" {
		p.size += marked
	}
	if p.size += len(p.body); p.size > maxRecord {
		return parcel{}, tooLarge(p.size)
	}
	return p, nil
}

func (q queue) put(ctx context.Context, batch []parcel) []error {
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
	for i, p := range batch {
		in.Entries = append(in.Entries, q.entry(strconv.Itoa(i), p))
	}
	out, err := q.api.SendMessageBatch(ctx, in)
	if err == nil {
		return queueFates(out, len(batch))
	}
	err = requestFault(err)
	if len(batch) > 1 && fault.KindOf(err) == fault.Invalid { // one of them is to blame
		return q.single(ctx, batch)
	}
	return all(err, len(batch))
}

func (q queue) single(ctx context.Context, batch []parcel) (fates []error) {
	for i := range batch {
		fates = append(fates, q.put(ctx, batch[i:i+1])...)
	}
	return fates
}

// attributes are what ingest has to know, apart from the encoding; an empty one is none.
func (m Message) attributes() [][2]string {
	plain := ""
	if m.Plain {
		plain = "true"
	}
	return [][2]string{{"collection", m.Collection}, {"id", m.ID}, {"plain", plain}}
}

func (q queue) entry(id string, p parcel) types.SendMessageBatchRequestEntry {
	e := types.SendMessageBatchRequestEntry{Id: &id, MessageBody: aws.String(string(p.body))}
	for _, a := range append(p.attributes(), [2]string{"encoding", p.encoding}) {
		if a[1] == "" {
			continue
		}
		if e.MessageAttributes == nil {
			e.MessageAttributes = map[string]types.MessageAttributeValue{}
		}
		e.MessageAttributes[a[0]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &a[1]}
	}
	if q.fifo() {
		e.MessageGroupId, e.MessageDeduplicationId = aws.String(group(cmp.Or(p.key, p.Collection, "sluice"))), &p.once
	}
	return e
}

func (q queue) fifo() bool { return strings.HasSuffix(q.url, ".fifo") }

// group is the key itself where SQS takes it: up to 128 printable characters of ASCII.
func group(key string) string {
	if len(key) <= 128 && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// queueFates takes a message for failed that the answer does not name.
func queueFates(out *sqs.SendMessageBatchOutput, n int) []error {
	fates := all(fault.New(fault.Unavailable, "the queue did not say whether it took the message: send it again"), n)
	for _, s := range out.Successful {
		if i, ok := placeOf(s.Id, n); ok {
			fates[i] = nil
		}
	}
	for _, f := range out.Failed {
		kind := fault.Unavailable
		if f.SenderFault {
			kind = fault.Invalid
		}
		if i, ok := placeOf(f.Id, n); ok {
			fates[i] = fault.Wrap(kind, "the queue did not take the message", errors.New(aws.ToString(f.Code)))
		}
	}
	return fates
}

func placeOf(id *string, n int) (int, bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < n && strconv.Itoa(i) == *id
}

func all(err error, n int) []error {
	fates := make([]error, n)
	for i := range fates {
		fates[i] = err
	}
	return fates
}
