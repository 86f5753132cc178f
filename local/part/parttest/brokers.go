package parttest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
)

// Brokers are started by the first test that needs them and stay until Stop, which a
// TestMain calls.
type Brokers struct {
	Home part.Home

	mu     sync.Mutex
	kafka  *part.Kafka
	rabbit *part.RabbitMQ
}

// Kafka is the one Kafka of all tests.
func (b *Brokers) Kafka(t testing.TB) *part.Kafka {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kafka == nil {
		var err error
		if b.kafka, err = part.StartKafka(context.Background(), b.Home, part.KafkaOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.kafka
}

// RabbitMQ is the one RabbitMQ of all tests.
func (b *Brokers) RabbitMQ(t testing.TB) *part.RabbitMQ {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rabbit == nil {
		var err error
		if b.rabbit, err = part.StartRabbitMQ(context.Background(), b.Home, part.RabbitMQOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.rabbit
}

// Stop ends what was started.
func (b *Brokers) Stop(ctx context.Context) (err error) {
	if b.kafka != nil {
		err = b.kafka.Stop(ctx)
	}
	if b.rabbit != nil {
		err = errors.Join(err, b.rabbit.Stop(ctx))
	}
	return err
}
