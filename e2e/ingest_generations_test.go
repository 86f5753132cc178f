package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// A document that was stored, and not acknowledged, before a rollover is delivered again
// after it: the new generation must not get a second copy.
func TestRolloverBetweenTwoDeliveriesMakesNoSecondCopy(t *testing.T) {
	t.Parallel()
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

// The same inside one invocation: the answer to the first request is lost, the index is
// rolled over, and what the function sends again must not get a second copy.
func TestRolloverBetweenTwoAttemptsMakesNoSecondCopy(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*faultproxy.Exchange, []byte){
		"504":     func(x *faultproxy.Exchange, _ []byte) { x.Answer(http.StatusGatewayTimeout, "text/html", nil) },
		"a reset": func(x *faultproxy.Exchange, _ []byte) { faultproxy.ResetBefore(x) },
		"no JSON": func(x *faultproxy.Exchange, _ []byte) { x.Answer(http.StatusOK, "text/html", []byte("<html>")) },
		"a reply of too few": func(x *faultproxy.Exchange, reply []byte) {
			x.Answer(http.StatusOK, "application/json", []byte(strings.Replace(string(reply), `"items":[`, `"items":[],"were":[`, 1)))
		},
	} {
		for _, policy := range []string{"rollover", "data_stream"} {
			t.Run(policy+", "+name, func(t *testing.T) {
				s := newScene(t, strings.Replace(appendOnly, "policy: periodic, period: day", "policy: "+policy+", rollover: {max_docs: 1000000}", 1))
				fn := s.function("ingest", nil)
				s.same("warm-up", s.invoke(fn, s.event(message{ID: "w", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
				s.proxy.Inject(faultproxy.Bulk, 1, func(x *faultproxy.Exchange) {
					_, _, reply, _ := x.Forward(x.Body)
					call(s, s.node, http.MethodPost, "/"+s.collection+"/_rollover", "")
					answer(x, reply)
				})
				s.same("batchItemFailures", s.invoke(fn, three(s)), none)
				if n := s.count(); n != 4 {
					t.Errorf("%d documents, want 4", n)
				}
			})
		}
	}
}

// Two environments store the same documents at the same time, a rollover between them: the
// later one to look, or to be given them again, leaves one copy.
func TestTwoCopiesOnBothSidesOfARolloverBecomeOne(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"rollover", "data_stream"} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed before it looked %t", policy, killed), func(t *testing.T) {
				s := newScene(t, strings.Replace(appendOnly, "policy: periodic, period: day", "policy: "+policy+", rollover: {max_docs: 1000000}", 1))
				fn := s.function("ingest", nil)
				s.same("warm-up", s.invoke(fn, s.event(message{ID: "w", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
				event := s.event( // one document comes twice in it
					message{ID: "a", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`}, message{ID: "b", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`},
					message{ID: "c", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`, Attributes: map[string]string{"id": "a"}},
				)
				s.proxy.Inject(faultproxy.Bulk, 1, func(x *faultproxy.Exchange) {
					_, _, _, _ = x.Forward(x.Body) // the other environment
					call(s, s.node, http.MethodPost, "/"+s.collection+"/_rollover", "")
					_, _, reply, _ := x.Forward(x.Body)
					if killed {
						fn.Kill()
						return
					}
					x.Answer(http.StatusOK, "application/json", reply)
				})
				if res, err := fn.Invoke(t.Context(), event); err != nil || (res.FunctionError != "") != killed {
					t.Fatal(err, string(res.Payload))
				}
				if killed {
					s.same("delivered again", s.invoke(fn, event), none)
				}
				if n := s.count(); n != 3 {
					t.Errorf("%d documents, want 3", n)
				}
			})
		}
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

// Someone deletes the index and its template while an environment remembers both.
func TestWhatIsDeletedUnderWayIsMadeAgainFromItsTemplate(t *testing.T) {
	t.Parallel()
	for policy, index := range map[string]string{
		"single": "/%s-000001", "periodic, period: day": "/%s-2026-03-01", "rollover, rollover: {max_docs: 1000000}": "/%s-000001",
		"data_stream, rollover: {max_docs: 1000000}": "/_data_stream/%s",
	} {
		t.Run(policy, func(t *testing.T) {
			s := newScene(t, strings.Replace(appendOnly, "policy: periodic, period: day", "policy: "+policy, 1))
			fn := s.function("ingest", quick)
			s.same("before", s.invoke(fn, s.event(message{ID: "a", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
			s.ok(http.MethodDelete, fmt.Sprintf(index, s.collection), "")
			s.ok(http.MethodDelete, "/_index_template/sluice-"+s.collection, "")
			s.same("after", s.invoke(fn, s.event(message{ID: "b", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
			s.ok(http.MethodGet, fmt.Sprintf(index, s.collection), "")
			_, mappings := call(t, s.node, http.MethodGet, "/"+s.collection+"*,.ds-"+s.collection+"*/_mapping", "")
			for name, mapping := range mappings {
				if text, _ := json.Marshal(mapping); !strings.Contains(string(text), `"sluice"`) {
					t.Errorf("%s was not made from the template: %s", name, text)
				}
			}
		})
	}
}

// The alias's name is taken by an index of someone else's while an environment remembers the alias.
func TestForeignIndexOfTheAliasesNameGetsNoDocument(t *testing.T) {
	t.Parallel()
	s := newScene(t, strings.Replace(appendOnly, "policy: periodic, period: day", "policy: single", 1))
	fn := s.function("ingest", quick)
	s.same("before", s.invoke(fn, s.event(message{ID: "a", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), none)
	s.ok(http.MethodDelete, "/"+s.collection+"-000001", "")
	s.ok(http.MethodPut, "/"+s.collection, "")
	s.same("reported", s.invoke(fn, s.event(message{ID: "b", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`})), []string{"b"})
	if n := s.count(); n != 0 {
		t.Errorf("%d documents in the foreign index", n)
	}
	if letters := s.deadLetters(); len(letters) > 0 {
		t.Errorf("%d dead letters", len(letters))
	}
}
