// Package faultproxy stands between a function and a real OpenSearch and breaks
// chosen requests: before the server saw them, or after it did. Whatever no rule
// takes passes through unchanged. It invents no success: every stored document was
// stored by the real server. Only e2e tests call it.
package faultproxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Request is one request as it arrived, its body decompressed.
type Request struct {
	Method string
	Path   string
	Header http.Header
	Body   []byte
}

// Is says whether the request's method and the end of its path are these.
func (r Request) Is(method, suffix string) bool {
	return r.Method == method && strings.HasSuffix(r.Path, suffix)
}

// Bulk takes every _bulk request.
func Bulk(r Request) bool { return r.Is(http.MethodPost, "/_bulk") }

// Always takes every request.
func Always(Request) bool { return true }

// Fault answers, or does not answer, one exchange.
type Fault func(*Exchange)

// Exchange is one request under way through the proxy.
type Exchange struct {
	Request
	ctx      context.Context
	w        http.ResponseWriter
	upstream http.RoundTripper
	target   string
	query    string
	watch    func(Request, int, []byte)
}

type rule struct {
	match func(Request) bool
	times int // left; negative: for ever
	fault Fault
}

// Proxy is one listening proxy.
type Proxy struct {
	URL string

	target   string
	upstream *http.Transport // its own: what breaks here is nobody else's connection
	server   *http.Server
	mu       sync.Mutex
	rules    []*rule
	seen     []Request
	watch    func(Request, int, []byte)
}

// Start listens on a free loopback port in front of target, a base URL.
func Start(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), target: strings.TrimRight(target, "/"), upstream: &http.Transport{}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// Close stops listening and cuts what is under way.
func (p *Proxy) Close() {
	_ = p.server.Close()
	p.upstream.CloseIdleConnections()
}

// Inject breaks the next times requests that match (negative: all of them).
// Rules are tried in the order in which they were injected.
func (p *Proxy) Inject(match func(Request) bool, times int, fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, &rule{match, times, fault})
}

// Heal removes all rules.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// Seen returns the requests that match, in the order of their arrival.
func (p *Proxy) Seen(match func(Request) bool) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Request
	for _, r := range p.seen {
		if match(r) {
			out = append(out, r)
		}
	}
	return out
}

// Watch has the real server's answers told to watch, possibly several at once, and keeps
// no more requests for Seen: a run of a million documents has no room for them.
func (p *Proxy) Watch(watch func(r Request, status int, reply []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch, p.seen = watch, nil
}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	x := &Exchange{
		Request: Request{r.Method, r.URL.EscapedPath(), r.Header.Clone(), body},
		ctx:     r.Context(), w: w, upstream: p.upstream, target: p.target, query: r.URL.RawQuery,
	}
	p.take(x)(x)
}

func (p *Proxy) take(x *Exchange) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x.watch = p.watch; x.watch == nil {
		p.seen = append(p.seen, x.Request)
	}
	for _, rule := range p.rules {
		if rule.times != 0 && rule.match(x.Request) {
			rule.times--
			return rule.fault
		}
	}
	return Pass
}

func read(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		return body, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Del("Content-Encoding")
	return io.ReadAll(z)
}

// Forward sends body to the real server and returns its answer.
func (x *Exchange) Forward(body []byte) (status int, header http.Header, reply []byte, err error) {
	url := x.target + x.Path
	if x.query != "" {
		url += "?" + x.query
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(x.ctx), x.Method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = x.Header.Clone()
	req.Header.Del("Accept-Encoding")
	res, err := x.upstream.RoundTrip(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end below
	reply, err = io.ReadAll(res.Body)
	if x.watch != nil && err == nil {
		x.watch(x.Request, res.StatusCode, reply)
	}
	return res.StatusCode, res.Header, reply, err
}

// Answer writes an answer of the given status and content type.
func (x *Exchange) Answer(status int, contentType string, body []byte) {
	x.w.Header().Set("Content-Type", contentType)
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body)
}

// conn takes the client's connection out of HTTP.
func (x *Exchange) conn() (*net.TCPConn, error) {
	h, ok := x.w.(http.Hijacker)
	if !ok {
		return nil, errors.New("not a connection of HTTP/1.1")
	}
	c, _, err := h.Hijack()
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// CutIdle closes the connections that no request is using, as a load balancer does.
func (p *Proxy) CutIdle() {
	p.server.SetKeepAlivesEnabled(false)
	p.server.SetKeepAlivesEnabled(true)
}
