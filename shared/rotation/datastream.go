package rotation

import "time"

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
	if err := s.tooFarAhead(t, now); err != nil {
		return Target{}, err
	}
	return Target{Name: s.name}, nil
}

func (s *stream) ReadTargets(_, _ time.Time) Read { return Read{Names: []string{s.name}} }

func (s *stream) base() string { return ".ds-" + s.name }

func (s *stream) Owned(name string) (time.Time, bool) {
	_, ok := number(s.base(), name)
	return time.Time{}, ok
}
