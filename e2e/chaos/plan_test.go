package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// injection is one fault at a place in the stream of documents.
type injection struct {
	at int // documents sent
	fault
	seed uint64
}

// planned scatters every kind over the first nine tenths of the run. Seed and number of
// documents decide all of it.
func planned(seed uint64, docs int, kinds []fault) (all []injection) {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a plan to be repeated, no secret
	for _, f := range kinds {
		times := max(1, docs/f.every)
		for i := range times {
			share := (float64(i) + r.Float64()) / float64(times)
			all = append(all, injection{docs/50 + int(share*float64(docs)*0.88), f, r.Uint64()})
		}
	}
	slices.SortFunc(all, func(a, b injection) int { return a.at - b.at })
	return all
}

// chosen are the kinds whose name matches.
func chosen(only *regexp.Regexp) []fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !only.MatchString(f.name) })
}

// patience is how long a fault waits for traffic to meet it before it is healed.
const patience = 20 * time.Second

// inflict injects what is planned, as the documents are sent: two faults that last may
// overlap, and any number of those that wait for their requests.
func (s *stage) inflict(ctx context.Context, plan []injection) error {
	defer s.horizon.Store(1 << 62)
	var running errgroup.Group
	running.SetLimit(2)
	locks := map[string]*sync.Mutex{}
	for _, one := range plan {
		s.horizon.Store(int64(one.at))
		for s.sent.Load() < int64(one.at) && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		key := one.name // none overlaps itself
		if one.alone {
			key = "alone"
		}
		if locks[key] == nil {
			locks[key] = &sync.Mutex{}
		}
		running.Go(func() error {
			locks[key].Lock()
			defer locks[key].Unlock()
			return s.suffer(ctx, one)
		})
	}
	return running.Wait()
}

// suffer is one fault from its injection to its healing.
func (s *stage) suffer(ctx context.Context, one injection) error {
	before := s.metOf(one.name)
	began := time.Now()
	s.tally.inject(one.name)
	err := one.inject(blow{s, one.name, rand.New(rand.NewPCG(one.seed, 2))}) //nolint:gosec // as above
	if one.heal == nil || err != nil {
		return told(one.name, err)
	}
	time.Sleep(one.lasts)
	for s.metOf(one.name) == before && time.Since(began) < patience && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	err = one.heal(s)
	if took := time.Since(began); took > 30*time.Second {
		fmt.Fprintf(os.Stderr, "%s took %s\n", one.name, took.Round(time.Second))
	}
	return told(one.name, err)
}

func told(name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
