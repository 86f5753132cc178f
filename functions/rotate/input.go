package main

import (
	"bytes"
	"encoding/json"
	"time"

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

// read is strict: a misspelt dry_run must not become a real run.
func read(payload []byte, now time.Time) (input, error) {
	in := input{Time: now}
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return in, fault.Wrap(fault.Invalid, `the input must be {"time": RFC 3339, "dry_run": true or false, "collections": [names]}, each of them optional`, err)
	}
	if in.Time.IsZero() {
		in.Time = now
	}
	return in, nil
}
