package rotation

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Template is an index template, ready for PUT /_index_template/{Name}.
type Template struct {
	Name       string
	Collection string
	// Version is a fingerprint of the content: it differs when the content does, and
	// is in the template and in the marker of every index made from it.
	Version int64
	Body    []byte // JSON
	Create  []byte // JSON settings, mappings for an explicit PUT /{index}: the same content without patterns
	// Tombstones says that deletes with a version are written as tombstones.
	Tombstones bool

	mapping, dynamic []byte // of Create: the mappings, and the settings that an existing index takes
}

// Marker is `_meta.sluice` of the mapping of an index that we made.
type Marker struct {
	Collection string `json:"collection"`
	Template   int64  `json:"template"`
	// Writes and Until are what a run saw of an index that no longer should be written
	// to: how many writes it had, and until when it had them. See observe.
	Writes int64     `json:"writes,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

type content struct {
	Settings map[string]any `json:"settings"`
	Mappings mappings       `json:"mappings"`
}

type mappings struct {
	Dynamic    string             `json:"dynamic"`
	Meta       map[string]*Marker `json:"_meta"`
	Properties json.RawMessage    `json:"properties"`
}

// newTemplate makes the template of the indices that match pattern; timestamp is
// set for a data stream. A longer name is more specific and has the higher
// priority: logs-audit-* before logs-*.
func newTemplate(name, pattern, timestamp string, cfg Config, m Mapping, wrong *Mistakes) Template {
	marker := &Marker{Collection: name}
	inner := content{
		Settings: map[string]any{"index": cfg.settings(wrong)},
		Mappings: mappings{Dynamic: m.Dynamic, Meta: map[string]*Marker{"sluice": marker}, Properties: m.Properties},
	}
	if m.Dynamic == "" {
		inner.Mappings.Dynamic = "false"
	}
	if len(m.Properties) == 0 {
		inner.Mappings.Properties = json.RawMessage("{}")
	}
	outer := map[string]any{
		"index_patterns": []string{pattern}, "priority": 100 + len(name), "template": inner,
		"_meta": map[string]any{"description": "made by Sluice from collections/" + name + ".yaml"},
	}
	if timestamp != "" {
		outer["data_stream"] = map[string]any{"timestamp_field": map[string]string{"name": timestamp}}
	}
	t := Template{Name: "sluice-" + name, Collection: name}
	t.Tombstones = m.Entities && cfg.KeepDeletes != "none"
	t.Version = fingerprint(encode(outer, wrong))
	outer["version"], marker.Template = t.Version, t.Version
	t.Body, t.Create = encode(outer, wrong), encode(inner, wrong)
	t.mapping = encode(inner.Mappings, wrong)
	t.dynamic = encode(map[string]any{"index": map[string]any{"number_of_replicas": cfg.replicas(), "refresh_interval": cfg.refresh()}}, wrong)
	return t
}

// encode writes equal values as equal bytes: maps are sorted by key.
func encode(v any, wrong *Mistakes) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		wrong.add("settings", fmt.Sprintf("cannot be written as JSON: %v", err))
	}
	return out
}

// fingerprint has 48 bits, so that every JSON reader keeps it exactly.
func fingerprint(b []byte) int64 {
	sum := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 16)
}

func (c Config) settings(wrong *Mistakes) map[string]any {
	out := map[string]any{"number_of_shards": max(c.Shards, 1), "number_of_replicas": c.replicas(), "refresh_interval": c.refresh()}
	if c.Shards < 0 {
		wrong.add("shards", "cannot be negative; write 1 or more")
	}
	if c.replicas() < 0 {
		wrong.add("replicas", "cannot be negative; write 0 or more")
	}
	if !validRefresh.MatchString(c.refresh()) {
		wrong.add("refresh_interval", "is not an interval; write for example 10s, or -1 for never")
	}
	own := map[string]string{"number_of_shards": "shards", "number_of_replicas": "replicas", "refresh_interval": "refresh_interval"}
	for _, key := range slices.Sorted(maps.Keys(c.Settings)) {
		value := c.Settings[key]
		key = strings.TrimPrefix(key, "index.")
		if instead, taken := own[key]; taken {
			wrong.add("settings", key+" has a key of its own; write "+instead+": beside settings")
			continue
		}
		if _, twice := out[key]; twice {
			wrong.add("settings", key+" is given twice, once with index. before it: keep one")
		}
		if key == "index" {
			wrong.add("settings", "write the settings without the word index: max_result_window, not index: {max_result_window}")
		}
		out[key] = value
	}
	return out
}

func (c Config) replicas() int {
	if c.Replicas == nil {
		return 1
	}
	return *c.Replicas
}

func (c Config) refresh() string {
	if c.RefreshInterval == "" {
		return "10s"
	}
	return c.RefreshInterval
}
