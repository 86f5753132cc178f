package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
)

func in(d time.Duration) string { return time.Now().UTC().Add(d).Format(time.RFC3339) }

func TestDataStreamIsMadeRolledOverAndShortened(t *testing.T) {
	s := newScene(t, strings.Replace(daily, "  policy: periodic\n  period: day\n", "  policy: data_stream\n  rollover: {max_docs: 10}\n  retention: 1d\n", 1))
	fn := s.function("rotate", nil)
	s.same("first run", s.rotated(fn, in(0)).steps(s.collection), []string{"put_template sluice-" + s.collection, "create_stream " + s.collection})
	for i := range 12 {
		s.ok(http.MethodPut, fmt.Sprintf("/%s/_create/%d?refresh", s.collection, i), `{"@timestamp":"2026-05-17T09:00:00Z"}`)
	}
	first, second := ".ds-"+s.collection+"-000001", ".ds-"+s.collection+"-000002"
	s.proxy.Inject(func(r faultproxy.Request) bool { return r.Is(http.MethodPost, "/_rollover") }, 1, faultproxy.ResetAfter)
	s.same("twelve documents", s.rotated(fn, in(0)).steps(s.collection), []string{"rollover_stream " + s.collection})
	s.same("again", s.rotated(fn, in(0)).steps(s.collection), []string{})
	s.same("a day later", s.rotated(fn, in(25*time.Hour)).steps(s.collection), []string{"delete " + first})
	answer := fmt.Sprint(s.ok(http.MethodGet, "/_data_stream/"+s.collection, ""))
	if strings.Contains(answer, first) || !strings.Contains(answer, second) || strings.Contains(answer, "000003") {
		t.Error(answer)
	}
}

func TestNoLongerWrittenIndexIsSettledAndItsForceMergeFollowedUp(t *testing.T) {
	s := newScene(t, strings.Replace(daily, "replicas: 0", "replicas: 1", 1)+`  settled: {after: 1h, replicas: 0, refresh_interval: "-1", force_merge: 1}`+"\n")
	fn := s.function("rotate", nil)
	s.rotated(fn, in(0))
	old := s.collection + "-" + daysAgo(5)
	s.make(old)
	for i := range 4 {
		s.ok(http.MethodPut, fmt.Sprintf("/%s/_doc/%d?refresh", old, i), `{"n":1}`)
	}
	s.same("steps", s.rotated(fn, in(0)).steps(s.collection), []string{"settle " + old, "force_merge " + old})
	eventually(t, 30*time.Second, func() string { return strings.Join(s.rotated(fn, in(0)).steps(s.collection), ", ") })
	text := fmt.Sprint(s.ok(http.MethodGet, "/"+old+"/_settings", ""))
	s.says(text, "number_of_replicas:0")
	s.says(text, "refresh_interval:-1")
}

func TestIndexUnderAnISMPolicyIsLeftAlone(t *testing.T) {
	s := newScene(t, daily+"  retention: 30d\n")
	fn := s.function("rotate", nil)
	s.rotated(fn, in(0))
	theirs, ours := s.collection+"-"+daysAgo(50), s.collection+"-"+daysAgo(49)
	s.make(theirs, ours)
	explain := func(r faultproxy.Request) bool { return strings.HasPrefix(r.Path, "/_plugins/_ism/explain/") }
	s.proxy.Inject(explain, 1, faultproxy.Status(http.StatusForbidden, "security_exception", "no permissions for [cluster:admin/opendistro/ism/managedindex/explain]"))
	s.proxy.Inject(explain, -1, func(x *faultproxy.Exchange) {
		x.Answer(http.StatusOK, "application/json", fmt.Appendf(nil, `{%q:{"index.plugins.index_state_management.policy_id":"hot","policy_id":"hot","enabled":true},"total_managed_indices":1}`, theirs))
	})
	r := s.rotated(fn, in(0))
	s.same("while ISM cannot be asked", r.steps(s.collection), []string{})
	s.says(r.why(ours), "whether ISM manages it cannot be learnt")
	r = s.rotated(fn, in(0))
	s.same("steps", r.steps(s.collection), []string{"delete " + ours})
	s.says(r.why(theirs), "managed by the ISM policy hot")
	s.exists(theirs)
}

func TestAddedFieldReachesTheWrittenIndex(t *testing.T) {
	s := newScene(t, entity)
	s.rotated(s.function("rotate", nil), in(0))
	s.define(s.collection, strings.Replace(entity, "fields:\n", "fields:\n  added: {type: keyword}\n", 1))
	fn := s.function("rotate", nil)
	index := s.collection + "-000001"
	s.same("steps", s.rotated(fn, in(0)).steps(s.collection), []string{"put_template sluice-" + s.collection, "update " + index})
	s.says(fmt.Sprint(s.ok(http.MethodGet, "/"+index+"/_mapping", "")), "added:map[type:keyword]")
	s.same("again", s.rotated(fn, in(0)).steps(s.collection), []string{})

	s.define(s.collection, strings.Replace(entity, "s: {type: keyword}", "s: {type: long}", 1))
	r := s.rotate(s.function("rotate", nil), in(0), false)
	s.says(r.failure, "cannot be changed from type [keyword] to [long]")
}

// TestRunIsFinishedByTheNextWhereverItWasKilled cuts a run off from OpenSearch after
// each of its writes in turn.
func TestRunIsFinishedByTheNextWhereverItWasKilled(t *testing.T) {
	for written := range 5 {
		t.Run(fmt.Sprintf("after %d writes", written), func(t *testing.T) {
			s := newScene(t, daily+"  retention: 30d\n")
			rolling := s.collection + "-r"
			s.define(rolling, rolled)
			quick := map[string]string{"OPENSEARCH_MAX_ATTEMPTS": "1"}
			s.rotated(s.function("rotate", nil), "2026-01-01T00:10:00Z")
			for i := range 12 {
				s.ok(http.MethodPut, fmt.Sprintf("/%s/_create/%d?refresh", rolling, i), `{"id":"x"}`)
			}
			var left atomic.Int64
			left.Store(int64(written))
			s.proxy.Inject(func(r faultproxy.Request) bool { return r.Method != http.MethodGet && left.Add(-1) < 0 }, -1, faultproxy.ResetBefore)
			s.rotate(s.function("rotate", quick), caseNow, false)
			s.proxy.Heal()
			fn := s.function("rotate", nil)
			s.rotated(fn, caseNow)
			want := s.names("-2026-06-25", "-2026-06-26", "-r-000001", "-r-000002")
			s.same("indices", s.indices(), want)
			again := s.rotated(fn, caseNow)
			s.same("again", slices.Concat(again.steps(s.collection), again.steps(rolling)), []string{})
		})
	}
}

// TestFiftyEnvironmentsMakeOneIndex lets fifty clients begin at once on a collection
// that OpenSearch has never heard of.
func TestFiftyEnvironmentsMakeOneIndex(t *testing.T) {
	for name, definition := range map[string]string{
		"single": entity, "periodic": daily, "rollover": rolled,
		"data stream": strings.Replace(daily, "  policy: periodic\n  period: day\n", "  policy: data_stream\n  rollover: {max_docs: 10}\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, definition)
			set, err := collection.LoadDir(filepath.Join(s.task, "collections"))
			if err != nil {
				t.Fatal(err)
			}
			c, _ := set.ByName(s.collection)
			target, err := c.Policy.WriteTarget(time.Now(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					os, err := client.New(client.Config{URL: s.node}, client.Deps{Now: time.Now})
					if err == nil {
						err = os.Ensure(t.Context(), target, c.Policy.Template())
					}
					if err != nil {
						t.Errorf("environment %d: %v", i, err)
					}
				})
			}
			all.Wait()
			if got := s.madeIndices(); len(got) != 1 {
				t.Errorf("indices %v", got)
			}
			mapping := fmt.Sprint(s.ok(http.MethodGet, "/"+s.madeIndices()[0]+"/_mapping", ""))
			s.says(mapping, "collection:"+s.collection)
		})
	}
}

// madeIndices are the collection's, those of a data stream included.
func (s *scene) madeIndices() []string {
	s.Helper()
	_, text := send(s, s.node, http.MethodGet, "/_cat/indices/"+s.collection+"*,.ds-"+s.collection+"*?h=index&s=index", "")
	return strings.Fields(string(text))
}

// TestMidnightLosesNoDocumentAndMakesNoStrayIndex lets events of both sides of a
// midnight come while rotate runs before and after it.
func TestMidnightLosesNoDocumentAndMakesNoStrayIndex(t *testing.T) {
	s := newScene(t, daily+"  retention: 2d\n")
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	ingest, rotate := s.function("ingest", nil), s.function("rotate", nil)
	day := func(n int) string { return s.collection + "-" + midnight.AddDate(0, 0, n).Format(time.DateOnly) }
	s.rotated(rotate, midnight.AddDate(0, 0, -3).Format(time.RFC3339)) // leaves two old days behind

	var traffic sync.WaitGroup
	const producers, batches, size = 5, 8, 10
	for p := range producers {
		traffic.Go(func() {
			for b := range batches {
				var batch []message
				for i := range size {
					n := (b*producers+p)*size + i // all producers cross midnight together
					at := midnight.Add(time.Duration(n-producers*batches*size/2) * time.Second)
					batch = append(batch, message{ID: fmt.Sprintf("m%03d", n), Body: fmt.Sprintf(`{"@timestamp":%q,"message":"m"}`, at.Format(time.RFC3339))})
				}
				for failed := s.invoke(ingest, s.event(batch...)); len(failed) > 0; {
					failed = s.invoke(ingest, s.event(batch...))
				}
			}
		})
	}
	for _, at := range []time.Duration{-10 * time.Minute, -time.Second, time.Second, 10 * time.Minute} {
		now := midnight.Add(at).Format(time.RFC3339)
		dry, wet := s.rotate(rotate, now, true), s.rotated(rotate, now)
		for _, step := range wet.steps(s.collection) {
			if !slices.Contains(dry.steps(s.collection), step) {
				t.Errorf("%s: %s was not in the dry run %v", now, step, dry.steps(s.collection))
			}
		}
	}
	traffic.Wait()
	s.same("indices", s.indices(), []string{day(-2), day(-1), day(0), day(1)})
	if n := len(s.documents()); n != producers*batches*size {
		t.Errorf("%d of %d documents", n, producers*batches*size)
	}
	for _, index := range s.indices() {
		s.says(fmt.Sprint(s.ok(http.MethodGet, "/"+index+"/_mapping", "")), "collection:"+s.collection)
		s.says(fmt.Sprint(s.ok(http.MethodGet, "/"+index+"/_alias", "")), index+".write")
	}
}
