package cache

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

// TestEveryStoreKeepsTheContract is the suite that every backend passes.
func TestEveryStoreKeepsTheContract(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	secured := parttest.Redis(t, part.RedisOptions{Password: "s3cret", TLS: true})
	for name, store := range map[string]func(*testing.T) Store{
		"memory":              func(*testing.T) Store { return NewMemory(1 << 20) },
		"Redis":               func(t *testing.T) Store { r, _ := clientOf(t, server); return r },
		"Redis, sealed":       func(t *testing.T) Store { r, _ := clientOf(t, server, func(c *Config) { c.Key = "k" }); return r },
		"Redis, TLS and AUTH": func(t *testing.T) Store { r, _ := clientOf(t, secured); return r },
	} {
		t.Run(name, func(t *testing.T) { contract(t, store(t)) })
	}
}

func contract(t *testing.T, s Store) {
	key := func(n int) Key { return KeyOf(t.Name(), fmt.Sprint(n)) }
	same := func(n int, want Answer) {
		t.Helper()
		got, ok := s.Get(t.Context(), key(n))
		if !ok || !bytes.Equal(got.Body, want.Body) || !got.Stored.Equal(want.Stored) || got.Took != want.Took || got.Generation != want.Generation {
			t.Fatalf("%d: %t %+v", n, ok, got)
		}
	}
	if got, ok := s.Get(t.Context(), key(0)); ok {
		t.Fatalf("%+v was never put", got)
	}
	s.Put(t.Context(), key(1), answer(1), time.Minute)
	s.Put(t.Context(), key(2), answer(2), time.Minute)
	same(1, answer(1))
	same(2, answer(2))
	s.Put(t.Context(), key(1), answer(3), time.Minute)
	same(1, answer(3))
	s.Put(t.Context(), key(4), Answer{Stored: answer(0).Stored}, time.Minute) // nothing is an answer too
	same(4, Answer{Stored: answer(0).Stored})
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() {
			s.Put(t.Context(), key(100+n%8), answer(n%8), time.Minute)
			if got, ok := s.Get(t.Context(), key(100+n%8)); !ok || !bytes.Equal(got.Body, answer(n%8).Body) {
				t.Errorf("%d: %t %s", n, ok, got.Body)
			}
		})
	}
	all.Wait()
}

func TestMemoryIsBoundedInBytesAndForgetsWhatWasUsedLeastRecently(t *testing.T) {
	m := NewMemory(10 * (1000 + overhead))
	put := func(n, size int) {
		m.Put(t.Context(), KeyOf(fmt.Sprint(n)), Answer{Body: make([]byte, size)}, time.Minute)
	}
	has := func(n int) bool { _, ok := m.Get(t.Context(), KeyOf(fmt.Sprint(n))); return ok }
	for n := range 10 {
		put(n, 1000)
	}
	if !has(0) {
		t.Fatal("ten fit")
	}
	put(10, 1000)
	if !has(0) || has(1) || !has(10) {
		t.Error("1 was used least recently")
	}
	put(11, 5000) // too large a part of it
	if has(11) || !has(2) {
		t.Error("one answer took the place of many")
	}
	put(2, 5000)
	if has(2) {
		t.Error("an answer that is too large leaves its former one standing")
	}
	for n := range 1000 {
		put(n, n%2000)
	}
	if m.used > m.limit || m.used < m.limit/2 || len(m.entries) != m.order.Len() {
		t.Errorf("%d of %d bytes, %d entries of %d", m.used, m.limit, len(m.entries), m.order.Len())
	}
}

func TestKeysTellPartsApart(t *testing.T) {
	seen := map[Key][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"a\x00b"}, {"b", "a"}} {
		k := KeyOf(parts...)
		if other, twice := seen[k]; twice {
			t.Errorf("%q and %q have one key", parts, other)
		}
		seen[k] = parts
	}
}
