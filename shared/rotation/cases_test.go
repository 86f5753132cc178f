package rotation

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fieldCase reads the input of a fault from the field.
func fieldCase(t *testing.T, file string, input any) {
	t.Helper()
	b, err := os.ReadFile("testdata/cases/" + file)
	if err != nil {
		t.Fatal(err)
	}
	whole := struct{ Input any }{input}
	if err := json.Unmarshal(b, &whole); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, name string, cfg Config) Policy {
	t.Helper()
	p, err := Build(name, cfg, Mapping{Time: "@timestamp", Properties: []byte(`{"message":{"type":"text"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// made is the state in which a policy's own collection made the named indices.
func made(p Policy, names ...string) State {
	tpl := p.Template()
	state := State{Template: tpl.Version}
	for _, name := range names {
		state.Indices = append(state.Indices, Index{Name: name, UUID: "uuid-" + name, Marker: Marker{Collection: tpl.Collection, Template: tpl.Version}, Aliases: map[string]bool{}})
	}
	return state
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// steps lists a plan as "action index".
func steps(p Plan) []string {
	out := []string{}
	for _, s := range p.Steps {
		out = append(out, string(s.Action)+" "+s.Index)
	}
	return out
}

// left maps what a plan left alone to the reason.
func left(p Plan) map[string]string {
	out := map[string]string{}
	for _, s := range p.Skipped {
		out[s.Index] = s.Why
	}
	return out
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCase01ImpossibleDateInNameStopsNothing(t *testing.T) {
	var in struct {
		Now     time.Time
		Policy  struct{ Collection, Period, Retention string }
		Indices []string
	}
	fieldCase(t, "01-impossible-date-in-name.json", &in)
	p := build(t, in.Policy.Collection, Config{Policy: "periodic", Period: in.Policy.Period, Retention: in.Policy.Retention})
	plan := p.Plan(in.Now, made(p, in.Indices...))
	same(t, steps(plan), []string{
		"set_aliases logs-2026-06-25", "create logs-2026-06-26", "delete logs-1988-01-01", "delete logs-2026-05-01",
	})
	same(t, left(plan), map[string]string{"logs-2026-24-02": "not a date", "logs-2026-02-30": "not a date", "logs-2026-05-xx": "not a date"})
}

func TestCase03NeighbouringNamesAreNotOurs(t *testing.T) {
	var in struct {
		Now     time.Time
		Indices []string
		Aliases map[string][]string
	}
	fieldCase(t, "03-neighbouring-names.json", &in)
	logs := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d"})
	audit := build(t, "logs-audit", Config{Policy: "periodic", Period: "day"})
	state := made(logs, in.Indices...)
	for i, index := range state.Indices {
		switch index.Name {
		case "logs-audit-2026-01-01":
			state.Indices[i].Marker.Collection = "logs-audit"
		case "precious-1":
			state.Indices[i] = Index{Name: "precious-1", Aliases: map[string]bool{"logs-2026-01-02": false}}
		}
	}
	plan := logs.Plan(in.Now, state)
	same(t, steps(plan), []string{"create logs-2026-06-25", "create logs-2026-06-26", "delete logs-2026-01-01"})
	same(t, left(plan)["logs-2026-01-02"], "is an alias of precious-1, not an index")
	same(t, steps(audit.Plan(in.Now, state)), []string{"put_template sluice-logs-audit", "create logs-audit-2026-06-25", "create logs-audit-2026-06-26"})

	read := logs.ReadTargets(time.Time{}, time.Time{})
	same(t, Existing(logs, read, in.Indices), []string{"logs-2026-01-01"})

	type body struct {
		Priority int
		Patterns []string `json:"index_patterns"`
	}
	var wide, narrow body
	if err := json.Unmarshal(logs.Template().Body, &wide); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(audit.Template().Body, &narrow); err != nil {
		t.Fatal(err)
	}
	if narrow.Priority <= wide.Priority {
		t.Errorf("logs-audit's template has priority %d, logs' %d", narrow.Priority, wide.Priority)
	}
}

// orders is case 06's policy, with generations from 000003 on; flagged is the one
// that is written to, 0 for none, and every generation up to onto has the alias.
func orders(t *testing.T, docs []int64, flagged, onto int) (Policy, State) {
	p := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxDocs: 10}})
	state := made(p)
	for i, n := range docs {
		index := made(p, generation("orders", int64(i+3))).Indices[0]
		index.Docs, index.Created = n, at("2026-06-20T00:00:00Z").Add(time.Duration(i)*time.Hour)
		if i+3 <= onto {
			index.Aliases["orders"] = i+3 == flagged
		}
		state.Indices = append(state.Indices, index)
	}
	return p, state
}

func TestCase06RolloverCarriesItsNextName(t *testing.T) {
	now := at("2026-06-25T00:10:00Z")
	p, state := orders(t, []int64{12}, 3, 3)
	plan := p.Plan(now, state)
	same(t, steps(plan), []string{"rollover orders-000004"})
	same(t, plan.Steps[0].From, "orders-000003")
}

func TestCase06cOrphanGenerationGetsTheAlias(t *testing.T) {
	p, state := orders(t, []int64{12, 0}, 3, 3)
	plan := p.Plan(at("2026-06-25T00:10:00Z"), state)
	same(t, steps(plan), []string{"set_aliases orders-000004"})
	same(t, string(plan.Steps[0].Body), `{"actions":[`+
		`{"add":{"index":"orders-000003","alias":"orders","is_write_index":false}},`+
		`{"add":{"index":"orders-000004","alias":"orders","is_write_index":true}}]}`)
}

func TestCase06dAliasWithoutWriteIndexIsMendedBeforeAnyRollover(t *testing.T) {
	p, state := orders(t, []int64{12, 12}, 0, 4)
	same(t, steps(p.Plan(at("2026-06-25T00:10:00Z"), state)), []string{"set_aliases orders-000004"})
}

func TestCase06eSecondRunFindsNothingToDo(t *testing.T) {
	p, state := orders(t, []int64{12, 0}, 4, 4)
	same(t, steps(p.Plan(at("2026-06-25T00:10:00Z"), state)), []string{})
}

func TestCase08DeletesOnlyWhatASnapshotHolds(t *testing.T) {
	var in struct {
		Now       time.Time
		Indices   []string
		Snapshots []Snapshot
	}
	fieldCase(t, "08-snapshot-not-good-enough.json", &in)
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d", DeleteOnlyAfterSnapshot: true, SnapshotRepository: "backup"})
	state := made(p)
	for _, name := range in.Indices {
		name, closed := strings.CutSuffix(name, " (closed)")
		index := made(p, name).Indices[0]
		index.Closed = closed
		state.Indices = append(state.Indices, index)
	}
	none := p.Plan(in.Now, state)
	same(t, none.Due(), 0)

	state.Snapshots = in.Snapshots
	plan := p.Plan(in.Now, state)
	same(t, steps(plan), []string{"set_aliases logs-2026-06-25", "create logs-2026-06-26", "delete logs-2026-05-04"})
	why := left(plan)
	for name, want := range map[string]string{
		"logs-2026-05-01": "the snapshot s1 is PARTIAL; a new snapshot of it must be taken into the repository backup",
		"logs-2026-05-02": "s2 of it is still running; the next run looks again",
		"logs-2026-05-03": "began at 2026-05-03 12:00 UTC, before its last write (it was written until 2026-05-04 00:00 UTC); a new snapshot",
		"logs-2026-05-05": "the snapshot s5 is FAILED, and it is closed",
	} {
		if !strings.Contains(why[name], want) {
			t.Errorf("%s: %q does not say %q", name, why[name], want)
		}
	}
}

func TestCase10ShorterRetentionDeletesOldestFirstAndSaysHowMany(t *testing.T) {
	now := at("2026-06-25T00:10:00Z")
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "7d"})
	state := made(p)
	for i := range 365 {
		state.Indices = append(state.Indices, made(p, "logs-"+now.AddDate(0, 0, -i).Format(time.DateOnly)).Indices...)
	}
	whole := p.Plan(now, state)
	same(t, whole.Due(), 357)
	plan := whole.Limit(10)
	var deleted []string
	for _, s := range plan.Steps {
		if s.Action == Delete {
			deleted = append(deleted, s.Index)
		}
	}
	same(t, len(deleted), 10)
	same(t, deleted[0], "logs-2025-06-26")
	same(t, deleted[9], "logs-2025-07-05")
	same(t, left(plan)["logs-2025-07-06"], "its delete waits for a later run: 357 are due")
	for _, s := range whole.Steps {
		if s.Action == Delete && s.Index >= "logs-2026-06-18" {
			t.Errorf("%s is among the newest seven", s.Index)
		}
	}
}

func TestCase10RetentionsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"30":  "has no unit",
		"-1d": "is not more than zero",
		"0":   "is not more than zero",
		"0d":  "is not more than zero",
		"3m":  "too short for a retention",
		"30D": "there is no unit D",
	} {
		_, err := Build("logs", Config{Policy: "periodic", Period: "day", Retention: text}, Mapping{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "30d, or the word forever") {
			t.Errorf("retention %s: %v", text, err)
		}
	}
	if _, err := parseRetention(""); err == nil {
		t.Error("an empty retention was read")
	}
}
