package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/rotation"
)

func TestEventsOfEverySource(t *testing.T) {
	for name, want := range map[string]struct {
		logs, orders, letters int
	}{
		"ingest-sqs.json": {3, 0, 0}, "ingest-sqs-fifo.json": {0, 2, 0}, "ingest-sqs-mixed.json": {1, 0, 2},
		"ingest-kinesis.json": {3, 0, 0}, "ingest-kinesis-gzip.json": {2, 0, 0},
		"ingest-kafka.json": {3, 0, 0}, "ingest-kafka-self-managed.json": {3, 0, 0}, "ingest-rabbitmq.json": {3, 0, 0},
		"ingest-sqs-sns.json": {3, 0, 0}, "ingest-sqs-eventbridge.json": {0, 1, 0},
		"ingest-kinesis-cloudwatch.json": {3, 0, 0}, "ingest-kinesis-aggregated.json": {4, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			if strings.Contains(name, "kinesis") {
				h.collections = fallback(t, h)
			}
			payload := lambdatest.Load(t, name)
			if got := h.failures(t, payload); got != nil {
				t.Error(got)
			}
			logs, orders := len(h.cluster.Documents("logs-2026-05-17.write")), len(h.cluster.Documents("orders"))
			if logs != want.logs || orders != want.orders || len(h.queue.letters) != want.letters {
				t.Errorf("%d logs, %d orders, %d dead letters", logs, orders, len(h.queue.letters))
			}
			if got := h.failures(t, payload); got != nil || len(h.cluster.Documents("logs-2026-05-17.write")) != want.logs {
				t.Error("delivered again:", got)
			}
			h.cluster.Before = func(int, []byte) *bulktest.Fault { return &bulktest.Fault{Status: 503} }
			if got, err := h.invoke(t, payload); len(got) == 0 && err == nil {
				t.Error("nothing reported though nothing was stored")
			}
		})
	}
}

// The numbers of two writers are beyond a float's: they arrive digit by digit.
func TestNumbersAreStoredAsTheyWereWritten(t *testing.T) {
	h := newHarness(t)
	h.failures(t, sqsEvent(queueARN, `{"@timestamp":"2026-05-17T09:05:03Z","n":9007199254740993,"price":1.10,"big":1e400,"s":"\u00e9\/"}`))
	want := `{"@timestamp":"2026-05-17T09:05:03Z","n":9007199254740993,"price":1.10,"big":1e400,"s":"\u00e9\/"}`
	if diff := cmp.Diff(want, h.cluster.Documents("logs-2026-05-17.write")["m0"]); diff != "" {
		t.Error(diff)
	}
}

func TestTimeDecidesTheIndexOrTheDeadLetter(t *testing.T) {
	h := newHarness(t)
	h.use(t, kept)
	got := h.failures(t, sqsEvent(queueARN, `{"@timestamp":"2026-05-16T23:59:59.999Z"}`, `{"@timestamp":"2026-05-17T00:00:00Z"}`,
		`{"@timestamp":"2099-01-01T00:00:00Z"}`, `{"@timestamp":"2020-01-01T00:00:00Z"}`, `{"a":1}`, `{"@timestamp":"soon"}`))
	if got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"logs-2026-05-16.write", "logs-2026-05-17.write"}, h.fleet.ensured); diff != "" {
		t.Error(diff)
	}
	var kinds []string
	for _, l := range h.queue.letters {
		kinds = append(kinds, *l.MessageAttributes["type"].StringValue)
	}
	if diff := cmp.Diff([]string{"time_in_future", "time_expired", "time_missing", "time_invalid"}, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsSentWithinTheReserve(t *testing.T) {
	h := newHarness(t)
	ctx, cancel := context.WithTimeout(t.Context(), h.reserve/2)
	defer cancel()
	payload := sqsEvent(queueARN, event1(0), "orders→bad")
	reply, err := h.Invoke(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"m0", "m1"}, reported(t, payload, reply)); diff != "" || len(h.cluster.Requests()) != 0 {
		t.Error(diff, len(h.cluster.Requests()))
	}
}

func TestNearTheDeadlineTheUnprocessedIsReported(t *testing.T) {
	h := newHarness(t)
	h.writer = bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: 1}, h.cluster)
	h.cluster.Hook = func(ctx context.Context, n int) {
		if n == 1 {
			<-ctx.Done() // OpenSearch takes its time
		}
	}
	if diff := cmp.Diff([]string{"m1", "m2"}, h.failures(t, sqsEvent(queueARN, event1(0), event1(1), event1(2)))); diff != "" {
		t.Error(diff)
	}
}

func TestSIGTERMReportsTheUnprocessedAtOnce(t *testing.T) {
	h := newHarness(t)
	h.writer = bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: 1}, h.cluster)
	payload := sqsEvent(queueARN, event1(0), event1(1), event1(2))
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(context.Background())
		h.stopping = stopping
		h.cluster.Hook = func(ctx context.Context, n int) {
			if n == 1 {
				stop()
				<-ctx.Done()
			}
		}
		began := time.Now()
		reply, err := h.Invoke(context.Background(), payload)
		if err != nil || time.Since(began) > 400*time.Millisecond {
			t.Error(err, time.Since(began))
		}
		if diff := cmp.Diff([]string{"m1", "m2"}, reported(t, payload, reply)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRolledOverDocumentDeliveredAgainIsNotWrittenTwice(t *testing.T) {
	h := newHarness(t)
	h.use(t, rolled)
	arrived := time.UnixMilli(1779008703310)
	h.fleet.generations = map[string][]rotation.Index{"logs": {
		{Name: "logs-000001", Created: arrived.Add(-48 * time.Hour)}, {Name: "logs-000002", Created: arrived.Add(-24 * time.Hour)},
		{Name: "logs-000003", Created: arrived.Add(time.Hour)},
	}}
	h.fleet.stored = map[string]bool{"logs-000002/m1": true, "logs-000001/m2": true} // m2 of another time
	if got := h.failures(t, sqsEvent(queueARN, event1(0), event1(1), event1(2))); got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff(map[string]string{"m0": event1(0), "m2": event1(2)}, h.cluster.Documents("logs")); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(h.out.String(), `"duplicates":1`) {
		t.Error(h.out.String())
	}
}

func TestPayloadThatIsNoEventFailsTheBatch(t *testing.T) {
	h := newHarness(t)
	for _, payload := range []string{"", "{}", "null", "[]", `{"Records":[]}`, `{"Records":null}`, `{"Records":[{"eventSource":"aws:s3"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","body":"x"}]}`, `{"Records":[{"eventSource":"aws:sqs","messageId":"1"}`,
		`{"Records":[{"eventSource":"aws:sqs","messageId":"1","body":"x"},{"eventSource":"aws:kinesis","eventID":"s:1","kinesis":{"sequenceNumber":"1","data":""}}]}`} {
		if reply, err := h.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("%s: %s", payload, reply)
		}
	}
}

func TestInvocationWritesOneMetricLine(t *testing.T) {
	h := newHarness(t)
	h.failures(t, sqsEvent(queueARN, event1(0), event1(1), "orders→x"))
	var metrics []map[string]any
	for line := range strings.Lines(h.out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m["_aws"] != nil {
			metrics = append(metrics, m)
		}
	}
	if len(metrics) != 1 || metrics[0]["Records"] != 3.0 || metrics[0]["Stored"] != 2.0 || metrics[0]["DeadLetters"] != 1.0 || metrics[0]["BatchItemFailures"] != 0.0 || metrics[0]["BulkRequests"] != 1.0 {
		t.Error(metrics)
	}
}

// Lambda takes the payload's memory back when Invoke returns.
func TestNothingOfThePayloadIsKept(t *testing.T) {
	h := newHarness(t)
	payload := sqsEvent(queueARN, event1(0), "orders→bad")
	h.failures(t, payload)
	for i := range payload {
		payload[i] = '#'
	}
	if got := h.cluster.Documents("logs-2026-05-17.write")["m0"]; got != event1(0) || *h.queue.letters[0].MessageBody != "bad" {
		t.Error(got, *h.queue.letters[0].MessageBody)
	}
	if got := h.failures(t, sqsEvent(queueARN, event1(1))); got != nil {
		t.Error(got)
	}
}

// Lambda's managed instances run several invocations in one process.
func TestConcurrentInvocationsShareNothing(t *testing.T) {
	h := newHarness(t)
	h.log, h.metrics = slog.New(slog.DiscardHandler), nil
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				payload := sqsEvent(queueARN, event1(0), event1(1), `orders→{"id":"1","version":1}`)
				if reply, err := h.Invoke(context.Background(), payload); err != nil || string(reply) != `{"batchItemFailures":[]}` {
					t.Error(string(reply), err)
				}
			}
		})
	}
	all.Wait()
	if n := len(h.cluster.Documents("logs-2026-05-17.write")); n != 2 {
		t.Errorf("%d documents", n)
	}
}
