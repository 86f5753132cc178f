package cache

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// overhead is about what an entry takes beside its body.
const overhead = 300

// Memory is a Store in this process, of so many bytes; what was used least recently goes first.
type Memory struct {
	limit int64

	mu      sync.Mutex
	used    int64
	order   *list.List // of entry, the last used in front
	entries map[Key]*list.Element
}

type entry struct {
	key    Key
	answer Answer
}

func (e entry) size() int64 { return int64(len(e.answer.Body)) + overhead }

// NewMemory is an empty Memory.
func NewMemory(limit int64) *Memory {
	return &Memory{limit: limit, order: list.New(), entries: map[Key]*list.Element{}}
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key Key) (Answer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok {
		return Answer{}, false
	}
	m.order.MoveToFront(e)
	return e.Value.(entry).answer, true
}

// Put implements Store. What would take more than a quarter of it is not kept.
func (m *Memory) Put(_ context.Context, key Key, a Answer, _ time.Duration) {
	e := entry{key, a}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.entries[key])
	if e.size() > m.limit/4 {
		return
	}
	m.used += e.size()
	m.entries[key] = m.order.PushFront(e)
	for m.used > m.limit {
		m.drop(m.order.Back())
	}
}

func (m *Memory) drop(element *list.Element) {
	if element == nil {
		return
	}
	e := m.order.Remove(element).(entry)
	delete(m.entries, e.key)
	m.used -= e.size()
}
