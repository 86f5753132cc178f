package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func tableEvent(t *testing.T) []byte {
	t.Helper()
	return lambdatest.Load(t, "ingest-dynamodb.json")
}

const tableSource = "sources: [{table: dynamodb.orders}]\nfields:\n  id: {type: keyword}\n"

func TestTableStreamBecomesDocuments(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(tableSource))
	for range 2 {
		h.settled(t, tableEvent(t))
		h.holds(t, "orders", map[string]string{
			"A-1001": `{"id":"A-1001","status":"new","total":129.90,"items":[{"sku":"LAMP-7","quantity":2}],"gift":false,"note":null}`,
			"A-1002": `{"id":"A-1002","status":"paid","total":12345678901234567890.12}`,
		})
	}
}

func TestTableStreamResumesAtItsFirstUnstoredRecord(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(tableSource))
	h.cluster.Refuse = func(item bulktest.Item) (int, string) {
		if item.ID == "A-1002" {
			return 503, "unavailable_shards_exception"
		}
		return 0, ""
	}
	if failed := h.failures(t, tableEvent(t)); !slices.Equal(failed, []string{"4421584600000000017450439107"}) {
		t.Errorf("failed %q", failed)
	}
}

// What comes back from the dead-letter queue is the record as it was, in a message.
func TestATableStreamsDeadLetterCanBeRedriven(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"other.yaml": "name: other\nappend_only: true\nindex: {policy: single}\nfields:\n  a: {type: keyword}\n"})
	if failed := h.failures(t, tableEvent(t)); len(failed) > 0 || len(h.queue.letters) != 3 {
		t.Fatalf("failed %q, %d letters", failed, len(h.queue.letters))
	}
	h.use(t, ordersOf(tableSource))
	var bodies []string
	for _, l := range h.queue.letters {
		bodies = append(bodies, "orders→"+*l.MessageBody)
	}
	h.queue.letters = nil
	slices.Reverse(bodies)
	h.settled(t, sqsEvent(queueARN, bodies...))
	if got := h.cluster.Documents("orders"); len(got) != 2 || !strings.Contains(got["A-1001"], "129.90") {
		t.Errorf("documents %v", got)
	}
}

func TestATableStreamOfKeysAloneIsRefusedByName(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(tableSource))
	event := strings.ReplaceAll(string(tableEvent(t)), "NewImage", "Unsent")
	if failed := h.failures(t, []byte(event)); len(failed) > 0 {
		t.Errorf("failed %q", failed)
	}
	if got := h.queue.brief("type"); len(got) != 2 || !strings.HasSuffix(got[0], "no_image") {
		t.Errorf("dead letters %q", got)
	}
}

// The same through Kinesis, where an older change may come later.
func TestTableThroughKinesisKeepsTheNewestOfEachItem(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(tableSource))
	event := lambdatest.Load(t, "ingest-kinesis-dynamodb.json")
	h.settled(t, event, event)
	h.holds(t, "orders", map[string]string{"A-2001": `{"id":"A-2001","status":"paid","total":129.90}`})
	if !strings.Contains(h.out.String(), `"stale":`) {
		t.Error("the older change was not stale")
	}
}

// Its deletion names DynamoDB itself (userIdentity); it is one like any other.
func TestItemWhoseTimeToLiveIsOverIsDeleted(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(tableSource))
	var removal struct{ Records []json.RawMessage }
	if err := json.Unmarshal(tableEvent(t), &removal); err != nil {
		t.Fatal(err)
	}
	ttl := string(removal.Records[2])
	if !strings.Contains(ttl, `"principalId": "dynamodb.amazonaws.com"`) {
		t.Fatalf("no deletion by time to live: %s", ttl)
	}
	before := strings.NewReplacer("REMOVE", "INSERT", "OldImage", "NewImage", "4421584700000000017450439118", "4421584700000000017450400000").Replace(ttl)
	h.settled(t, json.RawMessage(`{"Records":[`+before+`]}`))
	h.holds(t, "orders", map[string]string{"A-0990": `{"id":"A-0990","expires":1779000000}`})
	h.settled(t, json.RawMessage(`{"Records":[`+ttl+`]}`), json.RawMessage(`{"Records":[`+before+`]}`))
	h.holds(t, "orders", map[string]string{})
}
