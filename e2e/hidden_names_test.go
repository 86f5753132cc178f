package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
)

const hiddenNames = `fields:
  "@timestamp": {type: date}
  message: {type: text}
  user.name: {type: keyword}
  user.email: {type: keyword, mapping: {fields: {text: {type: text}}}}
  secret: {type: keyword}
  attributes: {type: flat_object}
search: {hidden: [user.email, secret], wildcards: true}
`

// hiddenWay is a way to write a hidden field, VALUE being what nobody may see; taken says
// that ingest stores it.
type hiddenWay struct {
	members string
	taken   bool
}

var hiddenWays = []hiddenWay{
	{`"user":{"name":"n","email":"VALUE"}`, true},
	{`"user.email":"VALUE","user.name":"n"`, true},
	{`"user.email":"x","user":{"email":"VALUE"}`, true},
	{`"user":{"email":"VALUE"},"user.email":"x"`, true},
	{`"user":[{"email":"VALUE"},{"name":"n"}]`, true},
	{`"user":[[{"email":["VALUE","VALUE"]}]]`, true},
	{`"us\u0065r":{"\u0065mail":"VALUE"}`, true},
	{`"secret":["VALUE"]`, true},
	{`"user.":{"name":"n","email":"VALUE"}`, false},
	{`"user.":[{"email":"VALUE"}]`, false},
	{`"user..email":"VALUE"`, false},
	{`".user":{"email":"VALUE"}`, false},
	{`".user.email":"VALUE"`, false},
	{`"user":{"":{"email":"VALUE"}}`, false},
	{`"":{"user":{"email":"VALUE"}}`, false},
	{`"user":{".":{"email":"VALUE"}}`, false},
	{`"user":{"email.":"VALUE"}`, false},
	{`"user":{"email..":"VALUE"}`, false},
	{`"user":{".email":"VALUE"}`, false},
	{`"user.email.":"VALUE"`, false},
	{`"us\u0065r\u002e":{"email":"VALUE"}`, false},
	{`"secret.":"VALUE"`, false},
	{`"User":{"Email":"VALUE"}`, true}, // other fields to OpenSearch, and to people the same
	{`"USER.EMAIL":"VALUE"`, true},
	{`"SECRET":"VALUE"`, true},
	{`"user. email":"VALUE"`, true},
	{`"user ":{" email":"VALUE"}`, true},
	{`"user":{"\u200bemail":"VALUE"}`, true},
	{`"user":{"email\u0000":"VALUE"}`, true},
}

func TestAHiddenFieldIsInNoAnswerHoweverADocumentWritesIt(t *testing.T) {
	for name, head := range map[string]string{
		"by day":   "append_only: true\ntime: {field: \"@timestamp\"}\nindex: {policy: periodic, period: day, replicas: 0}\n",
		"by id":    "id: {fields: [id]}\nindex: {policy: single, replicas: 0}\n",
		"by alias": "append_only: true\ntime: {field: \"@timestamp\"}\nindex: {policy: rollover, rollover: {max_age: 1d}, replicas: 0}\n",
	} {
		t.Run(name, func(t *testing.T) { hiddenOn(t, world.stack.OpenSearch.URL, head) })
	}
	t.Run("OpenSearch 3", func(t *testing.T) {
		node, err := part.StartOpenSearch(t.Context(), part.Home{Cache: world.cache, Data: t.TempDir()}, part.OpenSearchOptions{Version: part.OpenSearch3})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = node.Stop(t.Context()) })
		hiddenOn(t, node.URL, "append_only: true\ntime: {field: \"@timestamp\"}\nindex: {policy: periodic, period: day, replicas: 0}\n")
	})
}

func hiddenOn(t *testing.T, node, head string) {
	definition := head + hiddenNames
	if strings.HasPrefix(head, "id:") {
		definition = strings.Replace(definition, "fields:\n  ", "fields:\n  id: {type: keyword}\n  ", 1)
	}
	s := searched{scene: sceneOn(t, node, definition)}
	ways := hiddenWays
	document := func(id, members string) string {
		return fmt.Sprintf(`{"id":%q,"@timestamp":"2026-02-10T10:00:00Z","message":"a note",%s}`, id, strings.ReplaceAll(members, "VALUE", canary))
	}
	ingest, refused := s.function("ingest", nil), 0
	for i, way := range ways {
		one := s.event(message{ID: fmt.Sprint("i", i), Body: document(fmt.Sprint("i", i), way.members)})
		s.same(way.members, s.invoke(ingest, one), none)
		if !way.taken {
			refused++
		}
	}
	letters := s.deadLetters()
	if len(letters) != refused {
		t.Errorf("%d dead letters, want %d", len(letters), refused)
	}
	for _, letter := range letters {
		if cause := attribute(letter, "cause"); attribute(letter, "type") != "field_ambiguous" || !strings.Contains(cause, "has a dot too many") || strings.Contains(cause, canary) {
			t.Errorf("%s: %s: %s", *letter.Body, attribute(letter, "type"), cause)
		}
	}
	stored := s.direct(ways, document)
	t.Logf("%d documents by ingest, %d dead letters, %d that others put there", len(ways)-refused, refused, stored)
	s.fn = s.function("search", nil)
	s.showsNothingHidden(len(ways) - refused + stored)
}

// direct is what others put there, past ingest: as much as OpenSearch takes.
func (s searched) direct(ways []hiddenWay, document func(id, members string) string) (stored int) {
	s.Helper()
	var bulk strings.Builder
	for i, way := range ways {
		fmt.Fprintf(&bulk, `{"create":{"_id":"d%d"}}`+"\n%s\n", i, document(fmt.Sprint("d", i), way.members))
	}
	_, text := send(s, s.node, http.MethodPost, "/"+s.indices()[0]+"/_bulk?refresh=true", bulk.String())
	var answer struct {
		Items []struct{ Create struct{ Status int } }
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Items) != len(ways) {
		s.Fatalf("%s", text)
	}
	for _, one := range answer.Items {
		if one.Create.Status == http.StatusCreated {
			stored++
		}
	}
	return stored
}

// showsNothingHidden asks every endpoint, in whatever words; all answers have documents.
func (s searched) showsNothingHidden(stored int) {
	s.Helper()
	timed := strings.HasPrefix(s.indices()[0], s.collection+"-2026") // else the collection may have no time
	since := func(v url.Values) url.Values {
		if timed {
			v.Set("from", "2026-02-01")
			v.Set("to", "2026-03-01")
		}
		return v
	}
	bySize := func(v url.Values) url.Values { v.Set("size", "200"); return since(v) }
	clear := func(what string, status int, body string) {
		if status != http.StatusOK && status != http.StatusBadRequest && status != http.StatusNotFound || strings.Contains(body, canary) {
			s.Errorf("%s: %d %.600s", what, status, body)
		}
	}
	status, body := s.get("/search", bySize(url.Values{"highlight": {"true"}, "q": {"note"}}))
	if !strings.Contains(body, fmt.Sprintf(`"total":{"value":%d,`, stored)) || !strings.Contains(body, `"name":"n"`) {
		s.Errorf("%d %.300s", status, body)
	}
	clear("search", status, body)
	projections := []string{"*", "user", "user*", "u*", "user.*", "*.email", "*email*", "user..email", "user.", "User", "User.Email", "*s*", "attributes", "attributes.*", "attributes.user.*", "", ".user", ".*"}
	for _, names := range projections {
		status, body := s.get("/search", bySize(url.Values{"fields": {names}}))
		clear("fields="+names, status, body)
		for _, format := range []string{"ndjson", "csv"} {
			v := since(url.Values{"format": {format}})
			if names != "" {
				v.Set("fields", names)
			}
			status, body = s.get("/export", v)
			clear("export of "+names, status, body)
		}
		posted := fmt.Sprintf(`{"query":{"match":{"message":"note"}},"size":200,"_source":[%[1]q],"highlight":{"fields":{"*":{},"user.name":{}},"require_field_match":false},"aggs":{"a":{"terms":{"field":"user.name"},"aggs":{"_source":{"top_hits":{"size":50,"_source":[%[1]q]}}}},"b":{"top_hits":{"size":90,"_source":{"includes":["*"]}}}}}`, names)
		status, body = s.post(nil, posted)
		clear(posted, status, body)
		if names == "*" && (status != http.StatusOK || !strings.Contains(body, `"top_hits"`) && strings.Count(body, `"_source":{`) < stored) {
			s.Errorf("top_hits: %d, %d documents of %d: %.300s", status, strings.Count(body, `"_source":{`), stored, body)
		}
	}
	for _, field := range []string{"user.email", "user..email", "user.email.", "user.", "User.Email", "USER.EMAIL", "user. email", "secret", "secret.", "SECRET", "user.email.text", "*"} {
		quoted := strings.NewReplacer(" ", `\ `).Replace(field)
		for _, q := range []string{quoted + ":" + canary, quoted + ":" + canary[:6] + "*", "NOT " + quoted + ":" + canary, quoted + ":*"} {
			status, body := s.get("/search", bySize(url.Values{"q": {q}, "highlight": {"true"}}))
			if status == http.StatusOK && !strings.HasPrefix(q, "NOT") && field != "*" || strings.Contains(body, `"`+canary) {
				s.Errorf("%s finds something: %d %.300s", q, status, body)
			}
		}
		for path, v := range map[string]url.Values{"/values": {"field": {field}}, "/stats": {"field": {field}}, "/histogram": {"q": {quoted + ":" + canary}}, "/search": {"facets": {field}}, "/suggest": {"text": {quoted + ":" + canary[:3]}}} {
			status, body := s.get(path, since(v))
			if strings.Contains(body, canary) && path != "/histogram" {
				s.Errorf("%s of %s: %d %s", path, field, status, body)
			}
		}
		for _, posted := range []string{`{"query":{"term":{%q:"VALUE"}}}`, `{"query":{"exists":{"field":%q}}}`, `{"aggs":{"a":{"terms":{"field":%q}}}}`, `{"sort":[{%q:"asc"}]}`, `{"query":{"multi_match":{"query":"VALUE","fields":[%q]}}}`, `{"highlight":{"fields":{%q:{}}}}`} {
			status, body := s.post(nil, strings.ReplaceAll(fmt.Sprintf(posted, field), "VALUE", canary))
			if (status != http.StatusBadRequest || strings.Contains(body, `"`+canary)) && field != "*" {
				s.Errorf("%s of %s: %d %.300s", posted, field, status, body)
			}
		}
	}
	documents := s.documents()
	if len(documents) != stored {
		s.Errorf("%d documents are stored, want %d", len(documents), stored)
	}
	for id, source := range documents {
		if !strings.Contains(string(source), canary) {
			s.Errorf("%s holds nothing hidden: %s", id, source)
		}
		for path, v := range map[string]url.Values{"/documents/" + id: {}, "/context": {"id": {id}, "before": {"5"}, "after": {"5"}}} {
			for _, names := range []string{"", "user.*", "*"} {
				if v.Del("fields"); names != "" {
					v.Set("fields", names)
				}
				status, body := s.get(path, v)
				clear(path, status, body)
			}
		}
		status, body := s.html(url.Values{"collection": {s.collection}, "part": {"document"}, "id": {id}, "columns": {"user,user.,User.Email"}})
		clear("page of "+id, status, body)
	}
	status, body = s.get("/tail", url.Values{"from": {"2026-02-01"}, "wait": {"0s"}, "size": {"200"}})
	clear("tail", status, body)
	if status == http.StatusOK && !strings.Contains(body, `"message":"a note"`) {
		s.Errorf("tail: %.300s", body)
	}
	status, body = s.html(since(url.Values{"collection": {s.collection}, "columns": {"user,user.,User.Email,message"}}))
	clear("page", status, body)
	if !strings.Contains(body, "a note") {
		s.Errorf("page: %d %.300s", status, body)
	}
}

func (s searched) html(v url.Values) (int, string) {
	s.Helper()
	return s.as(nil, http.MethodGet, "/", v.Encode(), "")
}
