package main

import "github.com/sluice-dev/sluice/shared/rotation"

// answer is what a run says of itself. A dry run's is that of the run it stands for,
// but for the outcomes.
type answer struct {
	Time        string    `json:"time"`
	DryRun      bool      `json:"dry_run"`
	DeletesDue  int       `json:"deletes_due"` // in all; a run does at most max_deletes
	MaxDeletes  int       `json:"max_deletes"`
	Collections []*report `json:"collections"`
}

// report is one collection's part.
type report struct {
	Collection string    `json:"collection"`
	Steps      []done    `json:"steps"`
	Skipped    []skipped `json:"skipped"`
	Warnings   []string  `json:"warnings"`        // what somebody has to look at; no failure
	Error      string    `json:"error,omitempty"` // why it could not be planned
}

type done struct {
	Action  rotation.Action `json:"action"`
	Index   string          `json:"index"`
	Why     string          `json:"why"`
	Outcome string          `json:"outcome"` // planned, done, "try next run: ..." or "failed: ..."
}

type skipped struct {
	Index string `json:"index"`
	Why   string `json:"why"`
}

func newReport(collection string) *report {
	return &report{Collection: collection, Steps: []done{}, Skipped: []skipped{}, Warnings: []string{}}
}

func (r *report) leave(all []rotation.Skipped) {
	for _, s := range all {
		r.Skipped = append(r.Skipped, skipped{s.Index, s.Why})
		if s.Warn {
			r.Warnings = append(r.Warnings, s.Index+": "+s.Why)
		}
	}
}
