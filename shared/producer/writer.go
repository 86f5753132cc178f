package producer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// WriterConfig is how a Writer collects.
type WriterConfig struct {
	// Most messages that wait to be sent; Put waits while there are so many. Default 1000.
	Buffer int
	// How long a message waits for others to go with it. Default 100 ms.
	Linger time.Duration
	// Lost is told of each message that was not taken, and why. Required.
	Lost func(Message, error)
}

// Writer sends what it is given in the background, in its order.
type Writer struct {
	producer *Producer
	config   WriterConfig
	messages chan Message
	stop     context.CancelFunc // ends what is being sent
	done     chan struct{}
	close    sync.Once
	mu       sync.RWMutex // held for reading while Put hands over
	closed   bool
}

// NewWriter starts a Writer; Close ends it.
func NewWriter(p *Producer, c WriterConfig) *Writer {
	if c.Buffer == 0 {
		c.Buffer = 1000
	}
	if c.Linger == 0 {
		c.Linger = 100 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Writer{producer: p, config: c, messages: make(chan Message, c.Buffer), stop: stop, done: make(chan struct{})}
	go w.run(ctx)
	return w
}

// Put hands a message over, waiting while the buffer is full. The error is ctx's, or says
// that the Writer is closed: the message was not taken.
func (w *Writer) Put(ctx context.Context, m Message) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fault.New(fault.Unavailable, "the writer is closed")
	}
	select {
	case w.messages <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close takes nothing more and sends what waits, until ctx ends; what is then not sent
// is lost, and told to Lost. The error says that there was some.
func (w *Writer) Close(ctx context.Context) error {
	go w.close.Do(func() { // waits for the Puts under way, which wait for room
		w.mu.Lock()
		defer w.mu.Unlock()
		w.closed = true
		close(w.messages)
	})
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		w.stop()
		<-w.done
		return fmt.Errorf("the time to flush was up: %w", ctx.Err())
	}
}

func (w *Writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		batch, more := w.collect()
		fates := w.producer.Send(ctx, batch)
		for i, err := range fates {
			if err != nil {
				w.config.Lost(batch[i], err)
			}
		}
		if !more {
			return
		}
	}
}

// collect waits for a message, and then a little for others.
func (w *Writer) collect() (batch []Message, more bool) {
	m, more := <-w.messages
	if !more {
		return nil, false
	}
	batch = append(batch, m)
	linger := time.After(w.config.Linger)
	for most, _ := w.producer.target.limits(); len(batch) < most*w.producer.config.Concurrency; {
		select {
		case m, more := <-w.messages:
			if !more {
				return batch, false
			}
			batch = append(batch, m)
		case <-linger:
			return batch, true
		}
	}
	return batch, true
}
