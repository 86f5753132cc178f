package lambda

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// subscriber delivers what one channel brings, one batch at a time. What it holds when it
// ends goes back to the queue with its connection.
type subscriber struct {
	*Broker
	channel  *amqp.Channel
	messages <-chan amqp.Delivery
	carry    []amqp.Delivery // received, and cut from the last batch by its size
}

var errClosed = errors.New("the channel is closed")

func (s *subscriber) run(ctx context.Context) error {
	wait := backoff{base: s.Backoff, most: time.Second}
	for ctx.Err() == nil {
		batch, err := s.gather(ctx)
		if err != nil || len(batch) == 0 || ctx.Err() != nil {
			return err
		}
		last := batch[len(batch)-1].DeliveryTag
		if s.attempt(ctx, batch) {
			err, wait.next = s.channel.Ack(last, true), 0
		} else if err = s.channel.Nack(last, true, true); err == nil {
			wait.sleep(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gather makes a batch: full, or its window over, or at the payload limit.
func (s *subscriber) gather(ctx context.Context) (batch []amqp.Delivery, err error) {
	e := s.event()
	var over <-chan time.Time
	add := func(m amqp.Delivery) bool {
		if !e.add(s.group(), encodeRabbitMQ(m)) {
			s.carry = append(s.carry, m)
			return false
		}
		batch = append(batch, m)
		return len(batch) < s.BatchSize
	}
	carried := s.carry
	s.carry = nil
	for _, m := range carried {
		if !add(m) {
			return batch, nil
		}
	}
	for {
		if len(batch) > 0 && over == nil {
			over = time.After(s.Window)
		}
		select {
		case m, open := <-s.messages:
			if !open {
				return nil, errClosed
			}
			if !add(m) {
				return batch, nil
			}
		case <-over:
			return batch, nil
		case <-ctx.Done():
			return nil, nil
		}
	}
}

// attempt invokes the function; true if the whole batch is done.
func (s *subscriber) attempt(ctx context.Context, batch []amqp.Delivery) bool {
	long, cancel := lasting(ctx, s.Drain)
	defer cancel()
	e := s.event()
	for _, m := range batch {
		e.add(s.group(), encodeRabbitMQ(m))
	}
	d := Delivery{Event: e.payload()}
	d.Result, d.Err = invoke(long, s.Function, d.Event, time.Minute)
	if d.Err != nil {
		for _, m := range batch {
			d.Failed = append(d.Failed, m.MessageId)
		}
		s.Log.Warn("batch failed", "queue", s.Queue, "messages", len(batch), "error", d.Err)
	}
	if s.Observe != nil {
		s.Observe(d)
	}
	return d.Err == nil
}
