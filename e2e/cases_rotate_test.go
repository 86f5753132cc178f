package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// The cases from the field of the kind "rotate", each before a real OpenSearch.

func TestCase01ImpossibleDateInNameStopsNothing(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n")
	fn := s.function("rotate", nil)
	s.rotated(fn, "2026-05-01T00:10:00Z") // makes 05-01 and 05-02
	s.ok(http.MethodDelete, "/"+s.collection+"-2026-05-02", "")
	odd := s.names("-2026-24-02", "-2026-02-30", "-2026-05-xx")
	s.make(append(slices.Clone(odd), s.names("-1988-01-01", "-2026-06-25")...)...)

	dry := s.rotate(fn, caseNow, true)
	wet := s.rotated(fn, caseNow)
	s.same("steps", wet.steps(s.collection), []string{
		"set_aliases " + s.collection + "-2026-06-25", "create " + s.collection + "-2026-06-26",
		"delete " + s.collection + "-1988-01-01", "delete " + s.collection + "-2026-05-01",
	})
	s.same("the dry run", dry.steps(s.collection), wet.steps(s.collection))
	s.exists(append(odd, s.names("-2026-06-25", "-2026-06-26")...)...)
	s.gone(s.names("-1988-01-01", "-2026-05-01")...)
	for _, name := range odd {
		s.says(wet.why(name), "not a date")
	}
	again := s.rotated(fn, caseNow)
	s.same("the same key again", again.steps(s.collection), []string{})
}

func TestCase03NeighbouringNamesAreLeftAlone(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n")
	audit := s.collection + "-audit"
	s.define(audit, daily)
	fn := s.function("rotate", nil)
	s.rotated(fn, "2026-01-01T00:10:00Z")
	for _, name := range []string{s.collection, audit} {
		s.ok(http.MethodDelete, "/"+name+"-2026-01-02", "")
		s.ok(http.MethodPut, "/"+name+"-2026-01-01/_doc/1?refresh", `{"message":"kept"}`)
	}
	old := s.collection + "-2026-01-01"
	copies := []string{old + "-reindexed", old + "-000001", "restored-" + old}
	s.ok(http.MethodPut, "/"+old+"/_settings", `{"index.blocks.write":true}`)
	for _, name := range copies {
		s.ok(http.MethodPost, "/"+old+"/_clone/"+name+"?wait_for_active_shards=1", `{"settings":{"index.blocks.write":null}}`)
	}
	precious := "precious-" + s.collection
	others := append(slices.Clone(copies), "my"+old, s.collection+"-2026-01", s.collection+"-20260101", "."+old)
	s.make("my"+old, s.collection+"-2026-01", s.collection+"-20260101", "."+old, precious)
	s.ok(http.MethodPost, "/_aliases", fmt.Sprintf(`{"actions":[{"add":{"index":%q,"alias":"%s-2026-01-02"}}]}`, precious, s.collection))
	wet := s.rotated(fn, caseNow)
	s.same("deletes", append(wet.deletes(s.collection), wet.deletes(audit)...), []string{old})
	s.says(wet.why(s.collection+"-2026-01-02"), "is an alias of "+precious)
	s.exists(audit+"-2026-01-01", s.collection+"-2026-01", s.collection+"-20260101")
	for _, name := range append(others, precious) {
		if n := s.ok(http.MethodGet, "/"+name+"/_count", "")["count"]; n != json.Number("1") {
			t.Errorf("%s has %v documents", name, n)
		}
	}
	made := s.ok(http.MethodGet, "/"+audit+"-2026-06-26/_mapping", "")
	if text := fmt.Sprint(made); !strings.Contains(text, "collection:"+audit) {
		t.Errorf("the new index of %s has not its own template: %s", audit, text)
	}
}

// ordersAt3 is case 06's state: the generation 000003 with twelve documents.
func ordersAt3(t *testing.T) *scene {
	s := newScene(t, rolled)
	s.rotated(s.function("rotate", nil), caseNow)
	s.ok(http.MethodPut, "/"+s.collection+"-000003", fmt.Sprintf(`{"aliases":{%q:{}}}`, s.collection))
	s.ok(http.MethodPost, "/_aliases", fmt.Sprintf(`{"actions":[{"remove_index":{"index":"%s-000001"}},{"add":{"index":"%s-000003","alias":%q,"is_write_index":true}}]}`, s.collection, s.collection, s.collection))
	for i := range 12 {
		s.write(fmt.Sprintf("d%02d", i))
	}
	return s
}

// write writes a document through the alias, as ingest does.
func (s *scene) write(id string) {
	s.Helper()
	s.ok(http.MethodPut, "/"+s.collection+"/_create/"+id+"?require_alias=true&refresh", fmt.Sprintf(`{"id":%q}`, id))
}

// writesTo fails unless the alias stands on exactly these and writes to the last.
func (s *scene) writesTo(numbers ...string) {
	s.Helper()
	_, answer := call(s, s.node, http.MethodGet, "/_alias/"+s.collection, "")
	got := []string{}
	for index, v := range answer {
		flag := v.(map[string]any)["aliases"].(map[string]any)[s.collection].(map[string]any)["is_write_index"]
		got = append(got, fmt.Sprintf("%s %v", strings.TrimPrefix(index, s.collection+"-"), flag == true))
	}
	slices.Sort(got)
	want := []string{}
	for i, n := range numbers {
		want = append(want, fmt.Sprintf("%s %v", n, i == len(numbers)-1))
	}
	s.same("the alias", got, want)
	s.same("indices", s.indices(), s.names(slices.Clone(prefixed(numbers))...))
}

func prefixed(numbers []string) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = "-" + n
	}
	return out
}

func TestCase06RolloverReplyLost(t *testing.T) {
	for name, fault := range map[string]faultproxy.Fault{
		"a the answer is cut":       faultproxy.ResetAfter,
		"b a gateway answers 504":   faultproxy.StatusAfter(http.StatusGatewayTimeout),
		"the answer is half there":  faultproxy.Truncate,
		"it never arrived":          faultproxy.ResetBefore,
		"the answer takes too long": faultproxy.Hang(5 * time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			s := ordersAt3(t)
			s.proxy.Inject(rollovers, 1, fault)
			r := s.rotated(s.function("rotate", map[string]string{"OPENSEARCH_HEADER_TIMEOUT": "3s"}), caseNow)
			s.same("steps", r.steps(s.collection), []string{"rollover " + s.collection + "-000004"})
			s.says(r.outcome(s.collection+"-000004"), "done")
			s.write("after")
			s.writesTo("000003", "000004")
			if n := len(s.documents()); n != 13 {
				t.Errorf("%d documents", n)
			}
			s.looksBeforeSendingAgain()
			again := s.rotated(s.function("rotate", nil), caseNow)
			s.same("again", again.steps(s.collection), []string{})
		})
	}
}

// looksBeforeSendingAgain fails if two rollovers were sent with no look at the alias between them.
func (s *scene) looksBeforeSendingAgain() {
	s.Helper()
	sent := false
	for _, r := range s.proxy.Seen(faultproxy.Always) {
		switch {
		case rollovers(r) && sent:
			s.Error("a rollover was sent again without a look at the alias")
		case rollovers(r):
			sent = true
		case r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/"+s.collection):
			sent = false
		}
	}
}

func TestCase06cKilledBeforeTheAliasMoved(t *testing.T) {
	s := ordersAt3(t)
	s.ok(http.MethodPut, "/"+s.collection+"-000004", "")
	s.write("during")
	fn := s.function("rotate", nil)
	r := s.rotated(fn, caseNow)
	s.same("steps", r.steps(s.collection), []string{"set_aliases " + s.collection + "-000004"})
	s.write("after")
	s.writesTo("000003", "000004")
	if n := len(s.documents()); n != 14 {
		t.Errorf("%d documents", n)
	}
	s.same("again", s.rotated(fn, caseNow).steps(s.collection), []string{})
}

func TestCase06dAliasOnTwoWithoutWriteIndex(t *testing.T) {
	s := ordersAt3(t)
	s.ok(http.MethodPut, "/"+s.collection+"-000004", fmt.Sprintf(`{"aliases":{%q:{}}}`, s.collection))
	s.ok(http.MethodPost, "/_aliases", fmt.Sprintf(`{"actions":[{"add":{"index":"%s-000003","alias":%q,"is_write_index":false}}]}`, s.collection, s.collection))
	r := s.rotated(s.function("rotate", nil), caseNow)
	s.same("steps", r.steps(s.collection), []string{"set_aliases " + s.collection + "-000004"})
	s.writesTo("000003", "000004")
	s.write("after")
	if n := len(s.documents()); n != 13 {
		t.Errorf("%d documents", n)
	}
}

func TestCase06eTwoRunsInTheSameSecond(t *testing.T) {
	s := ordersAt3(t)
	s.proxy.Inject(rollovers, 2, func(x *faultproxy.Exchange) { // both have planned by then
		time.Sleep(time.Second)
		faultproxy.Pass(x)
	})
	var all sync.WaitGroup
	for range 2 {
		fn := s.function("rotate", nil)
		all.Go(func() {
			if r := s.rotate(fn, caseNow, false); r.failure != "" {
				t.Error(r.failure)
			}
		})
	}
	all.Wait()
	s.write("after")
	s.writesTo("000003", "000004")
}

func TestCase08DeletesOnlyWhatASnapshotHolds(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n  delete_only_after_snapshot: true\n  snapshot_repository: backup\n")
	fn := s.function("rotate", nil)
	s.rotated(fn, "2026-05-01T00:10:00Z")
	s.make(s.names("-2026-05-03", "-2026-05-04", "-2026-05-05", "-2026-06-25")...)
	s.ok(http.MethodPost, "/"+s.collection+"-2026-05-05/_close", "")
	snapshots := func(status int, body string) {
		s.proxy.Heal()
		s.proxy.Inject(func(r faultproxy.Request) bool { return strings.HasPrefix(r.Path, "/_snapshot/") }, -1,
			func(x *faultproxy.Exchange) { x.Answer(status, "application/json", []byte(body)) })
	}
	for _, answer := range []string{`{"error":{"type":"repository_exception","reason":"[backup] gone"},"status":500}`, `{"snapshots":[]}`, `<html>`} {
		snapshots(map[bool]int{true: 500, false: 200}[strings.Contains(answer, "error")], answer)
		s.same(answer, s.rotated(fn, caseNow).deletes(s.collection), []string{})
	}
	snapshots(200, s.caseSnapshots())
	r := s.rotated(fn, caseNow)
	s.same("deletes", r.deletes(s.collection), s.names("-2026-05-04"))
	s.says(r.why(s.collection+"-2026-05-01"), "PARTIAL; a new snapshot of it must be taken")
	s.says(r.why(s.collection+"-2026-05-02"), "still running")
	s.says(r.why(s.collection+"-2026-05-03"), "before its last write")
	s.says(r.why(s.collection+"-2026-05-05"), "FAILED, and it is closed")
	s.exists(s.names("-2026-05-01", "-2026-05-02", "-2026-05-03", "-2026-05-05", "-2026-06-25")...)
}

// caseSnapshots is the repository of the case, in OpenSearch's words.
func (s *scene) caseSnapshots() string {
	text, err := os.ReadFile("../shared/rotation/testdata/cases/08-snapshot-not-good-enough.json")
	if err != nil {
		s.Fatal(err)
	}
	var file struct {
		Input struct {
			Snapshots []struct {
				Name, State string
				Start       time.Time
				Indices     []string
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		s.Fatal(err)
	}
	list := []map[string]any{}
	for _, one := range file.Input.Snapshots {
		for i, name := range one.Indices {
			one.Indices[i] = s.collection + strings.TrimPrefix(name, "logs")
		}
		list = append(list, map[string]any{"snapshot": one.Name, "state": one.State, "start_time_in_millis": one.Start.UnixMilli(), "indices": one.Indices})
	}
	out, err := json.Marshal(map[string]any{"snapshots": list})
	if err != nil {
		s.Fatal(err)
	}
	return string(out)
}

func TestCase08ARealRepository(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n  delete_only_after_snapshot: true\n  snapshot_repository: t08\n")
	repository := "/_snapshot/t08"
	s.ok(http.MethodPut, repository, `{"type":"fs","settings":{"location":"`+s.collection+`"}}`)
	now := time.Now().UTC().Format(time.RFC3339)
	fn := s.function("rotate", nil)
	s.rotated(fn, now)
	whole, partial, running := s.collection+"-"+daysAgo(50), s.collection+"-"+daysAgo(49), s.collection+"-"+daysAgo(48)
	s.make(whole, running)
	s.ok(http.MethodPut, "/"+partial+"?wait_for_active_shards=0&timeout=1s", `{"settings":{"index.routing.allocation.require._name":"nowhere"}}`)

	s.ok(http.MethodPut, repository+"/whole?wait_for_completion=true", `{"indices":"`+whole+`"}`)
	s.ok(http.MethodPut, repository+"/part?wait_for_completion=true", `{"indices":"`+partial+`","partial":true}`)
	// a repository of the same place that is slow enough to be caught at work
	s.ok(http.MethodPut, repository, `{"type":"fs","settings":{"location":"`+s.collection+`","max_snapshot_bytes_per_sec":"700b"}}`)
	s.ok(http.MethodPut, repository+"/slow", `{"indices":"`+running+`"}`)

	r := s.rotated(fn, now)
	s.same("deletes", r.deletes(s.collection), []string{whole})
	s.says(r.why(partial), "PARTIAL")
	s.says(r.why(running), "still running")

	// without the rule, the server itself refuses, and only this one waits
	s.define(s.collection, daily+"  retention: 30d\n")
	bare := s.function("rotate", nil)
	r = s.rotated(bare, now)
	s.same("steps", r.steps(s.collection), []string{"delete " + partial, "delete " + running})
	s.says(r.outcome(running), "try next run")
	s.gone(partial)
	eventually(t, 60*time.Second, func() string {
		_, answer := call(t, s.node, http.MethodGet, repository+"/slow", "")
		if text := fmt.Sprint(answer); !strings.Contains(text, "state:SUCCESS") {
			return text
		}
		return ""
	})
	s.rotated(bare, now)
	s.gone(running)
}

func TestCase08LateDocumentAfterTheSnapshot(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n  delete_only_after_snapshot: true\n  snapshot_repository: t08late\n")
	s.ok(http.MethodPut, "/_snapshot/t08late", `{"type":"fs","settings":{"location":"`+s.collection+`"}}`)
	fn := s.function("rotate", nil)
	s.rotated(fn, in(0))
	old := s.collection + "-" + daysAgo(50)
	s.make(old)
	s.same("no snapshot", s.rotated(fn, in(0)).deletes(s.collection), []string{})
	s.ok(http.MethodPut, "/_snapshot/t08late/before?wait_for_completion=true", `{"indices":"`+old+`"}`)
	s.ok(http.MethodPut, "/"+old+"/_doc/late?refresh", `{"message":"late"}`)
	r := s.rotated(fn, in(0))
	s.same("an older snapshot", r.deletes(s.collection), []string{})
	s.says(r.why(old), "before its last write")
	time.Sleep(300 * time.Millisecond) // OpenSearch dates snapshots by a clock that ticks every 200 ms
	s.ok(http.MethodPut, "/_snapshot/t08late/after?wait_for_completion=true", `{"indices":"`+old+`"}`)
	s.same("a newer one", s.rotated(fn, in(0)).deletes(s.collection), []string{old})
}

func TestCase10MistakesInAFileDeleteNothing(t *testing.T) {
	t.Parallel()
	head := strings.TrimSuffix(daily, "index:\n  policy: periodic\n  period: day\n  replicas: 0\n")
	block := "index:\n  policy: periodic\n  period: day\n  replicas: 0\n"
	files := map[string]struct{ text, says string }{
		"the block twice":  {head + block + "  retention: 30d\n" + block, "index"},
		"retention twice":  {daily + "  retention: 30d\n  retention: 0d\n", "retention"},
		"no unit":          {daily + "  retention: 30\n", "30d"},
		"negative":         {daily + "  retention: -1d\n", "30d"},
		"zero":             {daily + "  retention: 0\n", "30d"},
		"nothing after it": {daily + "  retention:\n", "retention"},
		"misspelt":         {daily + "  retension: 30d\n", "retention"},
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, daily+"  retention: 1d\n")
			s.rotated(s.function("rotate", nil), "2026-06-20T00:10:00Z")
			s.make(s.names("-2026-06-24", "-2026-06-25")...)
			before := s.indices()
			s.define(s.collection, file.text)
			other := s.collection + "-other"
			s.define(other, daily)
			r := s.rotate(s.function("rotate", nil), caseNow, false)
			s.says(r.failure, s.collection+".yaml:")
			s.says(r.failure, file.says)
			s.exists(before...)
			s.exists(other+"-2026-06-25", other+"-2026-06-26")
		})
	}
}

func TestCase10NoFileNoStep(t *testing.T) {
	s := newScene(t, daily+"  retention: 1d\n")
	s.rotated(s.function("rotate", nil), "2026-06-20T00:10:00Z")
	before := s.indices()
	if err := os.Remove(filepath.Join(s.task, "collections", s.collection+".yaml")); err != nil {
		t.Fatal(err)
	}
	s.define(s.collection+"-other", daily)
	s.rotated(s.function("rotate", nil), caseNow)
	s.exists(before...)
}

func TestCase10ShorterRetentionIsWorkedOffOldestFirst(t *testing.T) {
	s := newScene(t, daily+"  retention: 7d\n")
	fn := s.function("rotate", map[string]string{"ROTATE_MAX_DELETES": "3"})
	s.rotated(fn, "2026-06-25T00:10:00Z")
	end := time.Date(2026, 6, 24, 0, 0, 0, 0, time.UTC)
	for i := range 14 {
		s.make(s.collection + "-" + end.AddDate(0, 0, -i).Format(time.DateOnly))
	}
	dry := s.rotate(fn, caseNow, true)
	if dry.DeletesDue != 7 {
		t.Errorf("%d deletes are announced", dry.DeletesDue)
	}
	for range 4 {
		r := s.rotated(fn, caseNow)
		if n := len(r.steps(s.collection)); n > 3 {
			t.Errorf("%d steps: %v", n, r.steps(s.collection))
		}
	}
	s.gone(s.names("-2026-06-11", "-2026-06-16", "-2026-06-17")...)
	s.exists(s.names("-2026-06-18", "-2026-06-23", "-2026-06-24", "-2026-06-25", "-2026-06-26")...)
}
