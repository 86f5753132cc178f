package main

import (
	"strings"
	"testing"
)

// A key of one caller's never names a job of another's, however their tenants are written.
func TestAnExportsIdempotencyKeyIsItsTenantsOwn(t *testing.T) {
	s := testServerOf(t, &answering{indices: "[]"}, tenants)
	jobs, tasks := memoryJobs{jobs: map[string]*job{}}, make(memoryTasks, 9)
	s.server.jobs, s.server.tasks = jobs, tasks
	ids := map[string]bool{}
	for authorizer, status := range map[string]int{
		`{"lambda":{"tenant_id":"a"}}`: 202, `{"lambda":{"tenant_id":"b"}}`: 202, `{"lambda":{"tenant_id":["a","c"]}}`: 202, `{"jwt":{"claims":{"tenant_id":"a c"}}}`: 202,
	} {
		got, body, _ := asked(t, s, "POST", "/v1/notes/exports", "", `{"q":"x"}`, authorizer)
		if id := strings.Split(body, `"`)[3]; got != status || ids[id] {
			t.Errorf("%s: %d %s", authorizer, got, body)
		} else {
			ids[id] = true
		}
	}
	one, _, _ := asked(t, s, "POST", "/v1/notes/exports", "", `{"q":"y"}`, `{"lambda":{"tenant_id":["e","f"]}}`)
	two, body, _ := asked(t, s, "POST", "/v1/notes/exports", "", `{"q":"y"}`, `{"lambda":{"tenant_id":"e\u0000f"}}`)
	if one != 202 || two != 409 || len(jobs.jobs) != 5 {
		t.Errorf("%d, %d %s", one, two, body)
	}
	for id := range ids {
		for _, method := range []string{"GET", "POST"} {
			if got, body, _ := asked(t, s, method, "/v1/notes/exports/"+id, "", "", `{"lambda":{"tenant_id":"d"}}`); got != 404 {
				t.Errorf("%s: %d %s", method, got, body)
			}
		}
	}
}
