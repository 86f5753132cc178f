package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// Searcher is OpenSearch as search uses it; errors are fault kinds.
type Searcher interface {
	Search(ctx context.Context, indices []string, body []byte, params url.Values) (client.Reply, error)
	Do(ctx context.Context, call client.Call) (client.Reply, error)
	Ping(ctx context.Context) error
}

// server answers requests; safe for concurrent use.
type server struct {
	cfg         Config
	collections []view
	opensearch  Searcher
	indices     *indices
	cache       *cache.Cache
	bulkhead    *bulkhead
	queue       Queue     // nil: there is none
	jobs        jobStore  // nil: there are none
	tasks       taskQueue // as jobs
	log         *slog.Logger
	metrics     *telemetry.Metrics
	now         func() time.Time
	limit       int // bytes of documents in an answer, as Lambda carries them

	tables  map[string]table // of collections with rows
	matched sync.Map         // collections of which a document has met its row
	lately  repairedLately   // documents that drifted
}

// view is a collection and what may be searched of it: with tenants, what this request may.
type view struct {
	*collection.Collection
	schema    query.Schema
	documents *collection.Documents // where there are tenants; else nil
}

func newServer(cfg Config, set *collection.Set, opensearch Searcher, queue Queue, log *slog.Logger, now func() time.Time) *server {
	s := &server{
		cfg: cfg, opensearch: opensearch, queue: queue, log: log, now: now,
		indices: newIndices(opensearch, now), limit: maxAnswer, bulkhead: newBulkhead(),
	}
	s.remember(cache.New(now)) // nothing
	for _, c := range set.All() {
		s.collections = append(s.collections, newView(c, cfg.cursorKeys()))
	}
	return s
}

func newView(c *collection.Collection, keys [][]byte) view {
	v := view{Collection: c, schema: schemaOf(c, keys)}
	if c.Search.Tenant != nil {
		v.documents = collection.NewDocuments(c)
	}
	return v
}

// view is the collection that a request's path names, as far as its caller may see it.
func (s *server) view(c *gin.Context) (view, error) { return s.named(c, c.Param("collection")) }

func (s *server) named(c *gin.Context, name string) (view, error) {
	names := make([]string, len(s.collections))
	for i, v := range s.collections {
		if names[i] = v.Name; v.Name == name {
			return v.of(c)
		}
	}
	detail := fmt.Sprintf("there is no collection %q; GET /v1/collections lists them", name)
	if near := query.Nearest(name, names); near != "" {
		detail = fmt.Sprintf("there is no collection %q; did you mean %s?", name, near)
	}
	return view{}, fault.New(fault.NotFound, detail)
}

// parameters are the query's, none of them silently dropped.
func parameters(c *gin.Context) (url.Values, error) {
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "the query string cannot be read: write a percent sign as %25 and a semicolon as %3B", err)
	}
	return values, nil
}

// only is parameters, of which none but these may be given.
func only(c *gin.Context, known ...string) (url.Values, error) {
	values, err := parameters(c)
	if err != nil {
		return nil, err
	}
	return values, query.Only(values, known...)
}

// addressed is the collection that a request names, and its parameters.
func (s *server) addressed(c *gin.Context) (view, url.Values, error) {
	v, err := s.view(c)
	if err != nil {
		return view{}, nil, err
	}
	values, err := parameters(c)
	return v, values, err
}
