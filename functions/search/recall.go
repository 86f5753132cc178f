package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// settled is how long after its range's end a search can be expected to find no more:
// what comes later than that changes the indices' generation.
const settled = 5 * time.Minute

// remembered says that an answer is not of this moment.
type remembered struct {
	Age   float64     `json:"age_s"`
	State cache.State `json:"state"`
	why   string      // it is stale; empty: it is fresh
}

// remember has searches and lists of indices kept in c.
func (s *server) remember(c *cache.Cache) { s.cache, s.indices.cache = c, c }

// windows say how long the collection's answers may be given again.
func (v view) windows() (w cache.Windows) {
	w.Fresh, w.Settled, w.Stale = v.Search.Windows()
	return w
}

// recall is ask for a collection's search that ends at until (zero: open), answered from
// memory where the collection allows it. All that the answer depends on is in its key:
// the collection, the indices' names, and the body, which holds every condition, the
// tenant's too.
func (s *server) recall(ctx context.Context, v view, t targets, until time.Time, body func(time.Duration) ([]byte, error)) (found, error) {
	q := cache.Question{Windows: v.windows(), Generation: t.generation, Anew: anew(ctx), Settled: !until.IsZero() && s.now().Sub(until) > settled}
	if !q.Windows.Any() {
		return s.ask(ctx, t.names, body)
	}
	text, err := body(0) // however long it may take
	if err != nil {
		return found{}, err
	}
	q.Key = cache.KeyOf("search", v.Name, strings.Join(t.names, ","), string(text))
	var f found
	answer, err := s.cache.Find(ctx, q, func() (reply []byte, whole bool, err error) {
		reply, f, err = s.asked(ctx, t.names, body)
		return reply, err == nil && judge(f, t).Complete && !s.indices.lacks(v.Policy, t, f), err
	})
	s.tally(v.Name, answer.State)
	if err != nil || answer.State == cache.Asked {
		return f, err
	}
	f = found{}
	if err := f.read(answer.Body); err != nil {
		return found{}, err
	}
	f.cache = &remembered{Age: math.Round(answer.Age.Seconds()*10) / 10, State: answer.State}
	if answer.Cause != nil {
		f.cache.why = fmt.Sprintf("%s; this is what was found %s ago", fault.Message(answer.Cause), answer.Age.Round(time.Second))
	}
	return f, nil
}

type anewKey struct{}

// asAnew is ctx for who does not want to be answered from memory.
func asAnew(ctx context.Context) context.Context { return context.WithValue(ctx, anewKey{}, true) }

func anew(ctx context.Context) bool { return ctx.Value(anewKey{}) != nil }

// tally counts where an answer came from. The collection is no dimension: each would be
// three metrics more to pay for.
func (s *server) tally(collection string, from cache.State) {
	metric := func(name string, state cache.State) telemetry.Metric {
		m := telemetry.Metric{Name: name, Unit: telemetry.Count}
		if from == state {
			m.Value = 1
		}
		return m
	}
	s.metrics.Emit(nil, []telemetry.Field{{Key: "collection", Value: collection}},
		metric("CacheHits", cache.Fresh), metric("CacheMisses", cache.Asked), metric("CacheStale", cache.Stale))
}
