package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const clusterARN = "arn:aws:kafka:us-east-1:000000000000:cluster/c/0-1"

// kafkaEvent holds the values of partitions of the topic app.logs, at offsets 10, 11, ...
func kafkaEvent(partitions ...[]string) []byte {
	var groups []string
	for p, values := range partitions {
		var records []string
		for i, v := range values {
			records = append(records, fmt.Sprintf(`{"topic":"app.logs","partition":%d,"offset":%d,"timestamp":1779008703310,"timestampType":"CREATE_TIME","key":null,"value":%q,"headers":[]}`,
				p, 10+i, base64.StdEncoding.EncodeToString([]byte(v))))
		}
		groups = append(groups, fmt.Sprintf(`"app.logs-%d":[%s]`, p, strings.Join(records, ",")))
	}
	return []byte(`{"eventSource":"aws:kafka","eventSourceArn":"` + clusterARN + `","bootstrapServers":"b-1:9092","records":{` + strings.Join(groups, ",") + `}}`)
}

var ofTopic = collectionFiles{"logs.yaml": strings.Replace(kept["logs.yaml"], "append_only: true", "append_only: true\nsources: [{topic: app.logs}]", 1)}

func newKafka(t *testing.T) *harness {
	h := newHarness(t)
	h.use(t, ofTopic)
	return h
}

func TestScanReadsKafka(t *testing.T) {
	for name, want := range map[string]struct{ arn, position string }{
		"ingest-kafka.json":              {"arn:aws:kafka:us-east-1:123456789012:topic/sluice/1f0a4b7c-6a52-4c0e-9d0f-3b8f2a6f1c11-7/app.logs", "sluice/1f0a4b7c-6a52-4c0e-9d0f-3b8f2a6f1c11-7:"},
		"ingest-kafka-self-managed.json": {"kafka://kafka-1.internal:9092/app.logs", "kafka-1.internal:9092:"},
	} {
		payload := lambdatest.Load(t, name)
		var typed events.KafkaEvent
		if err := json.Unmarshal(payload, &typed); err != nil {
			t.Fatal(err)
		}
		e, err := scan(payload, &memory{})
		if err != nil || e.name != typed.EventSource {
			t.Fatal(err)
		}
		read := 0
		for _, group := range []string{"app.logs-0", "app.logs-2"} {
			for _, r := range typed.Records[group] {
				got := e.records[read]
				read++
				value, _ := base64.StdEncoding.DecodeString(r.Value)
				position := fmt.Sprintf("%s%s-%d@%d", want.position, group, r.Offset, r.Timestamp.UnixMilli())
				if got.group != group || got.item != fmt.Sprint(r.Offset) || got.Position != position || got.ARN != want.arn ||
					!got.Arrived.Equal(r.Timestamp.Time) || string(got.original) != string(value) || got.empty != (r.Value == "") {
					t.Errorf("%s: %+v, want position %s", name, got, position)
				}
				if wanted := map[bool]string{true: "logs"}[len(r.Headers) > 0]; got.Attribute != wanted {
					t.Errorf("%s: collection %q, want %q", name, got.Attribute, wanted)
				}
			}
		}
		if read != len(e.records) {
			t.Errorf("%s: %d records, want %d", name, len(e.records), read)
		}
	}
}

// The same record is the same position in whatever order the event says things; another
// topic, partition, offset or cluster, or a topic that was made anew, is another.
func TestKafkaPositionsAreTheLogsOwn(t *testing.T) {
	const format = `{"records":{"%s":[{"value":"e30=","offset":%d,"timestamp":%d}]},"bootstrapServers":"%s"%s,"eventSource":"%s"}`
	at := func(source, arn, servers, group string, offset, timestamp int) string {
		e, err := scan(fmt.Appendf(nil, format, group, offset, timestamp, servers, arn, source), &memory{})
		if err != nil {
			t.Fatal(err)
		}
		return e.records[0].Position
	}
	msk := `,"eventSourceArn":"` + clusterARN + `"`
	positions := []string{
		at("aws:kafka", msk, "x", "t-0", 1, 5), at("aws:kafka", msk, "x", "t-0", 2, 5), at("aws:kafka", msk, "x", "t-1", 1, 5), at("aws:kafka", msk, "x", "u-0", 1, 5),
		at("aws:kafka", msk, "x", "t-0", 1, 6), at("aws:kafka", strings.Replace(msk, "0-1", "0-2", 1), "x", "t-0", 1, 5),
		at("SelfManagedKafka", "", "b:1,a:1", "t-0", 1, 5), at("SelfManagedKafka", "", "c:1", "t-0", 1, 5),
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(positions)))); n != len(positions) {
		t.Errorf("%d positions of %d: %q", n, len(positions), positions)
	}
	if a, b := at("SelfManagedKafka", "", "a:1,b:1", "t-0", 1, 5), positions[6]; a != b {
		t.Errorf("servers in another order: %s, then %s", b, a)
	}
}

func TestKafkaHeadersNameCollectionAndId(t *testing.T) {
	h := newHarness(t)
	header := func(name, value string) string {
		signed := make([]int8, len(value))
		for i := range len(value) {
			signed[i] = int8(value[i]) //nolint:gosec // as Java writes it
		}
		text, _ := json.Marshal(map[string][]int8{name: signed})
		return string(text)
	}
	var records []string
	for i, headers := range []string{
		"[" + header("collection", "other") + "," + header("trace", "ü") + `,{"collection":[108,111,103,115]},{"id":[98,-61,-68]}]`,
		`null`, `[{"collection":null}]`, "[" + header("collection", "gröbe") + "]",
	} {
		records = append(records, fmt.Sprintf(`{"offset":%d,"timestamp":5,"value":%q,"headers":%s}`, i, base64.StdEncoding.EncodeToString([]byte(event1(1))), headers))
	}
	payload := `{"eventSource":"SelfManagedKafka","bootstrapServers":"a:1","records":{"t-0":[` + strings.Join(records, ",") + `]}}`
	if got := h.failures(t, []byte(payload)); got != nil {
		t.Error(got)
	}
	if docs := h.cluster.Documents("logs-2026-05-17.write"); docs["bü"] == "" || len(docs) != 1 {
		t.Errorf("documents %q", docs)
	}
	want := []string{"no collection takes records of kafka://a:1/t", "no collection takes records of kafka://a:1/t", `there is no collection "gröbe"`}
	var causes []string
	for _, l := range h.queue.letters {
		causes = append(causes, *l.MessageAttributes["cause"].StringValue)
	}
	if diff := cmp.Diff(want, causes); diff != "" {
		t.Error(diff)
	}
}

// Standard mode knows no partial answer: nothing is dead-lettered while the batch comes again.
func TestKafkaBatchFailsAsAWholeAndBuriesOnlyOnce(t *testing.T) {
	h := newKafka(t)
	h.cluster.Refuse = refuse(`"message":"1"`)
	payload := kafkaEvent([]string{"bad 0", event1(0), event1(1)}, []string{event1(2), "bad 1"})
	for range 3 {
		if got, err := h.invoke(t, payload); err == nil || !strings.Contains(err.Error(), "1 of 5 records") || len(h.queue.letters) != 0 {
			t.Fatal(got, err, h.queue.brief("cause"))
		}
	}
	h.cluster.Refuse = nil
	if got := h.failures(t, payload); got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"bad 0 | c/0-1:app.logs-0-10@1779008703310", "bad 1 | c/0-1:app.logs-1-11@1779008703310"}, h.queue.brief("id")); diff != "" {
		t.Error(diff)
	}
	if docs := h.cluster.Documents("logs-2026-05-17.write"); len(docs) != 3 {
		t.Errorf("documents %q", docs)
	}
}

func TestKafkaBatchComesAgainWhereADeadLetterIsNotStored(t *testing.T) {
	h := newKafka(t)
	h.queue.down = true
	if _, err := h.invoke(t, kafkaEvent([]string{"bad", event1(0)})); err == nil {
		t.Error("the record is lost")
	}
}

func TestKafkaPartitionsGoOnFromTheirFirstFailedOffset(t *testing.T) {
	h := newKafka(t)
	h.offsets = true
	h.cluster.Refuse = refuse(`"message":"1"`)
	payload := kafkaEvent([]string{"bad 0", event1(1), "bad 1", event1(1)}, []string{event1(2), "bad 2"}, []string{event1(1)})
	if diff := cmp.Diff([]string{"app.logs-0/11", "app.logs-2/10"}, h.failures(t, payload)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"bad 0", "bad 2"}, h.queue.brief()); diff != "" {
		t.Errorf("what comes again behind a failed record of its partition is not buried yet:\n%s", diff)
	}
}

// The letter's message attributes are all that the queue has of it.
func redriven(t *testing.T, letter types.SendMessageBatchRequestEntry) []byte {
	t.Helper()
	attributes := map[string]any{}
	for name, a := range letter.MessageAttributes {
		attributes[name] = map[string]any{"stringValue": a.StringValue, "dataType": a.DataType}
	}
	payload, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"messageId": "new", "body": letter.MessageBody, "attributes": map[string]string{"SentTimestamp": "1779999999999"},
		"messageAttributes": attributes, "eventSource": "aws:sqs", "eventSourceARN": queueARN,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// Whoever mends the collection's file or OpenSearch moves the letter to the queue.
func TestRedrivenLettersOfKafkaAndRabbitMQAreTheSameDocuments(t *testing.T) {
	const mended = "name: logs\nappend_only: true\nsources: [{topic: app.logs}, {queue: app.logs}]\ntime: {field: at, missing: arrival}\nindex: {policy: periodic, period: day}\nfields:\n  at: {type: date}\n"
	for position, payload := range map[string][]byte{
		"c/0-1:app.logs-0-10@1779008703310":                kafkaEvent([]string{`{"message":"a"}`}),
		"b-1/app.logs::/:m-1":                              rabbitmqEvent(published{id: "m-1", time: "May 17, 2026, 9:05:03 AM", body: `{"message":"a"}`}),
		"b-1/app.logs::/:a9634432886344b8775e596608957bda": rabbitmqEvent(published{body: `{"at":"2026-05-17T09:00:00Z","message":"a"}`}),
	} {
		h := newHarness(t)
		h.use(t, collectionFiles{"other.yaml": strings.Replace(kept["logs.yaml"], "name: logs", "name: other", 1)})
		if got := h.failures(t, payload); got != nil || len(h.queue.letters) != 1 {
			t.Fatal(got, h.queue.brief("cause"))
		}
		h.use(t, collectionFiles{"logs.yaml": mended})
		if got := h.failures(t, redriven(t, h.queue.letters[0])); got != nil || len(h.queue.letters) != 1 {
			t.Fatal(got, h.queue.brief("cause"))
		}
		docs := h.cluster.Documents("logs-2026-05-17.write")
		if len(docs) != 1 || docs[position] == "" {
			t.Errorf("%s: documents %q", position, docs)
		}
		if got := h.failures(t, payload); got != nil || len(h.cluster.Documents("logs-2026-05-17.write")) != 1 {
			t.Errorf("%s: the record itself, delivered once more, is a second document", position)
		}
	}
}

func FuzzKafka(f *testing.F) {
	f.Add("t-0", []byte(`{"topic":"t","partition":0,"offset":3,"timestamp":1779008703310,"value":"e30=","headers":[{"id":[98,-61,-68]}]}`), []byte(`{"offset":4,"value":null,"headers":null}`))
	f.Add("a-b-12", []byte(`{"offset":0,"value":"eA==","key":"eA==","headers":[{"collection":[255,-1,128]},{"collection":null},{}]}`), []byte(`{"headers":[],"offset":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, group string, first, second []byte) {
		key, _ := json.Marshal(group)
		payload := []byte(`{"eventSource":"SelfManagedKafka","bootstrapServers":"a:1","records":{` + string(key) + `:[` + string(first) + `,` + string(second) + `]}}`)
		e, err := scan(payload, &memory{})
		if err != nil {
			return
		}
		for _, r := range e.records {
			if r.item == "" || r.source != e.name || r.Position == "" || !r.empty && r.body == nil {
				t.Errorf("%+v", r)
			}
			if _, err := (&delivery{handler: &handler{letters: letters{most: 1}}}).entry(t.Context(), dead(r), deadURL); err != nil && len(r.original) < maxMessage/2 {
				t.Error(err)
			}
		}
	})
}
