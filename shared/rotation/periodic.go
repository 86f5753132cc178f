package rotation

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// periodic is one index a period of the event's time, in UTC. Each has one alias
// that only we give it, so that no other index can take its documents.
type periodic struct {
	lifecycle
	span
	last atomic.Pointer[dated] // neighbours are mostly of one period
}

type dated struct {
	start  time.Time
	target Target
}

// writeSuffix makes an index's name its alias's.
const writeSuffix = ".write"

// span is a calendar period and how it is written in a name.
type span struct {
	layout string
	floor  func(time.Time) time.Time
	next   func(time.Time) time.Time
}

var spans = map[string]span{
	"hour": {"2006-01-02t15",
		func(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) },
		func(t time.Time) time.Time { return t.Add(time.Hour) }},
	"day": {time.DateOnly,
		func(t time.Time) time.Time { return t.UTC().Truncate(day) },
		func(t time.Time) time.Time { return t.Add(day) }},
	"month": {"2006-01",
		func(t time.Time) time.Time {
			t = t.UTC()
			return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		},
		func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
}

func newPeriodic(l lifecycle, cfg Config, m Mapping, wrong *Mistakes) *periodic {
	cfg.only("periodic", true, false, true, wrong)
	s, ok := spans[cfg.Period]
	if !ok {
		wrong.add("period", "write hour, day or month")
	}
	if cfg.MaxFuture == "" {
		l.future = time.Hour
	}
	l.template = newTemplate(l.name, l.name+"-*", "", cfg, m, wrong)
	return &periodic{lifecycle: l, span: s}
}

func (p *periodic) WriteTarget(t, now time.Time) (Target, error) {
	if t.IsZero() {
		return Target{}, &Refusal{"time_missing", "the document has no event time, and the index is chosen by it"}
	}
	if err := p.implausible(t, now); err != nil {
		return Target{}, err
	}
	start := p.floor(t)
	if p.retention != forever && !p.next(start).Add(p.retention).After(now) {
		return Target{}, &Refusal{"time_expired", fmt.Sprintf("the event time %s is older than the retention of %s", written(t), p.name)}
	}
	if y := start.Year(); y < 0 || y > 9999 {
		return Target{}, &Refusal{"time_expired", fmt.Sprintf("the event's year %d cannot be written in four digits", y)}
	}
	return p.target(start), nil
}

func (p *periodic) Watch() Watch { return p.watch(p.name + "-*") }

func (p *periodic) target(start time.Time) Target {
	if last := p.last.Load(); last != nil && last.start.Equal(start) {
		return last.target
	}
	index := p.nameOf(start)
	target := Target{Name: index + writeSuffix, Index: index, Alias: true}
	p.last.Store(&dated{start, target})
	return target
}

func (p *periodic) nameOf(start time.Time) string { return p.name + "-" + start.Format(p.layout) }

// pathBytes is how many bytes of index names fit into a request line with ease:
// OpenSearch takes 4096 in all.
const pathBytes = 2000

func (p *periodic) ReadTargets(from, to time.Time) Read {
	read := Read{Names: []string{}, To: to}
	if !from.IsZero() {
		read.From = p.floor(from)
	}
	open := from.IsZero() || to.IsZero()
	for at, size := read.From, 0; !open && at.Before(to) && from.Before(to); at = p.next(at) {
		name := p.nameOf(at)
		read.Names, size = append(read.Names, name), size+len(name)+1
		open = size > pathBytes
	}
	if open {
		read.Names, read.Patterns = nil, []string{p.name + "-*"}
	}
	return read
}

// Owned is exact: 2026-02-30 is no date, and must not become the 2nd of March.
func (p *periodic) Owned(name string) (time.Time, bool) {
	suffix, ok := strings.CutPrefix(name, p.name+"-")
	if !ok {
		return time.Time{}, false
	}
	start, err := time.Parse(p.layout, suffix)
	return start, err == nil && start.Format(p.layout) == suffix
}

// Plan makes the current and the next period's index: documents never wait for one.
func (p *periodic) Plan(now time.Time, state State) Plan {
	plan, own := p.begin(p, state)
	p.impossible(&plan, state)
	current := p.floor(now)
	upcoming := p.next(current)
	var newest []string
	if p.confirm(&plan, state, own, current, "the current period has no index") {
		newest = []string{p.nameOf(current)}
	}
	p.confirm(&plan, state, own, upcoming, "the next period has no index")
	slices.SortFunc(own, func(a, b Index) int { return strings.Compare(a.Name, b.Name) })
	var old []retired
	for _, index := range own {
		start, _ := p.Owned(index.Name)
		switch {
		case start.Before(current):
			old = append(old, retired{Index: index, since: p.next(start)})
			continue
		case start.After(upcoming):
			plan.warn(index.Name, "is dated in the future: left alone")
			continue
		}
		p.update(&plan, index)
	}
	p.retire(&plan, now, state, old, newest)
	if p.repository == "" { // a purge is a write, after which a snapshot holds less than the index
		p.purge(&plan, now, state, own)
	}
	return plan
}

func (p *periodic) confirm(plan *Plan, state State, own []Index, start time.Time, why string) bool {
	t := p.target(start)
	it := slices.IndexFunc(own, Index{Name: t.Index}.is)
	if it < 0 {
		return confirm(plan, state, t, nil, why)
	}
	return confirm(plan, state, t, own[it:it+1], why)
}

// impossible names the indices that look like a period's and are not, such as
// logs-2026-02-30.
func (p *periodic) impossible(plan *Plan, state State) {
	for _, index := range state.Indices {
		suffix, ok := strings.CutPrefix(index.Name, p.name+"-")
		if _, owned := p.Owned(index.Name); owned || !ok || len(suffix) != len(p.layout) || suffix[0] < '0' || suffix[0] > '9' {
			continue
		}
		plan.warn(index.Name, "not a date")
	}
}
