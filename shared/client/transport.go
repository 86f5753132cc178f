package client

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/opensearch-project/opensearch-go/v2/opensearchtransport"
)

// wire is the network: pooled connections for what may be sent twice, a fresh one for
// what may not, so that no connection that died in a freeze leaves its outcome unknown.
type wire struct {
	pooled *http.Transport
	fresh  *http.Transport
}

func newWire(cfg Config) wire {
	dialer := &net.Dialer{Timeout: cfg.DialTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	pooled := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext, // and with it HTTP/1.1: one frozen HTTP/2 connection would take every call with it
		TLSHandshakeTimeout:   cfg.TLSTimeout,
		ResponseHeaderTimeout: cfg.HeaderTimeout,
		IdleConnTimeout:       cfg.IdleTimeout,
		MaxIdleConnsPerHost:   cfg.Connections,
		MaxConnsPerHost:       cfg.Connections,
	}
	fresh := pooled.Clone()
	fresh.DisableKeepAlives = true
	return wire{pooled: pooled, fresh: fresh}
}

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req)
	if !x.repeatable() {
		if x.pooled {
			return w.pooled.RoundTrip(req)
		}
		return w.fresh.RoundTrip(req)
	}
	// net/http's own sign, never sent, that a dead pooled connection may be replaced. Set
	// after signing, which would count it among the signed headers.
	req = req.Clone(req.Context())
	req.Header["X-Idempotency-Key"] = nil
	return w.pooled.RoundTrip(req)
}

// newPerformer puts opensearch-go on top of ours: its own retries, compression and
// authentication stay off, and it is not told the base path, which it would add without escaping.
func newPerformer(base *url.URL, ours http.RoundTripper) (opensearchtransport.Interface, error) {
	return opensearchtransport.New(opensearchtransport.Config{
		URLs:         []*url.URL{{Scheme: base.Scheme, Host: base.Host}},
		DisableRetry: true,
		Transport:    ours,
	})
}
