package rotation

import "fmt"

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
		case s.State == "SUCCESS" && !s.Start.Before(index.since):
			return "", false
		case s.State == "IN_PROGRESS":
			return "due, but kept: the snapshot " + s.Name + " of it is still running; the next run looks again", false
		case s.State == "SUCCESS":
			why = fmt.Sprintf("the snapshot %s began at %s, before its last write (it was written until %s)", s.Name, date(s.Start), date(index.since))
		default:
			why = "the snapshot " + s.Name + " is " + s.State
		}
	}
	if index.Closed {
		why += ", and it is closed"
	}
	return fmt.Sprintf("due, but kept: %s; a new snapshot of it must be taken into the repository %s", why, repository), true
}
