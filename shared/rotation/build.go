package rotation

import (
	"regexp"
	"time"
)

var (
	validName    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	validRefresh = regexp.MustCompile(`^(-1|[1-9][0-9]*(ms|s|m))$`)
)

// Build makes the policy of the collection called name from its index block. The
// error is Mistakes: everything that is wrong, at once.
//
// A new policy is one file and one case here.
func Build(name string, cfg Config, mapping Mapping) (Policy, error) {
	var wrong Mistakes
	life := newLifecycle(name, cfg, mapping, &wrong)
	var policy Policy
	switch cfg.Policy {
	case "single":
		policy = newSingle(life, cfg, mapping, &wrong)
	case "periodic":
		policy = newPeriodic(life, cfg, mapping, &wrong)
	case "rollover":
		policy = newRollover(life, cfg, mapping, &wrong)
	case "data_stream":
		policy = newStream(life, cfg, mapping, &wrong)
	case "":
		wrong.add("policy", "is required: single, periodic, rollover or data_stream")
	default:
		wrong.add("policy", "there is no policy "+cfg.Policy+"; write single, periodic, rollover or data_stream")
	}
	if wrong != nil {
		return nil, wrong
	}
	return policy, nil
}

// lifecycle is what all policies have in common.
type lifecycle struct {
	name       string
	retention  time.Duration // after the last write; Forever
	future     time.Duration // how far ahead of the clock; zero: no limit
	past       time.Duration // how far behind it; zero: no limit
	keep       int
	repository string // set: delete only what a snapshot in it holds
	settled    *settled
	entities   bool
	deletes    tombstones
	template   Template
}

type settled struct {
	after    time.Duration
	replicas *int
	refresh  string
	segments int // a shard; zero: no force-merge
}

func newLifecycle(name string, cfg Config, mapping Mapping, wrong *Mistakes) lifecycle {
	l := lifecycle{name: name, keep: max(cfg.KeepAtLeast, 1), entities: mapping.Entities}
	if !validName.MatchString(name) || len(name) > 100 {
		wrong.add("", "the collection's name "+name+" cannot name indices: lower case letters, digits and -, at most 100")
	}
	if cfg.KeepAtLeast < 0 {
		wrong.add("keep_at_least", "cannot be negative; write 1 or more, or leave it out for 1")
	}
	if cfg.Retention != "" {
		var err error
		l.retention, err = parseRetention(cfg.Retention)
		wrong.check("retention", err)
	}
	if cfg.MaxFuture != "" {
		var err error
		l.future, err = ParseDuration(cfg.MaxFuture)
		wrong.check("max_future", err)
	}
	if cfg.MaxPast != "" {
		var err error
		l.past, err = ParseDuration(cfg.MaxPast)
		wrong.check("max_past", err)
	}
	l.repository = cfg.snapshots(wrong)
	l.settled = cfg.Settled.read(wrong)
	l.deletes = cfg.tombstones(mapping, wrong)
	return l
}

func (c Config) snapshots(wrong *Mistakes) string {
	switch {
	case c.DeleteOnlyAfterSnapshot && c.SnapshotRepository == "":
		wrong.add("delete_only_after_snapshot", "needs snapshot_repository: the name of the repository to look in")
	case !c.DeleteOnlyAfterSnapshot && c.SnapshotRepository != "":
		wrong.add("snapshot_repository", "has no effect alone; add delete_only_after_snapshot: true, or remove it")
	}
	return c.SnapshotRepository
}

func (s *Settled) read(wrong *Mistakes) *settled {
	if s == nil {
		return nil
	}
	out := &settled{after: time.Hour, replicas: s.Replicas, refresh: s.RefreshInterval, segments: s.ForceMerge}
	if s.After != "" {
		var err error
		out.after, err = ParseDuration(s.After)
		wrong.check("settled.after", err)
	}
	if s.Replicas != nil && *s.Replicas < 0 {
		wrong.add("settled.replicas", "cannot be negative")
	}
	if s.RefreshInterval != "" && !validRefresh.MatchString(s.RefreshInterval) {
		wrong.add("settled.refresh_interval", "is not an interval; write for example 60s, or -1 for never")
	}
	if s.ForceMerge < 0 {
		wrong.add("settled.force_merge", "cannot be negative; write the segments a shard shall have, usually 1")
	}
	return out
}

// only notes the keys that have no meaning for a policy.
func (c Config) only(policy string, period, rollover, ages bool, wrong *Mistakes) {
	if !period && c.Period != "" {
		wrong.add("period", "belongs to the policy periodic; remove it")
	}
	if !rollover && c.Rollover != nil {
		wrong.add("rollover", "belongs to the policies rollover and data_stream; remove it")
	}
	if ages {
		return
	}
	if c.Retention != "" && c.Retention != "forever" {
		wrong.add("retention", policy+" has one index, which is never deleted; remove it or write forever")
	}
	if c.Settled != nil {
		wrong.add("settled", policy+" has one index, which is always written to; remove it")
	}
}
