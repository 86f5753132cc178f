package rotation

import "time"

// State is what the cluster has of one collection.
type State struct {
	Indices []Index
}

// Index is one existing index.
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

func (l *lifecycle) Plan(time.Time, State) Plan { return Plan{} }
