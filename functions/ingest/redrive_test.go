package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/fault"
)

// refuseAll makes every document a dead letter until it is taken back.
func (h *harness) refuseAll() (mend func()) {
	h.cluster.Refuse = func(bulktest.Item) (int, string) { return 400, "mapper_parsing_exception" }
	return func() { h.cluster.Refuse = nil }
}

// What is redriven after the cause is mended is what it would have been: the same
// documents, ids and versions, whichever source it came from.
func TestRedrivenDeadLettersAreTheSameDocuments(t *testing.T) {
	for name, payload := range map[string][]byte{
		"SQS":               sqsEvent(queueARN, event1(1), `orders→{"id":"A","version":7}`, "orders→[{\"id\":\"B\",\"version\":1},{\"id\":\"C\",\"version\":2}]"),
		"lines":             sqsEvent(queueARN, "a plain line\nand another"),
		"FIFO":              sqsEvent(fifoARN, `orders/g1→{"id":"A","version":7}`, `orders/g2→{"id":"B","version":8}`),
		"Kinesis":           kinesisEvent([]byte(event1(1)), []byte("plain\nlines"), []byte("ctrl \x01")),
		"Kinesis, gzipped":  kinesisEvent(zip(event1(1)), zip("one\ntwo\nthree")),
		"DynamoDB, a table": tableEvent(t),
	} {
		t.Run(name, func(t *testing.T) {
			whole := newHarness(t)
			whole.collections = fallback(t, whole)
			if strings.HasPrefix(name, "DynamoDB") {
				whole.use(t, ordersOf(tableSource))
			}
			whole.failures(t, payload)
			want := whole.cluster.All()
			if len(want) == 0 {
				t.Fatal("nothing is stored: nothing is compared")
			}

			h := newHarness(t)
			set := fallback(t, h) // only the stream's function has a default collection
			queues := h.collections
			h.collections = set
			if strings.HasPrefix(name, "DynamoDB") {
				h.use(t, ordersOf(tableSource))
				queues = h.collections
			}
			h.compile()
			mend := h.refuseAll()
			if got := h.failures(t, payload); got != nil || len(h.queue.letters) == 0 {
				t.Fatal(got, len(h.queue.letters))
			}
			h.collections = queues
			h.compile()
			mend()
			again := h.queue.redriven(t, queueARN)
			for range 2 {
				if got := h.failures(t, again); got != nil || len(h.queue.letters) != 0 {
					t.Error(got, h.queue.brief("cause"))
				}
				if diff := cmp.Diff(want, h.cluster.All()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestADeadLetterThatKeepsDyingIsParked(t *testing.T) {
	h := newHarness(t)
	h.failures(t, sqsEvent(queueARN, "orders→x"))
	for deaths := 1; deaths <= 3; deaths++ {
		n := h.queue.note(t, 0)
		if n.Attempts != deaths || n.Position != "m0" || n.Died != noon.UnixMilli() {
			t.Errorf("death %d: %+v", deaths, n)
		}
		if got := h.failures(t, h.queue.redriven(t, queueARN)); got != nil {
			t.Error(got)
		}
	}
	if len(h.queue.letters) != 0 || len(h.queue.parked) != 1 || *h.queue.parked[0].MessageBody != "x" {
		t.Errorf("%d letters, %d parked", len(h.queue.letters), len(h.queue.parked))
	}
	h.failures(t, h.queue.redriven(t, queueARN))
	if len(h.queue.letters) != 0 || len(h.queue.parked) != 1 {
		t.Errorf("brought back from there it went round again: %d letters, %d parked", len(h.queue.letters), len(h.queue.parked))
	}
}

func TestWithoutAParkingQueueWhatKeepsDyingIsReported(t *testing.T) {
	h := newHarness(t)
	h.letters.parking, h.letters.most = "", 1
	h.failures(t, sqsEvent(queueARN, "orders→x"))
	if got := h.failures(t, h.queue.redriven(t, queueARN)); !slices.Equal(got, []string{"r0"}) || len(h.queue.letters) != 0 || !strings.Contains(h.out.String(), "PARKING_QUEUE_URL") {
		t.Error(got, h.queue.brief("cause"))
	}
}

// A letter's own source is none of the batch's business: the queue that it comes by
// says whether order is kept.
func TestARedrivenLetterFirstInABatchChangesNothingInItsOrder(t *testing.T) {
	h := newHarness(t)
	h.failures(t, sqsEvent(queueARN, "orders/g→x"))
	letter := h.queue.redriven(t, fifoARN)
	later := sqsEvent(fifoARN, `orders/g→{"id":"A","version":1}`, `orders/g→{"id":"A","version":2}`)
	payload := []byte(strings.TrimSuffix(string(letter), "]}") + "," + strings.TrimPrefix(string(later), `{"Records":[`))
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, `"version":1`) {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}
	if diff := cmp.Diff([]string{"m0", "m1"}, h.failures(t, payload)); diff != "" {
		t.Error(diff)
	}
}

// Change messages of two tables in one record: its letter names the collection of the
// refused one, and the other's rows stay in their own.
func TestRedrivenRowsFindTheirOwnTablesAgain(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{
		"orders.yaml":    "name: orders\nsources: [{table: shop.orders}]\nid: {fields: [id]}\nindex: {policy: single}\nfields: {id: {type: keyword}}\n",
		"customers.yaml": "name: customers\nsources: [{table: shop.customers}]\nid: {fields: [id]}\nindex: {policy: single}\nfields: {id: {type: keyword}}\n",
	})
	row := func(table, id string) string {
		return fmt.Sprintf(`{"database":"shop","table":%q,"type":"insert","ts":1779008703,"xid":1,"commit":true,"data":{"id":%q}}`, table, id)
	}
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.HasPrefix(i.Index, "customers") {
			return 400, "mapper_parsing_exception"
		}
		return 0, ""
	}
	body := row("orders", "o1") + "\n" + row("customers", "c1")
	h.failures(t, []byte(fmt.Sprintf(`{"Records":[{"messageId":"m0","body":%q,"attributes":{},"eventSource":"aws:sqs","eventSourceARN":%q}]}`, body, queueARN)))
	if got := h.queue.brief("collection"); len(got) != 1 || !strings.HasSuffix(got[0], " | customers") {
		t.Fatal(got)
	}
	h.cluster.Refuse = nil
	h.failures(t, h.queue.redriven(t, queueARN))
	if got := slices.Sorted(maps.Keys(h.cluster.All())); !slices.Equal(got, []string{"customers/c1", "orders/o1"}) || len(h.queue.letters) != 0 {
		t.Error(got, h.queue.brief("cause"))
	}
}

func TestDeadLetterOverTheQueuesLimitLeavesItsBodyInTheBucket(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	mend := h.refuseAll()
	line := []byte(noise(4 << 20)) // of 4 MiB, and hardly smaller gzipped
	payload := kinesisEvent(line)
	for range 2 {
		if got := h.failures(t, payload); got != nil || len(h.store.objects) != 1 {
			t.Fatal(got, len(h.store.objects))
		}
	}
	n := h.queue.note(t, 1)
	if !strings.HasPrefix(n.Object, "logs/2026-05-17/") || n.Bytes != len(line) || string(h.store.objects["bucket/"+n.Object]) != string(line) {
		t.Errorf("%+v", n)
	}
	if want := fmt.Sprintf(`{"body":"s3://bucket/%s","bytes":%d}`, n.Object, len(line)); *h.queue.letters[0].MessageBody != want {
		t.Error(*h.queue.letters[0].MessageBody)
	}
	h.failures(t, h.queue.redriven(t, queueARN)) // the cause is not mended
	if n = h.queue.note(t, 0); n.Attempts != 2 || len(h.store.objects) != 1 || n.Bytes != len(line) {
		t.Errorf("%+v, %d objects", n, len(h.store.objects))
	}
	mend()
	if got := h.failures(t, h.queue.redriven(t, queueARN)); got != nil || len(h.queue.letters) != 0 {
		t.Error(got, h.queue.brief("cause"))
	}
	if docs := h.cluster.Documents("logs-2026-05-17.write"); !strings.Contains(docs["ingest:shardId-000000000000:100"], string(line)) || len(docs) != 1 {
		t.Error(len(docs))
	}
}

func TestPointerWhoseObjectIsGoneStaysALetter(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.refuseAll()
	h.failures(t, kinesisEvent([]byte(noise(4<<20))))
	was := h.queue.note(t, 0)
	clear(h.store.objects)
	if got := h.failures(t, h.queue.redriven(t, queueARN)); got != nil {
		t.Error(got)
	}
	n := h.queue.note(t, 0)
	if got := h.queue.brief("type"); !strings.HasSuffix(got[0], " | object_missing") || n.Object != was.Object || n.Attempts != 2 || len(h.store.objects) != 0 {
		t.Error(got, n)
	}
}

func TestBucketThatCannotBeReachedReportsTheRecord(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.refuseAll()
	large := kinesisEvent([]byte(noise(4 << 20)))
	h.store.err = fault.New(fault.Unavailable, "no answer")
	if got := h.failures(t, large); len(got) != 1 || len(h.queue.letters) != 0 {
		t.Error("put:", got)
	}
	h.store.err = nil
	h.failures(t, large)
	again := h.queue.redriven(t, queueARN)
	h.store.err = fault.New(fault.Forbidden, "not allowed")
	if got := h.failures(t, again); !slices.Equal(got, []string{"r0"}) || len(h.queue.letters) != 0 {
		t.Error("get:", got)
	}
	h.store.err, h.letters.bucket = nil, ""
	if got := h.failures(t, again); !slices.Equal(got, []string{"r0"}) || !strings.Contains(h.out.String(), "DEAD_LETTER_BUCKET") {
		t.Error("no bucket:", got)
	}
}

// Who can send to the queue can forge a note: it leads to this bucket only, and a
// folder name of its collection to no other folder.
func TestAForgedCollectionNamesNoFolder(t *testing.T) {
	r := &record{}
	r.Attribute = "../x"
	r.condemn(letter{collection: r.Attribute})
	if key := objectKey(r); !strings.HasPrefix(key, "unclaimed/undated/") {
		t.Error(key)
	}
}

func TestProducersAttributesHaveFivePlaces(t *testing.T) {
	var own []string
	for i := range 9 {
		own = append(own, fmt.Sprintf(`"own%d":{"stringValue":"v","dataType":"String"}`, i))
	}
	h := newHarness(t)
	h.failures(t, []byte(`{"Records":[{"messageId":"m0","body":"x","attributes":{},"messageAttributes":{"collection":{"stringValue":"orders","dataType":"String"},`+strings.Join(own, ",")+
		`},"eventSource":"aws:sqs","eventSourceARN":"`+queueARN+`"}]}`))
	got := slices.Sorted(maps.Keys(h.queue.letters[0].MessageAttributes))
	want := []string{deadletter.Cause, deadletter.Collection, deadletter.ID, "own0", "own1", "own2", "own3", "own4", deadletter.Attribute, deadletter.Type}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
