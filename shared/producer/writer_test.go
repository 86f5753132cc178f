package producer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// kept collects what was lost.
type kept struct {
	mu   sync.Mutex
	lost []string
}

func (k *kept) add(m Message, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lost = append(k.lost, string(m.Body))
}

func TestCloseFlushesWhatWasPut(t *testing.T) {
	api, k := &script{}, &kept{}
	w := NewWriter(NewQueue(api, "q", Config{}), WriterConfig{Buffer: 8, Linger: time.Millisecond, Lost: k.add})
	var puts sync.WaitGroup
	for i := range 100 {
		puts.Go(func() {
			if err := w.Put(t.Context(), Message{Body: []byte(fmt.Sprint(i))}); err != nil {
				t.Error(err)
			}
		})
	}
	puts.Wait()
	if err := w.Close(t.Context()); err != nil || len(k.lost) > 0 || len(api.taken) != 100 {
		t.Errorf("%v, lost %d, taken %d", err, len(k.lost), len(api.taken))
	}
	if err := w.Put(t.Context(), Message{Body: []byte("late")}); err == nil {
		t.Error("a closed writer took a message")
	}
	if err := w.Close(t.Context()); err != nil {
		t.Error("closed twice:", err)
	}
}

func TestCloseGivesUpWithItsContextAndTellsEachMessageThatIsLost(t *testing.T) {
	api, k := &script{whole: func(int, *sqs.SendMessageBatchInput) error { return errors.New("refused") }}, &kept{}
	w := NewWriter(NewQueue(api, "q", Config{Tries: 1000}), WriterConfig{Lost: k.add})
	for i := range 30 {
		if err := w.Put(t.Context(), Message{Body: []byte(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || len(k.lost) != 30 {
		t.Errorf("%v, lost %d of 30", err, len(k.lost))
	}
}

func TestPutWaitsWhileTheBufferIsFull(t *testing.T) {
	release := make(chan struct{})
	api := &script{whole: func(int, *sqs.SendMessageBatchInput) error { <-release; return nil }}
	w := NewWriter(NewQueue(api, "q", Config{}), WriterConfig{Buffer: 1, Linger: time.Nanosecond, Lost: func(m Message, err error) { t.Error(m, err) }})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	taken := 0
	for ; taken < 1000; taken++ {
		if err := w.Put(ctx, Message{Body: []byte("x")}); err != nil {
			break
		}
	}
	close(release)
	if err := w.Close(t.Context()); err != nil || taken == 1000 || len(api.taken) != taken {
		t.Errorf("%v, put %d, taken %d", err, taken, len(api.taken))
	}
}
