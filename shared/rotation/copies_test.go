package rotation

import (
	"strings"
	"testing"
	"time"
)

// rolled is a rollover's state, in which the alias writes to the index of that position.
func rolled(p Policy, alias string, written int, names ...string) State {
	state := made(p, names...)
	for i := range state.Indices {
		state.Indices[i].Docs, state.Indices[i].Created = 5, june25.AddDate(0, 0, i-300)
		if i <= written {
			state.Indices[i].Aliases = map[string]bool{alias: i == written}
		}
	}
	return state
}

// A copy named for its date has the marker, and a name that could be a generation's.
func TestACopyNamedForItsDateIsNoGeneration(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Retention: "30d", Rollover: &Rollover{MaxDocs: 10}})
	for _, copy := range []string{"orders-20260517", "orders-260517", "orders-000005"} {
		state := rolled(p, "orders", 1, "orders-000002", "orders-000003", copy)
		state.Indices[1].Created = june25.AddDate(0, 0, -2)
		plan := p.Plan(june25, state)
		same(t, steps(plan), []string{})
		same(t, left(plan)[copy], "does not follow orders-000003: taken for a copy, and left alone")
		same(t, steps(Confirm(p.(*rollover).target(1), p.Template(), state)), []string{})
	}
}

func TestARolloverGoesOnBesideACopy(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxDocs: 5}})
	state := rolled(p, "orders", 0, "orders-000003", "orders-20260517")
	state.Indices[1].Aliases = map[string]bool{"orders": false} // restored with its aliases
	same(t, steps(p.Plan(june25, state)), []string{"rollover orders-000004"})
	same(t, len(Confirm(p.(*rollover).target(1), p.Template(), state).Skipped), 0)
}

func TestALostAliasIsNotGuessedAcrossAGap(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Retention: "30d", Rollover: &Rollover{MaxDocs: 5}})
	for _, unflagged := range []bool{false, true} {
		state := rolled(p, "orders", -1, "orders-000003", "orders-20260517")
		if unflagged {
			state.Indices[0].Aliases["orders"], state.Indices[1].Aliases["orders"] = false, false
		}
		plan := p.Plan(june25, state)
		same(t, steps(plan), []string{})
		if why := left(plan)["orders-20260517"]; !strings.Contains(why, "writes to neither") {
			t.Error(why)
		}
	}
}

func TestALostAliasOfAnEntityIsNotPutOnItsCopy(t *testing.T) {
	p := build(t, "orders", Config{Policy: "single"})
	state := made(p, "orders-000001", "orders-20260517")
	same(t, steps(p.Plan(june25, state)), []string{})
	if why := left(Confirm(p.(*single).target(), p.Template(), state))["orders-20260517"]; !strings.Contains(why, "writes to neither") {
		t.Error(why)
	}
	same(t, steps(p.Plan(june25, made(p, "orders-000001", "orders-000002"))), []string{"set_aliases orders-000002"})
}

func TestARolloverDoesNotBeginWhereAnAliasHasTheName(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxDocs: 5}})
	state := rolled(p, "orders", 0, "orders-000003")
	state.Indices = append(state.Indices, Index{Name: "theirs", Aliases: map[string]bool{"orders-000004": false}})
	same(t, steps(p.Plan(june25, state)), []string{})
}

func TestACopyBesideADataStreamIsNoGeneration(t *testing.T) {
	p := policies(t)["data_stream"]
	state := made(p, ".ds-x-000001", ".ds-x-20260517")
	state.Stream = &Stream{Write: ".ds-x-000001"}
	state.Indices[0].Docs = 50
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{"rollover_stream x"})
	if why := left(plan)[".ds-x-20260517"]; !strings.Contains(why, "copy") {
		t.Error(why)
	}
}

// Serverless does not tell when an index was made. Not knowing is no age.
func TestAnIndexOfUnknownAgeIsNeitherRolledNorDeleted(t *testing.T) {
	p := build(t, "orders", Config{Policy: "rollover", Retention: "30d", Rollover: &Rollover{MaxAge: "1d"}})
	state := rolled(p, "orders", 1, "orders-000002", "orders-000003")
	state.Indices[1].Created = time.Time{}
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{})
	if why := left(plan)["orders-000002"]; !strings.Contains(why, "unknown") {
		t.Error(why)
	}
}

// Ten that nobody may delete would use up the deletes of every run.
func TestPlanLeavesAloneWhatSomebodyMadeReadOnly(t *testing.T) {
	zero := 0
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d", Settled: &Settled{Replicas: &zero},
		DeleteOnlyAfterSnapshot: true, SnapshotRepository: "backup"})
	state := ready(p, "logs-2026-01-01", "logs-2026-06-01")
	for i := range state.Indices {
		state.Indices[i].ReadOnly, state.Indices[i].Writes, state.Indices[i].Replicas = true, 5, 1
		state.Indices[i].Marker.Template--
	}
	state.Snapshots = []Snapshot{{State: "SUCCESS", Start: june25, Indices: names(state.Indices)}}
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{})
	same(t, left(plan)["logs-2026-01-01"], "due, but kept: "+readOnly)
	same(t, left(plan)["logs-2026-06-25"], "keeps its old fields: "+readOnly)
}

func TestPlanTellsOfAWrittenIndexThatIsClosed(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day"})
	state := ready(p)
	state.Indices[0].Closed = true
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{})
	same(t, left(plan)["logs-2026-06-25"], "is closed, and documents are to be written to it: open it")
}
