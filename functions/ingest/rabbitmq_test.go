package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const brokerARN = "arn:aws:mq:us-east-1:000000000000:broker:b:b-1"

// published is a message of RabbitMQ's; without id and time they are null.
type published struct{ id, time, body, headers string }

// rabbitmqEvent holds messages of the queue app.logs.
func rabbitmqEvent(messages ...published) []byte {
	return rabbitmqEventOf("app.logs::/", messages...)
}

func rabbitmqEventOf(queue string, messages ...published) []byte {
	var all []string
	for _, m := range messages {
		properties := map[string]any{"contentType": "application/json", "messageId": nil, "timestamp": nil, "headers": json.RawMessage("{}")}
		if m.id != "" {
			properties["messageId"] = m.id
		}
		if m.time != "" {
			properties["timestamp"] = m.time
		}
		if m.headers != "" {
			properties["headers"] = json.RawMessage(m.headers)
		}
		text, _ := json.Marshal(map[string]any{"basicProperties": properties, "redelivered": false, "data": base64.StdEncoding.EncodeToString([]byte(m.body))})
		all = append(all, string(text))
	}
	return []byte(`{"eventSource":"aws:rmq","eventSourceArn":"` + brokerARN + `","rmqMessagesByQueue":{"` + queue + `":[` + strings.Join(all, ",") + `]}}`)
}

func TestScanReadsRabbitMQ(t *testing.T) {
	payload := lambdatest.Load(t, "ingest-rabbitmq.json")
	var typed events.RabbitMQEvent
	if err := json.Unmarshal(payload, &typed); err != nil {
		t.Fatal(err)
	}
	e, err := scan(payload, &memory{})
	if err != nil || e.name != "aws:rmq" || len(e.records) != 3 {
		t.Fatal(err, len(e.records))
	}
	for i, want := range typed.MessagesByQueue["app.logs::/"] {
		got := e.records[i]
		data, _ := base64.StdEncoding.DecodeString(want.Data)
		if string(got.original) != string(data) || got.Attribute != "logs" || got.ARN != typed.EventSourceARN+"/app.logs::/" ||
			!strings.HasPrefix(got.Position, "b-9bcfa592-423a-4942-879d-eb284b418fc8/app.logs::/:") {
			t.Errorf("%+v", got)
		}
	}
	if got := e.records[0]; !strings.HasSuffix(got.Position, ":5f0c1b1e-7d0a-4f3c-9b3e-0f4b6f8e2a10") || !got.Arrived.Equal(time.Date(2026, 5, 17, 9, 7, 0, 0, time.UTC)) {
		t.Errorf("%s, %s", got.Position, got.Arrived)
	}
}

func TestRabbitMQTimesAreReadAsJavaWritesThem(t *testing.T) {
	for text, want := range map[string]string{
		"May 17, 2026, 9:07:00 PM": "2026-05-17T21:07:00Z", "May 17, 2026, 9:07:00\u202fPM": "2026-05-17T21:07:00Z",
		"1779008703310": "2026-05-17T09:05:03Z", "Jan 1, 1970, 12:33:41 AM": "1970-01-01T00:33:41Z", "": "0001-01-01T00:00:00Z", "soon": "0001-01-01T00:00:00Z",
	} {
		if got := rabbitmqTime([]byte(text)).Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A queue has no positions: the producer's id, else time and content, tell messages apart.
func TestRabbitMQMessagesKeepTheirNamesAndAreToldApart(t *testing.T) {
	position := func(queue string, m published) string {
		e, err := scan(rabbitmqEventOf(queue, m), &memory{})
		if err != nil {
			t.Fatal(err)
		}
		return e.records[0].Position
	}
	const nine = "May 17, 2026, 9:07:00 AM"
	first := published{"", nine, "a", ""}
	if position("q::/", first) != position("q::/", published{"", nine, "a", `{"x-delivery-count":1,"x-death":[]}`}) {
		t.Error("delivered again it has another name")
	}
	seen := map[string]bool{}
	for _, p := range []string{
		position("q::/", first), position("q::/", published{"", "", "a", ""}), position("q::/", published{"", nine, "b", ""}),
		position("p::/", first), position("q::/v", first), position("q::/", published{"1", nine, "a", ""}), position("q::/", published{"2", nine, "a", ""}),
	} {
		if seen[p] {
			t.Errorf("%s twice", p)
		}
		seen[p] = true
	}
}

func TestRabbitMQHeadersNameCollectionAndId(t *testing.T) {
	h := newHarness(t)
	got := h.failures(t, rabbitmqEvent(
		published{body: event1(1), headers: `{"collection":{"bytes":[108,111,103,115]},"id":{"bytes":[98,-61,-68]}}`},
		published{body: event1(2), headers: `{"collection":"logs","id":7}`},
		published{body: event1(3), headers: `{"collection":null,"x":{"y":[{"bytes":[1]}]}}`},
	))
	if got != nil || len(h.queue.letters) != 1 {
		t.Error(got, h.queue.brief("cause"))
	}
	docs := h.cluster.Documents("logs-2026-05-17.write")
	if docs["bü"] == "" || docs["7"] == "" {
		t.Errorf("documents %q", docs)
	}
}

// Amazon MQ's mapping takes no answer: what is not stored fails the batch, and nothing of
// it is dead-lettered before all of it is.
func TestRabbitMQBatchFailsAsAWholeAndBuriesOnlyOnce(t *testing.T) {
	h := newHarness(t)
	h.use(t, collectionFiles{"logs.yaml": strings.Replace(ofTopic["logs.yaml"], "topic:", "queue:", 1)})
	h.offsets = true // which is Kafka's alone
	h.cluster.Refuse = refuse(`"message":"1"`)
	payload := rabbitmqEvent(published{id: "0", body: "bad"}, published{id: "1", body: event1(1)}, published{id: "2", body: event1(2)})
	for range 3 {
		if _, err := h.invoke(t, payload); err == nil || len(h.queue.letters) != 0 {
			t.Fatal(err, h.queue.brief("cause"))
		}
	}
	h.cluster.Refuse = nil
	if got := h.failures(t, payload); got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"bad"}, h.queue.brief()); diff != "" || len(h.cluster.Documents("logs-2026-05-17.write")) != 2 {
		t.Error(diff)
	}
}

func FuzzRabbitMQ(f *testing.F) {
	f.Add("q::/", []byte(`{"basicProperties":{"headers":{"id":{"bytes":[98,-61,-68]},"collection":"logs"},"timestamp":"Jan 1, 1970, 12:33:41 AM","messageId":"1"},"redelivered":true,"data":"e30="}`))
	f.Add("::", []byte(`{"basicProperties":{"headers":null,"timestamp":17,"messageId":null},"data":null}`))
	f.Add("", []byte(`{"data":"eA==","basicProperties":{"headers":{"id":{"bytes":{"bytes":[1]}}}}}`))
	f.Fuzz(func(t *testing.T, queue string, first []byte) {
		key, _ := json.Marshal(queue)
		e, err := scan([]byte(`{"rmqMessagesByQueue":{`+string(key)+`:[`+string(first)+`]},"eventSource":"aws:rmq","eventSourceArn":"`+brokerARN+`"}`), &memory{})
		if err != nil {
			return
		}
		for _, r := range e.records {
			if r.item == "" || r.Position == "" || !r.empty && r.body == nil {
				t.Errorf("%+v", r)
			}
			if _, err := (&delivery{handler: &handler{letters: letters{most: 1}}}).entry(t.Context(), dead(r), deadURL); err != nil && len(r.original) < maxMessage/2 {
				t.Error(err)
			}
		}
	})
}
