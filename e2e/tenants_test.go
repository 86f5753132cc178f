package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/lambda"
)

// ofTenants are documents of three tenants, with a canary in what nobody may see.
const ofTenants = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
search:
  wildcards: true
  hidden: [secret, user.email]
  tenant: {field: tenant.id, claim: tenant_id}
fields:
  "@timestamp": {type: date}
  tenant.id: {type: keyword}
  message: {type: text}
  level: {type: keyword}
  secret: {type: keyword}
  user.name: {type: keyword}
  user.email: {type: keyword, mapping: {fields: {text: {type: text}}}}
  attributes: {type: flat_object}
`

// canary is in the hidden fields of every document; foreign in every one of other tenants.
const canary, foreign = "canary7f3a", "umbrella"

// as is send for a caller with these claims; nil: without a token.
func (s searched) as(claims map[string]string, method, path, query, body string) (int, string) {
	s.Helper()
	context := map[string]any{"stage": "$default", "http": map[string]string{"method": method, "path": path}}
	if claims != nil {
		context["authorizer"] = map[string]any{"jwt": map[string]any{"claims": claims, "scopes": nil}}
	}
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "requestContext": context,
		"headers": map[string]string{"content-type": "application/json"}, "body": body,
	})
	if err != nil {
		s.Fatal(err)
	}
	return s.send(event)
}

func tenantsScene(t *testing.T) searched { return tenantsSceneOf(t, ofTenants) }

func tenantsSceneOf(t *testing.T, definition string) searched {
	t.Helper()
	s := searched{scene: newScene(t, definition)}
	for i := range 60 {
		tenant, word := []string{"acme", foreign, foreign + "-2"}[i%3], "mine"
		if tenant != "acme" {
			word = foreign
		}
		s.Input.Documents = append(s.Input.Documents, json.RawMessage(fmt.Sprintf(
			`{"_id":"%s-%d","@timestamp":"2026-05-%02dT10:00:00Z","tenant":{"id":%q},"message":"a word %s","level":"info","secret":%q,"user":{"name":"n","email":%q},"attributes":{"a":"b"}}`,
			tenant, i, 1+i%5, tenant, word, canary, canary+"@x")))
	}
	s.store()
	s.fn = s.function("search", nil)
	return s
}

// Generated requests before a real OpenSearch: whatever they are, no answer has a word of
// another tenant's documents or of a hidden field that the request itself has not.
func TestNoRequestReachesAnotherTenantsDocumentsOrAHiddenField(t *testing.T) {
	s := tenantsScene(t)
	acme := map[string]string{"tenant_id": "acme"}
	base := "/v1/" + s.collection
	g := rand.New(rand.NewPCG(5, 17)) //nolint:gosec // a test's own numbers
	one := func(list ...string) string { return list[g.IntN(len(list))] }
	fields := []string{"message", "level", "tenant.id", "user.name", "attributes.a", "secret", "user", "user.email", "user.email.text", "attributes.x", "attributes", "_id", "_index", "*"}
	values := []string{"*", "a*", "word", `"a word"`, "c*", "u*", "[a TO z]", "info", "mine", "b", "n", "?????????", "(a OR word)"}
	answered, found := 0, 0
	for range 1000 {
		v := url.Values{}
		clause := func() string { return one("", "NOT ", "-") + one(fields...) + ":" + one(values...) }
		v.Set("q", one("", "*", "a", clause(), clause()+" OR "+clause(), "NOT ("+clause()+" AND "+clause()+")", clause()+" OR *"))
		if g.IntN(3) == 0 {
			v.Set("sort", one(fields...)+one(":asc", ":desc"))
		}
		if g.IntN(3) == 0 {
			v.Set("fields", one(fields...)+","+one(fields...))
		}
		if g.IntN(4) == 0 {
			v.Set("filter", one(fields...)+":"+one(values...))
		}
		v.Set("size", one("0", "1", "100"))
		status, body := s.as(acme, "GET", base+"/search", v.Encode(), "")
		if status != http.StatusOK && status != http.StatusBadRequest {
			t.Fatalf("%v: %d %s", v, status, body)
		}
		if strings.Contains(body, canary) || strings.Contains(body, foreign) {
			t.Fatalf("%v: %s", v, body)
		}
		if status == http.StatusOK {
			var answer struct{ Total struct{ Value int } }
			if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Total.Value > 20 {
				t.Fatalf("%v: %s", v, body)
			}
			answered++
			found += answer.Total.Value
		}
	}
	if answered < 200 || found < 1000 {
		t.Fatalf("%d requests were answered and found %d documents: too few to prove anything", answered, found)
	}
	t.Logf("%d of 1000 requests were answered, with %d documents in all", answered, found)
}

// The same of posted bodies: their queries, aggregations, sorts, highlights and projections.
func TestNoPostedSearchReachesAnotherTenantsDocumentsOrAHiddenField(t *testing.T) {
	s := tenantsScene(t)
	acme := map[string]string{"tenant_id": "acme"}
	g := rand.New(rand.NewPCG(11, 2)) //nolint:gosec // a test's own numbers
	one := func(list ...string) string { return list[g.IntN(len(list))] }
	field := func() string {
		if g.IntN(5) > 0 {
			return one("message", "level", "tenant.id", "user.name", "attributes.a")
		}
		return one("secret", "user", "user.email", "user.email.text", "_id", "_index", "*")
	}
	value := func() string { return one("a", "word", "info", "mine", "b", "n", "u*", "c*") }
	clause := func() string {
		return fmt.Sprintf(one(`{"term":{%[1]q:%[2]q}}`, `{"match":{%[1]q:%[2]q}}`, `{"prefix":{%[1]q:"u"}}`, `{"exists":{"field":%[1]q}}`, `{"match_all":{}}`,
			`{"bool":{"must_not":{"term":{%[1]q:%[2]q}}}}`, `{"multi_match":{"query":%[2]q,"fields":["message",%[1]q]}}`, `{"bool":{"should":[{"match_all":{}},{"term":{%[1]q:%[2]q}}]}}`), field(), value())
	}
	answered, counted := 0, 0
	for range 600 {
		body := fmt.Sprintf(one(
			`{"query":%[1]s}`, `{"query":%[1]s,"post_filter":%[2]s}`, `{"query":%[1]s,"aggs":{"a":{"terms":{"field":%[3]q,"size":100}}}}`, `{"aggs":{"a":{"filter":%[2]s,"aggs":{"b":{"terms":{"field":%[3]q}}}}}}`,
			`{"aggs":{"a":{"cardinality":{"field":%[3]q}},"b":{"missing":{"field":%[3]q}}}}`, `{"query":%[1]s,"highlight":{"fields":{%[3]q:{}},"highlight_query":%[2]s}}`, `{"query":%[1]s,"_source":[%[3]q,"*"]}`,
			`{"query":%[1]s,"sort":[{%[3]q:"asc"}]}`, `{"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","min_doc_count":0},"aggs":{"h":{"top_hits":{"size":5}}}}}}`,
		), clause(), clause(), field())
		status, answer := s.as(acme, "POST", "/v1/"+s.collection+"/search", "", body)
		if status != http.StatusOK && status != http.StatusBadRequest {
			t.Fatalf("%s: %d %s", body, status, answer)
		}
		if strings.Contains(answer, canary) || strings.Contains(answer, foreign) {
			t.Fatalf("%s: %s", body, answer)
		}
		if status != http.StatusOK {
			continue
		}
		answered++
		for _, count := range counts.FindAllStringSubmatch(answer, -1) {
			if n, _ := strconv.Atoi(count[1]); n > 20 {
				t.Fatalf("%s counts %d: %s", body, n, answer)
			}
			counted++
		}
	}
	if answered < 200 || counted < 200 {
		t.Fatalf("%d bodies were answered, with %d counts: too few to prove anything", answered, counted)
	}
	t.Logf("%d of 600 bodies were answered, with %d counts", answered, counted)
}

// counts are how many documents a part of an answer says that there are.
var counts = regexp.MustCompile(`"(?:doc_count|value|sum_other_doc_count)":(\d+)`)

func TestATenantLearnsNothingOfAnothersByIDsCursorsTotalsOrErrors(t *testing.T) {
	s := tenantsScene(t)
	acme, other := map[string]string{"tenant_id": "acme"}, map[string]string{"tenant_id": foreign}
	base := "/v1/" + s.collection
	all := ""
	query := url.Values{"size": {"7"}}
	for range 3 {
		status, body := s.as(acme, "GET", base+"/search", query.Encode(), "")
		var page struct {
			Total     struct{ Value int }
			Documents []struct{ ID string }
			Next      string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || page.Total.Value != 20 {
			t.Fatalf("%d %s", status, body)
		}
		for _, d := range page.Documents {
			all += d.ID + " "
		}
		if page.Next != "" {
			query.Set("cursor", page.Next)
			if status, body := s.as(other, "GET", base+"/search", query.Encode(), ""); status != 400 || !strings.Contains(body, "of another search") {
				t.Errorf("another tenant's cursor: %d %s", status, body)
			}
		}
	}
	if got := len(strings.Fields(all)); got != 20 || strings.Contains(all, foreign) {
		t.Errorf("%d documents: %s", got, all)
	}
	if status, body := s.as(acme, "GET", base+"/documents/acme-0", "", ""); status != 200 || strings.Contains(body, canary) {
		t.Errorf("%d %s", status, body)
	}
	_, there := s.as(acme, "GET", base+"/documents/"+foreign+"-1", "", "")
	_, nowhere := s.as(acme, "GET", base+"/documents/"+foreign+"-9", "", "")
	if there != strings.ReplaceAll(nowhere, foreign+"-9", foreign+"-1") || !strings.Contains(there, `"status":404`) {
		t.Errorf("%s is not %s", there, nowhere)
	}
	for _, claims := range []map[string]string{nil, {}, {"tenant_id": ""}, {"tenant_id": "[acme " + foreign + "]"}, {"tenant_id": "*"}, {"tenant_id": "ACME"}} {
		status, body := s.as(claims, "GET", base+"/search", "", "")
		if nothing := claims["tenant_id"] == "*" || claims["tenant_id"] == "ACME"; nothing && (status != 200 || !strings.Contains(body, `"value":0`)) || !nothing && status != 401 && status != 403 {
			t.Errorf("%v: %d %s", claims, status, body)
		}
	}
}

// The way that people try it: the HTTP API of make run, which believes unsigned tokens.
func TestTenantsCanBeTriedOnOneMachine(t *testing.T) {
	s := tenantsScene(t)
	api := httptest.NewServer(lambda.Front{Function: s.fn, Unsigned: true})
	t.Cleanup(api.Close)
	for token, want := range map[string]int{
		"":                         401,
		`{"tenant_id":"acme"}`:     200,
		`{"sub":"x"}`:              403,
		`{"tenant_id":["a","b"]}`:  403,
		`{"tenant_id":"umbrella"}`: 200,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL+"/v1/"+s.collection+"/search?size=100", nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer e30."+base64.RawURLEncoding.EncodeToString([]byte(token))+".")
		}
		a := fetch(t, req)
		if body := string(a.body); a.status != want || want == 200 && (!strings.Contains(body, `"value":20`) || strings.Contains(body, "mine") != strings.Contains(token, "acme")) {
			t.Errorf("%s: %d %.300s", token, a.status, body)
		}
	}
}

// What a tenant posts, ingest stores as its own, or not at all: whatever the names of its
// fields look like to OpenSearch.
func TestNothingThatATenantPostsBecomesAnothersDocument(t *testing.T) {
	s := searched{scene: newScene(t, strings.Replace(ofTenants, "periodic, period: day", "single", 1))}
	s.fn = s.function("search", map[string]string{"INGEST_QUEUE_URL": s.dead})
	mine := map[string]string{"tenant_id": "acme"}
	for i, body := range []string{
		`{"tenant":{"id":"acme"}}`, `{"tenant.id":"acme"}`, `{"tenant":{"id":"umbrella"}}`, `{"tenant":{"id":["acme","umbrella"]}}`, `{"tenant":[{"id":"acme"},{"id":"umbrella"}]}`,
		`{"tenant":{"id":"acme"},"tenant.":{"id":"umbrella"}}`, `{"tenant":{"id":"acme","id.":"umbrella"}}`, `{"tenant":{"id":"acme"},"tenant..id":"umbrella"}`, `{"tenant":{"id":"acme"},".tenant":{"id":"umbrella"}}`,
		`{"tenant":{"id":"acme"},"tenant":{"id":"umbrella"}}`, `{"tenant":{"id":"acme"},"tenant.id":"umbrella"}`,
		`{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Message":"{\"tenant\":{\"id\":\"umbrella\"}}","tenant":{"id":"acme"}}`,
	} {
		body = strings.TrimSuffix(body, "}") + `,"@timestamp":"2026-05-01T10:00:00Z"}`
		status, answer := s.as(mine, "POST", "/v1/"+s.collection+"/documents", "", body)
		if want := map[bool]int{true: 202, false: 400}[i < 2]; status != want {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	// The same bytes, had they come: why a name with a dot too many is refused.
	for i, body := range []string{`{"tenant":{"id":"acme"},"tenant.":{"id":"umbrella"}}`, `{"tenant":{"id":"acme","id.":"umbrella"}}`} {
		if status, text := send(s, s.node, "PUT", fmt.Sprintf("/%s-plain/_doc/%d?refresh=true", s.collection, i), body); status != http.StatusCreated {
			t.Errorf("%d %s", status, text)
		}
	}
	if _, hits := send(s, s.node, "GET", "/"+s.collection+"-plain/_search?q=tenant.id:umbrella", ""); !strings.Contains(string(hits), `"total":{"value":2,`) {
		t.Errorf("OpenSearch no longer takes tenant. for tenant: %s", hits)
	}
}
