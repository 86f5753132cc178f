package collection

import (
	"cmp"
	"slices"
)

// fill sets what was left out to its default, so that no reader needs to know it.
func fill(c *Collection) {
	c.Dynamic = cmp.Or(c.Dynamic, "false")
	c.ID.Separator = cmp.Or(c.ID.Separator, "|")
	if c.Time != nil {
		if c.Time.Formats == nil {
			c.Time.Formats = []string{rfc3339}
		}
		c.Time.Missing = cmp.Or(c.Time.Missing, "dead_letter")
		if c.Search.Sort == "" && !c.Hides(c.Time.Field) {
			c.Search.Sort = c.Time.Field + ":desc"
		}
	}
	if c.Rows != nil {
		c.Rows.fill(c)
	}
	c.Search.fill(c)
}

func (s *Search) fill(c *Collection) {
	s.MaxSize = cmp.Or(s.MaxSize, 1000)
	if k := s.Cache; k != nil {
		k.Settled, k.Stale = cmp.Or(k.Settled, "1h"), cmp.Or(k.Stale, "10m")
	}
	l := &s.Limits
	for _, d := range []struct {
		limit *int
		most  int
	}{{&l.Shards, 2000}, {&l.Clauses, 1024}, {&l.Wildcards, 64}, {&l.Nesting, 50}, {&l.Array, 1024}, {&l.Buckets, 65535}} {
		*d.limit = cmp.Or(*d.limit, d.most)
	}
	if s.Default == nil {
		for name, field := range c.Fields {
			if field.Type == "text" && !c.Hides(name) {
				s.Default = append(s.Default, name)
			}
		}
		slices.Sort(s.Default)
	}
}
