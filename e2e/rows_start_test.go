package e2e

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// The compiled function says what to do, as a search and as the worker of exports.
func TestRowsWithoutADatabaseStopTheFunction(t *testing.T) {
	s := newScene(t, saleFields+"rows: {driver: postgres, table: public.sales}\n")
	boot, err := lambdatest.Compile(t.Context(), "../functions/search", filepath.Join(t.TempDir(), "search"), "rows")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	said := ""
	fn := s.function("search", map[string]string{"ROWS_DSN": ""}, func(c *lambdatest.Config) {
		c.Bootstrap = boot
		c.Log = func(line string) {
			mu.Lock()
			defer mu.Unlock()
			said += line + "\n"
		}
	})
	for _, event := range []string{`{"version":"2.0","rawPath":"/healthz","requestContext":{"http":{"method":"GET","path":"/healthz"}}}`, `{"Records":[{"messageId":"1","eventSource":"aws:sqs","body":"{}"}]}`} {
		if result, err := fn.Invoke(t.Context(), []byte(event)); err != nil || result.FunctionError == "" {
			t.Errorf("%v %s", err, result.Payload)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(said, "ROWS_DSN is empty: set it to the DSN of their database") || !strings.Contains(said, "take rows: out of collections/"+s.collection+".yaml") {
		t.Errorf("%s", said)
	}
}
