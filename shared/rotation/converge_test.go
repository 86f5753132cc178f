package rotation

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// policies are the four, with everything that a plan can hold.
func policies(t *testing.T) map[string]Policy {
	zero := 0
	rest := Config{Retention: "3d", KeepAtLeast: 2, Settled: &Settled{Replicas: &zero, RefreshInterval: "-1", ForceMerge: 1}}
	roll := &Rollover{MaxAge: "1d", MaxDocs: 10, MaxSize: "1kb"}
	out := map[string]Policy{"single": build(t, "x", Config{Policy: "single"})}
	entities, err := Build("x", Config{Policy: "single"}, Mapping{Entities: true, Properties: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	out["entities"] = entities
	for _, period := range []string{"hour", "day", "month"} {
		cfg := rest
		cfg.Policy, cfg.Period = "periodic", period
		out[period] = build(t, "x", cfg)
	}
	for _, policy := range []string{"rollover", "data_stream"} {
		cfg := rest
		cfg.Policy, cfg.Rollover = policy, roll
		out[policy] = build(t, "x", cfg)
	}
	return out
}

// anyState is a random state of the collection x: what ran before, others, and people, left there.
func anyState(r *rand.Rand, p Policy, now time.Time) State {
	var state State
	if r.IntN(2) == 0 {
		state.Template = p.Template().Version
	}
	used := map[string]bool{}
	flagged := map[string]bool{}
	for range r.IntN(12) {
		start := now.Add(-time.Duration(r.IntN(20*24)) * time.Hour)
		n := int64(1 + r.IntN(9))
		names := []string{generation("x", n), generation(".ds-x", n), "x-" + start.Format("2006-01-02"), "x-" + start.Format("2006-01-02t15"), "x-" + start.Format("2006-01"),
			"x-" + start.Format("2006-01-02") + "-copy", "x-2026-02-30", "x-other-" + start.Format("2006-01-02"), "other", "x-2099-01-01"}
		name := names[r.IntN(len(names))]
		if used[name] {
			continue
		}
		used[name] = true
		index := Index{Name: name, UUID: "u-" + name, Created: start, Aliases: map[string]bool{}, Docs: int64(r.IntN(20)), Bytes: int64(r.IntN(2000)),
			Replicas: r.IntN(2), Refresh: []string{"10s", "-1"}[r.IntN(2)], Segments: r.IntN(5), Closed: r.IntN(8) == 0, ReadOnly: r.IntN(10) == 0}
		if r.IntN(6) > 0 {
			index.Marker = Marker{Collection: "x", Template: p.Template().Version - int64(r.IntN(2))}
		}
		if r.IntN(8) == 0 {
			index.ISM = "theirs"
		}
		if r.IntN(3) == 0 {
			index.OldestDelete = start
		}
		for _, alias := range []string{"x", name + ".write", "x-2026-06-20"} {
			if r.IntN(3) == 0 && alias != name {
				index.Aliases[alias] = !flagged[alias] && r.IntN(2) == 0
				flagged[alias] = flagged[alias] || index.Aliases[alias]
			}
		}
		state.Indices = append(state.Indices, index)
	}
	return state
}

// streamOf makes the newest backing index the write index, where there is one.
func streamOf(state State) State {
	newest := int64(0)
	for _, index := range state.Indices {
		if n, ok := number(".ds-x", index.Name); ok && n > newest {
			newest = n
			state.Stream = &Stream{Write: index.Name}
		}
	}
	return state
}

func TestRunsConvergeFromAnyStateAndAnyInterruption(t *testing.T) {
	now := at("2026-06-25T00:10:00Z")
	for name, p := range policies(t) {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(400) {
				r := rand.New(rand.NewPCG(seed, 1))
				start := &cluster{t: t, tpl: p.Template(), now: now, state: anyState(r, p, now)}
				if name == "data_stream" {
					start.state = streamOf(start.state)
				}
				whole := start.clone()
				settle(t, fmt.Sprint(seed), p, whole)
				plan := p.Plan(now, start.state)
				for k := range plan.Steps {
					cut := start.clone()
					for _, step := range plan.Steps[:k] {
						cut.apply(step)
					}
					settle(t, fmt.Sprintf("%d, killed before step %d", seed, k), p, cut)
					same(t, cut.summary(), whole.summary())
				}
				if t.Failed() {
					t.Fatalf("seed %d: %+v\n%v", seed, start.state, steps(plan))
				}
			}
		})
	}
}

// settle runs until nothing is left to do, which must be soon.
func settle(t *testing.T, what string, p Policy, c *cluster) {
	t.Helper()
	for range 4 {
		plan := p.Plan(c.now, c.state)
		if len(plan.Steps) == 0 {
			return
		}
		for _, step := range plan.Steps {
			c.apply(step)
		}
	}
	t.Errorf("%s: still to do: %v", what, steps(p.Plan(c.now, c.state)))
}
