package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What an invocation costs besides OpenSearch itself: event in, 50 documents out.
func BenchmarkHandlerSearch(b *testing.B) {
	document := `{"@timestamp":"2026-05-17T12:00:00Z","message":"GET /index.html 200","level":"info","n":9007199254740993,"tags":["a","b"]}`
	documents := make([]string, 50)
	for i := range documents {
		documents[i] = strings.Replace(document, "200", fmt.Sprint(200+i), 1)
	}
	s := newTestServer(b, &answering{reply: hits(documents...), indices: "[]"})
	s.server.log = slog.New(slog.DiscardHandler)
	h := newHandler(s.engine, s.server.log)
	event := []byte(get("/v1/logs/search", "q=level:info+AND+message:GET&from=2026-05-17&size=50", ""))
	b.ReportAllocs()
	for b.Loop() {
		out, err := h.Invoke(b.Context(), event)
		if err != nil || !strings.Contains(string(out), `"statusCode":200`) {
			b.Fatal(err, string(out))
		}
	}
	b.SetBytes(int64(len(document) * 50))
}
