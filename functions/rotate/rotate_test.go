package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

var now = time.Date(2026, 6, 25, 0, 10, 0, 0, time.UTC)

const daily = `append_only: true
time: {field: "@timestamp"}
fields: {"@timestamp": {type: date}}
index: {policy: periodic, period: day, retention: 7d}
`

// book is a cluster that notes the steps and refuses those it is told to.
type book struct {
	states  map[string]rotation.State
	refuse  map[string]error
	applied []string
}

func (b *book) State(_ context.Context, w rotation.Watch) (rotation.State, error) {
	if err := b.refuse["state "+w.Name]; err != nil {
		return rotation.State{}, err
	}
	return b.states[w.Name], nil
}

func (b *book) Apply(_ context.Context, s rotation.Step, _ rotation.Template) error {
	what := string(s.Action) + " " + s.Index
	if err := b.refuse[what]; err != nil {
		return err
	}
	b.applied = append(b.applied, what)
	return nil
}

// set up a handler over files, each collection with its past indices, oldest first.
func setUp(t *testing.T, files map[string]string, days int) (*handler, *book, *strings.Builder) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name+".yaml"] = &fstest.MapFile{Data: []byte("name: " + name + "\n" + text)}
	}
	set, err := collection.Load(dir)
	b := &book{states: map[string]rotation.State{}, refuse: map[string]error{}}
	for _, c := range set.All() {
		tpl := c.Policy.Template()
		state := rotation.State{Template: tpl.Version}
		for i := range days {
			name := c.Name + "-" + now.AddDate(0, 0, i-days+1).Format(time.DateOnly)
			state.Indices = append(state.Indices, rotation.Index{Name: name, Marker: rotation.Marker{Collection: c.Name, Template: tpl.Version},
				Aliases: map[string]bool{name + ".write": true}})
		}
		b.states[c.Name] = state
	}
	var out strings.Builder
	return &handler{cfg: Config{MaxDeletes: 10}, collections: set.All(), mistakes: err, cluster: b, stopping: t.Context(),
		now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
		metrics: telemetry.New(&out, telemetry.Config{Namespace: "Sluice"}, "rotate", func() time.Time { return now })}, b, &out
}

func invoke(t *testing.T, h *handler, payload string) answer {
	t.Helper()
	body, err := h.Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return a
}

func count(applied []string, action string) int {
	return len(slices.DeleteFunc(slices.Clone(applied), func(s string) bool { return !strings.HasPrefix(s, action) }))
}

func TestDryRunIsWhatIsThenDone(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 30)
	dry := invoke(t, h, `{"time":"2026-06-25T00:10:00Z","dry_run":true}`)
	if len(b.applied) > 0 {
		t.Errorf("a dry run did %v", b.applied)
	}
	var planned []string
	for _, s := range dry.Collections[0].Steps {
		planned = append(planned, string(s.Action)+" "+s.Index)
		if s.Outcome != outcomePlanned || s.Why == "" {
			t.Errorf("%+v", s)
		}
	}
	if dry.DeletesDue != 22 || !strings.Contains(strings.Join(dry.Collections[0].Warnings, ""), "22 deletes are due, 10 are done in this run") {
		t.Errorf("%d due, %v", dry.DeletesDue, dry.Collections[0].Warnings)
	}
	invoke(t, h, `{"time":"2026-06-25T00:10:00Z"}`)
	if !slices.Equal(b.applied, planned) {
		t.Errorf("planned %v, done %v", planned, b.applied)
	}
}

func TestEventsAreReadAsTheyAre(t *testing.T) {
	for file, dry := range map[string]bool{"rotate-schedule.json": false, "rotate-dry-run.json": true} {
		payload, err := os.ReadFile("../../events/" + file)
		if err != nil {
			t.Fatal(err)
		}
		h, b, _ := setUp(t, map[string]string{"logs": daily}, 0)
		a := invoke(t, h, string(payload))
		if a.DryRun != dry || a.Time != "2026-05-17T09:15:00Z" || (len(b.applied) == 0) != dry {
			t.Errorf("%s: %+v, done %v", file, a, b.applied)
		}
	}
}

func TestDeletesOfARunAreSharedOut(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"a": daily, "b": daily, "c": strings.Replace(daily, "7d", "forever", 1)}, 30)
	invoke(t, h, `{}`)
	if count(b.applied, "delete a-") != 5 || count(b.applied, "delete b-") != 5 || count(b.applied, "delete c-") != 0 {
		t.Errorf("%v", b.applied)
	}
	if !slices.Contains(b.applied, "delete a-2026-05-27") {
		t.Errorf("the oldest is not among %v", b.applied)
	}
	h.cfg.MaxDeletes, b.applied = 0, nil
	invoke(t, h, `{}`)
	if count(b.applied, "delete") != 0 {
		t.Errorf("%v", b.applied)
	}
}

func TestOneCollectionsFailureIsItsOwn(t *testing.T) {
	h, b, out := setUp(t, map[string]string{"a": daily, "b": daily, "c": daily}, 9)
	b.refuse["state a"] = fault.New(fault.Unavailable, "unreachable")
	b.refuse["delete b-2026-06-17"] = fault.New(fault.Forbidden, "not allowed")
	_, err := h.Invoke(t.Context(), []byte(`{}`))
	if err == nil || !strings.Contains(err.Error(), "a: state: unreachable") || !strings.Contains(err.Error(), "b: delete b-2026-06-17: not allowed") {
		t.Errorf("%v", err)
	}
	if !slices.Contains(b.applied, "delete c-2026-06-17") {
		t.Errorf("%v", b.applied)
	}
	for _, want := range []string{`"Failures":2`, `"Heartbeat":1`, `"Deletes":1`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

func TestWhatMustWaitIsNoFailure(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 10)
	b.refuse["delete logs-2026-06-16"] = &client.Later{Why: "a snapshot of it is being taken"}
	a := invoke(t, h, `{}`)
	var outcomes []string
	for _, s := range a.Collections[0].Steps {
		outcomes = append(outcomes, fmt.Sprintf("%s %s: %s", s.Action, s.Index, s.Outcome))
	}
	want := []string{"create logs-2026-06-26: done", "delete logs-2026-06-16: try next run: a snapshot of it is being taken", "delete logs-2026-06-17: done"}
	if !slices.Equal(outcomes, want) {
		t.Errorf("%v", outcomes)
	}
}

// A full disk forbids new indices: then deletes are what helps, but the last index stays.
func TestDeletesGoOnWhereTheNewIndexCannotBeMadeButTheLastStays(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 0)
	state := b.states["logs"]
	for _, name := range []string{"logs-2026-01-01", "logs-2026-01-02"} {
		state.Indices = append(state.Indices, rotation.Index{Name: name, Marker: rotation.Marker{Collection: "logs"}})
	}
	b.states["logs"] = state
	b.refuse["create logs-2026-06-25"] = fault.New(fault.Unavailable, "blocked")
	if _, err := h.Invoke(t.Context(), []byte(`{}`)); err == nil {
		t.Error("no failure")
	}
	if want := []string{"create logs-2026-06-26", "delete logs-2026-01-01"}; !slices.Equal(b.applied, want) {
		t.Errorf("%v", b.applied)
	}
}

func TestAFileWithMistakesIsLeftAlone(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"good": daily, "bad": strings.Replace(daily, "retention: 7d", "retention: 7", 1)}, 10)
	_, err := h.Invoke(t.Context(), []byte(`{}`))
	if err == nil || !strings.Contains(err.Error(), "bad.yaml:5") || !strings.Contains(err.Error(), "nothing deleted") {
		t.Errorf("%v", err)
	}
	if count(b.applied, "delete good-") != 2 {
		t.Errorf("%v", b.applied)
	}
	dry := invoke(t, h, `{"dry_run":true}`)
	if dry.Collections[0].Collection != "bad" || !strings.Contains(dry.Collections[0].Error, "bad.yaml:5") || len(dry.Collections[1].Steps) == 0 {
		t.Errorf("%+v", dry)
	}
}

func TestInputsThatAreRefused(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 30)
	for _, payload := range []string{``, `[]`, `{"dryrun":true}`, `{"time":"<aws.scheduler.scheduled-time>"}`} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if _, err := h.Invoke(t.Context(), []byte(`{"collections":["lgos"]}`)); err == nil || !strings.Contains(err.Error(), "lgos: there is no such collection") {
		t.Errorf("%v", err)
	}
	if len(b.applied) > 0 {
		t.Errorf("%v", b.applied)
	}
}

func TestCollectionsOfTheInputAlone(t *testing.T) {
	h, b, _ := setUp(t, map[string]string{"a": daily, "b": daily}, 9)
	invoke(t, h, `{"collections":["b"]}`)
	if count(b.applied, "delete a-") != 0 || count(b.applied, "delete b-") != 1 {
		t.Errorf("%v", b.applied)
	}
}

func TestNoStepBeginsWhenTheTimeIsUp(t *testing.T) {
	h, b, out := setUp(t, map[string]string{"logs": daily}, 9)
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(reserve-1))
	defer cancel()
	h.now = func() time.Time { return now }
	body, err := h.Invoke(ctx, []byte(`{"time":"2026-06-25T00:10:00Z"}`))
	if ctx.Err() == nil {
		t.Fatal("the test's deadline must lie in the past")
	}
	if err != nil || len(b.applied) > 0 || !strings.Contains(string(body), "try next run: the time was up") || strings.Contains(out.String(), "Heartbeat") {
		t.Errorf("%s %v, done %v, %s", body, err, b.applied, out)
	}
}

func TestSettingsOfARun(t *testing.T) {
	if err := (Config{MaxDeletes: -1}).Validate(); err == nil {
		t.Error("a negative number of deletes was taken")
	}
	h, b, _ := setUp(t, map[string]string{"logs": daily}, 9)
	h.cfg.DryRun = true
	if a := invoke(t, h, `{}`); !a.DryRun || len(b.applied) > 0 {
		t.Errorf("ROTATE_DRY_RUN: %+v, done %v", a, b.applied)
	}
}
