package rotation

// Config is the `index:` block of a collection. A key that is there with nothing
// after it is a mistake that the reader of the file reports; here it looks absent.
type Config struct {
	// Policy: single (one index behind an alias; entities), periodic (one index a
	// period of the event's time), rollover (a write alias rolled by age, documents
	// or size), data_stream. Required.
	Policy string `yaml:"policy" json:"policy"`
	// Period of a periodic policy: hour, day or month (UTC).
	Period string `yaml:"period,omitempty" json:"period,omitempty"`
	// Retention: a duration such as 12h, 30d or 8w after the period's end (periodic)
	// or the rollover (rollover, data_stream), or the word forever. Default forever.
	// Zero, negative, empty and unit-less values are errors.
	Retention string `yaml:"retention,omitempty" json:"retention,omitempty"`
	// DeleteOnlyAfterSnapshot: an index is deleted only when a SUCCESS snapshot that
	// began after its last write holds it. Needs SnapshotRepository.
	DeleteOnlyAfterSnapshot bool   `yaml:"delete_only_after_snapshot,omitempty" json:"delete_only_after_snapshot,omitempty"`
	SnapshotRepository      string `yaml:"snapshot_repository,omitempty" json:"snapshot_repository,omitempty"`
	// MaxFuture: how far ahead of the clock an event's time may be, e.g. 15m or 1h.
	// Default 1h for periodic; the other policies have no limit unless it is given.
	MaxFuture string `yaml:"max_future,omitempty" json:"max_future,omitempty"`
	// KeepAtLeast: the newest this many indices are never deleted. Default 1.
	KeepAtLeast int `yaml:"keep_at_least,omitempty" json:"keep_at_least,omitempty"`
	// Rollover when any is reached (rollover, data_stream): max_age 1d, max_docs 10000000, max_size 30gb.
	Rollover *Rollover `yaml:"rollover,omitempty" json:"rollover,omitempty"`
	// Shards (default 1), Replicas (default 1) and RefreshInterval (default 10s) of a written index.
	Shards          int    `yaml:"shards,omitempty" json:"shards,omitempty"`
	Replicas        *int   `yaml:"replicas,omitempty" json:"replicas,omitempty"`
	RefreshInterval string `yaml:"refresh_interval,omitempty" json:"refresh_interval,omitempty"`
	// Settled: what an index that is no longer written to gets.
	Settled *Settled `yaml:"settled,omitempty" json:"settled,omitempty"`
	// Settings: further index settings for the template, as OpenSearch names them.
	Settings map[string]any `yaml:"settings,omitempty" json:"settings,omitempty"`
}

// Rollover lists the conditions, of which any one is enough.
type Rollover struct {
	MaxAge  string `yaml:"max_age,omitempty" json:"max_age,omitempty"`
	MaxDocs int64  `yaml:"max_docs,omitempty" json:"max_docs,omitempty"`
	MaxSize string `yaml:"max_size,omitempty" json:"max_size,omitempty"` // all primaries together, e.g. 30gb
}

// Settled is what a no longer written index gets. After: how long after its period or rollover (default 1h).
type Settled struct {
	After           string `yaml:"after,omitempty" json:"after,omitempty"`
	Replicas        *int   `yaml:"replicas,omitempty" json:"replicas,omitempty"`
	RefreshInterval string `yaml:"refresh_interval,omitempty" json:"refresh_interval,omitempty"`
	ForceMerge      int    `yaml:"force_merge,omitempty" json:"force_merge,omitempty"` // segments a shard; 0: no force-merge
}

// Mapping is what a collection's fields say of its documents, for the index template.
type Mapping struct {
	Properties []byte // JSON object: the mapping's "properties"; dotted names are fine. Equal fields, equal bytes
	Dynamic    string // false (also when empty), true or strict
	Time       string // the event time's field; a data_stream needs it
}
