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
	"regexp"
	"strconv"
	"testing"
	"time"
)

var (
	docs = flag.Int("docs", 20_000, "documents to send")
	seed = flag.Uint64("seed", 0, "repeats a run's plan; 0: another one each time")
	only = flag.String("only", "", "inject these kinds alone, by a regular expression: whose fault was it?")
)

func TestChaos(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64N(1_000_000) + 1 //nolint:gosec // no secret
	}
	fmt.Fprintf(os.Stderr, "make chaos DOCS=%d SEED=%d\n", *docs, *seed)
	s := &stage{T: t, content: newContent(*seed, *docs, time.Now()), docs: *docs, dir: folder(t)}
	s.records = map[int]bool{}
	s.start()
	began := time.Now()
	if _, err := s.rotateAt(time.Now()); err != nil {
		t.Fatal(err)
	}
	inflicted := make(chan error, 1)
	s.kinds = chosen(regexp.MustCompile(*only))
	go func() { inflicted <- s.inflict(t.Context(), planned(*seed, *docs, s.kinds)) }()
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

// folder keeps the logs of a run that failed.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "sluice-chaos-") //nolint:usetesting // t.TempDir is removed in any case
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			fmt.Fprintf(os.Stderr, "the logs are in %s\n", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// settle waits until the queue is empty and the stream is read.
func (s *stage) settle() {
	s.idle(s.Context())
	limit := 3 * time.Minute
	for end := time.Now().Add(limit); ; time.Sleep(500 * time.Millisecond) {
		behind, withheld := s.unread()
		switch {
		case behind+len(withheld) == 0:
			return
		case time.Now().After(end):
			s.Errorf("after %s %d stream records are not taken in", limit, behind)
			return
		case behind == 0 && time.Since(end.Add(-limit)) > 20*time.Second:
			s.Logf("the stream server never handed out %d records: put again", len(withheld))
			for _, m := range withheld {
				text, _ := s.events("events", m)
				s.put(s.Context(), strconv.Itoa(m), text, false)
			}
			end = end.Add(30 * time.Second)
		}
	}
}
