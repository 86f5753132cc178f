package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestHealthOfADeploymentThatOnlySearchesNeedsNoQueue(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.server.queue = nil
	w := request(s, "/healthz?deep=1")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"parts":{"opensearch":"ok","queue":"none"}`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestHealthBlamesOnlyThePartThatHangs(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.server.queue = hanging{}
	start := time.Now()
	w := request(s, "/healthz?deep=1")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"opensearch":"ok"`) || time.Since(start) > patience+time.Second {
		t.Errorf("%d %s %s", w.Code, w.Body, time.Since(start))
	}
}
