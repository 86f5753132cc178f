package main

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// What comes from our address is what it says it is, and a browser that is led to it runs
// nothing of it, whatever documents hold.
func TestNoAnswerIsTakenForAPageOrRunsAnything(t *testing.T) {
	s := newTestServer(t, &answering{reply: strings.Replace(hits(`{"a":"<script>alert(1)</script>"}`), "{", `{"pit_id":"p",`, 1), indices: "[]"})
	s.server.limit = 2000 // an export of these answers would not end before
	targets := []string{"GET /nothing", "DELETE /v1/logs/search", "GET /v1/<script>/search", "GET /v1/logs/search?q=%3Cscript%3E:x", "GET /v1/logs/export?format=csv", "GET /?q=%3Cscript%3E:x", "GET /?theme=dark"}
	for _, r := range s.routes() {
		targets = append(targets, r.method+" "+strings.NewReplacer(":collection", "logs", ":id", strings.Repeat("0", 32), "*id", "d0").Replace(r.path))
	}
	kinds := []string{"application/json", problemType, "application/x-ndjson", "text/csv", "text/css", "text/javascript"}
	for _, target := range targets {
		method, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		s.engine.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(`{}`)))
		kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		page := strings.HasPrefix(path, "/?") || path == "/"
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") || !page && !slices.Contains(kinds, kind) {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
		if strings.Contains(path, "/export?") && !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
	for _, event := range []string{`{}`, `[]`, get("/x", "", `,"isBase64Encoded":true,"body":"%"`)} {
		got := invoke(t.Context(), t, newHandler(s.engine, s.server.log), event)
		if got.StatusCode != 400 || got.Headers["X-Content-Type-Options"] != "nosniff" || !strings.Contains(got.Headers["Content-Security-Policy"], "default-src 'none'") {
			t.Errorf("%s: %v", event, got)
		}
	}
}
