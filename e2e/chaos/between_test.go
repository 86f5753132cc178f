package chaos

import (
	"bytes"
	"context"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// between stands between the event source mapping and the function: it can have the
// queue's clock go wrong, and deliver again what was delivered long ago.
type between struct {
	next lambda.Function
	met  *tally
	skew atomic.Int64 // milliseconds

	mu  sync.Mutex
	old [][]byte // batches of the past, at random
}

var sentTimestamp = regexp.MustCompile(`"SentTimestamp":"(\d+)"`)

func (b *between) Invoke(ctx context.Context, payload []byte) (lambdatest.Result, error) {
	if skew := b.skew.Load(); skew != 0 {
		payload = sentTimestamp.ReplaceAllFunc(payload, func(text []byte) []byte {
			sent, _ := strconv.ParseInt(string(sentTimestamp.FindSubmatch(text)[1]), 10, 64)
			return []byte(`"SentTimestamp":"` + strconv.FormatInt(sent+skew, 10) + `"`)
		})
		b.met.meet(skewed)
	}
	b.keep(payload)
	return b.next.Invoke(ctx, payload)
}

const kept = 40

// keep remembers some of the batches in which there is more than changes.
func (b *between) keep(payload []byte) {
	if !bytes.Contains(payload, []byte(`"stringValue":"access"`)) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.old) < kept {
		b.old = append(b.old, payload)
	} else if rand.IntN(20) == 0 {
		b.old[rand.IntN(kept)] = payload
	}
}

// again delivers a batch of the past, as the queue may. That it is killed on the way is
// one more fault: the queue has no part in it.
func (b *between) again(ctx context.Context, pick int) (done bool, err error) {
	b.mu.Lock()
	if len(b.old) == 0 {
		b.mu.Unlock()
		return false, nil
	}
	payload := b.old[pick%len(b.old)]
	b.mu.Unlock()
	result, err := b.next.Invoke(ctx, payload)
	return err == nil && result.FunctionError == "", nil //nolint:nilerr // said above
}

func deliverAgain(b blow) error {
	for end := time.Now().Add(patience); time.Now().Before(end) && b.Context().Err() == nil; time.Sleep(50 * time.Millisecond) {
		done, err := b.mapping.again(b.Context(), b.random.IntN(kept))
		if done {
			b.met()
		}
		if done || err != nil {
			return err
		}
	}
	return nil
}

// skew stays within the five minutes that ingest allows for clocks.
func skew(b blow) error {
	b.mapping.skew.Store(b.random.Int64N(480_001) - 240_000)
	return nil
}

func unskew(s *stage) error {
	s.mapping.skew.Store(0)
	return nil
}
