// Package chaos runs the product under everything that can go wrong at once: real
// OpenSearch, queue and stream servers, the compiled bootstraps behind AWS's event source
// mappings, and more than forty kinds of faults and poisons at random places of a plan
// that a seed repeats. In the end it compares all that is stored, and every dead letter,
// with what was sent: nothing lost, nothing twice, nothing wrongly dead-lettered.
// `make chaos` and `make test` call it. docs/reliability.md says what it proves.
package chaos

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

var (
	docs = flag.Int("docs", 20_000, "documents to send")
	seed = flag.Uint64("seed", 0, "repeats a run's plan; 0: another one each time")
)

func TestChaos(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64N(1_000_000) + 1 //nolint:gosec // no secret
	}
	fmt.Fprintf(os.Stderr, "make chaos DOCS=%d SEED=%d\n", *docs, *seed)
	s := &stage{T: t, content: newContent(*seed, *docs, time.Now()), docs: *docs, dir: t.TempDir()}
	s.records = map[int]bool{}
	s.start()
	s.cloud.Inject(func(r faultproxy.Request) bool { return s.lettersDown.Load() && buries(r) }, -1,
		s.meets("dead-letter queue down", faultproxy.Status(503, "ServiceUnavailable", "made by the run")))
	began := time.Now()
	if err := s.rotateAt(time.Now(), ""); err != nil {
		t.Fatal(err)
	}
	inflicted := make(chan error, 1)
	go func() { inflicted <- s.inflict(t.Context(), planned(*seed, *docs)) }()
	s.produce(t.Context())
	if err := <-inflicted; err != nil {
		t.Error(err)
	}
	s.settle()
	fmt.Fprintf(os.Stderr, "sent and taken in after %s; comparing\n", time.Since(began).Round(time.Second))
	for _, word := range s.table(os.Stderr, s.judge()) {
		t.Error(word)
	}
	fmt.Fprintf(os.Stderr, "%d documents in %s\n", *docs, time.Since(began).Round(time.Second))
}

// settle heals what is left and waits until the queue is empty and the stream read.
func (s *stage) settle() {
	limit := 5*time.Minute + time.Duration(s.docs)*time.Millisecond
	for empty, end := 0, time.Now().Add(limit); empty < 5; time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			s.Errorf("after %s %d messages wait, %d stream records are not taken in", limit, s.depth.Load(), s.unread())
			return
		}
		waiting, hidden, err := s.left(s.Context(), s.queue)
		if err != nil || waiting+hidden > 0 || s.unread() > 0 {
			empty = 0
			continue
		}
		empty++
	}
	s.wire.Heal()
}

// unread is how many stream records are not taken in.
func (s *stage) unread() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (s.count["events"]+perMessage-1)/perMessage - len(s.records)
}
