package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/opensearch-project/opensearch-go/v2/opensearchtransport"

	"github.com/sluice-dev/sluice/shared/fault"
)

// budget is the time a call has.
type budget struct {
	cfg Config
	now func() time.Time
}

// left is the time until the deadline's reserve begins, or the request timeout if that is less.
func (b budget) left(ctx context.Context) time.Duration {
	left := b.cfg.RequestTimeout
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, deadline.Sub(b.now())-b.cfg.Reserve)
	}
	return left
}

// attempt sends the call once. Its error is a fault of the transport; a status is a reply.
func attempt(limit budget, perform opensearchtransport.Interface) sender {
	return func(ctx context.Context, x *exchange) (Reply, error) {
		if err := ctx.Err(); err != nil {
			return Reply{}, transportFault(err)
		}
		left := limit.left(ctx)
		if left <= 0 {
			return Reply{}, fault.Wrap(fault.Timeout, "no time left to ask OpenSearch", errNoTime)
		}
		x.attempts, x.connects = x.attempts+1, false
		ctx, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		if _, err := perform.Perform(x.request(ctx)); err != nil {
			return Reply{}, transportFault(err)
		}
		if x.unwrap == nil {
			return blamed(x.reply), nil
		}
		reply, err := x.unwrap(x.reply)
		return blamed(reply), err
	}
}

// blamed gives the caller the fault that is its own: to a search of too many buckets
// OpenSearch answers 503, as if it were down, and would to the same again.
func blamed(r Reply) Reply {
	if r.Status == http.StatusServiceUnavailable && failureOf(r).Type == tooManyBuckets {
		r.Status = http.StatusBadRequest
	}
	return r
}

var errNoTime = errors.New("the deadline's reserve has begun")

func (x *exchange) request(ctx context.Context) *http.Request {
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { x.connects = true },
	})
	path, _ := url.PathUnescape(x.path) // escape made it
	req := (&http.Request{
		Method: x.Method,
		URL:    &url.URL{Path: path, RawPath: x.path, RawQuery: x.Query.Encode()},
		Header: http.Header{"Accept": {"application/json"}},
	}).WithContext(ctx)
	if len(x.payload) == 0 || len(x.Path) == 0 {
		return req
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(x.payload)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(x.payload))
	req.Header.Set("Content-Type", x.contentType())
	if x.gzipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	return req
}

func (x *exchange) contentType() string {
	switch x.Path[len(x.Path)-1] {
	case "_bulk", "_msearch":
		return "application/x-ndjson"
	}
	return "application/json"
}
