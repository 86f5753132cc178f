package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// A document that was stored, and not acknowledged, before a rollover is delivered again
// after it: the new generation must not get a second copy.
func TestRolloverBetweenTwoDeliveriesMakesNoSecondCopy(t *testing.T) {
	for _, policy := range []string{"rollover", "data_stream"} {
		t.Run(policy, func(t *testing.T) {
			s := newScene(t, strings.Replace(appendOnly, "policy: periodic, period: day", "policy: "+policy+", rollover: {max_docs: 1000000}", 1))
			fn, event := s.function("ingest", quick), three(s)
			s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.StatusAfter(http.StatusGatewayTimeout))
			s.same("stored, not acknowledged", s.invoke(fn, event), abc)
			s.proxy.Heal()
			call(t, s.node, http.MethodPost, "/"+s.collection+"/_rollover", "")
			s.same("delivered again", s.invoke(fn, event), none)
			if n := s.count(); n != 3 {
				t.Errorf("%d documents, want 3", n)
			}
			s.same("a new one", s.invoke(fn, s.event(message{ID: "d", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
			if n := s.count(); n != 4 {
				t.Errorf("%d documents, want 4", n)
			}
		})
	}
}

// count asks the alias or data stream.
func (s *scene) count() int {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+s.collection+"/_refresh", "")
	_, answer := call(s, s.node, http.MethodGet, "/"+s.collection+"/_count", "")
	n, err := answer["count"].(json.Number).Int64()
	if err != nil {
		s.Fatal(err)
	}
	return int(n)
}
