package part_test

import (
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

func TestKafkaKeepsItsRecordsOverKill(t *testing.T) {
	kafka := parttest.Start(t, part.Options{Kafka: &part.KafkaOptions{}}).Kafka
	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Bootstrap), kgo.ConsumeTopics("kept"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 2, 1, nil, "kept"); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "kept", Value: []byte("a")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	kafka.Kill()
	if err := kafka.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := client.PollFetches(t.Context()).Records(); len(got) != 1 || string(got[0].Value) != "a" {
		t.Errorf("%v", got)
	}
}

func TestRabbitMQKeepsItsMessagesOverKill(t *testing.T) {
	rabbit := parttest.Start(t, part.Options{RabbitMQ: &part.RabbitMQOptions{}}).RabbitMQ
	channel := dial(t, rabbit.URL)
	if _, err := channel.QueueDeclare("kept", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	sent, err := channel.PublishWithDeferredConfirmWithContext(t.Context(), "", "kept", true, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("a")})
	if err != nil || !sent.Wait() {
		t.Fatal(err)
	}
	time.Sleep(part.QueueOnDisk)
	rabbit.Kill()
	if _, err := amqp.Dial(rabbit.URL); err == nil {
		t.Fatal("a killed broker answers")
	}
	if err := rabbit.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, ok, err := dial(t, rabbit.URL).Get("kept", true)
	if err != nil || !ok || string(got.Body) != "a" {
		t.Errorf("%q %v %v", got.Body, ok, err)
	}
}

func dial(t *testing.T, url string) *amqp.Channel {
	t.Helper()
	connection, err := amqp.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	channel, err := connection.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func TestMissingRabbitMQSaysHowToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := part.StartRabbitMQ(t.Context(), part.Home{Cache: t.TempDir(), Data: t.TempDir()}, part.RabbitMQOptions{})
	if err == nil || !strings.Contains(err.Error(), "start a Docker engine") {
		t.Errorf("%v", err)
	}
}
