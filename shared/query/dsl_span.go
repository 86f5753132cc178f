package query

import "slices"

// narrow takes the time range from the query as well, so that fewer indices are searched.
func (b *bodyReader) narrow() {
	s, ok := b.spans()[b.schema.Time]
	if !ok || b.schema.Time == "" {
		return
	}
	from, to := b.From, b.To
	if !s.from.IsZero() && s.from.After(from) {
		from = s.from
	}
	if !s.to.IsZero() && (to.IsZero() || s.to.Before(to)) {
		to = s.to
	}
	if to.IsZero() || from.Before(to) {
		b.From, b.To = from, to
	}
}

// spans are the times that a document must lie in to match, by field.
func (b *bodyReader) spans() map[string]span {
	all := map[string]span{}
	if b.posted == nil {
		return all
	}
	for _, c := range b.posted.mandatory() {
		s, ok := all[c.Fields[0]]
		if !ok || c.span.from.After(s.from) {
			s.from = c.span.from
		}
		if s.to.IsZero() || !c.span.to.IsZero() && c.span.to.Before(s.to) {
			s.to = c.span.to
		}
		all[c.Fields[0]] = s
	}
	return all
}

// mandatory are the ranges of time that must match.
func (c Clause) mandatory() []Clause {
	switch c.Kind {
	case "range":
		if c.span != nil {
			return []Clause{c}
		}
	case "bool", "constant_score":
		var all []Clause
		for _, one := range c.Inside {
			if slices.Contains([]string{"must", "filter"}, one.role) {
				all = append(all, one.mandatory()...)
			}
		}
		return all
	}
	return nil
}
