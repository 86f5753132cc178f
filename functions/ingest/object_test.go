package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
)

var logFiles = collectionFiles{"logs.yaml": `
name: logs
append_only: true
sources: [{bucket: b01}, {queue: s3-notify}]
lines: [text]
fields: {n: {type: long}}
index: {policy: single}
`}

// lines are numbered documents of about so many bytes each.
func lines(n, bytes int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "{\"n\":%d,\"s\":%q}\n", i, strings.Repeat("x", max(0, bytes-16)))
	}
	return out.String()
}

func (h *harness) numbers(t *testing.T) map[string]int {
	t.Helper()
	all := map[string]int{}
	for id, body := range h.cluster.Documents("logs") {
		var d struct{ N int }
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			t.Fatal(err)
		}
		all[id] = d.N
	}
	return all
}

// complete says that every number is there, in one document each.
func (h *harness) complete(t *testing.T, n int) {
	t.Helper()
	got := slices.Sorted(maps.Values(h.numbers(t)))
	if len(got) != n {
		t.Fatalf("%d documents, want %d", len(got), n)
	}
	for i := range got {
		if got[i] != i {
			t.Fatalf("document %d is missing", i)
		}
	}
}

func TestCase06ControlNotificationsAreAcknowledgedAndCounted(t *testing.T) {
	text, err := os.ReadFile("testdata/cases/06-s3-control-notifications.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Input struct {
			Objects []struct {
				Bucket, Key string
				Body        string `json:"body_base64"`
			} `json:"s3_objects"`
			Events []json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	h := newHarness(t)
	h.use(t, logFiles)
	for _, o := range c.Input.Objects {
		body, _ := base64.StdEncoding.DecodeString(o.Body)
		h.bucket.put(o.Bucket+"/"+o.Key, string(body))
	}
	for range 2 {
		if failed := h.failures(t, c.Input.Events[0]); failed != nil || len(h.queue.letters) > 0 {
			t.Fatal(failed, h.queue.brief("cause"))
		}
	}
	const position = "b1/in/a.ndjson@707a7967b0f1d0a9549555eacf73b6e3#"
	want := map[string]string{position + "0": `{"@timestamp":"2024-01-01T10:00:00Z","message":"l1"}`, position + "53": `{"@timestamp":"2024-01-01T10:00:00Z","message":"l2"}`}
	if diff := cmp.Diff(want, h.cluster.Documents("logs")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(h.bucket.requests) != 2 || !strings.Contains(h.out.String(), `"empty":1,"skipped":4`) {
		t.Errorf("%d requests to S3, log %s", len(h.bucket.requests), h.out.String())
	}
}

func TestObjectsLinesBecomeDocumentsOnceHoweverOftenItIsToldOf(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	key := "in/2026 05+17/é.ndjson"
	h.bucket.put("b01/"+key, lines(100, 50))
	bridged := fmt.Sprintf(`{"version":"0","id":"i","detail-type":"Object Created","source":"aws.s3","account":"1","time":"2026-05-17T12:00:00Z","region":"us-east-1","resources":[],`+
		`"detail":{"version":"0","bucket":{"name":"b01"},"object":{"key":%q,"size":1,"etag":%q,"sequencer":"0"}}}`, key, etag(h.bucket.objects["b01/"+key]))
	published, _ := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": bridged})
	for _, body := range []string{h.bucket.told(key), bridged, string(published)} {
		if failed := h.failures(t, sqsEvent(queueARN, body)); failed != nil || len(h.queue.letters) > 0 {
			t.Fatal(failed, h.queue.brief("cause"))
		}
		h.complete(t, 100)
	}
	if n := len(h.bucket.requests); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// A notification may list as many objects as its sender likes.
func TestNotificationOfSeveralObjectsIsTakenApart(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	var keys []string
	for i := range 23 {
		keys = append(keys, fmt.Sprint("k", i))
		h.bucket.put("b01/"+keys[i], fmt.Sprintf("{\"n\":%d}\n", i))
	}
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told(keys...))); failed != nil || len(h.queue.sent) != 23 || len(h.bucket.requests) != 0 {
		t.Fatal(failed, len(h.queue.sent), len(h.bucket.requests))
	}
	if failed := h.failures(t, h.queue.again()); failed != nil {
		t.Fatal(failed)
	}
	h.complete(t, 23)
}

// What is not known to be in the queue again is not given up.
func TestNotificationIsReportedUntilItsPartsAreInTheQueue(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", lines(1, 20))
	h.bucket.put("b01/b", lines(1, 20))
	h.queue.down = true
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a", "b"))); len(failed) != 1 {
		t.Error(failed)
	}
}

func TestConnectionLostInTheMiddleIsMadeAnewWhereItWasLost(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	for name, content := range map[string]string{"plain": lines(500, 100), "packed": string(zip(lines(500, 100)))} {
		h.bucket.put("b01/"+name, content)
		h.bucket.requests = nil
		h.bucket.cut = func(n int) int { return min(n, 4) * len(content) / 10 }
		if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told(name))); failed != nil || len(h.queue.letters) > 0 {
			t.Fatal(name, failed, h.queue.brief("cause"))
		}
		if len(h.bucket.requests) < 4 || h.bucket.requests[2].Range == nil || h.bucket.requests[2].IfMatch == nil {
			t.Errorf("%s: %d requests", name, len(h.bucket.requests))
		}
	}
	if got := h.numbers(t); len(got) != 1000 {
		t.Error(len(got))
	}
}

func TestObjectThatIsGoneOrReplacedIsPassedOver(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", lines(3, 20))
	gone, replaced := h.bucket.told("gone?"), h.bucket.told("a")
	gone = strings.Replace(gone, `"size":0`, `"size":9`, 1)
	h.bucket.put("b01/a", lines(5, 20))
	if failed := h.failures(t, sqsEvent(queueARN, gone, replaced)); failed != nil || len(h.queue.letters) != 0 || len(h.numbers(t)) != 0 {
		t.Error(failed, h.queue.brief("cause"), h.numbers(t))
	}
	if log := h.out.String(); !strings.Contains(log, `"objects_gone":2`) || !strings.Contains(log, "s3://b01/gone?") || !strings.Contains(log, "deleted since") || !strings.Contains(log, "overwritten since") {
		t.Error(log)
	}
	// In the middle: what has been read of the former content stays.
	h.bucket.put("b01/b", lines(500, 100))
	h.bucket.requests = nil
	h.bucket.cut = func(n int) int {
		defer h.bucket.put("b01/b", lines(1, 100))
		return 20_000
	}
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("b"))); failed != nil || len(h.queue.letters) != 0 {
		t.Error(failed, h.queue.brief("cause"))
	}
	if n := len(h.numbers(t)); n < 100 || n > 250 {
		t.Errorf("%d documents of the former content", n)
	}
}

func TestS3ThatRefusesOrThrottlesIsReportedAndNeverADeadLetter(t *testing.T) {
	for _, c := range []struct {
		status     int
		code, says string
	}{
		{403, "AccessDenied", "may not be read"}, {403, "InvalidAccessKeyId", "may not be read"}, {301, "PermanentRedirect", "in this region"},
		{503, "SlowDown", "S3 throttles"}, {500, "InternalError", "cannot be read"},
	} {
		h := newHarness(t)
		h.use(t, logFiles)
		h.bucket.put("b01/a", lines(3, 20))
		h.bucket.refuse = func(int) (int, string) { return c.status, c.code }
		failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a"), `{"n":7}`))
		if len(failed) != 1 || failed[0] != "m0" || len(h.queue.letters) != 0 || !strings.Contains(h.out.String(), c.says) || len(h.numbers(t)) != 1 {
			t.Error(c.status, failed, h.queue.brief("cause"), h.out.String())
		}
		if faulty := strings.Contains(h.out.String(), "hint"); faulty != (c.status < 500) {
			t.Errorf("%d: hint %t", c.status, faulty)
		}
	}
}

func TestObjectThatCannotBeReadIsADeadLetterThatLeadsBackToIt(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a.parquet", "PAR1....")
	h.bucket.put("b01/half.gz", string(zip(lines(20_000, 60))[:30_000]))
	h.bucket.put("b01/cold", "x")
	h.bucket.refuse = func(n int) (int, string) {
		if *h.bucket.requests[n-1].Key == "cold" {
			return 403, "InvalidObjectState"
		}
		return 0, ""
	}
	other := strings.Replace(h.bucket.told("cold"), `"b01"`, `"b02"`, 1)
	bodies := []string{h.bucket.told("a.parquet"), h.bucket.told("half.gz"), h.bucket.told("cold"), "-→" + other}
	payload := strings.ReplaceAll(string(sqsEvent(queueARN, bodies...)), `"stringValue":"-"`, `"stringValue":""`)
	if failed := h.failures(t, []byte(payload)); failed != nil {
		t.Fatal(failed)
	}
	want := []string{
		bodies[0] + " | format_unsupported | s3://b01/a.parquet: the object is Parquet: write NDJSON, JSON, CSV or lines of text, plain or packed by gzip or zstd | logs",
		bodies[1] + " | object_unreadable | s3://b01/half.gz: gzip: unexpected EOF | logs",
		bodies[2] + " | object_archived | s3://b01/cold: it is archived: restore it, then move this message back | logs",
		other + " | unknown_collection | s3://b02/cold: no collection takes objects of s3://b02/cold | ",
	}
	if diff := cmp.Diff(want, h.queue.brief("type", "cause", "collection")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(h.numbers(t)); n < 1000 {
		t.Errorf("%d lines before the damage are stored", n)
	}
}

func TestPoisonLineIsADeadLetterThatComesBackAsTheSameDocument(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(logFiles["logs.yaml"], "lines: [text]\n", "", 1)})
	large := fmt.Sprintf(`{"n":3,"s":"%s"}`, strings.Repeat("x", h.most))
	h.bucket.put("b01/a", "{\"n\":0}\n  broken \n{\"n\":2}\n"+large+"\n{\"n\":4}\n")
	h.failures(t, sqsEvent(queueARN, h.bucket.told("a")))
	position := "b01/a@" + etag(h.bucket.objects["b01/a"]) + "#"
	want := []string{
		"broken | not_json | not a JSON object | logs | " + position + "8 | ",
		h.bucket.told("a") + fmt.Sprintf(" | too_large | %d bytes at byte 26 of the object: a document has at most 1048576 (BULK_MAX_BYTES) | logs | %s26 | 26-%d", len(large)+1, position, 26+len(large)+1),
	}
	if diff := cmp.Diff(want, h.queue.brief("type", "cause", "collection", "id", "range")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The line is mended, the limit raised, both are moved back to the queue.
	h.most *= 2
	h.queue.sent, h.queue.letters = h.queue.letters, nil
	*h.queue.sent[0].MessageBody = `{"n":1}`
	if failed := h.failures(t, h.queue.again()); failed != nil || len(h.queue.letters) > 0 {
		t.Fatal(failed, h.queue.brief("cause"))
	}
	h.complete(t, 5)
	if h.numbers(t)[position+"8"] != 1 || h.numbers(t)[position+"26"] != 3 || !strings.Contains(h.out.String(), `"stored":2,"duplicates":0`) {
		t.Errorf("%v %s", h.numbers(t), h.out.String())
	}
}

// A line may be larger than the dead-letter queue takes.
func TestPoisonLineOverTheQueuesLimitIsNamedByItsPlace(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.most = 4 << 20
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, `"n":1,`) {
			return 400, "mapper_parsing_exception"
		}
		return 0, ""
	}
	content := "{\"n\":0}\n{\"n\":1,\"s\":\"" + noise(3<<20) + "\"}\n{\"n\":2}\n"
	h.bucket.put("b01/a", content)
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a"))); failed != nil {
		t.Fatal(failed)
	}
	want := []string{h.bucket.told("a") + " | mapper_parsing_exception | 8-" + fmt.Sprint(strings.Index(content, "{\"n\":2"))}
	if diff := cmp.Diff(want, h.queue.brief("type", "range")); diff != "" || len(h.numbers(t)) != 2 {
		t.Errorf("(-want +got):\n%.2000s", diff)
	}
}

func TestThrottledObjectGoesOnWhereItStopped(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a.gz", string(zip("broken\n"+lines(60_000, 40))))
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(logFiles["logs.yaml"], "lines: [text]\n", "", 1)})
	full := true
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if full && strings.Contains(i.Body, `"n":33333,`) {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a.gz"))); failed != nil || len(h.queue.sent) != 1 || len(h.queue.letters) != 1 {
		t.Fatal(failed, len(h.queue.sent), h.queue.brief("cause"))
	}
	if s := h.queue.sent[0]; s.DelaySeconds != pushedBack || *s.MessageBody != h.bucket.told("a.gz") || *s.MessageAttributes["etag"].StringValue != etag(h.bucket.objects["b01/a.gz"]) {
		t.Errorf("%+v", s)
	}
	next := h.queue.again()
	if failed := h.failures(t, next); len(failed) != 1 || len(h.queue.sent) != 0 {
		t.Error("without any progress the message itself comes again", failed, len(h.queue.sent))
	}
	full = false
	if failed := h.failures(t, next); failed != nil || len(h.queue.letters) != 1 {
		t.Error(failed, h.queue.brief("cause"))
	}
	h.complete(t, 60_000)
}

func TestObjectIsReadForStandardQueuesAlone(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", lines(3, 20))
	told := h.bucket.told("a")
	h.failures(t, sqsEvent(fifoARN, told))
	h.failures(t, kinesisEvent([]byte(told)))
	if got := h.queue.brief("type"); len(got) != 2 || got[0] != told+" | notification_misplaced" || got[1] != got[0] || len(h.bucket.requests) != 0 {
		t.Fatal(got)
	}
	// Moved to the standard queue, they are read.
	h.queue.sent, h.queue.letters = h.queue.letters, nil
	if failed := h.failures(t, h.queue.again()); failed != nil || len(h.queue.letters) != 0 {
		t.Error(failed, h.queue.brief("cause"))
	}
	h.complete(t, 3)
}

// A collection may want the notifications themselves.
func TestNotificationIsADocumentWhereNothingIsUnwrapped(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": logFiles["logs.yaml"] + "envelope: none\n"})
	told := h.bucket.told("a")
	if failed := h.failures(t, sqsEvent(queueARN, told)); failed != nil || h.cluster.Documents("logs")["m0"] != told {
		t.Error(failed, h.cluster.Documents("logs"), h.queue.brief("cause"))
	}
}

func TestLongKeysMakeIDsThatOpenSearchTakes(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	for _, end := range []string{"a", "b"} {
		key := strings.Repeat("é/", 330) + end
		h.bucket.put("b01/"+key, "{\"n\":1}\n{\"n\":2}")
		if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told(key))); failed != nil || len(h.queue.letters) > 0 {
			t.Fatal(failed, h.queue.brief("cause"))
		}
	}
	if got := h.numbers(t); len(got) != 4 {
		t.Error(slices.Sorted(maps.Keys(got)))
	}
}

// Waiting behind another object costs a notification no receive: what the time did not
// suffice to begin goes back, and what it did not suffice to finish goes on.
func TestObjectsThatTheTimeDoesNotSufficeForGoBackToTheQueue(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	for _, key := range []string{"a", "b", "c"} {
		h.bucket.put("b01/"+key, strings.ReplaceAll(lines(30_000, 30), `"n":`, `"n`+key+`":`))
	}
	h.cluster.Hook = func(_ context.Context, n int) {
		if n == 25 {
			time.Sleep(58500 * time.Millisecond) // of a minute: the reserve has begun
		}
	}
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a"), h.bucket.told("b"), h.bucket.told("c"))); failed != nil {
		t.Fatal(failed)
	}
	var ranges []string
	for _, s := range h.queue.sent {
		ranges = append(ranges, fmt.Sprintf("%s %d", aws.ToString(s.MessageAttributes["range"].StringValue), s.DelaySeconds))
	}
	if len(ranges) != 3 || ranges[0] == " 0" || ranges[1] != " 0" || ranges[2] != " 0" {
		t.Errorf("%q", ranges)
	}
	h.cluster.Hook = nil
	if failed := h.failures(t, h.queue.again()); failed != nil || len(h.queue.sent) > 0 {
		t.Fatal(failed)
	}
	if got := h.cluster.Documents("logs"); len(got) != 90_000 {
		t.Error(len(got))
	}
}

// Nothing was brought forward: the receives count.
func TestObjectWithoutAnyProgressIsReported(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", lines(10, 30))
	h.cluster.Before = func(int, []byte) *bulktest.Fault { return &bulktest.Fault{Status: 503} }
	if failed := h.failures(t, sqsEvent(queueARN, h.bucket.told("a"), h.bucket.told("a"))); len(failed) != 2 || len(h.queue.sent) != 0 || len(h.queue.letters) != 0 {
		t.Error(failed, len(h.queue.sent), h.queue.brief("cause"))
	}
}

// A dead letter of a FIFO queue that was moved to a standard queue is in that queue now.
func TestMovedFIFOLetterIsAnsweredAsItsQueueWants(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, `"n":1`) {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}
	event := string(sqsEvent(queueARN, `logs/g→{"n":1}`, `logs/g→{"n":2}`))
	event = strings.Replace(event, `"messageAttributes":{`, `"messageAttributes":{"source":{"stringValue":"`+fifoARN+`","dataType":"String"},"arrived":{"stringValue":"1779008703310","dataType":"String"},`, 1)
	if diff := cmp.Diff([]string{"m0"}, h.failures(t, []byte(event))); diff != "" {
		t.Error(diff)
	}
}

// Whoever may post documents may not have objects read for it.
func TestPostedDocumentIsNeverANotification(t *testing.T) {
	h := newHarness(t)
	h.use(t, logFiles)
	h.bucket.put("b01/a", lines(3, 20))
	told := h.bucket.told("a")
	event := strings.Replace(string(sqsEvent(queueARN, told)), `"messageAttributes":{`, `"messageAttributes":{"plain":{"stringValue":"true","dataType":"String"},`, 1)
	if failed := h.failures(t, []byte(event)); failed != nil || len(h.bucket.requests) != 0 || h.cluster.Documents("logs")["m0"] != told {
		t.Error(failed, len(h.bucket.requests), h.cluster.Documents("logs"), h.queue.brief("cause"))
	}
}
