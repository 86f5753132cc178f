package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documented is a request as the documentation shows it to a shell: the address, and what
// is posted to it.
var documented = regexp.MustCompile(`curl ([^"\n]*)["'](?:\$SEARCH|http://127\.0\.0\.1:8080)(/[^"'$\n]*)["'](?:[^'\n]*(?:--data|-d) '([^']*)')?`)

// A reader's first request is one that is copied from the documentation. OpenSearch is
// down: whatever is understood is answered 503, or needs no OpenSearch.
func TestRequestsThatTheDocumentationShowsAreUnderstood(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	down := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s, tried := testServerOf(t, down, "../../collections"), 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range documented.FindAllStringSubmatch(string(text), -1) {
			options, address, body := m[1], m[2], m[3]
			method := http.MethodGet
			if body != "" || strings.Contains(options, "POST") || strings.Contains(options, "--data") {
				method = http.MethodPost
			}
			if strings.HasSuffix(address, "/tail") {
				address += "?wait=0"
			}
			r := httptest.NewRequest(method, address, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.engine.ServeHTTP(w, r)
			exports := strings.HasSuffix(address, "/exports") && strings.Contains(w.Body.String(), "EXPORT_BUCKET") // there are none here
			posts := strings.HasSuffix(address, "/documents") && body == ""                                         // of a file
			if w.Code != http.StatusServiceUnavailable && w.Code != http.StatusOK && !exports && !posts {
				t.Errorf("%s: %s %s: %d %s", page, method, address, w.Code, w.Body)
			}
			tried++
		}
	}
	if tried < 15 {
		t.Errorf("%d requests were found", tried)
	}
}
