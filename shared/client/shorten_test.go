package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"
)

var interval = regexp.MustCompile(`cancel_after_time_interval"?[=:]"?(\d+)ms`)

// What is sent a second time must not be allowed the whole time once more.
func TestASecondAttemptIsCancelledWithItsAsker(t *testing.T) {
	many := make([]string, 400)
	for n := range many {
		many[n] = fmt.Sprintf("logs-2026-01-%03d", n)
	}
	for name, indices := range map[string][]string{"a search": {"logs"}, "an msearch": many} {
		t.Run(name, func(t *testing.T) {
			slow := func(next step) step {
				return func(w http.ResponseWriter, r *http.Request) { time.Sleep(700 * time.Millisecond); next(w, r) }
			}
			s := serve(t, slow(status(503, `{}`)), status(200, `{"hits":{},"responses":[{"status":200}]}`))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if _, err := ours(t, s.URL).Search(ctx, indices, []byte(`{}`), url.Values{"cancel_after_time_interval": {"1900ms"}}); err != nil {
				t.Fatal(err)
			}
			wantRequests(t, s, 2)
			var got [2]int
			for n, r := range s.seen() {
				m := interval.FindStringSubmatch(r.uri + string(r.body))
				if m == nil {
					t.Fatalf("no limit in %s %s", r.uri, r.body)
				}
				got[n], _ = strconv.Atoi(m[1])
			}
			if got[0] != 1900 || got[1] > 1300 || got[1] < 100 {
				t.Errorf("the limits are %v ms", got)
			}
		})
	}
}
