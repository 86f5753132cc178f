package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestExportsAreTheirTenantsOwn(t *testing.T) {
	s := tenantsScene(t)
	x := exporterOn(t, s.scene, nil)
	s.fn = x.function("search", x.env)
	acme, other := map[string]string{"tenant_id": "acme"}, map[string]string{"tenant_id": foreign}
	base := "/v1/" + s.collection
	for _, format := range []string{"csv", "ndjson"} {
		status, body := s.as(acme, "GET", base+"/export", "format="+format, "")
		if status != 200 || strings.Contains(body, foreign) || strings.Contains(body, canary) || strings.Count(body, "a word mine") != 20 {
			t.Errorf("%d %s", status, body)
		}
	}
	if status, body := s.as(nil, "GET", base+"/export", "", ""); status != 401 {
		t.Errorf("%d %s", status, body)
	}
	status, body := s.as(acme, "POST", base+"/exports", "", `{"format":"csv"}`)
	var j exportJob
	if err := json.Unmarshal([]byte(body), &j); err != nil || status != 202 {
		t.Fatalf("%d %s", status, body)
	}
	eventually(t, time.Minute, func() string {
		if _, body = s.as(acme, "GET", base+"/exports/"+j.ID, "", ""); strings.Contains(body, `"running"`) {
			return body
		}
		return ""
	})
	if err := json.Unmarshal([]byte(body), &j); err != nil || j.State != "complete" || j.Rows != 20 {
		t.Fatalf("%v %s", err, body)
	}
	if file := string(x.file(j)); strings.Contains(file, foreign) || strings.Contains(file, canary) || strings.Contains(body, foreign) {
		t.Error(file)
	}
	for _, method := range []string{"GET", "POST"} {
		if status, body := s.as(other, method, base+"/exports/"+j.ID, "", ""); status != 404 {
			t.Errorf("another tenant's export: %d %s", status, body)
		}
	}
}
