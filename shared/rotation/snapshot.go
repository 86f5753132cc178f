package rotation

import (
	"encoding/json"
	"fmt"
	"time"
)

// unsaved says why the snapshots do not allow the index's delete; empty if one does.
// warn is false where waiting is enough. It takes no snapshot: the repository's
// owner does.
func unsaved(snapshots []Snapshot, repository string, index retired) (why string, warn bool) {
	why = "no snapshot holds it"
	for _, s := range snapshots {
		if !s.holds(index.Name) {
			continue
		}
		switch {
		case s.State == "SUCCESS" && !s.Start.Before(index.until):
			return "", false
		case s.State == "IN_PROGRESS":
			return "due, but kept: the snapshot " + s.Name + " of it is still running; the next run looks again", false
		case s.State == "SUCCESS":
			why = fmt.Sprintf("the snapshot %s began at %s, before its last write (it was written until %s)", s.Name, date(s.Start), date(index.until))
		default:
			why = "the snapshot " + s.Name + " is " + s.State
		}
	}
	if index.Closed {
		why += ", and it is closed"
	}
	return fmt.Sprintf("due, but kept: %s; a new snapshot of it must be taken into the repository %s", why, repository), true
}

// observe finds out until when a retired index was written to. OpenSearch keeps no such
// date, but counts the writes: a run notes the count in the index's marker, and a later
// one sees whether it has grown. Without a note, the end of its time counts, unless that
// is so near that the first run after it may have missed writes.
func (l *lifecycle) observe(plan *Plan, now, seen time.Time, index *retired) {
	index.until = index.since
	if seen.Before(index.since) { // by another clock than the schedule's
		seen = now
	}
	if c := index.Created; c.After(index.until) && !c.After(now) { // made anew after its time
		index.until = c
	}
	noted := index.Marker
	switch {
	case noted.Until.After(index.until):
		index.until = noted.Until
	case noted.Writes == 0 && now.Sub(index.since) < day:
		index.until = seen
	}
	if l.repository == "" || index.Writes == 0 || index.Writes == noted.Writes || index.Closed || index.ReadOnly || index.ISM != "" {
		return
	}
	why := "how many writes it has had is noted, to see late ones"
	if noted.Writes != 0 {
		index.until, why = seen, "it was written to since a run looked at it"
	}
	noted.Writes, noted.Until = index.Writes, index.until
	body, _ := json.Marshal(map[string]any{"_meta": map[string]Marker{"sluice": noted}}) // of strings and numbers: cannot fail
	plan.step(Step{Action: Observe, Index: index.Name, Mapping: body, Why: why})
}
