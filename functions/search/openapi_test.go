package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/sluice-dev/sluice/shared/query"
)

func loadAPI(t *testing.T) *openapi3.T {
	t.Helper()
	api, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func TestOpenAPIIsValid(t *testing.T) {
	if err := loadAPI(t).Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAPIAndRoutesAgree(t *testing.T) {
	var told, there []string
	for path, item := range loadAPI(t).Paths.Map() {
		for method := range item.Operations() {
			told = append(told, method+" "+path)
		}
	}
	for _, r := range (&server{}).routes() {
		path := strings.NewReplacer(":collection", "{collection}", "*id", "{id}", ":id", "{id}").Replace(r.path)
		there = append(there, r.method+" "+path)
	}
	slices.Sort(told)
	slices.Sort(there)
	if !slices.Equal(told, there) {
		t.Errorf("document %v\nroutes   %v", told, there)
	}
}

// namesInQuery are the names of an operation's parameters, sorted; headers are others.
func namesInQuery(o *openapi3.Operation) (names []string) {
	for _, p := range o.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			names = append(names, p.Value.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestOpenAPIAndSearchParametersAgree(t *testing.T) {
	told := namesInQuery(loadAPI(t).Paths.Value("/v1/{collection}/search").Get)
	there := query.Parameters()
	slices.Sort(there)
	if !slices.Equal(told, there) {
		t.Errorf("document %v\nquery    %v", told, there)
	}
}

// What a request says that it takes is what the document says.
func TestOpenAPIAndEveryRequestsParametersAgree(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	for _, path := range []string{"search", "histogram", "values", "stats", "context", "suggest"} {
		told := namesInQuery(loadAPI(t).Paths.Value("/v1/{collection}/" + path).Get)
		body := request(s, "/v1/logs/"+path+"?zzzzzzzzzz=1").Body.String()
		_, list, _ := strings.Cut(body, "which takes ")
		list, _, _ = strings.Cut(list, `"`)
		list, _, _ = strings.Cut(list, ";")
		there := strings.Split(list, ", ")
		slices.Sort(there)
		if !slices.Equal(told, there) {
			t.Errorf("%s: document %v\nrequest %v", path, told, there)
		}
	}
}

// A number of the document's is taken from one end to the other, and none beyond.
func TestOpenAPISaysTheEndsOfEveryNumber(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(), indices: "[]"})
	j := &job{ID: strings.Repeat("0", 32), Collection: "logs"}
	s.server.jobs, s.server.tasks = memoryJobs{jobs: map[string]*job{j.key(): j}}, make(memoryTasks, 1)
	needed := map[string]string{"/v1/{collection}/values": "field=level&", "/v1/{collection}/suggest": "text=lev&", "/v1/{collection}/context": "id=d0&"}
	numbers := 0
	for path, item := range loadAPI(t).Paths.Map() {
		if item.Get == nil {
			continue
		}
		for _, p := range item.Get.Parameters {
			schema := p.Value.Schema.Value
			if !schema.Type.Is("integer") {
				continue
			}
			numbers++
			if schema.Min == nil || schema.Max == nil {
				t.Errorf("%s: %s has no ends", path, p.Value.Name)
				continue
			}
			ends := map[float64]bool{*schema.Min: true, *schema.Max: true, *schema.Min - 1: false, *schema.Max + 1: false}
			if slices.Contains([]string{"size", "offset", "at"}, p.Value.Name) {
				delete(ends, *schema.Max) // the collection, size and text say how many there may be
			}
			for number, right := range ends {
				target := strings.NewReplacer("{collection}", "logs", "{id}", j.ID).Replace(path) + "?" + needed[path] + p.Value.Name + "=" + strconv.FormatFloat(number, 'f', -1, 64)
				if w := request(s, target); strings.Contains(w.Body.String(), `"parameter":"`+p.Value.Name+`"`) == right {
					t.Errorf("%s: %d %s", target, w.Code, w.Body)
				}
			}
		}
	}
	if numbers < 8 {
		t.Errorf("%d numbers", numbers)
	}
}

// Real answers are what the document says they are.
func TestOpenAPIIsTrueOfAnswers(t *testing.T) {
	s := newTestServer(t, &answering{reply: hits(`{"n":9007199254740993}`), indices: `[{"index":"logs-2026-05-17","status":"close"}]`})
	for _, c := range []struct {
		method, target, path, body string
		status                     int
	}{
		{"GET", "/v1/logs/search?size=1&from=2026-05-16", "/v1/{collection}/search", "", 200},
		{"GET", "/v1/logs/search?q=x:y&size=zz", "/v1/{collection}/search", "", 400},
		{"GET", "/v1/logs/search?size=1&from=2026-05-16&facets=level&highlight=true&q=x", "/v1/{collection}/search", "", 200},
		{"GET", "/v1/logs/histogram?from=2026-05-16", "/v1/{collection}/histogram", "", 200},
		{"GET", "/v1/logs/histogram?interval=1s", "/v1/{collection}/histogram", "", 200},
		{"GET", "/v1/logs/values?field=level", "/v1/{collection}/values", "", 200},
		{"GET", "/v1/logs/stats?field=status", "/v1/{collection}/stats", "", 200},
		{"GET", "/v1/logs/stats?field=level", "/v1/{collection}/stats", "", 200},
		{"GET", "/v1/logs/context?id=d0", "/v1/{collection}/context", "", 200},
		{"GET", "/v1/logs/context?id=d0&before=x", "/v1/{collection}/context", "", 400},
		{"GET", "/v1/logs/suggest?text=lev", "/v1/{collection}/suggest", "", 200},
		{"GET", "/v1/logs/suggest?text=level:", "/v1/{collection}/suggest", "", 200},
		{"GET", "/v1/logs/search?explain=cost", "/v1/{collection}/search", "", 200},
		{"GET", "/v1/nope/search", "/v1/{collection}/search", "", 404},
		{"GET", "/v1/logs/tail?wait=0", "/v1/{collection}/tail", "", 200},
		{"GET", "/v1/logs/tail?wait=1h", "/v1/{collection}/tail", "", 400},
		{"GET", "/v1/logs/documents/d0", "/v1/{collection}/documents/{id}", "", 200},
		{"POST", "/v1/logs/documents", "/v1/{collection}/documents", `[{"a":1},2]`, 202},
		{"POST", "/v1/logs/documents", "/v1/{collection}/documents", `[2]`, 400},
		{"GET", "/v1/collections", "/v1/collections", "", 200},
		{"GET", "/healthz", "/healthz", "", 200},
		{"GET", "/healthz?deep=1", "/healthz", "", 200},
		{"GET", "/openapi.json", "/openapi.json", "", 200},
	} {
		w := httptest.NewRecorder()
		s.engine.ServeHTTP(w, httptest.NewRequest(c.method, c.target, strings.NewReader(c.body)))
		operation := loadAPI(t).Paths.Value(c.path).GetOperation(c.method)
		response := operation.Responses.Status(w.Code)
		if w.Code != c.status || response == nil {
			t.Errorf("%s %s: %d %s", c.method, c.target, w.Code, w.Body)
			continue
		}
		media := response.Value.Content.Get(w.Header().Get("Content-Type"))
		var answer any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || media == nil {
			t.Errorf("%s: %v %s", c.target, err, w.Header().Get("Content-Type"))
			continue
		}
		if err := media.Schema.Value.VisitJSON(answer); err != nil {
			t.Errorf("%s %s: %v", c.method, c.target, err)
		}
	}
	if w := request(s, "/page.css"); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}
