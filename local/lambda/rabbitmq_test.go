package lambda

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const broker = "arn:aws:mq:us-east-1:000000000000:broker:local:b-1"

// brokerQueue makes a durable queue of its own for the test.
func brokerQueue(t *testing.T) (channel *amqp.Channel, name string) {
	t.Helper()
	connection, err := amqp.Dial(brokers.RabbitMQ(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if channel, err = connection.Channel(); err != nil {
		t.Fatal(err)
	}
	name = fmt.Sprintf("lambda-%d-%d", os.Getpid(), queueNumber.Add(1))
	if _, err := channel.QueueDeclare(name, true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	return channel, name
}

func publish(t *testing.T, channel *amqp.Channel, queue string, messages ...amqp.Publishing) {
	t.Helper()
	for _, m := range messages {
		if err := channel.PublishWithContext(t.Context(), "", queue, true, false, m); err != nil {
			t.Fatal(err)
		}
	}
}

func texts(all ...string) (messages []amqp.Publishing) {
	for _, text := range all {
		messages = append(messages, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(text)})
	}
	return messages
}

func brokerMapping(t *testing.T, queue string, f Function, rec *recorder) Broker {
	return Broker{
		URL: brokers.RabbitMQ(t).URL, Queue: queue, ARN: broker, Function: f,
		Window: 200 * time.Millisecond, Backoff: 20 * time.Millisecond, Observe: rec.add,
	}
}

func rabbitMessages(t *testing.T, d Delivery) (group string, messages []map[string]json.RawMessage) {
	t.Helper()
	var e struct {
		EventSource        string                                  `json:"eventSource"`
		EventSourceARN     string                                  `json:"eventSourceArn"`
		RMQMessagesByQueue map[string][]map[string]json.RawMessage `json:"rmqMessagesByQueue"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil || e.EventSource != "aws:rmq" || e.EventSourceARN != broker || len(e.RMQMessagesByQueue) != 1 {
		t.Fatalf("%s: %v", d.Event, err)
	}
	for group, messages = range e.RMQMessagesByQueue {
	}
	return group, messages
}

// rabbitBodies is each delivery's messages, as "a b+": a plus for redelivered.
func rabbitBodies(t *testing.T, deliveries []Delivery) (all []string) {
	t.Helper()
	for _, d := range deliveries {
		var words []string
		_, messages := rabbitMessages(t, d)
		for _, m := range messages {
			var data []byte
			_ = json.Unmarshal(m["data"], &data)
			words = append(words, string(data)+map[string]string{"true": "+"}[string(m["redelivered"])])
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func TestRabbitMQEventIsAsLambdaMakesIt(t *testing.T) {
	t.Parallel()
	channel, name := brokerQueue(t)
	rec := &recorder{}
	f, _ := function(t, lambdatest.Config{}, allGood)
	publish(t, channel, name, amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Persistent, Priority: 3, MessageId: "m-1", Timestamp: time.Unix(1779008703, 0), AppId: "app",
		Headers: amqp.Table{"collection": "bü", "n": int32(10), "deep": amqp.Table{"x": []any{"y"}}}, Body: []byte("{}"),
	}, amqp.Publishing{})
	running(t, brokerMapping(t, name, f, rec).Run)
	var all []map[string]json.RawMessage
	eventually(t, "two messages", func() bool {
		all = nil
		for _, d := range rec.all() {
			group, messages := rabbitMessages(t, d)
			if group != name+"::/" {
				t.Error(group)
			}
			all = append(all, messages...)
		}
		return len(all) == 2
	})
	for i, want := range []string{
		`{"contentType":"application/json","contentEncoding":null,"headers":{"collection":{"bytes":[98,-61,-68]},"deep":{"x":[{"bytes":[121]}]},"n":10},"deliveryMode":2,"priority":3,` +
			`"correlationId":null,"replyTo":null,"expiration":null,"messageId":"m-1","timestamp":"May 17, 2026, 9:05:03 AM","type":null,"userId":null,"appId":"app","clusterId":null,"bodySize":2}`,
		`{"contentType":null,"contentEncoding":null,"headers":{},"deliveryMode":1,"priority":null,` +
			`"correlationId":null,"replyTo":null,"expiration":null,"messageId":null,"timestamp":null,"type":null,"userId":null,"appId":null,"clusterId":null,"bodySize":0}`,
	} {
		got := strings.Replace(string(all[i]["basicProperties"]), `"headers":null`, `"headers":{}`, 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRabbitMQBatchGoesBackToItsQueueUntilItSucceeds(t *testing.T) {
	t.Parallel()
	channel, name := brokerQueue(t)
	rec := &recorder{}
	f, script := function(t, lambdatest.Config{}, "fail")
	publish(t, channel, name, texts("a", "b", "c")...)
	m := brokerMapping(t, name, f, rec)
	m.BatchSize = 3
	stop := running(t, m.Run)
	if all := rabbitBodies(t, rec.await(t, 3)); !slices.Equal(all[:3], []string{"a b c", "a+ b+ c+", "a+ b+ c+"}) {
		t.Errorf("delivered %q", all)
	}
	stop()
	script(`answer {"batchItemFailures":[{"itemIdentifier":"x"}]}`) // which Amazon MQ ignores
	again := &recorder{}
	m.Observe = again.add
	stop = running(t, m.Run)
	if all := rabbitBodies(t, again.await(t, 1)); all[0] != "a+ b+ c+" {
		t.Errorf("a mapping that starts anew delivers %q", all)
	}
	publish(t, channel, name, texts("d")...)
	again.await(t, 2)
	stop()
	if left, err := channel.QueueDeclarePassive(name, true, false, false, false, nil); err != nil || left.Messages != 0 {
		t.Errorf("%d messages are left: %v", left.Messages, err)
	}
}

func TestRabbitMQBatchesAreBounded(t *testing.T) {
	t.Parallel()
	channel, name := brokerQueue(t)
	rec := &recorder{}
	f, _ := function(t, lambdatest.Config{}, allGood)
	big := strings.Repeat("x", 3<<20)
	publish(t, channel, name, texts(big, big, "a", "b", "c")...)
	m := brokerMapping(t, name, f, rec)
	m.BatchSize, m.Window = 2, time.Second
	running(t, m.Run)
	eventually(t, "five messages", func() bool { return len(strings.Fields(strings.Join(rabbitBodies(t, rec.all()), " "))) == 5 })
	for _, words := range rabbitBodies(t, rec.all()) {
		if n := len(strings.Fields(words)); n > 2 || len(words) > 5<<20 {
			t.Errorf("a batch of %d messages, %d bytes", n, len(words))
		}
	}
}

func TestRabbitMQMistakesAreRefused(t *testing.T) {
	err := Broker{BatchSize: 10_001, Window: time.Hour}.Run(t.Context())
	for _, want := range []string{"ARN", "no queue", "batch size", "window"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
