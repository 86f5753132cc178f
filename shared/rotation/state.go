package rotation

import (
	"maps"
	"slices"
	"time"
)

// Watch says what of the cluster a policy's Plan has to be shown.
type Watch struct {
	Template   string   // the index template's name
	Patterns   []string // the index expressions to list
	Stream     bool     // the data stream of the collection's name
	Name       string   // the collection's
	Repository string   // whose snapshots matter; empty: none
	Segments   bool     // segments and running force-merges
	Writes     bool     // how many writes each index has had
	Deletes    bool     // the oldest tombstone of each index
}

func (l *lifecycle) watch(patterns ...string) Watch {
	return Watch{Template: l.template.Name, Patterns: patterns, Name: l.name, Repository: l.repository,
		Segments: l.settled != nil && l.settled.segments > 0, Writes: l.repository != "", Deletes: l.entities}
}

// State is what the cluster has of one collection.
type State struct {
	Read     time.Time // when Writes had been read, by the clock and not by the schedule
	Template int64     // Version of the stored index template; zero: there is none
	Indices  []Index   // all that the collection's patterns list: also others', also an alias's members
	Stream   *Stream   // the data stream of the collection's name, if it exists
	// Hold, if set, says why nothing may be deleted, such as ISM that does not answer.
	Hold string
	// Unpurged, if set, says why the oldest tombstones are not known.
	Unpurged string
	// Snapshots of the policy's repository; empty if it has none or could not be read.
	Snapshots []Snapshot
}

// Index is one existing index.
type Index struct {
	Name     string
	UUID     string
	Created  time.Time // zero: not told
	Marker   Marker
	Aliases  map[string]bool // to whether it is flagged as the write index
	Docs     int64
	Bytes    int64 // all primaries
	Writes   int64 // since it was made, of all primaries; zero: not asked, or none
	Closed   bool
	Hidden   bool // wildcards do not find it
	ReadOnly bool // index.blocks.read_only: somebody wants nothing of it changed
	Replicas int
	Refresh  string
	ISM      string // the ISM policy that manages it
	Segments int    // most of any shard; zero: not asked
	Merging  bool   // a force-merge is running

	Filtered     []string  // its aliases that show a part only
	MapsDeleted  bool      // it knows the field Deleted
	OldestDelete time.Time // of its tombstones; zero: not asked, or none
}

func (i Index) on(alias string) bool { _, ok := i.Aliases[alias]; return ok }

// Written is the alias that the index is written through by its flag, its own
// periodic one apart; empty if there is none.
func (i Index) Written() string {
	for _, alias := range slices.Sorted(maps.Keys(i.Aliases)) {
		if i.Aliases[alias] && alias != i.Name+writeSuffix {
			return alias
		}
	}
	return ""
}

func (i Index) is(other Index) bool { return i.Name == other.Name }

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
	return slices.ContainsFunc(s.Indices, Index{Name: name}.is)
}

// taken says whether an index or an alias has the name.
func (s State) taken(name string) bool { return s.has(name) || len(s.aliased(name)) > 0 }

// aliased lists the indices that have the alias.
func (s State) aliased(alias string) []Index {
	var out []Index
	for _, index := range s.Indices {
		if index.on(alias) {
			out = append(out, index)
		}
	}
	return out
}

func names(indices []Index) []string {
	out := make([]string, len(indices))
	for i, index := range indices {
		out[i] = index.Name
	}
	return out
}
