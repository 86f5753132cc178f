package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	policy "github.com/sluice-dev/sluice/shared/rotation"
)

var code = regexp.MustCompile("`([^`]+)`")

// permissions is the row of docs/deploy.md's table that begins with the output named.
func permissions(t *testing.T, output string) part.Role {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(guide), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`"+output+"`") {
			continue
		}
		names := func(cell string) (all []string) {
			for _, m := range code.FindAllStringSubmatch(cell, -1) {
				all = append(all, m[1])
			}
			return all
		}
		return part.Role{Cluster: names(cells[2]), Actions: names(cells[3])}
	}
	t.Fatalf("docs/deploy.md grants nothing to %s", output)
	return part.Role{}
}

// secured is one OpenSearch with the security plugin, started by the first test that needs
// it, and its address as a user has it.
func secured(t *testing.T) (n *part.OpenSearch, as func(part.Login) string) {
	t.Helper()
	n, err := world.secured()
	if err != nil {
		t.Fatal(err)
	}
	return n, func(who part.Login) string {
		return strings.Replace(n.URL, "http://", "http://"+who.Name+":"+who.Password+"@", 1)
	}
}

func TestPermissionsOfTheDeploymentGuideAreEnoughAndSearchCannotWrite(t *testing.T) {
	n, as := secured(t)
	s := sceneOn(t, as(*n.Admin), appendOnly)
	s.define(s.collection+"r", rolled)
	s.define(s.collection+"e", strings.Replace(entity, "replicas: 0", "replicas: 0, keep_deletes: 1h", 1))
	user := func(name, output string) map[string]string {
		login := part.Login{Name: name, Password: "Kq7-tulip-Harbour"}
		role := permissions(t, output)
		role.Indices = []string{s.collection + "*"}
		if err := n.Grant(t.Context(), login, role); err != nil {
			t.Fatal(err)
		}
		return map[string]string{"OPENSEARCH_URL": as(login), "OPENSEARCH_AUTH": "basic", "OPENSEARCH_MAX_ATTEMPTS": "2"}
	}

	writer := s.function("ingest", user("writer", "IngestQueueRoleArn"))
	s.same("written", s.invoke(writer, three(s)), none)
	s.same("written again", s.invoke(writer, three(s)), none)
	s.same("rolling", s.invoke(writer, s.event(message{ID: "r", Body: `{"id":"r"}`, Collection: s.collection + "r"})), none)
	s.same("documents", keys(s.documents()), abc)

	keeper := s.function("rotate", user("keeper", "RotateRoleArn"))
	r := s.rotated(keeper, caseNow)
	for _, c := range r.Collections {
		if c.Error != "" {
			t.Errorf("%s: %s", c.Collection, c.Error)
		}
		for _, step := range c.Steps {
			if step.Outcome != "done" {
				t.Errorf("%s %s: %s", step.Action, step.Index, step.Outcome)
			}
		}
	}

	s.same("a delete", s.invoke(writer, s.event(message{ID: "d", Body: `{"id":"d","version":1,"op":"delete"}`, Collection: s.collection + "e"})), none)
	s.found(s.collection+"e", policy.Living) // refreshes
	late := s.rotated(keeper, time.Now().Add(2*time.Hour).UTC().Format(time.RFC3339))
	s.same("purged", late.steps(s.collection+"e"), []string{"purge " + s.collection + "e-000001"})
	s.all(late, "done")

	reader := user("reader", "SearchRoleArn")
	searcher := s.function("search", reader)
	for path, want := range map[string]string{"/search": "three", "/documents/a": "one", "/tail?from=2026-03-01": "three", "/export": `\"complete\":true,\"rows\":3`} {
		answer, err := searcher.Invoke(t.Context(), request(t, "/v1/"+s.collection+path))
		if text := string(answer.Payload); err != nil || !strings.Contains(text, `"statusCode":200`) || !strings.Contains(text, want) {
			t.Errorf("%s: %v %s", path, err, text)
		}
	}

	reader["DEADLINE_RESERVE"] = "25s"
	s.same("refused to the search role", s.invoke(s.function("ingest", reader), three(s)), abc)
}

// request is events/search-health.json for another path.
func request(t *testing.T, path string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join("..", "events", "search-health.json"))
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(path, "?")
	text := strings.ReplaceAll(string(event), "/healthz", path)
	return []byte(strings.Replace(text, `"rawQueryString": ""`, `"rawQueryString": "`+query+`"`, 1))
}
