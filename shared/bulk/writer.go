package bulk

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Writer sends items in bounded requests, one after the other. It remembers how much
// OpenSearch took, from one Write to the next.
type Writer struct {
	config    Config
	transport Transport
	pressure  *pressure
	bodies    sync.Pool // of *[]byte
}

// NewWriter makes a Writer, safe for concurrent use.
func NewWriter(config Config, transport Transport) *Writer {
	return &Writer{config: config, transport: transport, pressure: newPressure()}
}

// Window is the share of its limits that a request may use now, up to 1.
func (w *Writer) Window() float64 { return w.pressure.now().size }

// Stats counts what Write sent.
type Stats struct {
	Requests  int
	Bytes     int
	Items     int // an item that was sent twice counts twice
	Throttled int // requests answered 429, whole or in part
}

// Add sums two counts.
func (s Stats) Add(t Stats) Stats {
	return Stats{s.Requests + t.Requests, s.Bytes + t.Bytes, s.Items + t.Items, s.Throttled + t.Throttled}
}

// Tries of an item, or refusals of requests in a row, within one Write, and the longest
// waits between them.
const (
	tries     = 6
	firstWait = 100 * time.Millisecond
	maxWait   = 3 * time.Second
)

// Write sends items and returns one verdict for each, in their order. Items that may
// be stored a moment later are sent again, they alone, until ctx's deadline. Two
// changes to one document are applied in their order: if the first has to be sent
// again, so is the second, after it. What may be stored in an index that rolls is not
// sent again: another may have followed it.
func (w *Writer) Write(ctx context.Context, items []Item) ([]Verdict, Stats) {
	r := run{
		config: w.config, transport: w.transport, pressure: w.pressure,
		items: items, verdicts: make([]Verdict, len(items)), most: w.config.MaxDocs,
	}
	if body, ok := w.bodies.Get().(*[]byte); ok {
		r.body = *body
	}
	pending := make([]int, 0, len(items))
	for i := range items {
		verdict, ok := Check(&items[i])
		if !ok {
			r.verdicts[i] = verdict
			continue
		}
		r.verdicts[i] = unsent
		pending = append(pending, i)
	}
	for try := 0; len(pending) > 0; try++ {
		pending = slices.Clone(r.pass(ctx, pending))
		if len(pending) == 0 || try == tries-1 || !wait(ctx, backoff(try)) {
			break
		}
	}
	if body := r.body; body != nil {
		w.bodies.Put(&body) // and nothing else of this run
	}
	return r.verdicts, r.stats
}

var unsent = Verdict{Outcome: Retry, Type: "unsent", Reason: "the time was up before it was sent"}

// backoff is exponential with full jitter.
func backoff(try int) time.Duration { return rand.N(min(firstWait<<try, maxWait)) }

// wait is false if ctx ends first; known beforehand, it does not wait at all.
func wait(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
