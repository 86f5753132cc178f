package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"

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
		b.met.meet("the queue's clock is minutes wrong")
	}
	b.keep(payload)
	return b.next.Invoke(ctx, payload)
}

const kept = 40

func (b *between) keep(payload []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.old) < kept {
		b.old = append(b.old, payload)
	} else if rand.IntN(20) == 0 {
		b.old[rand.IntN(kept)] = payload
	}
}

// again delivers a batch of the past, as the queue may. Its changes to entities are left
// out: for a deleted one OpenSearch would have to remember the deletion over a restart.
func (b *between) again(ctx context.Context, pick int) (bool, error) {
	b.mu.Lock()
	if len(b.old) == 0 {
		b.mu.Unlock()
		return false, nil
	}
	payload := b.old[pick%len(b.old)]
	b.mu.Unlock()
	var event struct{ Records []json.RawMessage }
	if err := json.Unmarshal(payload, &event); err != nil {
		return false, err
	}
	records := event.Records[:0]
	for _, r := range event.Records {
		if !bytes.Contains(r, []byte(`"stringValue":"account"`)) {
			records = append(records, r)
		}
	}
	if len(records) == 0 {
		return false, nil
	}
	event.Records = records
	payload, err := json.Marshal(event)
	if err != nil {
		return false, err
	}
	result, err := b.next.Invoke(ctx, payload)
	return err == nil && result.FunctionError == "", nil //nolint:nilerr // killed on the way: the queue has it no more
}
