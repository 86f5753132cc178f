package rotation

import "time"

// Read is what a search of a time range names.
type Read struct {
	Names    []string // concrete indices, or one alias or data stream; never a wildcard
	Patterns []string // set instead of Names when the range is open: wildcards to list indices by; keep only Owned names
}

// Template is an index template, ready for PUT /_index_template/{Name}.
type Template struct {
	Name    string
	Version int64  // grows with the content's change; an older stored one is replaced
	Body    []byte // JSON
	Create  []byte // JSON settings, mappings for an explicit PUT /{index}: the same content without patterns
}

// State is what the cluster has of one collection.
type State struct {
	Indices []Index
}

// Index is one existing index, data stream generation or alias that matches the policy's names.
type Index struct {
	Name    string
	Created time.Time
}

// Plan is what a run will do, and what it leaves alone.
type Plan struct {
	Steps   []Step
	Skipped []Skipped
}

// Step is one idempotent action and its reason.
type Step struct {
	Action string
	Index  string
	Why    string
}

// Skipped is an index in no step, and why.
type Skipped struct {
	Index string
	Why   string
}
