package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
)

// newEngine is the router with its three layers: log, recover, answer.
func (s *server) newEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.ContextWithFallback = true // the invocation's deadline reaches gin.Context
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false // a document's id may end in a slash
	_ = e.SetTrustedProxies(nil)    // the address is the gateway's word, not a header's
	e.Use(s.logged, s.guarded)
	for _, r := range s.routes() {
		e.Handle(r.method, r.path, s.answer(r.handle))
		if r.method == http.MethodGet {
			e.HEAD(r.path, s.answer(r.handle))
		}
	}
	e.NoRoute(s.answer(func(c *gin.Context) error {
		return fault.New(fault.NotFound, "there is nothing at "+c.Request.URL.Path+"; GET /openapi.json lists what there is")
	}))
	e.NoMethod(s.answer(func(c *gin.Context) error {
		return refuse(http.StatusMethodNotAllowed, "method_not_allowed",
			c.Request.Method+" is not possible here; possible: "+c.Writer.Header().Get("Allow"))
	}))
	return e
}

// answer writes the problem of a handler that fails.
func (s *server) answer(handle func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			_ = c.Error(err)
			writeProblem(c, problemOf(err))
		}
	}
}

// logged writes one line a request: never a body, a parameter or an id.
func (s *server) logged(c *gin.Context) {
	start := s.now()
	c.Next()
	status := c.Writer.Status()
	attrs := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.String("collection", c.Param("collection")), slog.Int("status", status),
		slog.Int("bytes", c.Writer.Size()), slog.Float64("duration_ms", float64(s.now().Sub(start))/float64(time.Millisecond)),
	}
	level := slog.LevelInfo
	if err := c.Errors.Last(); err != nil && status >= 500 {
		level = slog.LevelError
		attrs = append(attrs, slog.String("kind", fault.KindOf(err.Err).String()), slog.String("error", err.Error()))
	}
	s.log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// guarded turns a panic into a 500, for this request alone.
func (s *server) guarded(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(c.Request.Context(), "panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			writeProblem(c, problemOf(fault.New(fault.Internal, "internal error")))
			c.Abort()
		}
	}()
	for name, value := range harmless {
		c.Header(name, value)
	}
	if wantsAnew(c.Request.Header.Values("Cache-Control")) {
		c.Request = c.Request.WithContext(asAnew(c.Request.Context()))
	}
	c.Next()
}

// harmless are the headers by which a browser takes an answer for what it is and runs nothing
// of it. The page has a policy of its own.
var harmless = map[string]string{
	"X-Content-Type-Options":  "nosniff",
	"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

func writeJSON(c *gin.Context, status int, contentType string, value any) {
	c.Data(status, contentType, jsonOf(value))
}

// jsonOf writes < > & as they are, so that an answer is no longer than it must be. Values
// are ours, structs of strings and numbers, which always encode.
func jsonOf(value any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
