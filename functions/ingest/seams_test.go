package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// keeper counts the removals of second copies.
type keeper struct {
	*fleet
	asked int
}

func (k *keeper) KeepFirst(context.Context, []string, []string) error {
	k.asked++
	return nil
}

// What a real delivery would tidy up on its way is not a preview's.
func TestPreviewRemovesNoSecondCopies(t *testing.T) {
	h := newHarness(t)
	h.use(t, rolled)
	h.fleet.generations = map[string][]rotation.Index{"logs": {{Name: "logs-000001", Created: noon.AddDate(-1, 0, 0)}, {Name: "logs-000002", Created: noon}}}
	h.fleet.stored = map[string]bool{"logs-000001/m0": true}
	k := &keeper{fleet: h.fleet}
	h.history = k
	payload := sqsEvent(queueARN, event1(1))
	if h.failures(t, payload); k.asked == 0 {
		t.Fatal("nothing is removed by a real delivery: nothing is compared")
	}
	k.asked = 0
	n := &node{index: `{"logs-000002":{}}`}
	reply, err := (&preview{h.handler, n, n}).Invoke(t.Context(), payload)
	if err != nil || !strings.Contains(string(reply), `"stored_already":1`) || k.asked != 0 {
		t.Errorf("%s (%v), asked %d times to remove", reply, err, k.asked)
	}
}

func TestPreviewOfAnIndexThatIsNotThereYetLeavesNoCopy(t *testing.T) {
	h := newHarness(t)
	h.use(t, rolled)
	n := &node{}
	if _, err := (&preview{h.handler, n, n}).Invoke(t.Context(), sqsEvent(queueARN, event1(1))); err != nil {
		t.Fatal(err)
	}
	made, left := 0, map[string]bool{}
	for _, call := range n.calls {
		method, name, _ := strings.Cut(call, " ")
		switch method {
		case http.MethodPut:
			made++
			left[name] = true
		case http.MethodDelete:
			delete(left, name)
		}
	}
	if made == 0 || len(left) > 0 {
		t.Error(n.calls)
	}
}

// Attributes stay beside a pointer: where they alone are over the queue's limit, the
// record is reported, and the others are not held up.
func TestLetterWhoseAttributesAreOverTheLimitIsReported(t *testing.T) {
	h := newHarness(t)
	large := strings.Replace(string(sqsEvent(queueARN, "orders→x", "orders→y")), `"messageAttributes":{`,
		fmt.Sprintf(`"messageAttributes":{"own":{"stringValue":%q,"dataType":"String"},`, noise(1<<20-100)), 1)
	if diff := cmp.Diff([]string{"m0"}, h.failures(t, []byte(large))); diff != "" || len(h.queue.letters) != 1 {
		t.Error(diff, len(h.queue.letters))
	}
}

// strict is a history that refuses an id as OpenSearch's _mget does.
type strict struct{ *fleet }

func (s strict) Stored(ctx context.Context, index string, ids []string) ([]bool, error) {
	for _, id := range ids {
		if id == "" {
			return nil, fault.New(fault.Unavailable, "Ids can't be empty")
		}
	}
	return s.fleet.Stored(ctx, index, ids)
}

func TestDocumentWithoutAnIDIsNotLookedForInEarlierGenerations(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": rolled["logs.yaml"] + "  message: {type: keyword}\nid: {fields: [message]}\n"})
	h.fleet.generations = map[string][]rotation.Index{"logs": {{Name: "logs-000001", Created: noon.AddDate(-1, 0, 0)}, {Name: "logs-000002", Created: noon}}}
	h.history = strict{h.fleet}
	nameless := `{"@timestamp":"2026-05-17T09:05:03Z","message":""}`
	if failed := h.failures(t, sqsEvent(queueARN, nameless, event1(1))); failed != nil {
		t.Error(failed)
	}
	if got := h.queue.brief("type"); len(got) != 1 || !strings.HasSuffix(got[0], " | id_empty") {
		t.Error(got)
	}
}

// A letter whose body was in the bucket may be a notification, whose object is at fault.
func TestNotificationFromTheBucketDiesWithItsBody(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a.parquet", "PAR1....")
	told := strings.TrimSuffix(h.bucket.told("a.parquet"), "}]}") + `,"pad":"` + noise(2<<20) + `"}]}`
	h.store.objects["bucket/k"] = []byte(told)
	note := `{"attempts":1,"object":"k"}`
	quoted, _ := json.Marshal(note)
	pointer := strings.Replace(string(sqsEvent(queueARN, "{}")), `"messageAttributes":{`, `"messageAttributes":{"sluice":{"stringValue":`+string(quoted)+`,"dataType":"String"},`, 1)
	if failed := h.failures(t, []byte(pointer)); failed != nil || len(h.queue.letters) != 1 {
		t.Fatal(failed, h.queue.brief("cause"))
	}
	if n := h.queue.note(t, 0); n.Object != "k" || n.Attempts != 2 || string(h.store.objects["bucket/k"]) != told || *h.queue.letters[0].MessageBody == "" {
		t.Errorf("%+v, %d bytes", n, len(h.store.objects["bucket/k"]))
	}
}

// A line that its letter names by its place dies as often as any other.
func TestLineNamedByItsPlaceIsParked(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", "{\"n\":0}\n"+strings.Repeat("x", h.most+1)+"\n{\"n\":1}\n")
	h.failures(t, sqsEvent(queueARN, h.bucket.told("a")))
	first := h.queue.note(t, 0)
	for deaths := 1; deaths <= 3; deaths++ {
		if n := h.queue.note(t, 0); n.Attempts != deaths || n.Position != first.Position || n.Source != first.Source {
			t.Errorf("death %d: %+v", deaths, n)
		}
		if failed := h.failures(t, h.queue.redriven(t, queueARN)); failed != nil {
			t.Fatal(failed)
		}
		if len(h.queue.letters)+len(h.queue.parked) != 1 {
			t.Fatal(len(h.queue.letters), len(h.queue.parked))
		}
		if len(h.queue.parked) == 1 {
			break
		}
	}
	if len(h.queue.parked) != 1 {
		t.Error("it goes round for ever")
	}
}

// The bucket says which collection an object's lines are for, whatever claims the queue
// that brings its notifications: so it does when a line comes back.
func TestRedrivenLineIsItsBucketsNotItsQueues(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{
		"logs.yaml":  "name: logs\nappend_only: true\nsources: [{bucket: b01}]\nfields: {n: {type: long}}\nindex: {policy: single}\n",
		"other.yaml": "name: other\nappend_only: true\nsources: [{queue: ingest}]\nfields: {n: {type: long}}\nindex: {policy: single}\n",
	})
	h.bucket.put("b01/a.csv", "n,m\n0,\n1\n2,\n")
	h.bucket.put("b01/b", "{\"n\":3}\n")
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, `"n":3`) {
			return 400, "mapper_parsing_exception"
		}
		return 0, ""
	}
	unnamed := strings.ReplaceAll(string(sqsEvent(queueARN, h.bucket.told("a.csv"), h.bucket.told("b"))), `"stringValue":"logs"`, `"stringValue":""`)
	if failed := h.failures(t, []byte(unnamed)); failed != nil || len(h.queue.letters) != 2 {
		t.Fatal(failed, h.queue.brief("cause"))
	}
	h.cluster.Refuse = nil
	*h.queue.letters[0].MessageBody = `{"n":"1"}`
	if failed := h.failures(t, h.queue.redriven(t, queueARN)); failed != nil || len(h.queue.letters) != 0 {
		t.Fatal(failed, h.queue.brief("cause"))
	}
	if logs, other := h.cluster.Documents("logs"), h.cluster.Documents("other"); len(logs) != 4 || len(other) != 0 {
		t.Errorf("logs %v\nother %v", logs, other)
	}
}

// What was taken by a default collection then is so again, however often it dies.
func TestLetterThatIsNoGzipKeepsItsCollection(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.compile()
	h.failures(t, kinesisEvent([]byte("\x1f\x8bno gzip")))
	if n := h.queue.note(t, 0); n.Default != "logs" {
		t.Errorf("%+v", n)
	}
}

// The next invocation has the memory of this one.
func TestMemoryOfItemsIsPassedOn(t *testing.T) {
	h := newHarness(t)
	d := &delivery{handler: h.handler, memory: &memory{items: make([]bulk.Item, 0, 100), parts: make([]part, 0, 100)}, ensured: map[rotation.Target]error{}, newest: map[string]string{}}
	if d.write(t.Context()); cap(d.items) != 100 || cap(d.parts) != 100 {
		t.Error(cap(d.items), cap(d.parts))
	}
	r := record{}
	d.items, d.parts = append(d.items, bulk.Item{}), append(d.parts, part{record: &r})
	if d.write(t.Context()); cap(d.items) != 100 || cap(d.parts) != 100 {
		t.Error(cap(d.items), cap(d.parts))
	}
}

// The letter of a line that is too large is the notification, although the bucket's
// collection takes all lines as they come.
func TestLineNamedByItsPlaceIsReadAgainWhateverItsCollectionUnwraps(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": logFiles["logs.yaml"] + "envelope: none\n"})
	large := fmt.Sprintf(`{"n":1,"s":"%s"}`, strings.Repeat("x", h.most))
	h.bucket.put("b01/a", "{\"n\":0}\n"+large+"\n")
	told := strings.ReplaceAll(string(sqsEvent(queueARN, h.bucket.told("a"))), `"stringValue":"logs"`, `"stringValue":""`)
	h.failures(t, []byte(told))
	h.most *= 2
	if failed := h.failures(t, h.queue.redriven(t, queueARN)); failed != nil || len(h.queue.letters) != 0 {
		t.Fatal(failed, h.queue.brief("cause"))
	}
	h.complete(t, 2)
}

// A producer's id is its entity's: two of its messages are two bodies.
func TestBodiesOfOneIDHaveObjectsOfTheirOwn(t *testing.T) {
	h := newHarness(t)
	bodies := []string{noise(1<<20 - 2100), noise(1<<20 - 2050)}
	named := strings.ReplaceAll(string(sqsEvent(queueARN, "orders→"+bodies[0], "orders→"+bodies[1])), `"messageAttributes":{`, `"messageAttributes":{"id":{"stringValue":"A","dataType":"String"},"own":{"stringValue":"`+noise(1900)+`","dataType":"String"},`)
	for range 2 {
		if failed := h.failures(t, []byte(named)); failed != nil {
			t.Fatal(failed)
		}
	}
	kept := map[string]bool{}
	for _, body := range h.store.objects {
		kept[string(body)] = true
	}
	if len(h.store.objects) != 2 || !kept[bodies[0]] || !kept[bodies[1]] {
		t.Error(len(h.store.objects), len(kept))
	}
}

// A FIFO queue takes two letters with one deduplication id for one.
func TestLettersOfAnAggregatedRecordAreToldApart(t *testing.T) {
	h := newHarness(t)
	h.letters.url = deadURL + ".fifo"
	h.failures(t, kinesisEvent(aggregated(t, "four.bin"))) // for no collection
	ids := map[string]bool{}
	for _, l := range h.queue.letters {
		ids[*l.MessageDeduplicationId] = true
	}
	if len(h.queue.letters) < 2 || len(ids) != len(h.queue.letters) {
		t.Errorf("%d letters, %d deduplication ids", len(h.queue.letters), len(ids))
	}
}
