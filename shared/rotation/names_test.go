package rotation

import (
	"errors"
	"testing"
	"time"
)

func TestOwnedIsExactlyWhatWeWrite(t *testing.T) {
	periodic := func(period string) Policy { return build(t, "logs", Config{Policy: "periodic", Period: period}) }
	numbered := build(t, "orders", Config{Policy: "rollover", Rollover: &Rollover{MaxAge: "1d"}})
	stream := build(t, "logs", Config{Policy: "data_stream", Rollover: &Rollover{MaxAge: "1d"}})
	for _, c := range []struct {
		policy   Policy
		yes, not []string
	}{
		{periodic("day"), []string{"logs-2026-05-17", "logs-1988-01-01", "logs-2028-02-29"}, []string{
			"logs-2026-02-30", "logs-2026-02-29", "logs-2026-24-02", "logs-2026-5-17", "logs-20260517", "logs-2026-05", "logs-2026-05-17t09",
			"logs-2026-05-17-000001", "logs-audit-2026-05-17", "mylogs-2026-05-17", ".logs-2026-05-17", "logs-2026-05-17.write", "logs", "logs-", ""}},
		{periodic("hour"), []string{"logs-2026-05-17t09", "logs-2026-05-17t23"}, []string{"logs-2026-05-17t24", "logs-2026-05-17T09", "logs-2026-05-17t9", "logs-2026-05-17"}},
		{periodic("month"), []string{"logs-2026-05", "logs-2026-12"}, []string{"logs-2026-13", "logs-2026-00", "logs-2026-05-01", "logs-2026"}},
		{numbered, []string{"orders-000001", "orders-999999", "orders-1000000"}, []string{
			"orders-000000", "orders-1", "orders-00001", "orders-0000001", "orders-+00001", "orders--00001", "orders-000001-copy", "orders", "reorders-000001"}},
		{stream, []string{".ds-logs-000001"}, []string{"logs-000001", ".ds-logs-audit-000001", ".ds-logs-1", "logs"}},
	} {
		for _, name := range c.yes {
			if _, ok := c.policy.Owned(name); !ok {
				t.Errorf("%s is ours", name)
			}
		}
		for _, name := range c.not {
			if _, ok := c.policy.Owned(name); ok {
				t.Errorf("%s is not ours", name)
			}
		}
	}
}

func TestAWrittenIndexIsOwnedAndRead(t *testing.T) {
	now := at("2026-05-17T09:59:59Z")
	for _, period := range []string{"hour", "day", "month"} {
		p := build(t, "logs", Config{Policy: "periodic", Period: period})
		for _, event := range []time.Time{now, at("2026-05-01T00:00:00Z"), at("2026-04-30T23:59:59.999999999Z"), at("2024-02-29T12:00:00+14:00"), now.Add(time.Hour)} {
			target, err := p.WriteTarget(event, now)
			if err != nil {
				t.Fatal(err)
			}
			start, ok := p.Owned(target.Index)
			if !ok || start.After(event) {
				t.Errorf("%s of %s: start %s", target.Index, event, start)
			}
			same(t, target, Target{Name: target.Index + ".write", Index: target.Index, Alias: true})
			same(t, p.ReadTargets(event, event.Add(1)).Names, []string{target.Index})
		}
	}
}

func TestTargetsOfTheOtherPolicies(t *testing.T) {
	now := at("2026-05-17T09:00:00Z")
	roll := &Rollover{MaxAge: "1d"}
	for _, c := range []struct {
		cfg  Config
		want Target
	}{
		{Config{Policy: "single"}, Target{Name: "x", Index: "x-000001", Alias: true}},
		{Config{Policy: "rollover", Rollover: roll}, Target{Name: "x", Index: "x-000001", Alias: true, WriteIndex: true}},
		{Config{Policy: "data_stream", Rollover: roll}, Target{Name: "x"}},
	} {
		p := build(t, "x", c.cfg)
		got, err := p.WriteTarget(now, now)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, c.want)
		same(t, p.ReadTargets(now, now).Names, []string{"x"})
	}
}

func TestRefusalsHaveACause(t *testing.T) {
	now := at("2026-06-25T00:10:00Z")
	p := build(t, "logs", Config{Policy: "periodic", Period: "day", Retention: "30d"})
	for _, c := range []struct {
		event time.Time
		cause string
	}{
		{time.Time{}, "time_missing"},
		{at("2099-01-01T00:00:00Z"), "time_in_future"},
		{now.Add(time.Hour + 1), "time_in_future"},
		{now.Add(time.Hour), ""},
		{at("2026-05-25T23:59:59Z"), "time_expired"}, // its index is deleted from 2026-06-25 00:00 on
		{at("2026-05-26T00:00:00Z"), ""},
		{at("0001-01-02T00:00:00Z"), "time_expired"},
	} {
		_, err := p.WriteTarget(c.event, now)
		refusal, _ := errors.AsType[*Refusal](err)
		switch {
		case c.cause == "" && err != nil, c.cause != "" && (refusal == nil || refusal.Cause != c.cause):
			t.Errorf("%s: %v", c.event, err)
		}
	}
	ever := build(t, "logs", Config{Policy: "periodic", Period: "day"})
	if _, err := ever.WriteTarget(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), now); err == nil {
		t.Error("a year that has no four digits was given an index")
	}
	stream := build(t, "logs", Config{Policy: "data_stream", Rollover: &Rollover{MaxAge: "1d"}, MaxFuture: "15m"})
	for _, event := range []time.Time{{}, now.Add(time.Hour)} {
		if _, err := stream.WriteTarget(event, now); err == nil {
			t.Errorf("%s was taken", event)
		}
	}
}

func TestReadTargetsNameEveryPeriodOfTheRange(t *testing.T) {
	p := build(t, "logs", Config{Policy: "periodic", Period: "day"})
	from, to := at("2026-05-16T12:00:00Z"), at("2026-05-18T00:00:00Z")
	same(t, p.ReadTargets(from, to).Names, []string{"logs-2026-05-16", "logs-2026-05-17"})
	same(t, p.ReadTargets(from, to.Add(1)).Names, []string{"logs-2026-05-16", "logs-2026-05-17", "logs-2026-05-18"})
	same(t, p.ReadTargets(to, from), Read{Names: []string{}, From: to, To: from})

	open := p.ReadTargets(from, time.Time{})
	same(t, open.Patterns, []string{"logs-*"})
	same(t, Existing(p, open, []string{"logs-2026-05-15", "logs-2026-05-16", "logs-2099-01-01", "logs-audit-2026-05-17"}), []string{"logs-2026-05-16", "logs-2099-01-01"})

	years := p.ReadTargets(at("1988-01-01T00:00:00Z"), to)
	same(t, years.Patterns, []string{"logs-*"})
	same(t, years.Names, []string(nil))
	same(t, Existing(p, years, []string{"logs-1987-12-31", "logs-1988-01-01", "logs-2026-05-17", "logs-2026-05-18"}), []string{"logs-1988-01-01", "logs-2026-05-17"})
}
