package rotation

// Config is the `index:` block of a collection. A key that is there with nothing
// after it is a mistake that the reader of the file reports; here it looks absent.
type Config struct {
	// Policy: single (one index behind an alias; entities), periodic (one index a
	// period of the event's time), rollover (a write alias rolled by age, documents
	// or size), data_stream.
	Policy string `yaml:"policy" json:"policy" jsonschema:"example=periodic,enum=single,enum=periodic,enum=rollover,enum=data_stream"`
	// Period of a periodic policy: hour, day or month (UTC).
	Period string `yaml:"period,omitempty" json:"period,omitempty" jsonschema:"example=day,enum=hour,enum=day,enum=month"`
	// Retention: a duration such as 12h, 30d or 8w after the period's end (periodic)
	// or the rollover (rollover, data_stream), or the word forever. Default forever.
	// Zero, negative, empty and unit-less values are errors.
	Retention string `yaml:"retention,omitempty" json:"retention,omitempty" jsonschema:"example=30d,pattern=^(forever|[1-9][0-9]*[hdw])$"`
	// DeleteOnlyAfterSnapshot: an index is deleted only when a SUCCESS snapshot that
	// began after its last write holds it. Needs snapshot_repository.
	DeleteOnlyAfterSnapshot bool `yaml:"delete_only_after_snapshot,omitempty" json:"delete_only_after_snapshot,omitempty"`
	// SnapshotRepository: where those snapshots are.
	SnapshotRepository string `yaml:"snapshot_repository,omitempty" json:"snapshot_repository,omitempty"`
	// MaxFuture: how far ahead of the clock an event's time may be, e.g. 15m or 1h.
	// Default 1h for periodic; the other policies have no limit unless it is given.
	MaxFuture string `yaml:"max_future,omitempty" json:"max_future,omitempty" jsonschema:"example=1h,pattern=^[1-9][0-9]*[smhdw]$"`
	// MaxPast: how far behind the clock an event's time may be, e.g. 90d: a clock of 1970
	// makes no index then. Default: no limit but the retention.
	MaxPast string `yaml:"max_past,omitempty" json:"max_past,omitempty" jsonschema:"example=90d,pattern=^[1-9][0-9]*[smhdw]$"`
	// KeepAtLeast: the newest this many indices are never deleted. Default 1.
	KeepAtLeast int `yaml:"keep_at_least,omitempty" json:"keep_at_least,omitempty" jsonschema:"minimum=1"`
	// Rollover: the conditions of a rollover or data_stream.
	Rollover *Rollover `yaml:"rollover,omitempty" json:"rollover,omitempty"`
	// Shards of a written index. Default 1.
	Shards int `yaml:"shards,omitempty" json:"shards,omitempty" jsonschema:"minimum=1"`
	// Replicas of a written index. Default 1, which leaves a cluster of one node yellow.
	Replicas *int `yaml:"replicas,omitempty" json:"replicas,omitempty" jsonschema:"minimum=0"`
	// RefreshInterval of a written index: how soon a document is found. Default 10s.
	RefreshInterval string `yaml:"refresh_interval,omitempty" json:"refresh_interval,omitempty" jsonschema:"example=10s,pattern=^(-1|[1-9][0-9]*(ms|s|m))$"`
	// KeepDeletes: how long a deleted document's version is kept in its place, so that an
	// older change that comes late does not bring it back: a duration such as 30d, or
	// forever. The word none deletes at once; OpenSearch itself remembers the version for
	// gc_deletes. Default 30d.
	KeepDeletes string `yaml:"keep_deletes,omitempty" json:"keep_deletes,omitempty" jsonschema:"example=30d,pattern=^(none|forever|[1-9][0-9]*[hdw])$"`
	// Settled: what an index that is no longer written to gets.
	Settled *Settled `yaml:"settled,omitempty" json:"settled,omitempty"`
	// Settings: further index settings for the template, as OpenSearch names them.
	Settings map[string]any `yaml:"settings,omitempty" json:"settings,omitempty"`
}

// Rollover lists the conditions, of which any one is enough.
type Rollover struct {
	// MaxAge since the index was made.
	MaxAge string `yaml:"max_age,omitempty" json:"max_age,omitempty" jsonschema:"example=1d,pattern=^[1-9][0-9]*[smhdw]$"`
	// MaxDocs in all primaries.
	MaxDocs int64 `yaml:"max_docs,omitempty" json:"max_docs,omitempty" jsonschema:"example=10000000,minimum=1"`
	// MaxSize of all primaries together.
	MaxSize string `yaml:"max_size,omitempty" json:"max_size,omitempty" jsonschema:"example=30gb,pattern=^[1-9][0-9]*(b|kb|mb|gb|tb)$"`
}

// Settled is what a no longer written index gets.
type Settled struct {
	// After: how long after its period or rollover. Default 1h.
	After string `yaml:"after,omitempty" json:"after,omitempty" jsonschema:"example=6h,pattern=^[1-9][0-9]*[smhdw]$"`
	// Replicas: their number from then on. Default: unchanged.
	Replicas *int `yaml:"replicas,omitempty" json:"replicas,omitempty" jsonschema:"minimum=0"`
	// RefreshInterval from then on. Default: unchanged.
	RefreshInterval string `yaml:"refresh_interval,omitempty" json:"refresh_interval,omitempty" jsonschema:"example=60s,pattern=^(-1|[1-9][0-9]*(ms|s|m))$"`
	// ForceMerge: segments a shard is merged into. Default 0: no force-merge.
	ForceMerge int `yaml:"force_merge,omitempty" json:"force_merge,omitempty" jsonschema:"example=1,minimum=0"`
}

// Mapping is what a collection's fields say of its documents, for the index template.
type Mapping struct {
	Properties []byte // JSON object: the mapping's "properties"; dotted names are fine. Equal fields, equal bytes
	Dynamic    string // false (also when empty), true or strict
	Time       string // the event time's field; a data_stream needs it
	Entities   bool   // they change and are deleted: not append_only
}
