package rotation

import "time"

// single is one index behind an alias of the collection's name, for entities.
type single struct{ lifecycle }

func newSingle(l lifecycle, cfg Config, m Mapping, wrong *Mistakes) *single {
	cfg.only("single", false, false, false, wrong)
	l.template = newTemplate(l.name, l.name+"-*", "", cfg, m, wrong)
	return &single{l}
}

func (s *single) index() string { return s.name + "-000001" }

func (s *single) WriteTarget(t, now time.Time) (Target, error) {
	if err := s.tooFarAhead(t, now); err != nil {
		return Target{}, err
	}
	return Target{Name: s.name, Index: s.index(), Alias: true, WriteIndex: true}, nil
}

func (s *single) ReadTargets(_, _ time.Time) Read { return Read{Names: []string{s.name}} }

func (s *single) Owned(name string) (time.Time, bool) { return time.Time{}, name == s.index() }

func (s *single) Plan(_ time.Time, state State) Plan {
	plan, own := s.begin(s, state)
	if index := s.behind(&plan, state, own); index != nil {
		s.update(&plan, *index)
	}
	return plan
}
