package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// told is a job as callers see it.
type told struct {
	ID          string     `json:"id"`
	Collection  string     `json:"collection"`
	Format      string     `json:"format"`
	State       string     `json:"state"`
	Reasons     []string   `json:"reasons"`
	Consistency string     `json:"consistency"`
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated"`
	Rows        int        `json:"rows"`
	Bytes       int        `json:"bytes"`
	Expected    *int64     `json:"expected"`
	Parts       []toldPart `json:"parts"`
	NextPart    *int       `json:"next_part"`
	Manifest    *string    `json:"manifest"`
	LinksUntil  *time.Time `json:"links_until"`
}

type toldPart struct {
	exportPart
	URL *string `json:"url"`
}

// tellJob answers with a job: with links once it is worked on no more.
func (s *server) tellJob(c *gin.Context, status int, j *job, from int) error {
	format := "ndjson"
	if f := j.Parameters["format"]; len(f) > 0 {
		format = f[0]
	}
	t := told{
		ID: j.ID, Collection: j.Collection, Format: format, State: j.State, Reasons: j.Reasons, Consistency: j.Consistency,
		Created: j.Created, Updated: j.Updated, Rows: j.Rows, Bytes: j.Bytes, Expected: j.Expected, Parts: []toldPart{},
	}
	if j.State == running && s.now().Sub(j.Updated) > stalled {
		t.State, t.Reasons = incomplete, []string{fmt.Sprintf("nothing has gone on since %s: POST to this address goes on", j.Updated.Format(time.RFC3339))}
	}
	until := s.now().UTC().Truncate(time.Second).Add(s.cfg.linkLifetime())
	link := func(name string) (*string, error) {
		if j.State == running {
			return nil, nil //nolint:nilnil // there is no link yet
		}
		t.LinksUntil = &until
		url, err := s.jobs.Link(c.Request.Context(), j.folder()+name, s.cfg.linkLifetime())
		return &url, err
	}
	var err error
	if t.Manifest, err = link("manifest.json"); err != nil {
		return err
	}
	for i := from - 1; i < len(j.Parts); i++ {
		if len(t.Parts) == mostLinks {
			next := i + 1
			t.NextPart = &next
			break
		}
		url, err := link(j.Parts[i].Name)
		if err != nil {
			return err
		}
		t.Parts = append(t.Parts, toldPart{j.Parts[i], url})
	}
	c.Header("Cache-Control", "no-store")
	if status == http.StatusAccepted {
		c.Header("Location", "/v1/"+j.Collection+"/exports/"+j.ID)
	}
	writeJSON(c, status, "application/json", t)
	return nil
}
