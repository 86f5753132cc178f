package main

import "github.com/sluice-dev/sluice/shared/bulk"

// memory is what one invocation works in and leaves to the next: made anew for each, it
// would be most of their cost. Nothing that outlives the invocation points into it.
type memory struct {
	block  []byte
	spare  []record
	items  []bulk.Item
	parts  []part
	pieces [][]byte
}

func (h *handler) memory() *memory {
	if m, ok := h.memories.Get().(*memory); ok {
		return m
	}
	return &memory{}
}

// release gives it back without what it points to.
func (h *handler) release(m *memory) {
	clear(m.spare)
	clear(m.items[:cap(m.items)])
	clear(m.parts[:cap(m.parts)])
	clear(m.pieces[:cap(m.pieces)])
	h.memories.Put(m)
}
