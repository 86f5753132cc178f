package lambda

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

type tick struct {
	Time      time.Time `json:"time"`
	Execution string    `json:"execution"`
	Attempt   string    `json:"attempt"`
	Schedule  string    `json:"schedule"`
}

const tickInput = `{"time":"<aws.scheduler.scheduled-time>","execution":"<aws.scheduler.execution-id>",
"attempt":"<aws.scheduler.attempt-number>","schedule":"<aws.scheduler.schedule-arn>"}`

func ticks(t *testing.T, deliveries []Delivery) []tick {
	t.Helper()
	all := make([]tick, len(deliveries))
	for i, d := range deliveries {
		if err := json.Unmarshal(d.Event, &all[i]); err != nil {
			t.Fatalf("%s: %v", d.Event, err)
		}
	}
	return all
}

func TestScheduleFiresAtOnceAndThenEverySoOftenWithItsTimeInTheInput(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	f, _ := function(t, lambdatest.Config{}, "answer null")
	began := time.Now().Truncate(time.Second)
	running(t, Schedule{Function: f, Every: time.Second, Input: tickInput, ARN: "arn:s", Observe: rec.add}.Run)
	got := ticks(t, rec.await(t, 3))
	if got[0].Time.Before(began) || got[0].Attempt != "1" || got[0].Schedule != "arn:s" || got[0].Execution == "" {
		t.Errorf("first %+v", got[0])
	}
	if apart := got[2].Time.Sub(got[0].Time); apart < time.Second || apart > 3*time.Second {
		t.Errorf("third is %v after the first", apart)
	}
}

func TestFailedScheduledRunIsRetriedWithTheSameScheduledTime(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	f, _ := function(t, lambdatest.Config{}, "fail")
	running(t, Schedule{Function: f, Every: time.Hour, Input: tickInput, MaxRetries: 2, Backoff: 10 * time.Millisecond, Observe: rec.add}.Run)
	got := ticks(t, rec.await(t, 3))
	var attempts []string
	for _, g := range got {
		attempts = append(attempts, g.Attempt)
		if !g.Time.Equal(got[0].Time) {
			t.Errorf("scheduled time %v, then %v", got[0].Time, g.Time)
		}
	}
	if !slices.Equal(attempts, []string{"1", "2", "3"}) || got[0].Execution == got[1].Execution {
		t.Errorf("attempts %q, executions %q and %q", attempts, got[0].Execution, got[1].Execution)
	}
	time.Sleep(200 * time.Millisecond)
	if n := len(rec.all()); n != 3 {
		t.Errorf("%d attempts, want one and two retries", n)
	}
}

func TestScheduleStopLetsTheRunningInvocationEnd(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	f, _ := function(t, lambdatest.Config{}, "sleep 500ms")
	stop := running(t, Schedule{Function: f, Every: time.Hour, Input: `{}`, Observe: rec.add}.Run)
	eventually(t, "the invocation runs", func() bool { return len(f.PIDs()) == 1 })
	stop()
	if all := rec.all(); len(all) != 1 || all[0].Err != nil {
		t.Errorf("%+v", all)
	}
}

func TestScheduleRefusesToSpin(t *testing.T) {
	if err := (Schedule{}).Run(t.Context()); err == nil {
		t.Error("every 0 s was accepted")
	}
}
