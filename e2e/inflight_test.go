package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkBulkInFlight is how many documents a second one node takes, by the number of
// bulk requests under way at once: docs/adr/126 rests on its figures.
func BenchmarkBulkInFlight(b *testing.B) {
	n := node(b, map[string]any{})
	var names atomic.Int64
	for _, shards := range []int{1, 4} {
		for _, docs := range []int{200, 1000} {
			for _, flight := range []int{1, 2, 4, 8} {
				b.Run(fmt.Sprintf("shards=%d/docs=%d/flight=%d", shards, docs, flight), func(b *testing.B) {
					index := fmt.Sprint("b", names.Add(1))
					call(b, n.URL, http.MethodPut, "/"+index, fmt.Sprintf(`{"settings":{"number_of_shards":%d,"number_of_replicas":0}}`, shards))
					var next, total atomic.Int64
					began := time.Now()
					var all sync.WaitGroup
					for range flight {
						all.Go(func() {
							for time.Since(began) < 6*time.Second {
								var body bytes.Buffer
								for range docs {
									fmt.Fprintf(&body, "{\"create\":{\"_index\":%q,\"_id\":\"%d\"}}\n{\"n\":%d,\"message\":%q}\n", index, next.Add(1), next.Load(), text)
								}
								if status, answer := send(b, n.URL, http.MethodPost, "/_bulk", body.String()); status == 200 && !bytes.Contains(answer[:60], []byte(`"errors":true`)) {
									total.Add(int64(docs))
								}
							}
						})
					}
					all.Wait()
					b.ReportMetric(float64(total.Load())/time.Since(began).Seconds(), "docs/s")
				})
			}
		}
	}
}

var text = strings.Repeat("the quick brown fox jumps over the lazy dog ", 12)
