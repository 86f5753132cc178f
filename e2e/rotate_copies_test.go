package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A clone carries the marker, and one named for its date could be a generation. A hidden
// index is found by no wildcard.
func TestACloneNamedForItsDateIsNoGenerationAndAHiddenIndexIsRolledOver(t *testing.T) {
	s := newScene(t, strings.Replace(rolled, "replicas: 0", "replicas: 0, retention: 1d", 1))
	fn := s.function("rotate", nil)
	s.rotated(fn, in(0))
	all := s.names("-000001", "-000002", "-20260517")
	first, second, clone := all[0], all[1], all[2]
	for i := range 12 {
		s.ok(http.MethodPut, fmt.Sprintf("/%s/_create/%d?refresh", s.collection, i), `{"id":"x"}`)
	}
	s.ok(http.MethodPut, "/"+first+"/_settings", `{"index.blocks.write":true,"index.hidden":true}`)
	s.ok(http.MethodPost, "/"+first+"/_clone/"+clone, `{"settings":{"index.number_of_replicas":0,"index.hidden":false}}`)
	s.ok(http.MethodPut, "/"+first+"/_settings", `{"index.blocks.write":null}`)

	r := s.rotated(fn, in(0))
	s.same("steps", r.steps(s.collection), []string{"rollover " + second})
	s.says(r.why(clone), "taken for a copy")
	s.same("a day later", s.rotated(fn, in(25*time.Hour)).deletes(s.collection), []string{first})
	s.exists(second, clone)
}

// What somebody holds on to is kept, and does not keep the others from being deleted.
func TestAReadOnlyIndexDoesNotUseUpTheDeletes(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n")
	fn := s.function("rotate", map[string]string{"ROTATE_MAX_DELETES": "1"})
	s.rotated(fn, caseNow)
	held, next := s.collection+"-2026-05-01", s.collection+"-2026-05-02"
	s.make(held, next)
	s.ok(http.MethodPut, "/"+held+"/_settings", `{"index.blocks.read_only":true}`)
	defer s.ok(http.MethodPut, "/"+held+"/_settings", `{"index.blocks.read_only":null}`)
	r := s.rotated(fn, caseNow)
	s.same("deletes", r.deletes(s.collection), []string{next})
	s.says(r.why(held), "read-only")
	s.exists(held)
}
