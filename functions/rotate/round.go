package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
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
	cut      bool // the time was up before all was done
}

// task is one collection's plan in a run.
type task struct {
	*report
	policy rotation.Policy
	plan   rotation.Plan
	unmade map[string]bool // indices that could not be made
}

// plan plans every collection; one's failure is its own. It takes at most half of the
// time: on a slow cluster, what could be planned shall be done.
func (r *round) plan(ctx context.Context) []*task {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-deadline.Sub(r.now())/2))
		defer cancel()
	}
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
	for _, c := range r.inTurn() {
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

// inTurn is the collections in an order that changes by the hour, so that where time or
// deletes do not suffice for all, it is not always the same that wait.
func (r *round) inTurn() []*collection.Collection {
	all := slices.Clone(r.collections)
	hour := rand.New(rand.NewPCG(uint64(r.Time.Truncate(time.Hour).Unix()), 0))
	hour.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func (r *round) planOne(ctx context.Context, c *collection.Collection) *task {
	t := &task{report: newReport(c.Name), policy: c.Policy, unmade: map[string]bool{}}
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

// do does the collections' steps in turn, so that much work for one does not keep the
// others' indices from being made. One step's failure is its own.
func (r *round) do(ctx context.Context, all []*task) {
	for i, left := 0, true; left; i++ {
		left = false
		for _, t := range all {
			if i < len(t.plan.Steps) {
				left = true
				t.Steps = append(t.Steps, r.step(ctx, t, t.plan.Steps[i]))
			}
		}
	}
}

// step does one step, but for a delete that would leave too few indices where the new one
// could not be made.
func (r *round) step(ctx context.Context, t *task, step rotation.Step) done {
	one := done{Action: step.Action, Index: step.Index, Why: step.Why, Outcome: outcomePlanned}
	switch {
	case r.DryRun:
		return one
	case t.unmade[step.After]:
		one.Outcome = "try next run: " + step.After + " could not be made"
	case r.late(ctx):
		r.cut, one.Outcome = true, "try next run: the time was up"
	default:
		one.Outcome = r.apply(ctx, t, step)
	}
	if one.Outcome != outcomeDone && step.Action == rotation.Create {
		t.unmade[step.Index] = true
	}
	return one
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
	slices.SortStableFunc(all, func(a, b *task) int { return strings.Compare(a.Collection, b.Collection) })
	for _, t := range all {
		out.Collections = append(out.Collections, t.report)
	}
	return out
}
