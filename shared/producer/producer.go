// Package producer sends documents to Sluice's queue or stream: batches filled to the
// service's limits, what was not taken sent again item by item, the order of messages
// of one key kept, each message's fate told at its place. It packs what the service
// would refuse (characters, size) so that ingest unpacks it. It refuses to forget: a
// message is taken, or its error says why and whether to send it again. Used by POST
// documents, `make feed`, and Go programs of yours (docs/producers.md).
package producer

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Message is one record: a document, several (NDJSON or a JSON array), a log line, or a
// change message.
type Message struct {
	Body []byte
	// Collection it belongs to. Empty: that of the queue or stream. A stream's records
	// carry none.
	Collection string
	// ID of the document, where its own fields do not say it. Empty: its place in the
	// queue. A stream's records carry none.
	ID string
	// Key of what has to stay in order: the message group of a FIFO queue, the partition
	// key of a stream. Empty: ID; without that too, no order is kept.
	Key string
	// Plain is a document whatever it looks like: nothing that it tells of is read. For
	// bodies of people whom the queue's other producers need not trust.
	Plain bool
}

// Config is how a producer sends.
type Config struct {
	// Most times that a message is sent. Default 5.
	Tries int
	// Most requests at once. Default 4.
	Concurrency int
}

// Producer sends to one queue or stream; safe for concurrent use. Order is kept within
// one Send, not between two at once.
type Producer struct {
	target target
	config Config
}

// target is one service. wrap's errors are Invalid; put's are nil, Invalid (never send
// it again as it is), or what another try may mend.
type target interface {
	limits() (messages, bytes int)
	wrap(m Message) (parcel, error)
	put(ctx context.Context, batch []parcel) []error
}

// parcel is a message as its service takes it.
type parcel struct {
	Message
	place    int
	key      string
	body     []byte
	encoding string
	once     string // by which a FIFO queue knows it again; the same at each try
	size     int
	tries    int
}

func newProducer(t target, c Config) *Producer {
	if c.Tries == 0 {
		c.Tries = 5
	}
	if c.Concurrency == 0 {
		c.Concurrency = 4
	}
	return &Producer{t, c}
}

// Send gives each message's fate at its place: nil (taken), or a fault: Invalid (never
// send it again as it is), Forbidden, NotFound (the queue), Throttled, Unavailable or
// Timeout. It returns when all are known, at the latest when ctx ends.
func (p *Producer) Send(ctx context.Context, messages []Message) []error {
	s := sending{Producer: p, fates: make([]error, len(messages)), broken: map[string]bool{}}
	for i, m := range messages {
		one, err := p.target.wrap(m)
		if err != nil {
			s.fates[i] = err
			continue
		}
		one.place = i
		s.pending = append(s.pending, one)
	}
	for round := 0; len(s.pending) > 0; {
		failed := s.round(ctx)
		if !failed {
			continue
		}
		if !wait(ctx, backoff(round)) {
			s.abandon()
		}
		round++
	}
	return s.fates
}

// sending is one Send under way.
type sending struct {
	*Producer
	pending []parcel
	fates   []error
	broken  map[string]bool // keys of which a message was given up
}

// round sends what may be sent now, and leaves the rest pending.
func (s *sending) round(ctx context.Context) (failed bool) {
	now, later := s.next()
	var all errgroup.Group
	all.SetLimit(s.config.Concurrency)
	for _, batch := range s.batches(now) {
		all.Go(func() error {
			for i, err := range s.target.put(ctx, batch) {
				s.fates[batch[i].place] = err
			}
			return nil
		})
	}
	_ = all.Wait()
	for _, one := range now {
		err := s.fates[one.place]
		if err == nil || fault.KindOf(err) == fault.Invalid {
			continue
		}
		if one.tries++; one.tries < s.config.Tries && fault.KindOf(err).Temporary() {
			later, failed = append(later, one), true
			continue
		}
		s.broken[one.key] = one.key != ""
	}
	slices.SortFunc(later, func(a, b parcel) int { return a.place - b.place })
	s.pending = later
	return failed
}

// next takes the first message of each key; what follows one that was given up is.
func (s *sending) next() (now, later []parcel) {
	busy := map[string]bool{}
	for _, one := range s.pending {
		switch {
		case s.broken[one.key]:
			s.fates[one.place] = fault.New(fault.Unavailable, "an earlier message of its key was not taken: send them again in their order")
		case one.key != "" && busy[one.key]:
			later = append(later, one)
		default:
			busy[one.key] = true
			now = append(now, one)
		}
	}
	return now, later
}

func (s *sending) batches(now []parcel) (all [][]parcel) {
	messages, bytes := s.target.limits()
	start, size := 0, 0
	for i, one := range now {
		if i > start && (i-start == messages || size+one.size > bytes) {
			all, start, size = append(all, now[start:i]), i, 0
		}
		size += one.size
	}
	if start < len(now) {
		all = append(all, now[start:])
	}
	return all
}

// abandon ends what the time does not suffice for.
func (s *sending) abandon() {
	for _, one := range s.pending {
		if s.fates[one.place] == nil {
			s.fates[one.place] = fault.New(fault.Timeout, "the time was up before it was sent: send it again")
		}
	}
	s.pending = nil
}

const (
	firstWait = 100 * time.Millisecond
	maxWait   = 5 * time.Second
)

// backoff is exponential with full jitter.
func backoff(round int) time.Duration { return rand.N(min(firstWait<<min(round, 10), maxWait)) }

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
