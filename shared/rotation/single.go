package rotation

import "time"

// single is one index behind an alias of the collection's name, for entities. To
// move it to another mapping, reindex it into the next number and move the alias.
type single struct {
	lifecycle
	first Target
}

func newSingle(l lifecycle, cfg Config, m Mapping, wrong *Mistakes) *single {
	cfg.only("single", false, false, false, wrong)
	l.template = newTemplate(l.name, l.name+"-*", "", cfg, m, wrong)
	s := &single{lifecycle: l}
	s.first = s.target()
	return s
}

func (s *single) WriteTarget(t, now time.Time) (Target, error) {
	if err := s.implausible(t, now); err != nil {
		return Target{}, err
	}
	return s.first, nil
}

func (s *single) target() Target {
	return Target{Name: s.name, Index: generation(s.name, 1), Alias: true}
}

func (s *single) ReadTargets(_, _ time.Time) Read { return Read{Names: []string{s.name}} }

func (s *single) Owned(name string) (time.Time, bool) {
	_, ok := number(s.name, name)
	return time.Time{}, ok
}

func (s *single) Watch() Watch { return s.watch(s.name, s.name+"-*") }

// Plan deletes nothing, ever.
func (s *single) Plan(now time.Time, state State) Plan {
	plan, own := s.begin(s, state)
	own = family(s.name, own)
	confirm(&plan, state, s.first, own, "the collection has no index yet")
	write := writer(s.name, own)
	for _, index := range own {
		switch {
		case write == nil:
		case index.is(*write):
			s.update(&plan, index)
			s.show(&plan, s.name, index)
		default:
			plan.skip(index.Name, "is not the one that the alias is written through: delete it when you no longer need it")
		}
	}
	s.purge(&plan, now, state, own)
	return plan
}
