package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// sink accepts everything, at the cost of writing the answer.
type sink struct{ reply []byte }

func (s *sink) Bulk(_ context.Context, body []byte) (int, []byte, error) { return 200, s.reply, nil }

func batchOf(n int) ([]byte, *sink) {
	bodies, items := make([]string, n), make([]string, n)
	for i := range n {
		bodies[i] = fmt.Sprintf(`{"@timestamp":"2026-05-17T09:05:03.%03dZ","severity_text":"INFO","message":"%s","service":{"name":"checkout"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`, i%1000, strings.Repeat("x", 200))
		items[i] = fmt.Sprintf(`{"create":{"_index":"logs-2026-05-17","_id":"m%d","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":%d,"_primary_term":1,"status":201}}`, i, i)
	}
	return sqsEvent(queueARN, bodies...), &sink{[]byte(`{"took":1,"errors":false,"items":[` + strings.Join(items, ",") + `]}`)}
}

const batchSize = 1000

func BenchmarkHandler(b *testing.B) {
	payload, accept := batchOf(batchSize)
	h := newHarness(b)
	h.writer = bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: batchSize}, accept)
	h.log, h.metrics = slog.New(slog.DiscardHandler), telemetry.New(io.Discard, telemetry.Config{Namespace: "Sluice"}, "ingest", h.now)
	b.ReportAllocs()
	report := perDocument(b)
	for b.Loop() {
		reply, err := h.Invoke(context.Background(), payload)
		if err != nil || len(reply) != len(`{"batchItemFailures":[]}`) {
			b.Fatal(err, string(reply))
		}
	}
	report()
}

func BenchmarkScan(b *testing.B) {
	payload, _ := batchOf(batchSize)
	b.ReportAllocs()
	report, m := perDocument(b), &memory{}
	for b.Loop() {
		if _, err := scan(payload, m); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

// BenchmarkTypedEvent is what scan is measured against.
func BenchmarkTypedEvent(b *testing.B) {
	payload, _ := batchOf(batchSize)
	b.ReportAllocs()
	report := perDocument(b)
	for b.Loop() {
		var e events.SQSEvent
		if err := json.Unmarshal(payload, &e); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

// perDocument reports CPU time, which a busy machine does not lengthen as it does the clock's.
func perDocument(b *testing.B) (report func()) {
	began := cpu()
	return func() { b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(b.N)/batchSize, "cpu-ns/document") }
}

func cpu() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// The bound holds whatever the machine: no timing is in it.
func TestABatchCostsLessThanOneAllocationADocument(t *testing.T) {
	payload, accept := batchOf(batchSize)
	h := newHarness(t)
	h.writer = bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: batchSize}, accept)
	n := testing.AllocsPerRun(10, func() {
		if _, err := h.Invoke(context.Background(), payload); err != nil {
			t.Fatal(err)
		}
	})
	if n >= allowed*batchSize {
		t.Errorf("%.2f allocations a document", n/batchSize)
	}
}
