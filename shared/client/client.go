// Package client is THE OpenSearch client: built once per cold start, without network
// I/O, safe for any number of goroutines, and the only importer of opensearch-go. It
// signs, bounds, retries, breaks the circuit, and turns every reply, however broken,
// into a Reply or a fault.
//
// It refuses to send a delete that does not name one thing exactly, a name that would
// alter the path, and a second time what might be done twice. It never logs a body or
// a credential. Called by bulk.Writer (through Bulk), the search function and rotate.
//
// A call passes one layer per file: observe, judge, retry, breaker, attempt, then, below
// opensearch-go, authorize (basic or SigV4) and whole, which reads the reply to its end.
package client

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dev/sluice/shared/telemetry"
)

// Deps is what the client is given rather than makes.
type Deps struct {
	Logger      *slog.Logger            // nil: no log
	Metrics     *telemetry.Metrics      // nil: no metrics
	Now         func() time.Time        // required
	Secrets     Secrets                 // required by OPENSEARCH_AUTH=basic with a secret
	Credentials aws.CredentialsProvider // required by es and aoss
	Region      string                  // required by es and aoss
	Signals     Signals                 // nil: this environment's breaker is its own
}

// Call is one request. Path segments are escaped by the client.
type Call struct {
	Operation  string // "bulk", "search", "index.create": for logs and metrics
	Method     string
	Path       []string // {"logs-2026-05-17", "_doc", id}
	Query      url.Values
	Body       []byte
	Index      string // for logs; default: the path's
	Idempotent bool   // may be sent again after an unknown outcome; GET and HEAD always may
	Accept     []int  // statuses >= 400 that are answers, not errors
}

// Reply is OpenSearch's answer, read to its end.
type Reply struct {
	Status int
	Body   []byte
	Header http.Header
}

// Client is the OpenSearch client.
type Client struct {
	cfg  Config
	base *url.URL // without user info; its path is every call's prefix
	send sender
	now  func() time.Time

	ensured sync.Map // rotation.Target to true: found in order by this environment
}

// New builds the client. It touches neither network nor secret.
func New(cfg Config, deps Deps) (*Client, error) { return build(cfg, deps, nil) }

func build(cfg Config, deps Deps, wire http.RoundTripper) (*Client, error) {
	if err := errors.Join(cfg.Validate(), deps.validate(cfg)); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	base, _ := url.Parse(cfg.URL) // Validate has parsed it
	user := base.User
	base.User = nil
	if wire == nil {
		wire = newWire(cfg)
	}
	perform, err := newPerformer(base, authorize(cfg, deps, user, whole{wire, cfg.MaxReplyBytes}))
	if err != nil {
		return nil, err
	}
	limit := budget{cfg: cfg, now: deps.Now}
	gate := newBreaker(cfg, deps)
	c := &Client{cfg: cfg, base: base, now: deps.Now}
	c.send = observe(deps, gate, judge(deps.Now, retry(limit, newAllowance(cfg.RetryBudget), gate.around(attempt(limit, perform)))))
	return c, nil
}

func (d Deps) validate(cfg Config) error {
	var mistakes []error
	if d.Now == nil {
		mistakes = append(mistakes, errors.New("client: Deps.Now is missing"))
	}
	if cfg.Auth == AuthBasic && cfg.SecretARN != "" && d.Secrets == nil {
		mistakes = append(mistakes, errors.New("client: OPENSEARCH_AUTH=basic needs Deps.Secrets"))
	}
	if cfg.signs() && d.Credentials == nil {
		mistakes = append(mistakes, errors.New("client: OPENSEARCH_AUTH="+cfg.Auth+" needs Deps.Credentials"))
	}
	if cfg.signs() && d.Region == "" {
		mistakes = append(mistakes, errors.New("client: OPENSEARCH_AUTH="+cfg.Auth+" needs a region: set AWS_REGION"))
	}
	return errors.Join(mistakes...)
}

// Do sends call. The error is a *fault.Error: a transport fault, or a status >= 300 that
// is not in Accept; Reply is filled wherever there was one.
func (c *Client) Do(ctx context.Context, call Call) (Reply, error) {
	return c.do(ctx, &exchange{Call: call})
}

func (c *Client) do(ctx context.Context, x *exchange) (Reply, error) {
	if err := c.prepare(x); err != nil {
		return Reply{}, err
	}
	return c.send(ctx, x)
}

// Bulk sends one _bulk body and returns the reply, whatever its status: the writer
// judges it. Its ids are deterministic, so it may be sent again, but Once; what was refused by a 429
// is the writer's to send again, less of it and later. A 429 that says when to come back
// is a fault Throttled: nothing is to be sent before, not even half of it.
func (c *Client) Bulk(ctx context.Context, body []byte) (status int, reply []byte, err error) {
	r, err := c.do(ctx, &exchange{anyStatus: true, pooled: true, Call: Call{
		Operation: "bulk", Method: http.MethodPost, Path: []string{"_bulk"}, Body: body, Idempotent: ctx.Value(once{}) == nil,
	}})
	if wait := retryAfter(r.Header, c.now()); err == nil && r.Status == http.StatusTooManyRequests && wait > 0 {
		f := statusFault(r)
		f.RetryAfter, err = wait, f
	}
	return r.Status, r.Body, err
}

type once struct{}

// Once is ctx for bulk requests that are not idempotent after all: the index behind their
// alias may be another the second time.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, once{}, true) }

// Get reads one document; fault NotFound when the index or the document is missing.
func (c *Client) Get(ctx context.Context, index, id string) (Reply, error) {
	return c.Do(ctx, Call{Operation: "get", Method: http.MethodGet, Path: []string{index, "_doc", id}})
}

// Ping says whether OpenSearch answers and lets us in.
func (c *Client) Ping(ctx context.Context) error {
	call := Call{Operation: "ping", Method: http.MethodHead}
	if c.cfg.Auth == AuthAOSS { // Serverless has no root page
		call.Accept = []int{http.StatusNotFound}
	}
	_, err := c.Do(ctx, call)
	return err
}
