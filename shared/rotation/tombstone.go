package rotation

import (
	"fmt"
	"slices"
	"time"
)

// Deleted is the field of a tombstone: when the document was deleted. A tombstone keeps a
// deleted document's id and version, so that no older change brings it back, however
// late. No other document has the field.
const Deleted = "_sluice_deleted"

// Living is a query that finds all documents but tombstones.
const Living = `{"bool":{"must_not":{"exists":{"field":"` + Deleted + `"}}}}`

// Tombstone is what stands in the place of a document that was deleted at t.
func Tombstone(t time.Time) []byte {
	return fmt.Appendf(nil, `{"%s":"%s"}`, Deleted, t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// tombstones is what becomes of deletes with a version.
type tombstones struct {
	written bool
	keep    time.Duration // zero: at once, Forever if eternal
	eternal bool
}

const keepDeletes = 30 * day

func (c Config) tombstones(m Mapping, wrong *Mistakes) tombstones {
	t := tombstones{written: m.Entities, keep: keepDeletes}
	switch {
	case c.KeepDeletes == "":
		return t
	case !m.Entities:
		wrong.add("keep_deletes", "append_only documents are never deleted one by one: remove it")
	case c.KeepDeletes == "none":
		return tombstones{}
	case c.KeepDeletes == "forever":
		t.eternal = true
		return t
	}
	var err error
	t.keep, err = parseRetention(c.KeepDeletes)
	wrong.check("keep_deletes", err)
	return t
}

// purge plans that tombstones are deleted whose time is over.
func (l *lifecycle) purge(plan *Plan, now time.Time, state State, own []Index) {
	if state.Unpurged != "" {
		plan.warn(l.name, state.Unpurged)
	}
	before := now.Add(-l.deletes.keep)
	for _, index := range own {
		if l.deletes.eternal || index.OldestDelete.IsZero() || index.OldestDelete.After(before) || index.Closed || index.ReadOnly || index.ISM != "" {
			continue
		}
		plan.step(Step{Action: Purge, Index: index.Name, Before: before,
			Why: "deletes of " + date(index.OldestDelete) + " and later are remembered, for " + describe(l.deletes.keep) + " each"})
	}
}

// show plans that readers of the alias, whoever they are, see no tombstones. A filter that
// somebody else gave it stays.
func (l *lifecycle) show(plan *Plan, alias string, index Index) {
	if l.deletes.written && index.Aliases[alias] && !slices.Contains(index.Filtered, alias) {
		plan.step(Step{Action: SetAliases, Index: index.Name, Alias: alias, Body: standOn(alias, []Index{index}, Living),
			Why: "readers of the alias " + alias + " would see its tombstones"})
	}
}
