package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
)

// brokerQueue makes the scene's queue and returns a channel in which publishing is confirmed.
func (s *scene) brokerQueue() *amqp.Channel {
	s.Helper()
	connection, err := amqp.Dial(world.brokers.RabbitMQ(s).URL)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { connection.Close() })
	channel, err := connection.Channel()
	if err != nil {
		s.Fatal(err)
	}
	if _, err := channel.QueueDeclare(s.collection, true, false, false, false, nil); err != nil {
		s.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		s.Fatal(err)
	}
	return channel
}

func (s *scene) publish(channel *amqp.Channel, messages ...amqp.Publishing) {
	s.Helper()
	var last *amqp.DeferredConfirmation
	for _, m := range messages {
		var err error
		m.DeliveryMode = amqp.Persistent
		if last, err = channel.PublishWithDeferredConfirmWithContext(s.Context(), "", s.collection, true, false, m); err != nil {
			s.Fatal(err)
		}
	}
	if !last.Wait() {
		s.Fatal("not taken")
	}
}

func (s *scene) subscribed(fn lambda.Function) (stop func()) {
	s.Helper()
	return s.runs(lambda.Broker{
		URL: world.brokers.RabbitMQ(s).URL, Queue: s.collection, ARN: "arn:aws:mq:us-east-1:000000000000:broker:e2e:b-1", Function: fn,
		BatchSize: 200, Window: 200 * time.Millisecond, Drain: 10 * time.Second,
	}.Run)
}

// With message ids and without, while items are throttled at random places and environments
// and the broker are killed: each message is stored once.
func TestRabbitMQStoresEachMessageOnceThroughThrottlingAndKills(t *testing.T) {
	s := newScene(t, appendOnly)
	claimed("queue", appendOnly)(s)
	fn := s.function("ingest", merged(quick, atOnce))
	const n = 1500
	var messages []amqp.Publishing
	for i, line := range strings.Split(strings.TrimSpace(lines(n)), "\n") {
		m := amqp.Publishing{Body: []byte(line), Timestamp: time.Now()}
		if i%2 == 0 {
			m.MessageId = fmt.Sprint(i)
		}
		messages = append(messages, m)
	}
	s.publish(s.brokerQueue(), messages[:1000]...)
	for _, word := range []string{"line 100", "line 777", "line 1400"} {
		s.proxy.Inject(faultproxy.Bulk, 12, faultproxy.Items(refuse(`"`+word+`"`, 429, "rejected_execution_exception")))
	}
	s.subscribed(fn)
	for range 2 {
		time.Sleep(300 * time.Millisecond)
		fn.Kill()
	}
	time.Sleep(part.QueueOnDisk)
	world.brokers.RabbitMQ(t).Kill()
	if err := world.brokers.RabbitMQ(t).Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.publish(s.brokerQueue(), messages[1000:]...)
	s.stored(n)
	s.whole(n)
}

func TestRabbitMQPoisonIsDeadLetteredOnceThoughItsBatchComesAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	claimed("queue", strings.Replace(appendOnly, "lines: [combined, text]\n", "", 1))(s)
	fn := s.function("ingest", merged(quick, atOnce))
	messages := []amqp.Publishing{{Body: []byte(`{"broken`)}}
	for _, line := range strings.Split(strings.TrimSpace(lines(100)), "\n") {
		messages = append(messages, amqp.Publishing{Body: []byte(line), Headers: amqp.Table{"collection": s.collection}})
	}
	s.proxy.Inject(faultproxy.Bulk, 20, faultproxy.Items(refuse(`"line 50"`, 429, "rejected_execution_exception")))
	s.publish(s.brokerQueue(), messages...)
	s.subscribed(fn)
	s.stored(100)
	s.buriedOnce("not JSON: the text ends too early", `{"broken`)
}
