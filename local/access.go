package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/local/feed"
)

// accessLog makes a line of the combined log format of each request, which is fed like
// any other; those of our own tail would only speak of themselves.
type accessLog struct {
	next http.Handler
	live *feed.Live
}

func (a *accessLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &counted{ResponseWriter: w, status: http.StatusOK}
	a.next.ServeHTTP(c, r)
	if r.UserAgent() != tailAgent {
		a.live.Raw("http", combined(r, c, time.Now()))
	}
}

func combined(r *http.Request, c *counted, now time.Time) string {
	host := r.RemoteAddr
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	return fmt.Sprintf(`%s - - [%s] "%s %s %s" %d %d %q %q`, host, now.Format("02/Jan/2006:15:04:05 -0700"),
		r.Method, r.URL.RequestURI(), r.Proto, c.status, c.bytes, dash(r.Referer()), dash(r.UserAgent()))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// counted remembers what was answered.
type counted struct {
	http.ResponseWriter
	status, bytes int
}

func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += n
	return n, err
}
