package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// twice is a dry run and then the run; both must say the same.
func (s *scene) twice(fn *lambdatest.Function, at time.Time) []string {
	s.Helper()
	before := s.indices()
	now := at.UTC().Format(time.RFC3339)
	planned := s.rotate(fn, now, true)
	s.same("indices after a dry run", s.indices(), before)
	did := s.rotated(fn, now)
	s.same("what was done, against the dry run", did.steps(s.collection), planned.steps(s.collection))
	s.all(planned, "planned")
	s.all(did, "done")
	return did.steps(s.collection)
}

func (s *scene) all(r rotation, outcome string) {
	s.Helper()
	for _, c := range r.Collections {
		for _, step := range c.Steps {
			if step.Outcome != outcome || step.Why == "" {
				s.Errorf("%s %s: outcome %q, want %q; why %q", step.Action, step.Index, step.Outcome, outcome, step.Why)
			}
		}
	}
}

// Traffic goes on while the clock of rotate crosses midnight, four runs at once.
func TestCoreRotationAcrossMidnightWithTraffic(t *testing.T) {
	s := newScene(t, `append_only: true
time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  n: {type: long}
index: {policy: periodic, period: day, replicas: 0, retention: 1d, max_future: 47h}
`)
	ingest, rotate := s.function("ingest", nil), s.function("rotate", nil)
	midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	day := func(d int) string { return s.collection + "-" + midnight.AddDate(0, 0, d).Format("2006-01-02") }

	s.twice(rotate, midnight.Add(-24*time.Hour).Add(10*time.Minute))
	s.same("before midnight", s.indices(), []string{day(-1), day(0)})

	const writers, batches, each = 3, 10, 20
	var work sync.WaitGroup
	failed := make(chan []string, writers*batches)
	for w := range writers {
		work.Go(func() {
			for b := range batches {
				var all []message
				for i := range each {
					n := (w*batches+b)*each + i
					at := midnight.Add(time.Duration(n-writers*batches*each/2) * time.Second)
					all = append(all, message{ID: fmt.Sprint(n), Body: fmt.Sprintf(`{"@timestamp":%q,"n":%d}`, at.Format(time.RFC3339Nano), n)})
				}
				failed <- s.deliver(ingest, s.event(all...))
			}
		})
	}
	for range 4 {
		work.Go(func() { s.rotateQuietly(rotate, midnight.Add(10*time.Second)) })
	}
	work.Wait()
	close(failed)
	for ids := range failed {
		s.same("batchItemFailures", ids, none)
	}
	s.whole(writers * batches * each)
	s.same("after midnight", s.indices(), []string{day(-1), day(0), day(1)})

	s.twice(rotate, midnight.Add(24*time.Hour).Add(10*time.Minute)) // a day later: the first day is past its retention
	s.same("a day later", s.indices(), []string{day(0), day(1), day(2)})
	s.same("nothing is left to do", s.twice(rotate, midnight.Add(24*time.Hour).Add(10*time.Minute)), none)
}

// rotateQuietly is one of many runs at once; what it could not do another has done.
func (s *scene) rotateQuietly(fn *lambdatest.Function, at time.Time) {
	res, err := fn.Invoke(s.Context(), fmt.Appendf(nil, `{"time":%q}`, at.Format(time.RFC3339)))
	if err != nil || res.FunctionError != "" {
		s.Errorf("rotate: %v %s", err, res.Payload)
	}
}
