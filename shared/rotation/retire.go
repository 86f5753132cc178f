package rotation

import (
	"encoding/json"
	"fmt"
	"time"
)

// retired is an index whose time is over, and since when. A late document may have
// been written to it until later.
type retired struct {
	Index
	since time.Time
	until time.Time
}

// mergesPerRun keeps a new force_merge rule from merging a year at once.
const mergesPerRun = 5

// retire plans what retired indices, oldest first, need: deletes by retention, or
// else the settled settings and the force-merge. newest are the collection's newer
// indices, of which the plan may have yet to make the last.
func (l *lifecycle) retire(plan *Plan, now time.Time, state State, old []retired, newest []string) {
	gone := map[string]bool{}
	for i := range old {
		l.observe(plan, now, state.Read, &old[i])
	}
	for i, index := range old {
		newer := len(old) - i - 1 + len(newest)
		gone[index.Name] = l.delete(plan, now, state, index, newer)
		if last := len(newest) - 1; gone[index.Name] && newer == l.keep && last >= 0 && !state.has(newest[last]) {
			plan.Steps[len(plan.Steps)-1].After = newest[last]
		}
	}
	merging := 0
	for _, index := range old {
		if index.Merging {
			merging++
		}
	}
	for _, index := range old {
		if s := l.settled; s != nil && !gone[index.Name] && !index.Closed && !index.ReadOnly && index.ISM == "" && !index.since.Add(s.after).After(now) {
			s.settle(plan, index.Index)
			s.merge(plan, index.Index, &merging)
		}
	}
}

// delete plans the index's delete if it is due, or says what keeps it.
func (l *lifecycle) delete(plan *Plan, now time.Time, state State, index retired, newer int) bool {
	if l.retention != forever && index.since.IsZero() {
		plan.warn(index.Name, "kept: when the index after it was made is unknown")
		return false
	}
	if l.retention == forever || index.since.Add(l.retention).After(now) {
		return false
	}
	switch {
	case newer < l.keep:
		plan.skip(index.Name, fmt.Sprintf("due, but kept: the newest %d always are", l.keep))
	case index.Written() != "":
		plan.warn(index.Name, "due, but kept: the alias "+index.Written()+" is written through it")
	case index.ReadOnly:
		plan.skip(index.Name, "due, but kept: "+readOnly)
	case index.ISM != "":
		plan.skip(index.Name, "managed by the ISM policy "+index.ISM)
	case state.Hold != "":
		plan.warn(index.Name, "due, but kept: "+state.Hold)
	case l.repository != "":
		if why, warn := unsaved(state.Snapshots, l.repository, index); why != "" {
			plan.leave(index.Name, why, warn)
			break
		}
		fallthrough
	default:
		plan.step(Step{Action: Delete, Index: index.Name, UUID: index.UUID,
			Why: fmt.Sprintf("written until %s, and kept %s since", date(index.since), describe(l.retention))})
		return true
	}
	return false
}

func (s *settled) settle(plan *Plan, index Index) {
	want := map[string]any{}
	if s.replicas != nil && *s.replicas != index.Replicas {
		want["number_of_replicas"] = *s.replicas
	}
	if s.refresh != "" && s.refresh != index.Refresh {
		want["refresh_interval"] = s.refresh
	}
	if len(want) == 0 {
		return
	}
	body, _ := json.Marshal(map[string]any{"index": want}) // of a string and an int: cannot fail
	plan.step(Step{Action: Settle, Index: index.Name, Body: body, Why: "it is no longer written to"})
}

func (s *settled) merge(plan *Plan, index Index, merging *int) {
	switch {
	case s.segments == 0 || index.Segments <= s.segments:
	case index.Merging:
		plan.skip(index.Name, "its force-merge is running")
	case *merging >= mergesPerRun:
		plan.skip(index.Name, fmt.Sprintf("its force-merge waits for a later run: %d are enough at once", mergesPerRun))
	default:
		*merging++
		plan.step(Step{Action: ForceMerge, Index: index.Name, Segments: s.segments,
			Why: fmt.Sprintf("it is no longer written to, and a shard has %d segments", index.Segments)})
	}
}
