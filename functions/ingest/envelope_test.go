package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/envelope"
)

// Cases from the field, of the kind "change envelope", before a cluster in memory.

type envelopeCase struct {
	Input struct {
		Setup  []json.RawMessage `json:"setup_events"`
		Events []json.RawMessage `json:"events"`
	} `json:"input"`
}

func readCase(t *testing.T, file string) (c envelopeCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/cases/" + file)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ordersOf is an entity collection orders with these fields and sources.
func ordersOf(rest string) collectionFiles {
	return collectionFiles{"orders.yaml": "name: orders\nid: {fields: [id]}\nindex: {policy: single}\n" + rest}
}

const idField = "fields:\n  id: {type: long}\n"

// settled invokes with each event and wants nothing reported and nothing dead.
func (h *harness) settled(t *testing.T, events ...json.RawMessage) {
	t.Helper()
	for i, event := range events {
		if failed := h.failures(t, event); len(failed) > 0 || len(h.queue.letters) > 0 {
			t.Fatalf("event %d: failed %q, dead %q", i, failed, h.queue.brief("cause"))
		}
	}
}

func (h *harness) holds(t *testing.T, index string, want map[string]string) {
	t.Helper()
	got := h.cluster.Documents(index)
	for id, body := range got {
		got[id] = strings.Join(strings.Fields(body), "")
	}
	for id, body := range want {
		want[id] = strings.Join(strings.Fields(body), "")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

func TestCase15TombstonesAreSkippedAndNeverDocuments(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf("sources: [{topic: shop.public.orders}]\n"+idField))
	h.settled(t, readCase(t, "15-kafka-tombstone-and-signed-headers.json").Input.Events...)
	h.holds(t, "orders", map[string]string{"6": `{"id":6,"s":"six"}`, "8": `{"id":8,"s":"eight"}`})
	if !strings.Contains(h.out.String(), `"empty":3`) {
		t.Errorf("tombstones are not counted: %s", h.out.String())
	}
}

func TestCase16TheSameKeySeveralTimesInOneBatch(t *testing.T) {
	c := readCase(t, "16-dynamodb-same-key-in-one-batch.json")
	h := newHarness(t)
	files := ordersOf("sources: [{table: dynamodb.orders}]\nfields:\n  id: {type: keyword}\n")
	files["lines.yaml"] = "name: lines\nsources: [{table: dynamodb.lines}]\nid: {fields: [pk, sk]}\nindex: {policy: single}\nfields:\n  pk: {type: keyword}\n  sk: {type: keyword}\n"
	h.use(t, files)
	h.settled(t, c.Input.Setup...)
	for range 2 {
		h.settled(t, c.Input.Events...)
		h.holds(t, "orders", map[string]string{"y": `{"id":"y","v":9}`})
		h.holds(t, "lines", map[string]string{`a|b\|c`: `{"pk":"a","sk":"b|c","n":2}`})
	}
}

func TestCase17DynamoDBValuesAreExact(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf("sources: [{table: dynamodb.orders}]\nfields:\n  id: {type: keyword}\n  big: {type: unsigned_long}\n  acct: {type: keyword}\n"))
	h.settled(t, readCase(t, "17-dynamodb-values-exact.json").Input.Events...)
	h.holds(t, "orders", map[string]string{
		"d1": `{"id":"d1","big":18446744073709551615,"acct":12345678901234567890123456789012345678,"bal":-0.10,"raw":"AP8Q","ns":[3,1.50],` +
			`"ss":["b","a"],"bs":["AP8Q"],"nul":null,"flag":false,"empty":"","m":{"l":[1,"x",{}]}}`,
		"d2": `{"id":"d2","big":1}`,
	})
}

func TestCase20PlaceholdersOfEveryTypeAreMerged(t *testing.T) {
	events := readCase(t, "20-debezium-toast-placeholders-of-every-type.json").Input.Events
	const five = `{"id":5,"n":2,"big":"long text","raw":"Ynl0ZXMga2VwdA==","tags":["a","b"],"nums":[1,2,3],"attrs":{"k":"v"},"uid":"00000000-0000-4000-8000-000000000001"}`
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	h.settled(t, events[0], events[1])
	h.holds(t, "orders", map[string]string{"5": five})
	h.settled(t, events[2], events[3], events[1])
	h.holds(t, "orders", map[string]string{"5": five, "6": `{"id":6,"n":7}`})
	if !strings.Contains(h.out.String(), `"incomplete":1`) {
		t.Error("the row without its values is not counted")
	}
}

func TestAPlaceholderIsMergedWithAnOlderChangeOfItsBatch(t *testing.T) {
	events := readCase(t, "20-debezium-toast-placeholders-of-every-type.json").Input.Events
	var bodies []string
	for _, event := range events[:2] {
		var e struct{ Records []struct{ Body string } }
		if err := json.Unmarshal(event, &e); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, "orders→"+e.Records[0].Body)
	}
	slices.Reverse(bodies) // delivered the wrong way round, the newer wins all the same
	for range 2 {
		h := newHarness(t)
		h.use(t, ordersOf(idField))
		h.settled(t, sqsEvent(queueARN, bodies...))
		if got := h.cluster.Documents("orders")["5"]; !strings.Contains(got, `"n":2`) || !strings.Contains(got, `"big":"long text"`) || strings.Contains(got, "unavailable") {
			t.Errorf("document: %s", got)
		}
		slices.Reverse(bodies)
	}
}

func TestARowIsNotMergedWhileItsDocumentCannotBeRead(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	h.base = unreadable{}
	event := readCase(t, "20-debezium-toast-placeholders-of-every-type.json").Input.Events[1]
	if failed := h.failures(t, event); !slices.Equal(failed, []string{"t2"}) || len(h.cluster.Requests()) > 0 {
		t.Errorf("failed %q after %d requests", failed, len(h.cluster.Requests()))
	}
}

func TestCase21DecimalsAndMicroTimesKeepEveryDigit(t *testing.T) {
	event := readCase(t, "21-debezium-decimals-and-micro-times.json").Input.Events[0]
	const fields = "fields:\n  id: {type: long}\n  tax: {type: keyword%s}\n  neg: {type: keyword%s}\n  huge: {type: keyword%s}\n  rate: {type: double}\n" +
		"  at: {type: date%s}\n  nat: {type: date%s}\n  day: {type: date%s}\n  ubig: {type: unsigned_long}\n"
	row := func(id string) string {
		return `{"id":` + id + `,"tax":"0.1032","neg":"-0.01","huge":"12345678901234567890.1234567890","rate":"-12.34567","at":"2024-01-01T00:00:00.123456Z",` +
			`"nat":"2024-01-01T00:00:00.123456789Z","day":"2024-01-01","ubig":18446744073709551615}`
	}
	h := newHarness(t)
	h.use(t, ordersOf(fmt.Sprintf(fields, ", column: decimal(4)", ", column: decimal(2)", ", column: decimal(10)", ", column: micros", ", column: nanos", ", column: days")))
	h.settled(t, event)
	h.holds(t, "orders", map[string]string{"1": row("1"), "2": row("2")})

	h = newHarness(t)
	h.use(t, ordersOf(fmt.Sprintf(fields, "", "", "", "", "", "")))
	if failed := h.failures(t, event); len(failed) > 0 {
		t.Errorf("failed %q", failed)
	}
	h.holds(t, "orders", map[string]string{"1": row("1")})
	if got := h.queue.brief("type", "cause"); len(got) != 1 || !strings.Contains(got[0], `column_unit_unknown | column "at"`) {
		t.Errorf("dead letters: %q", got)
	}
}

func TestCase23BinaryColumnsAreTheirBytes(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf("fields:\n  id: {type: long}\n  tok: {type: binary}\n  pic: {type: binary}\n"))
	h.settled(t, readCase(t, "23-canal-binary-columns-as-latin1.json").Input.Events...)
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"name":"测","tok":"5rWL","pic":"AP8Q"}`})
}

func TestCase25AColumnThatIsLeftOutIsNullAndControlRecordsAreNoDocuments(t *testing.T) {
	event := readCase(t, "25-dms-omitted-null-and-control-records.json").Input.Events[0]
	h := newHarness(t)
	h.use(t, ordersOf("sources: [{table: shop.orders}]\n"+idField))
	for range 2 {
		h.settled(t, event)
		h.holds(t, "orders", map[string]string{"1": `{"id":1,"qty":4}`})
	}
	var e struct{ Records []json.RawMessage }
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(map[string]any{"Records": e.Records[1:2]})
	h.settled(t, again)
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"qty":4}`})
}

func TestAChangedKeyDeletesTheOldDocument(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	message := func(kind, id, old string, es int) string {
		return fmt.Sprintf(`orders→{"data":[{"id":%q}],"database":"shop","es":%d,"isDdl":false,"mysqlType":{"id":"bigint"},"old":%s,"pkNames":["id"],"table":"orders","type":%q}`, id, es, old, kind)
	}
	h.settled(t, sqsEvent(queueARN, message("INSERT", "3", "null", 1000)), sqsEvent(queueARN, message("UPDATE", "30", `[{"id":"3"}]`, 2000)))
	h.settled(t, sqsEvent(queueARN, message("INSERT", "3", "null", 1000))) // late
	if got := slices.Collect(maps.Keys(h.cluster.Documents("orders"))); !slices.Equal(got, []string{"30"}) {
		t.Errorf("documents %q", got)
	}
}

// The good rows of a message are stored even if the bad one never is.
func TestOneUnreadableRowOfAMessageKeepsNoOtherBack(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	h.failures(t, sqsEvent(queueARN, `orders→{"data":[{"id":"1","s":"1"},{"id":"2","s":"9"},{"id":"3","s":"2"},{"id":"4","s":"8"}],"database":"shop","es":1000,"isDdl":false,`+
		`"mysqlType":{"id":"bigint","s":"enum('new','paid')"},"old":[{"id":"7"},{"id":"8"},{"id":"9"},{}],"table":"orders","type":"UPDATE"}`))
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"s":"new"}`, "3": `{"id":3,"s":"paid"}`})
	want := `document 1: column "s": not a value of type enum('new','paid') (and 1 more)`
	if got := h.queue.brief("cause"); len(got) != 1 || !strings.HasSuffix(got[0], want) {
		t.Errorf("dead letters %q", got)
	}
}

func TestChangesThatShareAVersionAreAppliedInTheirOrder(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	message := func(kind string, n int) string {
		return fmt.Sprintf(`orders→{"data":[{"id":"1","n":"%d"}],"database":"shop","es":1000,"isDdl":false,"mysqlType":{"id":"bigint","n":"int"},"old":null,"table":"orders","type":%q}`, n, kind)
	}
	h.settled(t, sqsEvent(queueARN, message("INSERT", 1), message("UPDATE", 2), message("DELETE", 2), message("INSERT", 3), message("UPDATE", 4)))
	h.holds(t, "orders", map[string]string{"1": `{"id":1,"n":4}`})
}

func TestATableFindsItsCollectionAndAnAppendOnlyOneKeepsTheMessage(t *testing.T) {
	const change = `{"data":{"id":1},"metadata":{"timestamp":"2024-01-01T10:00:01Z","record-type":"data","operation":"insert","schema-name":"shop","table-name":%q}}`
	files := ordersOf("sources: [{table: shop.orders}]\n" + idField)
	files["audit.yaml"] = "name: audit\nappend_only: true\nsources: [{table: shop.audit}]\nindex: {policy: single}\nfields:\n  data: {type: object}\n"
	h := newHarness(t)
	h.use(t, files)
	event := kinesisEvent(fmt.Appendf(nil, change, "orders"), fmt.Appendf(nil, change, "audit"), fmt.Appendf(nil, change, "other"), []byte(`{"plain":1}`))
	if failed := h.failures(t, event); len(failed) > 0 {
		t.Errorf("failed %q", failed)
	}
	h.holds(t, "orders", map[string]string{"1": `{"id":1}`})
	if got := h.cluster.Documents("audit"); len(got) != 1 || !strings.Contains(fmt.Sprint(got), "record-type") {
		t.Errorf("audit: %v", got)
	}
	if got := h.queue.brief("type", "cause"); len(got) != 2 || !strings.Contains(got[0], "none its table shop.other") || !strings.Contains(got[1], "unknown_collection") {
		t.Errorf("dead letters: %q", got)
	}
}

func TestAMessageOfMillionsOfRowsIsRefusedBeforeTheyAreMade(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf(idField))
	rows := strings.Repeat("{},", envelope.Most) + "{}"
	message := `{"data":[` + rows + `],"database":"shop","es":1000,"isDdl":false,"mysqlType":{},"old":[` + rows + `],"table":"orders","type":"UPDATE"}`
	h.failures(t, sqsEvent(queueARN, "orders→"+message))
	if got := h.queue.brief("type"); len(got) != 1 || !strings.HasSuffix(got[0], "| too_many_documents") {
		t.Errorf("%d dead letters, %.200q", len(got), got)
	}
}
