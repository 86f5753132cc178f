package rotation

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// stream is a data stream of the collection's name; OpenSearch names its generations.
type stream struct {
	lifecycle
	conditions
}

func newStream(l lifecycle, cfg Config, m Mapping, wrong *Mistakes) *stream {
	cfg.only("data_stream", false, true, true, wrong)
	if m.Time == "" {
		wrong.add("policy", "data_stream needs the collection's time: the field that holds the event's time")
	}
	l.template = newTemplate(l.name, l.name, m.Time, cfg, m, wrong)
	return &stream{l, cfg.Rollover.read(wrong)}
}

func (s *stream) WriteTarget(t, now time.Time) (Target, error) {
	if t.IsZero() {
		return Target{}, &Refusal{"time_missing", "the document has no event time, and a data stream needs it"}
	}
	if err := s.implausible(t, now); err != nil {
		return Target{}, err
	}
	return Target{Name: s.name}, nil
}

func (s *stream) ReadTargets(_, _ time.Time) Read { return Read{Names: []string{s.name}} }

func (s *stream) Watch() Watch {
	w := s.watch(s.name, s.base()+"-*")
	w.Stream = true
	return w
}

func (s *stream) base() string { return ".ds-" + s.name }

func (s *stream) Owned(name string) (time.Time, bool) {
	_, ok := number(s.base(), name)
	return time.Time{}, ok
}

func (s *stream) Plan(now time.Time, state State) Plan {
	plan, own := s.begin(s, state)
	if state.Stream == nil {
		if state.taken(s.name) {
			plan.warn(s.name, "is an index or an alias where the data stream must be")
			return plan
		}
		plan.step(Step{Action: CreateStream, Index: s.name, Why: "the collection has no data stream yet"})
		return plan
	}
	gens := family(s.base(), own)
	last := slices.IndexFunc(gens, Index{Name: state.Stream.Write}.is)
	for _, stray := range gens[last+1:] {
		plan.warn(stray.Name, "is above what the data stream is written to: taken for a copy, and left alone")
	}
	if last < 0 {
		plan.warn(state.Stream.Write, "is the data stream's write index, but not made by this collection")
		return plan
	}
	gens, newest := gens[:last+1], gens[last]
	s.update(&plan, newest)
	why := s.reached(now, newest)
	switch {
	case why == "":
	case newest.ISM != "":
		plan.skip(newest.Name, "managed by the ISM policy "+newest.ISM)
	default:
		plan.step(Step{Action: RollStream, Index: s.name, From: newest.Name, Body: s.request(), Why: why})
	}
	s.retire(&plan, now, state, since(gens), []string{newest.Name})
	return plan
}

// request repeats the conditions to the server, which names the next generation
// itself: a rollover that is sent again finds a new, empty index and does nothing.
func (s *stream) request() []byte {
	c := map[string]any{}
	if s.age > 0 {
		c["max_age"] = fmt.Sprintf("%ds", int64(s.age.Seconds()))
	}
	if s.docs > 0 {
		c["max_docs"] = s.docs
	}
	if s.bytes > 0 {
		c["max_size"] = fmt.Sprintf("%db", s.bytes)
	}
	body, _ := json.Marshal(map[string]any{"conditions": c}) // of strings and ints: cannot fail
	return body
}
