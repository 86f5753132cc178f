package chaos

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// progress is how far the run is.
type progress struct {
	sent    atomic.Int64 // documents
	horizon atomic.Int64 // documents after which the producers dawdle, for a fault that is due
	depth   atomic.Int64 // messages in the queue

	mu      sync.Mutex
	drafts  int          // messages of the deleted collection sent so far
	records map[int]bool // stream records handed out; true: taken in
	buried  [64]int      // poisons sent of each kind
}

// produce sends everything and returns when it is sent.
func (s *stage) produce(ctx context.Context) {
	var all sync.WaitGroup
	for _, name := range []string{"access", "metrics", "trail", "draft"} {
		all.Go(func() { s.produceEvents(ctx, name) })
	}
	all.Go(func() { s.produceChanges(ctx) })
	all.Go(func() { s.produceStream(ctx) })
	all.Go(func() { s.producePoison(ctx) })
	all.Wait()
}

// pace keeps the backlog bounded, and traffic up while a fault is under way: what is
// beyond the next fault is sent slowly, but it is sent.
func (s *stage) pace(ctx context.Context, docs int) {
	for s.depth.Load() > 2000 && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	if s.sent.Add(int64(docs)) > s.horizon.Load() {
		time.Sleep(time.Duration(docs) * 60 * time.Millisecond)
	}
}

// events is message m of a collection: its documents, one a line.
func (s *stage) events(collection string, m int) (text string, docs int) {
	var b strings.Builder
	last := min((m+1)*perMessage, s.count[collection])
	for n := m * perMessage; n < last; n++ {
		b.WriteString(s.event(collection, n))
		b.WriteByte('\n')
	}
	return b.String(), last - m*perMessage
}

// produceEvents sends messages of several documents: in order, but for some that change
// places, and some twice.
func (s *stage) produceEvents(ctx context.Context, collection string) {
	out := outbox{stage: s}
	messages := (s.count[collection] + perMessage - 1) / perMessage
	for first := 0; first < messages && ctx.Err() == nil; first += 10 {
		for _, i := range s.shuffled(collection, first, min(10, messages-first)) {
			m := first + i
			text, docs := s.events(collection, m)
			if collection == "access" && fat(m) {
				s.inject(tooLarge)
			}
			if collection == "draft" { // before it is sent: its index may be deleted in the next moment
				s.mu.Lock()
				s.drafts = max(s.drafts, m+1)
				s.mu.Unlock()
			}
			if s.clockWrong(collection, m*perMessage) {
				s.strike(misdated)
			}
			s.pace(ctx, docs)
			for range s.copies(collection, m) {
				out.add(ctx, collection, collection+"-m"+strconv.Itoa(m), text)
			}
		}
		if s.random(collection, "reorder", first)%2 == 0 {
			s.strike(reordered)
		}
	}
	out.flush(ctx)
}

// shuffled are 0 to n-1, in another order for every second block.
func (s *stage) shuffled(collection string, block, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if s.random(collection, "reorder", block)%2 == 0 {
		for i := n - 1; i > 0; i-- {
			j := int(s.random(collection, "place", block+i) % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
	}
	return order
}

// copies of a message are two now and then.
func (s *stage) copies(collection string, message int) int {
	if s.random(collection, "copies", message)%20 == 0 {
		s.strike(doubled)
		return 2
	}
	return 1
}

// producePoison sends each kind in turn, about one in a thousand documents.
func (s *stage) producePoison(ctx context.Context) {
	total := max(s.docs/1000, 3*len(poisons))
	for i := 0; i < total && ctx.Err() == nil; i++ {
		for s.sent.Load() < int64(i*s.docs/total*9/10) && ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond)
		}
		s.poison(ctx, i%len(poisons))
	}
}

// poison sends the next of a kind.
func (s *stage) poison(ctx context.Context, kind int) {
	s.mu.Lock()
	n := s.buried[kind]
	s.buried[kind]++
	s.mu.Unlock()
	p, m := poisons[kind], mark(kind, n)
	s.strike(p.name)
	if p.collection == "events" {
		s.put(ctx, m, p.body(m, s.day()), false)
		return
	}
	out := outbox{stage: s}
	out.entry(ctx, map[string]string{"collection": p.collection, "id": m, "encoding": p.encoding}, p.body(m, s.day()))
	out.flush(ctx)
}

func (s *stage) day() string { return s.began.Add(time.Hour).Format(time.RFC3339) }
