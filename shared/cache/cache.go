// Package cache remembers whole answers of OpenSearch: in the environment's memory and,
// where there is one, in a Redis that all environments share. It answers from there
// within the windows that a collection allows, and past them when OpenSearch fails.
//
// It refuses to store what is not whole, to give one question another's answer (a value
// is sealed to its key), and to fail: a Redis that is down, slow, full or wrong makes an
// answer slower and nothing else. Nothing of it runs behind an answer, where Lambda would
// freeze it. functions/search calls it; shared/client's breaker shares its Redis.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Key names a question: a digest of all that its answer depends on.
type Key [sha256.Size]byte

// KeyOf is the key of a question's parts. Parts are told apart by their lengths.
func KeyOf(parts ...string) (k Key) {
	h := sha256.New()
	var length [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	h.Sum(k[:0])
	return k
}

// Answer is what is stored.
type Answer struct {
	Stored     time.Time     // to the millisecond
	Took       time.Duration // to find it, to the millisecond
	Generation uint64        // of the indices that it was found in
	Body       []byte        // not to be changed
}

// Store keeps answers; it gives back what was put, or nothing, and never fails.
type Store interface {
	Get(ctx context.Context, key Key) (Answer, bool)
	Put(ctx context.Context, key Key, a Answer, keep time.Duration)
}

// Windows say how long an answer may be given.
type Windows struct {
	Fresh   time.Duration // as it is
	Settled time.Duration // as it is, where the question's time is over and nothing was written to its indices since
	Stale   time.Duration // when OpenSearch fails
}

// Any says whether anything is to be kept at all.
func (w Windows) Any() bool { return w.Fresh > 0 || w.Settled > 0 || w.Stale > 0 }

// Question is what is asked.
type Question struct {
	Key        Key
	Generation uint64 // changes when one of its indices is made anew or written to
	Settled    bool   // what it asks about is over
	Anew       bool   // a fresh answer is none; one that is stale is still better than an error
	Windows    Windows
}

// State says where an answer is from.
type State string

// The states of an answer.
const (
	Asked State = ""      // from OpenSearch, just now
	Fresh State = "fresh" // from the cache, within its windows
	Stale State = "stale" // from the cache, because OpenSearch failed
)

// Found is an answer and where it is from.
type Found struct {
	Answer
	State State
	Age   time.Duration
	Cause error // why it is stale
}

// Cache looks into its stores in their order. Safe for concurrent use.
type Cache struct {
	stores  []Store
	now     func() time.Time
	cluster string // that is asked
}

// New is a cache over stores, the nearest first.
func New(now func() time.Time, stores ...Store) *Cache { return &Cache{stores: stores, now: now} }

// Of is c for questions to one cluster: what others have answered, in stores that several
// share, is not found.
func (c *Cache) Of(cluster string) *Cache {
	one := *c
	one.cluster = cluster
	return &one
}

// Find is the answer to q: a fresh one, or else what ask gives, or, when that fails for a
// while only, one that is stale. ask says also whether its answer is whole: no other is kept.
func (c *Cache) Find(ctx context.Context, q Question, ask func() (body []byte, whole bool, err error)) (Found, error) {
	if c.cluster != "" {
		q.Key = KeyOf(c.cluster, string(q.Key[:]))
	}
	best, ok := c.look(ctx, q)
	if ok && !q.Anew && q.fresh(best) {
		return Found{Answer: best.Answer, State: Fresh, Age: best.Age}, nil
	}
	began := c.now()
	body, whole, err := ask()
	ended := c.now()
	if err != nil {
		best.Age = ended.Sub(best.Stored)
		if ok && fault.KindOf(err).Temporary() && (best.Age < q.Windows.Stale || q.fresh(best)) { // fresh: who asks anew has gone past it
			return Found{Answer: best.Answer, State: Stale, Age: best.Age, Cause: err}, nil
		}
		return Found{}, err
	}
	a := Answer{Stored: ended.Truncate(time.Millisecond), Took: ended.Sub(began).Truncate(time.Millisecond), Generation: q.Generation, Body: body}
	if whole {
		for _, s := range c.stores {
			s.Put(ctx, q.Key, a, q.keep())
		}
	}
	return Found{Answer: a}, nil
}

// look finds the youngest answer, and puts a fresh one into the stores that are nearer.
func (c *Cache) look(ctx context.Context, q Question) (best Found, ok bool) {
	for i, s := range c.stores {
		a, found := s.Get(ctx, q.Key)
		if !found || ok && !a.Stored.After(best.Stored) {
			continue
		}
		best, ok = Found{Answer: a, Age: max(c.now().Sub(a.Stored), 0)}, true
		if q.fresh(best) {
			for _, nearer := range c.stores[:i] {
				nearer.Put(ctx, q.Key, a, q.keep()-best.Age)
			}
			return best, true
		}
	}
	return best, ok
}

// fresh says whether an answer may be given as it is. Its window is up to a tenth shorter
// for some, so that what was stored at once does not end at once; and towards its end
// each asker may find it over, the likelier the longer the answer takes to find: one of
// many asks anew while the others still have it.
func (q Question) fresh(f Found) bool {
	window := q.Windows.Fresh
	if q.Settled && f.Generation == q.Generation {
		window = max(window, q.Windows.Settled)
	}
	tenth := float64(window) / 10
	window -= time.Duration(tenth * float64(q.Key[0]^byte(f.Stored.UnixMilli())) / 256)
	early := time.Duration(rand.ExpFloat64() * float64(min(f.Took, window/4)))
	return f.Age+early < window
}

// keep is how long a store has a use for the answer.
func (q Question) keep() time.Duration {
	keep := max(q.Windows.Fresh, q.Windows.Stale)
	if q.Settled {
		keep = max(keep, q.Windows.Settled)
	}
	return keep
}
