package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// daily is a periodic collection of days; further keys of its index block may follow.
const daily = `append_only: true
time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  message: {type: text}
  n: {type: long}
index:
  policy: periodic
  period: day
  replicas: 0
`

// rolled is a collection that rolls over at ten documents.
const rolled = `append_only: true
id: {fields: [id]}
fields:
  id: {type: keyword}
index: {policy: rollover, replicas: 0, rollover: {max_docs: 10}}
`

// caseNow is when the cases from the field happen.
const caseNow = "2026-06-25T00:10:00Z"

// rotation is rotate's answer.
type rotation struct {
	DryRun      bool `json:"dry_run"`
	DeletesDue  int  `json:"deletes_due"`
	Collections []struct {
		Collection string
		Steps      []struct{ Action, Index, Why, Outcome string }
		Skipped    []struct{ Index, Why string }
		Warnings   []string
		Error      string
	}
	failure string // the function's error instead
}

func (s *scene) rotate(fn *lambdatest.Function, now string, dry bool) rotation {
	s.Helper()
	res, err := fn.Invoke(s.Context(), fmt.Appendf(nil, `{"time":%q,"dry_run":%t}`, now, dry))
	if err != nil {
		s.Fatal(err)
	}
	var r rotation
	if res.FunctionError != "" {
		r.failure = string(res.Payload)
		return r
	}
	if err := json.Unmarshal(res.Payload, &r); err != nil {
		s.Fatalf("%s: %v", res.Payload, err)
	}
	return r
}

// rotated is a run that must not fail.
func (s *scene) rotated(fn *lambdatest.Function, now string) rotation {
	s.Helper()
	r := s.rotate(fn, now, false)
	if r.failure != "" {
		s.Fatalf("the run failed: %s", r.failure)
	}
	return r
}

// steps are those of the scene's own collection, "action index".
func (r rotation) steps(collection string) []string {
	out := []string{}
	for _, c := range r.Collections {
		for _, step := range c.Steps {
			if c.Collection == collection {
				out = append(out, step.Action+" "+step.Index)
			}
		}
	}
	return out
}

// deletes are the indices that the run deletes of the collection.
func (r rotation) deletes(collection string) []string {
	out := []string{}
	for _, step := range r.steps(collection) {
		if name, ok := strings.CutPrefix(step, "delete "); ok {
			out = append(out, name)
		}
	}
	return out
}

func (r rotation) outcome(index string) string {
	for _, c := range r.Collections {
		for _, step := range c.Steps {
			if step.Index == index {
				return step.Outcome
			}
		}
	}
	return ""
}

func (r rotation) why(index string) string {
	for _, c := range r.Collections {
		for _, one := range c.Skipped {
			if one.Index == index {
				return one.Why
			}
		}
	}
	return ""
}

// names puts the collection's name before each suffix.
func (s *scene) names(suffixes ...string) []string {
	for i := range suffixes {
		suffixes[i] = s.collection + suffixes[i]
	}
	return suffixes
}

// make makes indices as their own day did: under the collection's template, with a document.
func (s *scene) make(names ...string) {
	s.Helper()
	for _, name := range names {
		s.ok(http.MethodPut, "/"+name, "")
		s.ok(http.MethodPut, "/"+name+"/_doc/of-"+name+"?refresh", `{"message":"kept"}`)
	}
}

// ok sends what must succeed, past the proxy.
func (s *scene) ok(method, path, body string) map[string]any {
	s.Helper()
	status, answer := call(s, s.node, method, path, body)
	if status/100 != 2 {
		s.Fatalf("%s %s: %d", method, path, status)
	}
	return answer
}

func (s *scene) exists(names ...string) {
	s.Helper()
	all := s.indices()
	for _, name := range names {
		if !slices.Contains(all, name) {
			s.Errorf("%s is gone; there are %v", name, all)
		}
	}
}

func (s *scene) gone(names ...string) {
	s.Helper()
	all := s.indices()
	for _, name := range names {
		if slices.Contains(all, name) {
			s.Errorf("%s is still there", name)
		}
	}
}

func (s *scene) says(text, want string) {
	s.Helper()
	if !strings.Contains(text, want) {
		s.Errorf("%q does not say %q", text, want)
	}
}

func rollovers(r faultproxy.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Path, "/_rollover/")
}

func daysAgo(n int) string { return time.Now().UTC().AddDate(0, 0, -n).Format(time.DateOnly) }
