package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/rotation"
)

const maxID = 512 // bytes, OpenSearch's limit

func (s *server) getDocument(c *gin.Context) error {
	v, err := s.view(c)
	if err != nil {
		return err
	}
	id := strings.TrimPrefix(c.Param("id"), "/")
	values, err := parameters(c)
	if err != nil {
		return err
	}
	request, err := query.ReadDocument(v.schema, values)
	if err != nil {
		return err
	}
	d, err := s.document(c.Request.Context(), v, request, id)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	d.write(&out)
	writeTagged(c, tagOf(out.Bytes()), "private, no-cache", out.Bytes())
	return nil
}

// document finds one by id, in whichever of the collection's indices it is.
func (s *server) document(ctx context.Context, v view, request query.Request, id string) (hit, error) {
	if id == "" || len(id) > maxID {
		return hit{}, noDocument(v, id)
	}
	find := s.lookFor
	if v.Collection.Index.Policy == "single" && v.schema.Tenant == "" { // a search has its mandatory filters
		find = s.get
	}
	d, err := find(ctx, v, request, id)
	if err == nil {
		d.Source = request.Hidden().Cut(d.Source)
	}
	if err == nil && s.tables[v.Name] != nil {
		d, err = s.fresh(ctx, v, request, d)
	}
	if err == nil && carried(d.Source) > s.limit {
		err = fault.New(fault.TooLarge, "the document is larger than an answer may be: ask for parts of it with fields=")
	}
	return d, err
}

func noDocument(v view, id string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("%s has no document %s", v.Name, id))
}

// get reads from the one index there is, which shows also what was written just now.
func (s *server) get(ctx context.Context, v view, request query.Request, id string) (hit, error) {
	includes, excludes := request.Projection()
	params := url.Values{}
	if len(includes) > 0 {
		params.Set("_source_includes", strings.Join(append(includes[:len(includes):len(includes)], rotation.Deleted), ","))
	}
	if len(excludes) > 0 {
		params.Set("_source_excludes", strings.Join(excludes, ","))
	}
	name := v.Policy.ReadTargets(time.Time{}, time.Time{}).Names[0]
	reply, err := s.opensearch.Do(ctx, client.Call{
		Operation: "get", Method: http.MethodGet, Path: []string{name, "_doc", id}, Query: params, Accept: []int{http.StatusNotFound},
	})
	if err != nil {
		return hit{}, err
	}
	var d hit
	if err := json.Unmarshal(reply.Body, &d); err != nil {
		return hit{}, unreadable(err)
	}
	if reply.Status == http.StatusNotFound || d.ID != id || !v.AppendOnly && d.deleted() {
		return hit{}, noDocument(v, id)
	}
	return d, nil
}

// deleted says that only a tombstone is left of the document.
func (d hit) deleted() bool {
	var source struct {
		At json.RawMessage `json:"_sluice_deleted"` // rotation.Deleted
	}
	return json.Unmarshal(d.Source, &source) == nil && source.At != nil
}

// lookFor searches all of the collection's indices.
func (s *server) lookFor(ctx context.Context, v view, request query.Request, id string) (hit, error) {
	where, err := s.indices.covering(ctx, v.Policy, time.Time{}, time.Time{})
	if err != nil {
		return hit{}, err
	}
	if len(where.names) == 0 {
		return hit{}, noDocument(v, id)
	}
	f, err := s.ask(ctx, where.names, func(limit time.Duration) ([]byte, error) { return request.Document(id, limit) })
	if err != nil {
		return hit{}, err
	}
	return f.only(v, id, s.indices.since(ctx, v.Policy, time.Time{}, time.Time{}, where, f))
}

// only is the document that a search for one id found.
func (f found) only(v view, id string, where targets) (hit, error) {
	if len(f.Hits.Hits) > 0 {
		return f.Hits.Hits[0], nil
	}
	if c := judge(f, where); !c.Complete {
		return hit{}, fault.New(fault.Unavailable, fmt.Sprintf("document %s was not found, but not all could be searched: %s", id, strings.Join(c.Reasons, "; ")))
	}
	return hit{}, noDocument(v, id)
}
