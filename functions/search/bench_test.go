package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What an invocation costs besides OpenSearch itself: event in, 50 documents out.
func BenchmarkHandlerSearch(b *testing.B) {
	document := `{"@timestamp":"2026-05-17T10:05:03.000Z","client.address":"83.149.9.216","event.original":"83.149.9.216 - - [17/May/2026:10:05:03 +0000] \"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1\" 200 203023 \"http://semicomplete.com/presentations/logstash-monitorama-2013/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36\"","http.request.method":"GET","http.response.body.size":203023,"http.response.status_code":200,"message":"83.149.9.216 GET /presentations/logstash-monitorama-2013/images/kibana-search.png 200","network.protocol.version":"1.1","url.path":"/presentations/logstash-monitorama-2013/images/kibana-search.png","user_agent.original":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"}`
	documents := make([]string, 50)
	for i := range documents {
		documents[i] = strings.Replace(document, "203023", fmt.Sprint(200+i), 1)
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
