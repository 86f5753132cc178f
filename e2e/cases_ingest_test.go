package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// The cases from the field of the kind "ingest", each before a real OpenSearch.

// fieldCase is what a case's file says that its test needs.
type fieldCase struct {
	Input struct {
		Setup  []json.RawMessage `json:"setup_events"`
		Events []json.RawMessage `json:"events"`
		IDs    []string          `json:"ids"`
	} `json:"input"`
}

func (s *scene) fieldCase(file string) (c fieldCase) {
	s.Helper()
	text, err := os.ReadFile("../functions/ingest/testdata/cases/" + file)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// deliverCase delivers an event of a case as if its collection were the scene's.
func (s *scene) deliverCase(fn *lambdatest.Function, event json.RawMessage) []string {
	s.Helper()
	text := string(event)
	for _, name := range []string{"orders", "logs"} {
		text = strings.ReplaceAll(text, `"stringValue": "`+name+`"`, `"stringValue": "`+s.collection+`"`)
	}
	return s.invoke(fn, []byte(text))
}

// bodyOf is a message's body in an event.
func (s *scene) bodyOf(event json.RawMessage, id string) string {
	s.Helper()
	var e struct {
		Records []struct{ MessageID, Body string }
	}
	if err := json.Unmarshal(event, &e); err != nil {
		s.Fatal(err)
	}
	for _, r := range e.Records {
		if r.MessageID == id {
			return r.Body
		}
	}
	s.Fatalf("no message %s", id)
	return ""
}

// buried compares the dead letters, by body, with the causes wanted.
func (s *scene) buried(want map[string]string) {
	s.Helper()
	got := map[string]string{}
	for _, m := range s.deadLetters() {
		got[*m.Body] = attribute(m, "cause")
	}
	for body, cause := range want {
		if !strings.Contains(got[body], cause) {
			s.Errorf("dead letter %s: cause %q, want %q", body, got[body], cause)
		}
	}
	if len(got) != len(want) {
		s.Errorf("%d dead letters, want %d: %v", len(got), len(want), got)
	}
}

const unversioned = `id: {fields: [id]}
fields:
  id: {type: keyword}
  s: {type: keyword}
  name: {type: keyword}
index: {policy: single, replicas: 0}
`

func TestCase01MixedVerdictsGoBackToExactlyTheirRecords(t *testing.T) {
	s := newScene(t, appendOnly)
	c := s.fieldCase("01-mixed-verdicts-exact-ids.json")
	event := c.Input.Events[0]
	fn := s.function("ingest", nil)
	s.same("m2 before", s.deliverCase(fn, c.Input.Setup[0]), none)
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(func(it faultproxy.Item) *faultproxy.ItemError {
		switch doc := string(it.Doc); {
		case strings.Contains(doc, `"three"`):
			return &faultproxy.ItemError{Status: 429, Type: "rejected_execution_exception", Reason: "rejected"}
		case strings.Contains(doc, `"four"`):
			return &faultproxy.ItemError{Status: 400, Type: "mapper_parsing_exception", Reason: "failed to parse field [x]"}
		}
		return nil
	}))
	before := len(s.proxy.Seen(faultproxy.Bulk))
	s.same("batchItemFailures", s.deliverCase(fn, event), []string{"m3"})
	for _, again := range s.proxy.Seen(faultproxy.Bulk)[before+1:] {
		if n := strings.Count(string(again.Body), "\n"); n != 2 || !strings.Contains(string(again.Body), `"three"`) {
			t.Errorf("a retry carries more than item three: %s", again.Body)
		}
	}
	s.buried(map[string]string{s.bodyOf(event, "m4"): "mapper_parsing_exception: failed to parse field [x]"})
	docs := s.documents()
	s.same("documents", keys(docs), []string{"m1", "m2", "m5"})
	for _, literal := range []string{"9007199254740993", "1.10"} {
		s.says(string(docs["m1"]), literal)
	}
	s.proxy.Heal()
	s.same("second delivery", s.invoke(fn, s.event(message{ID: "m3", Body: s.bodyOf(event, "m3")})), none)
	s.same("documents", keys(s.documents()), []string{"m1", "m2", "m3", "m5"})
}

func TestCase10IDOver512BytesFailsItselfAlone(t *testing.T) {
	s := newScene(t, unversioned)
	event := s.fieldCase("10-id-over-512-bytes.json").Input.Events[0]
	s.same("batchItemFailures", s.deliverCase(s.function("ingest", nil), event), none)
	s.same("documents", keys(s.documents()), []string{"short", strings.Repeat("x", 512)})
	s.buried(map[string]string{
		s.bodyOf(event, "i2"): "id longer than 512 bytes (513)",
		s.bodyOf(event, "i4"): "id empty",
	})
}

func TestCase11IDsWithSpecialCharactersAreThemselves(t *testing.T) {
	s := newScene(t, entity)
	c := s.fieldCase("11-id-with-special-characters.json")
	fn := s.function("ingest", nil)
	s.same("batchItemFailures", s.deliverCase(fn, c.Input.Events[0]), none)
	s.same("documents", keys(s.documents()), slices.Sorted(slices.Values(c.Input.IDs)))
	for _, id := range c.Input.IDs {
		path := "/" + s.collection + "/_doc/" + strings.ReplaceAll(url.PathEscape(id), "+", "%2B")
		if id == ".." {
			path = "/" + s.collection + "/_doc/%2E%2E"
		}
		if status, answer := call(t, s.node, http.MethodGet, path, ""); status != http.StatusOK || answer["_id"] != id {
			t.Errorf("GET %s: %d %v", path, status, answer)
		}
	}
	s.same("batchItemFailures", s.deliverCase(fn, c.Input.Events[1]), none)
	s.same("documents", keys(s.documents()), slices.Sorted(slices.Values(c.Input.IDs[1:])))
	s.buried(nil)
}

func TestCase13DuplicateKeysAreNamedAndNeverGuessed(t *testing.T) {
	s := newScene(t, unversioned)
	event := s.fieldCase("13-duplicate-json-keys.json").Input.Events[0]
	s.same("batchItemFailures", s.deliverCase(s.function("ingest", nil), event), none)
	s.same("documents", keys(s.documents()), []string{"11"})
	s.buried(map[string]string{
		s.bodyOf(event, "k1"): `duplicate field "id"`,
		s.bodyOf(event, "k2"): `duplicate field "name"`,
		s.bodyOf(event, "k3"): `duplicate field "o.k"`,
	})
}
