package main

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// getExportJob tells how far a job is.
func (s *server) getExportJob(c *gin.Context) error {
	j, from, err := s.job(c)
	if err != nil {
		return err
	}
	return s.tellJob(c, http.StatusOK, j, from)
}

// resumeExport has an incomplete or stalled job go on where it stopped.
func (s *server) resumeExport(c *gin.Context) error {
	j, _, err := s.job(c)
	if err != nil {
		return err
	}
	v, err := s.exporting(c)
	if err != nil {
		return err
	}
	ctx, cancel := answerable(c.Request.Context())
	defer cancel()
	switch {
	case j.State == complete:
		return s.tellJob(c, http.StatusOK, j, 1)
	case j.State == incomplete && (j.checkRows() != nil || !v.schema.Stable() && j.Rows > 0):
		return fault.New(fault.Conflict, "this export cannot go on without leaving out or repeating documents: start another one")
	case j.State == incomplete:
		j.State, j.Reasons, j.Attempts, j.Updated = running, []string{}, 0, s.now().UTC()
		if err := s.jobs.Save(ctx, j); err != nil {
			return err
		}
	}
	if err := s.tasks.Send(ctx, task{j.Collection, j.ID}, 0); err != nil {
		return err
	}
	return s.tellJob(c, http.StatusAccepted, j, 1)
}

// job is the one that the path names, and the first part to be shown.
func (s *server) job(c *gin.Context) (*job, int, error) {
	v, err := s.exporting(c)
	if err != nil {
		return nil, 0, err
	}
	values, err := only(c, "part")
	if err != nil {
		return nil, 0, err
	}
	from := 1
	if values.Has("part") {
		if from, err = strconv.Atoi(values.Get("part")); err != nil || from < 1 || from > mostParts {
			return nil, 0, query.Mistakes{{Parameter: "part", Position: -1, Text: fmt.Sprintf("%q is not a whole number from 1 to %d", values.Get("part"), mostParts)}}
		}
	}
	id := c.Param("id")
	if !exportID.MatchString(id) {
		return nil, 0, noExport(id)
	}
	ctx, cancel := answerable(c.Request.Context())
	defer cancel()
	j, err := s.jobs.Load(ctx, (&job{Collection: v.Name, ID: id}).key())
	if fault.KindOf(err) == fault.NotFound {
		err = noExport(id)
	}
	if err == nil {
		err = j.of(v)
	}
	return j, from, err
}
