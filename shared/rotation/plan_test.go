package rotation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var june25 = at("2026-06-25T00:10:00Z")

// ready is a daily collection's state in which the current and next index stand.
func ready(p Policy, more ...string) State {
	state := made(p, append([]string{"logs-2026-06-25", "logs-2026-06-26"}, more...)...)
	for i, index := range state.Indices {
		state.Indices[i].Aliases = map[string]bool{index.Name + ".write": true}
		state.Indices[i].Segments = 1
	}
	return state
}

func TestPlanLeavesAloneWhatItDidNotMake(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d"})
	state := ready(p, "logs-2026-01-01", "logs-2026-01-02", "logs-2026-01-03", "logs-2027-01-01")
	state.Indices[2].Marker = Marker{}
	state.Indices[3].Marker.Collection = "other"
	state.Indices[4].ISM = "hot-warm"
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{})
	same(t, left(plan), map[string]string{
		"logs-2026-01-01": unmarked, "logs-2026-01-02": unmarked,
		"logs-2026-01-03": "managed by the ISM policy hot-warm",
		"logs-2027-01-01": "is dated in the future: left alone",
	})
}

func TestPlanDeletesNothingWhileItCannotTell(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d"})
	state := ready(p, "logs-2026-01-01")
	state.Hold = "whether ISM manages it cannot be learnt"
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{})
	same(t, left(plan)["logs-2026-01-01"], "due, but kept: whether ISM manages it cannot be learnt")
}

func TestPlanKeepsTheNewest(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "1d", KeepAtLeast: 3})
	plan := p.Plan(june25, ready(p, "logs-2026-01-01", "logs-2026-01-02", "logs-2026-01-03"))
	same(t, steps(plan), []string{"delete logs-2026-01-01"})
	same(t, left(plan)["logs-2026-01-02"], "due, but kept: the newest 3 always are")
}

func TestPlanDeletesToTheMinute(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d"})
	state := ready(p, "logs-2026-05-25", "logs-2026-05-26")
	same(t, steps(p.Plan(at("2026-06-25T00:00:00Z"), state)), []string{"delete logs-2026-05-25"})
	same(t, p.Plan(at("2026-06-24T23:59:59Z"), state).Due(), 0)
}

func TestPlanSettlesWhatIsNoLongerWrittenTo(t *testing.T) {
	zero := 0
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Settled: &Settled{After: "2d", Replicas: &zero, RefreshInterval: "60s", ForceMerge: 1}})
	state := ready(p, "logs-2026-06-20", "logs-2026-06-21", "logs-2026-06-22", "logs-2026-06-23")
	state.Indices[2].Segments, state.Indices[2].Replicas = 9, 1
	state.Indices[3].Segments, state.Indices[3].Merging, state.Indices[3].Refresh = 9, true, "60s"
	state.Indices[4].Closed = true
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{"settle logs-2026-06-20", "force_merge logs-2026-06-20"})
	same(t, string(plan.Steps[0].Body), `{"index":{"number_of_replicas":0,"refresh_interval":"60s"}}`)
	same(t, left(plan)["logs-2026-06-21"], "its force-merge is running")
}

func TestPlanStartsFewForceMergesAtOnce(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Settled: &Settled{ForceMerge: 1}})
	state := ready(p)
	for i := range 20 {
		index := made(p, "logs-"+june25.AddDate(0, 0, -2-i).Format(time.DateOnly)).Indices[0]
		index.Segments, index.Merging = 7, i == 0
		state.Indices = append(state.Indices, index)
	}
	merges := slices.DeleteFunc(steps(p.Plan(june25, state)), func(s string) bool { return !strings.HasPrefix(s, "force_merge") })
	same(t, len(merges), mergesPerRun-1)
}

func TestPlanBringsAWrittenIndexUpToItsFile(t *testing.T) {
	p := build(t, "orders", Config{Policy: "single"})
	state := made(p, "orders-000001", "orders-000002")
	state.Indices[0].Aliases["orders"] = true
	state.Indices[0].Marker.Template = 1
	state.Template = 1
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{"put_template sluice-orders", "update orders-000001"})
	if !strings.Contains(string(plan.Steps[1].Mapping), `"properties":{"message"`) {
		t.Errorf("%s", plan.Steps[1].Mapping)
	}
	same(t, left(plan), map[string]string{"orders-000002": "is not the one that the alias is written through: delete it when you no longer need it"})
}

func TestPlanRollsOverWhenAnyConditionIsReached(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxAge: "1d", MaxDocs: 10, MaxSize: "1kb"}})
	for name, c := range map[string]struct {
		index Index
		want  []string
	}{
		"young and small": {Index{Docs: 9, Bytes: 1023, Created: june25.Add(-day + 1)}, []string{}},
		"old":             {Index{Docs: 1, Created: june25.Add(-day)}, []string{"rollover orders-000002"}},
		"old and empty":   {Index{Created: june25.Add(-9 * day)}, []string{}},
		"many":            {Index{Docs: 10, Created: june25}, []string{"rollover orders-000002"}},
		"large":           {Index{Docs: 1, Bytes: 1024, Created: june25}, []string{"rollover orders-000002"}},
		"managed":         {Index{Docs: 99, Created: june25, ISM: "theirs"}, []string{}},
	} {
		state := made(p)
		c.index.Name, c.index.Aliases = "orders-000001", map[string]bool{"orders": true}
		c.index.Marker = Marker{Collection: "orders", Template: p.Template().Version}
		state.Indices = []Index{c.index}
		if got := steps(p.Plan(june25, state)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPlanCountsAgeFromTheRollover(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxDocs: 100}, Retention: "7d"})
	state := made(p, "orders-000001", "orders-000002", "orders-000003")
	for i, created := range []string{"2026-01-01T00:00:00Z", "2026-06-18T00:00:00Z", "2026-06-19T00:00:00Z"} {
		state.Indices[i].Created = at(created)
		state.Indices[i].Aliases["orders"] = i == 2
	}
	same(t, steps(p.Plan(june25, state)), []string{"delete orders-000001"})
}

func TestPlanRefusesWhatStandsInTheWay(t *testing.T) {
	single := build(t, "orders", Config{Policy: "single"})
	rolling := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxDocs: 1}})
	stream := build(t, "orders", Config{Policy: "data_stream", Rollover: &Rollover{MaxDocs: 1}})
	for name, c := range map[string]struct {
		policy Policy
		index  Index
		want   string
	}{
		"an index of the alias's name":  {single, Index{Name: "orders"}, misplaced},
		"and of a rollover's":           {rolling, Index{Name: "orders"}, misplaced},
		"and of a data stream's":        {stream, Index{Name: "orders"}, "is an index or an alias where the data stream must be"},
		"an unmarked first index":       {single, Index{Name: "orders-000001"}, "stands where the collection's index must be"},
		"an unmarked first generation":  {rolling, Index{Name: "orders-000001"}, "stands where the collection's index must be"},
		"the alias on another's index":  {single, Index{Name: "theirs", Aliases: map[string]bool{"orders": true}}, "take the alias from it"},
		"the write alias on another's":  {rolling, Index{Name: "theirs", Aliases: map[string]bool{"orders": false}}, "take the alias from it"},
		"an alias of the stream's name": {stream, Index{Name: "theirs", Aliases: map[string]bool{"orders": false}}, "is an index or an alias"},
	} {
		plan := c.policy.Plan(june25, State{Template: c.policy.Template().Version, Indices: []Index{c.index}})
		if len(plan.Steps) > 0 || len(plan.Skipped) != 1 || !plan.Skipped[0].Warn || !strings.Contains(plan.Skipped[0].Why, c.want) {
			t.Errorf("%s: %v %+v", name, steps(plan), plan.Skipped)
		}
	}
}

func TestConfirmPlansWhatAWriterNeeds(t *testing.T) {
	for name, p := range policies(t) {
		target, err := p.WriteTarget(june25, june25)
		if err != nil {
			t.Fatal(err)
		}
		c := &cluster{t: t, tpl: p.Template(), now: june25}
		for range 3 {
			for _, step := range Confirm(target, p.Template(), c.state).Steps {
				c.apply(step)
			}
		}
		same(t, steps(Confirm(target, p.Template(), c.state)), []string{})
		if len(c.state.Indices) != 1 {
			t.Errorf("%s: %+v", name, c.state.Indices)
		}
		for _, step := range p.Plan(june25, c.state).Steps {
			if step.Index == target.Index {
				t.Errorf("%s: rotate does not find in order what Confirm left: %s %s", name, step.Action, step.Index)
			}
		}
	}
}

func TestConfirmWritesToTheNewestGeneration(t *testing.T) {
	p, state := orders(t, []int64{12, 0}, 0, 0)
	target, _ := p.WriteTarget(time.Time{}, june25)
	same(t, steps(Confirm(target, p.Template(), state)), []string{"set_aliases orders-000004"})
}

func TestPlanKeepsWhatWasWrittenToAfterItsSnapshot(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d", DeleteOnlyAfterSnapshot: true, SnapshotRepository: "backup"})
	c := &cluster{t: t, tpl: p.Template(), state: ready(p, "logs-2026-05-04")}
	old := c.find("logs-2026-05-04")
	old.Writes = 100
	c.state.Snapshots = []Snapshot{{Name: "s4", State: "SUCCESS", Start: at("2026-05-06T01:00:00Z"), Indices: []string{"logs-2026-05-04"}}}
	run := func(now string) (Plan, []string) {
		c.state.Read = at(now)
		plan := p.Plan(at(now), c.state)
		var own []string
		for _, step := range plan.Steps {
			if step.Index == "logs-2026-05-04" {
				own = append(own, string(step.Action))
				if step.Action == Observe {
					c.apply(step)
				}
			}
		}
		return plan, own
	}
	_, did := run("2026-05-05T00:10:00Z")
	same(t, did, []string{"observe"})
	same(t, old.Marker.Until, at("2026-05-05T00:10:00Z")) // the first look comes after the end of the day
	_, did = run("2026-05-10T00:10:00Z")
	same(t, did, []string(nil))
	old.Writes = 101 // a late event, after the snapshot
	_, did = run("2026-05-11T00:10:00Z")
	same(t, did, []string{"observe"})
	plan, did := run("2026-06-25T00:10:00Z")
	same(t, did, []string(nil))
	if why := left(plan)["logs-2026-05-04"]; !strings.Contains(why, "before its last write (it was written until 2026-05-11 00:10 UTC)") {
		t.Error(why)
	}
	c.state.Snapshots[0].Start = at("2026-05-11T01:00:00Z")
	_, did = run("2026-06-25T00:10:00Z")
	same(t, did, []string{"delete"})
}
