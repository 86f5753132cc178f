package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/collection"
)

var ruled = collectionFiles{"orders.yaml": `
name: orders
mapping:
  - sources: [ingest.fifo, shop.orders]
    rename: {orderNo: id}
    case: snake
    type: {total: decimal}
    redact: {email: {hash: hmac-sha256}}
    examples:
      - input: {orderNo: A-1, total: "1.10", email: a@example.org}
        want: {id: A-1, total: 1.10, email: 5bb8b52c2d6d5d872ecefdbb7c2671bfdc95664779578397efd41dcafede7660}
id: {fields: [id]}
index: {policy: single}
fields:
  id: {type: keyword}
`}

// keyed is the set whose rules hash with a key.
func (h *harness) keyed(t *testing.T, files collectionFiles) {
	t.Helper()
	set, err := collection.Load(files.fs())
	if err != nil {
		t.Fatal(err)
	}
	if h.collections, err = set.WithRedactKey("key"); err != nil {
		t.Fatal(err)
	}
	h.compile()
}

func TestIngestMapsFieldsBeforeItTakesTheID(t *testing.T) {
	h := newHarness(t)
	h.keyed(t, ruled)
	if got := h.failures(t, sqsEvent(fifoARN, `orders/g→{"orderNo":9007199254740993,"total":"1.10","userId":1,"email":"1"}`)); got != nil {
		t.Error(got)
	}
	want := map[string]string{"9007199254740993": `{"id":9007199254740993,"total":1.10,"user_id":1,"email":"6da91fb91517be1f5cdcf3af91d7d40c717dd638a306157606fb2e584f7ae926"}`}
	if diff := cmp.Diff(want, h.cluster.Documents("orders")); diff != "" {
		t.Error(diff)
	}
}

func TestIngestMapsOnlyTheSourcesThatTheRulesAreFor(t *testing.T) {
	h := newHarness(t)
	h.keyed(t, ruled)
	if got := h.failures(t, sqsEvent(queueARN, `orders→{"id":"1","userId":1}`)); got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff(map[string]string{"1": `{"id":"1","userId":1}`}, h.cluster.Documents("orders")); diff != "" {
		t.Error(diff)
	}
}

func TestValueThatNoRuleConvertsIsADeadLetterWithoutTheValue(t *testing.T) {
	h := newHarness(t)
	h.keyed(t, ruled)
	h.failures(t, sqsEvent(fifoARN, `orders/g→{"orderNo":"1","total":"cheap"}`, `orders/g→{"orderNo":`))
	want := []string{
		`mapping_misfit | rule type: decimal cannot convert field "total", which is a string`,
		`not_json | not JSON: the text ends too early`,
	}
	for i, line := range h.queue.brief("type", "cause") {
		if _, got, _ := strings.Cut(line, " | "); got != want[i] {
			t.Error(got)
		}
	}
	if strings.Contains(h.out.String(), "cheap") {
		t.Error("a value is in the log")
	}
}

func TestHashesNeedAKey(t *testing.T) {
	set, err := collection.Load(ruled.fs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.WithRedactKey(""); err == nil || !strings.Contains(err.Error(), "of orders hash personal data, and REDACT_KEY is missing: ") {
		t.Error(err)
	}
}

// Rules of one source would else leave what comes back by another queue in the clear.
func TestARedrivenRecordMeetsTheRulesOfItsOwnSource(t *testing.T) {
	h := newHarness(t)
	h.keyed(t, ruled)
	attribute := func(name, value string) string {
		return `"` + name + `":{"stringValue":"` + value + `","dataType":"String"}`
	}
	h.settled(t, []byte(`{"Records":[{"messageId":"m9","body":"{\"orderNo\":\"7\",\"email\":\"1\"}","messageAttributes":{`+attribute("collection", "orders")+`,`+attribute("source", fifoARN)+`,`+
		attribute("arrived", "1779008703310")+`},"eventSource":"aws:sqs","eventSourceARN":"`+queueARN+`"},{"messageId":"m8","body":"{\"id\":\"8\",\"email\":\"1\"}","messageAttributes":{`+
		attribute("collection", "orders")+`,`+attribute("source", "ingest.fifo")+`},"eventSource":"aws:sqs","eventSourceARN":"`+queueARN+`"}]}`))
	h.holds(t, "orders", map[string]string{
		"7": `{"id":"7","email":"6da91fb91517be1f5cdcf3af91d7d40c717dd638a306157606fb2e584f7ae926"}`,
		"8": `{"id":"8","email":"1"}`, // a producer's own attribute of that name
	})
}
