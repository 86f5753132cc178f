package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

const (
	mostLinks   = 500              // in one answer, whose links are long
	mostParts   = 1_000_000        // that may be asked for
	stalled     = 20 * time.Minute // without progress: longer than a task is hidden while it is worked on
	snapshotted = "snapshot"
)

var exportID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// postExport starts a job.
func (s *server) postExport(c *gin.Context) error {
	v, err := s.exporting(c)
	if err != nil {
		return err
	}
	if _, err := only(c); err != nil {
		return err
	}
	j, err := s.newJob(c, v)
	if err != nil {
		return err
	}
	ctx, cancel := answerable(c.Request.Context())
	defer cancel()
	err = s.jobs.Save(ctx, j)
	if fault.KindOf(err) == fault.Conflict { // the same request, sent again
		if j, err = s.again(ctx, j); err != nil {
			return err
		}
	}
	if err == nil && j.State == running {
		err = s.tasks.Send(ctx, task{j.Collection, j.ID}, 0)
	}
	if err != nil {
		return err
	}
	return s.tellJob(c, http.StatusAccepted, j, 1)
}

// exporting is the collection of a request for a job.
func (s *server) exporting(c *gin.Context) (view, error) {
	v, err := s.view(c)
	if err == nil && (s.jobs == nil || s.tasks == nil) {
		err = fault.New(fault.NotFound, "this deployment keeps no exports: EXPORT_BUCKET and EXPORT_QUEUE_URL are not set; GET .../export answers directly")
	}
	return v, err
}

func (s *server) newJob(c *gin.Context, v view) (*job, error) {
	body, err := readBody(c)
	if err != nil {
		return nil, err
	}
	values, err := exportValues(body)
	if err != nil {
		return nil, err
	}
	if values.Has("cursor") {
		return nil, fault.New(fault.Invalid, "cursor: a job begins at the beginning: leave it out")
	}
	now := s.now().UTC().Truncate(time.Second)
	request, err := query.ReadExport(v.schema, values, now)
	if err == nil {
		err = s.fits(v, targets{}, request) // what its indices add is weighed by the worker
	}
	if err != nil {
		return nil, err
	}
	id, err := jobID(v, c.Request.Header.Values("Idempotency-Key"))
	return &job{
		ID: id, Collection: v.Name, Parameters: values, Tenants: audience(v), State: running, Reasons: []string{},
		Consistency: snapshotted, Created: now, Updated: now, Parts: []exportPart{},
	}, err
}

// jobID is the request's own where it has a key, so that it may be sent again.
func jobID(v view, keys []string) (string, error) {
	ids, err := newIdentities(v, keys, time.Time{})
	if err != nil {
		return "", err
	}
	if ids.key != "" {
		sum := sha256.Sum256([]byte(strings.Join(append([]string{v.Name, ids.key}, audience(v)...), "\x00")))
		return hex.EncodeToString(sum[:16]), nil
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id), nil
}

// exportValues reads a JSON object whose members are an export's parameters.
func exportValues(body []byte) (url.Values, error) {
	values := url.Values{}
	if len(strings.TrimSpace(string(body))) == 0 {
		return values, nil
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return nil, fault.Wrap(fault.Invalid, "the body is not a JSON object whose members are an export's parameters, each once", err)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var text string
		var list []string
		switch raw := members[name]; {
		case raw.Kind() == '"' && json.Unmarshal(raw, &text) == nil:
			values.Set(name, text)
		case (name == "filter" || name == "fields") && raw.Kind() == '[' && json.Unmarshal(raw, &list) == nil && len(list) > 0:
			if values[name] = list; name == "fields" {
				values.Set(name, strings.Join(list, ","))
			}
		default:
			return nil, query.Mistakes{{Parameter: name, Position: -1, Text: "is not a string (filter and fields may be lists of strings)"}}
		}
	}
	return values, nil
}

// again is the job that a request with the same key has made.
func (s *server) again(ctx context.Context, j *job) (*job, error) {
	was, err := s.jobs.Load(ctx, j.key())
	if err == nil && (!slices.Equal(was.Tenants, j.Tenants) || !maps.EqualFunc(was.Parameters, j.Parameters, slices.Equal)) {
		err = fault.New(fault.Conflict, "Idempotency-Key: another export was started with this key")
	}
	return was, err
}
