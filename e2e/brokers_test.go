package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
)

// brokers are started by the first test that needs them, and stopped at the end.
type brokers struct {
	home   part.Home
	kafka  *part.Kafka
	rabbit *part.RabbitMQ
}

func newBrokers(dir string) *brokers {
	return &brokers{home: part.Home{Cache: world.cache, Data: filepath.Join(dir, "brokers"), Say: func(s string) { fmt.Fprintln(os.Stderr, s) }}}
}

func (b *brokers) needKafka(t testing.TB) *part.Kafka {
	t.Helper()
	if b.kafka == nil {
		var err error
		if b.kafka, err = part.StartKafka(context.Background(), b.home, part.KafkaOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.kafka
}

func (b *brokers) needRabbitMQ(t testing.TB) *part.RabbitMQ {
	t.Helper()
	if b.rabbit == nil {
		var err error
		if b.rabbit, err = part.StartRabbitMQ(context.Background(), b.home, part.RabbitMQOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.rabbit
}

func (b *brokers) stop(ctx context.Context) (err error) {
	if b.kafka != nil {
		err = b.kafka.Stop(ctx)
	}
	if b.rabbit != nil {
		err = errors.Join(err, b.rabbit.Stop(ctx))
	}
	return err
}

// runs a mapping until the test ends, or until the returned func is called.
func (s *scene) runs(run func(context.Context) error) (stop func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	}
	s.Cleanup(stop)
	return stop
}

// stored waits for n documents, and that they stay n.
func (s *scene) stored(n int) {
	s.Helper()
	eventually(s, 2*time.Minute, func() string {
		if got := len(s.documents()); got < n {
			return fmt.Sprintf("%d documents of %d", got, n)
		}
		return ""
	})
	time.Sleep(time.Second)
	if got := len(s.documents()); got != n {
		s.Errorf("%d documents, want %d", got, n)
	}
}

// buriedOnce checks that each of these bodies is one dead letter, with this cause.
func (s *scene) buriedOnce(cause string, want ...string) {
	s.Helper()
	letters := s.deadLetters()
	s.same("dead letters", sorted(bodies(letters)), sorted(want))
	for _, m := range letters {
		if got := attribute(m, "cause"); got != cause {
			s.Errorf("cause %q, want %q", got, cause)
		}
	}
}
