package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// The cases from the field of the kind "search": documents go through the ingest function,
// and the case's own events through the search function, before a real OpenSearch.

// searchCase is what a case's file says that its test needs.
type searchCase struct {
	Input struct {
		Documents []json.RawMessage `json:"documents"`
		Events    []json.RawMessage `json:"events"`
		Q         []string          `json:"q"`
		Filter    []string          `json:"filter"`
	} `json:"input"`
}

// searched is a scene with a case's documents stored.
type searched struct {
	*scene
	searchCase
	fn *lambdatest.Function
}

func searchedCase(t *testing.T, file, definition string) searched {
	t.Helper()
	s := searched{scene: newScene(t, definition)}
	text, err := os.ReadFile("../functions/search/testdata/cases/" + file)
	if err == nil {
		err = json.Unmarshal(text, &s.searchCase)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

func (s searched) store() {
	s.Helper()
	var messages []message
	for _, raw := range s.Input.Documents {
		var document map[string]json.RawMessage
		var id string
		if err := json.Unmarshal(raw, &document); err != nil {
			s.Fatal(err)
		}
		if err := json.Unmarshal(document["_id"], &id); err != nil {
			s.Fatal(err)
		}
		delete(document, "_id")
		if strings.Contains(string(mustRead(s.T, s.task+"/collections/"+s.collection+".yaml")), "time:") && document["@timestamp"] == nil {
			document["@timestamp"] = json.RawMessage(`"2026-02-10T10:00:00Z"`)
		}
		body, err := json.Marshal(document)
		if err != nil {
			s.Fatal(err)
		}
		messages = append(messages, message{ID: fmt.Sprint(len(messages)), Body: string(body), Attributes: map[string]string{"id": id}})
	}
	if failed := s.invoke(s.function("ingest", nil), s.event(messages...)); len(failed) > 0 {
		s.Fatalf("not stored: %v", failed)
	}
	if status, text := send(s, s.node, "POST", "/"+s.collection+"*/_refresh", ""); status != http.StatusOK {
		s.Fatalf("%d %s", status, text)
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// send gives an event of the case to the search function, with the scene's collection.
func (s searched) send(event json.RawMessage) (int, string) {
	s.Helper()
	text := string(event)
	for _, name := range []string{"orders", "logs"} {
		text = strings.ReplaceAll(text, "/v1/"+name+"/", "/v1/"+s.collection+"/")
	}
	result, err := s.fn.Invoke(s.Context(), []byte(text))
	if err != nil || result.FunctionError != "" {
		s.Fatalf("%v %s", err, result.Payload)
	}
	var answer struct {
		StatusCode int    `json:"statusCode"`
		Body       string `json:"body"`
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, answer.Body
}

// get is send for a path and parameters of the scene's own.
func (s searched) get(path string, values url.Values) (int, string) {
	s.Helper()
	path = "/v1/" + s.collection + path
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": values.Encode(),
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": "GET", "path": path}},
	})
	if err != nil {
		s.Fatal(err)
	}
	return s.send(event)
}

// ids are the documents of a whole and complete answer, sorted.
func ids(t *testing.T, status int, body string) string {
	t.Helper()
	var answer struct {
		Total     struct{ Value int }
		Documents []struct{ ID string }
		Complete  struct{ Complete bool } `json:"completeness"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || !answer.Complete.Complete {
		t.Fatalf("%d %s", status, body)
	}
	found := map[string]bool{}
	for _, d := range answer.Documents {
		found[d.ID] = true
	}
	if len(found) != answer.Total.Value || len(found) != len(answer.Documents) {
		t.Fatalf("total and documents differ: %s", body)
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), " ")
}

func (s searched) finds(want string, values url.Values) {
	s.Helper()
	status, body := s.get("/search", values)
	if got := ids(s.T, status, body); got != want {
		s.Errorf("%v finds %q, want %q", values, got, want)
	}
}

// exports wants the same documents, as they are, in both forms of an export.
func (s searched) exports(want string, values url.Values, holds ...string) {
	s.Helper()
	for _, format := range []string{"csv", "ndjson"} {
		values.Set("format", format)
		status, body := s.get("/export", values)
		if status != http.StatusOK {
			s.Fatalf("%d %s", status, body)
		}
		found, _ := rowIDs(s.T, format, []byte(body))
		slices.Sort(found)
		if got := strings.Join(found, " "); got != want {
			s.Errorf("%v exports %q, want %q", values, got, want)
		}
		for _, part := range holds {
			if !strings.Contains(body, part) {
				s.Errorf("%s holds no %s: %s", format, part, body)
			}
		}
	}
}

func (s searched) refuses(values url.Values, says ...string) {
	s.Helper()
	status, body := s.get("/search", values)
	for _, word := range says {
		if status != http.StatusBadRequest || !strings.Contains(body, word) {
			s.Errorf("%v: %d %s, want 400 with %q", values, status, body, word)
		}
	}
}

func TestSearchDocumentIDsArriveAsTheCallerWroteThem(t *testing.T) {
	s := searchedCase(t, "01-percent-id.json", `fields:
  note: {type: keyword}
  other: {type: keyword}
index: {policy: single, replicas: 0}
`)
	for i, note := range []string{"plain", "literal percent", "slash", "hash", "unicode and plus"} {
		status, body := s.send(s.Input.Events[i])
		if status != http.StatusOK || !strings.Contains(body, `"source":{"note":"`+note+`"}`) {
			t.Errorf("event %d: %d %s, want %s", i+1, status, body, note)
		}
	}
	for _, id := range []string{"100%", "a?b", "%2F", "..", ".", "x y", "a//b", "/", "nope", strings.Repeat("é", 300)} {
		path := "/documents/" + id
		status, body := s.get(path, nil)
		var problem struct{ Detail string }
		if err := json.Unmarshal([]byte(body), &problem); err != nil || status != http.StatusNotFound || !strings.HasSuffix(problem.Detail, id) {
			t.Errorf("%s: %d %s", id, status, body)
		}
	}
}

const byDay = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
fields:
  "@timestamp": {type: date}
  message: {type: text}
`

func TestSearchTimeOffsetsSurviveALostPlus(t *testing.T) {
	s := searchedCase(t, "02-plus-offset.json", byDay)
	for i, event := range s.Input.Events {
		status, body := s.send(event)
		if got := ids(t, status, body); got != "d2" {
			t.Errorf("event %d finds %q", i+1, got)
		}
	}
	s.refuses(url.Values{"q": {"@timestamp:>=2026-02-10T08:00:00 02:00"}}, `"position":33`, "%2B")
}

func TestSearchLargeIntegersKeepTheirDigits(t *testing.T) {
	s := searchedCase(t, "05-long-neighbours.json", `fields:
  number: {type: long}
  serial: {type: unsigned_long}
index: {policy: single, replicas: 0}
`)
	for i, want := range map[int]string{0: "n3", 1: "n2", 2: "n3", 3: "n3", 4: "n3"} {
		status, body := s.send(s.Input.Events[i])
		if got := ids(t, status, body); got != want {
			t.Errorf("event %d finds %q, want %s", i+1, got, want)
		}
		exact := map[string]string{"n2": `{"number":9007199254740992,"serial":18446744073709551614}`, "n3": `{"number":9007199254740993,"serial":18446744073709551615}`}
		if !strings.Contains(body, exact[want]) {
			t.Errorf("event %d: digits changed: %s", i+1, body)
		}
	}
	if _, body := s.send(s.Input.Events[2]); !strings.Contains(body, `"aggregations":{"n":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":9007199254740993,"doc_count":1}]}}`) {
		t.Errorf("the bucket's key changed: %s", body)
	}
	if status, body := s.send(s.Input.Events[5]); status != http.StatusBadRequest || !strings.Contains(body, "number") || !strings.Contains(body, "9223372036854775807") {
		t.Errorf("%d %s", status, body)
	}
	s.exports("n2 n3", url.Values{}, "9007199254740992", "9007199254740993", "18446744073709551614", "18446744073709551615")
	s.exports("n3", url.Values{"filter": {"number:9007199254740993"}})
	for _, sort := range []string{"serial:desc", "serial:asc", "number:desc"} {
		first, next, _ := strings.Cut(s.page(sort, ""), " ")
		if rest := s.page(sort, next); first == "" || strings.HasPrefix(rest, first) {
			t.Errorf("%s: %q behind %q", sort, rest, first)
		}
	}
}

// page is one document by a sort, and the cursor behind it.
func (s searched) page(sort, cursor string) string {
	s.Helper()
	values := url.Values{"sort": {sort}, "size": {"1"}}
	if cursor != "" {
		values.Set("cursor", cursor)
	}
	_, body := s.get("/search", values)
	var answer struct {
		Documents []struct{ ID string }
		Next      string
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Documents) != 1 {
		s.Fatalf("%v %s", err, body)
	}
	return answer.Documents[0].ID + " " + answer.Next
}

func TestSearchNotBindsTighterThanAndThanOr(t *testing.T) {
	s := searchedCase(t, "06-boolean-precedence.json", byDay+`  a: {type: keyword}
  b: {type: keyword}
  c: {type: keyword}
  d: {type: keyword}
`)
	for i, want := range []string{"ab cd", "ab ac cd", "ab ac cd none", "ab ac none", "ab ac", "ac cd"} {
		s.finds(want, url.Values{"q": {s.Input.Q[i]}, "from": {"2026-02-01"}, "to": {"2026-03-01"}})
		s.exports(want, url.Values{"q": {s.Input.Q[i]}})
	}
	for _, word := range []string{"and", "or", "not"} { // words, as docs/search.md says, in every place
		s.finds("", url.Values{"q": {"a:1 " + word + " b:1"}})
		s.exports("", url.Values{"q": {"a:1 " + word + " b:1"}})
	}
}

func TestSearchSlashesAndBackslashesAreTakenAsWritten(t *testing.T) {
	s := searchedCase(t, "09-slash-and-backslash.json", byDay+`  file.path: {type: keyword}
  note: {type: keyword}
`)
	for i, want := range []string{"p1", "p2", "p4"} {
		s.finds(want, url.Values{"filter": {s.Input.Filter[i]}})
	}
	for i, want := range []string{"p1", "p2", "p2", "p2", "p1"} {
		s.finds(want, url.Values{"q": {s.Input.Q[i]}})
	}
	s.refuses(url.Values{"q": {s.Input.Q[5]}}, "unterminated", `"position":10`)
	s.refuses(url.Values{"q": {"file.path:/api.*/"}}, "regular expressions", `"position":10`)
}

func TestSearchInclusiveDayEndTakesInTheWholeDay(t *testing.T) {
	s := searchedCase(t, "13-inclusive-day-end.json", byDay)
	for i, want := range []string{"r1 r2 r3", "r1", "r2 r3 r4", "r2 r3", "r2 r3"} {
		s.finds(want, url.Values{"q": {s.Input.Q[i]}, "sort": {"@timestamp:asc"}})
		s.finds(want, url.Values{"q": {s.Input.Q[i]}, "from": {"2026-04-01T00:00:00Z"}, "to": {"2026-06-01T00:00:00Z"}})
	}
	s.finds("r1 r2 r3", url.Values{"from": {"2026-05-01"}, "to": {"2026-05-02"}})
	s.exports("r1 r2 r3", url.Values{"from": {"2026-05-01"}, "to": {"2026-05-02"}})
}
