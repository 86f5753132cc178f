// Package change is the vocabulary every room shares: one Change is one wanted
// state of one document. Envelopes make changes, mapping and collections refine
// them, bulk writes them. It decides nothing and imports nothing of ours.
package change

import "time"

// NoVersion marks a change that carries no external version.
const NoVersion int64 = -1

// Op is what a change asks of its document.
type Op uint8

const (
	// Create stores a document that must not exist yet. An existing one is the
	// same document delivered again, because ids are deterministic.
	Create Op = iota
	// Index stores or replaces the whole document.
	Index
	// Delete removes the document; a missing one is already as wanted.
	Delete
)

// String is the bulk action's name.
func (o Op) String() string { return [...]string{"create", "index", "delete"}[o] }

// Change is one wanted state of one document.
type Change struct {
	Collection string    // the collection's name
	ID         string    // deterministic document id, 1 to 512 bytes
	Op         Op        // Create, Index or Delete
	Version    int64     // external version, 0 or more, or NoVersion
	Ties       bool      // successive changes may share Version: an equal one replaces
	Time       time.Time // the event's time; zero where the event has none
	Body       []byte    // one compact JSON object, no raw newline; nil for Delete
}
