package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// outlook is what a previewing function answers beside batchItemFailures.
type outlook struct {
	BatchItemFailures []struct{ ItemIdentifier string }
	Preview           struct {
		Records []struct {
			ID, Outcome, Type, Cause string
		}
		Documents map[string]int
	}
}

func (s *scene) outlook(fn *lambdatest.Function, messages ...message) (o outlook) {
	s.Helper()
	res, err := fn.Invoke(s.Context(), s.event(messages...))
	if err != nil || res.FunctionError != "" || json.Unmarshal(res.Payload, &o) != nil {
		s.Fatalf("%v %s", err, res.Payload)
	}
	if len(o.BatchItemFailures) != len(messages) {
		s.Errorf("%d of %d records are handed back: switched on by mistake, it would lose the others", len(o.BatchItemFailures), len(messages))
	}
	return o
}

func (o outlook) brief() (all []string) {
	for _, r := range o.Preview.Records {
		all = append(all, strings.TrimSuffix(r.ID+" "+r.Outcome+" "+r.Type, " "))
	}
	return all
}

var previewing = merged(patient, map[string]string{"INGEST_PREVIEW": "true"})

// Whatever the policy, and however the index came to be, the preview asks the index
// that is written to now, and changes nothing.
func TestPreviewAsksTheIndexThatIsWrittenToNow(t *testing.T) {
	const day = `{"@timestamp":"2026-03-01T10:00:00Z","n":%s}`
	good, bad := message{ID: "good", Body: fmt.Sprintf(day, "1")}, message{ID: "bad", Body: fmt.Sprintf(day, `"1.2.3.4"`)}
	for _, policy := range []string{"single", "periodic, period: day", "rollover, rollover: {max_docs: 1000000}", "data_stream, rollover: {max_docs: 1000000}"} {
		t.Run(policy, func(t *testing.T) {
			definition := strings.Replace(appendOnly, "policy: periodic, period: day", "policy: "+policy, 1)
			s := newScene(t, definition)
			s.same("no index yet: by the collection's file", s.outlook(s.function("ingest", previewing), good, bad).brief(), []string{"good stored", "bad refused mapper_parsing_exception"})
			if got := s.indices(); len(got) != 0 {
				t.Fatalf("the preview made %v", got)
			}
			s.same("reported", s.invoke(s.function("ingest", patient), s.event(message{ID: "a", Body: fmt.Sprintf(day, "7")})), none)

			s.define(s.collection, strings.Replace(definition, "n: {type: long}", "n: {type: ip}", 1))
			fn := s.function("ingest", previewing)
			s.same("the file is another, the index the old one", s.outlook(fn, good, bad).brief(), []string{"good stored", "bad refused mapper_parsing_exception"})
			if !strings.HasPrefix(policy, "rollover") && !strings.HasPrefix(policy, "data_stream") {
				return
			}
			call(t, s.node, http.MethodPut, "/_index_template/other-"+s.collection, `{"index_patterns":["`+s.collection+`*"],"priority":9999`+
				map[bool]string{true: `,"data_stream":{}`}[strings.HasPrefix(policy, "data_stream")]+
				`,"template":{"mappings":{"properties":{"@timestamp":{"type":"date"},"n":{"type":"ip"}}}}}`)
			call(t, s.node, http.MethodPost, "/"+s.collection+"/_rollover", "")
			s.same("rolled over", s.outlook(fn, good, bad).brief(), []string{"good refused mapper_parsing_exception", "bad stored"})
		})
	}
}

// What is stored already, older than what is stored, or would replace something newer
// without a version to stop it.
func TestPreviewTellsNewFromStoredFromStale(t *testing.T) {
	row := func(id string, version int) message {
		return message{ID: fmt.Sprint(id, version), Body: fmt.Sprintf(`{"id":%q,"version":%d}`, id, version)}
	}
	s := newScene(t, entity)
	s.same("reported", s.invoke(s.function("ingest", patient), s.event(row("A", 5), row("B", 5))), none)
	before := s.states()
	o := s.outlook(s.function("ingest", previewing), row("A", 4), row("A", 5), row("B", 6), row("C", 1), message{ID: "d", Body: `{"id":"B","version":7,"op":"delete"}`})
	if got := fmt.Sprint(o.Preview.Documents); got != "map[deleted:1 overwritten:0 stale:2 stored:2 stored_already:0]" {
		t.Error(got)
	}
	if after := s.states(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("before %v, after %v", before, after)
	}

	u := newScene(t, unversioned)
	u.same("reported", u.invoke(u.function("ingest", patient), u.event(message{ID: "1", Body: `{"id":"A","s":"newer"}`})), none)
	o = u.outlook(u.function("ingest", previewing), message{ID: "1", Body: `{"id":"A","s":"older"}`}, message{ID: "2", Body: `{"id":"B"}`})
	if got := fmt.Sprint(o.Preview.Documents); got != "map[deleted:0 overwritten:1 stale:0 stored:1 stored_already:0]" {
		t.Error(got)
	}

	l := newScene(t, appendOnly)
	l.same("reported", l.invoke(l.function("ingest", patient), three(l)), none)
	res, err := l.function("ingest", previewing).Invoke(t.Context(), three(l))
	if err != nil || !strings.Contains(string(res.Payload), `"stored_already":3`) {
		t.Errorf("%v %s", err, res.Payload)
	}
}

// What docs/dead-letters.md demands of who previews is enough, and no more than that.
func TestPermissionsOfTheGuideAreEnoughForAPreview(t *testing.T) {
	n, as := secured(t)
	s := sceneOn(t, as(*n.Admin), appendOnly)
	admin := map[string]string{"OPENSEARCH_URL": as(*n.Admin), "OPENSEARCH_AUTH": "basic"}
	s.same("reported", s.invoke(s.function("ingest", admin), three(s)), none)
	user := part.Login{Name: "trier", Password: "Kq7-tulip-Harbour"}
	role := part.Role{
		Cluster: []string{"cluster_monitor", "indices:data/write/bulk"}, Indices: []string{s.collection + "*", "sluice-preview-*"},
		Actions: []string{"crud", "create_index", "indices:admin/get", "indices:admin/delete", "indices:monitor/settings/get"},
	}
	if err := n.Grant(t.Context(), user, role); err != nil {
		t.Fatal(err)
	}
	fn := s.function("ingest", map[string]string{"OPENSEARCH_URL": as(user), "OPENSEARCH_AUTH": "basic", "OPENSEARCH_MAX_ATTEMPTS": "2", "INGEST_PREVIEW": "true"})
	o := s.outlook(fn, message{ID: "a", Body: `{"@timestamp":"2026-03-01T10:00:00Z"}`}, message{ID: "new", Body: `{"@timestamp":"2026-03-02T10:00:00Z"}`})
	s.same("outcomes", o.brief(), []string{"a stored", "new stored"})
	_, left := send(t, s.node, http.MethodGet, "/_cat/indices/sluice-preview-*?h=index", "")
	if len(left) > 0 {
		t.Errorf("left: %s", left)
	}
}
