package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// harness is a handler on a cluster in memory, with a queue that keeps dead letters.
type harness struct {
	*handler
	cluster *bulktest.Cluster
	queue   *mailbox
	store   *cupboard
	hidden  *hideout
	fleet   *fleet
	bucket  *bucket
	out     bytes.Buffer // log and metric lines
}

var noon = time.Date(2026, 5, 17, 12, 0, 0, 0, time.UTC)

func newHarness(t testing.TB) *harness {
	t.Helper()
	set, err := collection.LoadDir("../../collections")
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{cluster: &bulktest.Cluster{}, queue: &mailbox{}, store: &cupboard{objects: map[string][]byte{}}, hidden: &hideout{}, fleet: &fleet{}, bucket: &bucket{}}
	now := func() time.Time { return noon }
	h.handler = &handler{
		collections: set, indices: h.fleet, history: h.fleet, base: shelf{h.cluster},
		writer:  bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: 1000}, h.cluster),
		letters: Config{DeadLetterQueueURL: deadURL, ParkingQueueURL: parkingURL, DeadLetterAttempts: 3, DeadLetterBucket: "bucket"}.letters(h.queue, h.store), returns: returns{h.queue, newAddresses(h.queue)}, objects: h.bucket, most: 1 << 20,
		reserve: time.Second, stopping: context.Background(), now: now,
		visibility: newVisibility(Config{RetryDelay: 10 * time.Second, RetryDelayMax: time.Hour}, h.hidden, newAddresses(h.hidden)),
		log:        slog.New(slog.NewJSONHandler(&h.out, nil)), metrics: telemetry.New(&h.out, telemetry.Config{Namespace: "Sluice"}, "ingest", now),
	}
	h.compile()
	return h
}

// use replaces the collections.
func (h *harness) use(t *testing.T, files collectionFiles) {
	t.Helper()
	set, err := collection.Load(files.fs())
	if err != nil {
		t.Fatal(err)
	}
	h.collections = set
	h.compile()
}

// failures invokes and wants an answer: the ids in it.
func (h *harness) failures(t *testing.T, payload []byte) (ids []string) {
	t.Helper()
	ids, err := h.invoke(t, payload)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// invoke has a deadline of a minute, in which waits cost no time. The error is the
// function's: the batch comes again as a whole.
func (h *harness) invoke(t *testing.T, payload []byte) (ids []string, err error) {
	t.Helper()
	var reply []byte
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		stopping, stop := context.WithCancel(context.Background())
		defer stop()
		if h.stopping.Err() == nil {
			h.stopping = stopping
		}
		reply, err = h.Invoke(ctx, payload)
		h.stopping = context.Background()
	})
	if err != nil {
		return nil, err
	}
	return reported(t, payload, reply), nil
}

// reported judges the answer as AWS does: a list, each id of the batch, none twice.
func reported(t *testing.T, payload, reply []byte) (ids []string) {
	t.Helper()
	var answer struct {
		Failures *[]struct {
			ID json.RawMessage `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(reply, &answer); err != nil || answer.Failures == nil {
		t.Fatalf("not an answer: %s (%v)", reply, err)
	}
	seen := map[string]bool{}
	for _, f := range *answer.Failures {
		id := identifier(t, payload, f.ID)
		if id == "" || seen[id] {
			t.Fatalf("id %q: %s", id, reply)
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids
}

// identifier is an id of the batch, of Kafka's as partition/offset; else empty.
func identifier(t *testing.T, payload, raw []byte) string {
	t.Helper()
	var id string
	if json.Unmarshal(raw, &id) == nil && bytes.Contains(payload, []byte(`"`+id+`"`)) {
		return id
	}
	var at struct {
		Partition string
		Offset    int64
	}
	if json.Unmarshal(raw, &at) == nil && bytes.Contains(payload, fmt.Appendf(nil, `%q`, at.Partition)) {
		return fmt.Sprintf("%s/%d", at.Partition, at.Offset)
	}
	return ""
}

// fleet stands for the indices and their generations.
type fleet struct {
	mu          sync.Mutex
	ensured     []string
	forgotten   []string
	refuse      func(rotation.Target) error
	generations map[string][]rotation.Index
	stored      map[string]bool // "index/id"
}

func (f *fleet) Ensure(_ context.Context, t rotation.Target, _ rotation.Template) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ensured = append(f.ensured, t.Name)
	if f.refuse != nil {
		return f.refuse(t)
	}
	return nil
}

func (f *fleet) Forget(t rotation.Target) { f.forgotten = append(f.forgotten, t.Name) }

func (f *fleet) Generations(_ context.Context, name string) ([]rotation.Index, error) {
	return f.generations[name], nil
}

func (f *fleet) KeepFirst(context.Context, []string, []string) error { return nil }

func (f *fleet) Stored(_ context.Context, index string, ids []string) ([]bool, error) {
	found := make([]bool, len(ids))
	for i, id := range ids {
		found[i] = f.stored[index+"/"+id]
	}
	return found, nil
}

// mailbox keeps what it is sent; refuse answers an entry's error code.
type mailbox struct {
	letters []types.SendMessageBatchRequestEntry
	parked  []types.SendMessageBatchRequestEntry
	sent    []types.SendMessageBatchRequestEntry // to the queue itself
	batches int
	refuse  func(try int, e types.SendMessageBatchRequestEntry) string
	down    bool
}

func (m *mailbox) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	m.batches++
	if m.down || ctx.Err() != nil {
		return nil, errors.New("no answer")
	}
	out := &sqs.SendMessageBatchOutput{}
	size := 0
	for _, e := range in.Entries {
		size += len(*e.MessageBody)
		if m.refuse != nil {
			if code := m.refuse(m.batches, e); code != "" {
				out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String(code)})
				continue
			}
		}
		switch *in.QueueUrl {
		case parkingURL:
			m.parked = append(m.parked, e)
		case "http://localhost/ingest":
			m.sent = append(m.sent, e)
		default:
			m.letters = append(m.letters, e)
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	if len(in.Entries) > 10 || size > 1<<20 {
		return nil, errors.New("batch too large")
	}
	return out, nil
}

const deadURL, parkingURL = "http://localhost/dead", "http://localhost/parking"

// cupboard keeps what is put aside in memory.
type cupboard struct {
	objects map[string][]byte
	err     error
}

func (b *cupboard) Put(_ context.Context, bucket, key string, body []byte) error {
	b.objects[bucket+"/"+key] = bytes.Clone(body)
	return b.err
}

func (b *cupboard) Get(_ context.Context, bucket, key string, limit int) ([]byte, error) {
	body, ok := b.objects[bucket+"/"+key]
	switch {
	case b.err != nil:
		return nil, b.err
	case !ok:
		return nil, fault.New(fault.NotFound, "no such object")
	case len(body) > limit:
		return nil, fault.New(fault.TooLarge, "too large")
	}
	return body, nil
}

// brief is each letter in one line: body, then the attributes named.
func (m *mailbox) brief(names ...string) (all []string) {
	for _, l := range m.letters {
		line := *l.MessageBody
		for _, name := range names {
			line += " | " + aws.ToString(l.MessageAttributes[name].StringValue)
		}
		all = append(all, line)
	}
	return all
}

// note is that of the i-th letter.
func (m *mailbox) note(t testing.TB, i int) deadletter.Note {
	t.Helper()
	n, ok := deadletter.Parse(aws.ToString(m.letters[i].MessageAttributes[deadletter.Attribute].StringValue))
	if !ok {
		t.Fatalf("letter %d has no note: %v", i, m.letters[i].MessageAttributes)
	}
	return n
}

// redriven are all letters as someone moves them back: new message ids, nothing else.
func (m *mailbox) redriven(t testing.TB, arn string) []byte {
	t.Helper()
	var records []map[string]any
	for i, l := range append(m.letters, m.parked...) {
		attributes := map[string]any{}
		for name, v := range l.MessageAttributes {
			attributes[name] = map[string]any{"dataType": v.DataType, "stringValue": v.StringValue, "binaryValue": v.BinaryValue}
		}
		records = append(records, map[string]any{
			"messageId": fmt.Sprint("r", i), "body": l.MessageBody, "messageAttributes": attributes, "eventSource": "aws:sqs", "eventSourceARN": arn,
			"attributes": map[string]any{"SentTimestamp": "1779999999999", "MessageGroupId": l.MessageGroupId},
		})
	}
	m.letters, m.parked = nil, nil
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// sqsEvent is a batch of messages m0, m1, ...; a body may be preceded by "collection:".
func sqsEvent(arn string, bodies ...string) []byte {
	var records []string
	for i, body := range bodies {
		name, group := "logs", ""
		if before, after, ok := strings.Cut(body, "→"); ok {
			name, body = before, after
		}
		if before, after, ok := strings.Cut(name, "/"); ok {
			name, group = before, fmt.Sprintf(`,"MessageGroupId":%q`, after)
		}
		quoted, _ := json.Marshal(body)
		records = append(records, fmt.Sprintf(`{"messageId":"m%d","receiptHandle":"h","body":%s,"attributes":{"SentTimestamp":"1779008703310"%s},`+
			`"messageAttributes":{"collection":{"stringValue":%q,"stringListValues":[],"binaryListValues":[],"dataType":"String"}},`+
			`"eventSource":"aws:sqs","eventSourceARN":%q,"awsRegion":"us-east-1"}`, i, quoted, group, name, arn))
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

const (
	queueARN  = "arn:aws:sqs:us-east-1:000000000000:ingest"
	fifoARN   = "arn:aws:sqs:us-east-1:000000000000:ingest.fifo"
	streamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/ingest"
)

// kinesisEvent is a batch of records with sequence numbers 100, 101, ...
func kinesisEvent(data ...[]byte) []byte {
	var records []string
	for i, d := range data {
		records = append(records, fmt.Sprintf(`{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"p","sequenceNumber":"%d","data":%q,"approximateArrivalTimestamp":1779008703.31},`+
			`"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000000:%d","eventName":"aws:kinesis:record","awsRegion":"us-east-1","eventSourceARN":%q}`,
			100+i, base64.StdEncoding.EncodeToString(d), 100+i, streamARN))
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

func event1(n int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-05-17T09:05:0%dZ","message":"%d"}`, n%10, n)
}

// fallback is the set in which logs takes what nothing else claims.
func fallback(t *testing.T, h *harness) *collection.Set {
	t.Helper()
	set, err := h.collections.(*collection.Set).WithDefault("logs")
	if err != nil {
		t.Fatal(err)
	}
	return set
}
