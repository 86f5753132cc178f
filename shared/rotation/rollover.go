package rotation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rollover is a write alias of the collection's name over numbered generations.
type rollover struct {
	lifecycle
	conditions
	first Target
}

// conditions: any one that is set and reached is enough.
type conditions struct {
	age   time.Duration
	docs  int64
	bytes int64
}

func newRollover(l lifecycle, cfg Config, m Mapping, wrong *Mistakes) *rollover {
	cfg.only("rollover", false, true, true, wrong)
	l.template = newTemplate(l.name, l.name+"-*", "", cfg, m, wrong)
	r := &rollover{lifecycle: l, conditions: cfg.Rollover.read(wrong)}
	r.first = r.target(1)
	return r
}

func (r *Rollover) read(wrong *Mistakes) conditions {
	if r == nil || *r == (Rollover{}) {
		wrong.add("rollover", "is required: max_age, max_docs or max_size, for example rollover: {max_age: 1d, max_size: 30gb}")
		return conditions{}
	}
	var c conditions
	var err error
	if r.MaxAge != "" {
		c.age, err = ParseDuration(r.MaxAge)
		wrong.check("rollover.max_age", err)
	}
	if r.MaxSize != "" {
		c.bytes, err = parseSize(r.MaxSize)
		wrong.check("rollover.max_size", err)
	}
	if c.docs = r.MaxDocs; c.docs < 0 {
		wrong.add("rollover.max_docs", "cannot be negative")
	}
	return c
}

func (r *rollover) WriteTarget(t, now time.Time) (Target, error) {
	if err := r.implausible(t, now); err != nil {
		return Target{}, err
	}
	return r.first, nil
}

func (r *rollover) target(n int64) Target {
	return Target{Name: r.name, Index: generation(r.name, n), Alias: true, WriteIndex: true}
}

func (r *rollover) ReadTargets(_, _ time.Time) Read { return Read{Names: []string{r.name}} }

func (r *rollover) Owned(name string) (time.Time, bool) {
	_, ok := number(r.name, name)
	return time.Time{}, ok
}

func (r *rollover) Watch() Watch { return r.watch(r.name, r.name+"-*") }

func generation(base string, n int64) string { return fmt.Sprintf("%s-%06d", base, n) }

// number is the generation that name says, if it is exactly how we write one.
func number(base, name string) (int64, bool) {
	suffix, ok := strings.CutPrefix(name, base+"-")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(suffix, 10, 64)
	return n, err == nil && n > 0 && generation(base, n) == name
}

// Plan: the old generations are looked at even while the alias is mended, for
// neither the newest nor the one that is written to is among them.
func (r *rollover) Plan(now time.Time, state State) Plan {
	plan, own := r.begin(r, state)
	gens, strays := lineage(r.name, own)
	for _, member := range state.aliased(r.name) {
		if !slices.ContainsFunc(gens, member.is) {
			plan.warn(member.Name, "has the alias "+r.name+", but was not made by this collection: searches read it")
		}
	}
	for _, stray := range strays {
		plan.warn(stray.Name, "does not follow "+gens[len(gens)-1].Name+": taken for a copy, and left alone")
	}
	index := behind(&plan, state, r.name, gens, strays)
	if index != nil {
		r.roll(&plan, now, state, *index)
	}
	old := slices.DeleteFunc(since(gens), func(i retired) bool { return i.Aliases[r.name] })
	if writer(r.name, gens) != nil {
		r.retire(&plan, now, state, old, names(gens[len(old):]))
	}
	return plan
}

func (r *rollover) roll(plan *Plan, now time.Time, state State, index Index) {
	r.update(plan, index)
	n, _ := number(r.name, index.Name)
	next, why := generation(r.name, n+1), r.reached(now, index)
	switch {
	case why == "":
	case index.ISM != "":
		plan.skip(index.Name, "managed by the ISM policy "+index.ISM)
	case state.taken(next): // not by ours, or it would be the newest; warned of by begin
		plan.warn(index.Name, "cannot be rolled over: "+next+" exists")
	default:
		plan.step(Step{Action: Roll, Index: next, Alias: r.name, From: index.Name, Why: why,
			Body: standOn(r.name, []Index{index, {Name: next}}, "")})
	}
}
