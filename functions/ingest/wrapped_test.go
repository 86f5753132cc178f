package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
)

// snsBody is what SNS sends to a queue of its subscription.
func snsBody(id, message, attributes string) string {
	return fmt.Sprintf(`{
  "Type" : "Notification",
  "MessageId" : %q,
  "TopicArn" : "arn:aws:sns:us-east-1:123456789012:orders",
  "Message" : %q,
  "Timestamp" : "2026-05-17T11:59:58.123Z",
  "SignatureVersion" : "1",
  "Signature" : "EXAMPLEpH+",
  "SigningCertURL" : "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem",
  "UnsubscribeURL" : "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:orders:c9135db0",
  "MessageAttributes" : {%s}
}`, id, message, attributes)
}

const snsCollection = `"collection" : {"Type":"String","Value":"logs"}`

func TestSNSMessageSentTwiceIsOneDocument(t *testing.T) {
	h := newHarness(t)
	body := snsBody("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", `{"message":"hello"}`, snsCollection)
	h.settled(t, messageEvent("q1", body, "{}"), messageEvent("q2", body, "{}"))
	h.holds(t, "logs-2026-05-17.write", map[string]string{
		"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324": `{"@timestamp":"2026-05-17T11:59:58.123Z","message":"hello"}`,
	})
}

func messageEvent(id, body, attributes string) []byte {
	return fmt.Appendf(nil, `{"Records":[{"messageId":%q,"body":%q,"attributes":{"SentTimestamp":"1779019199000"},"messageAttributes":%s,
		"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:q"}]}`, id, body, attributes)
}

// redriven is a dead letter that someone has moved back to the queue.
func (h *harness) redriven() []byte {
	l := h.queue.letters[len(h.queue.letters)-1]
	var attributes []string
	for name, v := range l.MessageAttributes {
		attributes = append(attributes, fmt.Sprintf(`%q:{"stringValue":%q,"dataType":"String"}`, name, aws.ToString(v.StringValue)))
	}
	h.queue.letters = nil
	return messageEvent("redriven", *l.MessageBody, "{"+strings.Join(attributes, ",")+"}")
}

// refusing has OpenSearch refuse documents with the word.
func (h *harness) refusing(word string) {
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if word != "" && strings.Contains(i.Body, word) {
			return 400, "mapper_parsing_exception"
		}
		return 0, ""
	}
}

func TestSNSMessagesDeadLetterComesBackAsTheSameDocument(t *testing.T) {
	h := newHarness(t)
	h.refusing("hello")
	h.failures(t, messageEvent("q1", snsBody("22b80b92", `{"message":"hello"}`, snsCollection), "{}"))
	if got := h.queue.brief("collection", "id", "arrived"); len(got) != 1 || !strings.HasSuffix(got[0], "} | logs | 22b80b92 | 1779019198123") {
		t.Fatalf("dead letters %q", got)
	}
	h.refusing("")
	h.settled(t, h.redriven())
	h.holds(t, "logs-2026-05-17.write", map[string]string{"22b80b92": `{"@timestamp":"2026-05-17T11:59:58.123Z","message":"hello"}`})
}

func TestSNSAttributesDecideAsTheQueuesWould(t *testing.T) {
	h := newHarness(t)
	h.settled(t, messageEvent("q1", snsBody("n1", "line one\nline two", snsCollection+`,"id":{"Type":"String","Value":"mine"}`), "{}"))
	if got := h.cluster.Documents("logs-2026-05-17.write"); len(got) != 2 || got["mine#0"] == "" || got["mine#1"] == "" {
		t.Errorf("documents %v", got)
	}
}

func TestSNSConfirmationIsPassedOverWithAWarning(t *testing.T) {
	h := newHarness(t)
	body := strings.Replace(snsBody("n1", "You have chosen to subscribe", ""), `"Notification"`, `"SubscriptionConfirmation","Token":"secret"`, 1)
	h.settled(t, messageEvent("q1", body, "{}"))
	if log := h.out.String(); !strings.Contains(log, `"skipped":1`) || !strings.Contains(log, "subscribe the queue from the account that owns it") || strings.Contains(log, "secret") {
		t.Errorf("log %s", log)
	}
}

const eventBridgeBody = `{"version":"0","id":"6a7e8feb","detail-type":"OrderPlaced","source":"shop.orders","account":"111122223333",` +
	`"time":"2026-05-17T11:00:00Z","region":"eu-central-1","resources":[],"detail":{"id":"A-1","total":19.90}}`

func TestEventBridgesDetailIsTheDocument(t *testing.T) {
	for _, body := range []string{eventBridgeBody, snsBody("n1", eventBridgeBody, "")} {
		h := newHarness(t)
		h.use(t, collectionFiles{"placed.yaml": "name: placed\nappend_only: true\nsources: [{queue: q}]\nindex: {policy: single}\ntime: {field: at, missing: arrival}\nfields:\n  id: {type: keyword}\n  at: {type: date}\n"})
		h.settled(t, messageEvent("q1", body, "{}"), messageEvent("q2", body, "{}"))
		h.holds(t, "placed", map[string]string{"6a7e8feb": `{"at":"2026-05-17T11:00:00.000Z","id":"A-1","total":19.90}`})
	}
}

func TestEventBridgesEventStaysWholeWhereItsMembersAreFields(t *testing.T) {
	for _, fields := range []string{
		"fields:\n  detail-type: {type: keyword}\n", "fields:\n  detail.total: {type: double}\n", "fields:\n  detail: {type: flat_object}\n",
	} {
		h := newHarness(t)
		h.use(t, collectionFiles{"events.yaml": "name: events\nappend_only: true\nsources: [{queue: q}]\nindex: {policy: single}\n" + fields})
		h.settled(t, messageEvent("q1", eventBridgeBody, "{}"))
		h.holds(t, "events", map[string]string{"6a7e8feb": eventBridgeBody})
	}
}

func TestEnvelopeNoneTakesWhatIsWrappedAsItComes(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"raw.yaml": "name: raw\nappend_only: true\nenvelope: none\nsources: [{queue: q}]\nindex: {policy: single}\nfields:\n  TopicArn: {type: keyword}\n"})
	body := snsBody("n1", "hello", "")
	h.settled(t, messageEvent("q1", body, "{}"))
	h.holds(t, "raw", map[string]string{"q1": body})
}

func TestWrappingsAreTakenOffToABound(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	body := snsBody("n0", "{}", "")
	for i := range 6 {
		body = snsBody(fmt.Sprint("n", i+1), body, "")
	}
	if failed := h.failures(t, messageEvent("q1", body, "{}")); failed != nil || len(h.cluster.Documents("logs-2026-05-17.write")) != 1 {
		t.Error(failed, h.queue.brief("cause"))
	}
}

func logMessage(events ...string) []byte {
	return zip(`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/lambda/shop","logStream":"s","subscriptionFilters":["f"],"logEvents":[` + strings.Join(events, ",") + `]}`)
}

func logEvent(id, message string) string {
	return fmt.Sprintf(`{"id":%q,"timestamp":1779019199123,"message":%q}`, id, message)
}

const origin = `"aws.log.group.names":"/aws/lambda/shop","aws.log.stream.names":"s","cloud.account.id":"111122223333"`

func TestCloudWatchLogsEventsBecomeDocuments(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	data := logMessage(
		logEvent("1", "START RequestId: 1\n"),
		logEvent("2", "Traceback:\n  app.py\n"),
		logEvent("3", `{"level":"WARN","message":"slow","aws.log.stream.names":"own"}`),
		logEvent("4", `127.0.0.1 - - [17/May/2026:09:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"`),
		logEvent("5", `{"@timestamp":"2026-05-17T01:00:00Z"}`))
	h.settled(t, kinesisEvent(data), kinesisEvent([]byte("skew"), data)) // again, at another place
	got := h.cluster.Documents("logs-2026-05-17.write")
	delete(got, "ingest:shardId-000000000000:100")
	for id, want := range map[string]string{
		"1": `{"@timestamp":"2026-05-17T11:59:59.123Z",` + origin + `,"message":"START RequestId: 1"}`,
		"2": `{"@timestamp":"2026-05-17T11:59:59.123Z",` + origin + `,"message":"Traceback:\n  app.py"}`,
		"3": `{"@timestamp":"2026-05-17T11:59:59.123Z","aws.log.group.names":"/aws/lambda/shop","cloud.account.id":"111122223333","level":"WARN","message":"slow","aws.log.stream.names":"own"}`,
		"5": `{` + origin + `,"@timestamp":"2026-05-17T01:00:00Z"}`,
	} {
		if got[id] != want {
			t.Errorf("%s is\n%s, want\n%s", id, got[id], want)
		}
	}
	if len(got) != 5 || !strings.Contains(got["4"], `"@timestamp":"2026-05-17T09:05:03Z"`) || !strings.Contains(got["4"], `"http.response.status_code":200`) {
		t.Errorf("%d documents, the access line is %s", len(got), got["4"])
	}
}

func TestCloudWatchLogsControlMessageIsPassedOver(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.settled(t, kinesisEvent([]byte(`{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],`+
		`"logEvents":[{"id":"","timestamp":1510109208016,"message":"CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}]}`)))
	if !strings.Contains(h.out.String(), `"skipped":1`) || len(h.cluster.Documents("logs-2017-11-08.write")) > 0 {
		t.Errorf("log %s", h.out.String())
	}
}

// Its siblings are stored; the message comes back whole, and finds them stored.
func TestPoisonLogEventIsDeadLetteredWithItsMessage(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.refusing("bad")
	h.failures(t, kinesisEvent(logMessage(logEvent("1", "good"), logEvent("2", "bad"), logEvent("3", "fine"))))
	if got := h.queue.brief("type", "id"); len(got) != 1 || !strings.HasSuffix(got[0], " | mapper_parsing_exception | ingest:shardId-000000000000:100") {
		t.Fatalf("dead letters %q", got)
	}
	h.refusing("")
	h.settled(t, h.redriven())
	var ids []string
	for id := range h.cluster.Documents("logs-2026-05-17.write") {
		ids = append(ids, id)
	}
	if slices.Sort(ids); !slices.Equal(ids, []string{"1", "2", "3"}) {
		t.Errorf("documents %q", ids)
	}
}

func TestMessageOfTooManyLogEventsIsADeadLetter(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.failures(t, kinesisEvent(zip(`{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[`+strings.Repeat(logEvent("1", "")+",", 100_001)+logEvent("2", "")+`]}`)))
	if got := h.queue.brief("type", "collection"); len(got) != 1 || !strings.HasSuffix(got[0], " | too_many_documents | logs") || len(h.cluster.Requests()) > 0 {
		t.Errorf("dead letters %.200q", got)
	}
}

// CloudTrail's and the flow logs' usual way: their formats apply to a log event's text.
func TestLogEventsAreReadByTheCollectionsLines(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"trail.yaml": "name: trail\nappend_only: true\nsources: [{stream: ingest}]\nlines: [cloudtrail, vpcflow]\nindex: {policy: single}\n" +
		"time: {field: \"@timestamp\"}\nfields:\n  \"@timestamp\": {type: date}\n  event.name: {type: keyword}\n"})
	trail := `{"eventVersion":"1.08","eventTime":"2026-05-17T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-central-1","recipientAccountId":"999999999999"}`
	flow := "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"
	h.settled(t, kinesisEvent(logMessage(logEvent("1", trail), logEvent("2", flow), logEvent("3", "neither"))))
	got := h.cluster.Documents("trail")
	for id, parts := range map[string][]string{
		"1": {`"event.name":"GetObject"`, `"cloud.account.id":"999999999999"`, `"@timestamp":"2026-05-17T09:00:00Z"`, `"aws.log.group.names":"/aws/lambda/shop"`},
		"2": {`"@timestamp":"2014-12-14T04:0`, `"aws.log.stream.names":"s"`},
		"3": {`"message":"neither"`, `"@timestamp":"2026-05-17T11:59:59.123Z"`},
	} {
		for _, part := range parts {
			if !strings.Contains(got[id], part) {
				t.Errorf("%s has no %s: %s", id, part, got[id])
			}
		}
	}
	if len(got) != 3 || strings.Count(got["1"], `"cloud.account.id"`) != 1 {
		t.Errorf("documents %v", got)
	}
}

func TestCloudWatchLogsMessageOnAQueueIsReadTheSameWay(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	text, err := unpack(logMessage(logEvent("1", "hello"), logEvent("2", "again")))
	if err != nil {
		t.Fatal(err)
	}
	h.settled(t, messageEvent("q1", string(text), "{}"), messageEvent("q2", string(text), "{}"))
	if got := h.cluster.Documents("logs-2026-05-17.write"); len(got) != 2 || !strings.Contains(got["1"], `"message":"hello"`) {
		t.Errorf("documents %v", got)
	}
}
