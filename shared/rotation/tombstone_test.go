package rotation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func entities(t *testing.T, keep string) Policy {
	t.Helper()
	p, err := Build("orders", Config{Policy: "single", KeepDeletes: keep}, Mapping{Entities: true, Properties: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanPurgesTombstonesWhoseTimeIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		keep  string
		index Index
		want  []string
	}{
		"none are there":    {"", Index{}, []string{}},
		"thirty days":       {"", Index{OldestDelete: june25.Add(-30 * day)}, []string{"purge orders-000001"}},
		"a moment less":     {"", Index{OldestDelete: june25.Add(-30*day + 1)}, []string{}},
		"as the file says":  {"12h", Index{OldestDelete: june25.Add(-12 * time.Hour)}, []string{"purge orders-000001"}},
		"forever":           {"forever", Index{OldestDelete: june25.Add(-9999 * day)}, []string{}},
		"none are kept now": {"none", Index{OldestDelete: june25.Add(-1)}, []string{"purge orders-000001"}},
		"closed":            {"12h", Index{OldestDelete: june25.Add(-9 * day), Closed: true}, []string{}},
		"read-only":         {"12h", Index{OldestDelete: june25.Add(-9 * day), ReadOnly: true}, []string{}},
		"managed":           {"12h", Index{OldestDelete: june25.Add(-9 * day), ISM: "theirs"}, []string{}},
	} {
		p := entities(t, c.keep)
		state := made(p)
		c.index.Name, c.index.Aliases, c.index.Filtered = "orders-000001", map[string]bool{"orders": true}, []string{"orders"}
		c.index.Marker = Marker{Collection: "orders", Template: p.Template().Version}
		state.Indices = []Index{c.index}
		if got := steps(p.Plan(june25, state)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAPurgeIsAWriteWhichASnapshotWouldNotHold(t *testing.T) {
	cfg := Config{Policy: "periodic", Period: "day", KeepDeletes: "1h", DeleteOnlyAfterSnapshot: true, SnapshotRepository: "r"}
	p, err := Build("orders", cfg, Mapping{Entities: true, Time: "at", Properties: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	state := made(p, "orders-2026-06-25", "orders-2026-06-26")
	for i := range state.Indices {
		state.Indices[i].Aliases[state.Indices[i].Name+writeSuffix], state.Indices[i].OldestDelete = true, june25.Add(-9*day)
	}
	same(t, steps(p.Plan(june25, state)), []string{})
}

func TestPlanHidesTombstonesFromReadersOfTheAliasAndKeepsAnothersFilter(t *testing.T) {
	p := entities(t, "")
	state := made(p, "orders-000001")
	index := &state.Indices[0]
	index.Aliases["orders"] = true
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{"set_aliases orders-000001"})
	if body := string(plan.Steps[0].Body); !strings.Contains(body, `"filter":`+Living) || !strings.Contains(body, `"is_write_index":true`) {
		t.Errorf("%s", body)
	}
	index.Filtered = []string{"orders"}
	same(t, steps(p.Plan(june25, state)), []string{})
	index.Filtered = []string{"orders-eu"}
	same(t, steps(p.Plan(june25, state)), []string{"set_aliases orders-000001"})
	same(t, steps(entities(t, "none").Plan(june25, made(entities(t, "none"), "orders-000001"))), []string{"set_aliases orders-000001"}) // the alias itself
}

func TestConfirmLetsAnOlderIndexKnowTheFieldOfTombstones(t *testing.T) {
	p := entities(t, "")
	target, _ := p.WriteTarget(time.Time{}, june25)
	state := made(p, "orders-000001")
	state.Indices[0].Aliases["orders"] = true
	same(t, steps(Confirm(target, p.Template(), state)), []string{"map_deletes orders-000001"})
	state.Indices[0].MapsDeleted = true
	same(t, steps(Confirm(target, p.Template(), state)), []string{})
}

func TestKeepDeletesIsRefusedWhereNothingIsDeleted(t *testing.T) {
	for keep, want := range map[string]string{"30d": "never deleted", "none": "never deleted"} {
		_, err := Build("logs", Config{Policy: "single", KeepDeletes: keep}, Mapping{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", keep, err)
		}
	}
	if _, err := Build("logs", Config{Policy: "single", KeepDeletes: "30m"}, Mapping{Entities: true}); err == nil || !strings.Contains(err.Error(), "too short") {
		t.Errorf("%v", err)
	}
}

func TestARunGoesOnWhereTombstonesCannotBeCounted(t *testing.T) {
	p := entities(t, "")
	state := made(p)
	state.Unpurged = "no permission"
	plan := p.Plan(june25, state)
	same(t, steps(plan), []string{"create orders-000001"})
	same(t, left(plan), map[string]string{"orders": "no permission"})
}
