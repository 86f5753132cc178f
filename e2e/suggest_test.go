package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

type suggestions struct {
	From, To     int
	Suggestions  []struct{ Text, Kind, Doc string }
	Completeness struct{ Complete bool }
}

func (s suggestions) String() string {
	var list []string
	for _, one := range s.Suggestions {
		list = append(list, one.Text)
	}
	return strings.Join(list, " ")
}

func TestSuggestOffersTheFieldsAndValuesThatThereAre(t *testing.T) {
	s := searched{scene: newScene(t, `time: {field: "@timestamp"}
append_only: true
index: {policy: periodic, period: day, replicas: 0}
fields:
  "@timestamp": {type: date}
  level: {type: keyword, doc: How grave it is.}
  http.status: {type: short}
  message: {type: text, mapping: {fields: {whole: {type: keyword}}}}
  secret: {type: keyword}
search: {hidden: [secret]}
`)}
	for i, level := range []string{"ERROR", "ERROR", "error, minor", "WARN", "Ergo"} {
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(
			`{"_id":"d%d","@timestamp":"2026-05-01T10:00:00Z","level":%q,"http.status":%d,"message":"it \"said\" %d","secret":"hush"}`, i, level, 500+i, i)))
	}
	s.store()
	s.fn = s.function("search", nil)
	for _, c := range []struct{ text, spot, want string }{
		{"lev", "0 3", "level:"},
		{"stat", "0 4", "http.status:"},
		{"level:er", "6 8", `ERROR Ergo "error, minor"`},
		{"level:", "6 6", `ERROR Ergo WARN "error, minor"`},
		{`level:"error,`, "6 13", `"error, minor"`},
		{"level:ERROR OR level:w", "21 22", "WARN"},
		{"http.status:50", "12 14", "500 501 502 503 504"},
		{`message:"it \"s`, "8 15", `"it \"said\" 0" "it \"said\" 1" "it \"said\" 2" "it \"said\" 3" "it \"said\" 4"`},
		{"secr", "0 4", ""},
		{"secret:h", "7 8", ""},
		{"level:ERROR a", "12 13", "@timestamp: http.status: message: message.whole: AND "},
	} {
		var got suggestions
		s.ask("/suggest", url.Values{"text": {c.text}, "from": {"2026-05-01"}, "to": {"2026-05-01"}}, &got)
		if spot := fmt.Sprint(got.From, got.To); spot != c.spot || got.String() != c.want || !got.Completeness.Complete {
			t.Errorf("%s: %s: %s, want %s: %s", c.text, spot, got, c.spot, c.want)
		}
	}
	var got suggestions
	s.ask("/suggest", url.Values{"text": {"lev"}}, &got)
	if len(got.Suggestions) != 1 || got.Suggestions[0].Doc != "How grave it is." || got.Suggestions[0].Kind != "field" {
		t.Error(got)
	}
	for name, value := range map[string]string{"at": "4", "size": "0", "text": strings.Repeat("x", 1001)} {
		values := url.Values{"text": {"lev"}}
		values.Set(name, value)
		if status, body := s.get("/suggest", values); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
