package client

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// sender is one layer of a call's way; each adds one idea to the next.
type sender func(context.Context, *exchange) (Reply, error)

// exchange is a call on its way, and what became of it so far.
type exchange struct {
	Call
	anyStatus bool                       // every status is an answer
	pooled    bool                       // though not to be repeated: its caller learns in other ways what became of it
	unwrap    func(Reply) (Reply, error) // takes the wanted reply out of the one that came

	shorten func(left time.Duration) // cuts a further attempt to the time that is left

	path     string // escaped, with the base path
	payload  []byte // the body as it is sent
	gzipped  bool
	attempts int
	received int   // bytes of replies, all attempts
	connects bool  // this attempt got a connection: bytes may have left
	reply    Reply // this attempt's, filled by whole
}

func (x *exchange) repeatable() bool {
	return x.Idempotent || x.Method == http.MethodGet || x.Method == http.MethodHead
}

func (x *exchange) index() string {
	if x.Index == "" && len(x.Path) > 0 && !strings.HasPrefix(x.Path[0], "_") {
		return x.Path[0]
	}
	return x.Index
}

func (c *Client) prepare(x *exchange) error {
	if err := guard(x.Method, x.Path); err != nil {
		return err
	}
	if x.Operation == "" { // a dimension of the metric: never empty
		x.Operation = "other"
	}
	x.path = escape(c.base, x.Path)
	x.payload = x.Body
	if c.cfg.CompressAbove > 0 && len(x.Body) > c.cfg.CompressAbove {
		x.payload, x.gzipped = compress(x.Body), true
	}
	return nil
}

type exchangeKey struct{}

// exchangeOf finds the exchange below opensearch-go, which passes on no more than the request.
func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }
