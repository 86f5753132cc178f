package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Broker is an Amazon MQ event source mapping of a RabbitMQ queue: one consumer, one batch in
// flight. The function's answer is ignored; an error gives the whole batch back to the queue,
// at once and in its place, from where it is delivered again without end.
type Broker struct {
	URL         string // amqp://user:password@host:port/
	Queue       string
	VirtualHost string // default /
	ARN         string // of the broker
	Function    Function
	// BatchSize: messages at most. Default 100, up to 10,000.
	BatchSize int
	// Window: how long to gather a batch from its first message on. Default 500 ms.
	Window  time.Duration
	Backoff time.Duration  // after a failure, doubling to a second; default 100 ms
	Drain   time.Duration  // bounds what runs when the context ends; default 30 s
	Observe func(Delivery) // called after each batch; may be nil
	Log     *slog.Logger   // default: none
}

// Run consumes until ctx ends and returns nil then; an error is a mistake in b. A broker that
// is gone is dialled again.
func (b Broker) Run(ctx context.Context) error {
	if err := b.prepare(); err != nil {
		return fmt.Errorf("event source mapping of the queue %s: %w", b.Queue, err)
	}
	pause := backoff{base: b.Backoff, most: 5 * time.Second}
	for ctx.Err() == nil {
		err := b.connected(ctx)
		if ctx.Err() != nil {
			return nil
		}
		b.Log.Warn("connection lost", "queue", b.Queue, "error", err)
		pause.sleep(ctx)
	}
	return nil
}

func (b *Broker) prepare() error {
	b.VirtualHost = cmp.Or(b.VirtualHost, "/")
	b.BatchSize = cmp.Or(b.BatchSize, 100)
	b.Window = cmp.Or(b.Window, 500*time.Millisecond)
	b.Backoff = cmp.Or(b.Backoff, 100*time.Millisecond)
	b.Drain = cmp.Or(b.Drain, defaultDrain)
	b.Log = logger(b.Log)
	var mistakes []error
	if !strings.Contains(b.ARN, ":mq:") {
		mistakes = append(mistakes, errors.New("not the ARN of a broker"))
	}
	if b.Queue == "" {
		mistakes = append(mistakes, errors.New("no queue"))
	}
	if b.BatchSize < 1 || b.BatchSize > 10_000 {
		mistakes = append(mistakes, fmt.Errorf("batch size %d is not between 1 and 10000", b.BatchSize))
	}
	if b.Window < 0 || b.Window > 300*time.Second {
		mistakes = append(mistakes, fmt.Errorf("batching window %v is not between 0 and 300 s", b.Window))
	}
	return errors.Join(mistakes...)
}

// connected consumes over one connection until that or ctx ends.
func (b *Broker) connected(ctx context.Context) error {
	connection, err := amqp.DialConfig(b.URL, amqp.Config{Vhost: b.VirtualHost, Dial: amqp.DefaultDial(10 * time.Second)})
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := channel.Qos(min(b.BatchSize, 65_535), 0, false); err != nil {
		return err
	}
	messages, err := channel.Consume(b.Queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	s := &subscriber{Broker: b, channel: channel, messages: messages}
	return s.run(ctx)
}
