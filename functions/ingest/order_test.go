package main

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
)

func refuse(part string) func(bulktest.Item) (int, string) {
	return func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, part) {
			return 403, "security_exception"
		}
		return 0, ""
	}
}

func TestFIFOGroupStopsAtItsFirstFailure(t *testing.T) {
	h := newHarness(t)
	h.cluster.Refuse = refuse(`"message":"1"`)
	got := h.failures(t, sqsEvent(fifoARN, "logs/a→"+event1(0), "logs/a→"+event1(1), "logs/b→"+event1(2), "logs/a→"+event1(3), "logs/b→"+event1(4)))
	if diff := cmp.Diff([]string{"m1", "m3"}, got); diff != "" {
		t.Error(diff)
	}
	var written []string
	for _, r := range h.cluster.Requests() {
		written = append(written, strings.Join(r.IDs, " "))
	}
	if diff := cmp.Diff([]string{"m0 m2", "m1 m4"}, written); diff != "" {
		t.Errorf("m3 comes after m1, which is not stored:\n%s", diff)
	}
}

func TestFIFOGroupStopsAtADeadLetterThatIsNotStored(t *testing.T) {
	h := newHarness(t)
	h.queue.down = true
	got := h.failures(t, sqsEvent(fifoARN, "orders/a→{", `orders/a→{"id":"1","version":1}`, `orders/b→{"id":"2","version":1}`))
	if diff := cmp.Diff([]string{"m0", "m1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestStreamReportsOnlyTheLowestFailedRecord(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(kept["logs.yaml"], "append_only: true", "append_only: true\nsources: [{stream: ingest}]", 1)})
	h.cluster.Refuse = refuse(`"message":"2"`)
	got := h.failures(t, kinesisEvent([]byte(event1(0)), []byte(event1(1)), []byte(event1(2)), []byte(event1(3)), []byte(event1(2))))
	if diff := cmp.Diff([]string{"102"}, got); diff != "" {
		t.Error(diff)
	}
}

// What comes again behind a failed record would be one more dead letter each time.
func TestStreamBuriesNothingThatComesAgain(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(kept["logs.yaml"], "append_only: true", "append_only: true\nsources: [{stream: ingest}]", 1)})
	h.cluster.Refuse = refuse(`"message":"1"`)
	got := h.failures(t, kinesisEvent([]byte("bad 0"), []byte(event1(1)), []byte("bad 2"), []byte(event1(3))))
	if diff := cmp.Diff([]string{"101"}, got) + cmp.Diff([]string{"bad 0"}, h.queue.brief()); diff != "" {
		t.Error(diff)
	}
}

func TestStreamRecordOfManyDocumentsFailsWithAnyOfThem(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(kept["logs.yaml"], "append_only: true", "append_only: true\nsources: [{stream: ingest}]", 1)})
	h.cluster.Refuse = refuse(`"message":"2"`)
	payload := kinesisEvent([]byte(event1(0)), zip(event1(1)+"\n"+event1(2)+"\n"+event1(3)), nil)
	if diff := cmp.Diff([]string{"101"}, h.failures(t, payload)); diff != "" {
		t.Error(diff)
	}
	h.cluster.Refuse = nil
	if got := h.failures(t, payload); got != nil {
		t.Error(got)
	}
	want := map[string]string{
		"ingest:shardId-000000000000:100": event1(0), "ingest:shardId-000000000000:101#0": event1(1),
		"ingest:shardId-000000000000:101#1": event1(2), "ingest:shardId-000000000000:101#2": event1(3),
	}
	if diff := cmp.Diff(want, h.cluster.Documents("logs-2026-05-17.write")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(h.out.String(), `"empty":1`) {
		t.Error("the record without data is not counted")
	}
}

func TestQueueKeepsTheOrderOfChangesToOneDocument(t *testing.T) {
	h := newHarness(t)
	h.use(t, unversioned)
	h.cluster.Refuse = refuse(`"s":"first"`)
	got := h.failures(t, sqsEvent(queueARN, `orders→{"id":"x","s":"first"}`, `orders→{"id":"y"}`, `orders→{"id":"x","s":"second"}`, `orders→{"id":"x","op":"delete"}`))
	if diff := cmp.Diff([]string{"m0", "m2", "m3"}, got); diff != "" {
		t.Error(diff)
	}
}

func zip(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}
