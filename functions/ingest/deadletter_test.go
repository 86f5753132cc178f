package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
)

func TestDeadLetterSaysWhyAndKeepsTheBody(t *testing.T) {
	h := newHarness(t)
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, "misfit") {
			return 400, "mapper_parsing_exception"
		}
		return 0, ""
	}
	got := h.failures(t, sqsEvent(queueARN,
		"orders→{\"id\":\"A-1\", \"version\":", `orders→{"id":"1","id":"2"}`, `invoices→{"id":"1"}`, `orders→{"id":"1","version":1,"status":"misfit"}`,
		`{"@timestamp":"2099-01-01T00:00:00Z"}`, "  \n ", "orders→[{\"id\":\"3\",\"version\":1},{\"id\":\"4\"},{\"id\":\"5\"}]",
		`orders→{"id":"`+strings.Repeat("漢", 171)+`","version":1}`, "orders→plain text"))
	if got != nil {
		t.Error(got)
	}
	want := []string{
		"{\"id\":\"A-1\", \"version\": | not_json | not JSON: the text ends too early | orders | m0",
		`{"id":"1","id":"2"} | duplicate_field | duplicate field "id" | orders | m1`,
		`{"id":"1"} | unknown_collection | there is no collection "invoices" | invoices | m2`,
		`{"id":"1","version":1,"status":"misfit"} | mapper_parsing_exception | mapper_parsing_exception: said by bulktest | orders | m3`,
		`{"@timestamp":"2099-01-01T00:00:00Z"} | time_in_future | the event time 2099-01-01T00:00:00Z is more than 1h0m0s ahead of the clock | logs | m4`,
		"  \n  | empty_body | the body is empty | logs | m5",
		`[{"id":"3","version":1},{"id":"4"},{"id":"5"}] | version_missing | document 1: version field "version" is missing (and 1 more) | orders | m6`,
		`{"id":"` + strings.Repeat("漢", 171) + `","version":1} | id_too_long | id longer than 512 bytes (513) | orders | m7`,
		`plain text | not_json | not a JSON object | orders | m8`,
	}
	if diff := cmp.Diff(want, h.queue.brief("type", "cause", "collection", "id")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantNotes := []deadletter.Note{
		{Source: queueARN, Position: "m0", Arrived: 1779008703310, Died: noon.UnixMilli(), Attempts: 1, Named: true},
		{Source: queueARN, Position: "m3", Arrived: 1779008703310, Died: noon.UnixMilli(), Attempts: 1, Named: true, Index: "orders-000001", Document: "1", Version: new(int64(1))},
	}
	if diff := cmp.Diff(wantNotes, []deadletter.Note{h.queue.note(t, 0), h.queue.note(t, 3)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if docs := h.cluster.Documents("orders"); len(docs) != 1 || docs["3"] == "" {
		t.Errorf("a good document beside a bad one was not stored: %v", docs)
	}
	if log := h.out.String(); strings.Contains(log, "misfit") || strings.Contains(log, "plain text") {
		t.Errorf("a body is in the log: %s", log)
	}
}

// SQS takes no message without a body.
func TestMessageWithoutABodyIsPassedOver(t *testing.T) {
	h := newHarness(t)
	if got := h.failures(t, sqsEvent(queueARN, "", event1(1))); got != nil || len(h.queue.letters) != 0 || !strings.Contains(h.out.String(), `"empty":1`) {
		t.Error(got, h.queue.brief("cause"))
	}
}

func TestDeadLetterThatIsNotStoredComesAgain(t *testing.T) {
	h := newHarness(t)
	h.queue.down = true
	if diff := cmp.Diff([]string{"m1"}, h.failures(t, sqsEvent(queueARN, event1(0), "orders→x", event1(2)))); diff != "" {
		t.Error(diff)
	}
	if h.queue.batches < 2 {
		t.Error("it was not tried again")
	}
}

func TestDeadLettersAreTriedAgainOneByOne(t *testing.T) {
	h := newHarness(t)
	h.queue.refuse = func(try int, e types.SendMessageBatchRequestEntry) string {
		if *e.Id == "1" && try < 3 || *e.Id == "2" {
			return "InternalError"
		}
		return ""
	}
	if diff := cmp.Diff([]string{"m2"}, h.failures(t, sqsEvent(queueARN, "orders→a", "orders→b", "orders→c"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, h.queue.brief()); diff != "" {
		t.Error(diff)
	}
}

func TestDeadLettersFillBatchesToTheQueuesLimits(t *testing.T) {
	h := newHarness(t)
	bodies := make([]string, 12)
	for i := range bodies {
		bodies[i] = fmt.Sprintf("orders→%d%s", i, strings.Repeat("x", 200_000))
	}
	if got := h.failures(t, sqsEvent(queueARN, bodies...)); got != nil || len(h.queue.letters) != 12 || h.queue.batches != 3 {
		t.Error(got, len(h.queue.letters), h.queue.batches)
	}
}

func TestDeadLetterOverTheQueuesLimitIsPacked(t *testing.T) {
	h := newHarness(t)
	body := `{"id":"1","id":"2","s":"` + strings.Repeat("漢", maxMessage/3-10) + `"}`
	if got := h.failures(t, sqsEvent(queueARN, "orders→"+body)); got != nil {
		t.Fatal(got)
	}
	zipped, err := base64.StdEncoding.DecodeString(h.queue.brief()[0])
	if back, _ := unpack(zipped); string(back) != body || err != nil || h.queue.note(t, 0).Encoding != message.Base64 {
		t.Error(len(back), err)
	}
}

func TestDeadLetterOverTheQueuesLimitComesAgainWithoutABucket(t *testing.T) {
	h := newHarness(t)
	h.letters.bucket = ""
	noise := make([]byte, maxMessage*3/4-30)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	if got := h.failures(t, sqsEvent(queueARN, "orders→"+base64.StdEncoding.EncodeToString(noise), "orders→y")); len(got) != 1 || got[0] != "m0" {
		t.Error(got)
	}
}

func TestDeadLetterOfAStreamComesBackAsItWas(t *testing.T) {
	h := newHarness(t)
	h.failures(t, kinesisEvent(zip("bad"), []byte("text"), []byte("ctrl\x01"), []byte("\xff\xfe")))
	var restored []string
	for i, l := range h.queue.letters {
		body := *l.MessageBody
		if h.queue.note(t, i).Encoding == message.Base64 {
			raw, _ := base64.StdEncoding.DecodeString(body)
			body = string(raw)
		}
		restored = append(restored, body)
	}
	if diff := cmp.Diff([]string{string(zip("bad")), "text", "ctrl\x01", "\xff\xfe"}, restored); diff != "" {
		t.Error(diff)
	}
	if got := h.queue.brief("type", "id")[1]; got != "text | unknown_collection | ingest:shardId-000000000000:101" || h.queue.note(t, 1).Source != streamARN {
		t.Error(got)
	}
}

// A dead letter from before there were notes says the same in attributes of their own.
func TestRedrivenDeadLetterWithoutANoteIsTheSameDocument(t *testing.T) {
	payload := []byte(`{"Records":[{"messageId":"new","body":"` + base64.StdEncoding.EncodeToString(zip(`{"message":"a"}`)) + `","attributes":{"SentTimestamp":"1779999999999"},
		"messageAttributes":{"collection":{"stringValue":"logs","dataType":"String"},"id":{"stringValue":"shardId-000000000000:7","dataType":"String"},
		"arrived":{"stringValue":"1779008703310","dataType":"String"},"encoding":{"stringValue":"base64","dataType":"String"},"cause":{"stringValue":"x","dataType":"String"}},
		"eventSource":"aws:sqs","eventSourceARN":"` + queueARN + `"}]}`)
	h := newHarness(t)
	if got := h.failures(t, payload); got != nil {
		t.Error(got)
	}
	want := map[string]string{"shardId-000000000000:7": `{"@timestamp":"2026-05-17T09:05:03.310Z","message":"a"}`}
	if diff := cmp.Diff(want, h.cluster.Documents("logs-2026-05-17.write")); diff != "" {
		t.Error(diff)
	}
}

// Its body is base64 still: whatever room there is, it has to say so.
func TestRedrivenDeadLetterThatDiesAgainKeepsItsEncoding(t *testing.T) {
	own := `"a":{"stringValue":"1","dataType":"String"},"b":{"stringValue":"2","dataType":"String"},"c":{"stringValue":"3","dataType":"String"},`
	payload := []byte(`{"Records":[{"messageId":"new","body":"` + base64.StdEncoding.EncodeToString([]byte(`{"@timestamp":"2099-01-01T00:00:00Z"}`)) + `","attributes":{},
		"messageAttributes":{` + own + `"collection":{"stringValue":"logs","dataType":"String"},"arrived":{"stringValue":"1779008703310","dataType":"String"},"x":{"stringValue":"4","dataType":"String"},
		"encoding":{"stringValue":"base64","dataType":"String"}},"eventSource":"aws:sqs","eventSourceARN":"` + queueARN + `"}]}`)
	h := newHarness(t)
	h.failures(t, payload)
	if got := h.queue.letters[0].MessageAttributes; len(got) != 10 || h.queue.note(t, 0).Encoding != message.Base64 {
		t.Error(got)
	}
}

func TestProducersAttributesAreKeptWhileThereIsRoom(t *testing.T) {
	var own []string
	for i := range 9 {
		own = append(own, fmt.Sprintf(`"own%d":{"stringValue":"v%d","dataType":"String"}`, i, i))
	}
	own[0] = `"own0":{"binaryValue":"AAE=","dataType":"Binary.png"}`
	payload := []byte(`{"Records":[{"messageId":"m0","body":"x","attributes":{},"messageAttributes":{"none":{"stringValue":"","dataType":"String"},"type":{"stringValue":"theirs","dataType":"String"},` + strings.Join(own, ",") +
		`},"eventSource":"aws:sqs","eventSourceARN":"` + queueARN + `"}]}`)
	h := newHarness(t)
	h.failures(t, payload)
	got := h.queue.letters[0].MessageAttributes
	if _, empty := got["none"]; empty || len(got) != 10 || *got["type"].StringValue != "unknown_collection" || string(got["own0"].BinaryValue) != "\x00\x01" || *got["own0"].DataType != "Binary.png" {
		t.Errorf("%d: %v", len(got), got)
	}
}
