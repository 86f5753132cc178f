package cache

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// counted is a cache whose clock and OpenSearch a test moves.
type counted struct {
	*Cache
	at    time.Time
	asked int
	whole bool
	err   error
}

func newCounted() *counted {
	c := &counted{at: time.UnixMilli(1_790_000_000_000), whole: true}
	c.Cache = New(func() time.Time { return c.at }, NewMemory(1<<20), NewMemory(1<<20))
	return c
}

func (c *counted) find(t *testing.T, q Question) (Found, error) {
	t.Helper()
	return c.Find(t.Context(), q, func() ([]byte, bool, error) {
		if c.asked++; c.err != nil {
			return nil, false, c.err
		}
		return fmt.Append(nil, c.asked), c.whole, nil
	})
}

func (c *counted) wants(t *testing.T, q Question, body string, state State) Found {
	t.Helper()
	f, err := c.find(t, q)
	if err != nil || string(f.Body) != body || f.State != state {
		t.Errorf("%s %q %v, want %s %q", f.Body, f.State, err, body, state)
	}
	return f
}

var minute = Question{Key: KeyOf("q"), Generation: 1, Windows: Windows{Fresh: time.Minute, Stale: time.Hour}}

func TestAnAnswerIsGivenAgainWhileItIsFresh(t *testing.T) {
	c := newCounted()
	c.wants(t, minute, "1", Asked)
	c.at = c.at.Add(50 * time.Second)
	if f := c.wants(t, minute, "1", Fresh); f.Age != 50*time.Second {
		t.Error(f.Age)
	}
	c.at = c.at.Add(11 * time.Second)
	c.wants(t, minute, "2", Asked)
	c.wants(t, minute, "2", Fresh)
	other := minute
	other.Key = KeyOf("another")
	c.wants(t, other, "3", Asked)
}

func TestAnAnswerIsGivenPastItsTimeOnlyWhileOpenSearchFails(t *testing.T) {
	c := newCounted()
	c.wants(t, minute, "1", Asked)
	c.at = c.at.Add(30 * time.Minute)
	for _, kind := range []fault.Kind{fault.Unavailable, fault.Timeout, fault.Throttled} {
		c.err = fault.New(kind, "down")
		if f := c.wants(t, minute, "1", Stale); f.Age != 30*time.Minute || fault.KindOf(f.Cause) != kind {
			t.Errorf("%s: %+v", kind, f)
		}
	}
	for _, kind := range []fault.Kind{fault.Invalid, fault.Forbidden, fault.Unauthorized, fault.TooLarge, fault.Internal} {
		c.err = fault.New(kind, "wrong")
		if _, err := c.find(t, minute); fault.KindOf(err) != kind {
			t.Errorf("%s became %v: it will not go away by itself", kind, err)
		}
	}
	c.err = fault.New(fault.Unavailable, "down")
	c.at = c.at.Add(31 * time.Minute)
	if _, err := c.find(t, minute); !errors.Is(err, c.err) {
		t.Error("an answer is given past its stale window", err)
	}
}

func TestWhatIsNotWholeIsNeverKept(t *testing.T) {
	c := newCounted()
	c.whole = false
	c.wants(t, minute, "1", Asked)
	c.wants(t, minute, "2", Asked)
	c.whole = true
	c.wants(t, minute, "3", Asked)
	c.at, c.whole = c.at.Add(2*time.Minute), false
	c.wants(t, minute, "4", Asked) // and what is whole stays
	c.err = fault.New(fault.Unavailable, "down")
	c.wants(t, minute, "3", Stale)
}

func TestASettledAnswerIsGivenForLongUntilItsIndicesAreWrittenTo(t *testing.T) {
	q := minute
	q.Settled, q.Windows.Settled = true, 24*time.Hour
	c := newCounted()
	c.wants(t, q, "1", Asked)
	c.at = c.at.Add(20 * time.Hour)
	c.wants(t, q, "1", Fresh)
	written := q
	written.Generation = 2
	c.wants(t, written, "2", Asked)
	c.wants(t, written, "2", Fresh)
	running := written
	running.Settled = false
	c.at = c.at.Add(2 * time.Minute)
	c.wants(t, written, "2", Fresh)
	c.wants(t, running, "3", Asked)
}

// What others are given as it is, however old, is better than an error to who asks anew.
func TestWhoAsksAnewIsGivenASettledAnswerWhileOpenSearchFails(t *testing.T) {
	q := minute
	q.Settled, q.Windows.Settled, q.Windows.Stale = true, 24*time.Hour, time.Minute
	c := newCounted()
	c.wants(t, q, "1", Asked)
	c.at, c.err = c.at.Add(time.Hour), fault.New(fault.Unavailable, "down")
	c.wants(t, q, "1", Fresh)
	q.Anew = true
	c.wants(t, q, "1", Stale)
	q.Generation = 2
	if _, err := c.find(t, q); !errors.Is(err, c.err) {
		t.Error("its indices were written to since, and its stale window is over", err)
	}
}

func TestAFurtherStoresAnswerIsBroughtNearer(t *testing.T) {
	near, far := NewMemory(1<<20), NewMemory(1<<20)
	c := newCounted()
	c.Cache = New(func() time.Time { return c.at }, near, far)
	c.wants(t, minute, "1", Asked)
	c.stores[0] = NewMemory(1 << 20) // another environment
	c.at = c.at.Add(10 * time.Second)
	if f := c.wants(t, minute, "1", Fresh); f.Age != 10*time.Second {
		t.Error("brought nearer, it is no younger:", f.Age)
	}
	if _, ok := c.stores[0].Get(t.Context(), minute.Key); !ok {
		t.Error("it was not brought nearer")
	}
}

func TestOneOfManyAsksAnewBeforeTheOthersWindowEnds(t *testing.T) {
	took := func(d time.Duration) (early int) {
		f := Found{Answer: Answer{Stored: time.UnixMilli(1_790_000_000_000), Took: d}, Age: 53 * time.Second}
		for range 10_000 {
			if !minute.fresh(f) {
				early++
			}
		}
		return early
	}
	if cheap, dear := took(10*time.Millisecond), took(2*time.Second); cheap > 10 || dear < 10 || dear > 9000 {
		t.Errorf("asked early: %d and %d of 10,000", cheap, dear)
	}
	ends := map[time.Duration]bool{}
	for n := range 256 {
		q := minute
		q.Key = KeyOf(fmt.Sprint(n))
		f := Found{Answer: Answer{Stored: time.UnixMilli(1_790_000_000_000)}}
		for f.Age = 50 * time.Second; q.fresh(f); f.Age += 100 * time.Millisecond {
		}
		if f.Age < 54*time.Second || f.Age > time.Minute {
			t.Fatalf("%s ends after %s", fmt.Sprint(n), f.Age)
		}
		ends[f.Age] = true
	}
	if len(ends) < 30 {
		t.Errorf("what was stored at once ends at %d times only", len(ends))
	}
}

func TestACacheWithoutStoresAsks(t *testing.T) {
	c := New(time.Now)
	f, err := c.Find(context.Background(), minute, func() ([]byte, bool, error) { return []byte("x"), true, nil })
	if err != nil || string(f.Body) != "x" || f.State != Asked {
		t.Error(f, err)
	}
}

func TestOfTwoClustersWithOneStoreEachHasItsOwnAnswers(t *testing.T) {
	c := newCounted()
	one, other := *c, *c
	one.Cache, other.Cache = c.Of("https://a"), c.Of("https://b")
	one.wants(t, minute, "1", Asked)
	other.asked = 10
	other.wants(t, minute, "11", Asked)
	one.wants(t, minute, "1", Fresh)
	other.wants(t, minute, "11", Fresh)
}
