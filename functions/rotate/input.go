package main

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sluice-dev/sluice/shared/fault"
)

// input is what the schedule, or a person, asks for.
type input struct {
	// Time is the scheduled time, by which everything is judged, and the run's key: the
	// same key again plans the same. Default: now.
	Time time.Time `json:"time"`
	// DryRun answers what would be done, and does nothing.
	DryRun bool `json:"dry_run"`
	// Collections to look at; default all.
	Collections []string `json:"collections"`
}

// read is strict: a dry_run that is misspelt, or said twice, must not become a real run.
func read(payload []byte, now time.Time) (input, error) {
	in := input{Time: now}
	if err := json.Unmarshal(payload, &in, json.RejectUnknownMembers(true)); err != nil {
		return in, fault.Wrap(fault.Invalid, `the input must be {"time": RFC 3339, "dry_run": true or false, "collections": [names]}, each of them optional`, err)
	}
	if in.Time.IsZero() {
		in.Time = now
	}
	return in, nil
}

// horizon is how far ahead of the clock a run's time may be. By a year that was mistyped
// everything would have expired.
const horizon = 180 * 24 * time.Hour

func (in input) tooFarAhead(now time.Time) error {
	if in.DryRun || in.Time.Sub(now) <= horizon {
		return nil
	}
	return fault.New(fault.Invalid, "the time "+in.Time.UTC().Format(time.RFC3339)+" is more than 180 days ahead of the clock: only a dry run may look so far")
}
