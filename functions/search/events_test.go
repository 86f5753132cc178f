package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/collection"
)

// Each event in events/ is answered, with the collections as they are shipped.
func TestHandlerAnswersTheEvents(t *testing.T) {
	for file, want := range map[string]struct {
		status int
		holds  string
	}{
		"search-get":            {200, `"documents":[{"id":"d0"`},
		"search-document":       {200, `"source":{"note":"x"}`},
		"search-health":         {200, `{"status":"ok"}`},
		"search-page":           {200, "<!doctype html>"},
		"search-post-documents": {202, `"position":1,"status":"accepted"`},
	} {
		s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.Contains(r.URL.Path, "_cat"):
				_, _ = io.WriteString(w, `[]`)
			case strings.Contains(r.URL.Path, "_doc"):
				_, _ = io.WriteString(w, `{"_index":"orders-000001","_id":"A-1001","found":true,"_source":{"note":"x"}}`)
			default:
				_, _ = io.WriteString(w, hits(`{"message":"x"}`))
			}
		}))
		shipped, err := collection.LoadDir("../../collections")
		if err != nil {
			t.Fatal(err)
		}
		s.server = newServer(Config{}, shipped, s.opensearch, s.server.queue, s.server.log, s.now)
		event, err := os.ReadFile("../../events/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		got := invoke(t.Context(), t, newHandler(s.newEngine(), s.server.log), string(event))
		if got.StatusCode != want.status || !strings.Contains(got.Body, want.holds) {
			t.Errorf("%s: %d %s", file, got.StatusCode, got.Body)
		}
	}
}
