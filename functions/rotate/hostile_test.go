package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

func TestAnInputThatSaysTwoThingsIsRefused(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 30)
	for _, payload := range []string{`{"dry_run":true,"dry_run":false}`, `{}{"dry_run":true}`, `{"DRY_RUN":true}`, `{"dry_run":true} x`, `{"collections":null,"x":1}`} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if len(b.applied) > 0 {
		t.Errorf("%v", b.applied)
	}
}

// A year that was mistyped would make everything look expired.
func TestOnlyADryRunLooksFarAhead(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 30)
	for _, far := range []string{"2027-06-25T00:10:00Z", "2099-01-01T00:00:00Z"} {
		if _, err := h.Invoke(t.Context(), []byte(`{"time":"`+far+`"}`)); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "ahead of the clock") {
			t.Errorf("%s: %v", far, err)
		}
		if a := invoke(t, h, `{"dry_run":true,"time":"`+far+`"}`); a.DeletesDue == 0 {
			t.Errorf("%s: %+v", far, a)
		}
	}
	if len(b.applied) > 0 {
		t.Errorf("%v", b.applied)
	}
}

// The first collection's long work must not keep the others' indices from being made.
func TestCollectionsTakeTurnsStepByStep(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"a": daily, "b": daily}, 30)
	invoke(t, h, `{}`)
	if at := slices.Index(b.applied, "create b-2026-06-26"); at > 1 {
		t.Errorf("%d: %v", at, b.applied)
	}
}

// slow is a cluster whose states take their time.
type slow struct {
	*book
	clock *time.Time
	each  time.Duration
}

func (s slow) State(ctx context.Context, w rotation.Watch) (rotation.State, error) {
	if deadline, ok := ctx.Deadline(); ok && s.clock.Add(s.each).After(deadline) {
		return rotation.State{}, fault.New(fault.Timeout, "no time left to ask OpenSearch")
	}
	*s.clock = s.clock.Add(s.each)
	return s.book.State(ctx, w)
}

// A hundred collections on a slow cluster: what could be planned is done, the others are told.
func TestPlanningLeavesTimeForDoing(t *testing.T) {
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("c%02d", i)] = daily
	}
	h, b, _ := setUp(t, files, 9)
	clock := time.Now()
	h.now = func() time.Time { return clock }
	h.cluster = slow{b, &clock, 10 * time.Second}
	ctx, cancel := context.WithDeadline(t.Context(), clock.Add(5*time.Minute))
	defer cancel()
	_, err := h.Invoke(ctx, []byte(`{"time":"2026-06-25T00:10:00Z"}`))
	if made := count(b.applied, "create"); err == nil || made < 10 || made > 20 {
		t.Errorf("%d made, %v", made, err)
	}
}

// Sixty collections that each have a delete due, and ten deletes a run: nobody waits for ever.
func TestNoCollectionIsAlwaysLastInTheQueueForDeletes(t *testing.T) {
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("c%02d", i)] = daily
	}
	h, b, _ := setUp(t, files, 9)
	served := map[string]bool{}
	for run := range 100 {
		b.applied = nil
		invoke(t, h, fmt.Sprintf(`{"time":%q}`, now.Add(time.Duration(run)*time.Hour).Format(time.RFC3339)))
		for _, done := range b.applied {
			if name, ok := strings.CutPrefix(done, "delete "); ok {
				served[name[:3]] = true
			}
		}
	}
	if len(served) < 60 {
		t.Errorf("%d of 60 had a turn", len(served))
	}
}

// Within the deadline's reserve no step begins, and the run does not count as finished.
func TestARunThatWasCutShortHasNoHeartbeat(t *testing.T) {
	h, b, out := setUp(t, map[string]string{"logs": daily}, 9)
	h.now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), reserve-time.Second)
	defer cancel()
	if _, err := h.Invoke(ctx, []byte(`{"time":"2026-06-25T00:10:00Z"}`)); err != nil || len(b.applied) > 0 || strings.Contains(out.String(), "Heartbeat") {
		t.Errorf("%v, done %v, %s", err, b.applied, out)
	}
}
