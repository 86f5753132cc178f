package e2e

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// BenchmarkColdStart is the time from exec to the first /next of each bootstrap, with the
// shipped collections: the process's own share of Lambda's Init Duration.
func BenchmarkColdStart(b *testing.B) {
	for folder, payload := range map[string]string{
		"ingest": `{"Records":[]}`, "rotate": `{"dry_run":true,"collections":[]}`,
		"search": `{"version":"2.0","routeKey":"$default","rawPath":"/healthz","requestContext":{"stage":"$default","http":{"method":"GET","path":"/healthz"}}}`,
	} {
		b.Run(folder, func(b *testing.B) {
			fn, err := lambdatest.Start(b.Context(), lambdatest.Config{
				Name: folder, Bootstrap: world.boot[folder], Dir: "..", Timeout: 10 * time.Second,
				Env: map[string]string{
					"OPENSEARCH_URL": world.stack.OpenSearch.URL, "AWS_ENDPOINT_URL": world.aws, "AWS_ACCESS_KEY_ID": "local",
					"AWS_SECRET_ACCESS_KEY": "local", "DEAD_LETTER_QUEUE_URL": world.aws + "/x", "INGEST_QUEUE_URL": world.aws + "/x",
					"SEARCH_CURSOR_KEY": "a key of this test only",
				},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(fn.Close)
			var all []time.Duration
			for b.Loop() {
				fn.Kill()
				res, err := fn.Invoke(b.Context(), []byte(payload))
				if err != nil || res.ColdStart == 0 {
					b.Fatal(err, string(res.Payload))
				}
				all = append(all, res.ColdStart)
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-p99")
			if info, err := os.Stat(world.boot[folder]); err == nil {
				b.ReportMetric(float64(info.Size())/1e6, "MB")
			}
		})
	}
}

func TestCoreEveryBootstrapStartsColdAndAnswers(t *testing.T) {
	s := newScene(t, appendOnly)
	s.same("ingest", s.invoke(s.function("ingest", nil), three(s)), none)
	for folder, payload := range map[string]string{
		"rotate": `{"dry_run":true}`,
		"search": `{"version":"2.0","routeKey":"$default","rawPath":"/healthz","requestContext":{"stage":"$default","http":{"method":"GET","path":"/healthz"}}}`,
	} {
		res, err := s.function(folder, nil).Invoke(t.Context(), []byte(payload))
		if err != nil || res.FunctionError != "" || res.ColdStart <= 0 {
			t.Errorf("%s: %v %s after %s", folder, err, res.Payload, fmt.Sprint(res.ColdStart))
		}
	}
}
