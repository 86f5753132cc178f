package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/message"
)

// scanned are the records of an event as we read them; typed is given the event as
// aws-lambda-go reads it.
func scanned(t *testing.T, name string, typed any) []record {
	t.Helper()
	payload := lambdatest.Load(t, name)
	if err := json.Unmarshal(payload, typed); err != nil {
		t.Fatal(err)
	}
	e, err := scan(payload, &memory{})
	if err != nil {
		t.Fatal(err)
	}
	return e.records
}

func TestScanReadsWhatTheTypedEventReads(t *testing.T) {
	for _, name := range []string{"ingest-sqs.json", "ingest-sqs-fifo.json", "ingest-sqs-mixed.json"} {
		var typed events.SQSEvent
		records := scanned(t, name, &typed)
		if len(records) != len(typed.Records) {
			t.Fatal(len(records))
		}
		for i, want := range typed.Records {
			got := records[i]
			if got.item != want.MessageId || got.Position != want.MessageId || string(got.original) != want.Body || got.ARN != want.EventSourceARN ||
				fmt.Sprint(got.Arrived.UnixMilli()) != want.Attributes["SentTimestamp"] || got.group != want.Attributes["MessageGroupId"] ||
				got.Attribute != *want.MessageAttributes["collection"].StringValue {
				t.Errorf("%s: record %d: %+v", name, i, got)
			}
		}
	}
}

func TestScanReadsStreams(t *testing.T) {
	for _, name := range []string{"ingest-kinesis.json", "ingest-kinesis-gzip.json"} {
		var typed events.KinesisEvent
		records := scanned(t, name, &typed)
		if len(records) != len(typed.Records) {
			t.Fatal(len(records))
		}
		for i, want := range typed.Records {
			got := records[i]
			arrived := want.Kinesis.ApproximateArrivalTimestamp.Time
			if got.item != want.Kinesis.SequenceNumber || got.Position != "sluice-ingest:"+want.EventID || !bytes.Equal(got.original, want.Kinesis.Data) ||
				got.Arrived.Sub(arrived).Abs() > time.Millisecond {
				t.Errorf("%s: record %d: %+v", name, i, got)
			}
			if body, err := unpack(got.body); strings.Contains(name, "gzip") && !bytes.HasPrefix(body, []byte(`{"@timestamp"`)) {
				t.Errorf("%s: record %d: %q %v", name, i, body, err)
			}
		}
	}
}

// Attributes named like the event's own members, and members in any order.
func TestScanIsNotFooledByNames(t *testing.T) {
	e, err := scan([]byte(`{"other":{"Records":[]},"Records":[{"eventSource":"aws:sqs","messageAttributes":{"eventSource":{"stringValue":"aws:kinesis","dataType":"String"},
		"collection":{"stringValue":"a\u0062\"","dataType":"String"}},"body":"{\"eventSource\":\"aws:kinesis\",\"Records\":[]}","eventSourceARN":"q","kinesisx":{"a":[1]},"messageId":"1"}]}`), &memory{})
	if err != nil || e.name != "aws:sqs" || e.records[0].Attribute != `ab"` || string(e.records[0].body) != `{"eventSource":"aws:kinesis","Records":[]}` {
		t.Errorf("%+v %v", e.records, err)
	}
}

func TestBombIsNotUnpacked(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	if got := h.failures(t, kinesisEvent(zip(strings.Repeat(" ", message.MaxUnpacked+1)), zip("x")[:12], []byte(event1(1)))); got != nil {
		t.Error(got)
	}
	want := []string{"not_gzip | gzip: more than 33554432 bytes unpacked", "not_gzip | gzip: unexpected EOF"}
	var kinds []string
	for _, l := range h.queue.letters {
		kinds = append(kinds, *l.MessageAttributes["type"].StringValue+" | "+*l.MessageAttributes["cause"].StringValue)
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestCompressedBatchIsOpenedInPortions(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	big := zip(strings.Repeat(strings.Repeat("x", 999)+"\n", 5_000))
	m := &memory{}
	e, err := scan(kinesisEvent(big, big, big), m)
	d := &delivery{handler: h.handler, memory: m, event: e, began: noon}
	if n := d.openSome(t.Context(), pointers(e.records)); n != 2 || len(d.items) != 10_000 || err != nil {
		t.Error(n, len(d.items), err)
	}
}

func TestRecordOfTooManyDocumentsIsADeadLetter(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	for _, body := range []string{strings.Repeat("x\n", envelope.Most+1), "[" + strings.Repeat("{},", envelope.Most) + "{}]"} {
		if got := h.failures(t, kinesisEvent(zip(body))); got != nil || len(h.cluster.Requests()) != 0 {
			t.Error(got, len(h.cluster.Requests()))
		}
	}
	want := "too_many_documents | more than 100000 documents | logs"
	for _, got := range h.queue.brief("type", "cause", "collection") {
		if !strings.HasSuffix(got, want) {
			t.Error(got[max(0, len(got)-80):])
		}
	}
}

func TestGenerationsAndFoundAreReadWhole(t *testing.T) {
	all, err := readGenerations([]byte(`{"logs-000002":{"settings":{"index.creation_date":"1779008800000"}},".ds-x":{"settings":{"index.creation_date":"1779008700000"}}}`))
	if err != nil || len(all) != 2 || all[0].Name != ".ds-x" || all[1].Created.UnixMilli() != 1779008800000 {
		t.Error(all, err)
	}
	found, err := readDocuments([]byte(`{"docs":[{"_index":"a","_id":"1","found":false},{"_id":"2","_version":1,"found":true}]}`), 2)
	if err != nil || len(found) != 2 || found[0].found || !found[1].found {
		t.Error(found, err)
	}
	for _, text := range []string{"", "<html>", `{"docs":[{"found":true}]}`, `{"docs":[{"found":true},{"error":{}}]}`, `{"docs":[{"found":true},{"found":false}`} {
		if _, err := readDocuments([]byte(text), 2); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, name := range []string{"ingest-sqs.json", "ingest-sqs-fifo.json", "ingest-kinesis.json", "ingest-kinesis-gzip.json"} {
		f.Add(lambdatest.Load(f, name))
	}
	for _, name := range []string{"ingest-kafka.json", "ingest-kafka-self-managed.json", "ingest-rabbitmq.json"} {
		f.Add(lambdatest.Load(f, name))
	}
	f.Add(kinesisEvent(zip("x"), nil))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := scan(payload, &memory{})
		if err != nil {
			return
		}
		if len(e.records) == 0 {
			t.Error("an event without records or error")
		}
		for _, r := range e.records {
			if r.item == "" || r.source != e.name {
				t.Errorf("%+v", r)
			}
			d := &delivery{handler: &handler{letters: letters{most: 1}}}
			if _, err := d.entry(t.Context(), dead(r), deadURL); err != nil && len(r.original) < maxMessage/2 {
				t.Error(err)
			}
		}
	})
}

func dead(r record) *record {
	r.condemn(letter{kind: "fuzz", cause: "fuzz"})
	return &r
}
