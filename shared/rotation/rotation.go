// Package rotation names indices and decides their lifecycle: where a document
// of a given event time is written, which indices a time range is read from, and
// which steps bring the cluster's indices to what the policy wants. Everything
// here is pure: it is given the state and the time, and returns values.
//
// It refuses to name anything it did not make: a name that is not exactly one of
// the policy's own is in no step, an index without the collection's marker, with
// an ISM policy, or that is written to is never deleted.
//
// ingest asks WriteTarget, search asks ReadTargets, rotate asks Plan: of the SAME
// value, built once by Build from the collection's index block.
package rotation

import "time"

// Policy is a collection's index policy, ready to use and safe for concurrent use.
type Policy interface {
	// WriteTarget names where a document of event time t (zero: it has none) is
	// written. now is the clock that MaxFuture and Retention are held against. A
	// *Refusal says why no index may hold it.
	WriteTarget(t, now time.Time) (Target, error)
	// ReadTargets names the concrete indices (or the one alias or data stream) that
	// can hold documents with from <= time < to; a zero bound is open. Owned filters
	// what a wildcard would let in.
	ReadTargets(from, to time.Time) Read
	// Owned says whether name is exactly a name this policy gives, and its period's start.
	Owned(name string) (start time.Time, ok bool)
	// Watch says what of the cluster Plan has to be shown.
	Watch() Watch
	// Plan returns the steps that bring state to what the policy wants at now, in
	// the order in which they are to be done, and what it left alone with the reason.
	Plan(now time.Time, state State) Plan
	// Template is the index template's body: patterns, priority, settings, mappings
	// with the marker. Generated from the collection's fields.
	Template() Template
}

// Target is where a document is written.
type Target struct {
	// Name is what the bulk action's _index says: an alias (Alias true: sent with
	// require_alias, so that the server never creates an index by itself) or a data stream.
	Name string
	// Index is the concrete index to create, with Name as its alias, when Name does
	// not exist; empty for a data stream. It is also what people are told.
	Index      string
	Alias      bool
	WriteIndex bool // Index is the first of numbered generations, the newest of which is written to (rollover)
}

// Rolls says that another index may be behind Name a moment later: what was stored under
// an id is not found by storing it again.
func (t Target) Rolls() bool { return t.WriteIndex || !t.Alias }
