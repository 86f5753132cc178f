package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// cluster is what a run needs of OpenSearch. Errors are fault kinds, or of Apply a
// *client.Later.
type cluster interface {
	State(context.Context, rotation.Watch) (rotation.State, error)
	Apply(context.Context, rotation.Step, rotation.Template) error
}

const (
	outcomePlanned = "planned"
	outcomeDone    = "done"
)

// reserve is left for the answer: no step begins so near the deadline.
const reserve = 5 * time.Second

// round is one run.
type round struct {
	*handler
	input
	failures []error
	due      int
}

// task is one collection's plan in a run.
type task struct {
	*report
	policy rotation.Policy
	plan   rotation.Plan
}

// plan plans every collection; one's failure is its own.
func (r *round) plan(ctx context.Context) []*task {
	var all []*task
	broken := r.broken()
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		if !r.wants(name) && name != "collections" {
			continue
		}
		t := &task{report: newReport(name)}
		t.Error = "nothing is done, and nothing deleted, for its file has mistakes:\n" + broken[name]
		r.fail(errors.New(name + ": " + t.Error))
		all = append(all, t)
	}
	for _, c := range r.collections {
		if r.wants(c.Name) {
			all = append(all, r.planOne(ctx, c))
		}
	}
	for _, name := range r.Collections {
		if !slices.ContainsFunc(all, func(t *task) bool { return t.Collection == name }) {
			t := &task{report: newReport(name)}
			t.Error = "there is no such collection"
			r.fail(errors.New(name + ": " + t.Error))
			all = append(all, t)
		}
	}
	return all
}

func (r *round) planOne(ctx context.Context, c *collection.Collection) *task {
	t := &task{report: newReport(c.Name), policy: c.Policy}
	state, err := r.cluster.State(ctx, c.Policy.Watch())
	if err != nil {
		t.Error = "its state cannot be read: " + err.Error()
		r.fail(fmt.Errorf("%s: state: %w", c.Name, err))
		return t
	}
	t.plan = c.Policy.Plan(r.Time, state)
	return t
}

func (r *round) fail(err error) { r.failures = append(r.failures, err) }

// share gives each collection in turn one delete, until the run's are used up, so
// that a long backlog of one does not keep the others waiting.
func (r *round) share(all []*task) {
	given := make([]int, len(all))
	left := r.cfg.MaxDeletes
	for again := true; again && left > 0; {
		again = false
		for i, t := range all {
			if left > 0 && given[i] < t.plan.Due() {
				given[i]++
				left--
				again = true
			}
		}
	}
	for i, t := range all {
		due := t.plan.Due()
		r.due += due
		t.plan = t.plan.Limit(given[i])
		t.leave(t.plan.Skipped)
		if given[i] < due {
			t.Warnings = append(t.Warnings, fmt.Sprintf("%d deletes are due, %d are done in this run", due, given[i]))
		}
	}
}

// do does the collection's steps. One step's failure is its own, but for a delete that
// would leave too few indices if the new one could not be made.
func (r *round) do(ctx context.Context, t *task) {
	unmade := map[string]bool{}
	for _, step := range t.plan.Steps {
		one := done{Action: step.Action, Index: step.Index, Why: step.Why, Outcome: outcomePlanned}
		switch {
		case r.DryRun:
		case unmade[step.After]:
			one.Outcome = "try next run: " + step.After + " could not be made"
		case r.late(ctx):
			one.Outcome = "try next run: the time was up"
		default:
			one.Outcome = r.apply(ctx, t, step)
			if one.Outcome != outcomeDone && step.Action == rotation.Create {
				unmade[step.Index] = true
			}
		}
		t.Steps = append(t.Steps, one)
	}
}

func (r *round) late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && deadline.Sub(r.now()) < reserve
}

func (r *round) apply(ctx context.Context, t *task, step rotation.Step) string {
	err := r.cluster.Apply(ctx, step, t.policy.Template())
	if later, ok := errors.AsType[*client.Later](err); ok {
		return "try next run: " + later.Why
	}
	if err != nil {
		r.fail(fmt.Errorf("%s: %s %s: %w", t.Collection, step.Action, step.Index, err))
		return "failed: " + err.Error()
	}
	return outcomeDone
}

func (r *round) answer(all []*task) answer {
	out := answer{Time: r.Time.UTC().Format(time.RFC3339), DryRun: r.DryRun, DeletesDue: r.due, MaxDeletes: r.cfg.MaxDeletes, Collections: []*report{}}
	for _, t := range all {
		out.Collections = append(out.Collections, t.report)
	}
	return out
}
