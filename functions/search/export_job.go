package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// States of a job.
const (
	running    = "running"
	complete   = "complete"
	incomplete = "incomplete"
)

// job is an export to S3, as it is kept there beside its parts: also the checkpoint.
// Who changes it names the version that was read, so that of two who work on one job
// only one goes on.
type job struct {
	ID          string       `json:"id"`
	Collection  string       `json:"collection"`
	Parameters  url.Values   `json:"parameters"`
	Tenants     []string     `json:"tenants,omitempty"` // whose documents alone it may read
	State       string       `json:"state"`
	Reasons     []string     `json:"reasons"`
	Consistency string       `json:"consistency"`
	Created     time.Time    `json:"created"`
	Updated     time.Time    `json:"updated"`
	Rows        int          `json:"rows"`
	Bytes       int          `json:"bytes"`
	Expected    *int64       `json:"expected,omitempty"` // rows, as counted in the snapshot
	Parts       []exportPart `json:"parts"`
	Cursor      string       `json:"cursor,omitempty"`   // where the next part begins
	PIT         string       `json:"pit,omitempty"`      // of the snapshot
	Attempts    int          `json:"attempts,omitempty"` // on end that brought nothing

	version string // S3's ETag
}

// exportPart is an object of a job. Its name holds a digest of its content: done again after a
// crash, the same content has the same name, and no other takes its place.
type exportPart struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (j *job) folder() string { return "exports/" + j.Collection + "/" + j.ID + "/" }

func (j *job) key() string { return j.folder() + "job.json" }

// add notes content as the next part and names it.
func (j *job) add(content []byte, rows int, suffix string) exportPart {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	p := exportPart{fmt.Sprintf("%s-%05d-%s.%s", j.Collection, len(j.Parts)+1, digest[:12], suffix), rows, len(content), digest}
	j.Parts = append(j.Parts, p)
	j.Rows, j.Bytes = j.Rows+rows, j.Bytes+len(content)
	return p
}

// end is the job's last state. Only what is wrong has reasons.
func (j *job) end(reasons ...string) {
	j.State, j.Reasons, j.PIT, j.Attempts = complete, append([]string{}, reasons...), "", 0
	if len(reasons) > 0 {
		j.State = incomplete
	}
}

// checkRows says what is wrong with the rows of a job that was read to its end.
func (j *job) checkRows() []string {
	if j.Consistency == snapshotted && j.Expected != nil && *j.Expected < int64(j.Rows) {
		return []string{fmt.Sprintf("the snapshot holds %d documents, %d were read: start the export again", *j.Expected, j.Rows)}
	}
	return nil
}

// request is what the job reads next, with the clock of its beginning.
func (j *job) request(v view) (query.Request, error) {
	values := url.Values{}
	for name, list := range j.Parameters {
		values[name] = list
	}
	if j.Cursor != "" {
		values.Set("cursor", j.Cursor)
	}
	return query.ReadExport(v.schema, values, j.Created)
}

// manifest is the job without what is its own business.
func (j *job) manifest() []byte {
	shown := *j
	shown.Cursor, shown.PIT, shown.Tenants, shown.Attempts = "", "", nil, 0
	text, _ := json.MarshalIndent(shown, "", "  ")
	return append(text, '\n')
}

// of says whether the job is one that the view's caller may see.
func (j *job) of(v view) error {
	if !slices.Equal(j.Tenants, audience(v)) {
		return noExport(j.ID)
	}
	return nil
}

func noExport(id string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("there is no export %q of this collection; exports expire", id))
}
