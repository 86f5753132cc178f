package rotation

import (
	"slices"
	"time"
)

// State is what the cluster has of one collection.
type State struct {
	Template int64   // Version of the stored index template; zero: there is none
	Indices  []Index // all that the collection's patterns list: also others', also an alias's members
	Stream   *Stream // the data stream of the collection's name, if it exists
	// Hold, if set, says why nothing may be deleted, such as ISM that does not answer.
	Hold string
	// Snapshots of the policy's repository; empty if it has none or could not be read.
	Snapshots []Snapshot
}

// Index is one existing index.
type Index struct {
	Name     string
	UUID     string
	Created  time.Time
	Marker   Marker
	Aliases  map[string]bool // to whether it is flagged as the write index
	Docs     int64
	Bytes    int64 // all primaries
	Closed   bool
	Replicas int
	Refresh  string
	ISM      string // the ISM policy that manages it
	Segments int    // most of any shard; zero: not asked
	Merging  bool   // a force-merge is running
}

// Stream is an existing data stream.
type Stream struct{ Write string }

// Snapshot is one snapshot in the repository.
type Snapshot struct {
	Name    string
	State   string // SUCCESS, PARTIAL, IN_PROGRESS, FAILED
	Start   time.Time
	Indices []string
}

func (s Snapshot) holds(index string) bool { return slices.Contains(s.Indices, index) }

func (s State) has(name string) bool {
	return slices.ContainsFunc(s.Indices, func(i Index) bool { return i.Name == name })
}

// aliased lists the indices that have the alias.
func (s State) aliased(alias string) []Index {
	var out []Index
	for _, index := range s.Indices {
		if _, ok := index.Aliases[alias]; ok {
			out = append(out, index)
		}
	}
	return out
}
